//! What changes is shown, and told once.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use super::*;

/// The number of the look that a page is from.
fn version(page: &str) -> String {
    let rest = page.split_once("data-version=\"").unwrap().1;
    rest.split_once('"').unwrap().0.to_owned()
}

/// What a page hears that is from this look, line by line; it is connected when this comes back.
fn news(server: &Server, since: &str) -> impl Iterator<Item = String> + use<> {
    listen(server.address, since)
}

fn listen(address: SocketAddr, since: &str) -> impl Iterator<Item = String> + use<> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let path = format!("/.chathub/events?since={since}");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.next().unwrap().unwrap().contains("200"));
    lines.map_while(Result::ok)
}

/// Whether the page was told of a change before the end.
fn is_told(mut news: impl Iterator<Item = String>) -> bool {
    news.any(|line| line.starts_with("data: "))
}

#[test]
fn a_changed_page_or_configuration_is_told_and_shown() {
    let site = Site::of(plain()).config(RULES);
    let mut server = preview(&site, &["-v"]);
    for change in [
        &|| fs::write(site.path("index.html"), plain().replace("Hello", "Changed")).unwrap() as (),
        &|| {
            fs::write(
                site.folder().join("chathub.toml"),
                RULES.replace("\"support\"\n[", "\"sales\"\n["),
            )
            .unwrap();
        },
        // As a generator that cleans up first does it.
        &|| {
            fs::remove_dir_all(site.path("")).unwrap();
            fs::create_dir(site.path("")).unwrap();
            fs::write(site.path("index.html"), plain().replace("Hello", "New")).unwrap();
        },
        &|| fs::write(site.path("index.html"), plain().replace("Hello", "Last")).unwrap(),
    ] as [&dyn Fn(); 4]
    {
        let news = news(&server, &version(server.get("/").text()));
        change();
        assert!(is_told(news), "a page is told of the change");
    }
    // The last look may be one of several in a row.
    wait_until("the last change is shown", || {
        server.get("/").text().contains("Last")
    });
    assert!(
        server.get("/").text().contains("data-org=\"sales\""),
        "and so is the configuration"
    );
    // A mistake is told, and the last good state stays.
    fs::write(site.folder().join("chathub.toml"), "mode = \"sttic\"\n").unwrap();
    server.says("`sttic` is not a valid value of `mode`");
    assert!(server.get("/").text().contains("data-org=\"sales\""));
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(
        said.contains("200 GET / → index.html: sales (default-organization)"),
        "{said}"
    );
}

#[test]
fn a_page_that_comes_as_the_preview_starts_is_not_missed() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    fs::write(site.path("late.html"), plain()).unwrap();
    wait_until("it is taken for a page", || {
        server.get("/late").text().contains("data-chathub")
    });
}

#[test]
fn waiting_pages_do_not_hold_up_the_end() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let mut stream = server.connect();
    write!(
        stream,
        "GET /.chathub/events?since=0 HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.next().unwrap().unwrap().contains("200"));
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(said.contains("ended"), "{said}");
    // It was told the end, and not cut off when the server would wait no longer: this is the last chunk (RFC 9112, section 7.1).
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(rest[rest.len() - 2..], ["0", ""], "{rest:?}");
}

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[test]
fn a_folder_that_is_gone_is_told_until_it_is_back() {
    let site = Site::new().file("build/site/index.html", plain());
    let folder = site.folder().join("build/site");
    let mut server = Server::start(&mut site.command(["preview", "--port", "0", "build/site"]));
    let ways: [[&dyn Fn(); 2]; 2] = [
        [&|| fs::remove_dir_all(&folder).unwrap(), &|| {
            fs::create_dir(&folder).unwrap();
            fs::write(
                folder.join("index.html"),
                plain().replace("Hello", "Built again"),
            )
            .unwrap();
        }],
        // What happens above the folder, nobody tells.
        [
            &|| fs::rename(site.folder().join("build"), site.folder().join("old")).unwrap(),
            &|| fs::rename(site.folder().join("old"), site.folder().join("build")).unwrap(),
        ],
    ];
    for [remove, restore] in ways {
        let open = news(&server, &version(server.get("/").text()));
        remove();
        for path in ["/", "/other", "/a/b.css"] {
            let reply = server.ask("GET", path, &[HTML]);
            assert_eq!(reply.status, 503, "{path}");
            assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
            assert!(reply.text().contains("The site's folder is gone"));
            assert!(reply.text().contains("build/site"), "{}", reply.text());
        }
        let line = server.get("/");
        assert_eq!(line.header("content-type"), "text/plain; charset=utf-8");
        assert!(line.text().starts_with("The site's folder is gone\n"));
        // Pages that are open hear of it, and that it is back.
        assert!(is_told(open));
        let gone = news(&server, &version(server.ask("GET", "/", &[HTML]).text()));
        restore();
        assert!(is_told(gone));
        assert!(server.get("/").text().contains("Built again"));
    }
    server.says("there is no folder build/site any more");
}

