//! How a compressed copy was made, so that the next one is made alike: after `inject` and `remove` it should be what it was.
//!
//! What stands in the copy is read from it. The level does not: it is the one at which what the copy says comes out as the
//! copy. Where none does, another program made it, and it gets the best level of ours.

use std::io::{self, Write};

use brotli::enc::StandardAlloc;
use brotli::enc::backward_references::BrotliEncoderParams;
use brotli::enc::encode::{BrotliEncoderOperation, BrotliEncoderStateStruct};

use super::cancel::{Cancel, PIECE, Until};
use super::coding::Coding;

/// The way in which a copy is compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compression {
    /// A header with name, time and system, and a level.
    Gzip {
        /// The header, byte for byte.
        header: Vec<u8>,
        /// From 1 to 9.
        level: u32,
    },
    /// The size of the window as a power of 2; always the best quality.
    Brotli(i32),
    /// What the frame's header says, and a level.
    Zstandard {
        /// Whether a checksum ends the frame.
        checksum: bool,
        /// Whether the frame says how long its content is.
        size: bool,
        /// From 1 to 22.
        level: i32,
    },
}

/// RFC 1952: deflate; no name, no time; best compression; made on Unix.
const GZIP_HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3];
const GZIP_LEVEL: u32 = 9;
const BROTLI_WINDOW: i32 = 22;
const ZSTANDARD_LEVEL: i32 = 19;

impl Compression {
    /// As one compresses what is compressed once and sent often.
    #[must_use]
    pub fn best(coding: Coding) -> Self {
        match coding {
            Coding::Gzip => Self::Gzip {
                header: GZIP_HEADER.to_vec(),
                level: GZIP_LEVEL,
            },
            Coding::Brotli => Self::Brotli(BROTLI_WINDOW),
            Coding::Zstandard => Self::Zstandard {
                checksum: false,
                size: false,
                level: ZSTANDARD_LEVEL,
            },
        }
    }

    /// As this copy was made of these bytes. It is found out by compressing, so any is the answer once the run is to stop.
    #[must_use]
    pub fn of(coding: Coding, copy: &[u8], said: &[u8], cancel: &Cancel) -> Self {
        let compression = match coding {
            Coding::Gzip => gzip(copy, said, cancel),
            Coding::Brotli => copy.first().copied().and_then(window).map(Self::Brotli),
            Coding::Zstandard => zstandard(copy, said, cancel),
        };
        compression.unwrap_or_else(|| Self::best(coding))
    }

    /// Compresses; an error once the run is to stop.
    pub fn compress(&self, bytes: &[u8], out: &mut dyn Write, cancel: &Cancel) -> io::Result<()> {
        match self {
            Self::Gzip { header, level } => {
                out.write_all(header)?;
                let mut check = flate2::Crc::new();
                check.update(bytes);
                deflate(bytes, *level, &mut *out, cancel)?;
                out.write_all(&check.sum().to_le_bytes())?;
                out.write_all(&check.amount().to_le_bytes())
            }
            Self::Brotli(window) => {
                let params = BrotliEncoderParams {
                    quality: 11,
                    lgwin: *window,
                    ..Default::default()
                };
                brotli(bytes, params, out, cancel)
            }
            Self::Zstandard {
                checksum,
                size,
                level,
            } => {
                let mut encoder = zstd::stream::write::Encoder::new(out, *level)?;
                encoder.include_checksum(*checksum)?;
                encoder.include_contentsize(*size)?;
                if *size {
                    encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
                }
                copy(bytes, &mut encoder, cancel)?;
                encoder.finish().map(drop)
            }
        }
    }
}

/// As `brotli::BrotliCompress`, which cannot be stopped: what it has taken in by then, it would still compress.
fn brotli(
    bytes: &[u8],
    params: BrotliEncoderParams,
    out: &mut dyn Write,
    cancel: &Cancel,
) -> io::Result<()> {
    let mut encoder = BrotliEncoderStateStruct::new(StandardAlloc::default());
    encoder.params = params;
    let mut made = vec![0; PIECE];
    let (mut taken, mut total) = (0, Some(0));
    while !encoder.is_finished() {
        cancel.check()?;
        let mut left = PIECE.min(bytes.len() - taken);
        let what = if left > 0 {
            BrotliEncoderOperation::BROTLI_OPERATION_PROCESS
        } else {
            BrotliEncoderOperation::BROTLI_OPERATION_FINISH
        };
        let (mut room, mut end) = (made.len(), 0);
        let went_well = encoder.compress_stream(
            what,
            &mut left,
            bytes,
            &mut taken,
            &mut room,
            &mut made,
            &mut end,
            &mut total,
            &mut |_, _, _, _| (),
        );
        if !went_well {
            return Err(io::Error::other("it cannot be compressed"));
        }
        out.write_all(&made[..end])?;
    }
    Ok(())
}

