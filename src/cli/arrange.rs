//! Moves options that stand before the command to the place after its name.

use std::ffi::OsString;

use clap::{Args as _, Command, CommandFactory as _};

use super::args::Cli;
use super::before::Before;

/// The arguments with the options that stand before the command moved to the place after its name.
pub(super) fn arrange(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut given = arguments.iter().skip(1);
    if !given
        .next()
        .is_some_and(|first| first.as_encoded_bytes().starts_with(b"-"))
    {
        // Nothing stands before the command: reading the command line once is enough.
        return arguments;
    }
    let alone = Before::augment_args(Command::new("chathub"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .allow_external_subcommands(true);
    let Ok(matches) = alone.try_get_matches_from(&arguments) else {
        // What is wrong is for the whole command line to say.
        return arguments;
    };
    let Some((_, after)) = matches.subcommand() else {
        return arguments;
    };
    let after = after.get_many::<OsString>("").map_or(0, Iterator::count);
    let at = arguments.len() - after - 1;
    let cli = Cli::command();
    let mut command = Some(&cli);
    // Commands such as `token get` have two names.
    let names = arguments[at..].iter().take_while(|name| {
        command = command.and_then(|command| command.find_subcommand(name));
        command.is_some()
    });
    let end = at + names.count();
    let (program, before) = arguments[..at].split_at(1);
    [program, &arguments[at..end], before, &arguments[end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_go_to_the_place_after_the_names_of_the_command() {
        for (typed, meant) in [
            ("-q inject", "inject -q"),
            (
                "--config x.toml -vv inject public -n",
                "inject --config x.toml -vv public -n",
            ),
            ("-qc x.toml verify", "verify -qc x.toml"),
            (
                "--color=never token get --org 6",
                "token get --color=never --org 6",
            ),
            ("-q token cache clear", "token cache clear -q"),
            ("inject -q", "inject -q"),
            ("inject -- -q", "inject -- -q"),
            ("-q", "-q"),
            ("-q --help", "-q --help"),
            ("--dry-run inject", "--dry-run inject"),
            ("-q injekt public", "-q injekt public"),
        ] {
            let words = |text: &str| -> Vec<OsString> {
                let words = text.split(' ').map(OsString::from);
                std::iter::once("chathub".into()).chain(words).collect()
            };
            assert_eq!(arrange(words(typed)), words(meant), "{typed}");
        }
    }
}
