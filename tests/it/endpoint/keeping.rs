//! What keeps tokens flowing: renewal of sources that others fill, and clocks that differ.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;

#[test]
fn a_source_that_nobody_refills_is_told_long_before_its_token_expires() {
    // Of its three hours, one is left.
    let now = now();
    let (issued, expires) = (now - 7200, now + 3600);
    let claims = format!(r#"{{"sub":"operator 7","iat":{issued},"exp":{expires}}}"#);
    let old = crate::common::jwt(&claims);
    let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
                  allow-anyone = true\nrate-limit = 0\n";
    let site = Site::of(plain()).config(config).file("a-token", &old);
    let mut server = start(&site);
    ready(&server);
    let said = server.says("has not been replaced");
    assert!(said.contains("stale"), "{said}");
    // It is no token that was minted, and the old one goes on being given out.
    assert_eq!(mints(&server, "a", "ok"), 1);
    assert!(mints(&server, "a", "error") >= 1);
    let new = crate::common::token("operator 7", 7200);
    site.replace("a-token", &new);
    wait_until("the new one is given out", || {
        let reply = server.get(TOKEN);
        reply.status == 200 && reply.json()["token"] == new
    });
    assert_eq!(mints(&server, "a", "ok"), 2);
}

/// The rule is the same wherever a token comes from; of the API's own, tests/it/account/ has the rest.
#[test]
fn only_a_token_that_can_work_is_given_out() {
    let hour = now() + 3600;
    let lives = |claims: &str| crate::common::jwt(&format!(r#"{{"sub":"operator 7",{claims}}}"#));
    for (token, words) in [
        (crate::common::token("operator 7", -60), "it expired at"),
        (lives(r#""iat":1"#), "no exp claim"),
        (
            lives(&format!(r#""exp":{hour},"iat":{}"#, hour - 100_000)),
            "longer than 24 hours",
        ),
        (
            format!("\"{}\"", crate::common::token("operator 7", 3600)),
            "wrapped in quotes",
        ),
        ("a-word".to_owned(), "not a JWT"),
    ] {
        let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
                      allow-anyone = true\n";
        let site = Site::of(plain()).config(config).file("a-token", &token);
        let mut server = start(&site);
        let said = server.says("no token minted");
        assert!(
            said.contains(words) && said.contains("a-token is not given out"),
            "{said}"
        );
        assert_eq!(server.get(TOKEN).status, 503, "{words}");
    }
    // The API lists an operator of another organization.
    let api = StandIn::start();
    let stranger =
        r#"[{"id":102,"name":"Sales desk","status":0,"organization":{"id":24,"name":"Sales"}}]"#;
    let body = || Fault::Body("text/plain", stranger.to_owned());
    api.fail("organizationId=6", std::iter::repeat_with(body).take(100));
    let site = site(&api, "");
    let mut server = start(&site);
    server.says("says that it belongs to organization 24 (Sales)");
    assert_eq!(server.get(&format!("{TOKEN}?org=support")).status, 503);
    wait_until("the other one is served", || {
        server.get(&format!("{TOKEN}?org=sales")).status == 200
    });
    assert_eq!(api.state().minted.len(), 1);
}

#[test]
fn an_api_whose_clock_differs_gives_tokens_all_the_same() {
    for seconds in [-1, -7200, 7200] {
        let api = StandIn::start();
        api.state().ahead = jiff::SignedDuration::from_secs(seconds);
        let site = site(&api, "");
        let server = start_ready(&site);
        let reply = server.get(TOKEN).json();
        let expires: jiff::Timestamp = reply["expiresAt"].as_str().unwrap().parse().unwrap();
        // By the clock of our own `Date`, which pages go by.
        let left = expires.as_second() - now();
        assert!((80_000..=86_400).contains(&left), "{seconds}: {left}");
    }
}

#[test]
fn a_restart_while_the_api_is_down_is_no_outage() {
    let api = StandIn::start();
    let site = site(&api, "rate-limit = 0\n");
    let state = site.folder().join("state");
    let site = site.env("STATE_DIRECTORY", state.to_str().unwrap());
    let server = start_ready(&site);
    let first = server.get(TOKEN).json()["token"].clone();
    server.stop();
    // Nobody else can read what is kept.
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = state.join("tokens");
    assert_eq!(mode(&folder), 0o700);
    let kept: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(kept.len() >= 2, "{kept:?}");
    assert!(kept.iter().all(|file| mode(file) == 0o600), "{kept:?}");

    let down = |path| api.fail(path, std::iter::repeat_n(Fault::error(), 1000));
    for path in ["validate-token", "api/operator", "organization"] {
        down(path);
    }
    let server = start_ready(&site);
    assert_eq!(server.get(TOKEN).json()["token"], first);
    // The API is back: there is another one soon, since nobody has confirmed this one.
    api.state().faults.clear();
    wait_until("there is another", || {
        let reply = server.get(TOKEN);
        reply.status == 200 && reply.json()["token"] != first
    });
    wait_until("both have been minted", || {
        mints(&server, "sales", "ok") == 1
    });
    let second = server.get(TOKEN).json()["token"].clone();
    server.stop();

    // While the API answers, it confirms what is kept, and nothing is minted.
    let minted = api.state().minted.len();
    let server = start_ready(&site);
    assert_eq!(server.get(TOKEN).json()["token"], second);
    assert_eq!(api.state().minted.len(), minted);
    server.stop();

    // And says of what is not valid any more that it is not.
    for operator in &mut api.state().operators {
        operator.status = 1;
    }
    let mut server = start(&site);
    server.says("the kept token is not given out");
    server.says("no token minted");
    assert_eq!(server.get(TOKEN).status, 503);
}

#[test]
fn tokens_are_renewed_ahead_and_outlast_the_api() {
    let api = StandIn::start();
    let site = site(&api, "token-lifetime = \"12s\"\nrate-limit = 0\n");
    let server = start(&site);
    // The token, and when it expires.
    let token = |reply: &Reply| {
        let json = reply.json();
        let expires: jiff::Timestamp = json["expiresAt"].as_str().unwrap().parse().unwrap();
        (json["token"].as_str().unwrap().to_owned(), expires)
    };
    // A reply, of which it is certain that the token in it was valid when it was asked for.
    let ask = || {
        let before = jiff::Timestamp::now();
        let reply = server.get(TOKEN);
        if reply.status == 200 {
            let whole_seconds = jiff::SignedDuration::from_secs(1);
            let (_, expires) = token(&reply);
            assert!(before <= expires + whole_seconds, "{expires} at {before}");
        }
        reply
    };
    let in_reply = |reply: &Reply| (reply.status == 200).then(|| token(reply));
    let (first, _) = wait_for("there is a token", || in_reply(&ask()));
    let mut last = wait_for("it is renewed", || {
        in_reply(&ask()).filter(|(token, _)| *token != first)
    });
    // From here on the API fails. Whoever asks gets the last token, up to the second in which it expires.
    api.fail(
        "/api/operator/get-token",
        std::iter::repeat_n(Fault::error(), 1000),
    );
    let failed = wait_for("the last token expires", || {
        let reply = ask();
        if let Some(newer) = in_reply(&reply) {
            last = newer;
        }
        (reply.status != 200).then_some(reply)
    });
    assert!(
        jiff::Timestamp::now() >= last.1,
        "it failed before the token expired"
    );
    assert_eq!(
        (failed.status, failed.json()["error"].as_str()),
        (503, Some("No token is available"))
    );
    let wait: u64 = failed.header("retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(failed.header("cache-control"), "no-store");
    let health = server.get("/healthz");
    assert_eq!(
        (health.status, &health.json()["organizations"]["support"]),
        (503, &"expired".into())
    );
    // It recovers by itself.
    api.state().faults.clear();
    wait_until("it recovers", || server.get(TOKEN).status == 200);
}

/// The endpoint for as many organizations, which are called `o1000`, `o1001` and so on, after their ids.
fn many(api: &StandIn, organizations: std::ops::Range<u64>) -> Site {
    let names: Vec<String> = organizations
        .clone()
        .map(|id| format!("o{id}={id}"))
        .collect();
    let mut state = api.state();
    for id in organizations {
        state.organizations.push((id, format!("Organization {id}")));
        state.operators.push(crate::standin::Operator {
            id,
            organization: id,
            name: format!("Operator {id}"),
            status: 0,
        });
    }
    let config = format!(
        "[api]\nurl = \"{}\"\n[endpoint]\nlisten = \"127.0.0.1:0\"\nallow-anyone = true\nrate-limit = 0\n",
        api.url()
    );
    Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("CHATHUB_ORGANIZATIONS", &names.join(","))
}

/// The organizations whose operators have been asked for, in the order of that.
fn begun(api: &StandIn) -> Vec<u64> {
    let calls = api.calls();
    let of = |call: &String| call.split("organizationId=").nth(1)?.parse().ok();
    calls.iter().filter_map(of).collect()
}

#[test]
fn retry_after_tells_the_truth_and_who_is_asked_for_comes_first() {
    let api = StandIn::start();
    let ids = 1000..1060;
    let site = many(&api, ids.clone());
    let mut holds = BTreeMap::new();
    for id in ids {
        let hold = Hold::new();
        api.fail(&format!("organizationId={id}"), [hold.fault()]);
        holds.insert(id, hold);
    }
    let server = start(&site);
    let address = server.address;
    let ask = |id: &u64| crate::http::ask(address, "GET", &format!("{TOKEN}?org=o{id}"), &[]);
    let wait = |id: &u64| {
        let reply = ask(id);
        assert_eq!(reply.status, 503);
        reply.header("retry-after").parse::<u64>().unwrap()
    };
    // Four are being minted, and hang. All others wait.
    wait_until("four have begun", || begun(&api).len() == 4);
    let first = begun(&api);
    let others: Vec<u64> = holds
        .keys()
        .copied()
        .filter(|id| !first.contains(id))
        .collect();
    let (wanted, rest) = (&others[20..22], [&others[..20], &others[22..]].concat());
    let soon: Vec<u64> = wanted.iter().map(wait).collect();
    let waits: Vec<u64> = thread::scope(|scope| {
        let asked: Vec<_> = rest.iter().map(|id| scope.spawn(|| wait(id))).collect();
        asked.into_iter().map(|wait| wait.join().unwrap()).collect()
    });
    // The API gives one a second.
    let longest = waits.iter().max().unwrap();
    assert!(
        soon.iter().all(|wait| wait + 40 < *longest),
        "{soon:?} {waits:?}"
    );
    // Two turns are free: for those that were asked for first, although they began in the middle.
    for id in first[..2].iter().chain(wanted) {
        holds.remove(id);
    }
    wait_until("who was asked for is served", || {
        wanted.iter().all(|id| ask(id).status == 200)
    });
    let mut next = begun(&api)[4..6].to_vec();
    next.sort_unstable();
    assert_eq!(next, wanted);
    drop(holds);
}

#[test]
fn during_a_hang_the_wait_grows_with_it() {
    let api = StandIn::start();
    let hold = Hold::new();
    api.fail("/api/operator", [hold.fault(), hold.fault()]);
    let site = site(&api, "rate-limit = 0\n");
    let server = start(&site);
    let first = server.get(TOKEN);
    assert_eq!(first.status, 503);
    let told = first.header("retry-after").parse::<u64>().unwrap();
    assert!((5..=600).contains(&told), "{told}");
}
