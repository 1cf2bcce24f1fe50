//! A page in a tab of its own, from the first byte until nothing more is to come.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::{Answer, Asked, Site};
use super::connection::{Connection, Message, Trouble, Until};
use super::phase::{Next, next};
use super::seen::{Frame, Request, Seen};
use super::told;
use super::visit::Visit;
use super::watching::watching;

const LOOK: &str = include_str!("look.js");

/// How long nothing must be asked for before it counts as over.
const QUIET: Duration = Duration::from_millis(500);
/// A page that has never been quiet for so long is one that never is.
const RESTLESS: Duration = Duration::from_secs(10);
/// Between two looks at a page.
const PAUSE: Duration = Duration::from_millis(100);

/// A page that is open.
pub(super) struct Tab<'a> {
    connection: &'a mut Connection,
    site: &'a Site,
    visit: &'a Visit,
    /// What the browser calls itself where a server hears of it.
    agent: Option<&'a str>,
    until: Until<'a>,
    /// The page's session.
    session: String,
    /// The page itself, and its outermost frame.
    target: String,
    /// What keeps it from other pages.
    profile: String,
    /// Where scripts of documents run: session and number.
    contexts: Vec<(String, i64)>,
    /// Requests that are under way.
    under_way: HashSet<(String, String)>,
    /// Those that the chat depends on: their places in `seen`.
    ours: HashMap<(String, String), usize>,
    /// When anything was last asked for or answered.
    last: Instant,
    /// When the page was loaded.
    loaded: Option<Instant>,
    seen: Seen,
}

impl<'a> Tab<'a> {
    /// Opens an empty page in a browser that knows nothing of the last one.
    pub(super) fn open(
        connection: &'a mut Connection,
        site: &'a Site,
        visit: &'a Visit,
        agent: &'a str,
        until: Until<'a>,
    ) -> Result<Self, Trouble> {
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let context = connection.ask(until, "Target.createBrowserContext", &json!({}))?;
        let context = text(&context, "browserContextId");
        let page = json!({ "url": "about:blank", "browserContextId": context });
        let target = connection.ask(until, "Target.createTarget", &page)?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = connection.ask(until, "Target.attachToTarget", &attach)?;
        let mut tab = Self {
            connection,
            site,
            visit,
            agent: site.is_on_server().then_some(agent),
            until,
            session: text(&session, "sessionId"),
            target: text(&target, "targetId"),
            profile: context,
            contexts: Vec::new(),
            under_way: HashSet::new(),
            ours: HashMap::new(),
            last: Instant::now(),
            loaded: None,
            seen: Seen::default(),
        };
        // What is not acknowledged before the page goes to a process of its own is forgotten there.
        for (method, params) in watching(tab.agent) {
            tab.call(method, &params)?;
        }
        Ok(tab)
    }

    /// Opens the page, and looks at it until nothing more is to come.
    pub(super) fn see(&mut self) -> Result<Seen, Trouble> {
        match self.load().and_then(|()| self.settle()) {
            Ok(()) => {}
            Err(Trouble::TooLong) if self.loaded.is_some() && !self.seen.frames.is_empty() => {
                self.seen.is_late = true;
            }
            Err(trouble) => return Err(trouble),
        }
        Ok(std::mem::take(&mut self.seen))
    }

    /// A picture of it in PNG.
    pub(super) fn picture(&mut self, until: Until<'a>) -> Result<Vec<u8>, Trouble> {
        self.until = until;
        let method = "Page.captureScreenshot";
        let picture = self.call(method, &json!({ "format": "png" }))?;
        let data = picture["data"].as_str().unwrap_or_default();
        STANDARD
            .decode(data)
            .map_err(|error| Trouble::Refused(method, error.to_string()))
    }

