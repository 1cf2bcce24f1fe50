//! What each feature brings: a program that uses the engine alone compiles no network, no runtime for it and no command line.

use std::collections::BTreeSet;

use crate::cargo::tree;

/// The crates that the library is made of with these features.
fn crates(features: &str) -> BTreeSet<String> {
    let tree = tree(&["--no-default-features", "--features", features]);
    tree.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_engine_alone_has_neither_network_nor_command_line() {
    let client = ["backon", "hyper", "reqwest", "rustls", "tokio", "tracing"];
    let server = [
        "arc-swap",
        "axum",
        "governor",
        "listenfd",
        "prometheus-client",
    ];
    let browser = ["headers", "mime_guess", "open"];
    let command = [
        "anyhow",
        "clap",
        "ctrlc",
        "dialoguer",
        "indicatif",
        "notify",
        "schemars",
    ];
    let groups: [&[&str]; 4] = [&client, &server, &browser, &command];
    for (features, has) in [
        ("", [false, false, false, false]),
        ("api", [true, false, false, false]),
        ("live", [true, false, false, false]),
        ("endpoint", [true, true, false, false]),
        ("preview", [true, true, true, false]),
        ("cli", [true, false, false, true]),
    ] {
        let crates = crates(features);
        for (group, has) in groups.iter().zip(has) {
            for name in *group {
                assert_eq!(crates.contains(*name), has, "{features:?}: {name}");
            }
        }
    }
    // Some crates of the engine, so that an empty answer is not taken for a short one.
    assert!(crates("").contains("lol_html") && crates("").contains("html5ever"));
}
