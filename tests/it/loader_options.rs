//! What `chathub.toml` tells the runtime: each option reaches the loader tag where it differs from the runtime's own
//! default, by organization and by language where that makes sense, and a change of it reaches pages that have a tag.

use crate::common::{Site, loader, loader_for, page, plain};

/// The tag that a page in this language gets, between `<script` and `</script>`.
fn tag_in(lang: &str, config: &str) -> String {
    let site = Site::of(plain().replace("lang=\"en\"", &format!("lang=\"{lang}\""))).config(config);
    site.ok("inject");
    let text = site.text("index.html");
    assert!(text.contains(&format!("lang=\"{lang}\"")), "{text}");
    let (_, tag) = text.split_once("<script ").expect("there is a tag");
    tag.split_once("</script>").unwrap().0.to_owned()
}

fn tag(config: &str) -> String {
    tag_in("en", config)
}

#[test]
fn every_option_reaches_the_tag_unless_it_is_the_default() {
    for (option, attribute, default) in [
        (
            "target = '#a > [b=\"c\"]'",
            "data-target=\"#a > [b=&quot;c&quot;]\"",
            "",
        ),
        ("consent = \"cookie:ok\"", "data-consent=\"cookie:ok\"", ""),
        (
            "cookies = \"omit\"",
            "data-credentials=\"omit\"",
            "cookies = \"same-origin\"",
        ),
        (
            "refresh = \"attribute\"",
            "data-refresh=\"attribute\"",
            "refresh = \"replace\"",
        ),
        ("retries = 0", "data-retries=\"0\"", "retries = 5"),
        (
            "timeout = \"1m30s\"",
            "data-timeout=\"90000\"",
            "timeout = \"10s\"",
        ),
        ("ui = \"none\"", "data-ui=\"none\"", "ui = \"built-in\""),
        ("nonce = \"CSP_NONCE\"", "nonce=\"CSP_NONCE\"", ""),
        ("contact = \"tel:112\"", "data-contact=\"tel:112\"", ""),
        (
            "texts = { loading = \"Un\\n moment\", failed = \"\\\"Fermé\\\"\" }",
            "data-texts=\"{&quot;loading&quot;:&quot;Un moment&quot;,&quot;failed&quot;:&quot;\\&quot;Ferm&#233;\\&quot;&quot;}\"",
            "texts = {}",
        ),
    ] {
        let made = tag(&format!("[placeholder]\n{option}\n"));
        assert!(made.contains(&format!(" {attribute}")), "{option}: {made}");
        let made = tag(&format!("[placeholder]\n{default}\n"));
        assert_eq!(format!("<script {made}</script>"), loader(), "{default}");
    }
}

#[test]
fn options_that_changed_are_stale_and_brought_up_to_date_in_place() {
    let site = Site::of(page(&format!("{}<p>behind</p>", loader()))).config(
        "[placeholder]\nconsent = \"given\"\nretries = 1\nnonce = \"N\"\ntexts.failed = \"Shut\"\n",
    );
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["stale-loader"]);
    let message = report.findings("stale-loader")[0]["message"].to_string();
    for attribute in ["data-consent", "data-retries", "nonce", "data-texts"] {
        assert!(message.contains(attribute), "{attribute}: {message}");
    }
    assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
    let wanted = loader()
        .replace(" data-chathub", " nonce=\"N\" data-chathub")
        .replace(
            "></script>",
            " data-consent=\"given\" data-retries=\"1\" data-texts=\"{&quot;failed&quot;:&quot;Shut&quot;}\"></script>",
        );
    assert_eq!(
        site.text("index.html"),
        page(&format!("{wanted}<p>behind</p>"))
    );
    site.ok("verify");
    // And back again.
    let site = site.config("");
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("index.html"), "updated");
    // A nonce that is not configured is whoever's it is, and stays.
    let wanted = loader().replace("></script>", " nonce=\"N\"></script>");
    assert_eq!(
        site.text("index.html"),
        page(&format!("{wanted}<p>behind</p>"))
    );
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
}

const ORGANIZATIONS: &str = "
default-organization = \"sales\"
[placeholder]
contact = \"mailto:all@example.com\"
[placeholder.texts]
failed = \"closed\"
contact = \"write\"
[placeholder.texts.uk]
failed = \"zachyneno\"
[organizations.sales]
id = 24
contact = \"mailto:sales@example.com\"
texts = { label = \"Sales\", contact = \"write to sales\", uk = { label = \"Prodazhi\" } }
[organizations.support]
id = 6
";

fn texts(tag: &str) -> serde_json::Value {
    let (_, texts) = tag.split_once("data-texts=\"").expect("it has texts");
    let (texts, _) = texts.split_once('"').unwrap();
    serde_json::from_str(&texts.replace("&quot;", "\"")).unwrap()
}

#[test]
fn an_organization_and_a_language_have_their_own() {
    let made = tag_in("uk-UA", ORGANIZATIONS);
    assert!(
        made.contains("data-contact=\"mailto:sales@example.com\""),
        "{made}"
    );
    let wanted = serde_json::json!({ "failed": "zachyneno", "contact": "write to sales" });
    assert_eq!(texts(&made), wanted);

    let made = tag(&ORGANIZATIONS.replace("= \"sales\"", "= \"support\""));
    assert!(
        made.contains("data-contact=\"mailto:all@example.com\""),
        "{made}"
    );
    let wanted = serde_json::json!({ "failed": "closed", "contact": "write" });
    assert_eq!(texts(&made), wanted);
}

#[test]
fn of_several_organizations_the_chooser_gets_their_names() {
    let config = format!("{ORGANIZATIONS}[[rules]]\norganizations = [\"support\", \"sales\"]\n");
    let made = tag_in("uk", &config);
    assert!(made.contains("data-orgs=\"support sales\""), "{made}");
    assert!(
        made.contains("data-contact=\"mailto:all@example.com\""),
        "{made}"
    );
    let wanted = serde_json::json!({ "failed": "zachyneno", "contact": "write", "orgs": { "sales": "Prodazhi" } });
    assert_eq!(texts(&made), wanted);
}

#[test]
fn what_an_author_wrote_into_a_pasted_loader_follows_the_configuration() {
    let pasted = loader_for(" data-org=\"old\"")
        .replace("></script>", " data-consent=\"x\" class=\"mine\"></script>");
    let site = Site::of(page(&pasted));
    site.ok("inject");
    let wanted = loader().replace("></script>", " class=\"mine\"></script>");
    assert_eq!(site.text("index.html"), page(&wanted));
}
