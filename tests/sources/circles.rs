//! No two files of `src` use each other in a circle: each can be read after those that it uses.
//!
//! A path such as `crate::store::PagePath` leads to the file in which the item is written, through what modules hand on by
//! `pub use`. That a module hands an item on is not a use of it. Tests may use what they test.

use std::collections::{BTreeMap, BTreeSet};

use super::layering::{File, files, without_tests};

/// A path as written: its segments.
type Segments = Vec<String>;

/// A file as a module of the crate.
struct Module {
    path: String,
    /// The modules that it declares.
    children: BTreeSet<String>,
    /// What it hands on: by the name that others see, what that is here.
    exports: Vec<(String, Segments)>,
    /// What it uses.
    uses: Vec<Segments>,
}

/// The modules by their path in the crate; the root has none.
struct Crate(BTreeMap<Segments, Module>);

impl Crate {
    fn read(files: &[File]) -> Self {
        Self(files.iter().filter_map(module).collect())
    }

    /// The file in which the item is written that this path leads to, seen from `from`.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<&str> {
        let (mut here, mut rest) = (from.to_vec(), path);
        while let [first, more @ ..] = rest {
            match &**first {
                "crate" => here.clear(),
                "self" => {}
                "super" => {
                    here.pop();
                }
                _ => break,
            }
            rest = more;
        }
        while let [first, more @ ..] = rest {
            let module = self.0.get(&here)?;
            if module.children.contains(first) {
                here.push(first.clone());
                rest = more;
                continue;
            }
            let exported = module.exports.iter().find(|(name, _)| name == first);
            if let (Some((_, target)), true) = (exported, depth < 8) {
                let mut target = target.clone();
                target.extend(more.iter().cloned());
                return self.resolve(&here, &target, depth + 1);
            }
            break;
        }
        self.0.get(&here).map(|module| &*module.path)
    }

    /// What each file uses.
    fn arrows(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let arrows = self.0.iter().map(|(here, module)| {
            let used = module.uses.iter();
            let used = used.filter_map(|path| self.resolve(here, path, 0));
            let others = used.filter(|used| *used != module.path).collect();
            (&*module.path, others)
        });
        arrows.collect()
    }
}

/// A file as a module, by its path in the crate; none if it holds only tests.
fn module(file: &File) -> Option<(Segments, Module)> {
    let code = without_tests(file);
    if code.is_empty() || file.room == "main" {
        return None;
    }
    let name = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
    let at = name.split('/').filter(|part| *part != "lib");
    let mut module = Module {
        path: file.path.clone(),
        children: BTreeSet::new(),
        exports: Vec::new(),
        uses: Vec::new(),
    };
    // rustfmt begins a line with each declaration, and ends one with its semicolon.
    let (mut lines, mut rest) = (code.lines(), String::new());
    while let Some(line) = lines.next() {
        let (public, item) = without_visibility(line.trim());
        if let Some(name) = item.strip_prefix("mod ").and_then(|m| m.strip_suffix(';')) {
            module.children.insert(name.to_owned());
        } else if let Some(tree) = item.strip_prefix("use ") {
            let mut tree = tree.to_owned();
            while !tree.ends_with(';') {
                tree.push_str(lines.next()?.trim());
            }
            let mut paths = Vec::new();
            expand(tree.trim_end_matches(';'), &[], &mut paths);
            if public {
                module.exports.extend(paths);
            } else {
                module.uses.extend(paths.into_iter().map(|(_, path)| path));
            }
        } else {
            // Without the module that may name it, which is not a use.
            rest.push_str(item);
            rest.push('\n');
        }
    }
    module.uses.extend(paths(&rest));
    // All else leads to another crate, or to something that a `use` has named.
    let children = &module.children;
    let inside = |first: &String| ROOTS.contains(&&**first) || children.contains(first);
    module.uses.retain(|path| inside(&path[0]));
    Some((at.map(str::to_owned).collect(), module))
}

/// With what a path begins that stays in the crate, if not with a module's name.
const ROOTS: [&str; 3] = ["crate", "self", "super"];

/// Whether others may name an item, and the item.
fn without_visibility(line: &str) -> (bool, &str) {
    let Some(rest) = line.strip_prefix("pub") else {
        return (false, line);
    };
    let rest = match rest.strip_prefix('(') {
        Some(scope) => scope.split_once(')').map_or(rest, |(_, item)| item),
        None => rest,
    };
    (true, rest.trim_start())
}

