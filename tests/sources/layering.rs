//! The arrows between rooms are those of ARCHITECTURE.md, and no others.
//!
//! The tables are read from the document itself, so that it cannot be out of date.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 420;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table whose header begins with this cell, as cells.
fn table(first_header: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let header = format!("| {first_header} |");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&header));
    assert!(
        lines.next().is_some(),
        "ARCHITECTURE.md has no table {header}"
    );
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

/// The names in back-quotes.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(ToOwned::to_owned)
        .collect()
}

/// A source file: its room, its path, and its code without comments and strings.
pub(crate) struct File {
    pub(crate) room: String,
    pub(crate) path: String,
    pub(crate) code: String,
    pub(crate) lines: usize,
}

pub(crate) fn files() -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(file(path));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn file(path: PathBuf) -> File {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let path_text = relative.to_str().unwrap().replace('\\', "/");
    let room = path_text.split(['/', '.']).next().unwrap().to_owned();
    let text = fs::read_to_string(path).unwrap();
    File {
        room,
        lines: text.lines().count(),
        code: code(&text),
        path: path_text,
    }
}

/// The text without line comments; a `//` inside a string goes with the rest of its line, which hides no path.
fn code(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The rooms that a path beginning with `prefix::` leads to: `crate::html::Plan`, `crate::{page, site}`.
fn targets(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let marker = format!("{prefix}::");
    for (at, _) in code.match_indices(&marker) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + marker.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => found.extend(head(rest)),
        }
    }
    found
}

fn head(path: &str) -> Option<String> {
    let end = path
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(path.len());
    (end > 0).then(|| path[..end].to_owned())
}

/// The first names of the members of a `use` group.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut member) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => member = true,
            c if member && !c.is_whitespace() => {
                heads.extend(head(&group[at..]));
                member = false;
            }
            _ => {}
        }
    }
    heads
}

/// What each room uses, and a file that does.
fn arrows() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for file in files() {
        let prefix = if file.room == "main" {
            "chathub::internal"
        } else {
            "crate"
        };
        let used = arrows.entry(file.room.clone()).or_default();
        for target in targets(&file.code, prefix) {
            if target != file.room {
                used.entry(target).or_insert_with(|| file.path.clone());
            }
        }
    }
    // lib.rs names the rooms, and is none.
    arrows.remove("lib");
    arrows
}

fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let table = table("room");
    let all: BTreeSet<String> = table.iter().flat_map(|row| names(&row[0])).collect();
    let allowed = |row: &[String]| match row[2].as_str() {
        "all" => all.clone(),
        cell => names(cell),
    };
    table
        .iter()
        .flat_map(|row| names(&row[0]).into_iter().map(|room| (room, allowed(row))))
        .collect()
}

#[test]
fn rooms_use_what_the_table_allows() {
    let rooms = rooms();
    let arrows = arrows();
    let mut wrong = Vec::new();
    for (room, used) in &arrows {
        let Some(allowed) = rooms.get(room) else {
            wrong.push(format!("src/{room} is not in the table"));
            continue;
        };
        for (target, file) in used {
            if !allowed.contains(target) {
                wrong.push(format!("src/{file}: `{room}` may not use `{target}`"));
            }
        }
    }
    for (room, allowed) in &rooms {
        let used = arrows.get(room);
        if used.is_none() {
            wrong.push(format!("the table has a room `{room}`, src/ has none"));
        }
        // `all` is a word for the command line, which assembles everything.
        for target in allowed.iter().filter(|_| room != "cli") {
            if used.is_some_and(|used| !used.contains_key(target)) {
                wrong.push(format!(
                    "the table lets `{room}` use `{target}`, and it does not"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "ARCHITECTURE.md, Rooms:\n{}",
        wrong.join("\n")
    );
}

/// Other programs see what `lib.rs` names, and no room as a whole.
#[test]
fn rooms_are_private() {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let public: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("pub mod "))
        .collect();
    assert_eq!(public, ["pub mod internal {"]);
    assert!(text.contains("#[doc(hidden)]\npub mod internal {"));
    let glob = text
        .lines()
        .find(|line| line.starts_with("pub use ") && line.contains('*'));
    assert_eq!(glob, None);
}

#[test]
fn there_are_no_circles() {
    let arrows = arrows();
    let mut left: BTreeSet<&String> = arrows.keys().collect();
    // Rooms that use none of those left can go, until nothing changes.
    loop {
        let uses_none = |room: &&String| !arrows[*room].keys().any(|target| left.contains(target));
        let free: Vec<&String> = left.iter().copied().filter(uses_none).collect();
        if free.is_empty() {
            break;
        }
        left.retain(|room| !free.contains(room));
    }
    assert!(
        left.is_empty(),
        "these use each other in a circle: {left:?}"
    );
}

#[test]
fn some_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for row in table("crate") {
        let allowed = names(&row[1]);
        for name in names(&row[0]) {
            let seen: Vec<File> = files()
                .into_iter()
                .filter(|file| names_crate(&file.code, &name))
                .collect();
            let outside = seen.iter().filter(|file| !allowed.contains(&file.room));
            wrong.extend(outside.map(|file| format!("src/{} names {name}", file.path)));
            let unused = allowed
                .iter()
                .filter(|room| !seen.iter().any(|file| file.room == **room));
            wrong.extend(
                unused.map(|room| format!("the table has {name} in `{room}`, where it is not")),
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "ARCHITECTURE.md, crates:\n{}",
        wrong.join("\n")
    );
}

/// Whether code names a crate: as a path, in `use`, or in a derive.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        whole
            && (after.starts_with("::")
                || (code[..at].ends_with("use ") && after.starts_with([';', ' '])))
    })
}

/// The code of a file without its tests.
pub(crate) fn without_tests(file: &File) -> &str {
    let is_test = file.path.ends_with("tests.rs") || file.path.ends_with("testing.rs");
    // Between the two may stand what the tests are allowed.
    let end = file.code.find("\nmod tests {");
    let end = end.and_then(|at| file.code[..at].rfind("#[cfg(test)]"));
    if is_test {
        ""
    } else {
        &file.code[..end.unwrap_or(file.code.len())]
    }
}

/// The methods of a path that ask the file system.
const ASKS_THE_DISK: [&str; 8] = [
    ".exists()",
    ".try_exists()",
    ".is_file()",
    ".is_dir()",
    ".canonicalize()",
    ".symlink_metadata()",
    ".read_link()",
    ".read_dir()",
];

/// Whether code names the modules of the file system, or asks it by a path. The extension traits of `std::os` do not.
fn names_files(code: &str) -> bool {
    let alone = code.match_indices("fs::").any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    });
    let in_path = ["std", "tokio"]
        .iter()
        .any(|library| targets(code, library).contains("fs"));
    alone || in_path || ASKS_THE_DISK.iter().any(|method| code.contains(method))
}

