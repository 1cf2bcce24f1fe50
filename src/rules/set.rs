//! All rules that apply in a folder, and the answer that they give together.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::Candidate;

use crate::settings::{Config, RuleSpec, Wants, nearest};

use super::error::RuleError;
use super::rule::Rule;
use super::types::{
    Assignment, Because, Brackets, Directive, LeastPages, Page, Tried, UnusedPattern, UnusedRule,
    Wanted,
};

/// The rules of the configuration, or of a folder that adds its own to them.
///
/// Compiled once and shared between threads. The only thing that changes is the note which rules have held, for
/// [`RuleSet::unused`].
///
/// # Examples
///
/// ```
/// use chathub::internal::settings::Config;
/// use chathub::internal::rules::{Page, RuleSet, Wanted};
///
/// let rules = RuleSet::new(&Config::default())?;
/// let page = Page { path: b"shop/index.html", lang: Some("uk"), directive: None };
/// let assignment = rules.assign(&page);
/// assert_eq!(assignment.wanted, Wanted::Unnamed);
/// assert_eq!(assignment.because.to_string(), "no organizations are configured");
/// # Ok::<(), chathub::internal::rules::RuleError>(())
/// ```
pub struct RuleSet {
    /// Names and defaults, shared by a set and all that descend from it.
    organizations: Arc<Organizations>,
    /// The weaker rules around these; none: the configuration's own.
    parent: Option<Arc<RuleSet>>,
    /// The folder that carries these rules, with a final `/`; empty: the site.
    folder: Vec<u8>,
    /// Weakest first.
    rules: Vec<Rule>,
}

struct Organizations {
    /// Each alone, as a rule or a directive names it.
    single: BTreeMap<Arc<str>, Arc<[Arc<str>]>>,
    /// What pages get that no rule names.
    fallback: Assignment,
}

impl RuleSet {
    /// The rules of a configuration.
    ///
    /// # Errors
    ///
    /// If a rule has a bad glob or names an organization that is not there; never for a [`Config`] that
    /// [`load`](crate::settings::load) returned.
    pub fn new(config: &Config) -> Result<Self, RuleError> {
        let organizations = Arc::new(Organizations::new(config)?);
        Ok(Self {
            rules: organizations.compile(config.rules.clone())?,
            organizations,
            parent: None,
            folder: Vec::new(),
        })
    }

    /// These rules and, stronger than them, those that `folder` carries; their globs are relative to it.
    ///
    /// `folder` is the folder's page path, such as `shop/sale`; empty: the site's root.
    ///
    /// # Errors
    ///
    /// As for [`RuleSet::new`]; never for what [`load_folder`](crate::settings::load_folder) returned.
    pub fn with_folder(
        self: &Arc<Self>,
        folder: &[u8],
        specs: Vec<RuleSpec>,
    ) -> Result<Arc<Self>, RuleError> {
        let mut folder = folder.to_vec();
        if !folder.is_empty() && !folder.ends_with(b"/") {
            folder.push(b'/');
        }
        Ok(Arc::new(Self {
            rules: self.organizations.compile(specs)?,
            organizations: Arc::clone(&self.organizations),
            parent: Some(Arc::clone(self)),
            folder,
        }))
    }

    /// What a page is to have: its own directive's word, else the last rule's that holds, else the default.
    #[must_use]
    pub fn assign(&self, page: &Page<'_>) -> Assignment {
        let winner = self.winner(page);
        if let Some(directive) = page.directive {
            return self.organizations.directed(directive);
        }
        match winner {
            Some(rule) => Assignment {
                wanted: rule.wanted.clone(),
                because: Because::Rule {
                    place: rule.spec.place.clone(),
                },
            },
            None => self.organizations.fallback.clone(),
        }
    }

    /// Whether any rule asks for a page's language.
    #[must_use]
    pub fn asks_language(&self) -> bool {
        let mut rules = self.lineage().flat_map(|set| &set.rules);
        rules.any(|rule| !rule.spec.lang.is_empty())
    }

    /// Every rule's answer to a page, strongest first, for `explain`. Does not count for [`RuleSet::unused`].
    #[must_use]
    pub fn trace(&self, page: &Page<'_>) -> Vec<Tried> {
        // The directive has the last word: then no rule wins.
        let mut decided = page.directive.is_some();
        let mut tried = Vec::new();
        for set in self.lineage() {
            let relative = set.relative(page.path);
            let path = relative.map(Candidate::from_bytes);
            for rule in set.rules.iter().rev() {
                let why_not = match &path {
                    Some(path) => rule.why_not(path, page.lang),
                    None => Some("the page is not in the folder that carries the rule".to_owned()),
                };
                let held = why_not.is_none();
                tried.push(Tried {
                    place: rule.spec.place.clone(),
                    conditions: rule.conditions(),
                    held,
                    why_not,
                    won: held && !decided,
                });
                decided |= held;
            }
        }
        tried
    }

    /// The rules of this set and its ancestors that have held on no page so far, weakest first.
    ///
    /// A rule that held but was always outdone by a stronger one is not among them: it is in use as soon as that one
    /// is narrowed.
    #[must_use]
    pub fn unused(&self) -> Vec<UnusedRule> {
        let mut unused: Vec<UnusedRule> = self
            .lineage()
            .flat_map(|set| set.rules.iter().rev())
            .filter(|rule| !rule.has_held())
            .map(|rule| UnusedRule {
                place: rule.spec.place.clone(),
                conditions: rule.conditions(),
            })
            .collect();
        unused.reverse();
        unused
    }

