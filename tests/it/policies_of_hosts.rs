//! Policies that a site's host sends: which of its files says so, for which pages, and what of them nobody can tell. That browsers agree, a
//! test in `runtime/test/` proves with real servers.

use serde_json::Value;

use crate::common::{Site, plain};

const PAGES: [&str; 4] = [
    "about.html",
    "blog/index.html",
    "embed/index.html",
    "index.html",
];
/// Lets the chat through, and keeps it out.
const RIGHT: &str = "script-src 'self' https://widget.smsbat.com; connect-src 'self'";
const WRONG: &str = "script-src 'self'";

fn site() -> Site {
    let pages = PAGES.iter().skip(1);
    pages.fold(
        Site::of(plain()).page("about.html", plain()),
        |site, page| site.page(page, plain()),
    )
}

/// A finding of the site: its rule, file, message and remedy.
#[derive(Debug)]
struct Found {
    rule: String,
    file: String,
    at: String,
    message: String,
    remedy: String,
}

fn found(site: &Site) -> Vec<Found> {
    let run = site.run("verify --format json");
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let findings = report["siteFindings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found: Vec<_> = findings
        .map(|finding| Found {
            rule: text(&finding["rule"]),
            file: text(&finding["path"]),
            at: format!(
                "{}:{}",
                finding["place"]["line"], finding["place"]["column"]
            ),
            message: text(&finding["message"]),
            remedy: text(&finding["remedy"]),
        })
        .collect();
    let errors = found.iter().any(|one| one.rule == "csp-blocks-widget");
    assert_eq!(run.code, i32::from(errors), "{found:?} {}", run.stderr);
    found
}

/// Which pages are blocked, in words, and what is not understood.
fn judged(files: &[(&str, String)], config: &str) -> (Vec<String>, Vec<String>) {
    let site = files
        .iter()
        .fold(site(), |site, (name, content)| site.file(name, content));
    let site = site.config(config);
    site.ok("inject");
    let found = found(&site);
    let of = |rule: &str| {
        let of = found.iter().filter(|one| one.rule == rule);
        of.map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    (of("csp-blocks-widget"), of("unread-policy"))
}

/// Holds each file to the pages that its policies keep the chat from, by the beginning of their names, and to what nobody can tell.
fn holds(name: &str, config: &str, rows: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (content, pages, unread) in rows {
        let content = content.replace("RIGHT", RIGHT).replace("WRONG", WRONG);
        let (blocked, told) = judged(&[(name, content.clone())], config);
        let expected: Vec<_> = pages.split_whitespace().collect();
        let all: Vec<_> = PAGES
            .iter()
            .filter(|page| {
                expected
                    .iter()
                    .any(|one| *one == "all" || page.starts_with(one))
            })
            .copied()
            .collect();
        let on = match &all[..] {
            [] => String::new(),
            [one] => format!("on {one}"),
            [a, b] => format!("on 2 pages: {a} and {b}"),
            [a, b, c] => format!("on 3 pages: {a}, {b} and {c}"),
            [a, b, c, more @ ..] => format!(
                "on {} pages: {a}, {b}, {c} and {} more",
                all.len(),
                more.len()
            ),
        };
        let right = blocked.len() == usize::from(!all.is_empty())
            && blocked.iter().all(|message| message.ends_with(&on))
            && told.is_empty() == unread.is_empty()
            && (unread.is_empty() || told.iter().any(|one| one.contains(unread)));
        if !right {
            wrong.push(format!(
                "{content}: {blocked:?} {told:?}, and not {on} {unread}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_policy_is_one_finding_with_its_place_and_its_pages() {
    let site = site().page("_headers", "# ours\r\n/*\r\n  X-Frame-Options: DENY\r\n  Content-Security-Policy: script-src 'self'\r\n");
    let injected = site.run("inject");
    assert!(
        injected.stdout.contains("the Content-Security-Policy in public/_headers keeps the chat out of pages: `script-src 'self'` blocks"),
        "{}",
        injected.stdout
    );
    let found = found(&site);
    let [one] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (one.rule.as_str(), one.file.as_str(), one.at.as_str()),
        ("csp-blocks-widget", "public/_headers", "4:28")
    );
    assert_eq!(
        one.message,
        "`script-src 'self'` blocks https://widget.smsbat.com/operator-chat-panel/widget-script.js (the widget's script) on 4 pages: \
         about.html, blog/index.html, embed/index.html and 1 more"
    );
    assert!(
        one.remedy.ends_with(
            "of that policy: https://widget.smsbat.com/operator-chat-panel/widget-script.js."
        ),
        "{}",
        one.remedy
    );
}

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

#[test]
fn nginx_inherits_headers_only_where_a_block_has_none() {
    let wrong = ADDED;
    holds(
        "deploy/nginx.conf",
        NGINX,
        &[
            (&server(wrong), "all", ""),
            (
                &server("add_header Content-Security-Policy \"RIGHT\";"),
                "",
                "",
            ),
            // A piece of a server, with everything that nginx takes for a string.
            (
                "add_header Content-Security-Policy 'script-src \\'self\\'';",
                "all",
                "",
            ),
            (
                "add_header Content-Security-Policy script-src\\ none;",
                "",
                "",
            ),
            (
                "add_header Content-Security-Policy \"script-src\n    'self';\n\";\r\n",
                "all",
                "",
            ),
            ("add_header Content-Security-Policy \"\";", "", ""),
            ("# add_header Content-Security-Policy \"WRONG\";", "", ""),
            (
                &server(&format!("{wrong} location /embed/ {{ add_header X-A b; }}")),
                "about blog index",
                "",
            ),
            (
                &server(&format!("{wrong} location /embed/ {{ expires 1h; }}")),
                "all",
                "",
            ),
            (
                &server(&format!(
                    "{wrong} location /embed/ {{ add_header_inherit merge; add_header X-A b; }}"
                )),
                "all",
                "",
            ),
        ],
    );
}

/// A server with these directives.
fn server(body: &str) -> String {
    format!("http {{\n  include mime.types;\n  server {{\n    root /srv;\n{body}\n  }}\n}}\n")
}

const ADDED: &str = "add_header Content-Security-Policy \"WRONG\" always;";
const NGINX: &str = "[csp]\nfiles = [\"deploy/nginx.conf\"]\n";

#[test]
fn nginx_finds_the_location_as_nginx_does() {
    let wrong = ADDED;
    holds(
        "deploy/nginx.conf",
        NGINX,
        &[
            (
                &server(&format!(
                    "location /embed/ {{ location ~ \\.html$ {{ {wrong} }} }}"
                )),
                "embed",
                "",
            ),
            (
                &server(&format!(
                    "location ^~ /embed/ {{ }} location ~ \\.html$ {{ {wrong} }}"
                )),
                "about blog index",
                "",
            ),
            (
                &server(&format!("location ~* ^/ABOUT {{ {wrong} }}")),
                "about",
                "",
            ),
            // The index of a folder is asked for by its name.
            (&server(&format!("location = / {{ {wrong} }}")), "", ""),
            (
                &server(&format!("location = /index.html {{ {wrong} }}")),
                "index",
                "",
            ),
            (
                &server(&format!(
                    "location / {{ try_files $uri $uri/index.html =404; }} location = / {{ {wrong} try_files $uri $uri/index.html =404; }}"
                )),
                "index",
                "",
            ),
            (
                &server(&format!(
                    "location / {{ try_files $uri $uri.html =404; }} location = /about {{ {wrong} try_files $uri.html =404; }}"
                )),
                "about",
                "",
            ),
            (
                &format!(
                    "server {{ listen 80; {wrong} return 301 https://$host$request_uri; }} server {{ listen 443 ssl; }}"
                ),
                "",
                "",
            ),
        ],
    );
}

#[test]
fn nginx_keeps_to_itself_what_variables_conditions_and_others_say() {
    let wrong = ADDED;
    holds(
        "deploy/nginx.conf",
        NGINX,
        &[
            (
                &server("set $csp \"WRONG\"; add_header Content-Security-Policy $csp;"),
                "",
                "has a variable",
            ),
            (
                &server("include snippets/security.conf;"),
                "",
                "includes from `snippets/security.conf`",
            ),
            (
                &server(&format!("if ($host = x) {{ {wrong} }}")),
                "",
                "depends on more than the address",
            ),
            (
                &server("more_set_headers \"Content-Security-Policy: WRONG\";"),
                "",
                "more_set_headers",
            ),
            (
                &server(&format!("location ~ ( {{ {wrong} }}")),
                "",
                "not a regular expression",
            ),
            (
                "http { server { add_header A \"b; } }",
                "",
                "not a configuration of nginx",
            ),
            ("http {", "", "not a configuration of nginx"),
        ],
    );
}

#[test]
fn caddy_runs_directives_in_its_own_order() {
    let wrong = "header Content-Security-Policy \"WRONG\"";
    holds(
        "Caddyfile",
        "[csp]\nfiles = [\"Caddyfile\"]\n",
        &[
            (
                &format!("example.com {{\n\t{wrong}\n\tfile_server\n}}\n"),
                "all",
                "",
            ),
            (&format!("example.com\n{wrong}\n"), "all", ""),
            (
                ":80 {\n\theader {\n\t\t-Server\n\t\tContent-Security-Policy `RIGHT`\n\t}\n}\n",
                "",
                "",
            ),
            (
                "{\n\tadmin off\n}\n(sec) {\n\theader Content-Security-Policy \"WRONG\"\n}\n:80 {\n\timport sec\n}\n",
                "all",
                "",
            ),
            (
                ":80 {\n\theader /embed/* Content-Security-Policy \"WRONG\"\n}\n",
                "embed",
                "",
            ),
            (
                ":80 {\n\theader /ABOUT.html Content-Security-Policy \"WRONG\"\n}\n",
                "about",
                "",
            ),
            // The one without a matcher comes last.
            (
                ":80 {\n\theader Content-Security-Policy \"RIGHT\"\n\theader /embed/* Content-Security-Policy \"WRONG\"\n}\n",
                "",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"WRONG\"\n\theader /embed/* Content-Security-Policy \"RIGHT\"\n}\n",
                "all",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"RIGHT\"\n\theader /embed/* +Content-Security-Policy \"WRONG\"\n}\n",
                "",
                "",
            ),
            (
                ":80 {\n\troute {\n\t\theader Content-Security-Policy \"RIGHT\"\n\t\theader /embed/* Content-Security-Policy \"WRONG\"\n\t}\n}\n",
                "embed",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"WRONG\"\n\theader /embed/* -Content-Security-Policy\n}\n",
                "about blog index",
                "",
            ),
            (
                ":80 {\n\theader ?Content-Security-Policy \"WRONG\"\n\theader /embed/* Content-Security-Policy \"RIGHT\"\n}\n",
                "about blog index",
                "",
            ),
            (
                ":80 {\n\t@some path /blog/* /about.html\n\theader @some Content-Security-Policy \"WRONG\"\n}\n",
                "about blog",
                "",
            ),
            (
                ":80 {\n\t@some {\n\t\tpath_regexp ^/(blog|embed)/\n\t\tnot path /embed/*\n\t}\n\theader @some Content-Security-Policy \"WRONG\"\n}\n",
                "blog",
                "",
            ),
            // Whether it matches, only the server knows.
            (
                ":80 {\n\t@some header X-A b\n\theader @some Content-Security-Policy \"WRONG\"\n}\n",
                "all",
                "",
            ),
            (
                ":80 {\n\thandle /blog/* {\n\t\theader Content-Security-Policy \"WRONG\"\n\t}\n\thandle {\n\t\theader Content-Security-Policy \"RIGHT\"\n\t}\n}\n",
                "blog",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"script-src {env.SOURCES}\"\n}\n",
                "",
                "has a placeholder",
            ),
            (
                ":80 {\n\theader Content-Security-Policy {$CSP}\n}\n",
                "",
                "has a placeholder",
            ),
            (
                ":80 {\n\timport other/*.caddy\n}\n",
                "",
                "imports from `other/*.caddy`",
            ),
            (
                ":80 {\n\theader Content-Security-Policy self none\n}\n",
                "",
                "what it replaces",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"WRONG\n}\n",
                "",
                "a quote is never closed",
            ),
            (":80 {\n\theader X \"a\"\n", "", "never closed"),
            (
                ":80 {\r\n\theader Content-Security-Policy \\\r\n\t\t\"WRONG\"\r\n}\r\n",
                "all",
                "",
            ),
        ],
    );
}

#[test]
fn the_configuration_says_which_files_count() {
    let wrong = format!("/*\n  Content-Security-Policy: {WRONG}\n");
    let one = |config: &str| {
        judged(&[("public/_headers", wrong.clone())], config)
            .0
            .len()
    };
    assert_eq!(one(""), 1);
    assert_eq!(one("[csp]\ndiscover = false\n"), 0);
    assert_eq!(
        one("[verify.severity]\n\"csp-blocks-widget\" = \"off\"\n"),
        0
    );
    // Beside the project, it is the generator's source.
    assert_eq!(judged(&[("_headers", wrong)], "").0.len(), 0);
    for (files, said) in [
        ("missing.conf", "missing.conf cannot be read"),
        ("deploy/policy.txt", "its name does not tell a format"),
    ] {
        let site = site()
            .config(&format!("[csp]\nfiles = [\"{files}\"]\n"))
            .file("deploy/policy.txt", "x");
        let run = site.run("verify");
        assert_eq!(
            (run.code, run.stderr.contains(said)),
            (2, true),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn what_the_widget_loads_can_be_told() {
    let headers = |policy: &str| format!("/*\n  Content-Security-Policy: {policy}\n");
    let config = "[csp]\nwidget = [\"connect-src wss://chat.example\", \"frame-src https://frame.example/a\", \"style-src https://s.example\", \
        \"font-src https://f.example\", \"img-src https://i.example\"]\n";
    let policy =
        format!("{RIGHT}; frame-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'");
    assert_eq!(
        judged(&[("public/_headers", headers(&policy))], "").0.len(),
        0
    );
    let (blocked, _) = judged(&[("public/_headers", headers(&policy))], config);
    assert_eq!(blocked.len(), 5, "{blocked:?}");
    assert!(
        blocked.iter().any(|one| one.starts_with(
            "`frame-src 'self'` blocks https://frame.example/a (what the widget loads)"
        )),
        "{blocked:?}"
    );
    let policy = format!(
        "{RIGHT} wss://chat.example; frame-src https:; style-src https://s.example; font-src f.example; img-src *"
    );
    assert_eq!(
        judged(&[("public/_headers", headers(&policy))], config).0,
        [""; 0]
    );
    for (wrong, said) in [
        ("connect-src", "two words"),
        (
            "default-src https://a.example",
            "the directive must be one of",
        ),
        ("connect-src http://a.example", "https or wss"),
    ] {
        let run = site()
            .config(&format!("[csp]\nwidget = [\"{wrong}\"]\n"))
            .run("verify");
        assert_eq!(
            (run.code, run.stderr.contains(said)),
            (2, true),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_site_below_a_path_is_matched_below_it() {
    let toml = |path: &str| {
        format!(
            "[[headers]]\nfor = \"{path}\"\n[headers.values]\nContent-Security-Policy = \"{WRONG}\"\n"
        )
    };
    let config = "[placeholder]\nbase-url = \"/docs/\"\n";
    assert_eq!(
        judged(&[("netlify.toml", toml("/docs/about"))], config)
            .0
            .len(),
        1
    );
    assert_eq!(
        judged(&[("netlify.toml", toml("/about"))], config).0.len(),
        0
    );
}
