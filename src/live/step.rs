//! `verify`'s last step for a site on its server: what it finds in files, and what only answers tell.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memmem;

use super::answer::{Answer, Fate};
use super::client::Trouble;
use super::endpoint::{self, Questions};
use super::heads::{kept, mistyped, not_a_module, span};
use super::site::Site;
use super::told::not_told;
use crate::csp::Kind as PolicyKind;
use crate::event::{Finding, Outcome, PageReport, Severity, Skip, Tally, is_address};
use crate::redact;
use crate::run::{Examined, Step, Stepped, Told, Verdict, report};
use crate::runtime;
use crate::settings::{Config, Mode};
use crate::steps::verify::{VerifyStep, rule};
use crate::steps::{forbidden_by, on_pages};
use crate::store::{Cancel, Handle};
use crate::token::inspect;

/// A file whose name does not change is not to be kept longer, in seconds.
const LONG: i64 = 24 * 3600;
/// How many pages a message names.
const NAMED: usize = 3;

/// The last step of `verify` over a URL.
pub struct LiveStep<'a> {
    inner: VerifyStep<'a>,
    site: &'a Site,
    config: &'a Config,
    /// Seconds since 1970.
    now: i64,
    /// What is blocked, by the message and remedy, and on which pages.
    blocked: Mutex<BTreeMap<(String, String), On>>,
    questions: Mutex<Questions>,
    /// Some page was not to be had, so nobody knows what is in it.
    unseen: AtomicBool,
}

/// On which pages something is.
#[derive(Default)]
struct On {
    pages: u64,
    /// By their addresses, the paths of their files.
    first: BTreeMap<String, String>,
}

/// What a run came to, when all pages are done.
pub struct End {
    /// What is wrong with the site.
    pub findings: Vec<Finding>,
    /// What the user should know.
    pub notices: Vec<String>,
}

impl<'a> LiveStep<'a> {
    /// What `inner` finds in pages, and what the answers of `site` tell.
    #[must_use]
    pub fn new(inner: VerifyStep<'a>, site: &'a Site, config: &'a Config, now: i64) -> Self {
        Self {
            inner: inner.at(site.address().clone()),
            site,
            config,
            now,
            blocked: Mutex::default(),
            questions: Mutex::default(),
            unseen: AtomicBool::default(),
        }
    }

    /// What a rule finds in a file, by its path, which decides how much that weighs.
    fn finding(
        &self,
        id: &str,
        path: &str,
        message: &str,
        remedy: Option<&str>,
    ) -> Option<Finding> {
        let mut finding = self.inner.finding(rule(id)?, path, message)?;
        if let Some(remedy) = remedy {
            finding.remedy = remedy.to_owned().into();
        }
        Some(finding)
    }

    /// A report of a page by its address. What is known or counted is so by the path of its file, whatever the address.
    fn addressed(&self, mut page: PageReport, url: &str) -> PageReport {
        // The route file is not judged, and to look for a router pages would be asked for again.
        page.route = None;
        for finding in &mut page.findings {
            finding.path = Some(page.path.clone());
        }
        self.inner.reported(&mut page);
        // Why is in the finding that tells that the page is not served.
        page.findings
            .retain(|finding| finding.rule.id != "page-unreadable");
        for finding in &mut page.findings {
            finding.path = Some(url.to_owned());
        }
        url.clone_into(&mut page.path);
        page
    }

    /// What the answer's head says about a page that is judged.
    fn head(&self, examined: &Examined<'_>, answer: &Answer, findings: &mut Vec<Finding>) {
        let path = examined.path().to_string();
        let syntax = examined.facts.syntax;
        for wrong in mistyped(answer, syntax, examined.source.bytes()) {
            let finding = self.finding(
                "wrong-content-type",
                &path,
                &wrong.message,
                Some(&wrong.remedy),
            );
            findings.extend(finding.map(|mut finding| {
                if wrong.is_minor {
                    finding.severity = finding.severity.min(Severity::Warning);
                }
                finding
            }));
        }
        if self.config.mode == Mode::Static {
            findings.extend(self.outlives_its_token(examined, answer));
        }
        let kinds = [PolicyKind::Policy, PolicyKind::Integrity];
        let sent: Vec<(PolicyKind, &str)> = kinds
            .into_iter()
            .flat_map(|kind| answer.all(kind.name()).map(move |value| (kind, value)))
            .collect();
        let mut blocked = lock(&self.blocked);
        for block in forbidden_by(examined, &answer.url, self.config, &sent) {
            let on = blocked.entry(block).or_default();
            on.pages += 1;
            on.first.insert(answer.url.to_string(), path.clone());
            // Whatever order the pages are done in, the same ones are named.
            if on.first.len() > NAMED {
                on.first.pop_last();
            }
        }
        if let Some(tag) = &examined.tag {
            lock(&self.questions).note(tag);
        }
    }

