//! The API client against a server that answers, and fails, as the API does.

use std::time::{Duration, Instant};

use crate::program::patience::PATIENCE;
use crate::standin::{COMPANY_TOKEN, Fault, Hold, LOGIN, PASSWORD, StandIn};
use chathub::internal::api::{ApiError, Client, Credentials, NewOperator, Status, Validity};
use chathub::internal::settings::{Api, Header};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

fn api(server: &StandIn) -> Api {
    Api {
        url: server.url(),
        timeout: PATIENCE,
        ..Api::default()
    }
}

fn with_token(server: &StandIn) -> Client {
    Client::new(
        &api(server),
        Credentials::CompanyToken(COMPANY_TOKEN.into()),
    )
    .unwrap()
}

fn with_login(server: &StandIn) -> Client {
    let (login, password) = (LOGIN.into(), PASSWORD.into());
    Client::new(&api(server), Credentials::Login { login, password }).unwrap()
}

fn in_hours(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

#[tokio::test]
async fn from_the_login_to_a_validated_operator_token() {
    let server = StandIn::start();
    for objects in [false, true] {
        server.state().objects = objects;
        let client = with_login(&server);
        let organizations = client.organizations().await.unwrap();
        assert_eq!(
            (organizations[1].id, &*organizations[1].name),
            (24, "Sales")
        );
        let operators = client.operators(24).await.unwrap();
        let found: Vec<_> = operators
            .iter()
            .map(|o| (o.id, &*o.name, o.status))
            .collect();
        assert_eq!(
            found,
            [
                (102, "Sales desk", Status::Active),
                (103, "Former", Status::Deleted)
            ]
        );
        let asked = in_hours(8);
        let token = client.mint(102, asked).await.unwrap();
        assert_eq!(token.expires_at().as_second(), asked.as_second());
        let validity = client.validate(token.secret()).await.unwrap();
        let Validity::Valid {
            operator,
            expires_at,
        } = validity
        else {
            panic!("{validity:?}");
        };
        assert_eq!(operator, 102);
        assert_eq!(expires_at.unwrap(), token.expires_at());
    }
    assert_eq!(
        server.calls()[..5],
        [
            "POST /api/company/get-token",
            "GET /api/company/organization",
            "GET /api/operator?organizationId=24",
            "POST /api/operator/get-token",
            "POST /api/operator/validate-token"
        ]
    );
}

#[tokio::test]
async fn requests_are_as_documented() {
    let server = StandIn::start();
    let client = with_login(&server);
    let expires = in_hours(1);
    client.mint(101, expires).await.unwrap();
    let requests = server.state().requests.clone();
    let [login, mint] = &requests[..] else {
        panic!("{requests:?}");
    };
    assert_eq!(login.header("authorization"), None);
    let sent: serde_json::Value = serde_json::from_str(&login.body).unwrap();
    assert_eq!(
        sent,
        serde_json::json!({ "login": LOGIN, "password": PASSWORD })
    );
    let bearer = format!("Bearer {}", server.state().logins[0]);
    assert_eq!(mint.header("authorization"), Some(&*bearer));
    assert_eq!(mint.header("content-type"), Some("application/json"));
    assert!(mint.header("user-agent").unwrap().starts_with("chathub/"));
    let sent: serde_json::Value = serde_json::from_str(&mint.body).unwrap();
    assert_eq!(
        sent,
        serde_json::json!({ "id": 101, "expiresAt": format!("{expires:.3}") })
    );
}

#[tokio::test]
async fn the_profile_token_has_a_header_of_its_own() {
    let server = StandIn::start();
    let api = Api {
        header: Header::AuthorizationKey,
        ..api(&server)
    };
    let client = Client::new(&api, Credentials::CompanyToken(COMPANY_TOKEN.into())).unwrap();
    client.organizations().await.unwrap();
    let request = server.state().requests[0].clone();
    assert_eq!(request.header("x-authorization-key"), Some(COMPANY_TOKEN));
    assert_eq!(request.header("authorization"), None);
}

#[tokio::test]
async fn a_token_that_would_live_too_long_is_not_even_asked_for() {
    let server = StandIn::start();
    let client = with_token(&server);
    let error = client.mint(101, in_hours(24 * 30)).await.unwrap_err();
    assert!(error.to_string().contains("24 hours at most"), "{error}");
    assert_eq!(server.calls(), [""; 0]);
    client.mint(101, in_hours(24)).await.unwrap();
}

#[tokio::test]
async fn passing_troubles_pass() {
    let server = StandIn::start();
    let client = with_token(&server);
    for fault in [
        Fault::error(),
        Fault::Status(503, "<html>down</html>".to_owned()),
        Fault::Busy("1".to_owned()),
        Fault::Cut,
        Fault::Hang,
    ] {
        let before = server.count("organization");
        server.fail("organization", [fault.clone()]);
        let organizations = client.organizations().await;
        assert_eq!(organizations.unwrap().len(), 2, "{fault:?}");
        assert_eq!(server.count("organization"), before + 2, "{fault:?}");
    }
}

#[tokio::test]
async fn the_api_may_ask_for_a_pause() {
    let server = StandIn::start();
    let client = with_token(&server);
    server.fail("organization", [Fault::Busy("2".to_owned())]);
    client.organizations().await.unwrap();
    let requests = server.state().requests.clone();
    let pause = requests[1].at.duration_since(requests[0].at).as_secs_f32();
    assert!(pause >= 2.0, "{pause}");
    let in_an_hour = in_hours(1).strftime("%a, %d %b %Y %H:%M:%S GMT");
    server.fail("organization", [Fault::Busy(in_an_hour.to_string())]);
    let error = client.organizations().await.unwrap_err();
    let left = error.retry_after().unwrap();
    assert!(left > Duration::from_mins(30) && left <= Duration::from_hours(1));
    server.state().requests.clear();
    let client = with_token(&server);
    server.fail("organization", [Fault::Busy("3600".to_owned())]);
    let error = client.organizations().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert!(error.to_string().contains("wait 3600 s"), "{error}");
    assert!(error.is_transient());
    assert_eq!(server.count("organization"), 1);
}

#[tokio::test]
async fn what_will_not_pass_is_said_at_once_in_the_apis_words() {
    let server = StandIn::start();
    for status in [400, 401, 403, 404] {
        let client = with_token(&server);
        server.state().requests.clear();
        let words = format!("no,\n {COMPANY_TOKEN} cannot {}", "x".repeat(999));
        server.fail("organization", [Fault::Status(status, words)]);
        let error = client.organizations().await.unwrap_err();
        assert!(!error.is_transient());
        let error = error.to_string();
        for part in [
            "GET /api/company/organization",
            &status.to_string(),
            "“no, … cannot xxx",
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert!(error.len() < 450 && !error.contains('\n'), "{error}");
        assert_eq!(server.count("organization"), 1);
    }
}

#[tokio::test]
async fn an_expired_company_token_is_renewed_once_if_there_is_a_login() {
    let server = StandIn::start();
    let client = with_login(&server);
    client.organizations().await.unwrap();
    server.state().expire_company_tokens();
    client.organizations().await.unwrap();
    assert_eq!(server.count("company/get-token"), 2);

    let refusal = || Fault::Status(401, String::new());
    server.fail("organization", [refusal(), refusal()]);
    let error = client.organizations().await.unwrap_err();
    assert!(matches!(error, ApiError::Refused { status: 401, .. }));
    assert_eq!(server.count("company/get-token"), 3);

    server.state().expire_company_tokens();
    let error = with_token(&server).organizations().await.unwrap_err();
    assert!(
        error.to_string().contains("CHATHUB_COMPANY_TOKEN"),
        "{error}"
    );
    assert_eq!(server.count("company/get-token"), 3);
}

#[tokio::test]
async fn of_many_calls_at_once_one_logs_in() {
    let server = StandIn::start();
    let client = with_login(&server);
    let (a, b, c) = tokio::join!(
        client.organizations(),
        client.operators(6),
        client.operators(24)
    );
    assert_eq!(
        (a.unwrap().len(), b.unwrap().len(), c.unwrap().len()),
        (2, 2, 2)
    );
    assert_eq!(server.count("company/get-token"), 1);
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed() {
    let (server, other) = (StandIn::start(), StandIn::start());
    let client = with_login(&server);
    for path in ["company/get-token", "organization"] {
        let to = format!("{}/{path}?secret", other.url());
        server.fail(path, [Fault::Redirect(to)]);
        let error = client.organizations().await.unwrap_err().to_string();
        assert!(error.contains(&other.url()), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    // Another name of the same machine is another origin.
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let to = format!("http://localhost:{port}/api/company/organization");
    server.fail("organization", [Fault::Redirect(to)]);
    assert!(client.organizations().await.is_err());
    assert_eq!(other.calls(), [""; 0]);
}

#[tokio::test]
async fn a_redirect_on_the_same_origin_is_followed_a_few_times() {
    let server = StandIn::start();
    let client = with_token(&server);
    let there = || Fault::Redirect("/api/company/organization".to_owned());
    server.fail("organization", [there(), there()]);
    assert_eq!(client.organizations().await.unwrap().len(), 2);
    server.fail("organization", std::iter::repeat_with(there).take(20));
    let error = client.organizations().await.unwrap_err().to_string();
    assert!(error.contains("redirects"), "{error}");
}

/// The end of a call that the server never answers to its end, with a limit within which this machine comes to where these words
/// are right: the limit grows until it does.
async fn timed_out(server: &StandIn, fault: impl Fn() -> Fault, words: &str) -> ApiError {
    let mut timeout = Duration::from_millis(200);
    loop {
        let api = Api {
            timeout,
            ..api(server)
        };
        let client = Client::new(&api, Credentials::CompanyToken(COMPANY_TOKEN.into())).unwrap();
        server.fail("organization", std::iter::repeat_with(&fault).take(4));
        let error = client.organizations().await.unwrap_err();
        if error
            .to_string()
            .contains(&format!("failed: {words} within {timeout:?};"))
        {
            return error;
        }
        timeout *= 2;
        assert!(timeout < PATIENCE, "{error}");
    }
}

#[tokio::test]
async fn slow_answers_time_out() {
    let server = StandIn::start();
    let hold = Hold::new();
    let error = timed_out(&server, || hold.fault(), "connected, but no answer").await;
    assert!(matches!(error, ApiError::TimedOut { .. }), "{error}");
    assert!(error.to_string().contains("`timeout`"), "{error}");
    // An answer that begins and does not end is another thing.
    let words = "the answer began and did not end";
    let error = timed_out(&server, || hold.stalled(), words).await;
    assert!(matches!(error, ApiError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn answers_of_another_shape_are_errors_that_quote_nothing() {
    let server = StandIn::start();
    let client = with_token(&server);
    let cases = [
        ("organization", "text/html", "<!doctype html><p>secret</p>"),
        ("organization", "application/json", "{\"secret\":1}"),
        ("organization", "application/json", "[{\"id\":\"secret\"}]"),
        ("organization", "text/plain", "secret"),
        ("organization", "text/plain", ""),
        ("operator/get-token", "application/json", "\"secret\""),
        (
            "operator/get-token",
            "application/json",
            "{\"jwt\":\"secret\"}",
        ),
        ("operator/get-token", "text/html", "<p>secret</p>"),
        ("operator/get-token", "application/json", "null"),
    ];
    for (path, kind, body) in cases {
        server.fail(path, [Fault::Body(kind, body.to_owned())]);
        let error = if path == "organization" {
            client.organizations().await.unwrap_err()
        } else {
            client.mint(101, in_hours(1)).await.unwrap_err()
        };
        assert!(matches!(error, ApiError::Shape { .. }), "{body}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let server = StandIn::start();
    let client = with_token(&server);
    let body = format!("[\"{}", "x".repeat(9 << 20));
    server.fail("organization", [Fault::Body("application/json", body)]);
    let error = client.organizations().await.unwrap_err().to_string();
    assert!(error.contains("more than 8 MiB"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_said() {
    let server = StandIn::start();
    let client = with_token(&server);
    drop(server);
    let error = client.organizations().await.unwrap_err();
    assert!(
        matches!(error, ApiError::Network { unsent: true, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn operators_are_added_in_batches_and_change_their_status() {
    let server = StandIn::start();
    let client = with_token(&server);
    let new = |n| NewOperator {
        organization_id: 24,
        name: format!("Operator {n}"),
    };
    let added = client
        .synchronize(&(0..250).map(new).collect::<Vec<_>>())
        .await
        .unwrap();
    assert_eq!(added.len(), 250);
    assert_eq!(server.count("synchronize"), 3);
    client
        .set_status(added[7].id, Status::Inactive)
        .await
        .unwrap();
    let operators = client.operators(24).await.unwrap();
    let changed = operators.iter().find(|o| o.name == "Operator 7").unwrap();
    assert_eq!(changed.status, Status::Inactive);
    // A failure that may have come too late is not repeated.
    server.fail("synchronize", [Fault::error()]);
    client.synchronize(&[new(0)]).await.unwrap_err();
    assert_eq!(server.count("synchronize"), 4);
}

#[tokio::test]
async fn what_the_api_holds_against_a_token_is_told_without_it() {
    let server = StandIn::start();
    let client = with_token(&server);
    let token = client.mint(101, in_hours(1)).await.unwrap();
    client.set_status(101, Status::Inactive).await.unwrap();
    let validity = client.validate(token.secret()).await.unwrap();
    let error = "Operator is not active".to_owned();
    assert_eq!(validity, Validity::Invalid { error });
    let full = token.secret().expose_secret();
    let words = format!("{{\"valid\":false,\"error\":\"bad {full}\"}}");
    server.fail("validate-token", [Fault::Body("application/json", words)]);
    let Validity::Invalid { error } = client.validate(token.secret()).await.unwrap() else {
        panic!();
    };
    assert!(
        error.starts_with("bad ") && !error.contains(full),
        "{error}"
    );
    assert!(!format!("{token:?} {client:?}").contains(full));
    assert!(!format!("{client:?}").contains(COMPANY_TOKEN));
}

#[tokio::test]
async fn plain_http_is_for_this_machine_alone() {
    for url in [
        "http://chatapi.smsbat.com",
        "http://192.0.2.1:80",
        "ftp://localhost",
    ] {
        let api = Api {
            url: url.to_owned(),
            ..Api::default()
        };
        let error = Client::new(&api, Credentials::CompanyToken("x".into())).unwrap_err();
        assert!(matches!(error, ApiError::Address { .. }), "{error}");
        assert!(error.to_string().contains(url), "{error}");
    }
}

#[tokio::test]
async fn no_more_than_five_requests_a_second_and_one_token() {
    let server = StandIn::start();
    let client = with_login(&server);
    // From before the first is sent until after the last is: a lower bound that no load can make smaller.
    let start = Instant::now();
    for _ in 0..10 {
        client.organizations().await.unwrap();
    }
    assert_eq!(server.calls().len(), 11);
    assert!(start.elapsed() >= Duration::from_secs(2));
    let start = Instant::now();
    for _ in 0..3 {
        client.mint(101, in_hours(1)).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_secs(2));
}
