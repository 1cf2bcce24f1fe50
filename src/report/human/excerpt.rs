//! A few lines of source with the place of a finding marked, as rustc draws them.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::look::Look;
use crate::outcome::{Excerpt, Severity};
use crate::report::text::{is_unsafe, push_escaped};

/// Longer excerpts are not drawn. The producer clips them; this only keeps one that did not from flooding a terminal.
const LONGEST: usize = 16 * 1024;
/// Width of an excerpt where there is no terminal.
const WIDTH: usize = 120;

/// Appends the excerpt. Only the lines of the place are drawn, long ones cut to the terminal's width around it.
pub(super) fn write(text: &mut String, excerpt: &Excerpt, severity: Severity, look: &Look) {
    if excerpt.text.is_empty() || excerpt.text.len() > LONGEST {
        return;
    }
    let (source, span) = escape_source(&excerpt.text, &excerpt.span);
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let renderer = if look.color() {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let style = if look.ascii {
        DecorStyle::Ascii
    } else {
        DecorStyle::Unicode
    };
    let snippet = Snippet::source(source.as_str())
        .line_start(excerpt.first_line)
        .annotation(AnnotationKind::Primary.span(span));
    let drawing = renderer
        .decor_style(style)
        .term_width(look.width.unwrap_or(WIDTH))
        .render(&[Group::with_level(level).element(snippet)]);
    for line in drawing.lines() {
        text.push_str(line);
        text.push('\n');
    }
}

/// The source with nothing left in it that acts on a terminal (line breaks and tabs stay), and the span moved along.
///
/// Whatever the span is, the result is within the source and on character boundaries: drawing panics otherwise.
fn escape_source(source: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let mut escaped = String::with_capacity(source.len());
    let (mut start, mut end) = (None, None);
    let mut chars = source.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if at >= span.start {
            start.get_or_insert(escaped.len());
        }
        if at >= span.end {
            end.get_or_insert(escaped.len());
        }
        let line_end = c == '\r' && matches!(chars.peek(), Some((_, '\n')));
        if line_end {
            continue;
        }
        if matches!(c, '\n' | '\t') || !is_unsafe(c) {
            escaped.push(c);
        } else {
            push_escaped(&mut escaped, c);
        }
    }
    let start = start.unwrap_or(escaped.len());
    let end = end.unwrap_or(escaped.len()).max(start);
    (escaped, start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_move_with_what_is_escaped_before_and_in_them() {
        let (source, span) = escape_source("a\x1bb\r\n\tчат\x07!", &(6..13));
        assert_eq!(source, "a\\u{1b}b\n\tчат\\u{7}!");
        assert_eq!(&source[span], "чат\\u{7}");
    }

    #[test]
    fn spans_that_lie_are_brought_back() {
        for span in [0..99, 98..99, 3..4, 4..4] {
            let (source, span) = escape_source("чат", &span);
            assert!(source.get(span).is_some());
        }
        #[allow(clippy::reversed_empty_ranges)]
        let (source, span) = escape_source("abc", &(2..1));
        assert_eq!(&source[span], "");
    }

    #[test]
    fn every_width_and_place_can_be_drawn() {
        let source = format!("<p>чат</p>\n{}<script>\n", "\t<b>x</b>".repeat(80));
        for width in [None, Some(0), Some(1), Some(10), Some(40), Some(80)] {
            for start in (0..=source.len()).step_by(37) {
                let excerpt = Excerpt {
                    text: source.clone(),
                    first_line: 1,
                    span: start..start + 20,
                };
                let look = Look::new(&crate::report::Options {
                    width,
                    ..Default::default()
                });
                write(&mut String::new(), &excerpt, Severity::Error, &look);
            }
        }
    }
}
