//! What keeps tokens flowing: renewal of sources that others fill, and clocks that differ.

use super::*;

fn count(server: &Server, organization: &str, result: &str) -> u64 {
    let of = format!("chathub_mints_total{{organization=\"{organization}\",result=\"{result}\"}} ");
    let metrics = server.get("/metrics");
    let count = metrics
        .text()
        .lines()
        .find_map(|line| line.strip_prefix(&of));
    count.map_or(0, |count| count.parse().unwrap())
}

#[test]
fn a_source_that_nobody_refills_is_told_long_before_its_token_expires() {
    let old = common::token("operator 7", 100);
    let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
                  allow-anyone = true\nrate-limit = 0\n";
    let site = Site::of(plain()).config(config).file("a-token", &old);
    let mut server = start(&site);
    ready(&server);
    let said = server.says("has not been replaced");
    assert!(said.contains("stale"), "{said}");
    // It is no token that was minted, and the old one goes on being given out.
    assert_eq!(count(&server, "a", "ok"), 1);
    assert!(count(&server, "a", "error") >= 1);
    let new = common::token("operator 7", 3600);
    site.replace("a-token", &new);
    wait_until("the new one is given out", || {
        let reply = server.get(TOKEN);
        reply.status == 200 && reply.json()["token"] == new
    });
    assert_eq!(count(&server, "a", "ok"), 2);
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
        count(&server, "sales", "ok") == 1
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