/// The paths of a `use`, each with the name that it gives.
fn expand(tree: &str, before: &[String], found: &mut Vec<(String, Segments)>) {
    let (plain, group) = match tree.split_once('{') {
        Some((plain, group)) => (plain, group.strip_suffix('}')),
        None => (tree, None),
    };
    let (plain, alias) = match plain.split_once(" as ") {
        Some((plain, alias)) => (plain, Some(alias.trim())),
        None => (plain, None),
    };
    let mut path = before.to_vec();
    let segments = plain.split("::").map(str::trim);
    path.extend(segments.filter(|s| !s.is_empty()).map(str::to_owned));
    let Some(group) = group else {
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        let name = alias
            .or(path.last().map(|last| &**last))
            .unwrap_or_default();
        found.push((name.to_owned(), path));
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let member = group[start..at].trim();
                if !member.is_empty() {
                    expand(member, &path, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The paths in code, of two segments and more.
fn paths(code: &str) -> Vec<Segments> {
    let in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !in_path(c));
    let paths = words.map(|word| {
        let segments = word.split("::");
        segments
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect()
    });
    paths.filter(|path: &Segments| path.len() > 1).collect()
}

/// The files that can be reached from each other, in groups.
fn circles(arrows: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<Vec<String>> {
    let reach = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = open.pop() {
            for used in arrows.get(&*file).into_iter().flatten() {
                if seen.insert((*used).to_owned()) {
                    open.push((*used).to_owned());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> =
        arrows.keys().map(|file| (*file, reach(file))).collect();
    let mut groups = BTreeSet::new();
    for (file, seen) in &reached {
        let back = seen
            .iter()
            .filter(|other| reached[&***other].contains(*file));
        let group: Vec<String> = back.cloned().collect();
        if !group.is_empty() {
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

#[test]
fn no_two_files_use_each_other_in_a_circle() {
    let files = files();
    let read = Crate::read(&files);
    let arrows = read.arrows();
    let found = circles(&arrows);
    assert!(
        found.is_empty(),
        "these use each other in a circle: {found:#?}\nby {:#?}",
        within(&found, &arrows)
    );
}

/// The uses that circles consist of.
fn within<'a>(
    circles: &[Vec<String>],
    arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Vec<(&'a str, &'a str)> {
    let all = arrows.iter();
    let all = all.flat_map(|(from, used)| used.iter().map(move |to| (*from, *to)));
    let inside = |(from, to): &(&str, &str)| {
        let has = |group: &Vec<String>, file: &str| group.iter().any(|other| other == file);
        circles
            .iter()
            .any(|group| has(group, from) && has(group, to))
    };
    all.filter(inside).collect()
}

#[test]
fn paths_lead_to_the_file_in_which_an_item_is_written() {
    let file = |path: &str, code: &str| File {
        room: path.split(['/', '.']).next().unwrap().to_owned(),
        path: path.to_owned(),
        code: code.to_owned(),
        lines: 0,
    };
    let files = [
        file("lib.rs", "pub mod shop;\npub mod till;"),
        file(
            "shop/mod.rs",
            "mod goods;\nmod price;\npub use goods::{Goods, list as all};\npub use price::Price;\npub struct Shop;",
        ),
        file(
            "shop/goods.rs",
            "use super::price::Price;\nuse super::Shop;",
        ),
        file("shop/price.rs", "fn x() -> crate::till::Till {}"),
        file(
            "till.rs",
            "use crate::shop::{\n    all,\n    Price as P,\n};\nuse std::fs;\n#[cfg(test)]\nmod tests {\n    use crate::shop::Shop;",
        ),
    ];
    let read = Crate::read(&files);
    let arrows = read.arrows();
    assert_eq!(
        arrows["shop/goods.rs"],
        ["shop/mod.rs", "shop/price.rs"].into()
    );
    assert_eq!(arrows["shop/price.rs"], ["till.rs"].into());
    assert_eq!(arrows["till.rs"], ["shop/goods.rs", "shop/price.rs"].into());
    assert!(arrows["shop/mod.rs"].is_empty());
    let circle = ["shop/goods.rs", "shop/price.rs", "till.rs"].map(str::to_owned);
    assert_eq!(circles(&arrows), [circle.to_vec()]);
    let uses = within(&circles(&arrows), &arrows);
    assert_eq!(uses.len(), 4, "{uses:?}");
}
