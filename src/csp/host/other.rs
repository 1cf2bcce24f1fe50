//! Files of hosts that are not read, such as `.htaccess`, and programs that answer in a host's place: whether they name a header of
//! policies is all that is looked for.

use super::model::{Kind, Nothing, Reading, Serves};

/// What begins a line that is a comment in one of their languages, and no more than a comment.
const COMMENTS: [&str; 3] = ["#", "//", "<!--"];
/// Follows the name of a header that forbids nothing.
const REPORTS: &str = "-report-only";

/// Reads the file's text for the names of headers.
pub(super) fn read(text: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = COMMENTS
            .iter()
            .any(|with| line.trim_start().starts_with(with));
        let lower = line.to_ascii_lowercase();
        for kind in Kind::ALL.into_iter().filter(|_| !is_comment) {
            let name = kind.name().to_ascii_lowercase();
            let mut found = lower.match_indices(&name);
            let at = found.find(|(at, _)| !lower[at + name.len()..].starts_with(REPORTS));
            if let Some((at, _)) = at {
                let span = start + at..start + at + name.len();
                let why = format!(
                    "it names {}, and chathub does not read files of this kind",
                    kind.name()
                );
                reading.unread(0, span, why);
                return Box::new(Nothing);
            }
        }
        start += line.len();
    }
    Box::new(Nothing)
}
