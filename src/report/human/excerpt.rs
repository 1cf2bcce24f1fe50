//! A few lines of source with the place of a finding marked, as rustc draws them.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstream::adapter::strip_str;

use super::look::Look;
use crate::event::{Excerpt, Severity};
use crate::report::text::source as escape_source;

/// Longer excerpts are not drawn. The producer clips them; this only keeps one that did not from flooding a terminal.
const LONGEST: usize = 16 * 1024;
/// Width of an excerpt where there is no terminal.
const WIDTH: usize = 120;
/// How many smaller widths are tried for an excerpt that does not fit.
const HINTS: usize = 4;
/// What a line of the drawing may have beside the span: its number, the frame, ellipses.
const FRAME: usize = 20;
/// What the drawing is indented by, to stand under its finding.
const INDENT: &str = "    ";

/// Appends the excerpt. Only the lines of the place are drawn, long ones cut to the terminal's width around it.
pub(super) fn write(text: &mut String, excerpt: &Excerpt, severity: Severity, look: &Look) {
    if excerpt.text().is_empty() || excerpt.text().len() > LONGEST {
        return;
    }
    let width = look.width.unwrap_or(WIDTH).saturating_sub(INDENT.len());
    let (source, span) = escape_source(excerpt.text(), &excerpt.span());
    let span = clip(&source, span, width.saturating_sub(FRAME));
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
        .line_start(excerpt.first_line())
        .annotation(AnnotationKind::Primary.span(span));
    let renderer = renderer.decor_style(style);
    let report = [Group::with_level(level).element(snippet)];
    // The renderer takes the width as a hint, and draws beyond it rather than cut a span that is nearly as long; a
    // smaller hint then helps.
    let drawing = (0..=HINTS)
        .map(|hint| width.saturating_sub(width * hint / (HINTS + 1)))
        .map(|hint| renderer.clone().term_width(hint).render(&report))
        .find(|drawing| fits(drawing, width))
        .unwrap_or_else(|| renderer.clone().term_width(width).render(&report));
    for (index, line) in drawing.lines().enumerate() {
        // The first line would be the arrow to the path, which stands above already.
        if index == 0 && is_arrow(line) {
            continue;
        }
        text.push_str(INDENT);
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The part of a span within one line that fits into `room` characters. How a tag begins says more than what the
/// renderer would keep, its two ends.
fn clip(source: &str, span: Range<usize>, room: usize) -> Range<usize> {
    let text = source.get(span.clone()).unwrap_or_default();
    match text.char_indices().nth(room.max(1)) {
        Some((length, _)) if !text.contains('\n') => span.start..span.start + length,
        _ => span,
    }
}

/// Whether no line of the drawing is longer than the terminal's. Wide characters count once: this only makes it nicer.
fn fits(drawing: &str, width: usize) -> bool {
    drawing.lines().all(|line| {
        strip_str(line)
            .map(|part| part.chars().count())
            .sum::<usize>()
            <= width
    })
}

/// Whether a line of the drawing has nothing but the start of its frame.
fn is_arrow(line: &str) -> bool {
    let plain = strip_str(line).to_string();
    matches!(plain.trim(), "╭▸" | "|" | "-->")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::text::is_unsafe;

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

    proptest! {
        #[test]
        fn whatever_is_handed_over_can_be_drawn(
            text in "(\\PC|[\\r\\n\\t\\x00-\\x1f<>]|e\u{301}|👩\u{200d}💻){0,60}",
            start in 0_usize..200,
            length in 0_usize..200,
            width in proptest::option::of(0_usize..130),
            ascii: bool,
        ) {
            let excerpt = Excerpt::made_up(text, 7, start..start + length);
            let options = crate::report::Options { width, ascii, ..Default::default() };
            let mut drawn = String::new();
            write(&mut drawn, &excerpt, Severity::Warning, &Look::new(&options));
            prop_assert!(!drawn.contains(|c| c != '\n' && is_unsafe(c)), "{drawn:?}");
        }
    }

    #[test]
    fn every_width_and_place_can_be_drawn() {
        let source = format!("<p>чат</p>\n{}<script>\n", "\t<b>x</b>".repeat(80));
        for width in [None, Some(0), Some(1), Some(10), Some(40), Some(80)] {
            for start in (0..=source.len()).step_by(37) {
                let excerpt = Excerpt::made_up(source.clone(), 1, start..start + 20);
                let look = Look::new(&crate::report::Options {
                    width,
                    ..Default::default()
                });
                write(&mut String::new(), &excerpt, Severity::Error, &look);
            }
        }
    }
}
