//! Organizations with the customer widget: what they take, and what people read who write something else.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use crate::settings::testing::{dedent, error, sentences};
use crate::settings::{Config, Inputs, load, load_folder};

const GUID: &str = "guid = '8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21'\n";

fn config(files: &[&str]) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let names = files.iter().enumerate().map(|(n, content)| {
        let file = folder.path().join(format!("{n}.toml"));
        std::fs::write(&file, content).unwrap();
        file
    });
    let inputs = Inputs {
        files: names.collect(),
        folder: folder.path().to_path_buf(),
        ..Inputs::default()
    };
    load(&inputs).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_guid_and_attributes_are_all_that_it_takes() {
    let first = format!(
        "default-organization = 'shop'\n[organizations.shop]\nwidget = 'customer'\n{GUID}\
         attributes = {{ main-color = '#fff', icon-color = 'red' }}\n[organizations.support]\nwidget = 'operator'\nid = 6\n"
    );
    let second =
        "organizations.shop.attributes.main-color = '#000'\nrules = [{ organization = 'shop' }]";
    let config = config(&[&first, second]);
    let shop = &config.customers["shop"];
    assert_eq!(shop.guid, "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21");
    let attributes: Vec<_> = shop.attributes.iter().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let wanted = [pair("icon-color", "red"), pair("main-color", "#000")];
    assert_eq!(attributes, wanted.each_ref().map(|(n, v)| (n, v)));
    assert_eq!(config.names().collect::<Vec<_>>(), ["support", "shop"]);
    assert!(config.has_organization("shop") && config.may_need_runtime());
}

#[test]
fn a_site_of_customers_alone_needs_no_runtime() {
    let shop = format!("[organizations.shop]\nwidget = 'customer'\n{GUID}");
    assert!(!config(&[&shop]).may_need_runtime());
    let many = format!("{shop}[organizations.other]\nwidget = 'customer'\n{GUID}");
    assert!(!config(&[&many]).has_routes());
    assert!(config(&[&format!("{shop}[organizations.support]\nid = 6\n")]).has_routes());
    assert!(config(&[""]).may_need_runtime());
}

#[test]
fn a_guid_is_a_uuid_and_is_there() {
    assert_eq!(
        error(
            "[organizations.shop]\nwidget = \"customer\"\nguid = \"8d4a5bd60c8b4f5e9a372b1f6c0e7d21\"\n"
        ),
        dedent(
            r#"
            error: `organizations.shop.guid` must be a UUID
             --> chathub.toml:3:8
              |
            3 | guid = "8d4a5bd60c8b4f5e9a372b1f6c0e7d21"
              |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected hexadecimal digits in groups of 8, 4, 4, 4 and 12, joined with `-`
              |
              = help: copy the `guid` from the vendor's snippet, such as `8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21`
            "#
        )
    );
    for bad in [
        "",
        "shop",
        "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d2",
        "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d2g",
        "{8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21}",
    ] {
        let said = sentences(&format!(
            "[organizations.shop]\nwidget = 'customer'\nguid = '{bad}'"
        ));
        assert_eq!(said[0], "`organizations.shop.guid` must be a UUID", "{bad}");
    }
    assert_eq!(
        sentences("[organizations.shop]\nwidget = 'customer'"),
        [
            "organization `shop` has the customer widget and no `guid`",
            "write `guid = \"…\"` with the UUID from the vendor's snippet"
        ]
    );
}

#[test]
fn what_is_for_the_other_widget_is_refused_where_it_stands() {
    assert_eq!(
        error(format!(
            "[organizations.shop]\nid = 6\nwidget = 'customer'\n{GUID}"
        )),
        dedent(
            r"
            error: organization `shop` has the customer widget, which takes no `id`
             --> chathub.toml:2:6
              |
            2 | id = 6
              |      ^
              |
              = help: leave it out, or take `widget` and `guid` out of the organization
            "
        )
    );
    for (key, value) in [
        ("operator", "'Ann'"),
        ("token", "{ env = 'T' }"),
        ("contact", "'tel:1'"),
        ("texts", "{ label = 'x' }"),
    ] {
        let said = sentences(&format!(
            "[organizations.shop]\nwidget = 'customer'\n{GUID}{key} = {value}"
        ));
        let title = format!("organization `shop` has the customer widget, which takes no `{key}`");
        assert_eq!(said[0], title);
    }
    // One mistake is reported once.
    assert_eq!(
        sentences(&format!("[organizations.shop]\n{GUID}")),
        [
            "organization `shop` has the operator widget, which takes no `guid`",
            "add `widget = \"customer\"` to the organization, or leave this out"
        ]
    );
    let said = sentences("[organizations.shop]\nwidget = 'customers'");
    assert!(said[0].contains("organizations.shop.widget"), "{said:?}");
}

#[test]
fn attributes_that_would_do_harm_are_refused_by_name() {
    let of = |attribute: &str| {
        sentences(&format!(
            "[organizations.shop]\nwidget = 'customer'\n{GUID}[organizations.shop.attributes]\n{attribute}"
        ))
    };
    for name in [
        "id",
        "src",
        "type",
        "onload",
        "nonce",
        "integrity",
        "data-chathub",
        "'a b'",
        "Main-Color",
    ] {
        let bare = name.trim_matches('\'');
        let title = format!("`{bare}` cannot be an attribute of the widget's tag");
        assert_eq!(of(&format!("{name} = 'x'"))[0], title);
    }
    assert!(of("main-color = 3")[0].contains("main-color"));
    let said = of("greeting = \"a\\nb\"");
    assert_eq!(
        said[0],
        "`organizations.shop.attributes.greeting` must be a text in one line"
    );
    // What stands beside the table is not in it.
    let said = sentences(&format!(
        "[organizations.shop]\nwidget = 'customer'\n{GUID}main-color = 'x'"
    ));
    assert!(
        said[0].contains("unknown key `main-color`") && said[1].contains("`attributes`"),
        "{said:?}"
    );
}

#[test]
fn a_page_that_offers_several_needs_the_operator_widget() {
    let config = config(&[&format!(
        "[organizations.shop]\nwidget = 'customer'\n{GUID}[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n"
    )]);
    let folder = |content: &str| {
        load_folder(Path::new("a/.chathub.toml"), content.as_bytes(), &config)
            .map(|rules| rules.len())
    };
    let error = folder("rules = [{ organizations = ['support', 'shop'] }]").unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("error: a page that offers several organizations needs the operator widget"),
        "{error}"
    );
    assert!(
        error.contains("a/.chathub.toml:1:40") && error.contains("`shop` has the customer widget"),
        "{error}"
    );
    assert_eq!(
        folder("rules = [{ organizations = ['shop'] }, { organizations = ['support', 'sales'] }]")
            .unwrap(),
        2
    );
}
