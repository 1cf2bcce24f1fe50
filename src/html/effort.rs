//! How much work the proofs of one page may take: counted in steps, so that the same page comes to the same end on every
//! machine, and given up at once when the run is to stop.

use std::cell::Cell;

use memchr::memchr;

use super::markup::attributes;

/// Steps that every page may take, enough for some thousand open elements: about a tenth of a second's work.
const BASE: u64 = 32_000_000;
/// Steps more for each byte. A full parse of everyday pages takes two to five, and a page is parsed at most eleven times.
const PER_BYTE: u64 = 64;
/// Open elements that are looked through for each tag, at worst, that opens formatting.
const PER_FORMATTING: u64 = 32;

/// Asks whether the run is to stop.
pub type Stop<'a> = &'a dyn Fn() -> bool;

/// How many steps a page of this size may take.
pub(super) fn limit(bytes: usize) -> u64 {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    BASE.saturating_add(bytes.saturating_mul(PER_BYTE))
}

/// The work that is left.
pub(super) struct Effort<'a> {
    left: Cell<u64>,
    stop: Stop<'a>,
}

/// Why a proof is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    /// The page takes more work than any page should.
    Work,
    /// The run is to stop.
    Stopped,
}

impl<'a> Effort<'a> {
    /// What a page of this size may take.
    pub(super) fn of(bytes: usize, stop: Stop<'a>) -> Self {
        Self {
            left: Cell::new(limit(bytes)),
            stop,
        }
    }

    /// Takes some steps off; asked for often, so a step may be many at once.
    pub(super) fn spend(&self, steps: u64) -> Result<(), Spent> {
        if (self.stop)() {
            return Err(Spent::Stopped);
        }
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.map(drop).ok_or(Spent::Work)
    }
}

/// Steps that a tree builder takes beside those that it can be watched at: each attribute of a tag is compared with those
/// before it, and each tag that opens formatting with those that are still open.
pub(super) fn hidden_steps(text: &[u8]) -> u64 {
    let mut steps = 0_u64;
    let mut open = [0_u64; FORMATTING.len()];
    let mut at = 0;
    while let Some(start) = memchr(b'<', &text[at..]) {
        let start = at + start;
        let end_tag = text.get(start + 1) == Some(&b'/');
        let name_at = 1 + usize::from(end_tag);
        at = start + 1;
        if !text
            .get(start + name_at)
            .is_some_and(u8::is_ascii_alphabetic)
        {
            continue;
        }
        let mut count = 0_u64;
        let tag = attributes(text, start, name_at, |_, _| count += 1);
        steps = steps.saturating_add(count.saturating_mul(count) / 2);
        // What the file ends in is all one tag.
        let Some(tag) = tag else { break };
        at = tag.span.end;
        let name = tag.name;
        let Some(place) = FORMATTING
            .iter()
            .position(|f| name.eq_ignore_ascii_case(f.as_bytes()))
        else {
            continue;
        };
        if end_tag {
            open[place] = open[place].saturating_sub(1);
        } else {
            let all: u64 = open.iter().sum();
            steps = steps.saturating_add(all.saturating_mul(PER_FORMATTING + count));
            open[place] += 1;
        }
    }
    steps
}

/// Formatting elements of the HTML standard (13.2.4.2), but for those of which a new one closes the old: `a` and `nobr`.
const FORMATTING: [&str; 12] = [
    "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_markup_hides_nothing() {
        assert_eq!(
            hidden_steps(b"a < b <p><b>x</b> <i>y</i></p><!-- <b --> </b>"),
            0
        );
        let page = "<p class=a id=b>some <b>bold</b> and <a href=x>linked <i>text</i></a></p>"
            .repeat(1000);
        assert!(hidden_steps(page.as_bytes()) < 2 * page.len() as u64);
    }

    #[test]
    fn many_attributes_and_open_formatting_are_seen() {
        let many = format!("<p {}>", "a ".repeat(20_000));
        assert!(hidden_steps(many.as_bytes()) > BASE);
        assert!(hidden_steps(&many.as_bytes()[..many.len() - 1]) > BASE);
        let open = "<b id=x><font>".repeat(3000);
        assert!(hidden_steps(open.as_bytes()) > BASE);
    }

    #[test]
    fn work_ends_and_a_stop_comes_first() {
        let effort = Effort::of(0, &|| false);
        assert_eq!(effort.spend(BASE), Ok(()));
        assert_eq!(effort.spend(1), Err(Spent::Work));
        assert_eq!(Effort::of(0, &|| true).spend(u64::MAX), Err(Spent::Stopped));
    }
}
