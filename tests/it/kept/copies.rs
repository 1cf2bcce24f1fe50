//! What files keep in a copy, which `--output` makes.

use super::*;

#[test]
fn a_copy_of_what_others_own_belongs_to_whoever_makes_it() {
    let site = Site::of(plain())
        .page("style.css", "p {}")
        .page("shop/index.html", page(&loader()));
    chmod(&site.path("index.html"), 0o444);
    let copy = site.folder().join("own/copy");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    hand_over(copy.parent().unwrap());
    chmod(site.folder(), 0o755);
    run_as_user(&site, "inject --output own/copy").exits(0);
    for path in [
        "",
        "index.html",
        "style.css",
        "shop",
        "shop/index.html",
        "chathub-assets/runtime.js",
    ] {
        let made = fs::metadata(copy.join(path)).unwrap();
        let maker = fs::metadata(copy.parent().unwrap()).unwrap();
        assert_eq!(
            (made.uid(), made.gid()),
            (maker.uid(), maker.gid()),
            "{path}"
        );
    }
    assert_eq!(
        fs::read_to_string(copy.join("index.html")).unwrap(),
        page(&loader())
    );
    assert_eq!(mode(&copy.join("index.html")), 0o444);
    if is_root() {
        // Also where it could be given to its owner: in place it is.
        chown(site.path("index.html"), Some(1234), Some(2345)).unwrap();
        site.ok("inject --output second");
        let made = fs::metadata(site.folder().join("second/index.html")).unwrap();
        assert_eq!((made.uid(), made.gid()), (0, 0));
    }
}
#[test]
fn a_copy_keeps_modes_and_times_of_what_did_not_change() {
    let site = Site::of(plain())
        .page("right.html", page(&loader()))
        .page("style.css", "p {}")
        .page("part.html", "<p>a fragment</p>")
        .page("private/page.html", plain())
        .page("private/deep/x.txt", "x")
        .page("closed/page.html", page(&loader()));
    fs::create_dir(site.path("empty")).unwrap();
    chmod(&site.path("style.css"), 0o664);
    let folders = [
        ("private", 0o750),
        ("private/deep", 0o1777),
        ("closed", 0o555),
        ("empty", 0o700),
        ("", 0o751),
    ];
    let files = [
        "right.html",
        "style.css",
        "part.html",
        "private/deep/x.txt",
        "closed/page.html",
    ];
    for (n, file) in files.iter().enumerate() {
        date(&site.path(file), 1_000_000_000 + n as u64);
    }
    let old = date(&site.path("index.html"), 1_100_000_000);
    for (n, (folder, mode)) in folders.iter().enumerate() {
        chmod(&site.path(folder), *mode);
        date(&site.path(folder), 1_200_000_000 + n as u64);
    }
    let before = SystemTime::now() - Duration::from_mins(1);
    site.ok("inject --output copy");
    let copy = site.folder().join("copy");
    for file in files {
        assert_eq!(
            modified(&copy.join(file)),
            modified(&site.path(file)),
            "{file}"
        );
        assert_eq!(mode(&copy.join(file)), mode(&site.path(file)), "{file}");
    }
    for (folder, wanted) in folders {
        assert_eq!(mode(&copy.join(folder)), wanted, "{folder}");
        assert_eq!(
            modified(&copy.join(folder)),
            modified(&site.path(folder)),
            "{folder}"
        );
    }
    // What is new has to be uploaded.
    let new = modified(&copy.join("index.html"));
    assert!(new > before && new != old);
    // The folder that somebody made for the copy is theirs.
    fs::create_dir(site.folder().join("made")).unwrap();
    chmod(&site.folder().join("made"), 0o711);
    site.ok("inject --output made");
    assert_eq!(mode(&site.folder().join("made")), 0o711);
    chmod(&site.path("closed"), 0o755);
    chmod(&copy.join("closed"), 0o755);
    chmod(&site.folder().join("made/closed"), 0o755);
}

#[test]
fn what_shares_its_content_goes_on_sharing_it_in_a_copy() {
    let site = Site::of(plain())
        .page("a.mp4", "video")
        .page("right.html", page(&loader()));
    for (from, to) in [
        ("a.mp4", "b.mp4"),
        ("right.html", "twin.html"),
        ("index.html", "other.html"),
    ] {
        fs::hard_link(site.path(from), site.path(to)).unwrap();
    }
    fs::hard_link(site.path("a.mp4"), site.folder().join("elsewhere.mp4")).unwrap();
    site.ok("inject --output copy");
    let number = |path: &str| {
        fs::metadata(site.folder().join("copy").join(path))
            .unwrap()
            .ino()
    };
    assert_eq!(number("a.mp4"), number("b.mp4"));
    assert_eq!(number("right.html"), number("twin.html"));
    // As in place, a page that changes is a file of its own.
    assert_ne!(number("index.html"), number("other.html"));
    let source = fs::metadata(site.path("a.mp4")).unwrap();
    assert_eq!(source.nlink(), 3);
    assert_ne!(source.ino(), number("a.mp4"));
    assert_eq!(
        fs::metadata(site.folder().join("copy/a.mp4"))
            .unwrap()
            .nlink(),
        2
    );
}

#[test]
fn holes_in_a_file_take_no_room_in_a_copy() {
    // On a file system that has holes.
    let site = attributed();
    let mut image = File::create(site.path("image.iso")).unwrap();
    for place in [0, 10_000_000, 100_000_000] {
        image.seek(SeekFrom::Start(place)).unwrap();
        image.write_all(b"data").unwrap();
    }
    image.set_len(200_000_000).unwrap();
    File::create(site.path("empty.iso"))
        .unwrap()
        .set_len(1 << 20)
        .unwrap();
    site.ok("inject --output copy");
    for name in ["image.iso", "empty.iso"] {
        let copy = site.folder().join("copy").join(name);
        let (was, is) = (
            site.path(name).metadata().unwrap(),
            copy.metadata().unwrap(),
        );
        assert_eq!(is.len(), was.len(), "{name}");
        assert!(
            is.blocks() <= was.blocks() + 64,
            "{name}: {} blocks",
            is.blocks()
        );
    }
    let read = |place| {
        let mut copy = File::open(site.folder().join("copy/image.iso")).unwrap();
        copy.seek(SeekFrom::Start(place)).unwrap();
        let mut some = [1; 8];
        copy.read_exact(&mut some).unwrap();
        some
    };
    for place in [0, 10_000_000, 100_000_000] {
        assert_eq!(&read(place), b"data\0\0\0\0", "{place}");
    }
    assert_eq!(read(50_000_000), [0; 8]);
}
