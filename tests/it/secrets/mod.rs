//! Secrets are found in pages and never shown: not in any report, on any stream, at any verbosity, in any error.

mod harmless;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chathub::internal::report::Format;

use crate::common::{HEAD, Report, STATIC, Site, TAIL, jwt, loader, page, plain, token, widget};

const COMPANY: &str = "company-0123456789-abcdef-SECRET";
const PASSWORD: &str = "correct horse \"battery\" staple";

/// Every way to look at a site; `REPORTS` are those of all formats.
const LOOKS: &[&str] = &[
    "verify -vv",
    "verify -q",
    "verify -vv --color always",
    "verify --format json",
    "verify --format ndjson",
    "inject -n -vv",
    "inject -n --format json",
    "inject --diff -vv",
    "inject --diff --format json",
    "inject --diff --format ndjson",
    "remove --diff -vv",
    "inject -vv REPORTS",
    "inject -vv",
    "verify -vv REPORTS",
    "remove -vv REPORTS",
];

/// Wants that no way of looking at the site shows any of these.
fn never_shown(site: &Site, secrets: &[&str]) {
    let reports: Vec<_> = Format::ALL
        .iter()
        .map(|format| format!("--report {format}=report.{format}"))
        .collect();
    for look in LOOKS {
        let run = site.run(&look.replace("REPORTS", &reports.join(" ")));
        assert!([0, 1, 3].contains(&run.code), "{look}: {}", run.stderr);
        let mut said = vec![run.stdout, run.stderr];
        for entry in fs::read_dir(site.folder()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("report.") {
                said.push(fs::read_to_string(path).unwrap());
            }
        }
        for text in said {
            for secret in secrets {
                // In JSON, in messages that quote a page, and in markup.
                let escaped = secret.replace('"', "\\\"");
                let twice = escaped.replace('\\', "\\\\").replace('"', "\\\"");
                let markup = secret.replace('"', "&quot;");
                let forms = [*secret, &escaped, &twice, &markup];
                let shown = forms.iter().any(|form| text.contains(form));
                assert!(!shown, "{look} shows {secret}:\n{text}");
            }
        }
    }
}

#[test]
fn company_token_and_password_are_found_and_never_shown() {
    let site = Site::of(page(&format!(
        "<script>key = '{COMPANY}'</script>{}",
        loader()
    )))
    .page("password.html", page(&format!("<!-- {PASSWORD} -->")))
    .page("fragment.html", format!("<p>{COMPANY}</p>"))
    .page(
        "inside.html",
        page(&format!(
            "<script data-chathub data-endpoint='{COMPANY}'></script>"
        )),
    )
    .page(
        "many-lines.html",
        page(&format!("\n\n  {PASSWORD}\n{COMPANY}\n{COMPANY}")),
    )
    .page(
        "directive.html",
        format!("<!doctype html><meta name=chathub content='{COMPANY}'><p>x</p>"),
    )
    .page(
        "quotes.html",
        format!("<!doctype html><meta name=chathub content='{PASSWORD}'><p>x</p>"),
    )
    .page(
        "quoted.html",
        page(&format!(
            "<script data-chathub data-endpoint='{PASSWORD}'></script>"
        )),
    )
    .page("clean.html", plain())
    .env("CHATHUB_COMPANY_TOKEN", COMPANY)
    .env("CHATHUB_PASSWORD", PASSWORD);
    let report = site.json("verify", 1);
    for (path, found) in [
        ("index.html", 1),
        ("password.html", 1),
        ("fragment.html", 1),
        ("inside.html", 1),
        ("many-lines.html", 3),
        ("directive.html", 1),
        ("quotes.html", 1),
        ("quoted.html", 1),
        ("clean.html", 0),
    ] {
        let rules = report.rules(path);
        let secrets = rules.iter().filter(|rule| **rule == "secret-in-site");
        assert_eq!(secrets.count(), found, "{path}: {rules:?}");
    }
    let messages: Vec<String> = report
        .findings("secret-in-site")
        .iter()
        .map(|finding| finding["message"].to_string())
        .collect();
    assert!(
        messages
            .iter()
            .any(|message| message.contains("company token"))
    );
    assert!(messages.iter().any(|message| message.contains("password")));
    never_shown(&site, &[COMPANY, PASSWORD]);
}

