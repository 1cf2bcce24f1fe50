//! What a site is made of, as far as a sample of its pages tells: for `init`, which has no configuration yet.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::Outcome;
use crate::rules::RuleSet;
use crate::run::FolderFiles;
use crate::run::Tags;
use crate::run::{Choice, Found, Job, Selection, Step, Stepped, report, run};
use crate::run::{Examined, Examiner, Purpose, Verdict};
use crate::settings::Config;
use crate::store::{Cancel, Store};
use crate::widget::Kind;

/// How many entries of the listing are looked at; what lies after them goes unseen.
const ENTRIES: usize = 200_000;
/// How many pages are read, so that a large site takes no longer than a breath.
const PAGES: usize = 2_000;
/// How many of them in one section: languages often have folders of their own, and all are to be seen.
const PAGES_OF_SECTION: usize = 200;

/// What a site is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Survey {
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

/// Inspects a site. What cannot be read is left out: this is advice, `inject` is where errors are reported.
#[must_use]
pub fn survey(site: &dyn Store) -> Survey {
    let mut survey = Survey::default();
    let (mut entries, mut pages_read) = (0, 0);
    let mut read_in: BTreeMap<String, usize> = BTreeMap::new();
    let choose = |found: &Found| {
        entries += 1;
        if entries > ENTRIES {
            survey.more = true;
            return None;
        }
        if let Some(file) = found.rules_file() {
            survey.rules_files.push(file.to_string());
        }
        if !found.is_page() {
            return Some(false);
        }
        survey.pages += 1;
        let path = found.path()?.to_string();
        let section = path.split_once('/').map(|(section, _)| section.to_owned());
        if let Some(section) = &section {
            *survey.sections.entry(section.clone()).or_default() += 1;
        }
        let in_section = read_in.entry(section.unwrap_or_default()).or_default();
        if pages_read == PAGES || *in_section == PAGES_OF_SECTION {
            return Some(false);
        }
        *in_section += 1;
        pages_read += 1;
        Some(true)
    };
    let step = Look::default();
    if look(site, Box::new(choose), &step).is_err() {
        return Survey::default();
    }
    let seen = step.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    survey.pasted = seen.pasted;
    survey.languages = seen.languages.into_iter().collect();
    survey
        .languages
        .sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
    survey
}

/// A run over a site that has no configuration.
fn look(store: &dyn Store, choose: Choice<'_>, step: &impl Step) -> io::Result<()> {
    let config = Config::default();
    let rules = RuleSet::new(&config).map_err(io::Error::other)?;
    let examiner = Examiner::new(&config, Tags::new(&config, None), Purpose::Look);
    let job = Job {
        store,
        config: &config,
        rules: &Arc::new(rules),
        examiner: &examiner.map_err(io::Error::other)?,
        cancel: &Cancel::default(),
        folder_files: &FolderFiles::default(),
    };
    run(&job, Selection::Those(choose), step, |_| {})
}

/// Takes note of what is in pages.
#[derive(Default)]
struct Look(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    languages: BTreeMap<String, usize>,
    pasted: usize,
}

impl Step for Look {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        if matches!(examined.verdict, Verdict::Plan(_)) {
            let facts = &examined.facts;
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let pasted = facts.instances.iter().any(|i| i.kind == Kind::Widget);
            seen.pasted += usize::from(pasted);
            if let Some(language) = facts.lang.as_deref().and_then(language) {
                *seen.languages.entry(language).or_default() += 1;
            }
        }
        Stepped::Done(report(examined.path(), Outcome::Unchanged))
    }
}

/// A language tag as a rule may name it; none for what is not a tag.
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
        let nowhere = crate::store::Folder::new("/no/such/site".as_ref());
        assert_eq!(survey(&nowhere), Survey::default());
    }
}
