//! Any rules on any pages, against the plainest reading of them: ask every rule, the last that holds wins.

use std::collections::BTreeMap;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use chathub::internal::rules::{Because, Directive, Page, RuleSet, Wanted};
use chathub::internal::settings::{Config, FileLine, Organization, RuleSpec, Wants, compile_glob};

use super::glob;

const ORGANIZATIONS: &[&str] = &["sales", "support", "support-uk"];
/// The same, and one that is never configured.
const NAMES: &[&str] = &["sales", "support", "support-uk", "suport"];
const GLOBS: &[&str] = &[
    "*",
    "**",
    "**/",
    "/**",
    "?",
    "/",
    "a",
    "b",
    "é",
    "їж",
    "shop",
    "shop/",
    ".html",
    "index.html",
    "[ab]",
    "[!a]",
    "[^é]",
    "[а-я]",
    "[]a]",
    "[a-]",
    "[*]",
    "[b-a]",
    "[",
    "{a,b}",
    "{a/**,b}",
    "{,x}",
    "{a,{b,é}}",
    "{",
    "}",
    ",",
    "./",
    "..",
    "\\",
    "!",
    "C:",
    "-",
    "]",
];
const PATHS: &[&[u8]] = &[
    b"a",
    b"b",
    b"ab",
    "é".as_bytes(),
    "їжак".as_bytes(),
    b"shop",
    b"index.html",
    b".html",
    b"x",
    b"*",
    b"[",
    b"\xff",
    b"a\xd0",
    b"-",
    b"{a}",
];
const LANGUAGES: &[&str] = &[
    "",
    "uk",
    "uk-UA",
    "UK",
    "ukr",
    "en",
    "de-Latn-DE",
    "de",
    "*",
    "é",
];

/// A page to be.
struct Case {
    path: Vec<u8>,
    lang: Option<&'static str>,
    directive: Option<Directive>,
}

/// A rule and the folder that carries it.
struct Carried {
    folder: Vec<u8>,
    spec: RuleSpec,
    held: bool,
}

/// Demands that pages get what the last rule that holds gives them, and that traces and unused rules agree.
pub(crate) fn check(data: &[u8]) {
    let mut input = Unstructured::new(data);
    // An input that is too short ends a list earlier than it says.
    let _ = play(&mut input);
}

fn play(input: &mut Unstructured<'_>) -> Result<()> {
    let config = config(input)?;
    let mut lines = 1..;
    let mut carried: Vec<Carried> = Vec::new();
    let own = specs(input, &mut lines)?;
    let sound = own.iter().all(|spec| is_sound(spec, &config));
    let set = RuleSet::new(&Config {
        rules: own.clone(),
        ..config.clone()
    });
    assert_eq!(set.is_ok(), sound, "{own:?}: {:?}", set.err());
    let Ok(set) = set else { return Ok(()) };
    let mut set = Arc::new(set);
    let carry = |folder: &[u8], specs: Vec<RuleSpec>| {
        let folder = folder.to_vec();
        let carried = move |spec| Carried {
            folder: folder.clone(),
            spec,
            held: false,
        };
        specs.into_iter().map(carried)
    };
    carried.extend(carry(b"", own));
    let mut folder = Vec::new();
    for _ in 0..input.int_in_range(0..=3)? {
        if !folder.is_empty() {
            folder.push(b'/');
        }
        folder.extend_from_slice(input.choose(PATHS)?);
        let specs = specs(input, &mut lines)?;
        let sound = specs.iter().all(|spec| is_sound(spec, &config));
        let stronger = set.with_folder(&folder, specs.clone());
        assert_eq!(stronger.is_ok(), sound, "{specs:?}");
        let Ok(stronger) = stronger else {
            return Ok(());
        };
        set = stronger;
        carried.extend(carry(&[&folder[..], b"/"].concat(), specs));
    }
    while !input.is_empty() {
        judge(&set, &config, &mut carried, &case(input)?);
    }
    let unused: Vec<FileLine> = set.unused().into_iter().map(|rule| rule.place).collect();
    let never = carried.iter().filter(|rule| !rule.held);
    assert_eq!(
        unused,
        never
            .map(|rule| rule.spec.place.clone())
            .collect::<Vec<_>>()
    );
    Ok(())
}

