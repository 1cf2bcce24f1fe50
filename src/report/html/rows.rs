//! The table of rules and that of findings.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Seek as _, Write};

use tempfile::SpooledTempFile;

use crate::event::{Excerpt, Finding, Rule, Severity};
use crate::report::markup::html;
use crate::report::pipeline::Pipeline;
use crate::report::text::{count, number, source};

/// How many rows a rule gets: browsers are slow with more, and nobody reads them.
const SHOWN: u64 = 5_000;
/// How many bytes of a rule's rows are kept in memory.
const MEMORY: usize = 256 * 1024;

/// All findings, the worst first, and then in the order of the catalogue; those of the baseline come last.
#[derive(Default)]
pub(super) struct Rows {
    groups: BTreeMap<(bool, Reverse<Severity>, Option<usize>), Group>,
}

/// Those of one rule and severity.
struct Group {
    rule: &'static Rule,
    found: u64,
    rows: SpooledTempFile,
}

impl Rows {
    pub(super) fn keep(&mut self, pipeline: &Pipeline, finding: &Finding) -> io::Result<()> {
        let key = (
            finding.baselined,
            Reverse(finding.severity),
            pipeline.index(finding.rule),
        );
        let group = self.groups.entry(key).or_insert_with(|| Group {
            rule: finding.rule,
            found: 0,
            rows: SpooledTempFile::new(MEMORY),
        });
        group.found += 1;
        if group.found > SHOWN {
            return Ok(());
        }
        let row = row(finding, &pipeline.file(finding));
        group.rows.write_all(row.as_bytes()).map_err(|error| {
            let why = format!("cannot keep findings in a temporary file until the end of the run (TMPDIR names its folder): {error}");
            io::Error::new(error.kind(), why)
        })
    }

    pub(super) fn write(&mut self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(self.rules().as_bytes())?;
        out.write_all(
            b"<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 id=\"findings-title\">Findings</h2>\n",
        )?;
        if self.groups.is_empty() {
            return out.write_all(b"<p>There is no finding.</p>\n</section>\n");
        }
        out.write_all(self.filter().as_bytes())?;
        out.write_all(
            b"<table class=\"findings sortable\">\n<caption>What is wrong, where, and what to do</caption>\n<thead>\n\
              <tr><th scope=\"col\" class=\"severity\" data-sort=\"down\" aria-sort=\"descending\">Severity</th>\
              <th scope=\"col\" class=\"rule\">Rule</th><th scope=\"col\" class=\"place\">Place</th><th scope=\"col\">Finding</th></tr>\n</thead>\n<tbody>\n",
        )?;
        let mut left = Vec::new();
        for ((_, Reverse(severity), _), group) in &mut self.groups {
            group.rows.rewind()?;
            io::copy(&mut group.rows, out)?;
            if group.found > SHOWN {
                let more = number(group.found - SHOWN);
                left.push((*severity, group.rule.id, more));
            }
        }
        out.write_all(b"</tbody>\n</table>\n")?;
        for (severity, rule, more) in left {
            writeln!(
                out,
                "<p class=\"aside\">… and {more} more of {} <code>{rule}</code>, which this page has no room for. The report \
                 <code>json</code> has all of them.</p>",
                severity.name()
            )?;
        }
        out.write_all(b"</section>\n")
    }

