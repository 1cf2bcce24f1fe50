//! One page: read, scanned, assigned, planned.

use std::io;
use std::sync::Arc;

use super::content::not_html;
use super::folder::FolderRules;
use super::lines::place;
use super::tags::Tags;
use crate::event::{Organizations, Skip};
use crate::html::{
    self, Facts, Instance, PageKind, Plan, Refusal, Scanner, ScannerError, Source, Syntax, Target,
    Task, plan, splice,
};
use crate::rules::{self, Assignment, Wanted};
use crate::settings::{Config, InsertPosition, Pages};
use crate::store::{Cancel, Content, PageFile, PagePath, Version, stop};
use crate::widget::{Addresses, Scope, Tag};

/// Why a page of XML gets no chat that is not sent as `application/xhtml+xml`.
const XML_TYPE: &str = "web servers send files of its extension with a type of XML that is not XHTML's, with which scripts \
    cannot create elements of HTML, so no chat would appear; rename it to .xhtml, or take its extension out of `pages.extensions`";

/// What pages are examined for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Each is to have what its rules ask for.
    Ensure,
    /// Nothing is to change: only what the rules ask for is looked up.
    Assign,
    /// Nothing is to change, and no rules are asked: only what is in it is of interest.
    Look,
    /// None is to have anything.
    Remove,
    /// None is to be touched, for want of credentials.
    Leave,
}

/// Decides what should become of pages.
pub struct Examiner {
    scanner: Scanner,
    tags: Tags,
    purpose: Purpose,
    pages: Pages,
    target: Target,
    /// The site has organizations with the customer widget.
    customers: bool,
}

/// A page, and what should become of it.
pub struct Examined<'a> {
    examiner: &'a Examiner,
    /// Its file.
    pub file: &'a PageFile,
    /// The rules in force in its folder.
    pub folder: &'a FolderRules,
    /// Whether work that takes long must stop.
    pub cancel: &'a Cancel,
    /// Its bytes; none where they could not be taken for text.
    pub source: Source,
    /// The version of the file that was read.
    pub version: Version,
    /// What is in it.
    pub facts: Facts,
    /// What its rules ask for; none for pages that are skipped before that.
    pub assignment: Option<Assignment>,
    /// The tag that it should have.
    pub tag: Option<Tag>,
    /// Which of its instances this is about.
    pub scope: Scope,
    /// What the route file should say about it, where there is to be one.
    pub route: Option<String>,
    /// Whether rules or texts go by its language.
    pub language_counts: bool,
    /// What should become of it.
    pub verdict: Verdict,
}

/// What should become of a page.
pub enum Verdict {
    /// It is none of ours; the reason.
    Skip(Skip),
    /// Something should change, but cannot safely; the reason.
    Refuse(String),
    /// This should change; often nothing.
    Plan(Plan),
}

impl Examiner {
    /// An examiner for one run.
    pub fn new(config: &Config, tags: Tags, purpose: Purpose) -> Result<Self, ScannerError> {
        let head = config.widget.position == InsertPosition::HeadEnd;
        Ok(Self {
            scanner: Scanner::new(
                Addresses::new(&config.widget.src, &config.customer_widget.src),
                head,
            )?,
            tags,
            purpose,
            pages: config.pages.clone(),
            target: if head {
                Target::HeadEnd
            } else {
                Target::BodyEnd
            },
            customers: !config.customers.is_empty(),
        })
    }

    /// Whether rules decide at all.
    pub(super) fn needs_rules(&self) -> bool {
        matches!(self.purpose, Purpose::Ensure | Purpose::Assign)
    }

