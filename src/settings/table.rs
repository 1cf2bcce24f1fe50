//! The table of settings: each is declared in one row, and everything else that is known of it comes from there: how it is
//! read and checked, its default, `--help`, the tables of the documentation, the example file, the schema, `init`'s template.

use super::kind::Kind;
use super::section::Section;

/// The commands on which flags act, as bits.
pub mod commands {
    /// `chathub inject`
    pub const INJECT: u8 = 1;
    /// `chathub verify`
    pub const VERIFY: u8 = 1 << 1;
    /// `chathub remove`
    pub const REMOVE: u8 = 1 << 2;
    /// `chathub explain`
    pub const EXPLAIN: u8 = 1 << 3;
    /// `chathub preview`
    pub const PREVIEW: u8 = 1 << 4;
    /// `chathub endpoint`
    pub const ENDPOINT: u8 = 1 << 5;
    /// The commands that ask the ChatHub API about the account.
    pub const ACCOUNT: u8 = 1 << 6;

    /// `chathub watch`
    pub const WATCH: u8 = 1 << 7;

    /// Those that work out what pages should have.
    pub(crate) const TAGS: u8 = INJECT | VERIFY | EXPLAIN | PREVIEW | WATCH;
    /// Those that read a site.
    pub(crate) const SITE: u8 = TAGS | REMOVE;
}

/// The flag of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagName {
    /// As it is typed, such as `--load`.
    pub name: &'static str,
    /// What stands for its value in `--help`; empty: it takes none.
    pub value: &'static str,
    /// The [`commands`] on which it acts.
    pub on: u8,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Dotted path in the configuration file, such as `placeholder.endpoint`; `*` stands for a name that the user gives.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default as TOML; none: unset.
    pub default: Option<&'static str>,
    /// A valid value as TOML.
    pub example: &'static str,
    /// Its flag.
    pub flag: Option<FlagName>,
    /// The attribute by which the loader tag tells it to the runtime.
    pub attribute: Option<&'static str>,
    /// It stands in files alone, and has no variable.
    pub file_only: bool,
    /// It decides where credentials and tokens go, so it is not taken from a file of another user.
    pub(super) guarded: bool,
    docs: &'static [&'static str],
}

impl Setting {
    pub(super) const fn new(
        path: &'static str,
        docs: &'static [&'static str],
        kind: Kind,
        default: Option<&'static str>,
        example: &'static str,
    ) -> Self {
        Self {
            path,
            kind,
            default,
            example,
            flag: None,
            attribute: None,
            file_only: false,
            guarded: false,
            docs,
        }
    }

    /// With a flag, which acts on these commands.
    pub(super) const fn flag(self, name: &'static str, value: &'static str, on: u8) -> Self {
        let flag = Some(FlagName { name, value, on });
        Self { flag, ..self }
    }

    /// Without a variable.
    pub(super) const fn file_only(self) -> Self {
        Self {
            file_only: true,
            ..self
        }
    }

    /// See [`Setting::guarded`].
    pub(super) const fn guarded(self) -> Self {
        Self {
            guarded: true,
            ..self
        }
    }

    pub(super) const fn attribute(self, attribute: Option<&'static str>) -> Self {
        Self { attribute, ..self }
    }

    /// The last part of its path.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The environment variable, such as `CHATHUB_PLACEHOLDER_ENDPOINT`.
    #[must_use]
    pub fn variable(&self) -> String {
        let path = self.path.replace(['.', '-'], "_").to_uppercase();
        format!("CHATHUB_{path}")
    }

    /// What it does: a sentence without its full stop.
    #[must_use]
    pub fn about(&self) -> String {
        let about = self.docs.split(|line| line.is_empty()).next();
        let about = about.unwrap_or_default().concat();
        about.trim().trim_end_matches('.').to_owned()
    }

    /// What it does, and what else there is to know about it: sentences.
    #[must_use]
    pub fn description(&self) -> String {
        let mut paragraphs = self.docs.split(|line| line.is_empty()).skip(1);
        let details = paragraphs.next().unwrap_or_default().concat();
        format!("{}. {}", self.about(), details.trim())
            .trim()
            .to_owned()
    }

    /// A line for each word that it takes, with what that means; none where it takes others than a few words.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let Kind::Choice(words) = self.kind else {
            return Vec::new();
        };
        let width = words.iter().map(|(word, _)| word.len()).max();
        let width = width.unwrap_or_default();
        let line = |(word, meaning): &(&str, &str)| {
            let meaning = meaning.trim().trim_end_matches('.').replace('`', "");
            format!("{word:width$}  {meaning}")
        };
        words.iter().map(line).collect()
    }
}

