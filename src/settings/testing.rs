//! What the tests of error messages share.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{Inputs, load};

/// The error of a `chathub.toml` of these bytes.
pub(super) fn error(content: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chathub.toml"), content).unwrap();
    let inputs = Inputs {
        folder: folder.path().to_path_buf(),
        known_rules: &["missing-instance", "token-expired", "secret-in-site"],
        ..Inputs::default()
    };
    load(&inputs).unwrap_err().to_string()
}

/// The titles and helps of the error, without excerpts.
pub(super) fn sentences(content: &str) -> Vec<String> {
    error(content)
        .lines()
        .filter_map(|line| {
            line.strip_prefix("error: ")
                .or_else(|| line.trim_start().strip_prefix("= help: "))
                .map(str::to_owned)
        })
        .collect()
}

/// `text` without the indentation that it has in this file; the first line is empty.
pub(super) fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.trim_start_matches('\n').lines().collect();
    let depth = lines[0].len() - lines[0].trim_start().len();
    let cut: Vec<&str> = lines
        .iter()
        .map(|line| line.get(depth..).unwrap_or(""))
        .collect();
    cut.join("\n").trim_end().to_owned()
}
