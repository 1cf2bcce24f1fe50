//! Reading a file that may say something about others.

use super::{Format, List, Stamp, Unreadable, json, precache, sums, worker};

impl Format {
    /// Reads a file of this format.
    ///
    /// # Errors
    ///
    /// If its readers could not read it, either.
    pub fn read(self, bytes: &[u8]) -> Result<List, Unreadable> {
        let claims = match self {
            Self::Angular => json::angular(bytes)?,
            // A file that happens to have such a name may be anything.
            Self::Json => json::any(bytes).unwrap_or_default(),
            Self::Sums => sums::claims(bytes),
            Self::Precache => precache::claims(bytes),
            Self::Worker => {
                let claims = precache::claims(bytes);
                let stamp = Stamp::of(bytes);
                let names = if claims.is_empty() {
                    worker::names(bytes)
                } else {
                    Vec::new()
                };
                return Ok(List {
                    claims,
                    names,
                    imports: worker::imports(bytes),
                    stamp,
                });
            }
        };
        Ok(List {
            claims,
            ..List::default()
        })
    }
}
