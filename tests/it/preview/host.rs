//! What static hosts do with a path, conditions and ranges; and never what is outside the site or hidden.

use super::*;

#[test]
fn serves_as_static_hosts_do() {
    let site = Site::of(plain())
        .page("about.html", plain())
        .page("docs/index.html", plain())
        .page("404.html", plain().replace("Hello", "Lost"))
        .page("site.css", "p { color: red }")
        .page("app.js", "export {}")
        .page("data.wasm", b"\0asm")
        .page("café.html", plain())
        .page("old.html", [HEAD.as_bytes(), b"caf\xE9", TAIL.as_bytes()].concat())
        .page("x.xhtml", "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><p>x</p></body></html>");
    let server = preview(&site, &[]);
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/index.html", 200, "text/html; charset=utf-8"),
        ("/about", 200, "text/html; charset=utf-8"),
        ("/about/", 404, "text/html; charset=utf-8"),
        ("/docs/", 200, "text/html; charset=utf-8"),
        ("/nothing", 404, "text/html; charset=utf-8"),
        ("/caf%C3%A9", 200, "text/html; charset=utf-8"),
        ("/old", 200, "text/html"),
        ("/x.xhtml", 200, "application/xhtml+xml"),
        ("/site.css?v=1", 200, "text/css; charset=utf-8"),
        ("/app.js", 200, "text/javascript; charset=utf-8"),
        ("/data.wasm", 200, "application/wasm"),
    ] {
        let reply = server.get(path);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, kind),
            "{path}"
        );
    }
    assert!(server.get("/nothing").text().contains("Lost"));
    let folder = server.get("/docs?x=1");
    assert_eq!(
        (folder.status, folder.header("location")),
        (307, "/docs/?x=1")
    );
    let part = server.ask("GET", "/site.css", &[("range", "bytes=0-2")]);
    assert_eq!((part.status, part.text()), (206, "p {"));
    let again = server.ask(
        "GET",
        "/",
        &[("if-none-match", server.get("/").header("etag"))],
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(server.ask("HEAD", "/", &[]).body.len(), 0);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!(server.ask(method, "/", &[]).status, 405, "{method}");
    }
}

#[test]
fn the_runtime_comes_from_memory() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let reply = server.get(&format!(
        "/chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    ));
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "text/javascript; charset=utf-8")
    );
    assert!(reply.header("cache-control").contains("immutable"));
    assert!(reply.body == chathub::internal::runtime::SOURCE);
}

#[test]
fn a_site_below_the_root_of_its_host_is_served_there() {
    let site = Site::of(plain()).config("[placeholder]\nbase-url = \"https://example.com/docs/\"\nendpoint = \"https://example.com/t\"\n");
    let server = preview(&site, &[]);
    assert_eq!(server.get("/").header("location"), "/docs/");
    assert_eq!(server.get("/docs").header("location"), "/docs/");
    assert_eq!(server.get("/elsewhere").status, 404);
    let page = server.get("/docs/").text().to_owned();
    // Nothing on the page may lead to the real site.
    assert!(!page.contains("example.com"), "{page}");
    assert!(page.contains(&format!(
        "src=\"/docs/chathub-assets/{}\"",
        chathub::internal::runtime::hashed_name()
    )));
    assert_eq!(server.get("/api/chathub/token").status, 200);
}

#[test]
fn it_never_serves_what_is_outside_or_hidden() {
    let site = Site::of(plain())
        .page(".env", "SECRET")
        .page(".git/config", "SECRET")
        .page(
            "docs/.chathub.toml",
            "[[rules]]\nmatch = \"SECRET\"\nwidget = false\n",
        )
        .file("secret.txt", "SECRET")
        .page("docs/index.html", plain());
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../secret.txt", site.path("link.txt")).unwrap();
        symlink("..", site.path("up")).unwrap();
        symlink("/etc", site.path("etc")).unwrap();
        symlink(".git", site.path("shown")).unwrap();
        symlink("../secret.txt", site.path("page.html")).unwrap();
        assert!(
            std::process::Command::new("mkfifo")
                .arg(site.path("pipe.css"))
                .status()
                .unwrap()
                .success()
        );
    }
    let server = preview(&site, &[]);
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/docs/..%2f..%2fsecret.txt",
        "/docs/../../secret.txt",
        "//secret.txt",
        "/..%5csecret.txt",
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/.git/",
        "/docs/.chathub.toml",
        "/link.txt",
        "/up/secret.txt",
        "/up/",
        "/etc/passwd",
        "/shown/config",
        "/page.html",
        "/page",
        "/pipe.css",
        "/index.html%00.css",
        "/%ff",
        "/.chathub/",
        "/.chathub/../secret.txt",
    ] {
        let reply = server.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("SECRET"), "{path}");
    }
    // What cannot even be a request.
    for request in [
        "GET  HTTP/1.1\r\n\r\n",
        "GET ../secret.txt HTTP/1.1\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
    ] {
        assert!(
            matches!(server.raw(request.as_bytes()).status, 0 | 400),
            "{request:?}"
        );
    }
    assert_eq!(server.get("/").status, 200);
}

#[test]
#[cfg(unix)]
fn pages_below_the_link_root_are_shown() {
    use std::os::unix::fs::symlink;
    let site = Site::of(plain())
        .file("store/guide/a.html", plain())
        .file("store/b.html", plain())
        .file("elsewhere/c.html", plain());
    symlink("../store/guide", site.path("guide")).unwrap();
    symlink("../store/b.html", site.path("b.html")).unwrap();
    symlink("../elsewhere/c.html", site.path("c.html")).unwrap();
    let server = preview(&site, &["--link-root", "store"]);
    for path in ["/guide/a", "/b.html"] {
        let shown = server.get(path);
        assert!(shown.text().contains("data-chathub"), "{path}");
    }
    assert_eq!(server.get("/c.html").status, 404);
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(!said.contains("cannot be read"), "{said}");
    assert_eq!(
        fs::read_to_string(site.folder().join("store/guide/a.html")).unwrap(),
        plain()
    );
}

