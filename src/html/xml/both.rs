//! A page that begins with an XML declaration, as parsers of HTML and of XML read it.

use super::read::read;
use crate::html::facts::{Bar, Facts, Obstacle, Point, Position, Syntax};
use crate::html::scan::Scanner;

/// Reads a page that is HTML and begins with an XML declaration: a server that sends it as XML must give the same.
pub(in crate::html) fn read_both(scanner: &Scanner, text: &[u8]) -> Facts {
    let mut facts = Facts {
        syntax: Syntax::Declared,
        ..scanner.scan_html(text, true)
    };
    let other = read(scanner, text);
    // What no browser could show as XML is not served so.
    if other.obstacle.is_some() {
        return facts;
    }
    let tags = |facts: &Facts| -> Vec<_> {
        let instances = facts.instances.iter();
        instances.map(|found| found.start_tag.clone()).collect()
    };
    if tags(&facts) == tags(&other) && facts.directive == other.directive {
        facts.both = true;
        let end = certain_end(&facts);
        facts.agreed = end.filter(|_| end == certain_end(&other));
        // Where one sees the end of the body and the other does not, either may be right for both.
        let more = other.points.into_iter().map(|point| Point {
            certain: false,
            ..point
        });
        facts.points.extend(more);
    } else {
        facts.obstacle = Some(Obstacle {
            at: 0,
            why: Bar::Readings,
        });
    }
    facts
}

/// Where a reading sees the end of the body for certain.
fn certain_end(facts: &Facts) -> Option<usize> {
    let mut points = facts.points.iter();
    let end = points.find(|point| point.at == Position::BodyEnd && point.certain)?;
    Some(end.offset)
}
