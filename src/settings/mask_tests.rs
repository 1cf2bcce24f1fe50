use super::*;

/// Every key that the configuration has is shown with its value, but for `token`.
#[test]
fn harmless_settings_stay_readable() {
    let text = concat!(
        "site = \"public\"\nmode = 'static'\ndefault-organization = \"support\"\n",
        "[placeholder]\nendpoint = \"/api\"\nasset-dir = \"a\"\nbase-url = \"https://a.b/c\"\nload = \"idle\"\n",
        "contact = \"mailto:support@example.com\"\n",
        "[pages]\nextensions = [\"html\", \"htm\"]\nhidden = true\n",
        "[verify]\nmin-ttl = \"1h\"\nmin-pages = 5\nfail-on = \"note\"\n",
        "[verify.severity]\nsecret-in-site = \"off\"\ntoken-expired = \"note\"\n",
        "[organizations.login]\nid = 6\noperator = 101\n",
        "[organizations.sales]\nid = 6\ntoken = { env = \"CHATHUB_SALES_TOKEN\" }\n",
        "[organizations.b]\ntoken = { file = \"a b.txt\" } # see the manual\n",
        "[organizations.c.token]\ncommand = [\"op\", \"read\"]\n",
        "[[rules]]\nmatch = [\"shop/**\",\n  \"b\"]\nnot = \"c\"\nlang = \"uk\"\nwidget = false\n",
    );
    assert_eq!(mask(text), text);
}

#[test]
fn secrets_are_starred() {
    for (text, masked) in [
        ("token = \"abc\"", "token = \"***\""),
        ("token = 'abc' # x", "token = '***' # x"),
        ("token = abc", "token = ***"),
        ("token = \"aб€𝄞\"", "token = \"*·•🞲\""),
        ("token = 12345", "token = *****"),
        ("tokn = \"abc\"", "tokn = \"***\""),
        ("token \"abc\"", "token \"***\""),
        ("token: \"abc\"", "token: \"***\""),
        ("password hunter2", "password *******"),
        ("\"pass word\" = \"abc\"", "\"pass word\" = \"***\""),
        ("token = \"abc", "token = \"***"),
        ("token = \"a\\\"bc\" ", "token = \"*****\" "),
        ("token = \"\"\"a\nb\"\"\"", "token = \"\"\"*\n*\"\"\""),
        ("token = \"\"\"a\r\nb", "token = \"\"\"*\r\n*"),
        ("token = [\"a\", \"b\"]", "token = [\"*\", \"*\"]"),
        (
            "token = { env = \"s3cret\" }",
            "token = { env = \"******\" }",
        ),
        ("token = { value = \"abc\" }", "token = { value = \"***\" }"),
        (
            "organizations.a.token = \"x\"",
            "organizations.a.token = \"*\"",
        ),
        (
            "x = { api_key = \"x\", y = \"z\" }",
            "x = { api_key = \"*\", y = \"z\" }",
        ),
        ("[password]\nvalue = \"abc\"", "[password]\nvalue = \"***\""),
        (
            "[a]\ncompany-token = \"x\"\nsite = \"y\"",
            "[a]\ncompany-token = \"*\"\nsite = \"y\"",
        ),
        (
            "match = [\"a\"\npassword = \"x\"",
            "match = [\"a\"\npassword = \"*\"",
        ),
        ("# password: hunter2", "# password:********"),
        ("site = \"a\" # token = x", "site = \"a\" # token =**"),
        (
            "site = \"eyJhbGciOi.e30.sig\"",
            "site = \"******************\"",
        ),
        ("eyJhbGciOi = 1", "********** = 1"),
        ("# eyJhbGciOi.e30.sig", "# ******************"),
        ("src = \"https://u:p@h/a@b\"", "src = \"https://***@h/a@b\""),
        ("token = \"é\"", "token = \"·\""),
    ] {
        assert_eq!(mask(text), masked);
    }
}

#[test]
fn any_text_keeps_its_length_and_lines() {
    for text in [
        "",
        "=",
        "]",
        "}",
        "\"",
        "'''",
        "[",
        "[[",
        "[é",
        "é = {",
        "token=\n\"",
        ",,",
        "token = é'\\",
    ] {
        let masked = mask(text);
        assert_eq!(masked.len(), text.len(), "{text}");
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
    }
}

proptest::proptest! {
    #[test]
    fn never_panics_and_keeps_positions(text in "[a-z=\\[\\]{}\"'#.,\\\\ \n\ré\u{1F600}]{0,60}|(token|password|eyJ|://|@|=|\"|'|\n|\\{|\\}){0,20}") {
        let masked = mask(&text);
        proptest::prop_assert_eq!(masked.len(), text.len());
        for (index, byte) in text.bytes().enumerate() {
            if byte == b'\n' || byte == b'\r' {
                proptest::prop_assert_eq!(masked.as_bytes()[index], byte);
            }
        }
    }
}

#[test]
fn a_jwt_has_three_parts() {
    assert!(has_jwt(concat!(
        "eyJhbGciOiJIUzI1NiJ9",
        ".",
        "eyJzdWIiOiIxIn0",
        ".c2ln"
    )));
    assert!(has_jwt("Bearer eyJhbGciOiJub25lIn0.e30."));
    assert!(has_jwt("https://a/?t=eyJh.e30.sig&x"));
    // Whatever it is glued to, what begins there is one.
    let glued = ["Bearer%20eyJhbGciOiJub25lIn0", "e30", "c2ln"].join(".");
    assert!(has_jwt(&glued) && has_jwt(&format!("a\\n{glued}")));
    assert!(!has_jwt("eyJhbGciOi"));
    assert!(!has_jwt("eyJ.html"));
    assert!(!has_jwt("keyJam.a.b"));
}
