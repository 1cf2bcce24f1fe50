//! The configuration may change, too.

use super::*;

#[test]
fn a_changed_configuration_holds_and_a_wrong_one_does_not() {
    let site = Site::of(plain()).config(RULES);
    let mut watch = watch(&site, &[]);
    becomes(&site, "index.html", &of("support"));
    let write = |text: &str| fs::write(site.folder().join("chathub.toml"), text).unwrap();
    write(&RULES.replace(
        "default-organization = \"support\"",
        "default-organization = \"sales\"",
    ));
    watch.says("the configuration is another");
    becomes(&site, "index.html", &of("sales"));
    write("mode = \"sttic\"\n");
    watch.says("`sttic` is not a valid value of `mode`");
    site.replace("public/new.html", &plain());
    becomes(&site, "new.html", &of("sales"));
    write(RULES);
    becomes(&site, "index.html", &of("support"));
    becomes(&site, "new.html", &of("support"));
    ends(&site, watch);
}

#[test]
fn one_that_is_new_holds_and_may_name_another_site() {
    let site = Site::of(plain()).file("other/index.html", plain());
    let watch = Server::begin(&mut site.command(["watch"]));
    becomes(&site, "index.html", &page(&loader()));
    fs::write(
        site.folder().join("chathub.toml"),
        format!("site = \"other\"\n{RULES}"),
    )
    .unwrap();
    let other = site.folder().join("other/index.html");
    wait_until("the other site is done", || {
        fs::read_to_string(&other).unwrap() == of("support")
    });
    let new = site.folder().join("other/new.html");
    site.replace("other/new.html", &plain());
    wait_until("and watched", || {
        fs::read_to_string(&new).unwrap() == of("support")
    });
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(watch.stop().0, 0);
}

#[test]
fn the_rules_of_a_folder_hold_as_they_last_could() {
    let site = Site::of(plain()).page("blog/a.html", plain()).config(RULES);
    let mut watch = watch(&site, &[]);
    becomes(&site, "blog/a.html", &of("support"));
    site.replace(
        "public/blog/.chathub.toml",
        "[[rules]]\norganization = \"sales\"\n",
    );
    becomes(&site, "blog/a.html", &of("sales"));
    becomes(&site, "index.html", &of("support"));
    site.replace(
        "public/blog/.chathub.toml",
        "[[rules]]\norganization = \"salse\"\n",
    );
    watch.says("`salse`");
    site.replace("public/blog/b.html", &plain());
    becomes(&site, "blog/b.html", &of("sales"));
    fs::remove_file(site.path("blog/.chathub.toml")).unwrap();
    becomes(&site, "blog/a.html", &of("support"));
    becomes(&site, "blog/b.html", &of("support"));
    ends(&site, watch);
}

#[test]
fn rules_files_stay_for_the_next_change() {
    let site = Site::of(plain())
        .page(
            "blog/.chathub.toml",
            "[[rules]]\norganization = \"sales\"\n",
        )
        .config(&format!("remove-config-files = true\n{RULES}"));
    let mut watch = Server::begin(&mut site.command(["watch", "public"]));
    watch.says("remove-config-files has no effect on watch");
    becomes(&site, "index.html", &of("support"));
    site.replace("public/blog/a.html", &plain());
    becomes(&site, "blog/a.html", &of("sales"));
    assert_eq!(watch.stop().0, 0);
}

#[test]
fn mistakes_end_it_before_it_begins() {
    let site = Site::of(plain()).config("mode = 1\n");
    site.run("watch public").fails(2, &["chathub.toml:1"]);
    // Nobody can tell which folder is going to be the site.
    let site = Site::new();
    fs::remove_dir(site.path("")).unwrap();
    site.run("watch").fails(2, &["no site here"]);
    // What is in the way of the runtime is somebody else's.
    let site = Site::of(plain()).page("chathub-assets/runtime.js", "alert(1)");
    site.run("watch public")
        .fails(2, &["chathub-assets/runtime.js is there already"]);
}

#[test]
fn a_generator_tells_where_the_site_will_be() {
    let site = Site::new().file("hugo.toml", "baseURL = \"https://example.com/\"\n");
    fs::remove_dir(site.path("")).unwrap();
    let mut watch = Server::begin(&mut site.command(["watch"]));
    watch.says("there is no folder public; waiting for it");
    fs::create_dir(site.path("")).unwrap();
    fs::write(site.path("index.html"), plain()).unwrap();
    becomes(&site, "index.html", &page(&loader()));
    assert_eq!(watch.stop().0, 0);
}