/// A table of the file whose keys are settings.
pub(super) trait Table {
    /// Its rows.
    const ROWS: &'static [Setting] = &[];

    /// It is an array of tables, which are read one by one.
    const REPEATS: bool = false;

    /// The loader tag's attributes for what differs from the usual.
    fn attributes(&self, _usual: &Self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Takes what a section says; everything else stays as it is.
    fn read(&mut self, section: &mut Section<'_>);
}

/// Declares a table: its struct with the defaults, its rows, and how it is read.
///
/// A row is `field "key": Type => parser, or DEFAULT, like EXAMPLE, @ "attribute", more;`. Default and example are written as in
/// TOML; without a default the field is empty. `more` are methods of [`Setting`]. `tables` are below this one,
/// `and` has what is not read from it.
macro_rules! table {
    (
        $(#[$meta:meta])*
        $visibility:vis $name:ident $prefix:literal {
            $(
                $(#[doc = $doc:literal])+
                $field:ident $key:literal: $type:ty => $parser:expr
                    $(, or $default:tt)?, like $example:tt $(, @ $attribute:literal)? $(, $more:ident($($value:expr),*))*;
            )*
        }
        $(tables { $( $(#[doc = $table_doc:literal])+ $table:ident $table_key:literal: $table_type:ty; )+ })?
        $(and { $( $(#[doc = $other_doc:literal])+ $other:ident: $other_type:ty; )+ })?
    ) => {
        $(#[$meta])*
        // Each is a switch of its own in the file; folding them into one type would only hide that.
        #[allow(clippy::struct_excessive_bools)]
        // What a setting does is said in help texts, too, which name tags plainly.
        #[allow(rustdoc::invalid_html_tags)]
        $visibility struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )*
            $( $( $(#[doc = $table_doc])+ pub $table: $table_type, )+ )?
            $( $( $(#[doc = $other_doc])+ pub $other: $other_type, )+ )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $field: $crate::settings::table::table!(@default $parser $(, $default)?), )*
                    $( $( $table: Default::default(), )+ )?
                    $( $( $other: Default::default(), )+ )?
                }
            }
        }

        impl $crate::settings::table::Table for $name {
            const ROWS: &'static [$crate::settings::table::Setting] = &[
                $( $crate::settings::table::Setting::new(
                    concat!($prefix, $key),
                    &[$($doc),+],
                    $crate::settings::value::kind(&$parser),
                    $crate::settings::table::table!(@text $($default)?),
                    stringify!($example),
                ).attribute($crate::settings::table::table!(@attribute $($attribute)?)) $( .$more($($value),*) )*, )*
            ];

            // Most tables have none.
            #[allow(unused_variables)]
            fn attributes(&self, usual: &Self) -> Vec<(&'static str, String)> {
                let attributes: Vec<Option<(&'static str, String)>> = vec![
                    $( $( $crate::settings::attribute::differing($attribute, &self.$field, &usual.$field), )? )*
                ];
                attributes.into_iter().flatten().collect()
            }

            fn read(&mut self, section: &mut $crate::settings::section::Section<'_>) {
                $(
                    if let Some(value) = section.get($key, stringify!($example), &$parser) {
                        self.$field = value.into();
                    }
                )*
                $($(
                    section.section(
                        $table_key,
                        <$table_type as $crate::settings::table::Table>::REPEATS,
                        |section| $crate::settings::table::Table::read(&mut self.$table, section),
                    );
                )+)?
            }
        }
    };
    (@default $parser:expr, $default:tt) => {
        $crate::settings::value::default(&$parser, stringify!($default)).into()
    };
    (@default $parser:expr) => {
        Default::default()
    };
    (@text $text:tt) => {
        Some(stringify!($text))
    };
    (@text) => {
        None
    };
    (@attribute $attribute:literal) => {
        Some($attribute)
    };
    (@attribute) => {
        None
    };
}

pub(super) use table;