    /// What each rule found, why that matters, and what to do.
    fn rules(&self) -> String {
        let mut text =
            "<section id=\"rules\" aria-labelledby=\"rules-title\">\n<h2 id=\"rules-title\">Rules</h2>\n".to_owned();
        if self.groups.is_empty() {
            text.push_str("<p>No rule is broken.</p>\n</section>\n");
            return text;
        }
        text.push_str(
            "<div class=\"scroll\" role=\"region\" aria-labelledby=\"rules-title\" tabindex=\"0\">\n<table class=\"rules sortable\">\n\
             <caption>What was found, and why it matters</caption>\n<thead>\n<tr><th scope=\"col\">Rule</th><th scope=\"col\" data-sort=\"down\" aria-sort=\"descending\">Severity</th>\
             <th scope=\"col\" class=\"number\">Findings</th><th scope=\"col\" data-sort=\"no\">What it is about</th></tr>\n</thead>\n<tbody>\n",
        );
        for ((baselined, Reverse(severity), _), group) in &self.groups {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "<tr><th scope=\"row\"><a href=\"#findings\" data-rule>{}</a></th>{}<td class=\"number\">{}</td><td>{}{} {}</td></tr>",
                group.rule.id,
                severity_cell(*severity),
                number(group.found),
                if *baselined { "In the baseline. " } else { "" },
                html(group.rule.finds),
                html(group.rule.why),
            );
        }
        text.push_str("</tbody>\n</table>\n</div>\n</section>\n");
        text
    }

    /// How many findings there are in some of the groups.
    fn found(&self, of: impl Fn(&(bool, Reverse<Severity>, Option<usize>)) -> bool) -> u64 {
        let groups = self.groups.iter().filter(|(key, _)| of(key));
        groups.map(|(_, group)| group.found).sum()
    }

    /// The form, which the script shows.
    fn filter(&self) -> String {
        let mut text = "<form id=\"filter\" role=\"search\" aria-label=\"Filter the findings\" hidden>\n<fieldset><legend>Severity</legend>\n".to_owned();
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let found =
                self.found(|(baselined, Reverse(other), _)| !baselined && *other == severity);
            let name = severity.name();
            let _ = writeln!(
                text,
                "<label><input type=\"checkbox\" name=\"severity\" value=\"{name}\" checked> {}</label>",
                count(found, name)
            );
        }
        let known = self.found(|(baselined, ..)| *baselined);
        if known > 0 {
            let _ = writeln!(
                text,
                "<label><input type=\"checkbox\" name=\"severity\" value=\"baselined\" checked> {} in the baseline</label>",
                number(known)
            );
        }
        text.push_str(
            "</fieldset>\n<label>Rule <select name=\"rule\"><option value=\"\">all</option>",
        );
        let rules: std::collections::BTreeSet<_> =
            self.groups.values().map(|group| group.rule.id).collect();
        for rule in rules {
            let _ = write!(text, "<option>{rule}</option>");
        }
        text.push_str(
            "</select></label>\n<label>Words <input type=\"search\" name=\"words\"></label>\n<output id=\"shown\"></output>\n</form>\n",
        );
        text
    }
}

fn severity_cell(severity: Severity) -> String {
    let name = severity.name();
    // Sorted by weight, not by letters.
    let weight = match severity {
        Severity::Error => 2,
        Severity::Warning => 1,
        Severity::Note => 0,
    };
    format!("<td class=\"{name}\" data-key=\"{weight}\">{name}</td>")
}

fn row(finding: &Finding, file: &str) -> String {
    let mut text = format!(
        "<tr{}>{}<td>{}</td><th scope=\"row\"><bdi>{}</bdi>",
        if finding.baselined {
            " data-baselined"
        } else {
            ""
        },
        severity_cell(finding.severity),
        finding.rule.id,
        html(file)
    );
    // Writing to a string does not fail.
    if let Some(place) = &finding.place {
        let _ = write!(
            text,
            "<span class=\"dim\">:{}:{}</span>",
            place.line, place.column
        );
    }
    let _ = write!(text, "</th><td><p>{}</p>", html(&finding.message));
    if finding.baselined {
        text.push_str("<p class=\"dim\">In the baseline</p>");
    }
    if !finding.remedy.is_empty() {
        let _ = write!(
            text,
            "<p class=\"help\">Help: {}</p>",
            html(&finding.remedy)
        );
    }
    if let Some(excerpt) = finding
        .excerpt
        .as_ref()
        .filter(|one| !one.text().is_empty())
    {
        lines(&mut text, excerpt);
    }
    text.push_str("</td></tr>\n");
    text
}

/// The source, with the place marked.
fn lines(text: &mut String, excerpt: &Excerpt) {
    let (source, span) = source(excerpt.text(), &excerpt.span());
    let _ = write!(
        text,
        "<pre><code>{}<mark>{}</mark>{}</code></pre>",
        html(&source[..span.start]),
        html(&source[span.clone()]),
        html(&source[span.end..])
    );
}
