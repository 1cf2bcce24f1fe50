//! Content-Security-Policies, in pages and in the files of hosts.

use super::check::{Check, Status, Topic};
use super::seen::Seen;

const TOPIC: Topic = Topic::Policies;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let Some((_, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    let mut checks = judged.gathered.on(TOPIC);
    match &judged.hosts {
        Err(why) => checks.push(Check::new(TOPIC, Status::Error, why).remedy(
            "Correct csp.files in chathub.toml, or give this user the right to read the file.",
        )),
        Ok(files) if checks.is_empty() => {
            let message = match &files[..] {
                [] => "none in pages blocks the chat; the server's are not known here".to_owned(),
                [only] => format!("none blocks the chat, in pages or in {only}"),
                several => format!(
                    "none blocks the chat, in pages or in {} files",
                    several.len()
                ),
            };
            let check = Check::new(TOPIC, Status::Ok, message);
            let check = check.details(if files.len() > 1 {
                files.clone()
            } else {
                Vec::new()
            });
            checks.push(check);
        }
        Ok(_) => {}
    }
    checks
}
