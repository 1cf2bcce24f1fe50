//! A mutator that knows the words of a language: what a fuzzer makes of bytes alone is rarely a tag or a key.

pub use fastrand::Rng;
use libfuzzer_sys::fuzzer_mutate;

/// Where a piece that is put in goes, and ranges begin.
const BOUNDARIES: &[u8] = b"<\n";

/// Changes `data[..size]` in place, within `max_size`, and returns its new size: in half of all cases as libFuzzer does
/// by itself; else by putting in a `piece`, or by deleting, doubling or moving a range between boundaries.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    piece: impl FnOnce(&mut Rng) -> String,
) -> usize {
    let mut random = Rng::with_seed(seed.into());
    if random.bool() {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut input = data[..size].to_vec();
    let piece = piece(&mut random);
    let to = place(&input, &mut random);
    let (a, b) = (place(&input, &mut random), place(&input, &mut random));
    let range = a.min(b)..a.max(b);
    match random.u8(..8) {
        0 => drop(input.drain(range)),
        1 => {
            let copy = input[range].to_vec();
            input.splice(to..to, copy);
        }
        2 => {
            let moved: Vec<u8> = input.drain(range).collect();
            let to = to.min(input.len());
            input.splice(to..to, moved);
        }
        3 => drop(input.splice(range, piece.bytes())),
        _ => drop(input.splice(to..to, piece.bytes())),
    }
    input.truncate(max_size);
    data[..input.len()].copy_from_slice(&input);
    input.len()
}

/// One of these.
pub fn choose<'p>(pieces: &[&'p str], random: &mut Rng) -> &'p str {
    random.choice(pieces).copied().unwrap_or_default()
}

/// A place in an input: a boundary three times out of four.
fn place(input: &[u8], random: &mut Rng) -> usize {
    let any = random.usize(..=input.len());
    if random.u8(..4) == 0 {
        return any;
    }
    let boundary = |byte: &u8| BOUNDARIES.contains(byte);
    input[any..]
        .iter()
        .position(boundary)
        .map_or(input.len(), |length| any + length)
}
