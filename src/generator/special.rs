//! What takes more than one key to tell.

use std::path::Path;

use super::known::contains;
use super::pages::has_pages;
use super::script::{Said, said};
use super::value::text;

/// Jekyll, whose configuration others have a file of the same name for.
pub(super) fn jekyll(folder: &Path) -> bool {
    let others = [
        "_toc.yml",
        "scaffolds",
        "_config.ts",
        "bridgetown.config.yml",
    ];
    !others.iter().any(|other| folder.join(other).exists()) && !super::value::uses(folder, "hexo")
}

/// Nikola's `conf.py`, which names its lists of posts and pages.
pub(super) fn nikola(folder: &Path) -> bool {
    let has = |word| contains(folder, "conf.py", word);
    has("nikola") || has("OUTPUT_FOLDER") || (has("POSTS =") && has("PAGES ="))
}

/// A `conf.py` of anybody else's.
pub(super) fn not_nikola(folder: &Path) -> bool {
    !nikola(folder)
}

/// Next.js writes a site where its output is `export`; all else is for a server.
pub(super) fn next(folder: &Path) -> Said {
    let scripts = ["js", "mjs", "ts", "cjs", "mts"]
        .iter()
        .filter_map(|e| text(folder, &format!("next.config.{e}")));
    for text in scripts {
        let output = said(&text, &["output"]);
        if output == Said::Text("export".to_owned()) {
            return said(&text, &["distDir"]);
        }
    }
    Said::Nothing
}

/// Angular's output path, a string or an object, per project.
pub(super) fn angular(folder: &Path) -> Said {
    let Some(text) = text(folder, "angular.json") else {
        return Said::Nothing;
    };
    let as_text = said(&text, &["options", "outputPath"]);
    let as_object = said(&text, &["outputPath", "base"]);
    let path = match (as_text, as_object) {
        (_, Said::Text(base)) => base,
        (Said::Text(path), _) => path,
        // Without one it is `dist/NAME`; several projects have several.
        _ => return Said::Nothing,
    };
    // The application builder keeps what browsers get in a folder of its own, which can be named, or be none.
    let browser = match said(&text, &["outputPath", "browser"]) {
        Said::Text(browser) => browser,
        _ => "browser".to_owned(),
    };
    let whole = Path::new(&path).join(&browser);
    let has_own = folder.join(&whole).is_dir() || !folder.join(&path).is_dir();
    let own = !browser.is_empty() && has_own && text.contains(":application");
    Said::Text(if own {
        format!("{}/{browser}", path.trim_end_matches('/'))
    } else {
        path
    })
}

/// Vite's output path, which counts from its `root`.
pub(super) fn vite(folder: &Path) -> Said {
    let say = |path: &'static [&'static str]| {
        super::value::first(folder, &[super::value::Look::Script("vite.config", path)])
    };
    let root = match say(&["root"]) {
        // It counts from this folder.
        Said::Nothing => return say(&["build", "outDir"]),
        Said::Text(root) => Some(root),
        // Most often `__dirname`, which is this folder.
        Said::Unclear => None,
    };
    match (root, say(&["build", "outDir"])) {
        (Some(root), Said::Text(out)) => Said::Text(joined(&root, &out)),
        (Some(root), Said::Nothing) => Said::Text(joined(&root, "dist")),
        (None, Said::Text(out)) if has_pages(&folder.join(&out)) => Said::Text(out),
        _ => Said::Unclear,
    }
}

/// A path below another, without the names that `..` takes back.
pub(super) fn joined(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut names: Vec<&str> = Vec::new();
    for name in folder.split('/').chain(path.split('/')) {
        match (name, names.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    let start = if folder.starts_with('/') { "/" } else { "" };
    format!("{start}{}", names.join("/"))
}

/// Doxygen's `OUTPUT_DIRECTORY`, and `HTML_OUTPUT` in it.
pub(super) fn doxygen(folder: &Path) -> Said {
    let Some(text) = text(folder, "Doxyfile") else {
        return Said::Nothing;
    };
    let value = |name: &str| {
        let mut lines = text.lines().rev();
        lines.find_map(|line| {
            let value = line
                .trim_start()
                .strip_prefix(name)?
                .trim_start()
                .strip_prefix('=')?;
            Some(value.trim().trim_matches('"').to_owned())
        })
    };
    let set = |name: &str| value(name).filter(|value| !value.is_empty());
    let (output, html) = (set("OUTPUT_DIRECTORY"), set("HTML_OUTPUT"));
    if output.as_deref().is_some_and(|path| path.contains('$')) {
        return Said::Unclear;
    }
    let html = html.unwrap_or_else(|| "html".to_owned());
    match output.as_deref().map(|path| path.trim_end_matches('/')) {
        None | Some("" | ".") if html == "html" => Said::Nothing,
        None | Some("" | ".") => Said::Text(html),
        Some(output) => Said::Text(format!("{output}/{html}")),
    }
}

/// React Router keeps what browsers get in a folder of its build directory.
pub(super) fn react_router(folder: &Path) -> Said {
    let look = super::value::Look::Script("react-router.config", &["buildDirectory"]);
    match super::value::first(folder, &[look]) {
        Said::Text(build) => Said::Text(format!("{}/client", build.trim_end_matches('/'))),
        other => other,
    }
}
