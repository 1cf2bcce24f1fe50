//! What a site is made of: its languages and sections, from a sample of its pages.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::page::{Nature, Scanner, Source, Syntax};
use crate::pipeline::FOLDER_CONFIG;
use crate::site::{Entry, PagePath, Walk, WalkOptions, read};
use crate::widget::Kind;

/// How many entries of the walk are looked at; what lies behind them goes unseen.
const ENTRIES: usize = 200_000;
/// How many pages are read, so that a large site takes no longer than a breath.
const PAGES: usize = 2_000;
/// How many of them in one section: languages often have folders of their own, and all are to be seen.
const PAGES_OF_SECTION: usize = 200;

/// What a site is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Pages, whatever they hold.
    pub pages: usize,
    /// There are more than were counted.
    pub more: bool,
    /// How many of the pages that were read say which `<html lang>`, the most frequent first.
    pub languages: Vec<(String, usize)>,
    /// Folders of the site that hold pages, and how many, by name.
    pub sections: BTreeMap<String, usize>,
    /// Pages that were read and carry a widget tag: somebody pasted it.
    pub pasted: usize,
    /// Rules files that folders of the site carry.
    pub rules_files: Vec<String>,
}

/// Looks into a site. What cannot be read is left out: this is advice, `inject` is where errors are told.
pub(super) fn survey(site: &Path) -> Survey {
    let config = Config::default();
    let options = WalkOptions {
        extensions: config.pages.extensions,
        hidden: false,
        folder_config: FOLDER_CONFIG,
        everything: false,
        link_root: None,
    };
    let same = |parent: &Arc<()>, _: &PagePath, _: &Path| Arc::clone(parent);
    let (Ok(walk), Ok(scanner)) = (
        Walk::new(site, options, &Arc::new(()), same),
        Scanner::new(&config.widget.src, false),
    ) else {
        return Survey::default();
    };
    let mut survey = Survey::default();
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    let mut read_in: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages_read = 0;
    for (index, entry) in walk.enumerate() {
        if index == ENTRIES {
            survey.more = true;
            break;
        }
        let page = match entry {
            Entry::Page(page, _) => page,
            Entry::FolderConfig(path, _) => {
                survey.rules_files.push(path.to_string());
                continue;
            }
            _ => continue,
        };
        survey.pages += 1;
        let path = page.path.to_string();
        let section = path.split_once('/').map(|(section, _)| section.to_owned());
        if let Some(section) = &section {
            *survey.sections.entry(section.clone()).or_default() += 1;
        }
        let in_section = read_in.entry(section.unwrap_or_default()).or_default();
        if pages_read == PAGES || *in_section == PAGES_OF_SECTION {
            continue;
        }
        *in_section += 1;
        pages_read += 1;
        let Ok(source) = read(&page.file).map(|(bytes, ..)| Source::new(bytes, Syntax::Html))
        else {
            continue;
        };
        let source = source.unwrap_or_else(|(source, _)| source);
        let facts = scanner.scan(source.text(), Syntax::Html);
        if facts.nature != Nature::Page {
            continue;
        }
        survey.pasted += usize::from(facts.instances.iter().any(|i| i.kind == Kind::Widget));
        if let Some(language) = facts.lang.as_deref().and_then(language) {
            *languages.entry(language).or_default() += 1;
        }
    }
    survey.languages = languages.into_iter().collect();
    survey
        .languages
        .sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
    survey
}

/// A language tag as a rule may name it; none for what is no tag.
fn language(lang: &str) -> Option<String> {
    let lang = lang.trim().to_ascii_lowercase();
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    (lang.len() <= 35 && lang.split('-').all(part)).then_some(lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_language_tags_only() {
        assert_eq!(language(" pt-BR ").as_deref(), Some("pt-br"));
        assert_eq!(language("zh-Hant").as_deref(), Some("zh-hant"));
        for bad in ["", "x y", "pt_BR", "{{ lang }}", "uk\"", "--"] {
            assert_eq!(language(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_site_that_is_not_there_has_nothing() {
        assert_eq!(survey(Path::new("/no/such/site")), Survey::default());
    }
}
