//! Pages as nobody should write them: a grammar that mixes whole documents with every construct at which a scan of
//! tags and a tree builder can part ways.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A generated page.
pub(crate) fn page() -> BoxedStrategy<Vec<u8>> {
    prop_oneof![
        6 => document(),
        3 => soup(1..14).prop_map(String::into_bytes),
        1 => document().prop_flat_map(utf16),
    ]
    .boxed()
}

/// A piece of markup, for putting into other pages.
pub(crate) fn piece() -> BoxedStrategy<String> {
    soup(1..4).boxed()
}

/// A page in the order that pages have, any part of it missing, broken, or in the wrong place.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let part = |parts: &'static [&'static str]| soup_of(parts, 1..2).boxed();
    let parts = vec![
        part(&[
            "",
            "",
            "",
            "\u{feff}",
            " \r\n",
            "<!-- first -->",
            "<?xml version=\"1.0\"?>",
        ]),
        part(DOCTYPES),
        part(&[
            "",
            "<html>",
            "<html lang=uk>",
            "<HTML\r\nclass='a>b'>",
            "<html><html lang=pt>",
        ]),
        part(&["", "<head>", "<HEAD>", "<head/>", "<head ", "x<head>"]),
        soup_of(HEAD, 0..4).boxed(),
        part(&[
            "",
            "</head>",
            "</HEAD >",
            "</head></head>",
            "</head>x",
            "</head><title>late</title>",
        ]),
        part(&[
            "",
            "<body>",
            "<body class=a>",
            "<BODY\n>",
            "<body><body id=b>",
            "<frameset>",
        ]),
        soup(0..8).boxed(),
        part(&[
            "",
            "</body>",
            "</BODY>",
            "</body >",
            "</body x='>'>",
            "</body></body>",
            "</body",
        ]),
        rarely(3),
        part(&[
            "",
            "</html>",
            "</HTML>\r\n",
            "</html>\n<!-- built -->",
            "</html></html>",
            "</html ",
        ]),
        part(&["", "\n", " \0 ", "\u{1a}"]),
        rarely(6),
    ];
    // Generators run out of disk space.
    let cut = prop::option::weighted(0.1, any::<prop::sample::Index>());
    (parts, cut).prop_map(|(parts, cut)| {
        let mut page = parts.concat().into_bytes();
        if let (Some(cut), false) = (cut, page.is_empty()) {
            page.truncate(cut.index(page.len()));
        }
        page
    })
}

/// Nothing, but one time in so many some content.
fn rarely(times: u32) -> BoxedStrategy<String> {
    prop_oneof![times - 1 => Just(String::new()), 1 => soup(0..3)].boxed()
}

/// The same page in UTF-16, either way round; an odd byte now and then.
fn utf16(page: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let text = format!("\u{feff}{}", String::from_utf8_lossy(&page));
    (any::<bool>(), prop::bool::weighted(0.1)).prop_map(move |(little, odd)| {
        let units = text.encode_utf16();
        let mut bytes: Vec<u8> = units
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect();
        bytes.extend(odd.then_some(b'<'));
        bytes
    })
}

/// A run of body content.
fn soup(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let element = prop_oneof![
        12 => select(CONTENT).prop_map(str::to_owned),
        6 => select(TAGS).prop_map(|name| format!("<{name}>")),
        6 => select(TAGS).prop_map(|name| format!("</{name}>")),
        4 => (select(TAGS), select(CONTENT)).prop_map(|(name, text)| format!("<{name}>{text}</{name}>")),
        3 => select(RAW_TEXT).prop_map(str::to_owned),
        2 => select(FOREIGN).prop_map(str::to_owned),
        2 => instance(),
        1 => (select(TAGS), select(ATTRIBUTES)).prop_map(|(name, more)| format!("<{name} {more}>")),
        1 => "[ -~]{0,6}",
        1 => select(HEAD).prop_map(str::to_owned),
        1 => select(DOCTYPES).prop_map(str::to_owned),
    ];
    vec(element, length).prop_map(|parts| parts.concat())
}

/// A run of some of these pieces.
fn soup_of(
    pieces: &'static [&'static str],
    length: std::ops::Range<usize>,
) -> impl Strategy<Value = String> {
    vec(select(pieces), length).prop_map(|parts| parts.concat())
}

