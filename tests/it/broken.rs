//! Deliberately broken sites, and sites that are nearly so: each has exactly the findings that its text says, on the files that it says.
//!
//! `tests/it/broken/RULE.txt` has those of a rule, beside the two on the rule's page. A site begins with `wrong:` or `right:` and
//! what is special about it. `finds:` lines follow, one for each finding, with the path that it is on (`-`: the site; of an address, what comes after the host). Then its
//! files, each after `-- NAME --`; `-- run --` is for a shell, `-- answer /PATH --` is what its server answers. The
//! steps are done in their order. `{page}` is a page with nothing special in it, `{static}` a configuration of static
//! mode, `{widget}` what the vendor's tag begins with; tokens are those of the examples. Findings are written by thinking of what is wrong
//! with a site, never by looking at what is found.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chathub::internal::steps::verify;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::common::{Report, WIDGET_SRC, plain};
use crate::examples::{Step, verified};

/// What only a browser tells: `tests/it/browser.rs` has pages that break these rules in several ways, and pages that do not.
const IN_BROWSERS: [&str; 4] = [
    "browser-no-chat",
    "browser-instance-count",
    "browser-error",
    "browser-timeout",
];

const STATIC: &str = "mode = \"static\"\ndefault-organization = \"support\"\n\n[organizations.support]\nid = 6\n\
    token = { file = \"support.token\" }";

/// A site of the corpus.
struct Broken {
    /// The rule that it is about.
    rule: String,
    is_wrong: bool,
    title: String,
    /// Each finding: its rule, and the path that it is on.
    finds: Vec<String>,
    steps: Vec<Step>,
}

impl Broken {
    /// Whether it breaks the rule that it is about.
    fn fires(&self) -> bool {
        let mut finds = self.finds.iter();
        finds.any(|found| found.split(' ').next() == Some(&self.rule))
    }

    fn close(&mut self, name: &str, content: &str) {
        let content = content
            .replace("{page}", plain().trim_end())
            .replace("{static}", STATIC)
            .replace(
                "{widget}",
                &format!("type=\"module\" id=\"operator-chat-panel-script\" src=\"{WIDGET_SRC}\""),
            );
        self.steps.push(match name.strip_prefix("answer ") {
            Some(path) => Step::Answer(path.to_owned(), content),
            None if name == "run" => Step::Commands(content),
            None => Step::File(name.to_owned(), content),
        });
    }
}

/// The sites of one text.
fn sites_of(rule: &str, text: &str) -> Vec<Broken> {
    let mut sites: Vec<Broken> = Vec::new();
    let mut file: Option<(String, String)> = None;
    for line in text.lines() {
        let begins = [("wrong: ", true), ("right: ", false)]
            .into_iter()
            .find_map(|(word, is_wrong)| Some((line.strip_prefix(word)?, is_wrong)));
        let name = line
            .strip_prefix("-- ")
            .and_then(|line| line.strip_suffix(" --"));
        if (begins.is_some() || name.is_some())
            && let Some((name, content)) = file.take()
        {
            sites.last_mut().unwrap().close(&name, &content);
        }
        if let Some((title, is_wrong)) = begins {
            sites.push(Broken {
                rule: rule.to_owned(),
                is_wrong,
                title: title.to_owned(),
                finds: Vec::new(),
                steps: Vec::new(),
            });
        } else if let Some(name) = name {
            file = Some((name.to_owned(), String::new()));
        } else if let Some((_, content)) = &mut file {
            content.push_str(line);
            content.push('\n');
        } else if let Some(found) = line.strip_prefix("finds: ") {
            sites.last_mut().unwrap().finds.push(found.to_owned());
        } else {
            assert!(line.is_empty(), "{rule}: {line}");
        }
    }
    if let Some((name, content)) = file {
        sites.last_mut().unwrap().close(&name, &content);
    }
    sites
}

fn sites() -> Vec<Broken> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/broken");
    let mut sites = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let rule = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(verify::rule(&rule).is_some(), "{rule} is not a rule");
        sites.extend(sites_of(&rule, &fs::read_to_string(path).unwrap()));
    }
    sites
}

/// What is found, one line each. The names of the runtime's files have the hash of what this version has in them.
fn found(report: &Report) -> Vec<String> {
    let pages = report.0["pages"].as_array().unwrap().iter();
    let findings = pages.map(|page| &page["findings"]);
    let findings = findings.chain([&report.0["siteFindings"]]);
    let mut found: Vec<String> = findings
        .flat_map(|findings| findings.as_array().unwrap())
        .map(|finding| {
            let path = finding["path"].as_str().unwrap_or("-");
            // Of an address, what comes after the host.
            let path = path
                .strip_prefix("http://")
                .map_or(path, |address| &address[address.find('/').unwrap()..]);
            let is_hash =
                |part: &str| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit());
            let parts = path
                .split('.')
                .map(|part| if is_hash(part) { "HASH" } else { part });
            let path = parts.collect::<Vec<_>>().join(".");
            format!("{} {path}", finding["rule"].as_str().unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn each_site_has_exactly_its_findings() {
    let wrong: Vec<String> = sites()
        .into_par_iter()
        .filter_map(|mut site| {
            let found = found(&verified(&site.steps, ""));
            site.finds.sort();
            let name = format!("{}: {}", site.rule, site.title);
            (found != site.finds)
                .then(|| format!("{name}\n  expected {:?}\n  found    {found:?}", site.finds))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_fires_twice_and_stays_silent_twice() {
    let (mut fires, mut silent): (BTreeMap<String, usize>, BTreeMap<String, usize>) =
        (BTreeMap::new(), BTreeMap::new());
    // Each rule's page has a site that breaks it and one that does not.
    let mut broken = verify::ALL.len();
    for site in sites() {
        let about = format!("{}: {}", site.rule, site.title);
        assert_eq!(site.is_wrong, site.fires(), "{about}");
        let counts = if site.is_wrong {
            &mut fires
        } else {
            &mut silent
        };
        *counts.entry(site.rule).or_default() += 1;
        broken += usize::from(!site.finds.is_empty());
    }
    for rule in verify::ALL {
        if !IN_BROWSERS.contains(&rule.id) {
            assert!(fires.contains_key(rule.id), "{} fires only once", rule.id);
            assert!(
                silent.contains_key(rule.id),
                "{} is silent only once",
                rule.id
            );
        }
    }
    assert!(broken >= 100, "{broken} broken sites");
}
