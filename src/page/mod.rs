//! One page: what is in it, what should change, and the change.
//!
//! [`Source`] holds the bytes, [`Scanner`] finds the [`Facts`], [`plan()`] says what should change, [`splice`] does it.
//! Only the scan names lol_html; only the proof, and what reads single tags and policies, name html5ever; only `xml` names XML parsers.

mod address;
mod effort;
mod facts;
mod foreign;
mod handlers;
mod inline;
mod marks;
mod markup;
mod mend;
mod names;
mod needles;
mod outline;
mod parse;
mod plan;
mod points;
mod policy;
mod prescan;
mod prolog;
mod proof;
mod refresh;
mod refusal;
mod same_page;
mod scan;
mod script;
mod selectors;
mod skim;
#[cfg(test)]
mod skim_tests;
mod source;
mod splice;
mod stub;
mod tag;
mod target;
mod tokens;
mod tree;
mod xml;

pub use address::{Addresses, Rooted, addresses};
pub use effort::Stop;
pub use facts::{
    At, Bar, Directive, Doubt, Facts, Inert, Instance, Nature, Obstacle, PagePolicy, Point, Span,
    Syntax,
};
pub use plan::{Change, Plan, Task, plan};
pub use refusal::{Disproof, Refusal};
pub use scan::{Scanner, ScannerError};
pub use source::{RawEdit, Source, Undecodable};
pub use splice::splice;
pub use target::Target;
