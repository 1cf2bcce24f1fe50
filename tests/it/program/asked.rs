//! What a test asked a run for: how much it is to log, and whether it is to give out a token.

/// The variable that sets the level of the log.
pub(crate) const LOG: &str = "CHATHUB_LOG";

/// What a test asked a run for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) arguments: Vec<String>,
    /// The last of [`LEVELS`] that it wants to see.
    level: usize,
}

/// Names of levels: in lines as commands print them, and in those of servers.
const LEVELS: [(&str, &str); 4] = [
    ("error", "ERROR"),
    ("warning", "WARN"),
    ("info", "INFO"),
    ("debug", "DEBUG"),
];
const DEBUG: usize = 3;

impl Asked {
    /// What these arguments ask for in this environment.
    pub(crate) fn of(arguments: Vec<String>, environment: &[(String, String)]) -> Self {
        let switches = |letter: char, long: &str| -> usize {
            let short = |word: &&String| {
                let letters = word.strip_prefix('-').unwrap_or_default();
                !letters.is_empty() && letters.chars().all(|c| "nqv".contains(c))
            };
            let short = arguments.iter().filter(short);
            let long = arguments.iter().filter(|word| *word == long).count();
            long + short
                .map(|word| word.matches(letter).count())
                .sum::<usize>()
        };
        let normal = match arguments.first().map(String::as_str) {
            Some("endpoint") => 2,
            _ => 1,
        };
        let wanted = (normal + switches('v', "--verbose")).saturating_sub(switches('q', "--quiet"));
        // Who sets the variable wants what it brings.
        let set = environment.iter().any(|(name, _)| name == LOG);
        Self {
            level: if set { DEBUG } else { wanted.min(DEBUG) },
            arguments,
        }
    }

    /// Whether it is `token get`, whose standard output is a token.
    pub(crate) fn for_a_token(&self) -> bool {
        self.arguments
            .starts_with(&["token".to_owned(), "get".to_owned()])
    }

    /// What was written on standard error, without what the test did not ask for.
    pub(crate) fn only(&self, stderr: &[u8]) -> Vec<u8> {
        let lines = stderr.split_inclusive(|byte| *byte == b'\n');
        let wanted = lines.filter(|line| self.wants(line));
        wanted.flatten().copied().collect()
    }

    /// Whether the test wants to see a line of standard error.
    pub(crate) fn wants(&self, line: &[u8]) -> bool {
        let line = String::from_utf8_lossy(line);
        let mut words = line.split_whitespace();
        let (first, second) = (words.next(), words.next());
        let is_time = |word: &str| word.starts_with("20") && word.ends_with('Z');
        let level = LEVELS.iter().position(|(command, server)| {
            line.starts_with(&format!("{command}: "))
                || (first.is_some_and(is_time) && second == Some(server))
                || (line.starts_with("{\"timestamp\":")
                    && line.contains(&format!("\"severity_text\":\"{server}\"")))
        });
        // Errors are said by others, too.
        level.is_none_or(|level| level == 0 || level <= self.level)
    }
}
