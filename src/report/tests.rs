//! Every format on the shared sample. Expected outputs are in `snapshots/`; `cargo xtask snapshots` renews
//! them, to be read before they are committed.

mod baseline;
mod html;
mod pipelines;

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use snapbox::{Data, assert_data_eq};

use super::sample::{self, Run};
use super::{Format, Options, Verbosity, reporter, schema};

/// An output that the test can still read when the reporter owns it.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn render(run: &Run, format: Format, options: Options) -> String {
    let out = Shared::default();
    let mut reporter = reporter(format, Box::new(out.clone()), options);
    run.each_event(|event| reporter.event(event).unwrap());
    let bytes = std::mem::take(&mut *out.0.lock().unwrap());
    String::from_utf8(bytes).unwrap()
}

/// The format of this name.
fn format(name: &str) -> Format {
    name.parse().unwrap()
}

fn human(run: &Run, verbosity: Verbosity, width: usize) -> String {
    let options = Options {
        verbosity,
        width: Some(width),
        ..Options::default()
    };
    render(run, format("human"), options)
}

#[track_caller]
fn assert_snapshot(actual: String, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/report/snapshots")
        .join(name);
    let expected = Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    assert_data_eq!(Data::text(actual).raw(), expected);
}

#[test]
fn human_inject() {
    assert_snapshot(
        human(&sample::inject(), Verbosity::Normal, 80),
        "inject.txt",
    );
}

#[test]
fn human_inject_quiet() {
    assert_snapshot(
        human(&sample::inject(), Verbosity::Quiet, 80),
        "inject-quiet.txt",
    );
}

#[test]
fn human_inject_very_verbose() {
    assert_snapshot(
        human(&sample::inject(), Verbosity::VeryVerbose, 80),
        "inject-very-verbose.txt",
    );
}

#[test]
fn human_dry_and_interrupted() {
    let run = sample::dry_and_interrupted();
    assert_snapshot(
        human(&run, Verbosity::Verbose, 120),
        "dry-and-interrupted-verbose.txt",
    );
}

#[test]
fn human_verify() {
    assert_snapshot(
        human(&sample::verify(), Verbosity::Normal, 80),
        "verify.txt",
    );
}

#[test]
fn human_verify_verbose_wide() {
    assert_snapshot(
        human(&sample::verify(), Verbosity::Verbose, 120),
        "verify-verbose.txt",
    );
}

#[test]
fn human_verify_very_verbose() {
    assert_snapshot(
        human(&sample::verify(), Verbosity::VeryVerbose, 80),
        "verify-very-verbose.txt",
    );
}

#[test]
fn human_verify_quiet() {
    assert_snapshot(
        human(&sample::verify(), Verbosity::Quiet, 80),
        "verify-quiet.txt",
    );
}

#[test]
fn human_verify_clean() {
    assert_snapshot(
        human(&sample::clean(), Verbosity::Normal, 80),
        "verify-clean.txt",
    );
}

#[test]
fn human_in_a_narrow_ascii_terminal() {
    let options = Options {
        width: Some(40),
        ascii: true,
        ..Options::default()
    };
    let text = render(&sample::verify(), format("human"), options);
    assert_snapshot(text, "verify-narrow-ascii.txt");
}

#[test]
fn human_in_colour() {
    let options = Options {
        color: true,
        width: Some(80),
        ..Options::default()
    };
    for (run, name) in [
        (sample::inject(), "inject-colour.txt"),
        (sample::verify(), "verify-colour.txt"),
    ] {
        let text = render(&run, format("human"), options);
        // Colours only add to what is there without them.
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            human(&run, Verbosity::Normal, 80)
        );
        assert_snapshot(text.replace('\x1b', "␛"), name);
    }
}

#[test]
fn nothing_acts_on_the_terminal() {
    let widths = [0, 1, 7, 20, 40, 80, 120, 1_000].map(Some);
    for run in [
        sample::inject(),
        sample::dry_and_interrupted(),
        sample::verify(),
    ] {
        for width in widths.into_iter().chain([None]) {
            for verbosity in [0, 1, 2].map(|verbose| Verbosity::from_flags(false, verbose)) {
                for color in [false, true] {
                    let options = Options {
                        color,
                        verbosity,
                        width,
                        ..Options::default()
                    };
                    let text = render(&run, format("human"), options);
                    let unsafe_text = anstream::adapter::strip_str(&text).to_string();
                    let found = unsafe_text
                        .chars()
                        .find(|&c| super::text::is_unsafe(c) && c != '\n');
                    assert_eq!(found, None, "{unsafe_text}");
                    assert!(color || !text.contains('\x1b'));
                    assert!(
                        !text.contains("\x1b]") && !text.contains("\x1b[2J"),
                        "{text}"
                    );
                }
            }
        }
    }
}

#[test]
fn json() {
    let text = render(&sample::inject(), format("json"), Options::default());
    assert_snapshot(text, "inject.json");
    assert_snapshot(
        render(&sample::verify(), format("json"), Options::default()),
        "verify.json",
    );
}

#[test]
fn ndjson() {
    let text = render(&sample::verify(), format("ndjson"), Options::default());
    assert_snapshot(text, "verify.ndjson");
}

#[test]
fn a_run_without_pages_is_complete_in_every_format() {
    let mut run = sample::clean();
    run.pages.clear();
    run.summary.tally = crate::event::Tally::default();
    let text = render(&run, format("json"), Options::default());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["pages"], serde_json::json!([]));
    assert_eq!(
        render(&run, format("ndjson"), Options::default())
            .lines()
            .count(),
        2
    );
    assert!(human(&run, Verbosity::Normal, 80).starts_with("no page judged"));
}

#[test]
fn json_and_every_line_of_ndjson_are_as_the_schema_says() {
    let schema = schema::report_schema();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let check = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?} in {text}");
        assert!(
            !text.contains(|c| c != '\n' && super::text::is_unsafe(c)),
            "{text}"
        );
    };
    for run in [
        sample::inject(),
        sample::dry_and_interrupted(),
        sample::verify(),
        sample::clean(),
    ] {
        check(&render(&run, format("json"), Options::default()));
        for line in render(&run, format("ndjson"), Options::default()).lines() {
            check(line);
        }
    }
    // The schema must be able to say no.
    assert!(!validator.is_valid(&serde_json::json!({ "schemaVersion": 1, "pages": [] })));
    assert!(!validator.is_valid(&serde_json::json!({ "type": "page", "path": 1 })));
}

#[test]
fn formats_have_the_names_that_the_command_line_takes() {
    for &format in Format::ALL {
        let value = clap::ValueEnum::to_possible_value(&format).unwrap();
        assert_eq!(value.get_name(), format.name());
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert_eq!(
        Format::ALL.len(),
        <Format as clap::ValueEnum>::value_variants().len()
    );
    assert_eq!(
        "jsn".parse::<Format>().unwrap_err().to_string(),
        format!(
            "there is no report format `jsn`; the formats are {}",
            Format::ALL
                .iter()
                .map(|format| format.name())
                .collect::<Vec<_>>()
                .join(", ")
        )
    );
}