#[test]
fn only_some_rooms_touch_files() {
    let row = table("module").remove(0);
    let allowed = names(&row[1]);
    let files = files();
    let seen = files.iter().filter(|file| names_files(without_tests(file)));
    let seen: Vec<&File> = seen.collect();
    let outside = seen.iter().filter(|file| !allowed.contains(&file.room));
    let mut wrong: Vec<String> = outside
        .map(|file| format!("src/{} touches files", file.path))
        .collect();
    let unused = allowed
        .iter()
        .filter(|room| !seen.iter().any(|file| file.room == **room));
    wrong
        .extend(unused.map(|room| format!("the table lets `{room}` touch files, and it does not")));
    assert!(wrong.is_empty(), "ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn the_engine_has_neither_clock_nor_surroundings() {
    let rooms = ["csp", "html", "rules", "widget"];
    for file in files() {
        let code = without_tests(&file);
        let names = ["Instant", "SystemTime", "Timestamp"];
        let clock = names.iter().any(|name| code.contains(name));
        let surroundings = targets(code, "std");
        let used = ["env", "net", "process", "thread"]
            .iter()
            .find(|module| surroundings.contains(**module));
        assert!(
            !rooms.contains(&&*file.room) || !clock && used.is_none(),
            "src/{}: {used:?}",
            file.path
        );
    }
}

#[test]
fn no_path_leaves_its_room_by_super() {
    for file in files() {
        let depth = file.path.trim_end_matches("/mod.rs").split('/').count();
        let chain = "super::".repeat(depth);
        // From `mod tests` inside a file it only leads to the parent; `crate::` is as good there.
        let leaves = depth > 1 && file.code.contains(&chain);
        assert!(
            !leaves,
            "src/{}: write crate:: in place of {chain}",
            file.path
        );
    }
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = files()
        .into_iter()
        .filter(|file| file.lines > LONGEST_FILE)
        .map(|file| format!("src/{}: {} lines", file.path, file.lines))
        .collect();
    assert!(
        long.is_empty(),
        "past {LONGEST_FILE} lines a file is two:\n{}",
        long.join("\n")
    );
}

/// Cargo makes a program of each file and folder in `tests/`, and links each with all of chathub.
#[test]
fn tests_are_linked_twice_and_no_more() {
    let entries = fs::read_dir(root().join("tests")).unwrap();
    let names: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names,
        ["it", "sources"].map(str::to_owned).into(),
        "a test is a module of tests/it/main.rs or tests/sources/main.rs"
    );
}

/// `cargo xtask` lists all that there is to do.
#[test]
fn every_script_is_a_task() {
    let tasks = fs::read_to_string(root().join("xtask/src/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("scripts")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // What has an extension, scripts read.
        let is_task = tasks.contains(&format!("\"{name}\""));
        assert!(is_task || name.contains('.'), "scripts/{name} has no task");
    }
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let code = code(
        "use crate::html::{Facts, plan};\nuse crate::{jwt, site::{Walk, read}, rules};\n// crate::report\n\
         let x = crate::widget::SRC; mycrate::outcome();",
    );
    let found: Vec<String> = targets(&code, "crate").into_iter().collect();
    assert_eq!(found, ["html", "jwt", "rules", "site", "widget"]);
    for code in [
        "use std::fs;",
        "use std::{fs, io};",
        "std::fs::read(x)",
        "tokio::fs::File",
        "fs::read(x)",
        "x.exists()",
    ] {
        assert!(names_files(code), "{code}");
    }
    assert!(!names_files(
        "use std::os::unix::fs::MetadataExt; rustix::fs::seek()"
    ));
    assert!(names_crate("use anyhow::bail;", "anyhow"));
    assert!(names_crate("fn x() -> anyhow::Result<()>", "anyhow"));
    assert!(!names_crate(
        "use crate::clap_like::x; my_clap::y()",
        "clap"
    ));
}
