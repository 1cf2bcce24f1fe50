//! The ways in which a character is written where it means something: in HTML, URLs, and the strings of scripts and JSON.

/// How a secret is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// As it is.
    Plain,
    /// With character references.
    Html,
    /// Percent-encoded.
    Url,
    /// With the escapes of JSON and JavaScript.
    Script,
    /// In base64, whose letters may be escaped, too.
    Base64,
}

impl Form {
    /// What a message adds to say so.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Html => ", with character references as in HTML",
            Self::Url => ", percent-encoded as in a URL",
            Self::Script => ", with escapes as in JSON or JavaScript",
            Self::Base64 => ", in base64",
        }
    }
}

/// One way to write a character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) bytes: Vec<u8>,
    pub(super) form: Form,
}

/// All ways to write a character, as it is first.
pub(super) fn spellings(c: char) -> Vec<Spelling> {
    let mut ways = vec![Spelling {
        bytes: c.to_string().into_bytes(),
        form: Form::Plain,
    }];
    let mut add = |form: Form, text: String| {
        let bytes = text.into_bytes();
        if ways.iter().all(|way| way.bytes != bytes) {
            ways.push(Spelling { bytes, form });
        }
    };
    for reference in references(c) {
        // As in a string of a script, and as in a page that quotes another.
        for and in ["&", "\\u0026", "\\x26", "&amp;"] {
            add(Form::Html, format!("{and}{reference}"));
        }
    }
    for encoded in percent_encoded(c) {
        add(Form::Url, encoded.replace('%', "%25"));
        add(Form::Url, encoded);
    }
    if c == ' ' {
        add(Form::Url, "+".to_owned());
    }
    for escape in escapes(c) {
        // Once more for each string in a string.
        add(Form::Script, escape.replace('\\', "\\\\"));
        if let Some(quote) = escape
            .strip_prefix('\\')
            .filter(|rest| matches!(*rest, "\"" | "'"))
        {
            add(Form::Script, format!("\\\\\\{quote}"));
        }
        add(Form::Script, escape);
    }
    ways
}

/// Character references, without the `&`.
fn references(c: char) -> Vec<String> {
    let name = match c {
        '&' => Some("amp;"),
        '<' => Some("lt;"),
        '>' => Some("gt;"),
        '"' => Some("quot;"),
        '\'' => Some("apos;"),
        '+' => Some("plus;"),
        '/' => Some("sol;"),
        '=' => Some("equals;"),
        '`' => Some("grave;"),
        '.' => Some("period;"),
        '-' => Some("hyphen;"),
        '_' => Some("lowbar;"),
        _ => None,
    };
    let number = u32::from(c);
    let numbers = [
        format!("#{number};"),
        // PHP.
        format!("#{number:03};"),
        format!("#x{number:x};"),
        format!("#x{number:X};"),
        format!("#X{number:X};"),
    ];
    name.map(str::to_owned).into_iter().chain(numbers).collect()
}

fn percent_encoded(c: char) -> [String; 2] {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    bytes.fold(Default::default(), |[lower, upper], byte| {
        [format!("{lower}%{byte:02x}"), format!("{upper}%{byte:02X}")]
    })
}

fn escapes(c: char) -> Vec<String> {
    let mut buffer = [0; 2];
    let units: &[u16] = c.encode_utf16(&mut buffer);
    let lower = units.iter().map(|unit| format!("\\u{unit:04x}"));
    let upper = units.iter().map(|unit| format!("\\u{unit:04X}"));
    let mut ways: Vec<String> = vec![lower.collect(), upper.collect()];
    let number = u32::from(c);
    ways.push(format!("\\u{{{number:x}}}"));
    if number <= 0xFF {
        ways.extend([format!("\\x{number:02x}"), format!("\\x{number:02X}")]);
    }
    match c {
        '\n' => ways.push("\\n".to_owned()),
        '\r' => ways.push("\\r".to_owned()),
        '\t' => ways.push("\\t".to_owned()),
        _ if c.is_ascii_punctuation() => ways.push(format!("\\{c}")),
        _ => {}
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_written_in_the_ways_that_templates_and_serializers_have() {
        let has = |c: char, way: &str, form: Form| {
            let found = spellings(c)
                .into_iter()
                .find(|spelling| spelling.bytes == way.as_bytes());
            assert_eq!(found.map(|spelling| spelling.form), Some(form), "{c} {way}");
        };
        for way in [
            "&quot;",
            "&#34;",
            "&#034;",
            "&#x22;",
            "&amp;quot;",
            "\\u0026quot;",
        ] {
            has('"', way, Form::Html);
        }
        for way in ["\\\"", "\\u0022", "\\x22", "\\\\\\\"", "\\\\u0022"] {
            has('"', way, Form::Script);
        }
        for way in ["%22", "%2522"] {
            has('"', way, Form::Url);
        }
        has('/', "\\/", Form::Script);
        has('\'', "&#039;", Form::Html);
        has('ї', "\\u0457", Form::Script);
        has('ї', "%D1%97", Form::Url);
        has('ї', "&#1111;", Form::Html);
        has('😀', "\\ud83d\\ude00", Form::Script);
        assert_eq!(spellings('&')[0].bytes, b"&");
    }
}
