//! What may go wrong with the browser itself: it hangs, is not there, is interrupted, or wants more of the network than it may have.

use std::net::TcpListener;

use rustix::process::{Pid, Signal, kill_process};

use super::*;
use crate::common::Run;
use crate::program::patience::wait_until;

#[test]
fn a_page_that_never_loads_is_a_finding_and_the_others_are_opened() {
    let site = site(
        RULES,
        [
            ("a.html", with("for (;;);")),
            (
                "b.html",
                with("addEventListener('load', () => location.reload())"),
            ),
            ("internal/good.html", plain()),
        ],
    );
    let report = site.json(
        "verify --browser --browser-pages all --browser-timeout 20s",
        1,
    );
    let [hangs] = &messages(&report, "a.html", "browser-timeout")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(hangs.contains("20 s"), "{hangs}");
    assert!(
        report.0["summary"]["notices"]
            .to_string()
            .contains("3 pages opened")
    );
}

#[test]
fn nothing_leaves_the_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let elsewhere = page(&format!(
        "<img src=\"http://127.0.0.1:{port}/a.png\"><script src=\"https://127.0.0.1:{port}/a.js\"></script>\
         <script>new WebSocket('ws://127.0.0.1:{port}/'); fetch('https://localhost:{port}/').catch(() => 0); library()</script>"
    ));
    let site = site("", [("index.html", elsewhere)]);
    let report = run(&site, "", 0);
    let told = messages(&report, "index.html", "browser-error");
    assert!(
        told.iter()
            .any(|told| told.contains("library is not defined") && told.contains("cut off")),
        "{told:?}"
    );
    assert!(listener.accept().is_err(), "somebody has connected");
}

#[test]
fn a_real_widget_that_cannot_be_had_is_no_chat() {
    let src = "https://widget.invalid/widget-script.js";
    let config = format!("{STATIC}[widget]\nsrc = \"{src}\"\n");
    let site = site(&config, [("index.html", plain())]);
    let report = run(&site, "--browser-widget real", 1);
    let all = found(&report);
    let told = all.iter().find(|(_, rule, _)| rule == "browser-no-chat");
    let (page, _, told) = told.unwrap_or_else(|| panic!("{all:#?}"));
    assert_eq!(page, "index.html");
    assert!(
        told.contains(&format!("the vendor's script is at {src}"))
            && told.contains("ERR_NAME_NOT_RESOLVED"),
        "{told}"
    );
    let notices = report.0["summary"]["notices"].to_string();
    assert!(notices.contains("with the vendor's widget"), "{notices}");
    // The stand-in takes its place where it is not asked for.
    assert_eq!(found(&run(&site, "", 0)), []);
}

#[test]
fn a_browser_that_is_not_there_or_does_not_work_is_said() {
    let site = site("", [("index.html", plain())]);
    let none = |browser: &str| {
        let mut program = site.command(["verify", "--browser"]);
        program.env("CHROMIUM", browser);
        Run::of(&mut program)
    };
    none("/nowhere/chromium").fails(2, &["CHROMIUM", "/nowhere/chromium"]);
    let broken = site.folder().join("broken");
    fs::write(
        &broken,
        "#!/bin/sh\necho 'No usable sandbox!' >&2\nexit 1\n",
    )
    .unwrap();
    let mut chmod = std::process::Command::new("chmod");
    assert!(chmod.arg("755").arg(&broken).status().unwrap().success());
    let run = none(&broken.display().to_string());
    run.fails(
        3,
        &["has ended", "No usable sandbox", "--browser-no-sandbox"],
    );
    assert!(
        run.stdout.contains("1 page"),
        "what files tell is told: {}",
        run.stdout
    );
}

#[test]
fn an_interrupted_run_leaves_neither_browser_nor_profile() {
    let site = site("", [("index.html", with("for (;;);"))]);
    let temporary = site.folder().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut program = site.command(["verify", "--browser", "--browser-timeout", "10m"]);
    let running = program.env("TMPDIR", &temporary).spawn();
    let profiles = || -> BTreeSet<_> {
        let entries = fs::read_dir(&temporary).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let is_open = || {
        let mut profiles = profiles().into_iter();
        profiles.any(|folder| folder.join("profile/Default").exists())
    };
    wait_until("the browser runs", is_open);
    kill_process(Pid::from_child(&running), Signal::INT).unwrap();
    let run = Run::from(running.end());
    run.exits(130);
    assert_eq!(profiles(), BTreeSet::new());
    let of_browser = |path: &std::path::Path| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&*temporary.to_string_lossy())
    };
    // A process that is killed ends when it is its turn.
    wait_until("no process of the browser is left", || {
        let processes = fs::read_dir("/proc").into_iter().flatten();
        !processes
            .map(|process| process.unwrap().path())
            .any(|process| of_browser(&process))
    });
}
