//! What fires, and what nearly does.

use super::scripted::find;
use crate::widget::{Addresses, Product};

fn found<'s>(
    script: &'s str,
    addresses: &Addresses,
) -> Option<(&'s str, Option<Product>, &'static str)> {
    let found = find(script.as_bytes(), addresses)?;
    Some((&script[found.span], found.product, found.means))
}

const OPERATOR: Option<Product> = Some(Product::Operator);
const CUSTOMER: Option<Product> = Some(Product::Customer);

#[test]
fn sees_the_ways_in_which_a_script_starts_another() {
    let addresses = Addresses::default();
    for (script, place, product, means) in [
        (
            "var s=document.createElement('script');s.type='module';s.src='https://widget.smsbat.com/operator-chat-panel/widget-script.js';s.id='operator-chat-panel-script';document.body.appendChild(s)",
            "'https://widget.smsbat.com/operator-chat-panel/widget-script.js'",
            OPERATOR,
            "createElement",
        ),
        // As tag managers and their like write it.
        (
            "(function(w,d,s,u){var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.async=true;j.src=u;f.parentNode.insertBefore(j,f)})(window,document,'script','//widget.smsbat.com/chat-widget/widget-script.js')",
            "'//widget.smsbat.com/chat-widget/widget-script.js'",
            CUSTOMER,
            "createElement",
        ),
        (
            "const host = \"https://widget.smsbat.com\";\nconst s = Object.assign(document.createElement(`script`), { src: host + '/operator-chat-panel/widget-script.js' })",
            "\"https://widget.smsbat.com\"",
            OPERATOR,
            "createElement",
        ),
        (
            "const product = 'chat-widget'; const s = document.createElement('SCR' + 'IPT'); s.src = `https://widget.smsbat.com/${product}/widget-script.js`",
            "`https://widget.smsbat.com/${product}/widget-script.js`",
            CUSTOMER,
            "createElement",
        ),
        (
            "let s = document.createElementNS('http://www.w3.org/1999/xhtml', 'script'); s.setAttribute('id', 'operator-chat-panel-script-6'); s.src = config.chat",
            "'operator-chat-panel-script-6'",
            OPERATOR,
            "createElement",
        ),
        (
            "s = document.createElement('script'); s.dataset.chathub = ''; s.src = assets + '/runtime.js'",
            "dataset.chathub",
            OPERATOR,
            "createElement",
        ),
        (
            "s = document.createElement('script'); s.setAttribute('data-chathub', ''); s.src = assets",
            "'data-chathub'",
            OPERATOR,
            "createElement",
        ),
        (
            "document.write('<scr'+'ipt type=\"module\" id=\"operator-chat-panel-script\" src=\"'+u+'\" token=\"'+t+'\"></scr'+'ipt>')",
            "'<scr'+'ipt type=\"module\" id=\"operator-chat-panel-script\" src=\"'+u+'\" token=\"'+t+'\"></scr'+'ipt>'",
            OPERATOR,
            "markup that it writes",
        ),
        (
            "const tag = '\\x3Cscript type=module src=https://widget.smsbat.com/chat-widget/widget-script.js>\\x3C/script>';\ndocument.writeln(tag)",
            "'\\x3Cscript type=module src=https://widget.smsbat.com/chat-widget/widget-script.js>\\x3C/script>'",
            CUSTOMER,
            "markup that it writes",
        ),
        (
            "var u = 'https://widget.smsbat.com/operator-chat-panel/widget-script.js'; document.write('<script src=\"' + encodeURI(u) + '\"></' + 'script>')",
            "'<script src=\"'",
            OPERATOR,
            "markup that it writes",
        ),
        (
            "$('head').append('<script type=\"module\" src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\"><\\/script>')",
            "'<script type=\"module\" src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\"><\\/script>'",
            OPERATOR,
            "markup that it writes",
        ),
        (
            "addEventListener('click', () => import('https://widget.smsbat.com/operator-chat-panel/widget-script.js'), { once: true })",
            "'https://widget.smsbat.com/operator-chat-panel/widget-script.js'",
            OPERATOR,
            "import()",
        ),
        (
            "import \"https://widget.smsbat.com/chat-widget/widget-script.js\";",
            "\"https://widget.smsbat.com/chat-widget/widget-script.js\"",
            CUSTOMER,
            "import",
        ),
        (
            "const chat = 'https://widget.smsbat.com/operator-chat-panel/widget-script.js#2'; await import(chat)",
            "'https://widget.smsbat.com/operator-chat-panel/widget-script.js#2'",
            OPERATOR,
            "import()",
        ),
        (
            "$.getScript('https://widget.smsbat.com/operator-chat-panel/widget-script.js')",
            "'https://widget.smsbat.com/operator-chat-panel/widget-script.js'",
            OPERATOR,
            "a function that loads scripts",
        ),
    ] {
        let found = found(script, &addresses);
        assert_eq!(found, Some((place, product, means)), "{script}");
    }
}