#[test]
fn pages_files_and_scripts_know_conditions_and_ranges() {
    let site = Site::of(plain()).page("film.mp4", "0123456789");
    let server = preview(&site, &[]);
    let runtime = format!(
        "/chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    );
    for path in [
        "/",
        "/film.mp4",
        "/chathub-assets/runtime.js",
        &runtime,
        "/.chathub/widget.js",
    ] {
        let whole = server.get(path);
        let tag = whole.header("etag").to_owned();
        assert_eq!(whole.status, 200, "{path}");
        assert_eq!(whole.header("accept-ranges"), "bytes", "{path}");
        let asked = |headers: &[(&str, &str)]| server.ask("GET", path, headers);
        for known in [&*tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
            let same = asked(&[("if-none-match", known)]);
            assert_eq!((same.status, same.body.len()), (304, 0), "{path} {known}");
            assert_eq!(same.header("etag"), tag);
            assert_eq!(same.header("cache-control"), whole.header("cache-control"));
        }
        assert_eq!(asked(&[("if-none-match", "\"x\"")]).status, 200);
        assert_eq!(asked(&[("if-match", "\"x\"")]).status, 412);
        let length = whole.body.len();
        let part = asked(&[("range", "bytes=2-5")]);
        assert_eq!(
            (part.status, &part.body[..]),
            (206, &whole.body[2..6]),
            "{path}"
        );
        assert_eq!(part.header("content-range"), format!("bytes 2-5/{length}"));
        assert_eq!(part.header("content-type"), whole.header("content-type"));
        let end = asked(&[("range", "bytes=-3")]);
        assert_eq!(
            (end.status, &end.body[..]),
            (206, &whole.body[length - 3..])
        );
        let all = asked(&[("range", "bytes=-99999999")]);
        assert_eq!((all.status, &all.body), (206, &whole.body));
        let still = asked(&[("range", "bytes=2-5"), ("if-range", &tag)]);
        assert_eq!((still.status, &still.body[..]), (206, &whole.body[2..6]));
        let beyond = asked(&[("range", "bytes=99999999-")]);
        assert_eq!(beyond.status, 416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
        // Of another version, not understood, or several at once: all of it.
        for headers in [
            &[("range", "bytes=2-5"), ("if-range", "\"x\"")] as &[_],
            &[
                ("range", "bytes=2-5"),
                ("if-range", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ],
            &[("range", "lines=2-5")],
            &[("range", "bytes=5-2")],
            &[("range", "bytes=0-1,3-4")],
        ] {
            let reply = asked(headers);
            assert_eq!(
                (reply.status, &reply.body),
                (200, &whole.body),
                "{path} {headers:?}"
            );
        }
        let head = server.ask("HEAD", path, &[("range", "bytes=2-5")]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), length.to_string());
    }
    // Files have a time, pages are made when they are asked for.
    let shown = server.get("/film.mp4");
    let since = shown.header("last-modified");
    let asked = |name, value: &str| server.ask("GET", "/film.mp4", &[(name, value)]).status;
    assert_eq!(asked("if-modified-since", since), 304);
    assert_eq!(
        asked("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        200
    );
    assert_eq!(asked("if-modified-since", "yesterday"), 200);
    assert_eq!(
        asked("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        412
    );
    let headers = [("range", "bytes=2-5"), ("if-range", since)];
    assert_eq!(server.ask("GET", "/film.mp4", &headers).status, 206);
    assert_eq!(server.get("/").header("last-modified"), "");
    // Another content is another version, be it as long and as old.
    let file = fs::File::options()
        .write(true)
        .open(site.path("film.mp4"))
        .unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    (&file).write_all(b"abcdefghij").unwrap();
    file.set_modified(before).unwrap();
    let headers = [("range", "bytes=2-5"), ("if-range", shown.header("etag"))];
    let reply = server.ask("GET", "/film.mp4", &headers);
    assert_eq!((reply.status, reply.text()), (200, "abcdefghij"));
    // A page that says that there is none is no version of what was asked for.
    let none = server.ask(
        "GET",
        "/nothing",
        &[("if-none-match", "*"), ("range", "bytes=0-1")],
    );
    assert_eq!(none.status, 404);
}

#[test]
#[cfg(target_os = "linux")]
fn names_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let site = Site::of(plain());
    let folder = site.path("").join(OsStr::from_bytes(b"\xFCber"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("index.html"), plain()).unwrap();
    fs::write(folder.join(OsStr::from_bytes(b"caf\xE9.html")), plain()).unwrap();
    fs::write(folder.join(OsStr::from_bytes(b"\xFF.css")), "p {}").unwrap();
    let mut server = preview(&site, &["-v"]);
    assert_eq!(server.get("/%FCber").header("location"), "/%FCber/");
    for page in ["/%FCber/", "/%fcber/caf%e9", "/%FCber/caf%E9.html"] {
        assert!(server.get(page).text().contains("data-chathub"), "{page}");
    }
    let style = server.get("/%FCber/%FF.css");
    assert_eq!((style.status, style.text()), (200, "p {}"));
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(server.get("/%C3%BCber/").status, 404);
    // What the stand-in asks of its page.
    let account = server.get("/.chathub/page?path=%2F%25FCber%2Fcaf%25E9");
    assert_eq!(account.json()["account"]["page"], "\\xFCber/caf\\xE9.html");
    server.says("\\xFCber/caf\\xE9.html");
}
