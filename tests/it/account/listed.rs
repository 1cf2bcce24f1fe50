//! Which of the operators that the API lists are taken.

use super::*;

/// Operators that the API lists for organization 6, of which the first is another's.
fn listed_for_another(more: &str) -> Fault {
    let stranger =
        r#"{"id":102,"name":"Sales desk","status":0,"organization":{"id":24,"name":"Sales"}}"#;
    Fault::Body("text/plain", format!("[{stranger}{more}]"))
}

#[test]
fn an_operator_of_another_organization_gets_no_token() {
    let server = StandIn::start();
    let site = shop(&server);
    server.fail("/api/operator", [listed_for_another("")]);
    site.run("token get --org 6").fails(
        4,
        &["operator 102", "organization 6", "organization 24 (Sales)"],
    );
    assert!(server.state().minted.is_empty());
    // Among others it is passed over, also where it comes first, and told of.
    let own = r#",{"id":101,"name":"Taras","status":0,"organization":{"id":6,"name":"Customer Support"}}"#;
    server.fail("/api/operator", [listed_for_another(own)]);
    let got = document(&site, "token get --org 6");
    assert_eq!(
        (got["organizationId"].as_u64(), got["operatorId"].as_u64()),
        (Some(6), Some(101))
    );
    server.fail("/api/operator", [listed_for_another(own)]);
    let run = site.ok("operators --org 6");
    assert!(!run.stdout.contains("Sales desk"), "{}", run.stdout);
    assert!(run.stderr.contains("passed over"), "{}", run.stderr);
}

#[test]
fn a_token_is_the_only_organizations_if_none_is_named() {
    let server = StandIn::start();
    let bare = shop(&server).config("");
    bare.run("token get").fails(2, &["--org", "several"]);
    shop(&server)
        .config("[organizations.sales]\nid = 24\n")
        .ok("token get");
    server.state().organizations.retain(|(id, _)| *id == 24);
    bare.ok("token get");
    assert_eq!(server.count("operator/get-token"), 2);
}

#[test]
fn an_operator_that_was_added_has_to_be_listed() {
    let server = StandIn::start();
    let site = shop(&server);
    server.fail(
        "synchronize",
        [Fault::Body("application/json", "[]".to_owned())],
    );
    let run = site.run("operators --org sales --add Olha");
    run.fails(4, &["`Olha`", "does not list it"]);
    assert!(run.stdout.contains("Sales desk"), "{}", run.stdout);
}

#[test]
fn one_bad_operator_does_not_spoil_the_list() {
    let server = StandIn::start();
    let site = shop(&server);
    let good = json!({ "id": 102, "name": "Sales desk", "status": 0 });
    let list = |items: Value| [Fault::Body("application/json", items.to_string())];
    let bad = json!({ "id": "x", "name": null });
    server.fail("api/operator", list(json!([bad, good])));
    let run = site.ok("operators --org sales");
    assert!(run.stdout.contains("Sales desk"), "{}", run.stdout);
    assert!(run.stderr.contains("operator number 1"), "{}", run.stderr);
    server.fail("api/operator", list(json!([bad])));
    site.run("operators --org sales")
        .fails(4, &["another shape"]);
}
