//! A page as html5ever parses it, piece by piece, so that it can be given up.

use std::rc::Rc;

use html5ever::parse_document;
use html5ever::tendril::{StrTendril, TendrilSink};

use super::effort::{Effort, Spent, hidden_steps};
use super::outline::Outline;
use super::tree::Tree;
use crate::widget::{Addresses, Attributes, Scope};

/// Parses a page as a browser with scripting does, as long as the effort lasts. `purge`: the vendor's comments are nothing,
/// for they go with their tags.
pub(super) fn outline(
    html: &str,
    addresses: &Addresses,
    scope: Scope,
    purge: bool,
    effort: &Effort<'_>,
) -> Result<Outline, Spent> {
    parse(html, effort)?.outline(addresses, scope, purge, effort)
}

/// The attributes of each `meta` in the page's head, in order.
pub(super) fn metas(html: &str, effort: &Effort<'_>) -> Result<Vec<Attributes>, Spent> {
    Ok(parse(html, effort)?.metas())
}

/// The whole tree.
pub(super) fn parse(html: &str, effort: &Effort<'_>) -> Result<Tree, Spent> {
    effort.spend(hidden_steps(html.as_bytes()))?;
    let steps = Rc::default();
    let tree = Tree::new(Rc::clone(&steps));
    let mut parser = parse_document(tree, html5ever::ParseOpts::default());
    let mut rest = StrTendril::from_slice(html);
    let mut size = PIECE;
    while !rest.is_empty() {
        let piece = cut(&mut rest, size);
        parser.process(piece);
        let taken = steps.take();
        effort.spend(taken)?;
        // Small pieces where each costs much: what is asked in between is whether to go on.
        size = if taken > STEPS_AT_ONCE {
            size / 2
        } else {
            size * 2
        };
        size = size.clamp(LEAST_PIECE, MOST_PIECE);
    }
    Ok(parser.finish())
}

/// How much of a page is parsed at once, at first, at least and at most.
const PIECE: usize = 4 << 10;
const LEAST_PIECE: usize = 64;
const MOST_PIECE: usize = 64 << 10;
/// How many steps that may take.
const STEPS_AT_ONCE: u64 = 1 << 20;

/// Takes about so many bytes off the start of a text.
fn cut(rest: &mut StrTendril, size: usize) -> StrTendril {
    let mut end = size.min(rest.len());
    while !rest.is_char_boundary(end) {
        end += 1;
    }
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    let piece = rest.subtendril(0, end);
    rest.pop_front(end);
    piece
}
