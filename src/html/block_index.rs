//! Where the bytes stand that decide how far text and tags go: found for 64 bytes together, as one bit each, so that what
//! comes next is a matter of counting zeros.

use wide::u8x16;

/// How many bytes have their bits in one word.
const BLOCK: usize = 64;

/// A place in a text, and the marks of the block that it is in.
pub(super) struct BlockIndex<'t> {
    text: &'t [u8],
    /// Where the block begins.
    start: usize,
    /// The bytes of the block that have been read.
    passed: u64,
    block: Block,
}

/// A bit for each byte of a block, the lowest for the first.
#[derive(Default)]
struct Block {
    /// `<`.
    less_than: u64,
    /// `>` and `=`.
    ends: u64,
    /// `"` and `'`.
    quotes: u64,
    /// White space, and control characters.
    space: u64,
}

impl Block {
    fn of(bytes: &[u8; BLOCK]) -> Self {
        let mut block = Self::default();
        for (number, bytes) in bytes.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            let bits = |hits: u8x16| u64::from(hits.to_bitmask()) << (number * 16);
            block.less_than |= bits(is(b'<'));
            block.ends |= bits(is(b'>') | is(b'='));
            block.quotes |= bits(is(b'"') | is(b'\''));
            block.space |= bits(bytes.min(u8x16::splat(b' ')).simd_eq(bytes));
        }
        block
    }
}

impl<'t> BlockIndex<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        let mut marks = Self {
            text,
            start: 0,
            passed: 0,
            block: Block::default(),
        };
        marks.look_at(0);
        marks
    }

    /// Goes to a place.
    pub(super) fn go_to(&mut self, at: usize) {
        let start = at & !(BLOCK - 1);
        if start != self.start {
            self.look_at(start);
        }
        self.passed = (1 << (at % BLOCK)) - 1;
    }

    /// The next `<`; goes past it.
    #[inline]
    pub(super) fn less_than(&mut self) -> Option<usize> {
        self.next(|block| block.less_than)
    }

    /// Goes past the tag in whose name the place is, and tells where that is, if all its attributes are plainly written. If
    /// not, or if the file ends in it, there is no answer, and [`tag`](super::markup::tag) has to read it.
    #[inline]
    pub(super) fn plain_tag(&mut self) -> Option<usize> {
        let text = self.text;
        let at = self.next(|block| block.space | block.ends)?;
        match text[at] {
            b'>' => return Some(at + 1),
            b if b.is_ascii_whitespace() => {}
            _ => return None,
        }
        loop {
            let at = self.next(|block| block.ends)?;
            if text[at] == b'>' {
                return Some(at + 1);
            }
            // Without a name right before it, it may be a name's first letter.
            let before = text[at - 1];
            if before <= b' ' || matches!(before, b'/' | b'=' | b'"' | b'\'') {
                return None;
            }
            match *text.get(at + 1)? {
                quote @ (b'"' | b'\'') => {
                    self.next(|block| block.quotes)?;
                    while text[self.next(|block| block.quotes)?] != quote {}
                }
                b if b.is_ascii_whitespace() => return None,
                _ => loop {
                    let at = self.next(|block| block.space | block.ends)?;
                    match text[at] {
                        b'>' => return Some(at + 1),
                        b if b.is_ascii_whitespace() => break,
                        // Part of the value.
                        _ => {}
                    }
                },
            }
        }
    }

    /// The next mark of a kind; goes past it.
    // A call for each would cost more than what it does.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn next(&mut self, marks: impl Fn(&Block) -> u64) -> Option<usize> {
        let mut hits = marks(&self.block) & !self.passed;
        while hits == 0 {
            let next = self.start + BLOCK;
            if next >= self.text.len() {
                return None;
            }
            self.look_at(next);
            hits = marks(&self.block);
        }
        // Up to the lowest bit and with it: cheaper than to count, on which all that follows would have to wait.
        self.passed = hits ^ (hits - 1);
        Some(self.start + hits.trailing_zeros() as usize)
    }

    // Inlined at every search, it would crowd them out of the registers.
    #[inline(never)]
    fn look_at(&mut self, start: usize) {
        self.start = start;
        let rest = self.text.get(start..).unwrap_or_default();
        self.block = match rest.first_chunk() {
            Some(bytes) => Block::of(bytes),
            None => Self::look_at_end(rest),
        };
    }

    #[cold]
    fn look_at_end(rest: &[u8]) -> Block {
        // A letter, which is not a mark.
        let mut bytes = [b'x'; BLOCK];
        bytes[..rest.len()].copy_from_slice(rest);
        Block::of(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::markup::tag;

    /// Where the tag ends that begins at `start`, as the shortcut and as the rules have it.
    fn ends(text: &[u8], start: usize) -> (Option<usize>, Option<usize>) {
        let mut marks = BlockIndex::new(text);
        marks.go_to(start + 1);
        let plain = marks.plain_tag();
        (plain, tag(text, start, 1).map(|tag| tag.span.end))
    }

    #[test]
    fn every_short_tag_ends_where_the_rules_end_it_if_there_is_an_answer() {
        const LETTERS: &[u8] = b"a =\"'>/\x01";
        const LENGTH: u32 = 6;
        for before in ["", &"x".repeat(59)] {
            for number in 0..LETTERS.len().pow(LENGTH) {
                let letter = |i: u32| LETTERS[number / LETTERS.len().pow(i) % LETTERS.len()];
                let mut text = before.as_bytes().to_vec();
                text.extend(b"<b");
                text.extend((0..LENGTH).map(letter));
                // Whatever is open ends here.
                text.extend(b"'\"'> ");
                let (plain, whole) = ends(&text, before.len());
                assert!(plain.is_none() || plain == whole, "{}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn plainly_written_tags_get_an_answer() {
        for text in [
            "<b>",
            "</b>",
            "<br/>",
            "<br />",
            "<b hidden>",
            "<b\n\tid=\"a\" class='b \"c\" =' data-x=\"\">",
            "<a href=/x/?a=b&c=d>",
            "<a href=x target=_blank rel=>",
            "<a title=\"a > b < c = d 'e'\" x>",
        ] {
            for before in [0, 40, 57, 62, 63, 64, 200] {
                let text = format!("{}{text} and more", "x".repeat(before));
                let (plain, whole) = ends(text.as_bytes(), before);
                assert_eq!(plain, whole, "{text}");
                assert_eq!(plain.map(|end| &text[end..]), Some(" and more"));
            }
        }
    }

    #[test]
    fn finds_each_angle_bracket_once() {
        let text = "<".repeat(3) + &"x".repeat(150) + "<" + &"y".repeat(60) + "<";
        let mut marks = BlockIndex::new(text.as_bytes());
        let found: Vec<_> = std::iter::from_fn(|| marks.less_than()).collect();
        assert_eq!(found, [0, 1, 2, 153, 214]);
        marks.go_to(154);
        assert_eq!(marks.less_than(), Some(214));
        assert_eq!(marks.less_than(), None);
        assert_eq!(BlockIndex::new(b"").less_than(), None);
    }
}