    /// Patterns of this set and its ancestors that were of no use so far.
    #[must_use]
    pub fn unused_patterns(&self) -> Vec<UnusedPattern> {
        let rules = self.lineage().flat_map(|set| &set.rules);
        rules.flat_map(Rule::unused_patterns).collect()
    }

    /// The rules of this set and its ancestors that must decide about a number of pages.
    #[must_use]
    pub fn least_pages(&self) -> Vec<LeastPages> {
        let rules = self.lineage().flat_map(|set| &set.rules);
        let rules = rules.filter(|rule| rule.spec.min_pages > 0);
        let least = rules.map(|rule| LeastPages {
            place: rule.spec.place.clone(),
            conditions: rule.conditions(),
            least: rule.spec.min_pages,
        });
        least.collect()
    }

    /// Patterns of this set and its ancestors whose brackets seem to be meant as letters: a page is named so, and the pattern
    /// does not match it.
    #[must_use]
    pub fn brackets(&self) -> Vec<Brackets> {
        let rules = self.lineage().flat_map(|set| &set.rules);
        let brackets = rules.flat_map(|rule| {
            rule.brackets().map(|(pattern, reading, page)| Brackets {
                place: rule.spec.place.clone(),
                pattern: pattern.to_owned(),
                reading: reading.to_owned(),
                page: String::from_utf8_lossy(page).into_owned(),
            })
        });
        brackets.collect()
    }

    /// The strongest rule that holds; notes the weaker ones that hold too.
    fn winner(&self, page: &Page<'_>) -> Option<&Rule> {
        let mut winner = None;
        for set in self.lineage().filter(|set| !set.rules.is_empty()) {
            let Some(relative) = set.relative(page.path) else {
                continue;
            };
            let path = Candidate::from_bytes(relative);
            for rule in set.rules.iter().rev() {
                rule.note_brackets(&path, page.path);
                rule.note_patterns(&path);
                // Below the winner only rules that never held are of interest, so this soon costs next to nothing.
                if winner.is_some() && rule.has_held() {
                    continue;
                }
                if rule.holds(&path, page.lang) {
                    rule.note_held();
                    winner = winner.or(Some(rule));
                }
            }
        }
        winner
    }

    /// This set, then what is around it.
    fn lineage(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |set| set.parent.as_deref())
    }

    /// A page path as this set's globs see it; none: the page is elsewhere.
    fn relative<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        path.strip_prefix(self.folder.as_slice())
    }
}

impl Organizations {
    fn new(config: &Config) -> Result<Self, RuleError> {
        let single: BTreeMap<Arc<str>, Arc<[Arc<str>]>> = config
            .names()
            .map(|name| {
                let name: Arc<str> = name.into();
                (Arc::clone(&name), Arc::from([name]))
            })
            .collect();
        let fallback = match &config.default_organization {
            Some(name) => match single.get(name.as_str()) {
                Some(organization) => Assignment {
                    wanted: Wanted::Organizations(Arc::clone(organization)),
                    because: Because::Default,
                },
                None => return Err(RuleError::UnknownDefault { name: name.clone() }),
            },
            None if single.is_empty() => Assignment {
                wanted: Wanted::Unnamed,
                because: Because::NoOrganizations,
            },
            None => Assignment {
                wanted: Wanted::Nothing,
                because: Because::NoDefault,
            },
        };
        Ok(Self { single, fallback })
    }

    fn compile(&self, specs: Vec<RuleSpec>) -> Result<Vec<Rule>, RuleError> {
        let compile = |spec: RuleSpec| {
            let wanted = self.wanted(&spec)?;
            let place = spec.place.clone();
            Rule::new(spec, wanted).map_err(|source| RuleError::Glob { place, source })
        };
        specs.into_iter().map(compile).collect()
    }

    fn wanted(&self, spec: &RuleSpec) -> Result<Wanted, RuleError> {
        match &spec.wants {
            Wants::Nothing => Ok(Wanted::Nothing),
            Wants::Default => Ok(self.fallback.wanted.clone()),
            Wants::Organizations(names) => {
                let find = |name: &String| {
                    let found = self.single.get_key_value(name.as_str());
                    found
                        .map(|(name, single)| (Arc::clone(name), single))
                        .ok_or_else(|| RuleError::UnknownOrganization {
                            place: spec.place.clone(),
                            name: name.clone(),
                        })
                };
                let found = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
                Ok(match found.as_slice() {
                    [] => Wanted::Nothing,
                    [(_, single)] => Wanted::Organizations(Arc::clone(single)),
                    _ => Wanted::Organizations(found.into_iter().map(|(name, _)| name).collect()),
                })
            }
        }
    }

    fn directed(&self, directive: &Directive) -> Assignment {
        let wanted = match directive {
            Directive::Off => Wanted::Nothing,
            Directive::Organization(name) => match self.single.get(name.as_str()) {
                Some(organization) => Wanted::Organizations(Arc::clone(organization)),
                None => Wanted::UnknownOrganization {
                    nearest: nearest(name, self.single.keys().map(AsRef::as_ref)).map(Arc::from),
                    name: name.clone(),
                },
            },
        };
        Assignment {
            wanted,
            because: Because::Directive,
        }
    }
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "trace_tests.rs"]
mod trace_tests;
