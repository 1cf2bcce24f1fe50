//! What writes the site, what in its configuration keeps pages out of the folder, and whether the build runs chathub.

use std::path::{Path, PathBuf};

use super::check::{Check, Status, Topic};
use super::pipelines::{Builds, text};
use super::seen::Seen;
use crate::generator::{Found, below, chosen, detect};
use crate::run::FOLDER_CONFIG;

const TOPIC: Topic = Topic::Generator;

/// A generator's trap: what in its files leads to a chat that is not there.
struct Trap {
    generator: &'static str,
    /// Whether it is there, in the project's folder.
    is_there: fn(&Path) -> bool,
    message: &'static str,
    remedy: &'static str,
}

const TRAPS: [Trap; 9] = [
    Trap {
        generator: "Next.js",
        is_there: |folder| lacks(folder, &["next.config"], "export"),
        message: "next.config has no output: \"export\", so a server renders pages that are not in the folder",
        remedy: "Set `output: \"export\"`.",
    },
    Trap {
        generator: "SvelteKit",
        is_there: |folder| lacks_text(folder, "package.json", "@sveltejs/adapter-static"),
        message: "package.json has no @sveltejs/adapter-static, so a server renders pages that are not in the folder",
        remedy: "Use adapter-static, and `prerender = true`.",
    },
    Trap {
        generator: "Astro",
        is_there: |folder| {
            let server = ["\"server\"", "'server'"];
            server
                .iter()
                .any(|word| has(folder, &["astro.config"], word))
        },
        message: "astro.config has output: \"server\", so a server renders pages that are not in the folder",
        remedy: "Use `output: \"static\"`, or `export const prerender = true` in pages with a chat.",
    },
    Trap {
        generator: "Angular",
        is_there: |folder| {
            text(&folder.join("angular.json")).is_some_and(|text| {
                text.split_whitespace()
                    .collect::<String>()
                    .contains("\"outputMode\":\"server\"")
            })
        },
        message: "angular.json has outputMode \"server\", so a server renders pages that are not in the folder",
        remedy: "Use `\"outputMode\": \"static\"`.",
    },
    Trap {
        generator: "React Router",
        is_there: |folder| {
            lacks(folder, &["react-router.config"], "prerender")
                && !has(folder, &["react-router.config"], "ssr: false")
        },
        message: "react-router.config neither prerenders pages nor has ssr: false, so a server renders them",
        remedy: "List the pages in `prerender`, or set `ssr: false`.",
    },
    Trap {
        generator: "Jekyll",
        is_there: |folder| {
            has_rules_files(folder) && lacks_text(folder, "_config.yml", FOLDER_CONFIG)
        },
        message: "Jekyll does not copy the .chathub.toml files of folders into the site",
        remedy: "Add `include: [.chathub.toml]` to _config.yml.",
    },
    Trap {
        generator: "Eleventy",
        is_there: |folder| {
            has_rules_files(folder)
                && lacks(folder, &[".eleventy", "eleventy.config"], FOLDER_CONFIG)
        },
        message: "Eleventy does not copy the .chathub.toml files of folders into the site",
        remedy: "Add `eleventyConfig.addPassthroughCopy(\"**/.chathub.toml\")` to its configuration.",
    },
    Trap {
        generator: "MkDocs",
        is_there: has_rules_files,
        message: "MkDocs does not copy the .chathub.toml files of folders into the site",
        remedy: "Write their rules into chathub.toml.",
    },
    Trap {
        generator: "Sphinx",
        is_there: |folder| {
            has_rules_files(folder) && lacks_text(folder, "conf.py", "html_extra_path")
        },
        message: "Sphinx does not copy the .chathub.toml files of folders into the site",
        remedy: "Name their folder in `html_extra_path`, or write their rules into chathub.toml.",
    },
];

/// The generator of the project.
pub(super) fn find(seen: &Seen) -> Found {
    let project = seen.project();
    let inside = seen.config().site.as_ref().and_then(|site| {
        let (site, project) = (site.canonicalize().ok()?, project.canonicalize().ok()?);
        let inside = site.strip_prefix(project).ok()?;
        Some(inside.to_str()?.to_owned())
    });
    let named = inside.map(|site| chosen(&project, &site));
    let named = named.filter(|found| found.generator.is_some());
    named.unwrap_or_else(|| detect(&project))
}

pub(super) fn checks(seen: &Seen, found: &Found) -> Vec<Check> {
    let project = seen.project();
    let builds = Builds::of(&project);
    let Some(generator) = found.generator else {
        let message = "none that chathub knows, so it knows of no trap";
        let check = Check::new(TOPIC, Status::Skipped, message);
        return [vec![check], builds.checks(None)].concat();
    };
    let traps = TRAPS.iter();
    let traps = traps.filter(|trap| trap.generator == generator.name && (trap.is_there)(&project));
    let traps: Vec<Check> = traps
        .map(|trap| Check::new(TOPIC, Status::Warning, trap.message).remedy(trap.remedy))
        .collect();
    let message = match builds.plugin() {
        Some(_) => generator.name.to_owned(),
        None => format!(
            "{}; in this order: {}, chathub inject, chathub verify",
            generator.name, generator.build
        ),
    };
    let mut checks = vec![Check::new(TOPIC, Status::Ok, message)];
    checks.extend(traps);
    checks.extend(builds.checks(Some(generator.build)));
    checks
}

/// The programs of these names by which a generator is configured.
fn programs(folder: &Path, names: &[&str]) -> Vec<String> {
    let extensions = ["js", "mjs", "cjs", "ts", "mts", "cts"];
    let files = names.iter().flat_map(|name| {
        extensions.map(|extension| -> PathBuf { folder.join(format!("{name}.{extension}")) })
    });
    files.filter_map(|file| text(&file)).collect()
}

fn has(folder: &Path, names: &[&str], word: &str) -> bool {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let says = |text: &String| text.lines().filter(is_code).any(|line| line.contains(word));
    programs(folder, names).iter().any(says)
}

/// Whether the generator is configured, and not so.
fn lacks(folder: &Path, names: &[&str], word: &str) -> bool {
    match word {
        // Each such program exports something.
        "export" => {
            let says = |word: &str| has(folder, names, word);
            !(says("\"export\"") || says("'export'") || says("`export`"))
        }
        word => !has(folder, names, word),
    }
}

fn lacks_text(folder: &Path, file: &str, word: &str) -> bool {
    text(&folder.join(file)).is_some_and(|text| !text.contains(word))
}

/// Whether there are rules files among the sources.
fn has_rules_files(project: &Path) -> bool {
    let enters = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_written = name.starts_with(['.', '_']) || name == "node_modules";
        !is_written && !crate::generator::USUAL_SITES.contains(&&*name)
    };
    below(project, enters).any(|entry| entry.file_name() == FOLDER_CONFIG)
}
