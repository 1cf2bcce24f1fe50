//! The format `html`, as a parser of browsers reads it.

use std::collections::BTreeSet;

use base64::Engine as _;
use html5ever::tendril::TendrilSink as _;
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use sha2::Digest as _;

use super::pipelines::{findings, plain, runs, without_version};
use super::*;
use crate::report::escape;

/// An element, and all text in it.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    inner: Vec<Element>,
}

impl Element {
    fn of(node: &Handle) -> Option<Self> {
        let NodeData::Element { name, attrs, .. } = &node.data else {
            return None;
        };
        let attributes = attrs.borrow();
        let attributes = attributes
            .iter()
            .map(|one| (one.name.local.to_string(), one.value.to_string()));
        let children = node.children.borrow();
        let mut element = Self {
            name: name.local.to_string(),
            attributes: attributes.collect(),
            text: String::new(),
            inner: Vec::new(),
        };
        for child in children.iter() {
            match (&child.data, Self::of(child)) {
                (NodeData::Text { contents }, _) => element.text.push_str(&contents.borrow()),
                (_, Some(inner)) => {
                    element.text.push_str(&inner.text);
                    element.inner.push(inner);
                }
                (NodeData::Comment { contents }, _) => panic!("a comment: {contents}"),
                _ => {}
            }
        }
        Some(element)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// This one, and all in it.
    fn all(&self) -> Vec<&Self> {
        let inner = self.inner.iter().flat_map(Self::all);
        std::iter::once(self).chain(inner).collect()
    }

    fn named(&self, name: &str) -> Vec<&Self> {
        let all = self.all().into_iter();
        all.filter(|one| one.name == name).collect()
    }

    /// The first with this class.
    fn classed(&self, class: &str) -> &Self {
        let has = |one: &&Self| {
            let classes = one.get("class").unwrap_or_default();
            classes.split(' ').any(|other| other == class)
        };
        self.all().into_iter().find(has).unwrap()
    }

    /// The rows of this table's body.
    fn rows(&self) -> Vec<&Self> {
        let body = self.named("tbody");
        assert_eq!((self.name.as_str(), body.len()), ("table", 1));
        body[0].named("tr")
    }
}

/// The page as it is parsed; it must have no error.
fn parse(text: &str) -> Element {
    let options = ParseOpts {
        tokenizer: TokenizerOpts {
            exact_errors: true,
            ..TokenizerOpts::default()
        },
        tree_builder: TreeBuilderOpts {
            exact_errors: true,
            ..TreeBuilderOpts::default()
        },
    };
    let dom = parse_document(RcDom::default(), options).one(text);
    let errors = dom.errors.borrow();
    assert!(errors.is_empty(), "{errors:?} in {text}");
    let children = dom.document.children.borrow();
    children.iter().find_map(Element::of).unwrap()
}

/// What is in the body, without the script.
fn body(text: &str) -> String {
    let (_, body) = text.split_once("<body>\n").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    without_version(body)
}

#[test]
fn html() {
    assert_snapshot(body(&plain(&sample::verify(), "html")), "verify.html");
    assert_snapshot(body(&plain(&sample::inject(), "html")), "inject.html");
    assert_snapshot(body(&plain(&sample::clean(), "html")), "verify-clean.html");
    assert_snapshot(
        body(&plain(&baseline::baselined(), "html")),
        "verify-baselined.html",
    );
}

#[test]
fn a_page_has_its_landmarks_headers_and_every_finding() {
    for run in runs() {
        let page = parse(&plain(&run, "html"));
        let once = ["header", "nav", "main", "footer", "h1", "title"];
        for name in once {
            assert_eq!(page.named(name).len(), 1, "{name}");
        }
        for table in page.named("table") {
            assert_eq!(table.named("caption").len(), 1);
            let heads = table.named("thead")[0].named("th");
            assert!(heads.iter().all(|head| head.get("scope") == Some("col")));
            for row in table.rows() {
                let cells: Vec<_> = row.inner.iter().collect();
                assert_eq!(cells.len(), heads.len());
                let head = cells.iter().filter(|cell| cell.name == "th");
                assert!(head.map(|head| head.get("scope")).eq([Some("row")]));
            }
        }
        let tables = page.named("table");
        let found = tables.iter().find(|table| {
            let class = table.get("class");
            class == Some("findings sortable")
        });
        let rows = found.map_or(0, |table| table.rows().len());
        assert_eq!(rows as u64, findings(&run));
        let weights = ["error", "warning", "note"];
        let order = found.map_or_else(Vec::new, |table| table.rows());
        let order = order.iter().map(|row| {
            let severity = row.inner[0].text.as_str();
            let weight = weights.iter().position(|weight| *weight == severity);
            // What is in the baseline comes last.
            (row.get("data-baselined").is_some(), weight)
        });
        assert!(order.is_sorted());
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs_but_the_script() {
    for run in runs() {
        let page = parse(&plain(&run, "html"));
        let hash = |name: &str| {
            let [one] = page.named(name)[..] else {
                panic!("one {name}");
            };
            let digest = sha2::Sha256::digest(&one.text);
            base64::engine::general_purpose::STANDARD.encode(digest)
        };
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash("style"),
            hash("script")
        );
        let metas = page.named("meta");
        let mut policies = metas
            .iter()
            .filter(|meta| meta.get("http-equiv") == Some("Content-Security-Policy"));
        assert_eq!(policies.next().unwrap().get("content"), Some(&*policy));
        let all = page.all();
        let ids: Vec<_> = all.iter().filter_map(|one| one.get("id")).collect();
        let different: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), different.len());
        for one in all {
            for (name, value) in &one.attributes {
                assert!(
                    !name.starts_with("on") && name != "style" && name != "src",
                    "{name}"
                );
                if name == "href" {
                    assert!(different.contains(value.strip_prefix('#').unwrap()));
                }
                if name == "aria-labelledby" {
                    assert!(different.contains(value.as_str()));
                }
            }
        }
    }
}