#[test]
fn what_is_written_in_base64_is_never_shown_either() {
    let token = jwt(r#"{"sub":"4711"}"#);
    let mut site = Site::new()
        .env("CHATHUB_COMPANY_TOKEN", COMPANY)
        .env("CHATHUB_PASSWORD", PASSWORD);
    let mut hidden = Vec::new();
    for (name, secret) in [
        ("company", COMPANY),
        ("password", PASSWORD),
        ("token", &token),
    ] {
        for before in ["", "u:", "user:"] {
            let encoded = STANDARD.encode(format!("{before}{secret}>>>???"));
            // On the line that changes, before the tag and after it, and in a tag that is quoted.
            let data = format!("<a href=\"data:text/plain;base64,{encoded}\">x</a>");
            let inside = format!("<script data-chathub data-endpoint='{encoded}'></script>");
            for (kind, body) in [("beside", data), ("inside", inside)] {
                site = site.page(&format!("{kind}-{name}-{}.html", before.len()), page(&body));
            }
            // A letter at each end stands for a part of what is beside it.
            let first = before.len().div_ceil(3) * 4 + 1;
            hidden.push(encoded[first..first + 24].to_owned());
        }
    }
    let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
    never_shown(&site, &hidden);
}

#[test]
fn any_jwt_outside_static_tags_is_found_and_shortened() {
    let secret = jwt(r#"{"sub":"4711","name":"whoever"}"#);
    let (_, signature) = secret.rsplit_once('.').unwrap();
    let site = Site::of(page(&format!("<script>const t = \"{secret}\";</script>")))
        .page(
            "attribute.html",
            page(&format!("<div data-token={secret}></div>")),
        )
        .page("comment.html", page(&format!("<!-- {secret} -->")))
        .page(
            "one-line.html",
            format!(
                "{HEAD}{}{secret}{}{TAIL}",
                "x ".repeat(9000),
                " y".repeat(9000)
            ),
        )
        .page(
            "directive.html",
            format!("<!doctype html><meta name=chathub content='organization={secret}'><p>x</p>"),
        );
    let report = site.json("verify", 1);
    for path in report.paths() {
        assert!(report.rules(path).contains(&"secret-in-site"), "{path}");
    }
    never_shown(&site, &[&secret, signature]);
}

#[test]
fn utf_16_hides_nothing() {
    let secret = jwt("{}");
    let text = page(&format!("<p>{secret}</p>"));
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    let site = Site::of(bytes);
    assert!(
        site.json("verify", 1)
            .rules("index.html")
            .contains(&"secret-in-site")
    );
    never_shown(&site, &[&secret]);
}

#[test]
fn tokens_that_static_mode_publishes_are_shown_shortened() {
    let (old, new) = (token("old", 7000), token("new", 7200));
    let site = Site::of(page(&widget(&old, "support")))
        .page(
            "pasted.html",
            page(&widget("not-a-jwt-but-a-secret-all-the-same", "support")),
        )
        .page("new.html", plain())
        .config(STATIC)
        .env("SUPPORT_TOKEN", &new);
    let signature = new.rsplit_once('.').unwrap().1;
    never_shown(
        &site,
        &[&old, &new, signature, "not-a-jwt-but-a-secret-all-the-same"],
    );
    // What is published is said, with enough of the token to tell it from others.
    let said = site.ok("inject").stdout;
    assert!(said.contains("static mode publishes"), "{said}");
    assert!(
        said.contains(&chathub::internal::token::shorten(&new)),
        "{said}"
    );
    assert!(said.contains("UTC"), "{said}");
    let quiet = site.ok("inject -q");
    assert!(quiet.stderr.contains("static mode publishes"));
    assert!(!quiet.stderr.contains(&new));
    // Only tags may hold it.
    let report = site.json("verify", 0);
    assert!(report.findings("secret-in-site").is_empty());
}

#[test]
fn errors_show_no_secret_either() {
    let secret = token("support", 3600);
    let cases = [
        format!("inject --endpoint /x?token={secret}"),
        format!("inject --widget-src https://example.com/{secret}"),
        format!("inject --contact mailto:{secret}"),
        format!("inject --min-ttl {secret}"),
        format!("inject --default-organization {secret}"),
    ];
    for arguments in cases {
        let site = Site::of(plain());
        let run = site.run(&arguments);
        run.exits(2);
        assert!(!run.stderr.contains(&secret), "{}", run.stderr);
        assert!(!run.stdout.contains(&secret), "{}", run.stdout);
        assert_eq!(site.text("index.html"), plain());
    }
}

#[test]
fn a_secret_among_the_arguments_is_not_repeated() {
    let secret = token("support", 3600);
    let site = Site::of(plain())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY)
        .env("CHATHUB_PASSWORD", "a-password-in-the-wrong-place");
    for secret in [&*secret, COMPANY, "a-password-in-the-wrong-place"] {
        for arguments in [
            format!("token validate {secret}"),
            format!("token inspect --file {secret}"),
            format!("inject --{secret}"),
            format!("inject --threads {secret}"),
            format!("inject --report {secret}"),
            format!("inject {secret}"),
            format!("explain public/{secret}"),
            format!("verify -c {secret}"),
            format!("preview public --port {secret}"),
            format!("endpoint --listen {secret}"),
            secret.to_owned(),
        ] {
            let run = site.run(&arguments);
            run.exits(2);
            assert!(!run.stderr.contains(secret), "{}", run.stderr);
            assert!(!run.stdout.contains(secret), "{}", run.stdout);
        }
    }
    // What is no secret is.
    site.run("token validate a-word").fails(2, &["'a-word'"]);
}

#[test]
fn a_secret_in_a_rules_file_of_the_site_is_not_shown() {
    let secret = token("support", 3600);
    let rules = format!("[[rules]]\nmatch = \"{secret}\"\nwidget = false\n");
    let site = Site::of(plain())
        .page("shop/.chathub.toml", rules)
        .page("shop/a.html", plain());
    for arguments in ["inject -vv", "verify --format json", "inject --format json"] {
        let run = site.run(arguments);
        run.fails(2, &["shop/.chathub.toml:2"]);
        assert!(!run.stderr.contains(&secret) && !run.stdout.contains(&secret));
    }
    let report = Report::of(&site.run("inject --format json").stdout);
    assert_eq!(report.outcome("shop/a.html"), "refused");
}

#[test]
fn secrets_of_the_configured_sources_are_found_and_never_shown() {
    let site = Site::of(page(&format!("<p>{COMPANY}</p>")))
        .page("password.html", page(&format!("<!-- {PASSWORD} -->")))
        .file("company", format!("{COMPANY}\n"))
        .config(
            "[api]\ncompany-token = { file = \"company\" }\npassword = { env = \"OTHER_PASSWORD\" }\n\
             login = { command = \"false\" }\n",
        )
        .env("OTHER_PASSWORD", PASSWORD);
    let report = site.json("verify", 1);
    for path in ["index.html", "password.html"] {
        assert!(report.rules(path).contains(&"secret-in-site"), "{path}");
    }
    never_shown(&site, &[COMPANY, PASSWORD]);
}

#[test]
fn an_attribute_of_its_author_on_a_tag_of_ours_hides_no_token() {
    let (one, other) = (token("support", 20 * 3600), jwt(r#"{"sub":"other"}"#));
    let noted = |tag: &str| tag.replacen("<script", &format!("<script data-note=\"{other}\""), 1);
    let site = Site::of(page(&noted(&loader())));
    site.ok("inject");
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["secret-in-site"]);
    never_shown(&site, &[&other]);
    // Beside the one that is published on purpose.
    let site = Site::of(page(&noted(&widget(&one, "support"))))
        .config(STATIC)
        .env("SUPPORT_TOKEN", &one);
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["secret-in-site"]);
    never_shown(&site, &[&other, &one]);
}

#[test]
fn a_password_is_found_however_it_is_written() {
    let secret = "p&ss<w \"ord' +/";
    let ways = [
        "p&amp;ss&lt;w &quot;ord&#39; +/",
        "p&amp;ss&lt;w &#34;ord&#39; &#43;/",
        "p&ss<w \\\"ord' +\\/",
        "p%26ss%3Cw%20%22ord%27%20%2B%2F",
    ];
    for way in ways {
        let site =
            Site::of(page(&format!("{}<p>{way}</p>", loader()))).env("CHATHUB_PASSWORD", secret);
        let report = site.json("verify", 1);
        assert_eq!(report.rules("index.html"), ["secret-in-site"], "{way}");
        never_shown(&site, &[way, secret]);
    }
}

#[test]
fn a_token_in_the_name_of_a_file_is_not_shown() {
    let jwt = token("support", 80_000);
    let site = Site::of(page(
        "<script type=\"module\" data-chathub></script>"
            .repeat(2)
            .as_str(),
    ))
    .page(&format!("{jwt}.html"), plain())
    .page(&format!("{jwt}.html.gz"), "not gzip")
    .page(&format!("{jwt}/index.html"), plain())
    .page(
        &format!("{jwt}/redirect.html"),
        "<title>x</title><meta http-equiv=refresh content=0;url=x>",
    )
    .page(&format!("{jwt}/notes.txt"), format!("a {COMPANY} b"))
    .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    // What writes pages would write files of these names.
    let looks = LOOKS.iter().filter(|look| {
        let dry = ["verify", "inject -n", "inject --diff"];
        dry.iter().any(|begin| look.starts_with(begin))
    });
    for look in looks {
        let run = site.run(look);
        for text in [run.stdout, run.stderr] {
            assert!(!text.contains(&jwt), "{look} shows it:\n{text}");
        }
    }
}