fn judge(set: &RuleSet, config: &Config, carried: &mut [Carried], case: &Case) {
    let page = Page {
        path: &case.path,
        lang: case.lang,
        directive: case.directive.as_ref(),
    };
    let assignment = set.assign(&page);
    let holds = carried
        .iter()
        .map(|rule| rule.holds(case))
        .collect::<Vec<_>>();
    let winner = holds.iter().rposition(|holds| *holds);
    let (wanted, because) = match (&case.directive, winner) {
        (Some(Directive::Off), _) => (Wanted::Nothing, Because::Directive),
        (Some(Directive::Organization(name)), _) if config.organizations.contains_key(name) => (
            organizations(std::slice::from_ref(name)),
            Because::Directive,
        ),
        (Some(Directive::Organization(name)), _) => {
            let Wanted::UnknownOrganization { name: shown, .. } = &assignment.wanted else {
                panic!("{name:?} is not configured: {assignment:?}");
            };
            assert_eq!(shown, name);
            (assignment.wanted.clone(), Because::Directive)
        }
        (None, Some(winner)) => {
            let spec = &carried[winner].spec;
            let wanted = match &spec.wants {
                Wants::Nothing => Wanted::Nothing,
                Wants::Default => default(config).0,
                Wants::Organizations(names) => organizations(names),
            };
            let place = spec.place.clone();
            (wanted, Because::Rule { place })
        }
        (None, None) => default(config),
    };
    let shown = format!("{:?}, {:?}", String::from_utf8_lossy(&case.path), case.lang);
    let specs = || carried.iter().map(|rule| &rule.spec).collect::<Vec<_>>();
    assert_eq!(assignment.wanted, wanted, "{shown}: {:#?}", specs());
    assert_eq!(assignment.because, because, "{shown}: {:#?}", specs());
    let trace = set.trace(&page);
    assert_eq!(trace.len(), carried.len());
    for (index, tried) in trace.iter().rev().enumerate() {
        assert_eq!(tried.place, carried[index].spec.place);
        assert_eq!(tried.held, holds[index], "{tried:?}, {shown}");
        assert_eq!(tried.why_not.is_none(), tried.held, "{tried:?}");
        let won = case.directive.is_none() && winner == Some(index);
        assert_eq!(tried.won, won, "{tried:?}, {shown}");
    }
    for (rule, holds) in carried.iter_mut().zip(holds) {
        rule.held |= holds;
    }
}

impl Carried {
    fn holds(&self, case: &Case) -> bool {
        let Some(path) = case.path.strip_prefix(&self.folder[..]) else {
            return false;
        };
        let one_matches = |globs: &[String]| globs.iter().any(|one| glob::matches(one, path));
        let spec = &self.spec;
        (spec.matches.is_empty() || one_matches(&spec.matches))
            && !one_matches(&spec.not)
            && (spec.lang.is_empty() || spec.lang.iter().any(|range| speaks(range, case.lang)))
    }
}

/// A language by its range: the same, or more of it behind a hyphen.
fn speaks(range: &str, lang: Option<&str>) -> bool {
    let lang = lang.unwrap_or_default().to_ascii_lowercase();
    let range = range.to_ascii_lowercase();
    let longer = format!("{range}-");
    !lang.is_empty() && (range == "*" || lang == range || lang.starts_with(&longer))
}

fn organizations(names: &[String]) -> Wanted {
    Wanted::Organizations(names.iter().map(|name| Arc::from(name.as_str())).collect())
}

