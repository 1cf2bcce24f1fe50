//! The rules that `verify` holds pages against: stable ids, what each means, and what to do.

use crate::event::{Rule, Severity};

macro_rules! rules {
    ($($constant:ident = $id:literal, $severity:ident, $finds:literal, $why:literal, $remedy:literal;)+) => {
        $(
            #[doc = concat!("`", $id, "`: ", $finds)]
            pub static $constant: Rule = Rule {
                id: $id,
                severity: Severity::$severity,
                finds: $finds,
                why: $why,
                remedy: $remedy,
            };
        )+

        /// All rules, in the order of the documentation.
        pub static ALL: &[&Rule] = &[$(&$constant),+];

        /// The page of the book on a rule, in Markdown: what it finds, a site that breaks it, and one that does not.
        #[must_use]
        pub fn page(rule: &Rule) -> &'static str {
            match rule.id {
                $($id => include_str!(concat!("../../../docs/findings/", $id, ".md")),)+
                _ => "",
            }
        }
    };
}

rules! {
    MISSING_INSTANCE = "missing-instance", Error,
        "A page that its rules give an organization has no instance.",
        "Its visitors have no chat.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    DUPLICATE_INSTANCE = "duplicate-instance", Error,
        "A page has more than one instance.",
        "The vendor's module starts once per page, whatever its tags say, so which chat appears is an accident; with two loaders, two tokens are fetched.",
        "Run `chathub inject`, which folds them into one; then delete the pasted copy from the template.";
    UNEXPECTED_INSTANCE = "unexpected-instance", Error,
        "A page that should have no widget has an instance.",
        "A rule or the page itself says that there is to be no chat.",
        "Run `chathub inject`, which takes it out, or change the rule.";
    WRONG_ORGANIZATION = "wrong-organization", Error,
        "An instance names another organization than the page's rules.",
        "Visitors would talk to the wrong people.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    WRONG_SRC = "wrong-src", Error,
        "An instance loads another script than the configured one, or is of another kind of tag.",
        "An old or foreign address may stop working, or run what nobody reviewed.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    INSECURE_SRC = "insecure-src", Error,
        "A widget tag loads its script over plain http.",
        "Anyone on the way can replace the script, and browsers block it on https pages.",
        "Run `chathub inject`, which writes the configured https address.";
    WRONG_TYPE = "wrong-type", Error,
        "An instance is not of type=\"module\", carries nomodule, or is not async in a page that is served as XML.",
        "The vendor's script and the runtime are ES modules: as anything else they do not run. In XML, Chromium runs modules \
         only if they are async.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    WRONG_ID = "wrong-id", Error,
        "A widget tag has another id than the vendor's script looks for: operator-chat-panel-script, or chat-widget-script on the customer widget's.",
        "The vendor's script looks for its tag, and so for its token or guid, by this id.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    INERT_INSTANCE = "inert-instance", Warning,
        "An instance stands where it does nothing: in a comment, template, noscript, svg or math, or in another namespace.",
        "It looks as if the page had a chat. chathub never edits such places, since they are the author's.",
        "Delete it from the page's template, or move it out of there.";
    HELD_INSTANCE = "held-instance", Warning,
        "An instance is held back for consent by a tool that is not known to start ES modules.",
        "Both tags are modules: started as a classic script, the chat never appears. chathub keeps the hold, since consent comes first.",
        "Check that the chat starts after consent. If it does not, delete the tag from the page's template and set placeholder.consent to an event that the tool fires on consent, or let a tool hold it that takes the type from `data-type`.";
    STALE_LOADER = "stale-loader", Error,
        "A loader tag is not as this version and configuration write it.",
        "It may load an old runtime, or fetch its token from an old endpoint.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    STALE_ATTRIBUTES = "stale-attributes", Error,
        "A customer widget's tag does not have the attributes that the configuration gives it.",
        "Its colours or texts are old ones, or are missing.",
        "Run `chathub inject` after the generator and whatever minifies its output.";
    MISSING_CONTACT_LINK = "missing-contact-link", Note,
        "A page has its loader tag, but no place beside it that is safe for the contact link.",
        "Visitors without JavaScript see no way to reach anybody there.",
        "Fix what the message names, or write `<a data-chathub-contact href=…>` into the page's template, where the runtime finds it too.";
    MISSING_RUNTIME_ASSET = "missing-runtime-asset", Error,
        "Pages load the runtime, but its file is not in the site.",
        "The browser gets a 404 in place of the chat.",
        "Run `chathub inject` on the folder that is deployed, and deploy the asset folder with it.";
    UNREACHABLE_RUNTIME = "unreachable-runtime", Error,
        "Pages ask for the runtime where it is not: the site is below another path than base-url says, or a `<base>` leads to another host or to where no module comes from, or a forced rule of `_redirects` answers in its place.",
        "The browser gets a 404 in place of the chat.",
        "Set placeholder.base-url to where the site is published: a path such as `/blog/`, or a whole https URL, which no `<base>` changes.";
    UNLIKELY_BASE_URL = "unlikely-base-url", Warning,
        "The pages' own addresses (canonical, og:url, sitemap), or the `<base>` of 404.html alone, are below another path than base-url.",
        "If the site is published there, the browser gets a 404 in place of the chat.",
        "If it is, set placeholder.base-url to that path; if not, turn this rule off for the site.";
    INTEGRITY_MISMATCH = "integrity-mismatch", Error,
        "The runtime in the site, or a loader tag's integrity attribute, is not what this version wrote.",
        "Browsers refuse to run a script that does not match its integrity attribute.",
        "Keep optimizers away from the asset folder and run `chathub inject` again.";
    CSP_BLOCKS_WIDGET = "csp-blocks-widget", Error,
        "A Content-Security-Policy, in the page itself or in a file of its host, forbids what its chat needs: the runtime or the vendor's script, the token endpoint, or the runtime's policy for Trusted Types.",
        "Browsers load nothing that a policy does not allow: there is no chat. What the widget itself needs is judged only where csp.widget lists it, and policies that are in no file are not judged.",
        "Add to the directive that the message names, in the page's template or the host's file (`chathub csp --patch`): `'self'` for files and an endpoint of the site itself, the address for others, `chathub` to a list of `trusted-types`. Where it has `'strict-dynamic'`, the runtime needs its hash, which is in the tag's `integrity`.";
    UNREAD_POLICY = "unread-policy", Warning,
        "A file of the host says something about policies that chathub cannot read: a syntax error, a variable, a condition, another file, or a format such as that of `.htaccess`.",
        "Nobody has checked whether the policies that it affects allow the chat.",
        "Write the policy without it, or look at the headers that the server sends; if they are right, turn this rule off for the site.";
    TOKEN_IN_PLACEHOLDER_PAGE = "token-in-placeholder-page", Error,
        "A tag carries a token although the site is in placeholder mode, or the page has the customer widget, which needs none.",
        "The token is a credential: anyone who reads the page can use it until it expires.",
        "Run `chathub inject`, which replaces the tag; delete it from the template, and let the token expire.";
    SECRET_IN_SITE = "secret-in-site", Error,
        "A file of the site, page or not, holds a company token, a password, or a JWT outside static mode's tags: as it is, escaped, in base64, or in a compressed file. A JWT that nobody can use (expired, a public sample, or with a signature that its algorithm cannot make) is a note.",
        "Whatever is in the site is public.",
        "Remove it from the source it comes from and revoke it: assume that others have it.";
    FILE_UNREADABLE = "file-unreadable", Error,
        "A file that is not a page, or what it decodes to, cannot be read to its end.",
        "Nobody knows whether there is a secret in it.",
        "Give this user the right to read it, or compress it again. If it is meant to be as it is, delete it from the site, or set verify.scan-all-files = false.";
    UNUSED_ALLOWED_SECRET = "unused-allowed-secret", Warning,
        "A digest in verify.allow-secrets belongs to no token in the site.",
        "An exception that is no longer needed can hide a leak.",
        "Delete it from the configuration.";
    STALE_ROUTE_FILE = "stale-route-file", Error,
        "The route file is missing, or does not say what the pages' loader tags should say.",
        "Where a router renders pages in the browser, visitors keep the chat of the page by which they entered.",
        "Run `chathub inject`.";
    NO_ROUTE_FILE = "no-route-file", Warning,
        "Pages differ in their chats by directives in them or rules files in folders alone, so that there is no route file, and a router leads from page to page in the browser.",
        "Visitors keep the chat of the page by which they entered.",
        "Set `placeholder.route-file = \"always\"`, or `\"never\"` if the router loads each page anew; then run `chathub inject`.";
    TOO_MANY_ROUTES = "too-many-routes", Warning,
        "The organization changes from page to page in more places than the route file may list.",
        "Where a router renders pages in the browser, visitors keep the chat of the page by which they entered.",
        "Give organizations to folders, or have links between organizations load the page anew.";
    TOKEN_EXPIRED = "token-expired", Error,
        "A widget tag's token has expired.",
        "The widget cannot log in: there is no chat.",
        "Run `chathub inject` with a fresh token and deploy, or use placeholder mode.";
    TOKEN_NOT_YET_VALID = "token-not-yet-valid", Error,
        "A widget tag's token says that it does not work yet (`nbf`), by more than a minute.",
        "The widget cannot log in until then: there is no chat.",
        "Run `chathub inject` with a token that works now, and check the clock of the machine that mints it, or use placeholder mode.";
    TOKEN_EXPIRES_SOON = "token-expires-soon", Error,
        "A widget tag's token expires within verify.min-ttl.",
        "The chat dies before the next deployment.",
        "Run `chathub inject` with a fresh token and deploy, or use placeholder mode.";
    TOKEN_MALFORMED = "token-malformed", Error,
        "A widget tag's token is not a JWT, or does not say when it expires.",
        "The widget cannot log in: there is no chat.",
        "Give the organization's token source a token as the API's get-token call returns it, without quotes.";
    TOKEN_LIFETIME_OVER_24H = "token-lifetime-over-24h", Error,
        "A widget tag's token claims to live longer than 24 hours.",
        "The API refuses such tokens; some of the vendor's own samples ask for 30 days.",
        "Ask the API for a token of at most 24 hours.";
    TOKEN_SHARED_BY_ORGANIZATIONS = "token-shared-by-organizations", Error,
        "Tags of different organizations carry the same token.",
        "A token is an operator's, and so one organization's: the others' visitors talk to the wrong people.",
        "Give each organization a token source of its own.";
    DEVELOPMENT_TOKEN = "development-token", Error,
        "A page carries the development token.",
        "It is accepted on loopback only: published, it gives no chat.",
        "Run `chathub inject` with a real token source, or in placeholder mode.";
    STALE_COMPRESSED_SIBLING = "stale-compressed-sibling", Error,
        "A compressed copy (.gz, .br, .zst) does not decode to the page or runtime beside it.",
        "Servers send the copy: visitors get the old one.",
        "Compress after `chathub inject`, or let it rebuild the copies (compressed-siblings = \"rebuild\").";
    STALE_PRECACHE_MANIFEST = "stale-precache-manifest", Error,
        "A service worker's precache list, or another list of files and their digests, does not say what is true of the pages.",
        "A service worker serves visitors who come back from what it keeps, and this list decides what it fetches anew: they get old pages, or none.",
        "Run `chathub inject`, which brings the list in line with the pages.";
    PAGE_NOT_SERVED = "page-not-served", Error,
        "A page that the sitemap lists, or that others link to, is not what the server sends: an error, a redirect to another host or in a circle, or no answer (only with a URL).",
        "Its visitors have neither the page nor its chat, or another site's.",
        "Deploy the page, or take it out of the sitemap and out of the links.";
    WRONG_CONTENT_TYPE = "wrong-content-type", Error,
        "A page or the runtime is sent with a type or encoding that makes it something other than what was built (only with a URL).",
        "Browsers go by the type: they show the source of a page that is sent as plain text, read one that is sent as XML by other rules, and run no module that is not sent as JavaScript.",
        "Correct the type in the server's configuration.";
    CACHED_TOO_LONG = "cached-too-long", Error,
        "A page of static mode may be kept for longer than its token works, or a file of the runtime whose name does not change for more than a day, which is a warning (only with a URL).",
        "Visitors get the page from a cache with a token that has expired, so there is no chat; or an old runtime.",
        "Send `Cache-Control: no-cache` with the pages: they are still not sent again unless they have changed.";
    ENDPOINT_FAILS = "endpoint-fails", Error,
        "The token endpoint, asked as a visitor's browser asks it, gives no token that a page can use, or lets caches keep it (only with a URL and --ask-endpoint).",
        "The page is right, and there is no chat.",
        "Compare the answer with what an endpoint must do (docs/own-endpoint.md); `chathub endpoint --check` tests one of chathub's own.";
    OTHER_CHAT_WIDGET = "other-chat-widget", Warning,
        "A page has another of the vendor's widgets, which its author pasted, beside the one that its rules give it.",
        "Two chats compete for the same corner of the page.",
        "Decide for one: delete the pasted tag from the page's template, or change the rule.";
    DYNAMIC_LOADER_SUSPECTED = "dynamic-loader-suspected", Warning,
        "A script in a page seems to add a chat by code, so that no tag of it can be counted.",
        "Beside the tag that the rules give the page, there are two chats; where there is to be none, there is one.",
        "Take that code out of the page's template: `chathub inject` writes the tag, and `placeholder.load` or `placeholder.consent` makes the chat wait. `chathub verify --browser` counts the chats that really appear.";
    INVALID_LANGUAGE = "invalid-language", Note,
        "A page says that it is in a language that is not a language tag, and rules or texts depend on languages.",
        "The page may get another organization, or other texts, than its author thinks.",
        "Write the language as a tag (BCP 47) in the page's template, such as `<html lang=\"uk\">` or `<html lang=\"uk-UA\">`.";
    UNUSED_RULE = "unused-rule", Warning,
        "A rule of the configuration applied to no page.",
        "Its pattern is mistyped, or what it was for is gone.",
        "Correct the rule or delete it; `chathub explain PAGE` shows why rules do not apply.";
    BRACKETS_IN_PATTERN = "brackets-in-pattern", Warning,
        "A pattern with brackets leaves out a page whose name has the same brackets.",
        "In a pattern, `[slug]` stands for one of the letters s, l, u and g, not for a folder that a router names so.",
        "Write `[[]slug]` for the name `[slug]`.";
    UNUSED_ORGANIZATION = "unused-organization", Note,
        "An organization of the configuration is on no page.",
        "A rule for it is missing, or it is left over.",
        "Add a rule for it or delete it.";
    UNUSED_PATTERN = "unused-pattern", Warning,
        "A pattern has no effect in a rule or an override that applies: in `match` it matches nothing, or in `not` it excludes nothing.",
        "It is mistyped, or what it was for is gone; if something else gets that name, the pattern applies to it unnoticed.",
        "Correct the pattern or delete it.";
    UNUSED_OVERRIDE = "unused-override", Warning,
        "An override of severities matches no file of the site.",
        "Its pattern is mistyped, or what it was for is gone; if something else gets that name, its findings weigh less.",
        "Correct the pattern or delete the override.";
    UNUSED_BASELINE_ENTRY = "unused-baseline-entry", Warning,
        "The baseline has a finding that verify does not find.",
        "It is fixed, and while its entry is there, the same finding can come back and pass.",
        "Run `chathub verify --prune-baseline`, which removes entries that are no longer found and adds none, or delete the entry.";
    TOO_FEW_PAGES = "too-few-pages", Error,
        "Fewer pages were judged than verify.min-pages, or min-pages of an organization or a rule, asks for; skipped and unreadable ones do not count.",
        "Half a build passes every other check.",
        "Look at what the generator wrote, or lower the number.";
    TOO_MANY_WARNINGS = "too-many-warnings", Error,
        "There are more warnings than verify.max-warnings allows; those of the baseline do not count.",
        "Warnings that nobody counts become more with every change.",
        "Fix what the warnings name, or raise the number.";
    BROWSER_NO_CHAT = "browser-no-chat", Error,
        "A page that was opened in a browser shows no chat: the runtime, the token endpoint or the vendor's script fails there.",
        "Its visitors have no chat, whatever its file says.",
        "Fix what the message names; the browser's own developer tools show the same on the page.";
    BROWSER_INSTANCE_COUNT = "browser-instance-count", Error,
        "In a browser, a page shows more chats than its rules give it, or shows one before the visitor has agreed.",
        "A script of the page, or of a frame in it, adds one that no file shows.",
        "Find the script that adds the tag, and remove that code. Where a frame shows another page of the site, use placeholder mode, in which the inner page keeps quiet.";
    BROWSER_ERROR = "browser-error", Warning,
        "A page that was opened in a browser has errors: uncaught exceptions, errors on the console, or something else than the chat that a policy blocks.",
        "A script that fails can take others with it, the chat among them.",
        "Fix the script, or turn this rule off for the site.";
    BROWSER_TIMEOUT = "browser-timeout", Error,
        "A page does not load in a browser within the time limit, crashes its tab, or is an error where its server sees a browser (with a URL).",
        "Visitors wait for it as well, and nobody knows what it would show.",
        "Find the script that never ends, or the page that loads itself again; where the machine is slow, give pages more time (`--browser-timeout`). If a server keeps this browser out, let it admit requests with `chathub/` in their `User-Agent`.";
    PAGE_UNREADABLE = "page-unreadable", Error,
        "A page cannot be read.",
        "Nobody knows what is in it.",
        "Give this user the right to read it, or fix the file system.";
    PAGE_REFUSED = "page-refused", Error,
        "A page should change, but cannot be changed safely, so inject leaves it as it is.",
        "It does not have what its rules ask for.",
        "Fix what the message names. Where that is the page's markup, a rule that excludes the page helps as well; a `<meta name=\"chathub\">` overrules every rule.";
}

/// The rule of an id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// All ids.
#[must_use]
pub fn ids() -> Vec<&'static str> {
    ALL.iter().map(|rule| rule.id).collect()
}
