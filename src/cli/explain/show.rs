//! Accounts and rules, for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::event::{Organizations, Rule};
use crate::report::escape;
use crate::steps::Explanation;
use crate::steps::verify;

/// One page, in full.
pub(super) fn account(account: &Explanation, color: bool) -> String {
    let style = |style: Style| if color { style } else { Style::new() };
    let bold = style(Style::new().bold());
    let green = style(Style::new().fg_color(Some(AnsiColor::Green.into())));
    let dim = style(Style::new().dimmed());
    let mut text = String::new();
    let _ = writeln!(text, "{bold}{}{bold:#}", escape(&account.page));
    if !account.facts.is_empty() {
        let _ = writeln!(text, "  page     {}", escape(&account.facts.join(", ")));
    }
    let place_width = account
        .rules
        .iter()
        .map(|rule| rule.place.len())
        .max()
        .unwrap_or(0);
    let mut label = "rules";
    for rule in &account.rules {
        let (mark, style, remark) = match (rule.won, rule.held) {
            (true, _) => ("✓", green, "this one wins".to_owned()),
            (false, true) => ("○", Style::new(), "holds, but is outdone".to_owned()),
            (false, false) => ("✗", dim, rule.why_not.clone().unwrap_or_default()),
        };
        let conditions = if rule.conditions.is_empty() {
            "any page"
        } else {
            rule.conditions.as_str()
        };
        let _ = writeln!(
            text,
            "  {label:<8} {style}{mark} {:<place_width$}  {}: {}{style:#}",
            escape(&rule.place),
            escape(conditions),
            escape(&remark)
        );
        label = "";
    }
    if let Some(because) = &account.because {
        let _ = writeln!(
            text,
            "  gets     {bold}{}{bold:#}, by {}",
            escape(&account.wants()),
            escape(because)
        );
    }
    let mut label = "inject";
    for phrase in &account.inject {
        let _ = writeln!(text, "  {label:<8} would {}", escape(phrase));
        label = "";
    }
    text.push('\n');
    text
}

/// Many pages, a line each.
pub(super) fn list(accounts: &[Explanation]) -> String {
    let mut text = String::new();
    for account in accounts {
        let because = account
            .because
            .as_ref()
            .map(|b| format!(" by {b}"))
            .unwrap_or_default();
        let wants = match account.organizations {
            Organizations::Unassigned => "-".to_owned(),
            _ => account.wants(),
        };
        let _ = writeln!(
            text,
            "{}: {}{}; inject would {}",
            escape(&account.page),
            escape(&wants),
            escape(&because),
            escape(&account.inject.join(", "))
        );
    }
    text
}

/// A rule of `verify`, as data.
pub(super) fn rule_as_data(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "rule": rule.id,
        "finds": rule.finds,
        "why": rule.why,
        "remedy": rule.remedy,
        "severity": rule.severity.name(),
        "examples": examples(rule),
    })
}

/// A rule of `verify`.
pub(super) fn rule(rule: &Rule) -> String {
    let severity = rule.severity.name();
    let mut text = format!(
        "{}\n\n  finds     {}\n  matters   {}\n  remedy    {}\n  severity  {severity}; to change it, in chathub.toml:\n\n    \
         [verify.severity]\n    {} = \"error\" | \"warning\" | \"note\" | \"off\"\n\n",
        rule.id, rule.finds, rule.why, rule.remedy, rule.id
    );
    let mut fence = None;
    let mut was_empty = true;
    for line in examples(rule).lines() {
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_none() {
                Some(language)
            } else {
                None
            };
            continue;
        }
        let (indent, line) = match (fence, line.strip_prefix("## ")) {
            (None, Some(title)) => ("", title),
            (None, None) => ("  ", line),
            (Some("sh"), _) if !line.starts_with(' ') => ("    $ ", line),
            (Some(_), _) => ("    ", line),
        };
        // What is for the tests alone, and the empty line between a file's name and its content.
        if fence.is_none() && (line.starts_with("<!--") || line.is_empty() && was_empty) {
            continue;
        }
        was_empty = line.is_empty() || line.ends_with("`:");
        text.push_str(format!("{indent}{line}").trim_end());
        text.push('\n');
    }
    text
}

/// The examples on a rule's page: a site that breaks it, and one that does not.
fn examples(rule: &Rule) -> &'static str {
    let page = verify::page(rule);
    page.find("## ").map_or("", |start| &page[start..])
}