fn default(config: &Config) -> (Wanted, Because) {
    match &config.default_organization {
        Some(name) => (organizations(std::slice::from_ref(name)), Because::Default),
        None if config.organizations.is_empty() => (Wanted::Unnamed, Because::NoOrganizations),
        None => (Wanted::Nothing, Because::NoDefault),
    }
}

/// Whether nothing is wrong with a rule.
fn is_sound(spec: &RuleSpec, config: &Config) -> bool {
    let known = match &spec.wants {
        Wants::Organizations(names) => names
            .iter()
            .all(|name| config.organizations.contains_key(name)),
        Wants::Nothing | Wants::Default => true,
    };
    known
        && spec
            .matches
            .iter()
            .chain(&spec.not)
            .all(|pattern| compile_glob(pattern).is_ok())
}

fn config(input: &mut Unstructured<'_>) -> Result<Config> {
    let mut organizations = BTreeMap::new();
    for (id, name) in (1..).zip(ORGANIZATIONS) {
        let organization = Organization {
            id,
            place: place(0),
            ..Organization::default()
        };
        if input.ratio(7, 8)? {
            organizations.insert((*name).to_owned(), organization);
        }
    }
    let names: Vec<String> = organizations.keys().cloned().collect();
    let default = input.arbitrary()? && !names.is_empty();
    let default_organization = if default {
        Some(input.choose(&names)?.clone())
    } else {
        None
    };
    Ok(Config {
        organizations,
        default_organization,
        ..Config::default()
    })
}

fn place(line: usize) -> FileLine {
    FileLine {
        file: "chathub.toml".into(),
        line,
    }
}

fn specs(
    input: &mut Unstructured<'_>,
    lines: &mut impl Iterator<Item = usize>,
) -> Result<Vec<RuleSpec>> {
    let mut specs = Vec::new();
    for _ in 0..input.int_in_range(0..=4)? {
        let lang =
            |input: &mut Unstructured<'_>| input.choose(LANGUAGES).map(|lang| (*lang).to_owned());
        specs.push(RuleSpec {
            matches: list(input, pattern)?,
            not: list(input, pattern)?,
            lang: list(input, lang)?,
            wants: match input.int_in_range(0..=3)? {
                0 => Wants::Nothing,
                1 => Wants::Default,
                _ => Wants::Organizations(names(input)?),
            },
            min_pages: 0,
            place: place(lines.next().unwrap_or_default()),
        });
    }
    Ok(specs)
}

/// Up to three; often none.
fn list<T>(
    input: &mut Unstructured<'_>,
    mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let length: u8 = input.int_in_range(0..=5)?;
    (3..=length).map(|_| one(input)).collect()
}

fn pattern(input: &mut Unstructured<'_>) -> Result<String> {
    let mut pattern = String::new();
    for _ in 0..input.int_in_range(1..=5)? {
        pattern.push_str(input.choose(GLOBS)?);
    }
    Ok(pattern)
}

fn names(input: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..input.int_in_range(1..=2)? {
        // The configured ones, mostly.
        let list = if input.ratio(1, 16)? {
            NAMES
        } else {
            ORGANIZATIONS
        };
        let name = *input.choose(list)?;
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn case(input: &mut Unstructured<'_>) -> Result<Case> {
    let mut path = Vec::new();
    for _ in 0..input.int_in_range(1..=4)? {
        if !path.is_empty() && input.ratio(5, 8)? {
            path.push(b'/');
        }
        path.extend_from_slice(input.choose(PATHS)?);
    }
    Ok(Case {
        path,
        lang: if input.arbitrary()? {
            Some(*input.choose(LANGUAGES)?)
        } else {
            None
        },
        directive: match input.int_in_range(0..=7)? {
            0 => Some(Directive::Off),
            1 => Some(Directive::Organization((*input.choose(NAMES)?).to_owned())),
            _ => None,
        },
    })
}
