//! Lines of a server's log in JSON, by the field names of OpenTelemetry's log data model:
//! <https://opentelemetry.io/docs/specs/otel/logs/data-model/>.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::LookupSpan;

/// Formats events as such lines.
pub(super) struct OpenTelemetry;

/// A line. Logs of every kind begin with their time.
#[derive(Serialize)]
struct Record {
    timestamp: String,
    severity_text: &'static str,
    severity_number: u8,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<Value>,
    attributes: Map<String, Value>,
    resource: Resource,
}

/// What the line comes from.
#[derive(Serialize)]
struct Resource {
    #[serde(rename = "service.name")]
    name: &'static str,
    #[serde(rename = "service.version")]
    version: &'static str,
}

impl<S, N> FormatEvent<S, N> for OpenTelemetry
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (severity_text, severity_number) = match *event.metadata().level() {
            Level::ERROR => ("ERROR", 17),
            Level::WARN => ("WARN", 13),
            Level::INFO => ("INFO", 9),
            _ => ("DEBUG", 5),
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields {
            body,
            mut attributes,
        } = fields;
        let record = Record {
            timestamp: format!("{:.6}", Timestamp::now()),
            severity_text,
            severity_number,
            body,
            trace_id: attributes.remove("trace_id"),
            span_id: attributes.remove("span_id"),
            attributes,
            resource: Resource {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
        };
        let text = serde_json::to_string(&record).map_err(|_| fmt::Error)?;
        writeln!(line, "{text}")
    }
}

/// What an event says: its message, and all else.
#[derive(Default)]
struct Fields {
    body: String,
    attributes: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.attributes
            .insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.body = text;
        } else {
            self.add(field, text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}
