//! One scenario of the page engine over the pages of folders, for counting its instructions: see `cargo xtask instructions`.
//!
//! ```sh
//! cargo run --release -p chathub-bench --bin instructions -- SCENARIO FOLDER…
//! ```
//!
//! Prints how many pages and bytes went through [`measured`], which is all that is counted, and how many bytes came out.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use chathub::internal::html::{Scanner, Source, Syntax, Target, Task, plan, splice};
use chathub::internal::widget::{Addresses, LoaderSettings, Product, Tag};
use walkdir::WalkDir;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What pages are asked for, and how they are read.
struct Engine {
    scanner: Scanner,
    target: Target,
    tag: Tag,
    /// Without the shortcut through plain pages.
    whole: bool,
}

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let scenario = arguments
        .next()
        .ok_or("usage: instructions SCENARIO FOLDER…")?;
    let mut pages = Vec::new();
    for folder in arguments {
        read(Path::new(&folder), &mut pages)?;
    }
    let loader = Engine::new(loader("0123456789abcdef"), Target::BodyEnd)?;
    let engine = match scenario.as_str() {
        "fresh" => loader,
        "whole" => Engine {
            whole: true,
            ..loader
        },
        "static" => Engine::new(
            Tag::widget(Product::Operator.src(), "support", Some("T")),
            Target::BodyEnd,
        )?,
        "head-end" => Engine::new(loader.tag, Target::HeadEnd)?,
        // Pages that are right already: what a second inject and verify meet.
        "again" => {
            pages = loader.run_all(&pages)?;
            loader
        }
        // Pages that hold an earlier version's tag.
        "update" => {
            pages = loader.run_all(&pages)?;
            Engine::new(self::loader("fedcba9876543210"), Target::BodyEnd)?
        }
        other => return Err(format!("there is no scenario {other:?}").into()),
    };
    let (bytes, edited) = measured(&engine, &pages)?;
    println!("{} {bytes} {edited}", pages.len());
    Ok(())
}

/// Examines, plans and edits every page; returns the bytes of all before and after.
#[inline(never)]
fn measured(engine: &Engine, pages: &[Vec<u8>]) -> Result<(usize, usize)> {
    let edited = engine.run_all(pages)?;
    let size = |pages: &[Vec<u8>]| pages.iter().map(Vec::len).sum();
    Ok((size(pages), size(&edited)))
}

impl Engine {
    fn new(tag: Tag, target: Target) -> Result<Self> {
        Ok(Self {
            scanner: Scanner::new(Addresses::default(), target == Target::HeadEnd)?,
            target,
            tag,
            whole: false,
        })
    }

    /// What becomes of all pages.
    fn run_all(&self, pages: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
        pages.iter().map(|page| self.run(page.clone())).collect()
    }

    /// What becomes of a page; itself if it is refused.
    fn run(&self, page: Vec<u8>) -> Result<Vec<u8>> {
        let source = match Source::new(page, Syntax::Html) {
            Ok(source) => source,
            Err((source, _)) => return Ok(source.bytes().to_vec()),
        };
        let facts = if self.whole {
            self.scanner.scan_whole(source.text(), false)
        } else {
            self.scanner.scan(source.text(), Syntax::Html)
        };
        let task = Task::Tag(&self.tag);
        let (target, scope) = (self.target, task.scope(false));
        let edits = plan(&source, &facts, task, target, scope, &self.scanner, &|| {
            false
        })
        .map(|plan| plan.edits)
        .unwrap_or_default();
        let mut edited = Vec::with_capacity(source.bytes().len() + 1024);
        splice(source.bytes(), &edits, &mut edited)?;
        Ok(edited)
    }
}

/// The loader tag for a runtime of this hash.
fn loader(hash: &str) -> Tag {
    let settings = LoaderSettings {
        src: &format!("/_chathub/runtime.{hash}.js"),
        integrity: &format!("sha384-{}", hash.repeat(4)),
        endpoint: "/api/chathub/token",
        load: "idle",
        contact: None,
        widget_src: Product::Operator.src(),
        nonce: None,
        routes: false,
        options: Vec::new(),
        link: None,
    };
    Tag::loader(&settings, &["support"])
}

/// Adds the pages in a folder, in the order of their names.
fn read(folder: &Path, pages: &mut Vec<Vec<u8>>) -> Result<()> {
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.path().extension().is_some_and(|end| end == "html") {
            pages.push(fs::read(entry.path())?);
        }
    }
    Ok(())
}
