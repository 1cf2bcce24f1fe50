//! `chathub csp`: what it prints lets the chat through, and what it adds to files changes nothing else in them.

use std::fs;

use crate::common::{Site, WIDGET_SRC, plain};

const POLICY: &str = "connect-src 'self'; script-src 'self' https://widget.smsbat.com/operator-chat-panel/widget-script.js";

fn site() -> Site {
    let site = Site::of(plain()).page("blog/index.html", plain());
    site.ok("inject");
    site
}

#[test]
fn it_tells_the_sources_and_why_each_is_needed() {
    let run = site().ok("csp");
    for said in [
        "chats of 2 pages (placeholder mode)",
        "the token endpoint (/api/chathub/token)",
        &format!("{WIDGET_SRC}\n        the widget's script"),
        "trusted-types    only where the policy has this directive",
        &format!("'{}'", chathub::internal::runtime::integrity()),
        POLICY,
        "No policy that chathub finds today blocks any of it",
    ] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let json = site().ok("csp --format json").stdout;
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (told["policy"].as_str(), told["pages"].as_u64()),
        (Some(POLICY), Some(2)),
        "{json}"
    );
    assert_eq!(
        told["hashes"][0],
        format!("'{}'", chathub::internal::runtime::integrity())
    );
}

#[test]
fn it_goes_by_the_configuration() {
    for (config, policy) in [
        (
            "mode = \"static\"\ndefault-organization = \"a\"\n[organizations.a]\nid = 1\n",
            format!("script-src {WIDGET_SRC}"),
        ),
        (
            "default-organization = \"a\"\n[organizations.a]\nwidget = \"customer\"\nguid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"\n",
            "script-src https://widget.smsbat.com/chat-widget/widget-script.js".to_owned(),
        ),
        (
            "[placeholder]\nendpoint = \"https://api.example/t\"\n[csp]\nwidget = [\"frame-src https://f.example/\"]\n",
            format!(
                "connect-src https://api.example/t; frame-src https://f.example/; script-src 'self' {WIDGET_SRC}"
            ),
        ),
    ] {
        let site = Site::of(plain()).config(config);
        let told: serde_json::Value =
            serde_json::from_str(&site.ok("csp --format json").stdout).unwrap();
        assert_eq!(told["policy"], policy, "{config}");
    }
    let nothing = Site::of(plain())
        .config("[organizations.a]\nid = 1\n")
        .run("csp");
    assert_eq!(nothing.code, 2);
    assert!(
        nothing
            .stderr
            .contains("no page of public is to have a chat"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn what_is_printed_for_a_host_is_right_there() {
    for (host, file, around) in [
        ("netlify", "public/_headers", ("", "")),
        ("cloudflare", "public/_headers", ("", "")),
        ("vercel", "vercel.json", ("", "")),
        ("azure", "staticwebapp.config.json", ("", "")),
        ("firebase", "firebase.json", ("", "")),
        ("nginx", "nginx.conf", ("server {\n", "}\n")),
        ("caddy", "Caddyfile", (":80 {\n", "}\n")),
    ] {
        let site = site();
        let printed = site.ok(&format!("csp --for {host}"));
        assert!(
            printed.stderr.contains("allows the chat and nothing else"),
            "{}",
            printed.stderr
        );
        let (before, after) = around;
        let text = format!("{before}{}{after}", printed.stdout);
        let config = "[csp]\nfiles = [\"nginx.conf\", \"Caddyfile\"]\n";
        let site = site
            .file("nginx.conf", "")
            .file("Caddyfile", "")
            .file(file, &text)
            .config(config);
        site.ok("verify --fail-on note");
        // It is judged: without the vendor's script, it is a finding.
        let site = site.file(file, text.replace(WIDGET_SRC, "https://other.example"));
        assert_eq!(site.run("verify").code, 1, "{host}: {text}");
    }
    let meta = site().ok("csp --for meta").stdout;
    let page = plain().replace("</head>", &format!("{}</head>", meta.trim()));
    let site = Site::of(page);
    site.ok("inject");
    site.ok("verify --fail-on note");
}

#[test]
fn patch_adds_what_is_missing_and_keeps_every_other_byte() {
    let widget = WIDGET_SRC;
    for (file, text, was, is) in [
        (
            "public/_headers",
            "# ours\r\n/*\r\n  Content-Security-Policy:  script-src 'self';connect-src 'self' ; \r\n",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "public/_headers",
            "/*\n  Content-Security-Policy: script-src 'none'; object-src 'none'\n",
            "script-src 'none'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "public/_headers",
            "/*\n  Content-Security-Policy: default-src 'self'; img-src *\n",
            "img-src *",
            format!("img-src *; script-src 'self' {widget}"),
        ),
        (
            "public/_headers",
            "/*\n  Content-Security-Policy: img-src *, SCRIPT-SRC 'self'\n",
            "SCRIPT-SRC 'self'",
            format!("SCRIPT-SRC 'self' {widget}"),
        ),
        (
            "public/_headers",
            "/*\n  Content-Security-Policy: trusted-types other\n",
            "trusted-types other",
            "trusted-types other chathub".to_owned(),
        ),
        (
            "netlify.toml",
            "[[headers]]\r\nfor = \"/*\" # all\r\n[headers.values]\r\nContent-Security-Policy = \"script-src 'self'\"\r\n",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "netlify.toml",
            "[[headers]]\nfor = \"/*\"\n[headers.values]\nContent-Security-Policy = '''\nscript-src 'self';\nconnect-src 'self' '''\n",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "vercel.json",
            "{\"headers\":[{\"source\":\"/(.*)\",\"headers\":[{\"key\":\"Content-Security-Policy\",\"value\":\"script-src 'self'\"}]}]}",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "firebase.json",
            "// ours\n{\"hosting\":{\"headers\":[{\"source\":\"**\",\"headers\":[{\"key\":\"Content-Security-Policy\",\"value\":\"script-src 'self'\"},]}]}}",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "staticwebapp.config.json",
            "\u{feff}{\"globalHeaders\":{\"content-security-policy\":\"script-src 'self'\"}}",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "nginx.conf",
            "server {\r\n\tadd_header Content-Security-Policy \"script-src 'self'\" always; # x\r\n}\r\n",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
        (
            "Caddyfile",
            ":80 {\n\theader Content-Security-Policy `script-src 'self'`\n}\n",
            "script-src 'self'",
            format!("script-src 'self' {widget}"),
        ),
    ] {
        let site = site()
            .file("nginx.conf", "")
            .file("Caddyfile", "")
            .file(file, text);
        let site = site.config("[csp]\nfiles = [\"nginx.conf\", \"Caddyfile\"]\n");
        assert_eq!(site.run("verify").code, 1, "{text}");
        let read = || fs::read_to_string(site.folder().join(file)).unwrap();
        let shown = site.ok("csp --patch --diff").stdout;
        assert_eq!(read(), text, "--diff writes nothing");
        assert!(
            shown.contains(&format!("--- a/{file}")) && shown.contains(&is),
            "{shown}"
        );
        let wrote = site.ok(&format!("csp --patch {file}")).stdout;
        assert_eq!(wrote, format!("wrote {file}\n"));
        assert_eq!(read(), text.replacen(was, &is, 1));
        site.ok("verify");
        assert_eq!(site.ok("csp --patch").stdout, "nothing to add\n");
    }
}

#[test]
fn patch_gives_a_strict_policy_the_runtimes_hash() {
    let site = site().page(
        "_headers",
        "/*\n  Content-Security-Policy: script-src 'strict-dynamic' 'nonce-x'\n",
    );
    site.ok("csp --patch");
    let hash = format!("'nonce-x' '{}'\n", chathub::internal::runtime::integrity());
    assert!(
        site.text("_headers").ends_with(&hash),
        "{}",
        site.text("_headers")
    );
    site.ok("verify");
}

#[test]
fn patch_refuses_what_it_cannot_be_sure_of() {
    for (file, text, why) in [
        (
            "public/_headers",
            "/*\n  Content-Security-Policy: sandbox\n",
            "`sandbox` keeps scripts out",
        ),
        (
            "public/_headers",
            "/*\n  Integrity-Policy: blocked-destinations=(script)\n",
            "no source can allow it",
        ),
        (
            "vercel.json",
            "{\"headers\":[{\"source\":\"/(.*)\",\"headers\":[{\"key\":\"Content-Security-Policy\",\"value\":\"script-src\\t'self'\"}]}]}",
            "escape sequences",
        ),
        (
            "netlify.toml",
            "[[headers]]\nfor = \"/*\"\n[headers.values]\nContent-Security-Policy = 'script-src https:; default-src data:'\n",
            "single quotes",
        ),
        (
            "nginx.conf",
            "add_header Content-Security-Policy script-src;",
            "written without quotes",
        ),
        (
            "nginx.conf",
            "add_header Content-Security-Policy 'script-src \\'self\\'';",
            "escape sequences",
        ),
    ] {
        let site = site()
            .file("nginx.conf", "")
            .file(file, text)
            .config("[csp]\nfiles = [\"nginx.conf\"]\n");
        let run = site.run("csp --patch");
        assert_eq!(
            (run.code, run.stderr.contains(why)),
            (2, true),
            "{text}: {}",
            run.stderr
        );
        assert_eq!(fs::read_to_string(site.folder().join(file)).unwrap(), text);
    }
    // Cloudflare ignores longer lines.
    let long = format!(
        "/*\n  Content-Security-Policy: script-src 'self' https://{}.example\n",
        "x".repeat(1900)
    );
    let run = site().page("_headers", &long).run("csp --patch");
    assert!(
        run.code == 2 && run.stderr.contains("more than 2000 characters"),
        "{}",
        run.stderr
    );
    let run = site().run("csp --patch other.json");
    assert!(
        run.code == 2 && run.stderr.contains("is not one of the files"),
        "{}",
        run.stderr
    );
}
