//! Names of elements that mean something to the scan of plain pages, and those of the languages that elements are of.

/// HTML's elements, in HTML and in XML.
pub(super) const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";
/// SVG's.
pub(super) const SVG_NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Elements whose tags mean something here.
const KNOWN: [&str; 26] = [
    "html",
    "head",
    "body",
    "meta",
    "math",
    "mi",
    "mo",
    "mn",
    "ms",
    "mtext",
    "template",
    "frameset",
    "svg",
    "select",
    "script",
    "noscript",
    "plaintext",
    "style",
    "title",
    "textarea",
    "iframe",
    "xmp",
    "noembed",
    "noframes",
    "link",
    "base",
];

/// Whether a tag's name may be one of these, by its first three letters in any case, or by two and what comes after them.
pub(super) fn known([a, b, c]: [u8; 3]) -> bool {
    let follows = |pairs: &[u32; 32], x: u8, y: u8| pairs[usize::from(x % 32)] >> (y % 32) & 1 == 1;
    follows(&PAIRS[0], a, b) && follows(&PAIRS[1], b, c) && follows(&PAIRS[2], a, c)
}

/// By letter, a bit for each that follows it in [`KNOWN`]: first and second, second and third, first and third.
const PAIRS: [[u32; 32]; 3] = {
    let mut pairs = [[0; 32]; 3];
    let mut at = 0;
    while at < KNOWN.len() {
        let name = KNOWN[at].as_bytes();
        let (a, b) = ((name[0] % 32) as usize, (name[1] % 32) as usize);
        // After a name of two letters comes anything.
        let third = if name.len() > 2 {
            1 << (name[2] % 32)
        } else {
            u32::MAX
        };
        pairs[0][a] |= 1 << b;
        pairs[1][b] |= third;
        pairs[2][a] |= third;
        at += 1;
    }
    pairs
};

/// Elements in which `svg` is another, were they in `math`.
pub(super) const TEXT_POINTS: [&str; 5] = ["mi", "mo", "mn", "ms", "mtext"];

/// Elements whose content is text up to their end tag, beside `script` and `noscript`, by [`key`](super::markup::Tag::key).
pub(super) const RAW_TEXT: &[((usize, u8), &str)] = &[
    ((5, b's'), "style"),
    ((5, b't'), "title"),
    ((8, b't'), "textarea"),
    ((6, b'i'), "iframe"),
    ((3, b'x'), "xmp"),
    ((7, b'n'), "noembed"),
    ((8, b'n'), "noframes"),
];

/// Elements that stay in the SVG namespace and hold nothing else.
pub(super) const SHAPES: &[&str] = &[
    "path",
    "g",
    "circle",
    "rect",
    "line",
    "polyline",
    "polygon",
    "ellipse",
    "use",
    "defs",
    "symbol",
    "text",
    "tspan",
    "stop",
    "lineargradient",
    "radialgradient",
    "clippath",
    "mask",
    "pattern",
    "marker",
    "filter",
    "image",
    "animate",
    "animatetransform",
    "metadata",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(tag: &str) -> bool {
        let mut letters = tag.bytes().chain(*b"> ");
        known(std::array::from_fn(|_| letters.next().unwrap_or_default()))
    }

    #[test]
    fn knows_its_names_in_any_case() {
        let raw_text = RAW_TEXT.iter().map(|(_, name)| name);
        for name in KNOWN.iter().chain(&TEXT_POINTS).chain(raw_text) {
            assert!(is_known(name) && is_known(&name.to_uppercase()), "{name}");
        }
    }

    #[test]
    fn knows_few_of_the_usual_names() {
        for name in [
            "a", "p", "span", "div", "code", "li", "em", "strong", "dt", "dd", "ul", "td", "tr",
            "h1", "section",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }
}
