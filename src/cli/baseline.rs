//! The file of findings that are known: read before a run, written after it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::VerifyArgs;
use super::report_file::is_page;
use super::settings::shorten;
use crate::settings::{Config, read_baseline};
use crate::steps::verify::{self, Baseline};

/// Findings that are known, and the file that is to be written with them.
pub(super) struct Known {
    pub(super) baseline: Baseline,
    /// The file, and what it says now.
    writes: Option<(PathBuf, Option<String>)>,
}

impl Known {
    /// What the configuration and the flags ask for; none: there is no baseline.
    pub(super) fn of(
        args: &VerifyArgs,
        config: &Config,
        site: &Path,
    ) -> anyhow::Result<Option<Self>> {
        let Some(file) = config.verify.baseline.as_deref().map(shorten) else {
            for (given, flag) in [
                (args.write_baseline, "--write-baseline"),
                (args.prune_baseline, "--prune-baseline"),
            ] {
                if given {
                    bail!(
                        "{flag} needs to know the file: add `--baseline FILE`, or set `verify.baseline` in chathub.toml"
                    );
                }
            }
            return Ok(None);
        };
        let writes = if args.write_baseline || args.prune_baseline {
            Some((file.clone(), now(&file, site, config)?))
        } else {
            None
        };
        let baseline = if args.write_baseline {
            Baseline::learning()
        } else {
            Baseline::of(read(&file)?)
        };
        Ok(Some(Self { baseline, writes }))
    }

    /// Whether a file is to be written.
    pub(super) fn writes(&self) -> bool {
        self.writes.is_some()
    }

    /// Writes the file, at once as a whole. Says what it did; nothing where the file says so already.
    pub(super) fn write(&self) -> anyhow::Result<Option<String>> {
        let Some((file, old)) = &self.writes else {
            return Ok(None);
        };
        let text = self.baseline.text();
        if old.as_deref() == Some(&*text) {
            return Ok(None);
        }
        replace(file, &text)
            .with_context(|| format!("cannot write the baseline {}", file.display()))?;
        let findings = self.baseline.met();
        let noun = if findings == 1 { "finding" } else { "findings" };
        Ok(Some(format!(
            "wrote {} with {findings} {noun}",
            file.display()
        )))
    }
}

/// The configured baseline, for those who write none.
pub(super) fn configured(config: &Config) -> anyhow::Result<Option<Baseline>> {
    let file = config.verify.baseline.as_deref().map(shorten);
    file.map(|file| Ok(Baseline::of(read(&file)?))).transpose()
}

fn read(file: &Path) -> anyhow::Result<Vec<crate::settings::BaselineEntry>> {
    let shown = file.display().to_string();
    Ok(read_baseline(file, &shown, &verify::ids())?)
}

/// What a file says that is to be written; refuses one that is not a baseline.
fn now(file: &Path, site: &Path, config: &Config) -> anyhow::Result<Option<String>> {
    let shown = file.display();
    if is_page(file, site, &config.pages) {
        bail!(
            "cannot write the baseline {shown}: it would be a page of the site; give it another extension, or write it elsewhere"
        );
    }
    match fs::read_to_string(file) {
        Ok(text) if text.is_empty() || Baseline::is_text(&text) || read(file).is_ok() => {
            Ok(Some(text))
        }
        Ok(_) => bail!(
            "cannot write the baseline {shown}: a file of that name is there, and it is not a baseline; name another file, or delete that one"
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = folder(file);
            if !folder.is_dir() {
                bail!(
                    "cannot write the baseline {shown}: there is no folder {}",
                    folder.display()
                );
            }
            Ok(None)
        }
        Err(error) => bail!("cannot write the baseline {shown}: {error}"),
    }
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Gives a file this content, or leaves it as it is. A link stays a link.
fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt as _;
        // As of any new file: the umask takes from it.
        fs::Permissions::from_mode(0o666)
    };
    #[cfg(unix)]
    builder.permissions(permissions);
    let mut new = builder.tempfile_in(folder(&real))?;
    new.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&real) {
        new.as_file().set_permissions(metadata.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(&real)?;
    Ok(())
}
