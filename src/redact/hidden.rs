//! What is shown in the place of secrets.

use std::ops::Range;

use super::search::{Leak, Search, What};
use crate::token;

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";

/// A place in a text that is not shown, and what is shown there.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// Where it is.
    pub span: Range<usize>,
    pub(super) shown: String,
}

impl Hidden {
    /// A secret that was found.
    #[must_use]
    pub fn leak(leak: &Leak) -> Self {
        let shown = match &leak.what {
            What::Known(_) => REDACTED.to_owned(),
            // However it is written there.
            What::Token(token) => token::shorten(token),
        };
        let span = leak.span.clone();
        Self { span, shown }
    }

    /// All that a search finds in a text, one after the other.
    pub(super) fn found(search: &Search, text: &[u8]) -> Vec<Self> {
        let (known, tokens) = search.known_and_tokens(text, 0..text.len(), &|| false);
        Self::merged(known.iter().chain(&tokens).map(Self::leak).collect())
    }

    /// The same place in a text that has so much before this one.
    pub(super) fn moved(self, by: usize) -> Self {
        let span = self.span.start + by..self.span.end + by;
        Self { span, ..self }
    }

    /// Those that overlap as one, in the order of the text.
    pub(super) fn merged(mut all: Vec<Self>) -> Vec<Self> {
        all.sort_by_key(|hidden| (hidden.span.start, hidden.span.end));
        all.dedup_by(|next, last| {
            let overlap = next.span.start < last.span.end;
            if overlap {
                last.span.end = last.span.end.max(next.span.end);
                if last.shown != next.shown {
                    REDACTED.clone_into(&mut last.shown);
                }
            }
            overlap
        });
        all
    }

    /// A text without what is hidden in it.
    pub(super) fn taken_out(text: &[u8], all: &[Self]) -> String {
        let mut shown = String::new();
        let mut at = 0;
        for hidden in all {
            shown.push_str(&String::from_utf8_lossy(&text[at..hidden.span.start]));
            shown.push_str(&hidden.shown);
            at = hidden.span.end;
        }
        shown + &String::from_utf8_lossy(&text[at..])
    }
}
