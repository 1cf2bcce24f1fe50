//! `html`: one page for people, with a chart of pages and all findings, the worst first. It loads nothing, and is complete without its script.
//!
//! Findings come in the order of pages and are read the worst first, so rows of each rule wait in a file of their own, of which only the
//! beginning is in memory, until the run is over.

mod chart;
mod rows;

use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::markup::html;
use super::pipeline::Pipeline;
use super::reporter::{Reporter, Row};
use super::text::{count, number};
use super::words;
use crate::event::{Command, Event, Summary};
use chart::Chart;
use rows::Rows;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// How many of the files that were written are listed.
const FILES: usize = 100;

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "html",
    help: "One self-contained page: a chart of pages, and all findings to sort and filter",
    mark: Some("<meta name=\"generator\" content=\"chathub "),
    make: |out, _| {
        Box::new(Html {
            out,
            command: Command::default(),
            pipeline: Pipeline::default(),
            chart: Chart::default(),
            rows: Rows::default(),
        })
    },
};

struct Html<W> {
    out: W,
    command: Command,
    pipeline: Pipeline,
    chart: Chart,
    rows: Rows,
}

impl<W: Write + Send> Html<W> {
    fn start(&mut self) -> io::Result<()> {
        let command = self.command.name();
        let root = html(self.pipeline.root());
        let (style, script) = (hash(STYLE), hash(SCRIPT));
        write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"generator\" content=\"chathub {version}\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{style}'; script-src '{script}'; \
             base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>chathub {command}: {root}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<a class=\"skip\" href=\"#findings\">To the findings</a>\n<h1>chathub {command}: <bdi>{root}</bdi></h1>\n",
            version = env!("CARGO_PKG_VERSION"),
        )
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut text = verdict(summary, self.pipeline.failing(&summary.tally.findings));
        text.push_str(
            "<nav aria-label=\"Sections\">\n<ul>\n<li><a href=\"#pages\">Pages</a></li>\n<li><a href=\"#rules\">Rules</a></li>\n\
             <li><a href=\"#findings\">Findings</a></li>\n</ul>\n</nav>\n</header>\n<main>\n",
        );
        text.push_str(&self.chart.write());
        self.out.write_all(text.as_bytes())?;
        self.rows.write(&mut self.out)?;
        let files = files(summary);
        let version = env!("CARGO_PKG_VERSION");
        write!(
            self.out,
            "{files}</main>\n<footer>\n<p>chathub {version}</p>\n</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
        )?;
        self.out.flush()
    }
}

/// What the run came to, and what the user must read.
fn verdict(summary: &Summary, failing: u64) -> String {
    let (class, word) = match summary.exit_code {
        0 => ("passed", "Passed"),
        _ => ("failed", "Failed"),
    };
    let mut text = format!("<p><strong class=\"verdict {class}\">{word}</strong> ");
    let tally = &summary.tally;
    if summary.command.only_looks() || tally.findings.all() > 0 {
        let _ = write!(text, "{}.", words::found(tally));
    } else {
        let _ = write!(text, "{}.", count(tally.total.pages, "page"));
    }
    let not_judged = tally.total.pages - tally.judged();
    if not_judged > 0 {
        let _ = write!(text, " {} not judged.", number(not_judged));
    }
    text.push_str("</p>\n");
    if let Some(known) = words::baselined(tally, "×") {
        let _ = writeln!(text, "<p>{known}.</p>");
    }
    if summary.command.only_looks() && failing > 0 {
        let _ = writeln!(
            text,
            "<p>{} {} the run.</p>",
            count(failing, "finding"),
            if failing == 1 { "fails" } else { "fail" }
        );
    }
    if summary.dry_run {
        text.push_str("<p>Nothing was written: this is what would have happened.</p>\n");
    }
    if summary.interrupted {
        text.push_str(
            "<p class=\"aside\"><strong>The run was interrupted before its end.</strong></p>\n",
        );
    }
    for notice in &summary.notices {
        let _ = writeln!(text, "<p class=\"aside\">{}</p>", html(notice));
    }
    text
}

/// Files other than pages that were written.
fn files(summary: &Summary) -> String {
    let mut text = String::new();
    if summary.files.is_empty() {
        return text;
    }
    text.push_str("<section aria-labelledby=\"files-title\">\n<h2 id=\"files-title\">Other files</h2>\n<ul>\n");
    for file in summary.files.iter().take(FILES) {
        let _ = writeln!(text, "<li>{}</li>", html(file));
    }
    let more = summary.files.len().saturating_sub(FILES) as u64;
    if more > 0 {
        let _ = writeln!(text, "<li>… and {}</li>", count(more, "more file"));
    }
    text.push_str("</ul>\n</section>\n");
    text
}

/// As a Content-Security-Policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

impl<W: Write + Send> Reporter for Html<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Started(started) => {
                self.command = started.command;
                self.pipeline = Pipeline::new(started);
                return self.start();
            }
            Event::Page(page) => self.chart.page(page, self.command.only_looks()),
            Event::Finding(_) | Event::Notice(_) => {}
            Event::Finished(summary) => return self.finish(summary),
        }
        for finding in self.pipeline.findings(event) {
            self.rows.keep(&self.pipeline, &finding)?;
        }
        Ok(())
    }
}
