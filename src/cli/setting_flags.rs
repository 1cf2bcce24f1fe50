//! Flags that set what has its place in the configuration file, too: a command has those that its table says act on it, and
//! knows no other.

use std::ffi::OsString;

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::settings::{Flag, FlagName, Setting, setting_names};

const HEADING: &str = "Settings (they override chathub.toml and CHATHUB_* variables)";

/// The flags for settings that act on the commands of these bits, see [`crate::settings::commands`].
#[derive(Debug, Clone)]
pub struct SettingFlags<const ON: u8>(Vec<Flag>);

impl<const ON: u8> SettingFlags<ON> {
    /// The flags that were given, as settings.
    pub(super) fn given(&self) -> Vec<Flag> {
        self.0.clone()
    }
}

/// The rows with flags for these commands.
fn rows(on: u8) -> impl Iterator<Item = (&'static Setting, FlagName)> {
    let rows = setting_names().iter();
    rows.filter_map(move |row| Some((row, row.flag.filter(|flag| flag.on & on != 0)?)))
}

/// The flag without its hyphens, as clap has it.
fn id(flag: FlagName) -> &'static str {
    flag.name.trim_start_matches('-')
}

impl<const ON: u8> Args for SettingFlags<ON> {
    fn augment_args(command: Command) -> Command {
        command.args(rows(ON).map(|(row, flag)| {
            let arg = Arg::new(id(flag)).long(id(flag)).help_heading(HEADING);
            let arg = match flag.value {
                "" => arg.action(ArgAction::SetTrue),
                value => arg
                    .value_name(value)
                    .value_parser(clap::value_parser!(OsString)),
            };
            let words = row.words().into_iter().map(|line| format!("\n  {line}"));
            arg.help(row.about())
                .long_help(row.description() + &words.collect::<String>())
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const ON: u8> FromArgMatches for SettingFlags<ON> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = |(row, flag): (&Setting, FlagName)| {
            let value = match flag.value {
                "" => matches.get_flag(id(flag)).then(|| "true".into()),
                _ => matches.get_one::<OsString>(id(flag)).cloned(),
            };
            Some(Flag {
                path: row.path,
                name: flag.name,
                value: value?,
            })
        };
        Ok(Self(rows(ON).filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