#[test]
fn an_empty_site_is_told_and_loads_again() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let missing = server.ask("GET", "/soon", &[HTML]);
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("There is nothing here"));
    let open = news(&server, &version(missing.text()));
    fs::write(site.path("soon.html"), plain()).unwrap();
    assert!(is_told(open));
    wait_until("it is there", || server.get("/soon").status == 200);
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_to_another_site_is_followed() {
    use std::os::unix::fs::symlink;
    let site = Site::new()
        .file("one/index.html", plain().replace("Hello", "One"))
        .file("two/index.html", plain().replace("Hello", "Two"));
    let link = site.folder().join("current");
    symlink("one", &link).unwrap();
    let server = Server::start(&mut site.command(["preview", "--port", "0", "current"]));
    assert!(server.get("/").text().contains("One"));
    let open = news(&server, &version(server.get("/").text()));
    symlink("two", site.folder().join("next")).unwrap();
    fs::rename(site.folder().join("next"), link).unwrap();
    assert!(is_told(open));
    assert!(server.get("/").text().contains("Two"));
    // And watched.
    let open = news(&server, &version(server.get("/").text()));
    fs::write(
        site.folder().join("two/index.html"),
        plain().replace("Hello", "Three"),
    )
    .unwrap();
    assert!(is_told(open));
    assert!(server.get("/").text().contains("Three"));
}

/// What must pass without a change before pages are told.
const QUIET_MS: u128 = 200;

/// A page that is open in a browser. Whoever holds the lock may ask the server; a closed page asks no more.
struct Tab {
    reloads: u128,
    seen: String,
    closed: bool,
}

/// Loads the page again whenever it is told to, until it is closed.
fn browse(address: SocketAddr, tab: &Mutex<Tab>) {
    loop {
        let news = {
            let tab = tab.lock().unwrap();
            if tab.closed {
                return;
            }
            listen(address, &tab.seen)
        };
        if !is_told(news) {
            return;
        }
        let mut tab = tab.lock().unwrap();
        if tab.closed {
            return;
        }
        tab.reloads += 1;
        tab.seen = version(crate::http::ask(address, "GET", "/", &[]).text());
    }
}

#[test]
fn a_build_of_many_pages_ends_in_few_reloads_and_in_its_last_state() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let address = server.address;
    let begun = Instant::now();
    let tab = Arc::new(Mutex::new(Tab {
        reloads: 0,
        seen: version(server.get("/").text()),
        closed: false,
    }));
    let browser = {
        let tab = Arc::clone(&tab);
        thread::spawn(move || browse(address, &tab))
    };
    for number in 0..4_000 {
        let folder = site.path(&format!("{}", number / 100));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{number}.html")), plain()).unwrap();
    }
    fs::write(site.path("index.html"), plain().replace("Hello", "Last")).unwrap();
    fs::write(site.path("last.html"), plain()).unwrap();
    wait_until("the last page is one", || {
        server.get("/last").text().contains("data-chathub")
    });
    assert!(server.get("/39/3999").text().contains("data-chathub"));
    assert!(server.get("/").text().contains("Last"));
    wait_until("the browser shows the last state", || {
        tab.lock().unwrap().seen == version(server.get("/").text())
    });
    tab.lock().unwrap().closed = true;
    let (code, _) = server.stop();
    assert_eq!(code, 0);
    browser.join().unwrap();
    let reloads = tab.lock().unwrap().reloads;
    // However slow all is: no two reloads follow each other without the quiet in between.
    let most = 1 + begun.elapsed().as_millis() / QUIET_MS;
    assert!((1..=most).contains(&reloads), "{reloads} of at most {most}");
}

#[test]
#[cfg(unix)]
fn a_configuration_through_a_pipe_is_read_once() {
    let site = Site::of(plain());
    let given = site.folder().join("given");
    let made = Command::new("mkfifo").arg(&given).status();
    assert!(made.unwrap().success());
    let writer = thread::spawn(move || fs::write(given, RULES));
    let server = preview(&site, &["--config", "given"]);
    writer.join().unwrap().unwrap();
    let open = news(&server, &version(server.get("/").text()));
    fs::write(site.path("index.html"), plain().replace("Hello", "Changed")).unwrap();
    assert!(is_told(open));
    let page = server.get("/").text().to_owned();
    assert!(
        page.contains("Changed") && page.contains("data-org=\"support\""),
        "{page}"
    );
}