    /// Decides about a page that was read; when the run is cancelled, an error of the kind `Interrupted` may be the answer.
    pub fn examine<'a>(
        &'a self,
        file: &'a PageFile,
        content: Content,
        folder: &'a FolderRules,
        cancel: &'a Cancel,
    ) -> io::Result<Examined<'a>> {
        let Content { bytes, version } = content;
        let foreign = not_html(&bytes);
        let syntax = self.syntax(&file.file.path, &bytes);
        let (source, undecodable) = match Source::new(bytes, syntax) {
            Ok(source) => (source, None),
            Err((source, error)) => (source, Some(error)),
        };
        let mut examined = Examined {
            examiner: self,
            file,
            folder,
            cancel,
            source,
            version,
            facts: Facts::default(),
            assignment: None,
            tag: None,
            scope: Task::Nothing.scope(self.customers),
            route: None,
            language_counts: false,
            verdict: Verdict::Plan(Plan::default()),
        };
        examined.verdict = if let Some(what) = foreign {
            Verdict::Skip(Skip::NotHtml(what))
        } else {
            examined.facts = self.scanner.scan(examined.source.text(), syntax);
            let verdict = self.judge(&mut examined, folder)?;
            match undecodable {
                Some(error) if !self.may_stay(&examined, &verdict, syntax) => {
                    Verdict::Refuse(error.to_string())
                }
                _ => verdict,
            }
        };
        Ok(examined)
    }

    /// Whether a page that cannot be decoded is right as it is: it has nothing of ours, by whatever reading, and is to have nothing.
    fn may_stay(&self, examined: &Examined<'_>, verdict: &Verdict, syntax: Syntax) -> bool {
        let is_left = match verdict {
            Verdict::Skip(_) => true,
            Verdict::Plan(plan) => plan.edits.is_empty(),
            Verdict::Refuse(_) => false,
        };
        let wanted = examined.assignment.as_ref().map(|a| &a.wanted);
        let has_none = || {
            let as_bytes = self.scanner.scan(examined.source.bytes(), syntax);
            examined.facts.instances.is_empty() && as_bytes.instances.is_empty()
        };
        is_left && wanted.is_none_or(|wanted| *wanted == Wanted::Nothing) && has_none()
    }

    /// By whose rules a browser reads a page: by those of XML where a static host calls it so, by the end of its name.
    fn syntax(&self, path: &PagePath, bytes: &[u8]) -> Syntax {
        let name = path.as_bytes();
        let is_xml = self.pages.xml_extensions.iter().any(|extension| {
            let end = name.len().checked_sub(extension.len());
            end.is_some_and(|at| {
                name[..at].ends_with(b".") && name[at..].eq_ignore_ascii_case(extension.as_bytes())
            })
        });
        if is_xml {
            Syntax::Xml
        } else if bytes
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(bytes)
            .starts_with(b"<?xml")
        {
            Syntax::Declared
        } else {
            Syntax::Html
        }
    }

    fn judge(&self, examined: &mut Examined<'_>, folder: &FolderRules) -> io::Result<Verdict> {
        if let Some(why) = self.skip(examined) {
            return Ok(Verdict::Skip(why));
        }
        match self.purpose {
            Purpose::Ensure | Purpose::Assign => {}
            Purpose::Look => return Ok(Verdict::Plan(Plan::default())),
            Purpose::Remove => return self.plan(examined, Task::Remove),
            Purpose::Leave => return Ok(Verdict::Skip(Skip::NoCredentials)),
        }
        if let Some(why) = &folder.broken {
            return Ok(Verdict::Refuse(why.clone()));
        }
        let directive = match examined.directive() {
            Ok(directive) => directive,
            Err(why) => return Ok(Verdict::Refuse(why)),
        };
        examined.language_counts = folder.rules.asks_language() || self.tags.ask_language();
        let assignment = folder.rules.assign(&examined.to_rules(directive.as_ref()));
        let tag = self
            .tags
            .tag(&assignment.wanted, examined.facts.lang.as_deref());
        examined.assignment = Some(assignment);
        examined.route = self.tags.route(&tag);
        match tag {
            Ok(Some(_)) if examined.is_xml_without_html() => {
                Ok(Verdict::Refuse(XML_TYPE.to_owned()))
            }
            Ok(_) if self.purpose == Purpose::Assign => Ok(Verdict::Plan(Plan::default())),
            Ok(Some(tag)) => {
                let tag = if examined.facts.is_for_xml(tag.kind) {
                    tag.for_xml()
                } else {
                    tag
                };
                examined.scope = Task::Tag(&tag).scope(self.customers);
                let verdict = self.plan(examined, Task::Tag(&tag));
                examined.tag = Some(tag);
                verdict
            }
            Ok(None) => self.plan(examined, Task::Nothing),
            Err(why) => Ok(Verdict::Refuse(why)),
        }
    }

    fn plan(&self, examined: &Examined<'_>, task: Task<'_>) -> io::Result<Verdict> {
        let planned = plan(
            &examined.source,
            &examined.facts,
            task,
            self.target,
            examined.scope,
            &self.scanner,
            &|| examined.cancel.is_set(),
        );
        match planned {
            Ok(plan) => Ok(Verdict::Plan(plan)),
            Err(Refusal::Stopped) => Err(stop()),
            Err(refusal) => {
                let at = refusal
                    .offset()
                    .map(|at| place(examined.source.text(), &(at..at)));
                let at = at
                    .map(|p| format!(" (at {}:{})", p.line, p.column))
                    .unwrap_or_default();
                Ok(Verdict::Refuse(format!("{refusal}{at}")))
            }
        }
    }

    /// Why a page is none of ours. `remove` leaves no instance after, wherever an earlier run may have put it.
    fn skip(&self, examined: &Examined<'_>) -> Option<Skip> {
        let text = examined.source.text();
        let pages = &self.pages;
        let (skipped, why) = match examined.facts.nature {
            PageKind::Page => return None,
            PageKind::Redirect => (!pages.redirects, Skip::Redirect),
            PageKind::Amp => (!pages.amp, Skip::Amp),
            PageKind::Frameset => (!pages.framesets, Skip::Frameset),
            PageKind::OtherXml => (true, Skip::OtherXml),
            PageKind::Fragment if text.is_empty() => (true, Skip::Empty),
            PageKind::Fragment => (!pages.fragments, Skip::Fragment),
        };
        let purge = self.purpose == Purpose::Remove && examined.instances().next().is_some();
        (skipped && !purge).then_some(why)
    }
}

