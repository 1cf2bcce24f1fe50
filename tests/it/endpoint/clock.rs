//! A clock that somebody sets while it runs: libfaketime stands between the program and the time of day, and leaves the time since
//! the start of the machine alone.

use std::path::PathBuf;

use super::*;

/// The library, wherever the system keeps its libraries.
fn library() -> PathBuf {
    let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(fs::read_dir);
    let inside = folders.into_iter().flatten().flatten().flatten();
    let inside = inside.map(|entry| entry.path().join("faketime"));
    let all = inside.chain(
        ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
            .map(|folder| PathBuf::from(folder).join("faketime")),
    );
    let mut libraries = all.map(|folder| folder.join("libfaketimeMT.so.1"));
    libraries
        .find(|library| library.exists())
        .expect("libfaketime is there: `cargo xtask setup faketime` installs it")
}

/// Set back by two hours after a failed attempt, nothing was tried for two hours, and a token that had expired was given out.
#[test]
fn a_clock_that_is_set_back_holds_up_nothing_and_prolongs_no_token() {
    let api = StandIn::start();
    let clock = tempfile::NamedTempFile::new().unwrap();
    fs::write(clock.path(), "+0").unwrap();
    let site = site(&api, "rate-limit = 0\ntoken-lifetime = \"10s\"\n");
    let mut program = site.command(["endpoint", "-v"]);
    program
        .env("LD_PRELOAD", library())
        .env("FAKETIME_TIMESTAMP_FILE", clock.path())
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let mut server = Server::start(&mut program);
    ready(&server);
    api.fail("/api/operator", std::iter::repeat_n(Fault::error(), 10_000));
    // Each line of the log begins with the time, by its clock.
    let mut failed = || -> jiff::Timestamp {
        let line = server.says("no token minted");
        line.split(' ').next().unwrap().parse().unwrap()
    };
    let before = failed();
    fs::write(clock.path(), "-2h").unwrap();
    // Attempts go on, and the token expires: both would take two hours.
    wait_until("its clock is set", || {
        before.duration_since(failed()) > jiff::SignedDuration::from_mins(90)
    });
    failed();
    wait_until("the token expires", || server.get(TOKEN).status == 503);
    // Set to the right time again, it is no other.
    fs::write(clock.path(), "+0").unwrap();
    api.state().faults.clear();
    wait_until("it recovers", || server.get(TOKEN).status == 200);
}
