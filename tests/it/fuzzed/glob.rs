//! What a glob of a rule means, in the plainest words: no regular expressions, every possibility tried.

/// A pattern without braces: what must match each folder and the file.
enum Segment {
    /// `**`: any number of them.
    Any,
    /// One name.
    Name(Vec<Item>),
}

enum Item {
    /// `*`
    Star,
    /// `?`
    One,
    /// `[…]`: ranges, and whether it is any character but those.
    Class(Vec<(char, char)>, bool),
    Byte(u8),
}

/// Whether a page path matches a pattern that was accepted.
pub(crate) fn matches(pattern: &str, path: &[u8]) -> bool {
    let mut rest = pattern;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    // All below a folder; below the root that is everything.
    let pattern = match rest.strip_suffix('/') {
        Some(folder) => format!("{folder}/**"),
        None if rest.is_empty() => "**".to_owned(),
        None => rest.to_owned(),
    };
    let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    expand(&pattern)
        .iter()
        .any(|plain| segments_match(&segments(plain), &names))
}

/// The patterns that braces stand for.
fn expand(pattern: &str) -> Vec<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let (mut depth, mut open, mut commas, mut at) = (0, 0, Vec::new(), 0);
    while at < chars.len() {
        match chars[at] {
            '[' => at = class_end(&chars, at),
            '{' => {
                if depth == 0 {
                    open = at;
                }
                depth += 1;
            }
            ',' if depth == 1 => commas.push(at),
            '}' if depth == 1 => {
                let text = |range: std::ops::Range<usize>| chars[range].iter().collect::<String>();
                let (before, behind) = (text(0..open), text(at + 1..chars.len()));
                let ends = commas.iter().copied().chain([at]);
                let starts = [open].into_iter().chain(commas.iter().copied());
                let choices = starts.zip(ends).map(|(start, end)| text(start + 1..end));
                let plain = choices.map(|choice| format!("{before}{choice}{behind}"));
                return plain.flat_map(|plain| expand(&plain)).collect();
            }
            '}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    vec![pattern.to_owned()]
}

/// Where the class that begins at `open` ends; its first character may be `]`.
fn class_end(chars: &[char], open: usize) -> usize {
    let first = open + 1 + usize::from(matches!(chars.get(open + 1), Some('!' | '^')));
    let close = chars.iter().skip(first + 1).position(|c| *c == ']');
    close.map_or(chars.len(), |length| first + 1 + length)
}

fn segments(pattern: &str) -> Vec<Segment> {
    let segment = |text: &str| match text {
        "**" => Segment::Any,
        name => Segment::Name(items(name)),
    };
    pattern.split('/').map(segment).collect()
}

fn items(name: &str) -> Vec<Item> {
    let chars: Vec<char> = name.chars().collect();
    let (mut items, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        match chars[at] {
            '*' => items.push(Item::Star),
            '?' => items.push(Item::One),
            '[' => {
                let end = class_end(&chars, at);
                let negated = matches!(chars[at + 1], '!' | '^');
                let mut inside = &chars[at + 1 + usize::from(negated)..end];
                let mut ranges = Vec::new();
                while let [first, rest @ ..] = inside {
                    (ranges, inside) = match rest {
                        ['-', last, rest @ ..] => ([ranges, vec![(*first, *last)]].concat(), rest),
                        _ => ([ranges, vec![(*first, *first)]].concat(), rest),
                    };
                }
                at = end;
                items.push(Item::Class(ranges, negated));
            }
            char => items.extend(char.encode_utf8(&mut [0; 4]).bytes().map(Item::Byte)),
        }
        at += 1;
    }
    items
}

fn segments_match(segments: &[Segment], names: &[&[u8]]) -> bool {
    match (segments, names) {
        ([], names) => names.is_empty(),
        // At the end it stands for what is in the folder, and that is something.
        ([Segment::Any], names) => !names.is_empty(),
        ([Segment::Any, rest @ ..], names) => {
            (0..=names.len()).any(|skipped| segments_match(rest, &names[skipped..]))
        }
        ([Segment::Name(items), rest @ ..], [name, others @ ..]) => {
            name_matches(items, name) && segments_match(rest, others)
        }
        ([Segment::Name(_), ..], []) => false,
    }
}

fn name_matches(items: &[Item], name: &[u8]) -> bool {
    match (items, name) {
        ([], name) => name.is_empty(),
        ([Item::Star, rest @ ..], name) => {
            (0..=name.len()).any(|length| name_matches(rest, &name[length..]))
        }
        ([item, rest @ ..], [byte, others @ ..]) => {
            let fits = match item {
                Item::Class(ranges, negated) => {
                    let inside = ranges
                        .iter()
                        .any(|(first, last)| (*first..=*last).contains(&char::from(*byte)));
                    inside != *negated
                }
                Item::Byte(wanted) => wanted == byte,
                Item::One | Item::Star => true,
            };
            fits && name_matches(rest, others)
        }
        _ => false,
    }
}