/// Text as readers see it: what acts on a terminal or is an error in HTML is written out, but for line breaks.
fn shown(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape).collect();
    lines.join("\n").replace('\u{ffff}', "\\u{ffff}")
}

#[test]
fn what_a_page_says_is_text_in_html() {
    let run = sample::hostile();
    let page = parse(&plain(&run, "html"));
    let rows = page.classed("findings").rows();
    let errors = rows.iter().filter(|row| row.inner[0].text == "error");
    for (row, said) in errors.zip(&run.pages) {
        let finding = &said.findings[1];
        let [_, rule, place, what] = &row.inner[..] else {
            panic!("four cells");
        };
        assert_eq!(rule.text, "wrong-src");
        assert_eq!(what.inner[0].text, shown(&finding.message), "{}", said.path);
        assert_eq!(
            what.inner[1].text,
            format!("Help: {}", shown(&finding.remedy))
        );
        let at = finding.place.as_ref().unwrap();
        let expected = format!("docs/public/{}:{}:{}", said.path, at.line, at.column);
        assert_eq!(place.text, shown(&expected));
        let marked = &what.named("mark")[0].text;
        let expected = finding.excerpt.as_ref().unwrap().marked().unwrap();
        let expected = expected.replace("\r\n", "\n");
        assert_eq!(*marked, shown(&expected));
    }
    let organizations = page.classed("chart").rows();
    let mut names: Vec<_> = organizations
        .iter()
        .map(|row| row.inner[0].text.clone())
        .collect();
    names.sort();
    let mut expected = sample::HOSTILE.map(shown);
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn the_chart_has_the_numbers_of_its_bars() {
    for run in runs() {
        let page = parse(&plain(&run, "html"));
        let bars = page.named("svg");
        assert!(
            bars.iter()
                .all(|bar| bar.get("aria-hidden") == Some("true"))
        );
        let count = |cell: &Element| cell.text.replace(',', "").parse::<u64>().unwrap();
        let chart = page.classed("chart");
        let mut sum = 0;
        for row in chart.rows() {
            let pages = count(&row.inner[2]);
            let outcomes: u64 = row.inner[3..].iter().map(count).sum();
            let widths = row.named("rect").into_iter();
            let widths = widths.map(|bar| bar.get("width").unwrap().parse::<u64>().unwrap());
            assert_eq!((outcomes, widths.sum::<u64>()), (pages, pages));
            sum += pages;
        }
        let all = &chart.named("tfoot")[0].named("tr")[0].inner;
        assert_eq!((count(&all[2]), sum), (run.pages.len() as u64, sum));
        assert_eq!(sum, run.summary.tally.total.pages);
    }
}

#[test]
fn a_rule_that_is_broken_everywhere_is_shown_in_part_and_counted() {
    let mut run = sample::verify();
    let many = run.pages[1].clone();
    run.pages = vec![many; 20_000];
    run.site_findings.clear();
    let text = plain(&run, "html");
    let page = parse(&text);
    assert_eq!(page.classed("findings").rows().len(), 5_000);
    assert_eq!(
        page.named("section").last().unwrap().classed("aside").text,
        "… and 15,000 more of error missing-instance, which this page has no room for. The report json has all of them."
    );
    assert!(text.contains("<td class=\"number\">20,000</td>"));
}

#[test]
fn a_run_without_pages_has_a_page() {
    let mut run = sample::clean();
    run.pages.clear();
    run.summary.tally = crate::event::Tally::default();
    let page = parse(&plain(&run, "html"));
    let main = &page.named("main")[0].text;
    assert!(main.contains("There was no page.") && main.contains("There is no finding."));
}
