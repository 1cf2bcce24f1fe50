//! What the system does not say, and what it asks.

use std::process::{Command, Stdio};

use super::*;

#[test]
fn where_changes_are_not_reported_all_pages_are_looked_at() {
    let site = Site::of(plain()).config(RULES);
    let watch = watch(&site, &["--poll"]);
    becomes(&site, "index.html", &of("support"));
    site.replace("public/shop.html", &plain());
    becomes(&site, "shop.html", &of("support"));
    delete(&site.path(""));
    fs::create_dir_all(site.path("shop")).unwrap();
    fs::write(site.path("shop/a.html"), plain()).unwrap();
    becomes(&site, "shop/a.html", &of("sales"));
    let config = RULES.replace("organization = \"sales\"", "organization = \"support\"");
    fs::write(site.folder().join("chathub.toml"), config).unwrap();
    becomes(&site, "shop/a.html", &of("support"));
    ends(&site, watch);
}

/// The system lets a program watch three folders. User namespaces have limits of their own; where there can be none, this
/// cannot be tried.
#[cfg(target_os = "linux")]
#[test]
fn where_no_more_folders_can_be_watched_all_pages_are_looked_at() {
    const LIMIT: &str = "echo 3 > /proc/sys/user/max_inotify_watches";
    let mut tried = Command::new("unshare");
    tried.args(["-Ur", "sh", "-c", LIMIT]).stderr(Stdio::null());
    if !tried.status().is_ok_and(|status| status.success()) {
        return;
    }
    let limited = |site: &Site| {
        let program = site.command(["watch", "public"]);
        let script = format!("{LIMIT} && exec \"$0\" \"$@\"");
        Server::begin(&mut program.under(&["unshare", "-Ur", "sh", "-c", &script]))
    };
    // From the beginning, and when folders come.
    let site = Site::of(plain()).config(RULES);
    for folder in ["a", "b", "c", "d"] {
        fs::create_dir(site.path(folder)).unwrap();
    }
    let mut watch = limited(&site);
    let line = watch.says("the system's limit of watched folders is reached");
    assert!(
        line.contains("sudo sysctl fs.inotify.max_user_watches="),
        "{line}"
    );
    becomes(&site, "index.html", &of("support"));
    site.replace("public/d/new.html", &plain());
    becomes(&site, "d/new.html", &of("support"));
    ends(&site, watch);

    let site = Site::of(plain()).config(RULES);
    let mut watch = limited(&site);
    becomes(&site, "index.html", &of("support"));
    for folder in ["a", "b", "c", "d"] {
        fs::create_dir(site.path(folder)).unwrap();
    }
    watch.says("the system's limit of watched folders is reached");
    site.replace("public/d/new.html", &plain());
    becomes(&site, "d/new.html", &of("support"));
    ends(&site, watch);
}

#[test]
fn an_interrupt_in_the_middle_of_a_page_leaves_it_whole() {
    use std::fmt::Write as _;
    // Words that do not repeat, which no compressor is done with soon.
    let mut slow = HEAD.to_owned();
    let mut state = 0x5EED_u64;
    while slow.len() < 4 << 20 {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(slow, "<p>{}", state % 1_000_000).unwrap();
    }
    slow += TAIL;
    let mut br = Vec::new();
    let mut compressor = brotli::CompressorWriter::new(&mut br, 4096, 1, 20);
    std::io::Write::write_all(&mut compressor, slow.as_bytes()).unwrap();
    drop(compressor);
    let site = Site::of(&slow).page("index.html.br", &br);
    let watch = watch(&site, &[]);
    let is_done = || site.text("index.html") != slow;
    wait_until("the copy is being made, or done", || {
        temporaries(&site) > 1 || is_done()
    });
    let (code, said) = watch.stop();
    assert_eq!(code, 0, "{said}");
    assert_eq!(temporaries(&site), 0);
    let page = site.text("index.html");
    assert!(page == slow || page == slow.replace(TAIL, &format!("{}{TAIL}", loader())));
}

#[test]
fn a_termination_signal_ends_it_as_well() {
    let site = Site::of(plain());
    let mut watch = watch(&site, &[]);
    watch.says("changed in");
    watch.signal(rustix::process::Signal::TERM);
    assert_eq!(watch.ended().0, 0);
}

#[test]
fn two_at_once_take_turns() {
    let site = Site::of(plain()).config(RULES);
    let (one, other) = (watch(&site, &[]), watch(&site, &[]));
    for number in 0..5 {
        let name = format!("{number}.html");
        site.replace(&format!("public/{name}"), &plain());
        becomes(&site, &name, &of("support"));
    }
    assert_eq!(other.stop().0, 0);
    ends(&site, one);
}
