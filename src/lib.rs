//! Puts the SMSBAT ChatHub chat widget into the right pages of a generated static site, keeps it right on every build, proves it, and
//! takes it out again: the library of the command `chathub`, for programs that build sites themselves.
//!
//! A [`Policy`] says what pages are to have, in the language of `chathub.toml`. A [`Store`] is where the site is: a folder, a folder that
//! is copied to another one, or memory. [`inject`], [`verify`] and [`remove`] run over all of it and hand over what happens as
//! [`Event`]s; [`explain`] tells why a page gets what it gets; [`inject_page`] and [`remove_page`] edit the bytes of one page.
//!
//! ```
//! use chathub::{Outcome, Policy, Store, inject, inject_page, remove, verify};
//!
//! let policy = Policy::from_toml(r#"
//!     default-organization = "support"
//!     [placeholder]
//!     endpoint = "https://chat.example.com/token"
//!     [organizations]
//!     support.id = 6
//!     sales.id = 24
//!     [[rules]]
//!     match = ["shop/**"]
//!     organization = "sales"
//! "#)?;
//! let page = "<!doctype html><html lang=\"en\"><body><p>Hello</p></body></html>";
//! let site = Store::memory([("index.html", page), ("shop/index.html", page)]);
//!
//! let summary = inject(&policy, &site, |_| ())?;
//! assert!(summary.is_success());
//! let shop = String::from_utf8(site.get("shop/index.html").unwrap()).unwrap();
//! assert!(shop.contains("data-org=\"sales\"") && shop.contains("https://chat.example.com/token"));
//! assert!(verify(&policy, &site, |_| ())?.is_success());
//!
//! // One page, without a site.
//! let injected = inject_page(&policy, "shop/index.html", page)?;
//! assert_eq!(injected.report.outcome, Outcome::Injected);
//! assert_eq!(injected.bytes, shop.as_bytes());
//!
//! // All of it goes without a trace, the files that pages load as well.
//! remove(&policy, &site, |_| ())?;
//! assert_eq!(site.get("shop/index.html").unwrap(), page.as_bytes());
//! assert_eq!(site.files(), ["index.html", "shop/index.html"]);
//! # Ok::<(), chathub::Error>(())
//! ```
//!
//! A handler is called with one event after the other, pages in a fixed order, and can stop the run after the pages in hand:
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use chathub::{Event, Policy, Store, verify};
//!
//! let policy = Policy::from_toml("[placeholder]\nendpoint = \"/token\"")?;
//! let site = Store::memory([("index.html", "<!doctype html><body><p>Hello</p></body>")]);
//! let mut missing = Vec::new();
//! let summary = verify(&policy, &site, |event| {
//!     if let Event::Page(page) = event {
//!         for finding in &page.findings {
//!             missing.push(format!("{}: {} ({})", page.path, finding.message, finding.rule.id));
//!         }
//!     }
//!     if missing.len() < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
//! })?;
//! assert!(missing[0].starts_with("index.html: ") && missing[0].ends_with("(missing-instance)"));
//! assert!(!summary.is_success());
//! assert_eq!(summary.tally.findings.errors, 1);
//! # Ok::<(), chathub::Error>(())
//! ```
//!
//! # Static mode
//!
//! The library asks nobody for operator tokens: a program gives them with [`PolicyBuilder::token`], and a token that is not fit to be
//! published is an error. [`PolicyBuilder::secret`] names what must be in no page.
//!
//! # Features
//!
//! All are on by default, for the command. The library above needs none of them: `default-features = false`.
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `cli` | the command `chathub`, with its report formats, `init` and `watch`; needs `api` and `live` |
//! | `api` | the client of the ChatHub API, from which the command gets operator tokens |
//! | `live` | what `chathub verify https://…` fetches; needs `api` |
//! | `endpoint` | the command `chathub endpoint`, which serves tokens to pages; needs `api` |
//! | `browser` | `chathub verify --browser`, which opens pages in an installed browser; needs `preview` |
//! | `preview` | the command `chathub preview`, which shows a site in a browser; needs `endpoint` |
//!
//! `cargo install chathub --no-default-features --features cli` builds a command without the two servers.

#[cfg(feature = "api")]
mod api;
#[cfg(all(unix, feature = "browser"))]
mod browser;
#[cfg(feature = "cli")]
mod cli;
mod csp;
mod derived;
#[cfg(feature = "endpoint")]
mod endpoint;
mod event;
mod facade;
#[cfg(feature = "cli")]
mod generator;
mod html;
mod leak;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "preview")]
mod preview;
mod redact;
#[cfg(feature = "cli")]
mod report;
mod rules;
mod run;
mod runtime;
#[cfg(feature = "api")]
mod secret;
#[cfg(feature = "endpoint")]
mod server;
mod settings;
mod steps;
mod store;
mod token;
#[cfg(feature = "api")]
mod tokens;
#[cfg(feature = "cli")]
mod watch;
mod widget;

pub use event::{
    Command, Event, Excerpt, Finding, Findings, Location, OrganizationTally, Organizations,
    Outcome, OutcomeKind, Outcomes, PageReport, Pages, Rule, RuleTally, Severity, Skip, Started,
    Summary, Tally,
};
pub use facade::{
    EditedPage, Error, Policy, PolicyBuilder, Reply, Store, baseline, explain, inject, inject_page,
    remove, remove_page, verify,
};
pub use steps::{Explanation, TriedRule};

/// The rooms, for chathub's own program, tests and benchmarks. Nothing in here is a promise: any version may change it.
#[doc(hidden)]
pub mod internal {
    #[cfg(feature = "api")]
    pub mod api {
        pub use crate::api::*;
    }
    #[cfg(all(unix, feature = "browser"))]
    pub mod browser {
        pub use crate::browser::*;
    }
    #[cfg(feature = "cli")]
    pub mod cli {
        pub use crate::cli::*;
    }
    pub mod csp {
        pub use crate::csp::*;
    }
    pub mod derived {
        pub use crate::derived::*;
    }
    #[cfg(feature = "endpoint")]
    pub mod endpoint {
        pub use crate::endpoint::*;
    }
    pub mod event {
        pub use crate::event::*;
    }
    pub mod html {
        pub use crate::html::*;
    }
    pub mod leak {
        pub use crate::leak::*;
    }
    #[cfg(feature = "live")]
    pub mod live {
        pub use crate::live::*;
    }
    #[cfg(feature = "preview")]
    pub mod preview {
        pub use crate::preview::*;
    }
    pub mod redact {
        pub use crate::redact::*;
    }
    #[cfg(feature = "cli")]
    pub mod report {
        pub use crate::report::*;
    }
    pub mod rules {
        pub use crate::rules::*;
    }
    pub mod run {
        pub use crate::run::*;
    }
    pub mod runtime {
        pub use crate::runtime::*;
    }
    #[cfg(feature = "api")]
    pub mod secret {
        pub use crate::secret::*;
    }
    #[cfg(feature = "endpoint")]
    pub mod server {
        pub use crate::server::*;
    }
    pub mod settings {
        pub use crate::settings::*;
    }
    pub mod steps {
        pub use crate::steps::*;
    }
    pub mod store {
        pub use crate::store::*;
    }
    pub mod token {
        pub use crate::token::*;
    }
    #[cfg(feature = "api")]
    pub mod tokens {
        pub use crate::tokens::*;
    }
    #[cfg(feature = "cli")]
    pub mod watch {
        pub use crate::watch::*;
    }
    pub mod widget {
        pub use crate::widget::*;
    }
}
