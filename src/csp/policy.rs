//! Which directive of a policy forbids what a chat needs.
//!
//! The crate `content-security-policy` parses and matches by the standard (<https://www.w3.org/TR/CSP3/>). Where a policy comes from
//! makes little difference to this judge: a policy in a page is parsed as browsers parse it there, and `sandbox` counts in headers alone.

use content_security_policy::sandboxing_directive::SandboxingFlagSet;
use content_security_policy::{
    CheckResult, CspList, Destination, Directive, Initiator, ParserMetadata, PolicyDisposition,
    PolicySource, Request, Violates,
};
use url::Url;

use super::integrity::demands_of_scripts;

/// Something that has to be allowed so that there is a chat.
#[derive(Debug, Clone)]
pub enum Need<'a> {
    /// A script that a tag in the page loads.
    Tag(Url, Proof<'a>),
    /// A script that another script adds to the page.
    Script(Url, Proof<'a>),
    /// A request.
    Fetch(Url),
    /// Making the policy for Trusted Types of this name.
    Types(&'a str),
    /// Something else that the vendor's script loads.
    Resource(Resource, Url),
}

/// What kind of thing is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A script.
    Script,
    /// A style sheet.
    Style,
    /// A picture.
    Image,
    /// A font.
    Font,
    /// A frame.
    Frame,
    /// Sound or video.
    Media,
    /// A worker.
    Worker,
    /// A request, or a socket.
    Connection,
}

impl Resource {
    /// All, with the directive that is about them.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Script, "script-src"),
        (Self::Style, "style-src"),
        (Self::Image, "img-src"),
        (Self::Font, "font-src"),
        (Self::Frame, "frame-src"),
        (Self::Media, "media-src"),
        (Self::Worker, "worker-src"),
        (Self::Connection, "connect-src"),
    ];

    fn destination(self) -> Destination {
        match self {
            Self::Script => Destination::Script,
            Self::Style => Destination::Style,
            Self::Image => Destination::Image,
            Self::Font => Destination::Font,
            Self::Frame => Destination::IFrame,
            Self::Media => Destination::Video,
            Self::Worker => Destination::Worker,
            Self::Connection => Destination::None,
        }
    }
}

impl Need<'_> {
    /// The directive that is about it.
    #[must_use]
    pub fn directive(&self) -> &'static str {
        let resource = match self {
            Self::Types(_) => return "trusted-types",
            Self::Tag(..) | Self::Script(..) => Resource::Script,
            Self::Fetch(_) => Resource::Connection,
            Self::Resource(resource, _) => *resource,
        };
        let found = Resource::ALL.iter().find(|(one, _)| *one == resource);
        found.map_or("default-src", |(_, name)| name)
    }
}

/// What a script can show for itself, each empty where it cannot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proof<'a> {
    /// Its `nonce`.
    pub nonce: &'a str,
    /// Its `integrity`.
    pub integrity: &'a str,
}

/// A policy.
#[derive(Debug)]
pub struct Policy {
    /// In a `meta`, Chromium takes commas for the borders of policies, as in a header, and Firefox does not.
    readings: Vec<CspList>,
    /// Its `sandbox` takes away scripts.
    no_scripts: bool,
    /// Its `sandbox` takes away the page's origin.
    no_origin: bool,
    /// It is an `Integrity-Policy` that demands an `integrity` of scripts.
    integrity: bool,
}

/// What takes the place of a nonce that is of the server's making.
const NONCE: &str = "chathub";

impl Policy {
    /// What a `meta` says. `nonce` is that of the tag that will be judged by it: where both hold what a server replaces by the nonce of
    /// its response, that need not look like a nonce yet.
    #[must_use]
    pub fn of_meta(content: &str, nonce: &str) -> Self {
        let content = with_nonce(content, nonce);
        let (source, enforced) = (PolicySource::Meta, PolicyDisposition::Enforce);
        let whole = content_security_policy::Policy::parse(&content, source, enforced);
        let mut readings = vec![CspList(vec![whole])];
        if content.contains(',') {
            readings.push(CspList::parse(&content, source, enforced));
        }
        Self {
            readings,
            no_scripts: false,
            no_origin: false,
            integrity: false,
        }
    }

    /// What a header says; for `nonce`, see [`Policy::of_meta`].
    #[must_use]
    pub fn of_header(value: &str, nonce: &str) -> Self {
        let (source, enforced) = (PolicySource::Header, PolicyDisposition::Enforce);
        let list = CspList::parse(&with_nonce(value, nonce), source, enforced);
        let sandbox = list.get_sandboxing_flag_set_for_document();
        let takes = |flag| sandbox.is_some_and(|taken| taken.contains(flag));
        Self {
            no_scripts: takes(SandboxingFlagSet::SANDBOXED_SCRIPTS_BROWSING_CONTEXT_FLAG),
            no_origin: takes(SandboxingFlagSet::SANDBOXED_ORIGIN_BROWSING_CONTEXT_FLAG),
            readings: vec![list],
            integrity: false,
        }
    }

