//! Searches for a byte that is most likely a few bytes away, as in tags: eight bytes at a time, as one number, without the
//! call that makes `memchr` the faster one over longer ways.

/// How many times eight bytes count as near.
const NEAR: usize = 4;
const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// Where a byte first occurs.
#[inline]
pub(super) fn find(needle: u8, text: &[u8]) -> Option<usize> {
    near(
        text,
        |word| zeros(word ^ splat(needle)),
        || memchr::memchr(needle, text),
    )
}

/// Where one of two bytes first occurs.
#[inline]
pub(super) fn find_either(a: u8, b: u8, text: &[u8]) -> Option<usize> {
    near(
        text,
        |word| zeros(word ^ splat(a)) | zeros(word ^ splat(b)),
        || memchr::memchr2(a, b, text),
    )
}

#[inline]
fn near(
    text: &[u8],
    matches: impl Fn(u64) -> u64,
    far: impl FnOnce() -> Option<usize>,
) -> Option<usize> {
    for (i, word) in text.as_chunks::<8>().0.iter().take(NEAR).enumerate() {
        let matches = matches(u64::from_le_bytes(*word));
        if matches != 0 {
            return Some(i * 8 + matches.trailing_zeros() as usize / 8);
        }
    }
    far()
}

fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The high bit of each byte that is zero, up to the first one at least: a borrow can only mark bytes above it.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_search_finds() {
        // Neighbours of the needles by value, and bytes with the high bit set, are what a trick with borrows may confuse.
        let alphabet = [b'<', b'=', b'>', b';', 0, 1, 0x80, 0xbc, 0xff];
        let mut state = 1u64;
        for length in 0..100 {
            for _ in 0..50 {
                let text: Vec<u8> = (0..length)
                    .map(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        let far = state >> 60 != 0;
                        if far {
                            b'x'
                        } else {
                            alphabet[(state >> 33) as usize % alphabet.len()]
                        }
                    })
                    .collect();
                for needle in alphabet {
                    let plain = text.iter().position(|b| *b == needle);
                    assert_eq!(find(needle, &text), plain, "{needle} in {text:?}");
                }
                let plain = text.iter().position(|b| matches!(b, b'=' | b'>'));
                assert_eq!(find_either(b'=', b'>', &text), plain, "{text:?}");
            }
        }
    }
}