/// An instance in one of the spellings that people and generators have.
fn instance() -> impl Strategy<Value = String> {
    let wrap = select(&[
        ("", ""),
        ("", ""),
        ("", ""),
        ("<!-- ChatHub Widget -->\n", ""),
        ("<div>", "</div>"),
        ("<template>", "</template>"),
        ("<noscript>", "</noscript>"),
        ("<!-- ", " -->"),
        ("<svg>", "</svg>"),
        ("<table>", "</table>"),
        ("<select>", "</select>"),
        ("<p>", ""),
    ]);
    (wrap, select(INSTANCES)).prop_map(|((before, behind), tag)| format!("{before}{tag}{behind}"))
}

const INSTANCES: &[&str] = &[
    "<script type=\"module\" id=\"operator-chat-panel-script\" src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\" token=\"YOUR_TOKEN\"></script>",
    "<script type=module id=operator-chat-panel-script-2 src=//widget.smsbat.com/operator-chat-panel/widget-script.js token=YOUR_TOKEN></script>",
    "<SCRIPT SRC='/vendor/operator-chat-panel/widget-script.js?v=3#x' ASYNC></SCRIPT >",
    "<script id='operator-chat-panel-script'\n  data-theme=\"a&amp;b>c\"\n>\n</script\n>",
    "<script data-chathub></script>",
    "<script data-chathub title='\u{456}\u{e9}' data-a=\"&quot;&lt;&#x416;\"></script>",
    "<script data-chathub data-org=sales nonce=abc>/* kept */</script>",
    "<script data-chathub src=/_chathub/runtime.js type=module/></script>",
    "<script data-chathub/>",
    "<script id=operator-chat-panel-script src=x",
    "<script id=operator-chat-panel-script><p>a</script>",
    "<script id=operator-chat-panel-script><!--<script></script>",
    "<script id=&#111;perator-chat-panel-script></script>",
    "<link rel=modulepreload href=https://widget.smsbat.com/operator-chat-panel/widget-script.js>",
    "<script>document.write('<script data-chathub><\\/script>')</script>",
    "<script id=\"chat-widget-script\" src=\"https://widget.smsbat.com/chat-widget/widget-script.js\"></script>",
];

const DOCTYPES: &[&str] = &[
    "<!DOCTYPE html>",
    "<!doctype html>\n",
    "<!DOCTYPE html>\r\n",
    "",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">",
    "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2//EN\">",
    "<!DOCTYPE html><!DOCTYPE html>",
    "<!DOCTYPE>",
    "<!DOCTYPE html",
];

const HEAD: &[&str] = &[
    "<meta charset=utf-8>",
    "<meta charset=\"windows-1251\">",
    "<meta http-equiv=content-type content='text/html; charset=koi8-r'>",
    "<title>A </body> B</title>",
    "<title>open",
    "<link rel=stylesheet href=/a.css>",
    "<style>a::before{content:\"</body>\"}</style>",
    "<script>var a = '</head>';</script>",
    "<script><!-- <script> </script> --></script>",
    "<base href=/x>",
    "<noscript><style>b{}</style></noscript>",
    "<noscript><img src=x></noscript>",
    "<meta http-equiv=refresh content=\"0; url=/elsewhere\">",
    "<meta name=chathub content=off>",
    "<meta name=chathub content=\"organization=sales\">",
    "<template><p>t</template>",
    "<p>not metadata",
    "<!-- </head><body> -->",
    " ",
];

const RAW_TEXT: &[&str] = &[
    "<script>\"</body>\"</script>",
    "<script>\"<!--<script>\"</script>",
    "<script>x",
    "<style></body></style>",
    "<style>",
    "<textarea></body></html></textarea>",
    "<textarea>\n<script data-chathub></script></textarea>",
    "<TEXTAREA>",
    "<title></body></title>",
    "<xmp></body></xmp>",
    "<xmp>",
    "<iframe></body></iframe>",
    "<iframe>",
    "<noembed></body></noembed>",
    "<noframes></body></noframes>",
    "<noscript></body></noscript>",
    "<noscript><!-- </noscript> -->",
    "<noscript>",
    "<plaintext></body>",
    "<listing>\n</listing>",
];

