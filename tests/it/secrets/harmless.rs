//! Tokens that are no secret: those that nobody can use, and those that are allowed.

use super::*;

/// A JWT by this algorithm, with a signature of so many bytes.
fn signed(algorithm: &str, claims: &str, signature: usize) -> String {
    crate::common::signed(algorithm, claims, &vec![b'x'; signature])
}

fn severities(report: &crate::common::Report) -> Vec<(String, String)> {
    let findings = report.findings("secret-in-site");
    let of = |finding: &&serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|f| (of(f, "path"), of(f, "severity")))
        .collect()
}

#[test]
fn a_token_that_nobody_can_use_is_a_note() {
    let placed = |token: &str| page(&format!("{}<code>{token}</code>", crate::common::loader()));
    let harmless = [
        ("short.html", signed("HS256", "{}", 6)),
        ("long.html", signed("HS256", "{}", 64)),
        ("rsa.html", signed("RS256", "{}", 64)),
        ("curve.html", signed("ES256", "{}", 32)),
        ("none.html", signed("none", "{}", 3)),
        ("expired.html", token("whoever", -60)),
    ];
    let mut site = Site::of(placed(""));
    for (path, token) in &harmless {
        site = site.page(path, placed(token));
    }
    site.ok("inject");
    let report = site.json("verify", 0);
    let mut found = severities(&report);
    found.sort();
    assert_eq!(found.len(), harmless.len());
    assert!(
        found.iter().all(|(_, severity)| severity == "note"),
        "{found:?}"
    );
    let tokens: Vec<&str> = harmless.iter().map(|(_, token)| token.as_str()).collect();
    never_shown(&site, &tokens);

    for (algorithm, bytes) in [
        ("HS256", 32),
        ("HS512", 64),
        ("RS256", 256),
        ("ES256", 64),
        ("X9", 3),
    ] {
        let site = Site::of(placed(&signed(algorithm, "{}", bytes)));
        site.ok("inject");
        let found = severities(&site.json("verify", 1));
        assert_eq!(
            found,
            [("index.html".to_owned(), "error".to_owned())],
            "{algorithm}"
        );
    }
}

#[test]
fn an_allowed_digest_silences_one_token_and_nothing_else() {
    let (sample, other) = (jwt(r#"{"sub":"sample"}"#), jwt(r#"{"sub":"other"}"#));
    let digest = chathub::internal::token::digest(&sample);
    let tokens = page(&format!(
        "{}<code>{sample}</code> <code>{other}</code>",
        crate::common::loader()
    ));
    let site = Site::of(&tokens);
    site.ok("inject");
    let report = site.json("verify", 1);
    let remedy = report.findings("secret-in-site")[0]["remedy"].to_string();
    assert!(
        remedy.contains(&format!("allow-secrets = [\\\"{digest}\\\"]")),
        "{remedy}"
    );

    let unused = "0".repeat(64);
    let config = format!(
        "[verify]\nallow-secrets = [\"{}\", \"{unused}\"]\n",
        digest.to_uppercase()
    );
    let site = Site::of(&tokens).config(&config);
    site.ok("inject");
    let report = site.json("verify", 1);
    assert_eq!(report.findings("secret-in-site").len(), 1);
    let left = report.findings("unused-allowed-secret");
    assert_eq!(left.len(), 1);
    assert!(left[0]["message"].to_string().contains(&unused));
    never_shown(&site, &[&sample, &other]);

    // It is no way around the rule that no secret stands in the configuration, nor one for the company's own.
    let site = Site::of(&tokens).config(&format!("[verify]\nallow-secrets = [\"{sample}\"]\n"));
    let run = site.run("verify");
    let said = run.fails(2, &["holds a token (JWT)"]);
    assert!(!said.stderr.contains(&sample));
    let site = Site::of(&tokens).config("[verify]\nallow-secrets = [\"abc\"]\n");
    site.run("verify").fails(2, &["64 hexadecimal digits"]);
}
