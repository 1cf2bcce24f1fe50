//! The files by which the site's host knows which headers to send: those that are found, and those that are named.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::settings::shorten;
use crate::csp::{Format, Host, HostFile};
use crate::settings::Config;

/// Longer files are refused, in bytes: those of the hosts have limits far below.
const LARGEST: u64 = 4 << 20;

/// Those of the files that are not read that stand in a project, and not in its site.
const OF_PROJECTS: [&str; 2] = ["vercel.ts", "now.json"];

/// The hosts of a site.
pub(super) fn hosts(config: &Config, site: &Path) -> anyhow::Result<Vec<Host>> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    if config.csp.discover {
        let here = env::current_dir().unwrap_or_default();
        let beside = config
            .files
            .iter()
            .filter_map(|file| file.parent().map(Path::to_owned));
        let folders = [site.to_owned()].into_iter().chain(beside).chain([here]);
        for folder in folders {
            let in_site = same(&folder, site);
            for (name, format) in Format::FOUND {
                // Beside the project, it is a source that the generator copies.
                let is_source = matches!(format, Format::Headers | Format::Other);
                if is_source && !in_site && !OF_PROJECTS.contains(&name) {
                    continue;
                }
                let path = folder.join(name);
                if path.is_file() && seen.insert(real(&path)) {
                    files.push(read(&path, format, root(config, in_site))?);
                }
            }
        }
    }
    for path in &config.csp.files {
        let shown = shorten(path);
        let Some(format) = Format::of(&path.to_string_lossy()) else {
            bail!(
                "csp.files names {}, and its name does not tell a format: call it NAME.conf if it is for nginx, NAME.caddy if it is for Caddy",
                shown.display()
            );
        };
        if seen.insert(real(path)) {
            files.push(read(path, format, root(config, false))?);
        }
    }
    Ok(Host::read(files))
}

/// What is in the site's folder is about its root; what is elsewhere, about the address at which the site is.
fn root(config: &Config, in_site: bool) -> String {
    if in_site { "/" } else { config.base_path() }.to_owned()
}

fn read(path: &Path, format: Format, root: String) -> anyhow::Result<HostFile> {
    let name = shorten(path).display().to_string();
    let shown =
        || format!("{name} cannot be read, which csp.files names or which stands beside the site");
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(shown)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(shown)?;
    // Of a program, its beginning tells enough.
    if bytes.len() as u64 > LARGEST && format != Format::Other {
        bail!(
            "{name} has more than {} MiB, so it is not what its name says",
            LARGEST >> 20
        );
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(HostFile {
        name,
        text,
        format,
        root,
    })
}

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn same(one: &Path, other: &Path) -> bool {
    real(one) == real(other)
}
