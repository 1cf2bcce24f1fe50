//! Configurations of generators and hosts that have chathub as a plugin, which runs it within the build.
//!
//! Nothing is run, and YAML is read by its lines: generators' YAML has tags and templates at which parsers stop.

use std::path::Path;

use super::script;
use super::value::{SCRIPTS, text};

/// How a configuration names its plugins.
enum Plugin {
    /// A program, without its extension, that uses this module.
    Script(&'static str),
    /// A program in Python with this module.
    Python(&'static str, &'static str),
    /// A list `plugins` of YAML with this entry.
    Yaml(&'static str),
    /// A group of gems that Jekyll loads.
    Gemfile,
    /// Netlify's list.
    Netlify,
}

use Plugin::{Gemfile, Netlify, Python, Script, Yaml};

/// The files, and what they have.
const PLUGINS: [(&str, Plugin); 27] = [
    ("astro.config", Script("chathub/astro")),
    ("docusaurus.config", Script("chathub/docusaurus")),
    ("website/docusaurus.config", Script("chathub/docusaurus")),
    ("docs/docusaurus.config", Script("chathub/docusaurus")),
    ("eleventy.config", Script("chathub/eleventy")),
    (".eleventy", Script("chathub/eleventy")),
    ("svelte.config", Script("chathub/sveltekit")),
    (".vitepress/config", Script("chathub/vitepress")),
    (".vitepress/config/index", Script("chathub/vitepress")),
    ("docs/.vitepress/config", Script("chathub/vitepress")),
    ("docs/.vitepress/config/index", Script("chathub/vitepress")),
    ("mkdocs.yml", Yaml("chathub")),
    ("mkdocs.yaml", Yaml("chathub")),
    ("conf.py", SPHINX),
    ("source/conf.py", SPHINX),
    ("docs/conf.py", SPHINX),
    ("docs/source/conf.py", SPHINX),
    ("doc/conf.py", SPHINX),
    ("doc/source/conf.py", SPHINX),
    ("pelicanconf.py", PELICAN),
    ("publishconf.py", PELICAN),
    ("_config.yml", JEKYLL),
    ("_config.yaml", JEKYLL),
    ("docs/_config.yml", JEKYLL),
    ("Gemfile", Gemfile),
    ("docs/Gemfile", Gemfile),
    ("netlify.toml", Netlify),
];
const SPHINX: Plugin = Python("chathub", "sphinx");
const PELICAN: Plugin = Python("chathub", "pelican");
const JEKYLL: Plugin = Yaml("jekyll-chathub");

/// The configurations in a project that have the plugin, by their paths in it.
pub(crate) fn plugins(project: &Path) -> Vec<String> {
    let has = |name: String, has: &dyn Fn(&str) -> bool| {
        let text = text(project, &name)?;
        has(&text).then_some(name)
    };
    let found = PLUGINS.iter().flat_map(|(name, plugin)| match plugin {
        Script(module) => SCRIPTS
            .iter()
            .filter_map(|extension| {
                has(format!("{name}.{extension}"), &|text| {
                    script::uses(text, |name| is_module(name, module))
                })
            })
            .collect(),
        plugin => has((*name).to_owned(), &|text| plugin.is_in(text))
            .into_iter()
            .collect::<Vec<String>>(),
    });
    found.collect()
}

impl Plugin {
    fn is_in(&self, text: &str) -> bool {
        match self {
            Script(module) => script::uses(text, |name| is_module(name, module)),
            Python(package, module) => imports(&without_python_comments(text), package, module),
            Yaml(entry) => lists(text, "plugins", entry),
            Gemfile => loads(&without_comments(text)),
            Netlify => has_package(text),
        }
    }
}

/// Whether code in Python names a module as a string, as lists of extensions do, or imports it.
fn imports(code: &str, package: &str, module: &str) -> bool {
    let whole = format!("{package}.{module}");
    let is_named = ['"', '\'']
        .iter()
        .any(|quote| code.contains(&format!("{quote}{whole}{quote}")));
    is_named
        || code.lines().any(|line| {
            let words: Vec<&str> = line
                .split(|c: char| c.is_whitespace() || c == ',')
                .filter(|word| !word.is_empty())
                .collect();
            match &words[..] {
                ["from", from, "import", names @ ..] => {
                    *from == whole || *from == package && names.contains(&module)
                }
                ["import", names @ ..] => names.contains(&&*whole),
                _ => false,
            }
        })
}

/// Whether a `Gemfile` has the plugin in the group that Jekyll loads by itself.
fn loads(code: &str) -> bool {
    let mut in_group = false;
    code.lines().map(str::trim).any(|line| {
        if line.starts_with("group ") || line.starts_with("group(") {
            in_group = line.contains(":jekyll_plugins");
        } else if line == "end" {
            in_group = false;
        }
        let is_gem = line.starts_with("gem ") || line.starts_with("gem(");
        let is_ours = line.contains("\"jekyll-chathub\"") || line.contains("'jekyll-chathub'");
        is_gem && is_ours && (in_group || line.contains(":jekyll_plugins"))
    })
}

/// Whether `netlify.toml` lists the plugin.
fn has_package(text: &str) -> bool {
    let Ok(toml::Value::Table(table)) = text.parse::<toml::Table>().map(toml::Value::Table) else {
        return false;
    };
    let plugins = table.get("plugins").and_then(toml::Value::as_array);
    plugins.into_iter().flatten().any(|plugin| {
        let package = plugin.get("package").and_then(toml::Value::as_str);
        package.is_some_and(|package| is_module(package, "chathub/netlify"))
    })
}

/// Whether the name by which a module is loaded is that of this one, which may lie in a folder.
fn is_module(name: &str, module: &str) -> bool {
    let folder = name.strip_suffix(module);
    folder.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

/// Whether a list under a key of the outermost mapping has an entry of this name, with options or without.
fn lists(text: &str, key: &str, entry: &str) -> bool {
    let text = without_comments(text);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let value = lines.by_ref().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (unquoted(name) == key).then_some(value)
    });
    let Some(value) = value else {
        return false;
    };
    if let Some(first) = value.trim().strip_prefix('[') {
        let rest: Vec<&str> = std::iter::once(first).chain(lines).collect();
        let rest = rest.join(" ");
        let list = rest.split(']').next().unwrap_or_default();
        return list.split(',').any(|one| is_entry(one, entry));
    }
    let mut indent = None;
    for line in lines {
        let (trimmed, own) = (line.trim_start(), line.len() - line.trim_start().len());
        let item = trimmed.strip_prefix("- ");
        if own == 0 && item.is_none() {
            return false;
        }
        // What is further in is an option of an entry.
        if *indent.get_or_insert(own) == own && is_entry(item.unwrap_or(trimmed), entry) {
            return true;
        }
    }
    false
}

fn is_entry(text: &str, entry: &str) -> bool {
    let text = text.trim().trim_start_matches('{');
    unquoted(text.split(':').next().unwrap_or_default()) == entry
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// A text without comments that a `#` begins which stands at the beginning of a line or after white space, as in YAML, TOML and
/// shells.
pub(crate) fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let mut quote = None;
        let mut before = ' ';
        let end = line.char_indices().find_map(|(at, c)| {
            match quote {
                Some(open) if c == open && before != '\\' => quote = None,
                None if c == '#' && before.is_whitespace() => return Some(at),
                // An apostrophe in a word is not a quotation mark.
                None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
                _ => {}
            }
            before = c;
            None
        });
        &line[..end.unwrap_or(line.len())]
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Code in Python without comments, and without strings of several lines, which are documentation.
fn without_python_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        code.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with('#') {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(triple) = ["\"\"\"", "'''"]
            .iter()
            .find(|triple| rest.starts_with(**triple))
        {
            rest[3..].find(triple).map_or(rest.len(), |end| end + 6)
        } else {
            let quote = rest.chars().next();
            let mut is_escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, c)| {
                let ends = !is_escaped && (Some(*c) == quote || *c == '\n');
                is_escaped = !is_escaped && *c == '\\';
                ends
            });
            let end = end.map_or(rest.len(), |(at, c)| at + c.len_utf8());
            code.push_str(&rest[..end]);
            end
        };
        rest = &rest[length..];
    }
    code.push_str(rest);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(plugin: &Plugin, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(plugin.is_in(text), "{text}");
        }
        for text in wrong {
            assert!(!plugin.is_in(text), "{text}");
        }
    }

    #[test]
    fn programs_that_use_the_module_have_it() {
        all(
            &Script("chathub/astro"),
            &[
                "import chathub from \"chathub/astro\";\nexport default x({ integrations: [chathub()] });",
                "const chat = require('chathub/astro');\nmodule.exports = { a: [chat()] }",
                "module.exports = { plugins: ['chathub/astro'] }",
                "module.exports = { plugins: [[`chathub/astro`, { verify: false }]] }",
                "import { default as chat } from './node_modules/chathub/astro'; x(chat)",
                "x(await import('chathub/astro'))",
            ],
            &[
                "",
                "// import chathub from 'chathub/astro'; chathub()",
                "/* import chathub from 'chathub/astro';\n chathub() */",
                "import chathub from 'chathub/astro';\nexport default x({ integrations: [] });",
                "import chathub from 'chathub/astro';\nx({ integrations: [/* chathub() */] });",
                "const chathub = require('chathub/astro'); x()",
                "import chathub from 'chathub/vitepress'; chathub()",
                "import x from 'mychathub/astro'; x()",
                "x('see chathub/astro')",
                "import type chathub from 'chathub/astro'; let a: chathub",
            ],
        );
    }

    #[test]
    fn lists_of_yaml_have_it() {
        all(
            &Yaml("chathub"),
            &[
                "plugins:\n  - search\n  - chathub\n",
                "site_name: Olena's\nplugins:\n- search\n- chathub:\n    verify: false\n",
                "plugins: [search, \"chathub\"] # both\n",
                "plugins: [\n  search,\n  chathub,\n]\n",
                "plugins:\n\n  # ours\n  - 'chathub'  # last\nnav: []\n",
                "plugins:\n  search: {}\n  chathub: {}\n",
                "markdown_extensions:\n  - x: !!python/name:a.b\nplugins:\n  - chathub: !ENV [A, {}]\n",
            ],
            &[
                "",
                "plugins:\n  - search\n#  - chathub\n",
                "# plugins: [chathub]\n",
                "plugins:\n  - search:\n      also:\n        - chathub\n",
                "plugins: [search] # chathub\n",
                "plugins: [search]\nnav: [chathub]\n",
                "plugins:\n  - search\nnav:\n  - chathub\n",
                "site_name: chathub\n",
                "plugins:\n  - jekyll-chathub\n",
            ],
        );
    }

    #[test]
    fn programs_in_python_have_it() {
        all(
            &SPHINX,
            &[
                "extensions = [\n    'sphinx.ext.autodoc',\n    \"chathub.sphinx\",\n]\n",
                "extensions += ['chathub.sphinx']  # last\n",
                "import chathub.sphinx\nextensions = [chathub.sphinx.__name__]\n",
                "from chathub import sphinx\n",
                "html_title = 'it\\'s'; extensions = ['chathub.sphinx']",
            ],
            &[
                "",
                "extensions = [\n    # 'chathub.sphinx',\n]\n",
                "extensions = ['a']#'chathub.sphinx'\n",
                "\"\"\"Add \"chathub.sphinx\" here.\n'chathub.sphinx'\n\"\"\"\nextensions = []\n",
                "extensions = ['chathub.pelican']\n",
                "project = 'see chathub.sphinx'\n",
            ],
        );
    }

    #[test]
    fn a_gemfile_has_it_in_the_group_that_jekyll_loads() {
        all(
            &Gemfile,
            &[
                "source \"https://example.com\"\ngroup :jekyll_plugins do\n  gem 'a'\n  gem \"jekyll-chathub\", \"~> 0.1\"\nend\n",
                "gem 'jekyll-chathub', group: :jekyll_plugins\n",
            ],
            &[
                "",
                "gem \"jekyll-chathub\"\n",
                "group :jekyll_plugins do\n  # gem \"jekyll-chathub\"\nend\n",
                "group :jekyll_plugins do\n  gem 'a'\nend\ngroup :test do\n  gem 'jekyll-chathub'\nend\n",
            ],
        );
    }

    #[test]
    fn netlify_has_it_in_its_list() {
        all(
            &Netlify,
            &[
                "[build]\ncommand = \"x\"\n[[plugins]]\npackage = \"./node_modules/chathub/netlify\"\n",
                "[[plugins]]\npackage = \"a\"\n[[plugins]]\npackage = \"chathub/netlify\"\n[plugins.inputs]\nverify = false\n",
            ],
            &[
                "",
                "#[[plugins]]\n#package = \"chathub/netlify\"\n",
                "[[plugins]]\npackage = \"netlify-plugin-a\"\n",
                "[build]\npackage = \"chathub/netlify\"\n",
                "not TOML",
            ],
        );
    }

    #[test]
    fn comments_go_and_nothing_else() {
        for (text, wanted) in [
            ("a # b", "a \n"),
            ("#a\nb", "\nb\n"),
            ("'#' \"a # b\" c#d # e", "'#' \"a # b\" c#d \n"),
            ("echo ${A#b} && x", "echo ${A#b} && x\n"),
            ("it's # so", "it's \n"),
        ] {
            assert_eq!(without_comments(text), wanted);
        }
    }
}
