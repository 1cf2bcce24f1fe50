//! What Cargo says of the package.

use std::env;
use std::path::Path;
use std::process::Command;

/// Name and version of each crate that the library is made of, as `cargo tree` says, with these arguments besides.
pub(crate) fn tree(arguments: &[&str]) -> Vec<(String, String)> {
    // The same Cargo as that of the test, which has fetched all of it.
    let tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let crates = String::from_utf8(tree.stdout).unwrap();
    let crates = crates.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split(' ').map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap())
    });
    crates.collect()
}
