//! The examples on the pages of `verify`'s rules: each wrong site has that finding and no other, each right one has none.

#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chathub::internal::event::Rule;
use chathub::internal::steps::verify;
use chathub::internal::token::digest;

use crate::common::{Report, Run, Site, jwt, now, token, token_from};
use crate::live::host::{Answer, Host, reply};
use crate::somebody::{hand_over, run_as_user};

/// The configuration where an example shows none; `docs/verify.md` has it.
const PLAIN: &str = "default-organization = \"support\"\n\n[organizations.support]\nid = 6\n";

/// Something that an example does.
#[derive(Debug)]
pub(crate) enum Step {
    /// It has a file of this name and content.
    File(String, String),
    /// It runs these commands in a shell.
    Commands(String),
    /// Its server answers this path so: a head, and a body unless that is what the site has there.
    Answer(String, String),
}

/// The steps of a part of a page: fenced blocks, with the name of the file before them.
fn steps(part: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut name = None;
    let mut lines = part.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let content = lines.by_ref().take_while(|line| *line != "```");
            let content = content.fold(String::new(), |text, line| text + line + "\n");
            let is_shell = language == "sh";
            let name = name.take();
            assert_eq!(name.is_none(), is_shell, "a file without a name: {content}");
            steps.push(match name {
                None => Step::Commands(content),
                Some(path) if language == "http" => Step::Answer(path, content),
                Some(name) => Step::File(name, content),
            });
        } else if !line.is_empty() {
            let label = line
                .strip_suffix("`:")
                .and_then(|line| line.rsplit_once('`'));
            name = label.map(|(_, name)| name.to_owned());
        }
    }
    steps
}

/// No text may hold something that looks like a token, so they name what would stand there. Made once for all files of a site: a name
/// stands for one token.
struct Tokens([(&'static str, String); 13]);

impl Tokens {
    fn new() -> Self {
        let fresh = token("support", 80_000);
        let expiring = format!(r#"{{"exp":{}}}"#, now() + 80_000);
        Self([
            ("{fresh token in base64}", STANDARD.encode(&fresh)),
            ("{SHA-256 of the fresh token}", digest(&fresh)),
            ("{fresh token}", fresh),
            ("{another fresh token}", token("sales", 80_000)),
            ("{token of tomorrow}", token_from("support", 40_000, 80_000)),
            (
                "{token that works since now}",
                token_from("support", 0, 80_000),
            ),
            ("{expired token}", token("support", -3600)),
            ("{token with ten minutes left}", token("support", 600)),
            ("{token of 24 hours}", token("support", 24 * 3600)),
            ("{token of 25 hours}", token("support", 25 * 3600)),
            ("{token of 30 days}", token("support", 30 * 24 * 3600)),
            (
                "{token that does not say when it was issued}",
                jwt(&expiring),
            ),
            ("{token that never ends}", jwt(r#"{"sub":"support"}"#)),
        ])
    }

    fn put_into(&self, text: &str) -> String {
        let tokens = self.0.iter();
        tokens.fold(text.to_owned(), |text, (name, token)| {
            text.replace(name, token)
        })
    }
}

/// What a server sends that answers so.
fn served(folder: &Path, path: &str, answer: &str) -> Answer {
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let (status, fields) = head.split_once('\n').unwrap_or((head, ""));
    let status = status.strip_prefix("HTTP/1.1 ").unwrap();
    let file = folder.join(path.trim_start_matches('/')).join("index.html");
    match fs::read(file) {
        Ok(content) if body.is_empty() && status == "200 OK" => reply(status, fields, content),
        _ => reply(status, fields, body),
    }
}

/// What `verify` says about a site that was made in these steps; `with` is what it is to be given.
pub(crate) fn verified(steps: &[Step], with: &str) -> Report {
    let site = Site::new().config(PLAIN);
    let tokens = Tokens::new();
    let mut answers = BTreeMap::new();
    for step in steps {
        match step {
            Step::File(name, content) => {
                let path = site.folder().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, tokens.put_into(content)).unwrap();
            }
            Step::Commands(commands) => {
                // The binary is the shell's `$0`, under the name that readers type.
                let script = format!("chathub() {{ \"$0\" \"$@\"; }}\n{commands}");
                let mut shell = site.command([""; 0]).under(&["sh", "-c", &script]);
                let code = if commands.contains("exit code 3") {
                    3
                } else {
                    0
                };
                Run::of(&mut shell).exits(code);
            }
            Step::Answer(path, answer) => {
                answers.insert(path.clone(), tokens.put_into(answer));
            }
        }
    }
    let run = if with.is_empty() {
        hand_over(site.folder());
        if answers.is_empty() {
            run_as_user(&site, "verify --format json")
        } else {
            let ask = answers.keys().any(|path| path.contains("token"));
            let folder = site.path("");
            let host = Host::of(&folder.clone(), move |path| {
                Some(served(&folder, path, answers.get(path)?))
            });
            let ask = if ask { "--ask-endpoint" } else { "" };
            run_as_user(&site, &format!("verify {} {ask} --format json", host.url()))
        }
    } else {
        site.run(&format!("verify --format json {with}"))
    };
    Report::of(&run.stdout)
}

/// The rules that a site breaks, each once.
fn findings(steps: &[Step], with: &str) -> Vec<String> {
    let report = verified(steps, with);
    let of_pages = report
        .paths()
        .into_iter()
        .flat_map(|path| report.rules(path));
    let all = of_pages.chain(report.site_rules()).map(str::to_owned);
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What comes of a part of the page of a rule, which may name further rules that its site breaks.
fn holds(rule: &Rule, title: &str, expected: &[&str]) {
    let page = verify::page(rule);
    let part = page
        .split("\n## ")
        .find_map(|part| part.strip_prefix(title))
        .unwrap_or_else(|| panic!("{}: no part {title}", rule.id));
    let also = part.split("<!-- also: ").skip(1);
    let also = also.map(|rest| rest.split(" -->").next().unwrap());
    let mut expected: Vec<&str> = expected.iter().copied().chain(also).collect();
    expected.sort_unstable();
    // A rule that only a browser tells has pages that are opened in one.
    let with = part.split_once("<!-- with: ").map_or("", |(_, rest)| rest);
    let with = with.split(" -->").next().unwrap();
    let with = match with {
        // With time for a busy machine.
        "--browser" => "--browser --browser-timeout 5m",
        with => with,
    };
    let steps = steps(part);
    assert!(!steps.is_empty(), "{}: {title} shows nothing", rule.id);
    assert_eq!(
        findings(&steps, with),
        expected,
        "{}: {title}\n{part}",
        rule.id
    );
}

#[test]
fn wrong_examples_break_their_rule_and_no_other() {
    for rule in verify::ALL {
        holds(rule, "Wrong", &[rule.id]);
    }
}

#[test]
fn right_examples_break_no_rule() {
    for rule in verify::ALL {
        holds(rule, "Right", &[]);
    }
}
