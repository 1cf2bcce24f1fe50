//! One page: what is in it, what should change, and the change.
//!
//! [`Source`] holds the bytes, [`Scanner`] finds the [`Facts`], [`plan()`] says what should change, [`splice`] does it.
//! All of it is a function of bytes: nothing here opens a file or looks at a clock.
//!
//! ```
//! use chathub::internal::html::{Scanner, Source, Syntax, Target, Task, plan, splice};
//! use chathub::internal::widget::{Addresses, Product, Tag};
//!
//! let page = "<!doctype html><title>Shop</title><body><p>Hello</p></body>";
//! let source = Source::new(page.into(), Syntax::Html).map_err(|(_, error)| error)?;
//! let scanner = Scanner::new(Addresses::default(), false)?;
//! let facts = scanner.scan(source.text(), Syntax::Html);
//! let tag = Tag::widget(Product::Operator.src(), "sales", Some("TOKEN"));
//! let task = Task::Tag(&tag);
//! let never = || false;
//! let (target, scope) = (Target::BodyEnd, task.scope(false));
//! let plan = plan(&source, &facts, task, target, scope, &scanner, &never)?;
//! let mut edited = Vec::new();
//! splice(source.bytes(), &plan.edits, &mut edited)?;
//!
//! let edited = String::from_utf8(edited)?;
//! assert!(edited.starts_with("<!doctype html><title>Shop</title><body><p>Hello</p>"));
//! assert!(edited.ends_with("</script></body>"), "{edited}");
//! assert_eq!(edited.matches("token=\"TOKEN\"").count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Only the scan names lol_html; only the proof, and what reads single tags and policies, name html5ever; only `xml` names XML parsers.

mod address;
mod astray;
mod block_index;
mod effort;
mod facts;
mod foreign;
mod handlers;
mod held;
mod inline;
mod links;
mod markup;
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
mod scripted;
#[cfg(test)]
mod scripted_tests;
mod selectors;
mod skim;
#[cfg(test)]
mod skim_tests;
mod source;
mod splice;
mod srcdoc;
mod stub;
mod tag;
mod target;
mod task;
mod tokens;
mod tree;
mod workaround;
mod xml;

pub use address::{Addresses, Rooted, addresses};
pub use effort::Stop;
pub use facts::{
    Astray, Bar, Directive, Facts, Inert, Instance, Obstacle, PageKind, PagePolicy, Point,
    Position, Scripted, Span, Syntax, Uncertainty,
};
pub use links::{links, resources};
pub use plan::{Change, Plan, plan};
pub use prescan::declared as declared_encoding;
pub use refusal::{ProofError, Refusal};
pub use scan::{Scanner, ScannerError};
pub use source::{Source, Undecodable};
pub use splice::{RawEdit, splice};
pub use target::Target;
pub use task::Task;
