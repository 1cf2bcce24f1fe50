//! What a configuration is made of.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Everything that a configuration is made of. Nothing else is read: not the process's environment either.
#[derive(Debug, Clone, Default)]
pub struct Inputs<'a> {
    /// The files given with `-c`, weakest first. Empty: the nearest `chathub.toml` from `folder` upwards, if any.
    pub files: Vec<PathBuf>,
    /// The working folder, absolute.
    pub folder: PathBuf,
    /// The environment, as from [`std::env::vars_os`].
    pub environment: BTreeMap<OsString, OsString>,
    /// The settings that were given as flags.
    pub flags: Vec<Flag>,
    /// The ids of `verify`'s rules, which `[verify.severity]` may name.
    pub known_rules: &'a [&'a str],
}

/// A setting that was given as a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The setting's [`path`](crate::settings::Setting::path).
    pub path: &'static str,
    /// The flag as the user types it, such as `--endpoint`.
    pub name: &'static str,
    /// Its value; `true` or `false` for a [`Kind::Flag`](crate::settings::Kind::Flag).
    pub value: OsString,
}