fn deflate(bytes: &[u8], level: u32, out: impl Write, cancel: &Cancel) -> io::Result<()> {
    let mut encoder = flate2::write::DeflateEncoder::new(out, flate2::Compression::new(level));
    copy(bytes, &mut encoder, cancel)?;
    encoder.finish().map(drop)
}

/// Gives an encoder what it is to compress.
fn copy(bytes: &[u8], encoder: impl Write, cancel: &Cancel) -> io::Result<()> {
    Until {
        cancel,
        inner: encoder,
    }
    .write_all(bytes)
}

fn gzip(copy: &[u8], said: &[u8], cancel: &Cancel) -> Option<Compression> {
    let header = &copy[..gzip_header(copy)?];
    let (stream, end) = copy[header.len()..].split_last_chunk::<8>()?;
    let mut check = flate2::Crc::new();
    check.update(said);
    let says = end[..4] == check.sum().to_le_bytes() && end[4..] == check.amount().to_le_bytes();
    // What the header says about the level narrows it down; levels below 5 are seldom used for files.
    let levels: &[u32] = match header[8] {
        _ if !says => &[],
        2 => &[9],
        4 => &[1],
        _ => &[6, 9, 5, 7, 8],
    };
    let level = levels
        .iter()
        .find(|level| comes_out_as(stream, |out| deflate(said, **level, out, cancel)));
    Some(Compression::Gzip {
        header: header.to_vec(),
        level: level.copied().unwrap_or(GZIP_LEVEL),
    })
}

/// How long a gzip file's header is: RFC 1952, 2.3.
fn gzip_header(copy: &[u8]) -> Option<usize> {
    const CHECK: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xE0;
    let flags = *copy.get(3)?;
    if !copy.starts_with(&GZIP_HEADER[..3]) || flags & RESERVED != 0 {
        return None;
    }
    let mut end = GZIP_HEADER.len();
    if flags & EXTRA != 0 {
        let length = copy.get(end..)?.first_chunk()?;
        end += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            end += 1 + memchr::memchr(0, copy.get(end..)?)?;
        }
    }
    if flags & CHECK != 0 {
        end += 2;
    }
    (end <= copy.len()).then_some(end)
}

/// A brotli stream's window, by its first bits: RFC 7932, 9.1.
fn window(first: u8) -> Option<i32> {
    let (low, high) = (first & 1, (first >> 1) & 7);
    match (low, high, (first >> 4) & 7) {
        (0, ..) => Some(16),
        (_, 0, 0) => Some(17),
        // A larger one, by another format.
        (_, 0, 1) => None,
        (_, 0, more) => Some(8 + i32::from(more)),
        (_, more, _) => Some(17 + i32::from(more)),
    }
}

/// RFC 8878, 3.1.1.1: the descriptor of the frame's header.
fn zstandard(copy: &[u8], said: &[u8], cancel: &Cancel) -> Option<Compression> {
    let rest = copy.strip_prefix(&[0x28, 0xB5, 0x2F, 0xFD])?;
    let descriptor = *rest.first()?;
    let at = |level| Compression::Zstandard {
        checksum: descriptor & 0x04 != 0,
        size: descriptor & 0xE0 != 0,
        level,
    };
    let made = |level: &i32| comes_out_as(copy, |out| at(*level).compress(said, out, cancel));
    let level = [ZSTANDARD_LEVEL, 3, 22, 9, 1].into_iter().find(made);
    Some(at(level.unwrap_or(ZSTANDARD_LEVEL)))
}

/// Whether just this is written. What writes is stopped at the first difference.
fn comes_out_as(wanted: &[u8], write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> bool {
    let mut rest = Rest(wanted);
    write(&mut rest).is_ok() && rest.0.is_empty()
}

struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .strip_prefix(bytes)
            .ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Coding {
    /// Compresses as one does for files that are compressed once and sent often.
    pub fn compress(self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        Compression::best(self).compress(bytes, out, &Cancel::default())
    }
}