    /// What an `Integrity-Policy` says.
    #[must_use]
    pub fn of_integrity(value: &str) -> Self {
        Self {
            readings: Vec::new(),
            no_scripts: false,
            no_origin: false,
            integrity: demands_of_scripts(value),
        }
    }

    /// The directive that forbids something to a page at this address, in whichever browser.
    #[must_use]
    pub fn forbids(&self, need: &Need<'_>, page: &Url) -> Option<Directive> {
        if let Some(directive) = self.shut_in(need, page) {
            return Some(directive);
        }
        let mut readings = self.readings.iter();
        readings.find_map(|policies| match need {
            Need::Types(name) => {
                let (allowed, violations) =
                    policies.is_trusted_type_policy_creation_allowed(name, &[]);
                let blocked = violations.into_iter().next().map(|found| found.directive);
                blocked.filter(|_| allowed == CheckResult::Blocked)
            }
            Need::Tag(url, proof) => {
                let parsed = ParserMetadata::ParserInserted;
                request(policies, url, page, Destination::Script, parsed, *proof)
            }
            Need::Script(url, proof) => {
                let added = ParserMetadata::NotParserInserted;
                request(policies, url, page, Destination::Script, added, *proof)
            }
            Need::Fetch(url) => {
                let none = ParserMetadata::None;
                let proof = Proof::default();
                request(policies, url, page, Destination::None, none, proof)
            }
            Need::Resource(resource, url) => {
                let added = ParserMetadata::NotParserInserted;
                let destination = resource.destination();
                request(policies, url, page, destination, added, Proof::default())
            }
        })
    }

    /// Whether it forbids a `<base>` to a page at this address, in all browsers.
    #[must_use]
    pub fn forbids_base(&self, base: &Url, page: &Url) -> bool {
        let mut readings = self.readings.iter();
        let forbids = |policies: &CspList| {
            let (answer, _) = policies.is_base_allowed_for_document(base, &page.origin());
            answer == CheckResult::Blocked
        };
        !self.readings.is_empty() && readings.all(forbids)
    }

    /// What a sandbox or an `Integrity-Policy` forbids.
    fn shut_in(&self, need: &Need<'_>, page: &Url) -> Option<Directive> {
        let directive = |name: &str, value: &[&str]| Directive {
            name: name.to_owned(),
            value: value.iter().map(|&word| word.to_owned()).collect(),
        };
        let own = |url: &Url| url.origin() == page.origin();
        let is_script = matches!(need, Need::Tag(..) | Need::Script(..));
        let shut_in = is_script && self.no_scripts
            // A page without an origin asks its own host as a stranger does: modules and tokens do not come.
            || self.no_origin
                && matches!(need, Need::Tag(url, _) | Need::Script(url, _) | Need::Fetch(url) if own(url));
        if shut_in {
            let said = self.readings.iter().flat_map(|list| &list.0);
            let mut said = said.flat_map(|policy| &policy.directive_set);
            return said.find(|said| said.name == "sandbox").cloned();
        }
        let bare = matches!(need, Need::Tag(_, proof) | Need::Script(_, proof) if proof.integrity.is_empty());
        (self.integrity && bare).then(|| directive("blocked-destinations", &["script"]))
    }
}

/// A policy in which the nonce of a tag looks like one.
fn with_nonce(content: &str, nonce: &str) -> String {
    match nonce {
        "" => content.to_owned(),
        _ => content.replace(&format!("'nonce-{nonce}'"), &format!("'nonce-{NONCE}'")),
    }
}

