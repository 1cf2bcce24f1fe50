//! Cloudflare, Netlify, Vercel, Azure and Firebase, which read a file of the site or of its project.

use super::*;

#[test]
fn cloudflare_joins_what_all_rules_say() {
    holds(
        "public/_headers",
        "",
        &[
            ("/*\n  Content-Security-Policy: RIGHT\n", "", ""),
            ("/*\n  Content-Security-Policy: WRONG\n", "all", ""),
            ("/*\n  content-security-policy : WRONG\n", "all", ""),
            ("/*\n  Content-Security-Policy-Report-Only: WRONG\n", "", ""),
            // A second policy makes the first no weaker.
            (
                "/*\n  Content-Security-Policy: WRONG\n/embed/*\n  Content-Security-Policy: RIGHT\n",
                "all",
                "",
            ),
            (
                "/*\n  Content-Security-Policy: WRONG\n/embed/*\n  ! Content-Security-Policy\n",
                "about blog index",
                "",
            ),
            ("/embed/*\n  Content-Security-Policy: WRONG\n", "embed", ""),
            (
                "/:section/\n  Content-Security-Policy: WRONG\n",
                "blog embed",
                "",
            ),
            ("/about\n  Content-Security-Policy: WRONG\n", "about", ""),
            // There it redirects.
            ("/about.html\n  Content-Security-Policy: WRONG\n", "", ""),
            (
                "https://www.example.com/about\n  Content-Security-Policy: WRONG\n",
                "about",
                "",
            ),
            // Several in one header.
            ("/*\n  Content-Security-Policy: RIGHT, WRONG\n", "all", ""),
            (
                "/*\n  Content-Security-Policy: RIGHT, img-src 'none'\n",
                "",
                "",
            ),
            (
                "\u{feff}/*\r\n\tContent-Security-Policy:WRONG\r\n",
                "all",
                "",
            ),
            ("# /*\n#  Content-Security-Policy: WRONG\n", "", ""),
            (
                "  Content-Security-Policy: WRONG\n/*\n",
                "",
                "before the first path",
            ),
            ("/*\n  Content-Security-Policy:\n", "", ""),
            (
                "/*\n  Integrity-Policy: blocked-destinations=(script)\n",
                "all",
                "",
            ),
            (
                "/*\n  Integrity-Policy: blocked-destinations=(style)\n",
                "",
                "",
            ),
            (
                "/*\n  Integrity-Policy-Report-Only: blocked-destinations=(script)\n",
                "",
                "",
            ),
            (
                "/*\n  Content-Security-Policy: sandbox allow-scripts\n",
                "all",
                "",
            ),
            (
                "/*\n  Content-Security-Policy: sandbox allow-scripts allow-same-origin\n",
                "",
                "",
            ),
            (
                "/*\n  Content-Security-Policy: require-trusted-types-for 'script'\n",
                "",
                "",
            ),
            (
                "/*\n  Content-Security-Policy: require-trusted-types-for 'script'; trusted-types other\n",
                "all",
                "",
            ),
        ],
    );
    let long = format!(
        "/*\n  Content-Security-Policy: script-src 'self' https://{}.example\n",
        "x".repeat(3000)
    );
    holds(
        "public/_headers",
        "",
        &[(&long, "all", "more than 2000 characters")],
    );
}

