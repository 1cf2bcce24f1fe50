//! nginx and Caddy, whose configuration stands beside the site.

use super::*;

#[test]
fn nginx_inherits_headers_only_where_a_block_has_none() {
    let wrong = ADDED;
    holds(
        "deploy/nginx.conf",
        NGINX,
        &[
            (&server(wrong), "all", ""),
            (
                &server("add_header Content-Security-Policy \"RIGHT\";"),
                "",
                "",
            ),
            // A piece of a server, with everything that nginx takes for a string.
            (
                "add_header Content-Security-Policy 'script-src \\'self\\'';",
                "all",
                "",
            ),
            (
                "add_header Content-Security-Policy script-src\\ none;",
                "",
                "",
            ),
            (
                "add_header Content-Security-Policy \"script-src\n    'self';\n\";\r\n",
                "all",
                "",
            ),
            ("add_header Content-Security-Policy \"\";", "", ""),
            ("# add_header Content-Security-Policy \"WRONG\";", "", ""),
            (
                &server(&format!("{wrong} location /embed/ {{ add_header X-A b; }}")),
                "about blog index",
                "",
            ),
            (
                &server(&format!("{wrong} location /embed/ {{ expires 1h; }}")),
                "all",
                "",
            ),
            (
                &server(&format!(
                    "{wrong} location /embed/ {{ add_header_inherit merge; add_header X-A b; }}"
                )),
                "all",
                "",
            ),
        ],
    );
}

/// A server with these directives.
fn server(body: &str) -> String {
    format!("http {{\n  include mime.types;\n  server {{\n    root /srv;\n{body}\n  }}\n}}\n")
}

const ADDED: &str = "add_header Content-Security-Policy \"WRONG\" always;";
const NGINX: &str = "[csp]\nfiles = [\"deploy/nginx.conf\"]\n";

#[test]
fn nginx_finds_the_location_as_nginx_does() {
    let wrong = ADDED;
    holds(
        "deploy/nginx.conf",
        NGINX,
        &[
            (
                &server(&format!(
                    "location /embed/ {{ location ~ \\.html$ {{ {wrong} }} }}"
                )),
                "embed",
                "",
            ),
            (
                &server(&format!(
                    "location ^~ /embed/ {{ }} location ~ \\.html$ {{ {wrong} }}"
                )),
                "about blog index",
                "",
            ),
            (
                &server(&format!("location ~* ^/ABOUT {{ {wrong} }}")),
                "about",
                "",
            ),
            // The index of a folder is asked for by its name.
            (&server(&format!("location = / {{ {wrong} }}")), "", ""),
            (
                &server(&format!("location = /index.html {{ {wrong} }}")),
                "index",
                "",
            ),
            (
                &server(&format!(
                    "location / {{ try_files $uri $uri/index.html =404; }} location = / {{ {wrong} try_files $uri $uri/index.html =404; }}"
                )),
                "index",
                "",
            ),
            (
                &server(&format!(
                    "location / {{ try_files $uri $uri.html =404; }} location = /about {{ {wrong} try_files $uri.html =404; }}"
                )),
                "about",
                "",
            ),
            (
                &format!(
                    "server {{ listen 80; {wrong} return 301 https://$host$request_uri; }} server {{ listen 443 ssl; }}"
                ),
                "",
                "",
            ),
        ],
    );
}

#[test]
fn nginx_keeps_to_itself_what_variables_conditions_and_others_say() {
    let wrong = ADDED;
    holds(
        "deploy/nginx.conf",
        NGINX,
        &[
            (
                &server("set $csp \"WRONG\"; add_header Content-Security-Policy $csp;"),
                "",
                "has a variable",
            ),
            (
                &server("include snippets/security.conf;"),
                "",
                "includes from `snippets/security.conf`",
            ),
            (
                &server(&format!("if ($host = x) {{ {wrong} }}")),
                "",
                "depends on more than the address",
            ),
            (
                &server("more_set_headers \"Content-Security-Policy: WRONG\";"),
                "",
                "more_set_headers",
            ),
            (
                &server(&format!("location ~ ( {{ {wrong} }}")),
                "",
                "not a regular expression",
            ),
            (
                "http { server { add_header A \"b; } }",
                "",
                "not a configuration of nginx",
            ),
            ("http {", "", "not a configuration of nginx"),
        ],
    );
}