fn request(
    policies: &CspList,
    url: &Url,
    page: &Url,
    destination: Destination,
    parser_metadata: ParserMetadata,
    proof: Proof<'_>,
) -> Option<Directive> {
    let request = Request {
        url: url.clone(),
        current_url: url.clone(),
        origin: page.origin(),
        redirect_count: 0,
        destination,
        initiator: Initiator::None,
        nonce: match proof.nonce {
            "" => String::new(),
            _ => NONCE.to_owned(),
        },
        integrity_metadata: proof.integrity.to_owned(),
        parser_metadata,
    };
    let mut policies = policies.0.iter();
    policies.find_map(
        |policy| match policy.does_request_violate_policy(&request) {
            Violates::Directive(directive) => Some(directive),
            Violates::DoesNotViolate => None,
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAGE: &str = "https://www.example.com/a/";
    const INTEGRITY: &str = "sha384-AAAA";

    /// The name of the directive that forbids something.
    fn forbids(policy: &str, need: &str, proof: Proof<'_>) -> String {
        let (page, vendor) = (Url::parse(PAGE).unwrap(), "https://chat.example/w.js");
        let (own, vendor) = (page.join("/r.js").unwrap(), Url::parse(vendor).unwrap());
        let need = match need {
            "tag" => Need::Tag(own, proof),
            "vendor's tag" => Need::Tag(vendor, proof),
            "script" => Need::Script(vendor, proof),
            "fetch" => Need::Fetch(own),
            "fetch elsewhere" => Need::Fetch(vendor),
            name => Need::Types(name),
        };
        let found = Policy::of_meta(policy, proof.nonce).forbids(&need, &page);
        found.map_or(String::new(), |directive| directive.name)
    }

    fn bare(policy: &str, need: &str) -> String {
        forbids(policy, need, Proof::default())
    }

    #[test]
    fn names_the_directive_that_forbids_it() {
        for (policy, need, directive) in [
            ("script-src 'none'", "tag", "script-src"),
            ("script-src", "tag", "script-src"),
            ("default-src 'none'", "tag", "default-src"),
            ("default-src 'none'", "fetch", "default-src"),
            (
                "default-src 'self'; script-src https:",
                "fetch elsewhere",
                "default-src",
            ),
            (
                "script-src 'self'; script-src-elem https://cdn.example",
                "tag",
                "script-src-elem",
            ),
            (
                "script-src https://chat.example 'unsafe-inline'",
                "tag",
                "script-src",
            ),
            ("script-src 'self'", "script", "script-src"),
            (
                "script-src https://chat.example/other/",
                "script",
                "script-src",
            ),
            ("connect-src https://api.example", "fetch", "connect-src"),
            (
                "script-src 'self' https: 'strict-dynamic'",
                "tag",
                "script-src",
            ),
            ("script-src 'nonce-abc'", "tag", "script-src"),
            ("trusted-types other", "chathub", "trusted-types"),
            ("trusted-types", "chathub", "trusted-types"),
            ("trusted-types 'none'", "chathub", "trusted-types"),
            // The first of two directives with one name counts.
            ("script-src 'none'; script-src *", "tag", "script-src"),
        ] {
            assert_eq!(bare(policy, need), directive, "{policy}: {need}");
        }
    }

    #[test]
    fn lets_through_what_browsers_let_through() {
        for (policy, need) in [
            ("", "tag"),
            (
                "img-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'",
                "tag",
            ),
            ("default-src 'self'", "tag"),
            ("default-src 'none'; script-src-elem 'self'", "tag"),
            ("script-src www.example.com", "tag"),
            ("SCRIPT-SRC 'SELF'", "tag"),
            ("script-src https:", "script"),
            ("script-src *.example", "script"),
            ("script-src https://chat.example/w.js", "script"),
            ("script-src 'strict-dynamic'", "script"),
            ("script-src 'none'", "fetch"),
            ("connect-src 'self'", "fetch"),
            ("require-trusted-types-for 'script'", "chathub"),
            (
                "require-trusted-types-for 'script'; trusted-types a chathub",
                "chathub",
            ),
            ("trusted-types *", "chathub"),
        ] {
            assert_eq!(bare(policy, need), "", "{policy}: {need}");
        }
    }

    #[test]
    fn a_hash_or_a_nonce_vouches_for_a_script() {
        let by_hash = Proof {
            integrity: INTEGRITY,
            ..Proof::default()
        };
        let policy = format!("script-src '{INTEGRITY}' 'strict-dynamic'");
        assert_eq!(forbids(&policy, "tag", by_hash), "");
        assert_eq!(
            forbids("script-src 'sha384-BBBB'", "tag", by_hash),
            "script-src"
        );
        // One that a server will put there does not look like one yet.
        for nonce in ["abc", "{{nonce}}", "**CSP_NONCE**"] {
            let by_nonce = Proof {
                nonce,
                ..Proof::default()
            };
            let policy = format!("script-src 'nonce-{nonce}'");
            assert_eq!(forbids(&policy, "vendor's tag", by_nonce), "", "{nonce}");
            assert_eq!(
                forbids("script-src 'nonce-other'", "tag", by_nonce),
                "script-src",
                "{nonce}"
            );
        }
    }

    #[test]
    fn commas_are_read_either_way() {
        assert_eq!(
            bare("script-src 'self', script-src 'none'", "tag"),
            "script-src"
        );
        assert_eq!(bare("script-src 'self' ,connect-src *", "tag"), "");
    }
}