#[test]
fn netlify_sends_what_the_last_rule_says() {
    let toml = "[build]\npublish = \"public\"\n";
    let rule = |path: &str, policy: &str| {
        format!(
            "[[headers]]\nfor = \"{path}\"\n[headers.values]\nContent-Security-Policy = \"{policy}\"\n"
        )
    };
    holds(
        "netlify.toml",
        "",
        &[
            (&rule("/*", "WRONG"), "all", ""),
            (&rule("/*", "RIGHT"), "", ""),
            (
                &(rule("/*", "WRONG") + &rule("/embed/*", "RIGHT")),
                "about blog index",
                "",
            ),
            (
                &(rule("/embed/*", "RIGHT") + &rule("/*", "WRONG")),
                "all",
                "",
            ),
            (&rule("/ABOUT", "WRONG"), "about", ""),
            (&rule("/:any", "WRONG"), "about blog embed", ""),
            (&rule("/em*d/", "WRONG"), "embed", ""),
            (
                "[[headers]]\nfor = \"/*\"\nvalues = { Content-Security-Policy = [\"RIGHT\", \"WRONG\"] }\n",
                "all",
                "",
            ),
            (
                "[[headers]]\nfor = \"/*\"\n[headers.values]\nContent-Security-Policy = '''\nscript-src\n  'self';'''\n",
                "all",
                "",
            ),
            (
                "[[headers]]\n[headers.values]\nContent-Security-Policy = \"WRONG\"\n",
                "",
                "has no `for`",
            ),
            (
                "[[headers]]\nfor = \"/*\"\n[headers.values]\nContent-Security-Policy = 1\n",
                "",
                "is not a string",
            ),
            ("[[headers]\n", "", "is not TOML"),
            (
                "[[headers]]\nfor = \"/*\"\nfor = \"/a\"\n",
                "",
                "is not TOML",
            ),
        ],
    );
    // Both files are of one host.
    let wrong = format!("/*\n  Content-Security-Policy: {WRONG}\n");
    let both = |toml: String| {
        judged(
            &[("public/_headers", wrong.clone()), ("netlify.toml", toml)],
            "",
        )
    };
    assert_eq!(both(rule("/*", RIGHT)), (Vec::new(), Vec::new()));
    assert_eq!(both(toml.to_owned()).0.len(), 1);
    assert!(
        both(rule("/abo*", RIGHT)).0[0]
            .ends_with("on 3 pages: blog/index.html, embed/index.html and index.html")
    );
}

#[test]
fn vercel_matches_by_path_to_regexp() {
    let file = |source: &str, more: &str| {
        let headers = "\"headers\": [{\"key\": \"Content-Security-Policy\", \"value\": \"WRONG\"}]";
        format!("{{{more} \"headers\": [{{\"source\": \"{source}\", {headers}}}]}}")
    };
    let right = "{\"source\": \"/embed(/.*)?\", \"headers\": [{\"key\": \"content-security-policy\", \"value\": \"RIGHT\"}]}";
    let overridden = file("/(.*)", "").replace("]}]}", &format!("]}}, {right}]}}"));
    holds(
        "vercel.json",
        "",
        &[
            (&file("/(.*)", ""), "all", ""),
            (&file("/:path*", ""), "about blog embed", ""),
            (&file("/((?!embed).*)", ""), "about blog index", ""),
            (&file("/:name(about|blog)", ""), "blog", ""),
            (
                &file("/:name(about|blog)", "\"cleanUrls\": true,"),
                "about blog",
                "",
            ),
            (&file("/about.html", "\"cleanUrls\": true,"), "", ""),
            (&file("/about.html", ""), "about", ""),
            (&file("/:name.html", ""), "about", ""),
            (&file("/{:a/}?", ""), "blog embed index", ""),
            (&file("/blog", "\"trailingSlash\": true,"), "", ""),
            (&overridden, "about blog index", ""),
            (&file("/(.*", ""), "", "not a pattern"),
            (&file("/:", ""), "", "not a pattern"),
            ("{\"headers\": [}", "", "is not JSON"),
            ("{} {}", "", "is not JSON"),
            ("[]", "", "not an object"),
            ("{\"headers\": 1}", "", ""),
            ("\u{feff}{\"headers\": []}", "", ""),
            // Of two keys with one name, the last counts.
            (
                &file("/(.*)", "").replace("]}]}", "]}], \"headers\": []}"),
                "",
                "",
            ),
            // May be sent, or not.
            (
                &file("/about", "\"cleanUrls\": true,").replace(
                    "\"source\"",
                    "\"has\": [{\"type\": \"host\", \"value\": \"x\"}], \"source\"",
                ),
                "about",
                "",
            ),
            (
                "{\"routes\": [{\"src\": \"/blog/.*\", \"headers\": {\"Content-Security-Policy\": \"WRONG\"}, \"continue\": true}]}",
                "blog",
                "",
            ),
        ],
    );
}

