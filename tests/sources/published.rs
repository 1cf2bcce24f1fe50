//! What the crate that is published has in it: everything that it is built from, and no fixture.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use fancy_regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn published() -> Vec<PathBuf> {
    let list = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "package",
            "--offline",
            "--locked",
            "--allow-dirty",
            "--list",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        list.status.success(),
        "{}",
        String::from_utf8_lossy(&list.stderr)
    );
    let list = String::from_utf8(list.stdout).unwrap();
    list.lines().map(PathBuf::from).collect()
}

/// A path without `..`, as seen from the root.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[test]
fn the_crate_has_what_it_is_built_from_and_no_fixture() {
    let published = published();
    for path in &published {
        for folder in [
            "fixtures", "tests", "fuzz", "bench", "packages", "target", ".github",
        ] {
            assert!(!path.starts_with(folder), "{} is published", path.display());
        }
    }
    for wanted in [
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "THIRD-PARTY-NOTICES",
    ] {
        assert!(
            published.contains(&PathBuf::from(wanted)),
            "{wanted} is not published"
        );
    }
    // Files that sources have in them; those of tests stay with the fixtures.
    let include = Regex::new(r#"include_(?:str|bytes)!\(\s*"([^"]+)""#).unwrap();
    let mut seen = 0;
    let sources = published.iter().filter(|path| {
        let is_rust = path.extension().is_some_and(|kind| kind == "rs");
        is_rust && !path.to_string_lossy().contains("tests")
    });
    for source in sources {
        let text = fs::read_to_string(root().join(source)).unwrap();
        for found in include.captures_iter(&text) {
            let file = plain(&source.with_file_name(found.unwrap().get(1).unwrap().as_str()));
            if root().join(&file).exists() {
                seen += 1;
                assert!(
                    published.contains(&file),
                    "{} needs {}",
                    source.display(),
                    file.display()
                );
            }
        }
    }
    assert!(seen > 4, "{seen}");
    let pages = fs::read_dir(root().join("docs/findings")).unwrap();
    for page in pages {
        let page = Path::new("docs/findings").join(page.unwrap().file_name());
        assert!(
            published.contains(&page),
            "{} is not published",
            page.display()
        );
    }
}