    /// A page that is kept for longer than its token works.
    fn outlives_its_token(&self, examined: &Examined<'_>, answer: &Answer) -> Option<Finding> {
        let tokens = examined
            .instances()
            .filter_map(|instance| instance.attributes.get("token"));
        let expires = tokens
            .filter_map(|token| inspect(token).ok()?.expires_at)
            .min()?;
        let (left, kept) = (expires - self.now, kept(answer, self.now).seconds);
        if kept <= left.max(0) {
            return None;
        }
        let left = if left > 0 {
            format!("works for {} more", span(left))
        } else {
            "has expired".to_owned()
        };
        let message = format!("it may be kept for {}, and its token {left}", span(kept));
        self.finding(
            "cached-too-long",
            &examined.path().to_string(),
            &message,
            None,
        )
    }

    /// What is known better where the page was sent than in a file.
    fn retold(examined: &Examined<'_>, finding: &mut Finding) {
        let text = examined.source.text();
        let rocket =
            finding.rule.id == "wrong-type" && memmem::find(text, b"rocket-loader").is_some();
        if rocket {
            finding.remedy = "Cloudflare's Rocket Loader changes the type of scripts on the way to visitors: turn it off for these pages.".into();
        } else if finding.rule.id == "duplicate-instance" {
            finding.remedy = format!(
                "{} If the files have one alone, something on the way adds the other: a snippet of the host, a proxy, a CDN.",
                finding.remedy
            )
            .into();
        }
    }

    /// The step that finds what files tell.
    #[must_use]
    pub fn verify(&self) -> &VerifyStep<'a> {
        &self.inner
    }

    /// What is wrong with the site, when all pages are done: what rules tell, what it came to so far, and what is known further of pages of
    /// the sample, by the paths of their files. With `ask`, the token endpoint is asked, too.
    #[must_use]
    pub fn end(&self, told: &Told, tally: &Tally, mut further: Vec<Finding>, ask: bool) -> End {
        let sample = self.site.is_sample() || self.unseen.load(Ordering::Relaxed);
        let mut notices = self.site.notices();
        for ((message, remedy), on) in &*lock(&self.blocked) {
            let Some((url, path)) = on.first.first_key_value() else {
                continue;
            };
            let first = on.first.keys().map(String::as_str);
            let message = format!("{message} {}", on_pages(first, on.pages));
            let finding = self.finding("csp-blocks-widget", path, &message, Some(remedy));
            further.extend(finding.map(|finding| Finding {
                path: Some(url.clone()),
                ..finding
            }));
        }
        if ask {
            let answers = endpoint::ask(&lock(&self.questions), self.site, self.config, self.now);
            let faults = answers.faults.iter();
            further.extend(
                faults.filter_map(|(url, why)| self.finding("endpoint-fails", url, why, None)),
            );
            notices.extend(answers.notices);
        }
        let is_told = |finding: &Finding| !not_told(finding.rule.id, sample);
        let found = self.inner.end_with(told, tally, further, is_told);
        let pages = self.inner.sample().into_iter();
        let pages = pages.map(|page| (page.path.to_string(), Site::url(&page.file)));
        let known: BTreeMap<String, String> = pages.chain(self.site.files()).collect();
        let found = found.into_iter().map(|mut finding| {
            let url = finding.path.as_ref().and_then(|path| known.get(path));
            finding.path = url.cloned().or(finding.path);
            finding
        });
        let mut findings: Vec<Finding> = found
            .filter_map(|finding| self.of_file(finding, &mut notices))
            .collect();
        // Which files are asked for is known only now.
        findings.extend(self.files());
        End { findings, notices }
    }

    /// A finding about a file of the site, as it is seen from outside.
    fn of_file(&self, mut finding: Finding, notices: &mut Vec<String>) -> Option<Finding> {
        let Some(path) = finding.path.clone().filter(|path| !is_address(path)) else {
            return Some(finding);
        };
        let mut not_asked = |why: &str| {
            let notice = format!("the runtime was not asked for: {why}");
            if !notices.contains(&notice) {
                notices.push(notice);
            }
            None
        };
        let Some(url) = self.site.asset_url(&path) else {
            return not_asked("it is on another origin, by placeholder.base-url");
        };
        let seen = self.site.asset(&path, |answer| match answer {
            Err(Trouble::Disallowed) => Err(()),
            Err(trouble) => Ok(Some(trouble.to_string())),
            Ok(answer) if answer.status != 200 => Ok(Some(format!(
                "the server answers {}",
                answer.status_words()
            ))),
            Ok(answer) if answer.looks_like_html() => {
                Ok(Some("the server answers with a page of HTML".to_owned()))
            }
            Ok(_) => Ok(None),
        });
        let Some(Ok(why)) = seen else {
            return not_asked("robots.txt disallows it");
        };
        match finding.rule.id {
            "missing-runtime-asset" => {
                let why = why.unwrap_or_else(|| "it is not there".to_owned());
                finding.message = redact::of_page(&format!("pages load it: {why}"));
            }
            "integrity-mismatch" if finding.message.contains("inject leaves it alone") => {
                "what the server sends is not a file of chathub's".clone_into(&mut finding.message);
            }
            _ => {}
        }
        finding.path = Some(url.into());
        Some(finding)
    }

    /// What the answers' heads say about the files that pages load.
    fn files(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for file in &runtime::FILES {
            for name in file.names() {
                let path = format!("{}/{name}", self.config.placeholder.asset_dir);
                // None that was not asked for is asked for here.
                let Some(url) = self
                    .site
                    .asset_url(&path)
                    .filter(|_| self.site.has_asked(&path))
                else {
                    continue;
                };
                let stable = file.stable_name == Some(name.as_str());
                let seen = self.site.asset(&path, |answer| match answer {
                    Ok(answer) if answer.status == 200 && !answer.looks_like_html() => {
                        Some((not_a_module(answer), kept(answer, self.now)))
                    }
                    _ => None,
                });
                let Some((mistyped, kept)) = seen.flatten() else {
                    continue;
                };
                if let Some(why) = mistyped {
                    let remedy = "Have the server send files that end in .js as text/javascript.";
                    findings.extend(self.finding(
                        "wrong-content-type",
                        url.as_str(),
                        &why,
                        Some(remedy),
                    ));
                }
                if stable && (kept.immutable || kept.seconds > LONG) {
                    let time = if kept.immutable {
                        "as long as they like, since it is `immutable`".to_owned()
                    } else {
                        span(kept.seconds)
                    };
                    let message = format!(
                        "browsers keep it for {time}, and its name stays the same with the next version"
                    );
                    let remedy = "Send `Cache-Control: no-cache` with this file; the one with a hash in its name may be kept for ever.";
                    let finding =
                        self.finding("cached-too-long", url.as_str(), &message, Some(remedy));
                    findings.extend(finding.map(|mut finding| {
                        finding.severity = finding.severity.min(Severity::Warning);
                        finding
                    }));
                }
            }
        }
        findings
    }
}