    fn load(&mut self) -> Result<(), Trouble> {
        let page = json!({ "url": self.visit.url.as_str() });
        let loaded = self.call("Page.navigate", &page)?;
        if let Some(why) = loaded["errorText"].as_str() {
            self.seen.not_loaded = Some(why.to_owned());
            return Ok(());
        }
        while self.loaded.is_none() {
            self.wait()?;
            let ready = json!({ "expression": "document.readyState" });
            // Between two documents there is none.
            let ready = match self.call("Runtime.evaluate", &ready) {
                Err(Trouble::Refused(..)) => continue,
                ready => ready?,
            };
            if ready["result"]["value"] == "complete" {
                self.loaded.get_or_insert_with(Instant::now);
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Trouble> {
        if self.seen.not_loaded.is_some() {
            return Ok(());
        }
        let mut pushed = false;
        loop {
            self.look()?;
            if self.seen.not_loaded.is_some() {
                return Ok(());
            }
            let is_quiet = self.is_quiet();
            let consented = self.seen.before_consent.is_some();
            let push = match next(self.visit, &self.seen.frames, is_quiet, pushed, consented) {
                Next::Done => return Ok(()),
                Next::Wait => None,
                Next::Load => Some("ChatHub.controller.load()"),
                Next::Consent => {
                    self.seen.before_consent = Some(std::mem::take(&mut self.seen.frames));
                    self.seen.requests_before_consent = self.seen.requests.len();
                    Some("ChatHub.controller.grant(), ChatHub.controller.load()")
                }
            };
            if let Some(expression) = push {
                pushed = true;
                self.last = Instant::now();
                // What comes of it is seen at the next look.
                let expression = json!({ "expression": format!("void ({expression})") });
                let session = self.session.clone();
                self.send(&session, "Runtime.evaluate", &expression);
            }
            self.wait()?;
        }
    }

    /// Sees to what happens in the time between two looks.
    fn wait(&mut self) -> Result<(), Trouble> {
        let start = Instant::now();
        while let Some(left) = PAUSE.checked_sub(start.elapsed()) {
            if let Some(message) = self.connection.receive(self.until, left)? {
                self.note(&message);
            }
        }
        Ok(())
    }

    /// Whether nothing is under way; of pages that are never at rest, nothing that the chat depends on.
    fn is_quiet(&self) -> bool {
        let is_restless = self
            .loaded
            .is_some_and(|loaded| loaded.elapsed() >= RESTLESS);
        if is_restless {
            return !self
                .under_way
                .iter()
                .any(|request| self.ours.contains_key(request));
        }
        self.under_way.is_empty() && self.last.elapsed() >= QUIET
    }

    /// Closes it, with all that the browser has kept of it. Whether that went well.
    pub(super) fn close(mut self, until: Until<'a>) -> bool {
        self.until = until;
        let profile = json!({ "browserContextId": self.profile });
        self.call_in("", "Target.disposeBrowserContext", &profile)
            .is_ok()
    }

    /// Looks at all documents.
    fn look(&mut self) -> Result<(), Trouble> {
        let signs = self.site.addresses().signs();
        let signs = json!(
            ["widget-script.js"]
                .iter()
                .chain(&signs)
                .collect::<Vec<_>>()
        );
        let expression = format!("{}({signs})", LOOK.trim_end());
        let mut frames: Vec<Frame> = Vec::new();
        for (session, context) in self.contexts.clone() {
            let look =
                json!({ "expression": expression, "contextId": context, "returnByValue": true });
            // A document that has gone meanwhile is not one of the page any more.
            let told = match self.call_in(&session, "Runtime.evaluate", &look) {
                Err(Trouble::Refused(..)) => continue,
                told => told?,
            };
            frames.extend(serde_json::from_value::<Frame>(told["result"]["value"].clone()).ok());
        }
        if !frames.is_empty() {
            self.seen.frames = frames;
        }
        Ok(())
    }

    fn send(&mut self, session: &str, method: &str, params: &Value) {
        self.connection.send(session, method, params);
    }

    fn call(&mut self, method: &'static str, params: &Value) -> Result<Value, Trouble> {
        let session = self.session.clone();
        self.call_in(&session, method, params)
    }

    /// Asks for something, and sees to all that happens meanwhile.
    fn call_in(
        &mut self,
        session: &str,
        method: &'static str,
        params: &Value,
    ) -> Result<Value, Trouble> {
        let id = self.connection.send(session, method, params);
        loop {
            match self.connection.receive(self.until, Duration::MAX)? {
                Some(message) if message.id == Some(id) => return message.answer(method),
                Some(message) => self.note(&message),
                None => {}
            }
        }
    }

    /// Sees to something that has happened.
    fn note(&mut self, message: &Message) {
        let (session, params) = (&message.session_id, &message.params);
        match message.method.as_str() {
            "Fetch.requestPaused" => self.answer(session, params),
            "Target.attachedToTarget" => {
                let session = params["sessionId"].as_str().unwrap_or_default();
                // It waits until all is acknowledged. Workers refuse what is about documents.
                for (method, params) in watching(self.agent) {
                    self.send(session, method, &params);
                }
                self.send(session, "Runtime.runIfWaitingForDebugger", &json!({}));
            }
            "Target.detachedFromTarget" => {
                let gone = params["sessionId"].as_str().unwrap_or_default();
                self.contexts.retain(|(session, _)| session != gone);
                self.under_way.retain(|(session, _)| session != gone);
            }
            "Inspector.targetCrashed" if *session == self.session => {
                self.seen.not_loaded = Some("it crashes the browser's tab".to_owned());
                self.loaded.get_or_insert_with(Instant::now);
            }
            "Page.loadEventFired" if *session == self.session => {
                self.loaded.get_or_insert_with(Instant::now);
            }
            // Nobody is there to answer.
            "Page.javascriptDialogOpening" => {
                let no = json!({ "accept": false });
                self.send(session, "Page.handleJavaScriptDialog", &no);
            }
            "Runtime.executionContextCreated" => {
                let context = &params["context"];
                let is_of_page = context["auxData"]["isDefault"] == true
                    && context["auxData"]["frameId"].is_string();
                if let (true, Some(id)) = (is_of_page, context["id"].as_i64()) {
                    self.contexts.push((session.clone(), id));
                }
            }
            "Runtime.executionContextDestroyed" => {
                let gone = params["executionContextId"].as_i64();
                let is_gone = |(of, id): &(String, i64)| of == session && Some(*id) == gone;
                self.contexts.retain(|context| !is_gone(context));
            }
            "Runtime.executionContextsCleared" => self.contexts.retain(|(of, _)| of != session),
            "Network.responseReceived" => {
                let status = params["response"]["status"].as_u64();
                let is_page = params["type"] == "Document" && params["frameId"] == *self.target;
                if let Some(status @ 400..) = status
                    && is_page
                    && self.site.is_on_server()
                {
                    self.seen.not_loaded =
                        Some(format!("the server answers the browser with {status}"));
                }
                if let Some(request) = self.request(session, params) {
                    request.status = status.and_then(|status| u16::try_from(status).ok());
                }
            }
            "Network.loadingFinished" => self.ended(session, params),
            "Network.loadingFailed" => {
                self.ended(session, params);
                let why = told::failure(params);
                if let Some(request) = self.request(session, params) {
                    request.failure = Some(why);
                }
            }
            _ => {
                let problem = told::problem(message);
                // The browser asks for it by itself.
                let problem = problem.filter(|problem| !problem.url.ends_with("/favicon.ico"));
                if let Some(problem) = problem
                    && !self.seen.problems.contains(&problem)
                {
                    self.seen.problems.push(problem);
                }
            }
        }
    }

    fn answer(&mut self, session: &str, params: &Value) {
        let request = &params["request"];
        let text = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned();
        let (url, method) = (text(&request["url"]), text(&request["method"]));
        let headers = request["headers"].as_object();
        let origin = headers.and_then(|headers| {
            let mut headers = headers.iter();
            let origin = headers.find(|(name, _)| name.eq_ignore_ascii_case("origin"));
            origin.and_then(|(_, value)| value.as_str())
        });
        let asked = Asked {
            url: &url,
            method: &method,
            origin,
        };
        let id = &params["requestId"];
        match self.site.answer(&asked, &self.visit.url) {
            Answer::Reply(reply) => {
                self.requested(session, params, &url, Some(reply.status));
                let headers = reply.headers.iter();
                let headers = headers.map(|(name, value)| json!({ "name": name, "value": value }));
                let reply = json!({
                    "requestId": id,
                    "responseCode": reply.status,
                    "responseHeaders": headers.collect::<Vec<_>>(),
                    "body": STANDARD.encode(&reply.body),
                });
                self.send(session, "Fetch.fulfillRequest", &reply);
            }
            Answer::Network => {
                self.requested(session, params, &url, None);
                let go = json!({ "requestId": id });
                self.send(session, "Fetch.continueRequest", &go);
            }
            Answer::Cut => {
                self.last = Instant::now();
                self.seen.cut += 1;
                let cut = json!({ "requestId": id, "errorReason": "BlockedByClient" });
                self.send(session, "Fetch.failRequest", &cut);
            }
        }
    }

    /// Takes note of a request that is answered with this status; none: by the network.
    fn requested(&mut self, session: &str, params: &Value, url: &str, status: Option<u16>) {
        self.last = Instant::now();
        let id = params["networkId"].as_str().unwrap_or_default();
        let key = (session.to_owned(), id.to_owned());
        // These last as long as the page, or end with the load event.
        let is_open = matches!(
            params["resourceType"].as_str(),
            Some("Document" | "EventSource" | "Media" | "Ping" | "WebSocket")
        );
        if status.is_none() && !is_open {
            self.under_way.insert(key.clone());
        }
        if let Some(role) = self.site.role(url, &self.visit.url) {
            self.ours.insert(key, self.seen.requests.len());
            self.seen.requests.push(Request {
                role,
                url: url.split('#').next().unwrap_or(url).to_owned(),
                status,
                failure: None,
            });
        }
    }

    fn request(&mut self, session: &str, params: &Value) -> Option<&mut Request> {
        let id = params["requestId"].as_str()?;
        let at = self.ours.get(&(session.to_owned(), id.to_owned()))?;
        self.seen.requests.get_mut(*at)
    }

    fn ended(&mut self, session: &str, params: &Value) {
        self.last = Instant::now();
        let id = params["requestId"].as_str().unwrap_or_default();
        self.under_way.remove(&(session.to_owned(), id.to_owned()));
    }
}
