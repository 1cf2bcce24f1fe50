//! Where a new tag should go.

use super::facts::Position;

/// Where a new tag goes if the page lets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The end of the body.
    BodyEnd,
    /// The end of the head.
    HeadEnd,
}

impl Target {
    /// All places, the best first.
    pub(super) fn order(self) -> [Position; 9] {
        use Position::{
            BodyEnd, BodyStart, Doctype, FileEnd, FileStart, HeadEnd, HeadStart, HtmlEnd, HtmlStart,
        };
        match self {
            Self::BodyEnd => [
                BodyEnd, HtmlEnd, FileEnd, HeadEnd, BodyStart, HeadStart, HtmlStart, Doctype,
                FileStart,
            ],
            Self::HeadEnd => [
                HeadEnd, HeadStart, BodyStart, BodyEnd, HtmlEnd, FileEnd, HtmlStart, Doctype,
                FileStart,
            ],
        }
    }
}
