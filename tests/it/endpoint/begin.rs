//! What has to be right before it serves.

use super::*;

#[test]
fn it_refuses_to_be_open_by_accident_wherever_it_listens() {
    let api = StandIn::start();
    // Behind a proxy, loopback is as open as any other address; and origins bind browsers only.
    for (listen, more) in [
        ("127.0.0.1:0", ""),
        ("127.0.0.1:0", "origins = [\"https://www.example.com\"]\n"),
        ("0.0.0.0:0", "origins = [\"https://www.example.com\"]\n"),
        ("[::]:0", ""),
        ("192.0.2.1:80", ""),
    ] {
        let run = closed_site(&api, more).run_all(&["endpoint", "--listen", listen]);
        run.fails(
            2,
            &[
                "which users may have tokens",
                "--allow-anyone",
                "endpoint.origins",
            ],
        );
    }
    // Whoever is believed may say who they are.
    for networks in [
        "[\"0.0.0.0/0\"]",
        "[\"::/0\"]",
        "[\"0.0.0.0/1\", \"127.0.0.1\", \"128.0.0.0/1\"]",
    ] {
        let more = format!("auth-header = \"Remote-User\"\ntrusted-proxies = {networks}\n");
        let words = [
            "endpoint.trusted-proxies",
            "every address",
            "--allow-anyone",
        ];
        closed_site(&api, &more).run("endpoint").fails(2, &words);
    }
    for (more, arguments, open) in [
        ("", &["--allow-anyone"] as &[_], true),
        (
            "allow-anyone = true\norigins = [\"https://www.example.com\"]\n",
            &[],
            true,
        ),
        ("auth-header = \"Remote-User\"\n", &[], false),
        ("forward-auth = \"http://127.0.0.1:9/\"\n", &[], false),
        (
            "auth-header = \"Remote-User\"\nallow-anyone = true\n",
            &[],
            false,
        ),
        (
            "auth-header = \"Remote-User\"\nallow-anyone = true\ntrusted-proxies = [\"0.0.0.0/0\"]\n",
            &[],
            true,
        ),
    ] {
        let site = closed_site(&api, more);
        // Also where only warnings are logged.
        let mut command = site.command(["endpoint", "--listen", "0.0.0.0:0"]);
        let mut server = Server::start(command.args(arguments));
        server.says("token minted");
        server.says("token minted");
        let (code, said) = server.stop();
        assert_eq!(code, 0);
        assert_eq!(said.contains("tokens are published"), open, "{more} {said}");
        assert_eq!(said.contains("sales, support"), open, "{more} {said}");
    }
}

#[test]
fn mistakes_end_it_before_it_begins() {
    let api = StandIn::start();
    Site::of(plain())
        .run("endpoint")
        .fails(2, &["no organizations are configured"]);
    Site::of(plain())
        .config("[organizations.a]\nid = 1\n")
        .run("endpoint --allow-anyone")
        .fails(2, &["no credentials", "CHATHUB_COMPANY_TOKEN"]);
    for (more, words) in [
        ("origins = \"www.example.com\"\n", "endpoint.origins"),
        (
            "origins = \"https://www.example.com/chat\"\n",
            "this has a path",
        ),
        (
            "origins = \"https://www.example.com/\"\n",
            "no slash at the end",
        ),
        (
            "origins = \"https://чат.example\"\n",
            "browsers send it as `https://xn--80a0bn.example`",
        ),
        (
            "origins = \"http://127.1:8000\"\n",
            "http is neither private",
        ),
        (
            "origins = \"https://[2001:db8:0::1]\"\n",
            "browsers send it as `https://[2001:db8::1]`",
        ),
        (
            "origins = \"http://www.example.com\"\n",
            "http is neither private",
        ),
        ("origins = \"https://www.example.com:443\"\n", "usual port"),
        ("origins = \"https://*.example.com\"\n", "no wildcards"),
        ("trusted-proxies = \"proxy\"\n", "addresses and networks"),
        ("token-lifetime = \"30d\"\n", "24 hours"),
        ("token-lifetime = \"1s\"\n", "too short"),
        ("auth-header = \"Remote User\"\n", "name of a header field"),
        ("auth-header = \"Cookie\"\n", "only an authenticated user"),
        ("admin-listen = \"unix:chathub.sock\"\n", "not absolute"),
        ("forward-auth = \"127.0.0.1\"\n", "http or https URL"),
        ("rate-limt = 1\n", "did you mean `rate-limit`?"),
    ] {
        site(&api, more)
            .run("endpoint")
            .fails(2, &[words, "chathub.toml:"]);
    }
    for (more, words) in [
        (
            "auth-header = \"Remote-User\"\nforward-auth = \"http://127.0.0.1:1/\"\n",
            "exclude each other",
        ),
        (
            "auth-header = \"X-Who\"\nclient-header = \"x-who\"\n",
            "name the same header",
        ),
    ] {
        site(&api, more).run("endpoint").fails(2, &[words]);
    }
    site(&api, "")
        .run("endpoint --listen here")
        .fails(2, &["--listen", "address and a port"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = site(&api, "").run(&format!("endpoint --listen {address}"));
    run.fails(2, &[&address, "cannot listen", "another address"]);
    assert_eq!(run.stderr.matches("(os error").count(), 1, "{}", run.stderr);
}

#[test]
fn more_connections_than_files_are_refused_beforehand() {
    let api = StandIn::start();
    let site = site(&api, "max-connections = 500\n");
    let program = |limits: &str| {
        let script = format!("{limits} && exec \"$0\" \"$@\"");
        site.command(["endpoint"]).under(&["sh", "-c", &script])
    };
    // The soft limit is raised, as far as the hard one goes.
    let mut server = Server::start(&mut program("ulimit -S -n 100"));
    assert!(server.is_running());
    let refused = crate::common::Run::of(&mut program("ulimit -n 100"));
    refused.fails(
        2,
        &[
            "max-connections = 500",
            "564 open files",
            "allows 100",
            "LimitNOFILE",
        ],
    );
}

#[test]
fn pages_may_ask_at_another_path() {
    let api = StandIn::start();
    let with = |endpoint: &str| {
        let site = site(&api, "");
        let variable = ("CHATHUB_PLACEHOLDER_ENDPOINT", endpoint);
        site.env(variable.0, variable.1)
    };
    for (endpoint, path) in [
        ("/chat/token?v=1", "/chat/token"),
        ("https://chat.example.com/token", "/token"),
        ("/:a/*b", "/:a/*b"),
    ] {
        let server = start(&with(endpoint));
        assert_eq!(server.get(path).status, 200, "{path}");
        assert_eq!(server.get(TOKEN).status, 200);
        assert_eq!(server.get("/other").status, 404);
    }
    with("/metrics")
        .run("endpoint")
        .fails(2, &["placeholder.endpoint", "/metrics"]);
}