#[test]
fn a_chat_of_ones_own_host_is_known_by_its_configured_address() {
    let script = "s = d.createElement('script'); s.src = '/js/chat.js?v=2'";
    let addresses = Addresses::new("/js/chat.js?v=2", Product::Customer.src());
    let means = "createElement";
    assert_eq!(
        found(script, &addresses),
        Some(("'/js/chat.js?v=2'", OPERATOR, means))
    );
    assert_eq!(found(script, &Addresses::default()), None);
}

#[test]
fn what_starts_no_chat_is_none() {
    let addresses = Addresses::default();
    for script in [
        "",
        // Comments.
        "// s = document.createElement('script'); s.src = 'https://widget.smsbat.com/chat-widget/widget-script.js'",
        "/* the chat:\nimport('https://widget.smsbat.com/chat-widget/widget-script.js') */ start()",
        "s = document.createElement('script'); s.src = '/a.js' // not https://widget.smsbat.com/chat-widget/widget-script.js",
        // Another vendor's script.
        "s = document.createElement('script'); s.src = 'https://chat.example/widget-script.js'; s.id = 'chat-widget-script'",
        "document.write('<script src=\"https://cdn.example/jquery.js\"><\\/script>')",
        // The chat is only looked for, beside a script that is another vendor's.
        "if (!document.getElementById('operator-chat-panel-script')) { s = document.createElement('script'); s.src = 'https://cdn.example/a.js' }",
        "s = document.createElement('script'); s.src = x; document.querySelector('script[src*=\"widget.smsbat.com\"]')",
        "s = document.createElement('script'); ok = e.filename.includes('widget.smsbat.com')",
        "s = document.createElement('script'); if (u === 'https://widget.smsbat.com') x(); if ('https://widget.smsbat.com' != v) y(); if (w != '//widget.smsbat.com') z()",
        "s = document.createElement('script'); switch (host) { case 'widget.smsbat.com': count() }",
        "const ID = 'operator-chat-panel-script'; s = document.createElement('script'); s.src = '/a.js'",
        // A connection that is made early.
        "l = document.createElement('link'); l.rel = 'preload'; l.as = 'script'; l.href = 'https://widget.smsbat.com/chat-widget/widget-script.js'",
        "s = document.createElement('script'); s.src = '/a.js'; l = document.createElement('link'); l.setAttribute('href', 'https://widget.smsbat.com')",
        // Text that is shown.
        "pre.textContent = '<script src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\"><\\/script>'",
        "self.__next_f.push([1,'<script type=\"module\" id=\"operator-chat-panel-script\" src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\"></script>'])",
        "s = document.createElement('script'); help = 'See https://widget.smsbat.com/ for more'",
        "document.body.append('<script src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\"><\\/script>')",
        "$('pre').append('&lt;script src=https://widget.smsbat.com/operator-chat-panel/widget-script.js>')",
        // Nothing starts it.
        "const CHAT = 'https://widget.smsbat.com/operator-chat-panel/widget-script.js'; fetch(CHAT)",
        "preload('https://widget.smsbat.com/operator-chat-panel/widget-script.js')",
        "import('./menu.js'); a.href = 'https://widget.smsbat.com/'",
        "s = document.createElement('script'); s.src = 'https://chatapi.smsbat.com/x.js'",
        "s = document.createElement('script'); if (s.dataset.chathub == '') f()",
        // What is no script at all.
        "s = document.createElement('script'); s.src = 'https://widget.smsbat.com/",
    ] {
        assert_eq!(found(script, &addresses), None, "{script}");
    }
}

#[test]
fn much_of_anything_takes_no_more_than_its_length() {
    let addresses = Addresses::default();
    let sign = "u='https://widget.smsbat.com/operator-chat-panel/widget-script.js';";
    for piece in [
        "$(x).append(y);",
        "'a'+",
        "createElement(s);",
        "createElementNS(a b c d e f g h i;",
        "x=='y';",
        "a.b.c+",
    ] {
        let script = format!("{sign}{}", piece.repeat(60_000));
        assert_eq!(find(script.as_bytes(), &addresses), None, "{piece}");
    }
}
