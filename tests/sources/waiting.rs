//! No test depends on time: on how fast the machine is, on what else it does, or on who comes first.

use std::fs;
use std::path::{Path, PathBuf};

/// What waits for a time or measures one, put together here so that this file has none of it.
fn words() -> [(String, &'static [&'static str]); 3] {
    [
        // Tests wait by `wait_until` and `wait_for`.
        (["sl", "eep("].concat(), &["tests/it/program/patience.rs"]),
        (
            ["recv_", "timeout("].concat(),
            &[
                // A line that the server says.
                "tests/it/http/mod.rs",
                // The pace of a slow client.
                "tests/it/endpoint/hostile.rs",
            ],
        ),
        // Lower bounds that hold however slow all else is, and upper bounds that grow with the time that a test has taken.
        (
            ["Instant::", "now()"].concat(),
            &[
                "tests/it/program/patience.rs",
                "tests/it/http/mod.rs",
                "tests/it/standin/routes.rs",
                "tests/it/api_client.rs",
                "tests/it/endpoint/hostile.rs",
                "tests/it/preview/changes.rs",
            ],
        ),
    ]
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn tests_wait_for_what_happens_and_not_for_a_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("tests"), &mut files);
    assert!(files.len() > 50, "{}", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        for (word, allowed) in words() {
            assert!(
                !text.contains(&word) || allowed.contains(&&*name),
                "{name} has {word}: wait by tests/it/program/patience.rs, or say in tests/sources/waiting.rs why this cannot fail on a busy machine"
            );
        }
    }
}