impl Step for LiveStep<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let url = Site::url(&examined.file.file);
        let Some(fate) = self.site.take(&examined.file.file) else {
            return Stepped::Stopped;
        };
        let not_judged = |outcome, finding: Option<Finding>| {
            let mut page = report(examined.path(), outcome);
            page.findings.extend(finding);
            Stepped::Done(self.addressed(page, &url))
        };
        let path = examined.path().to_string();
        let not_served = |why: &str| self.finding("page-not-served", &path, why, None);
        if matches!(
            fate,
            Fate::Disallowed | Fate::NotServed(_) | Fate::Failed(_)
        ) {
            self.unseen.store(true, Ordering::Relaxed);
        }
        match fate {
            Fate::Page(answer) => match self.inner.page(examined) {
                Stepped::Done(mut page) => {
                    for finding in &mut page.findings {
                        Self::retold(examined, finding);
                    }
                    if !matches!(examined.verdict, Verdict::Skip(_)) {
                        self.head(examined, &answer, &mut page.findings);
                    }
                    Stepped::Done(self.addressed(page, &url))
                }
                other => other,
            },
            Fate::Moved(to) => not_judged(Outcome::Skipped(Skip::Moved(to.into())), None),
            Fate::Disallowed => not_judged(Outcome::Skipped(Skip::Disallowed), None),
            Fate::Other(kind) => not_judged(Outcome::Skipped(Skip::Type(kind)), None),
            Fate::NotServed(why) => not_judged(Outcome::Skipped(Skip::NotServed), not_served(&why)),
            Fate::Failed(why) => {
                let why = redact::of_page(&why);
                let finding = not_served(&why);
                not_judged(Outcome::Failed(why), finding)
            }
        }
    }

    fn takes_files(&self) -> bool {
        self.inner.takes_files()
    }

    fn file(&self, file: &Handle, cancel: &Cancel) {
        self.inner.file(file, cancel);
        self.site.drop_file(file);
    }

    fn reported(&self, page: &mut PageReport) {
        // A page that trips a bug has no address in its report, and was not counted.
        if matches!(page.outcome, Outcome::Failed(_)) && !is_address(&page.path) {
            self.inner.reported(page);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
