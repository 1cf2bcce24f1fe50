//! The settings of `[endpoint]`, as part of the table in `settings`.

use super::settings::{Kind, Setting, setting};

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "endpoint.listen",
        Kind::Text,
        Some(r#""127.0.0.1:8787""#),
        r#""unix:/run/chathub/endpoint.sock""#,
        "address and port of `chathub endpoint`, or `unix:` and the path of a socket",
    ),
    setting(
        "endpoint.admin-listen",
        Kind::Text,
        None,
        r#""127.0.0.1:8788""#,
        "where it answers /livez, /readyz and /metrics; unset: where it serves tokens",
    ),
    setting(
        "endpoint.origins",
        Kind::List,
        None,
        r#"["https://www.example.com"]"#,
        "origins whose pages may read tokens; no authentication; unset: pages of its own host",
    ),
    setting(
        "endpoint.allow-anyone",
        Kind::Flag,
        Some("false"),
        "true",
        "give everybody who can reach it an operator's token: needed without authentication",
    ),
    setting(
        "endpoint.auth-header",
        Kind::Text,
        None,
        r#""Remote-User""#,
        "header in which a trusted proxy names the user that it has authenticated",
    ),
    setting(
        "endpoint.forward-auth",
        Kind::Text,
        None,
        r#""http://127.0.0.1:4180/oauth2/auth""#,
        "address that is asked, with the visitor's cookies, who may have a token",
    ),
    setting(
        "endpoint.trusted-proxies",
        Kind::List,
        Some(r#"["127.0.0.0/8", "::1/128"]"#),
        r#"["10.0.0.0/8"]"#,
        "addresses and networks of proxies whose headers are believed",
    ),
    setting(
        "endpoint.client-header",
        Kind::Text,
        None,
        r#""X-Forwarded-For""#,
        "header in which a trusted proxy gives the client's address",
    ),
    setting(
        "endpoint.rate-limit",
        Kind::Count,
        Some("60"),
        "120",
        "requests that a client may make in a minute; 0: any number",
    ),
    setting(
        "endpoint.max-connections",
        Kind::Count,
        Some("1024"),
        "4096",
        "connections at a time",
    ),
    setting(
        "endpoint.max-connections-per-address",
        Kind::Count,
        Some("64"),
        "16",
        "connections at a time from one address that is not a trusted proxy; 0: any number",
    ),
    setting(
        "endpoint.token-lifetime",
        Kind::Text,
        Some(r#""24h""#),
        r#""8h""#,
        "how long the tokens that it mints live, 24 hours at most",
    ),
    setting(
        "endpoint.log-json",
        Kind::Flag,
        Some("false"),
        "true",
        "log in JSON, one object a line",
    ),
];