#[test]
fn azure_takes_the_first_route() {
    let file = |routes: &str| {
        format!(
            "{{\"globalHeaders\": {{\"Content-Security-Policy\": \"WRONG\"}}, \"routes\": [{routes}]}}"
        )
    };
    let route = |route: &str, policy: &str| {
        format!(
            "{{\"route\": \"{route}\", \"headers\": {{\"content-security-policy\": \"{policy}\"}}}}"
        )
    };
    let first = format!("{{\"route\": \"/blog/*\"}}, {}", route("/*", "RIGHT"));
    holds(
        "public/staticwebapp.config.json",
        "",
        &[
            (&file(""), "all", ""),
            (&file(&route("/embed/*", "RIGHT")), "about blog index", ""),
            (&file(&route("/embed*", "")), "about blog index", ""),
            (&file(&route("/*.{html,htm}", "RIGHT")), "all", ""),
            (&file(&first), "blog", ""),
            (
                &file(&route("/a/*/b", "RIGHT")),
                "all",
                "elsewhere than at its end",
            ),
            (
                &format!("{{\"routes\": [{}]}}", route("/about", "WRONG")),
                "about",
                "",
            ),
            (
                "{\"globalHeaders\": {\"Content-Security-Policy\": \"WRONG\",}}",
                "",
                "is not JSON",
            ),
        ],
    );
}

#[test]
fn firebase_matches_by_extended_globs() {
    let rule = |key: &str, pattern: &str, policy: &str| {
        format!(
            "{{\"{key}\": \"{pattern}\", \"headers\": [{{\"key\": \"Content-Security-Policy\", \"value\": \"{policy}\"}}]}}"
        )
    };
    let file = |rules: &str| format!("{{\"hosting\": {{\"headers\": [{rules}]}}}}");
    let clean =
        |rules: &str| format!("{{\"hosting\": {{\"cleanUrls\": true, \"headers\": [{rules}]}}}}");
    holds(
        "firebase.json",
        "",
        &[
            (&file(&rule("source", "**", "WRONG")), "all", ""),
            (&file(&rule("source", "/**", "WRONG")), "all", ""),
            (
                &file(&rule("source", "**/*.@(html|htm)", "WRONG")),
                "about",
                "",
            ),
            (&clean(&rule("source", "**/*.html", "WRONG")), "", ""),
            (
                &clean(&rule("source", "/@(about|blog)", "WRONG")),
                "about",
                "",
            ),
            (&file(&rule("source", "/!(embed)/**", "WRONG")), "blog", ""),
            (
                &file(&rule("source", "/{blog,embed}/", "WRONG")),
                "blog embed",
                "",
            ),
            (
                &file(&rule("regex", "^/(blog|embed)", "WRONG")),
                "blog embed",
                "",
            ),
            (
                &file(&format!(
                    "{}, {}",
                    rule("source", "**", "WRONG"),
                    rule("source", "/embed/**", "RIGHT")
                )),
                "about blog index",
                "",
            ),
            (&file(&rule("source", "/a(", "WRONG")), "", ""),
            (&file(&rule("source", "/@(a", "WRONG")), "", "not a glob"),
            (
                &file(&rule("regex", "(", "WRONG")),
                "",
                "not a regular expression",
            ),
            (
                "// comments and commas may stand here\n{\"hosting\": [{\"target\": \"a\", \"headers\": [],},],}",
                "",
                "",
            ),
            (
                &format!(
                    "{{\"hosting\": [{{\"target\": \"a\"}}, {{\"target\": \"b\", \"headers\": [{}]}}]}}",
                    rule("source", "**", "WRONG")
                ),
                "all",
                "",
            ),
        ],
    );
}
