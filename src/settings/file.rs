//! Which files are read, and how: one that was found may be anything, one that was named is what the user says.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::Problem;
use super::inputs::Inputs;
use super::trust::stranger;

/// The name of the configuration file that is looked for.
const FILE_NAME: &str = "chathub.toml";

/// The longest file, in bytes: nobody writes a longer one, and a device has no end.
const LONGEST: u64 = 16 << 20;

/// A file to read and the name that it is shown by.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) shown: String,
    /// Named by the user, so it has to exist.
    explicit: bool,
}

/// The files in the order of their weight.
pub(super) fn files(inputs: &Inputs<'_>) -> Vec<File> {
    if !inputs.files.is_empty() {
        let explicit = inputs.files.iter().map(|file| File::named(inputs, file));
        return explicit.collect();
    }
    let found = inputs
        .folder
        .ancestors()
        .map(|folder| folder.join(FILE_NAME))
        // Not `is_file`: a file that cannot be looked at must be an error, not be passed over for another one.
        .find(|path| path.symlink_metadata().is_ok());
    let file = found.map(|path| File {
        shown: path
            .strip_prefix(&inputs.folder)
            .unwrap_or(&path)
            .display()
            .to_string(),
        path,
        explicit: false,
    });
    file.into_iter().collect()
}

impl File {
    /// One that the user names.
    pub(super) fn named(inputs: &Inputs<'_>, file: &Path) -> Self {
        Self {
            path: inputs.folder.join(file),
            shown: file.display().to_string(),
            explicit: true,
        }
    }

    /// What it holds, and whose it is if it is not to be trusted: one that is named is.
    pub(super) fn read(&self, inputs: &Inputs<'_>) -> Result<(Vec<u8>, Option<u32>), Problem> {
        self.content(inputs).map_err(|error| {
            let help = if error.kind() != io::ErrorKind::NotFound {
                "make it a readable file"
            } else if self.explicit {
                "correct the path after `-c`, which starts from the working folder"
            } else {
                "it is a link that leads to no file: fix it or delete it"
            };
            Problem::nowhere(format!("cannot read `{}`: {error}", self.shown), help)
        })
    }

    fn content(&self, inputs: &Inputs<'_>) -> io::Result<(Vec<u8>, Option<u32>)> {
        let link = fs::symlink_metadata(&self.path).ok();
        let mut options = OpenOptions::new();
        options.read(true);
        // Anyone who names a FIFO, as a shell does for `<(…)`, knows who writes to it. One that was found may wait for ever.
        #[cfg(unix)]
        if !self.explicit {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        }
        let opened = options.open(&self.path)?;
        let metadata = opened.metadata()?;
        let owner = if self.explicit {
            None
        } else if metadata.is_file() {
            stranger(&metadata, link.as_ref(), &inputs.environment)
        } else {
            let what = if metadata.is_dir() {
                "it is a folder"
            } else {
                "it is not a regular file"
            };
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        };
        let mut content = Vec::new();
        opened.take(LONGEST + 1).read_to_end(&mut content)?;
        if content.len() as u64 > LONGEST {
            let what = format!("it is longer than {} MiB", LONGEST >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        Ok((content, owner))
    }
}

/// The text of a file without its byte order mark.
pub(super) fn decode<'a>(name: &str, content: &'a [u8]) -> Result<&'a str, Problem> {
    let text = std::str::from_utf8(content).map_err(|error| {
        let before = &content[..error.valid_up_to()];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        Problem::nowhere(
            format!("`{name}` is not UTF-8: line {line} has a byte that cannot be in it"),
            "save the file as UTF-8",
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