impl Examined<'_> {
    /// The page's path.
    #[must_use]
    pub fn path(&self) -> &PagePath {
        &self.file.file.path
    }

    /// The page as `remove` would leave it; none where that is as it is, or where that cannot be told.
    #[must_use]
    pub fn without_chat(&self) -> Option<Vec<u8>> {
        if self.facts.instances.is_empty() {
            return None;
        }
        let examiner = self.examiner;
        let task = Task::Remove;
        let planned = plan(
            &self.source,
            &self.facts,
            task,
            examiner.target,
            task.scope(examiner.customers),
            &examiner.scanner,
            &|| self.cancel.is_set(),
        );
        let mut bytes = Vec::new();
        splice(self.source.bytes(), &planned.ok()?.edits, &mut bytes).ok()?;
        Some(bytes)
    }

    /// The instances that this is about.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        let instances = self.facts.instances_in(self.scope);
        instances.map(|(_, instance)| instance)
    }

    /// The others: those of a product that the page is not to have, which an author pasted.
    pub fn others(&self) -> impl Iterator<Item = &Instance> {
        let instances = self.facts.instances.iter();
        instances.filter(|instance| !instance.is_in(self.scope))
    }

    /// Whether web servers send it as XML other than XHTML: there, `createElement` makes elements that are not HTML's (DOM
    /// standard, 4.5), and the chat consists of such.
    fn is_xml_without_html(&self) -> bool {
        let name = self.path().as_bytes().to_ascii_lowercase();
        let other = name.ends_with(b".xml") || name.ends_with(b".svg");
        self.facts.syntax == Syntax::Xml && other
    }

    /// What the page says about itself, as the rules take it.
    pub fn directive(&self) -> Result<Option<rules::Directive>, String> {
        match &self.facts.directive {
            None => Ok(None),
            Some(html::Directive::Off) => Ok(Some(rules::Directive::Off)),
            Some(html::Directive::Organization(name)) => {
                Ok(Some(rules::Directive::Organization(name.clone())))
            }
            Some(html::Directive::Unknown(content)) => Err(format!(
                "its <meta name=\"chathub\"> says {content:?}; it may say \"off\" or \"organization=NAME\""
            )),
        }
    }

    /// The page as the rules see it.
    #[must_use]
    pub fn to_rules<'p>(&'p self, directive: Option<&'p rules::Directive>) -> rules::Page<'p> {
        rules::Page {
            path: self.path().as_bytes(),
            lang: self.facts.lang.as_deref(),
            directive,
        }
    }

    /// The organizations that it is assigned to.
    #[must_use]
    pub fn organizations(&self) -> Organizations {
        match self.assignment.as_ref().map(|a| &a.wanted) {
            None => Organizations::Unassigned,
            Some(Wanted::Organizations(names)) => Organizations::Named(Arc::clone(names)),
            Some(Wanted::Unnamed) => Organizations::ByEndpoint,
            Some(Wanted::Nothing | Wanted::UnknownOrganization { .. }) => Organizations::None,
        }
    }
}