const FOREIGN: &[&str] = &[
    "<svg><path d='M0 0'/></svg>",
    "<svg/>",
    "<svg>",
    "</svg>",
    "<svg><title></body></title></svg>",
    "<svg><desc><p>a</desc></svg>",
    "<svg><foreignObject><div>a</div></foreignObject></svg>",
    "<svg><foreignObject><body><p>",
    "<svg><style></body></style><script>1</script></svg>",
    "<svg><![CDATA[</svg></body>]]></svg>",
    "<svg><![CDATA[",
    "<svg><p>out</svg>",
    "<svg><font color=red>out</svg>",
    "<svg><textarea></svg></textarea>",
    "<svg><template><p></template></svg>",
    "<svg><a></p></svg>",
    "<svg></br></svg>",
    "<math><mi>x</mi></math>",
    "<math><mtext><b>x</b></mtext></math>",
    "<math><annotation-xml encoding='text/html'><p>x</annotation-xml></math>",
    "<math><annotation-xml><svg><p></math>",
    "<math>",
    "<math><mi><svg/></math>",
    "<math><mglyph><p></math>",
];

const CONTENT: &[&str] = &[
    "text ",
    "a &amp; b &lt;/body&gt; &notit; &#0; &",
    "\r\n",
    "\r",
    "\0",
    "\u{a0}é𝄞",
    "<!-- c -->",
    "<!-- </body></html> -->",
    "<!--",
    "<!-->",
    "<!--->",
    "<!-- a --!>",
    "<!-- a -- b",
    "<!--<!-- n --> -->",
    "<![CDATA[ </body> ]]>",
    "<? pi </body> ?>",
    "</ bogus>",
    "</>",
    "<",
    "<a",
    "</",
    "<!",
    "<p title=\"</body>\">",
    "<p title='",
    "<p title=\"",
    "<p a=b=c'd\"e>",
    "<img src=x />",
    "<table><tr><td>c</table>",
    "<table>foster<tr>",
    "<table><caption>c",
    "<table><colgroup><col>",
    "<table><script>1</script>",
    "<table><input type=hidden>",
    "<select><option>o<optgroup>",
    "<select><p>q</select>",
    "<select><svg></svg></select>",
    "<select><textarea></textarea>",
    "<select><input>",
    "<template><tr><td></template>",
    "<template><col></template>",
    "<template><template></template>",
    "<template>",
    "</template>",
    "<frameset><frame></frameset>",
    "<frameset>",
    "</frameset>",
    "<form><form><input></form></form>",
    "<a>1<a>2</a>",
    "<b><p>1</b>2</p>",
    "<b><i><table></b>x</i>",
    "<button><button>",
    "<p><p></p></p>",
    "<body data-chathub-ignore>",
    "<html lang=uk>",
    "<body>",
    "</body>",
    "</html>",
    "</head>",
    "</body></html>",
];

const ATTRIBUTES: &[&str] = &[
    "a=\">\"",
    "id=operator-chat-panel-script",
    "data-chathub",
    "data-chathub-ignore",
    "/",
    "lang='uk'",
    "title='</script>'",
    "=x",
    "amp",
    "\u{26a1}",
];

const TAGS: &[&str] = &[
    "html",
    "head",
    "body",
    "p",
    "div",
    "br",
    "b",
    "i",
    "a",
    "nobr",
    "font",
    "li",
    "ul",
    "dd",
    "h1",
    "pre",
    "form",
    "button",
    "table",
    "caption",
    "colgroup",
    "col",
    "tbody",
    "thead",
    "tr",
    "td",
    "th",
    "select",
    "option",
    "optgroup",
    "hr",
    "input",
    "ruby",
    "rt",
    "template",
    "svg",
    "math",
    "foreignObject",
    "desc",
    "title",
    "mi",
    "mtext",
    "annotation-xml",
    "frameset",
    "frame",
    "noscript",
    "script",
    "style",
    "textarea",
    "object",
    "marquee",
    "applet",
    "center",
    "details",
    "image",
    "keygen",
    "menuitem",
    "main",
    "search",
    "meta",
    "link",
    "base",
    "wbr",
    "embed",
    "selectedcontent",
    "SVG",
    "Body",
    "TEMPLATE",
    "x-y",
];
