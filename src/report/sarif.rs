//! `sarif`: the Static Analysis Results Interchange Format 2.1.0 of OASIS, which code scanning of GitHub and others read.
//!
//! The object's parts come in the order in which they are known, so that results are written as pages come.

use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::json::write_value;
use super::pipeline::{EachFinding, Pipeline, message};
use super::reporter::Row;
use crate::event::{Event, Finding, Location, Rule, Severity, Started, Summary, is_address};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What stands for the top of the checkout, by the convention of GitHub and others.
const BASE: &str = "%SRCROOT%";
/// All but what RFC 3986 lets stand in a path, and `:`, which would end a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "sarif",
    help: "SARIF 2.1.0, for code scanning",
    mark: Some("sarif-2.1.0"),
    make: |out, _| {
        Box::new(Sarif {
            out,
            pipeline: Pipeline::default(),
            results: 0,
        })
    },
};

struct Sarif<W> {
    out: W,
    pipeline: Pipeline,
    results: u64,
}

impl<W: Write + Send> EachFinding for Sarif<W> {
    fn pipeline(&mut self) -> &mut Pipeline {
        &mut self.pipeline
    }

    fn start(&mut self, started: &Started) -> io::Result<()> {
        write!(
            self.out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\n\"tool\":"
        )?;
        write_value(&mut self.out, &Tool::new(started.rules))?;
        let id = format!("chathub/{}/", started.command.name());
        self.out.write_all(b",\n\"automationDetails\":")?;
        write_value(&mut self.out, &AutomationDetails { id: &id })?;
        // Columns count characters.
        self.out
            .write_all(b",\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")
    }

    fn finding(&mut self, event: &Event<'_>, finding: &Finding) -> io::Result<()> {
        let result = ResultObject {
            rule_id: finding.rule.id,
            rule_index: self.pipeline.index(finding.rule),
            level: finding.severity.name(),
            message: Message::new(message(finding)),
            locations: [LocationObject {
                physical_location: PhysicalLocation {
                    artifact_location: ArtifactLocation::new(&self.pipeline.file(finding)),
                    region: finding
                        .place
                        .as_ref()
                        .map(|place| Region::new(place, finding)),
                },
            }],
            partial_fingerprints: PartialFingerprints {
                ours: self.pipeline.fingerprint(event, finding),
            },
            // Of all results or of none (3.27.24).
            baseline_state: self
                .pipeline
                .has_baseline()
                .then_some(if finding.baselined {
                    "unchanged"
                } else {
                    "new"
                }),
            suppressions: finding.baselined.then_some([Suppression {
                kind: "external",
                status: "accepted",
                justification: "It is in the baseline.",
            }]),
        };
        self.out
            .write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
        self.results += 1;
        write_value(&mut self.out, &result)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let notices = summary.notices.iter().map(|notice| Notification {
            level: Severity::Warning.name(),
            message: Message::new(notice.clone()),
        });
        let invocation = Invocation {
            // Findings are what it is for: a run that ends with them has succeeded.
            execution_successful: summary.exit_code <= 1 && !summary.interrupted,
            exit_code: summary.exit_code,
            tool_execution_notifications: notices.collect(),
        };
        let properties = Properties {
            mode: summary.mode,
            dry_run: summary.dry_run,
            interrupted: summary.interrupted,
            pages: summary.tally.total.pages,
            judged: summary.tally.judged(),
            baselined: summary.tally.baselined,
        };
        self.out.write_all(b"\n],\n\"invocations\":[")?;
        write_value(&mut self.out, &invocation)?;
        self.out.write_all(b"],\n\"properties\":")?;
        write_value(&mut self.out, &properties)?;
        self.out.write_all(b"\n}]}\n")?;
        self.out.flush()
    }
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<ReportingDescriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
    default_configuration: DefaultConfiguration,
}

#[derive(Serialize)]
struct DefaultConfiguration {
    level: &'static str,
}

#[derive(Serialize)]
struct AutomationDetails<'a> {
    id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: &'static str,
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [LocationObject; 1],
    partial_fingerprints: PartialFingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression; 1]>,
}

/// Why readers are to leave a result alone.
#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationObject {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Snippet>,
}

#[derive(Serialize)]
struct Snippet {
    text: String,
}

#[derive(Serialize)]
struct PartialFingerprints {
    #[serde(rename = "chathub/v1")]
    ours: String,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    mode: &'static str,
    dry_run: bool,
    interrupted: bool,
    pages: u64,
    judged: u64,
    baselined: u64,
}

impl Tool {
    fn new(rules: &[&'static Rule]) -> Self {
        let descriptor = |rule: &&'static Rule| ReportingDescriptor {
            id: rule.id,
            short_description: Message::new(rule.finds.to_owned()),
            full_description: Message::new(format!("{} {}", rule.finds, rule.why)),
            help: Message::new(format!("{}\n{}", rule.why, rule.remedy)),
            default_configuration: DefaultConfiguration {
                level: rule.severity.name(),
            },
        };
        Self {
            driver: Driver {
                name: "chathub",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: rules.iter().map(descriptor).collect(),
            },
        }
    }
}

impl Message {
    /// Readers make links of `[text](address)` in a message (3.11.6), and what a page says must not become one.
    fn new(text: String) -> Self {
        Self {
            text: if text.contains("](") {
                text.replace('[', "\\[").replace(']', "\\]")
            } else {
                text
            },
        }
    }
}

impl ArtifactLocation {
    fn new(path: &str) -> Self {
        if is_address(path) {
            return Self {
                uri: path.to_owned(),
                uri_base_id: None,
            };
        }
        let encoded = utf8_percent_encode(path, PATH);
        if path.starts_with('/') {
            return Self {
                uri: format!("file://{encoded}"),
                uri_base_id: None,
            };
        }
        Self {
            uri: encoded.to_string(),
            uri_base_id: Some(BASE),
        }
    }
}

impl Region {
    fn new(place: &Location, finding: &Finding) -> Self {
        let excerpt = finding.excerpt.as_ref();
        let source = excerpt.and_then(|excerpt| excerpt.marked());
        Self {
            start_line: place.line,
            start_column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            snippet: source.map(|text| Snippet {
                text: text.to_owned(),
            }),
        }
    }
}