#[test]
fn caddy_runs_directives_in_its_own_order() {
    let wrong = "header Content-Security-Policy \"WRONG\"";
    holds(
        "Caddyfile",
        "[csp]\nfiles = [\"Caddyfile\"]\n",
        &[
            (
                &format!("example.com {{\n\t{wrong}\n\tfile_server\n}}\n"),
                "all",
                "",
            ),
            (&format!("example.com\n{wrong}\n"), "all", ""),
            (
                ":80 {\n\theader {\n\t\t-Server\n\t\tContent-Security-Policy `RIGHT`\n\t}\n}\n",
                "",
                "",
            ),
            (
                "{\n\tadmin off\n}\n(sec) {\n\theader Content-Security-Policy \"WRONG\"\n}\n:80 {\n\timport sec\n}\n",
                "all",
                "",
            ),
            (
                ":80 {\n\theader /embed/* Content-Security-Policy \"WRONG\"\n}\n",
                "embed",
                "",
            ),
            (
                ":80 {\n\theader /ABOUT.html Content-Security-Policy \"WRONG\"\n}\n",
                "about",
                "",
            ),
            // The one without a matcher comes last.
            (
                ":80 {\n\theader Content-Security-Policy \"RIGHT\"\n\theader /embed/* Content-Security-Policy \"WRONG\"\n}\n",
                "",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"WRONG\"\n\theader /embed/* Content-Security-Policy \"RIGHT\"\n}\n",
                "all",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"RIGHT\"\n\theader /embed/* +Content-Security-Policy \"WRONG\"\n}\n",
                "",
                "",
            ),
            (
                ":80 {\n\troute {\n\t\theader Content-Security-Policy \"RIGHT\"\n\t\theader /embed/* Content-Security-Policy \"WRONG\"\n\t}\n}\n",
                "embed",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"WRONG\"\n\theader /embed/* -Content-Security-Policy\n}\n",
                "about blog index",
                "",
            ),
            (
                ":80 {\n\theader ?Content-Security-Policy \"WRONG\"\n\theader /embed/* Content-Security-Policy \"RIGHT\"\n}\n",
                "about blog index",
                "",
            ),
            (
                ":80 {\n\t@some path /blog/* /about.html\n\theader @some Content-Security-Policy \"WRONG\"\n}\n",
                "about blog",
                "",
            ),
            (
                ":80 {\n\t@some {\n\t\tpath_regexp ^/(blog|embed)/\n\t\tnot path /embed/*\n\t}\n\theader @some Content-Security-Policy \"WRONG\"\n}\n",
                "blog",
                "",
            ),
            // Whether it matches, only the server knows.
            (
                ":80 {\n\t@some header X-A b\n\theader @some Content-Security-Policy \"WRONG\"\n}\n",
                "all",
                "",
            ),
            (
                ":80 {\n\thandle /blog/* {\n\t\theader Content-Security-Policy \"WRONG\"\n\t}\n\thandle {\n\t\theader Content-Security-Policy \"RIGHT\"\n\t}\n}\n",
                "blog",
                "",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"script-src {env.SOURCES}\"\n}\n",
                "",
                "has a placeholder",
            ),
            (
                ":80 {\n\theader Content-Security-Policy {$CSP}\n}\n",
                "",
                "has a placeholder",
            ),
            (
                ":80 {\n\timport other/*.caddy\n}\n",
                "",
                "imports from `other/*.caddy`",
            ),
            (
                ":80 {\n\theader Content-Security-Policy self none\n}\n",
                "",
                "what it replaces",
            ),
            (
                ":80 {\n\theader Content-Security-Policy \"WRONG\n}\n",
                "",
                "a quote is never closed",
            ),
            (":80 {\n\theader X \"a\"\n", "", "never closed"),
            (
                ":80 {\r\n\theader Content-Security-Policy \\\r\n\t\t\"WRONG\"\r\n}\r\n",
                "all",
                "",
            ),
        ],
    );
}
