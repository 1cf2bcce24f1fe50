//! A long run in small: the API fails in every way, the company's token is replaced, the configuration is read again and again,
//! and visitors ask all the time. Whoever asks while a token lives gets one.
//!
//! `cargo xtask soak` runs it for as long as it is told, and prints what it has seen.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};

use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;

use super::*;

/// Visitors at a time.
const VISITORS: usize = 4;
/// Requests on one connection.
const ON_ONE_CONNECTION: usize = 200;
/// The most that memory may grow from the first quarter of a long run to the last one, in bytes.
const GROWTH: u64 = 8 << 20;
/// The origin whose pages ask, in every version of the configuration.
const ORIGIN: &str = "https://www.example.com";

/// What visitors have seen so far.
#[derive(Default)]
struct Seen {
    /// Of each organization, the last token and when it expires.
    last: Mutex<BTreeMap<&'static str, (String, Timestamp)>>,
    answered: AtomicU64,
    /// Requests that got nothing while nothing was to be had.
    put_off: AtomicU64,
    /// Requests that got no token although one lived.
    failed: Mutex<Vec<String>>,
    enough: AtomicBool,
}

impl Seen {
    fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Judges a reply to a question of the time `asked`.
    fn judge(&self, api: &StandIn, organization: &'static str, asked: Timestamp, reply: &Reply) {
        let mut last = self.last.lock().unwrap();
        if reply.status != 200 {
            let lived = last
                .get(organization)
                .is_some_and(|(_, until)| Timestamp::now() < *until);
            if lived {
                let what = format!("{organization}: {} {}", reply.status, reply.text());
                self.failed.lock().unwrap().push(what);
            } else {
                self.put_off.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        self.answered.fetch_add(1, Ordering::Relaxed);
        let json = reply.json();
        let token = json["token"].as_str().unwrap();
        if last
            .get(organization)
            .is_some_and(|(last, _)| last == token)
        {
            return;
        }
        let until: Timestamp = json["expiresAt"].as_str().unwrap().parse().unwrap();
        // It is given in whole seconds.
        assert!(
            asked <= until + SignedDuration::from_secs(1),
            "{until} at {asked}"
        );
        assert!(api.state().minted.iter().any(|minted| minted == token));
        // A reply may have been overtaken by one with a newer token.
        let newer = last
            .get(organization)
            .is_none_or(|(_, last)| until >= *last);
        if newer {
            last.insert(organization, (token.to_owned(), until));
        }
    }

    /// Asks until it is enough.
    fn ask(&self, api: &StandIn, server: SocketAddr) {
        while !self.enough.load(Ordering::Relaxed) {
            let stream = TcpStream::connect(server).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut stream = BufReader::new(stream);
            for n in 0..ON_ONE_CONNECTION {
                let organization = ["support", "sales"][n % 2];
                let asked = Timestamp::now();
                write!(
                    stream.get_mut(),
                    "GET {TOKEN}?org={organization} HTTP/1.1\r\nhost: {server}\r\norigin: {ORIGIN}\r\n\r\n"
                )
                .unwrap();
                self.judge(api, organization, asked, &next(&mut stream));
            }
        }
    }
}

/// The next reply on a connection that stays open.
fn next(stream: &mut BufReader<TcpStream>) -> Reply {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(
            stream.read_line(&mut head).unwrap() > 0,
            "closed amid {head:?}"
        );
    }
    let length = head.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Reply::read([head.as_bytes(), &body].concat().as_slice())
}

/// What goes wrong in a round.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Nothing,
    Errors,
    Busy,
    Cut,
    NoAnswer,
    Nonsense,
    /// The vendor replaces the company's token; its file follows when somebody has noticed.
    Revoked,
}

const TROUBLES: [Trouble; 7] = [
    Trouble::Errors,
    Trouble::Revoked,
    Trouble::Busy,
    Trouble::Cut,
    Trouble::NoAnswer,
    Trouble::Nonsense,
    Trouble::Nothing,
];

impl Trouble {
    fn fault(self, hold: &Hold) -> Option<Fault> {
        Some(match self {
            Self::Nothing | Self::Revoked => return None,
            Self::Errors => Fault::error(),
            Self::Busy => Fault::Busy("1".to_owned()),
            Self::Cut => Fault::Cut,
            Self::NoAnswer => hold.fault(),
            Self::Nonsense => Fault::Body("application/json", "{\"token\": 1}".to_owned()),
        })
    }
}

/// The endpoint, and what stands around it.
struct Soak<'a> {
    api: &'a StandIn,
    seen: &'a Seen,
    site: Site,
    server: Server,
    /// The company's tokens so far.
    companies: Vec<String>,
    rounds: u64,
    reloads: u64,
}

impl<'a> Soak<'a> {
    fn start(api: &'a StandIn, seen: &'a Seen) -> Self {
        let site = Site::of(plain())
            .config(&configuration(api, 0))
            .file("company", COMPANY_TOKEN)
            // A line for each request would fill the memory of whoever searches them.
            .env("CHATHUB_LOG", "info");
        let server = start_ready(&site);
        Self {
            api,
            seen,
            site,
            server,
            companies: vec![COMPANY_TOKEN.to_owned()],
            rounds: 0,
            reloads: 0,
        }
    }

    /// How many attempts to mint had this result, for the organization that came with the round. The tokens of all others are
    /// renewed in whatever round it is time for it.
    fn mints(&self, result: &str) -> u64 {
        mints(&self.server, &format!("extra{}", self.rounds), result)
    }

    /// Reads another configuration.
    fn reload(&mut self) {
        let config = configuration(self.api, self.rounds);
        fs::write(self.site.folder().join("chathub.toml"), config).unwrap();
        self.server.signal(Signal::HUP);
        self.reloads += 1;
        wait_until("it is read again", || {
            series(&self.server, "chathub_reloads_total{result=\"ok\"}") == self.reloads
        });
    }

    /// Something goes wrong, the configuration is read again meanwhile and after it, and all is well again.
    fn round(&mut self, trouble: Trouble) {
        self.rounds += 1;
        let hold = Hold::new();
        let (minted, failures) = (self.mints("ok"), self.mints("error"));
        let calls = self.api.calls().len();
        for path in ["get-token", "operator", "validate-token"] {
            let faults = std::iter::repeat_with(|| trouble.fault(&hold));
            self.api.fail(path, faults.take(1000).flatten());
        }
        let company = format!("company-token-of-the-dashboard-{}-0123456789", self.rounds);
        if let Trouble::Revoked = trouble {
            self.api.state().valid = vec![company.clone()];
        }
        self.reload();
        match trouble {
            Trouble::Nothing => {}
            // Whatever hangs has not failed yet.
            Trouble::NoAnswer => wait_until("it is asked", || self.api.calls().len() > calls),
            _ => wait_until("it fails", || self.mints("error") > failures),
        }
        if let Trouble::Revoked = trouble {
            self.site.replace("company", &company);
            self.companies.push(company);
        }
        self.api.state().faults.clear();
        drop(hold);
        let answered = self.seen.answered();
        self.reload();
        wait_until("there is a token, and visitors go on", || {
            self.mints("ok") > minted && self.seen.answered() > answered + 500
        });
        self.search();
    }

    /// Nothing that answers without a visitor tells a secret; the logs and files are searched at the end.
    fn search(&self) {
        let mut secrets = self.api.secrets();
        secrets.extend(self.companies.iter().cloned());
        let token = self.api.state().minted.last().unwrap().clone();
        let with_token = format!("{TOKEN}?org={token}");
        for path in [
            "/metrics",
            "/livez",
            "/readyz?verbose",
            "/healthz",
            "/",
            &with_token,
        ] {
            let mine = format!("Bearer {token}");
            let fields = [
                ("authorization", &*mine),
                ("cookie", &token),
                ("x-request-id", &token),
            ];
            let reply = self.server.ask("GET", path, &fields);
            for secret in &secrets {
                assert!(!reply.text().contains(secret), "{path} gives a secret away");
            }
        }
    }

    fn memory(&self) -> u64 {
        series(&self.server, "process_resident_memory_bytes")
    }

    fn files(&self) -> u64 {
        series(&self.server, "process_open_fds")
    }
}

/// What differs from round to round: origins, and an organization that comes and goes.
fn configuration(api: &StandIn, round: u64) -> String {
    format!(
        "[api]\nurl = \"{}\"\ncompany-token = {{ file = \"company\" }}\n[organizations.support]\nid = 6\n\
         [organizations.sales]\nid = 24\n[organizations.extra{round}]\nid = 6\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
         allow-anyone = true\nrate-limit = 0\ntoken-lifetime = \"60s\"\n\
         origins = [\"{ORIGIN}\", \"https://www{round}.example.com\"]\n",
        api.url()
    )
}

#[test]
fn whoever_asks_while_a_token_lives_gets_one() {
    let seconds = std::env::var("SOAK_SECONDS").ok();
    let seconds: Option<i64> = seconds.map(|text| text.parse().expect("SOAK_SECONDS is a number"));
    let (api, seen) = (StandIn::start(), Seen::default());
    let mut soak = Soak::start(&api, &seen);
    let begun = Timestamp::now();
    let gone = || Timestamp::now().duration_since(begun).as_secs();
    let (address, files) = (soak.server.address, soak.files());
    let mut memory = vec![(0, soak.memory())];
    thread::scope(|scope| {
        let _end = End(&seen.enough);
        for _ in 0..VISITORS {
            scope.spawn(|| seen.ask(&api, address));
        }
        loop {
            for trouble in TROUBLES {
                soak.round(trouble);
                memory.push((gone(), soak.memory()));
            }
            if seconds.is_none_or(|seconds| gone() >= seconds) {
                break;
            }
        }
    });
    let failed = seen.failed.lock().unwrap().clone();
    if seconds.is_some() {
        println!("{}", table(&soak, &memory, gone()));
    }
    assert!(failed.is_empty(), "{failed:#?}");
    let now = soak.files();
    assert!(
        now <= files + VISITORS as u64 + 8,
        "{files} open files, and then {now}"
    );
    if memory.len() >= 16 {
        let most = |part: &[(i64, u64)]| part.iter().map(|(_, bytes)| *bytes).max().unwrap();
        let quarter = memory.len() / 4;
        let (first, last) = (most(&memory[..quarter]), most(&memory[3 * quarter..]));
        assert!(last <= first + GROWTH, "memory grows: {memory:?}");
    }
    // All that it has said and written is searched for secrets here.
    let (code, _) = soak.server.stop();
    assert_eq!(code, 0);
}

/// Sends the visitors home with the value, also where a test fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn table(soak: &Soak<'_>, memory: &[(i64, u64)], seconds: i64) -> String {
    let seen = soak.seen;
    let failed = seen.failed.lock().unwrap().len();
    let put_off = seen.put_off.load(Ordering::Relaxed);
    let mut lines = vec![
        "| what | how much |\n| --- | --- |".to_owned(),
        format!("| time | {seconds} s |"),
        format!("| requests that got a token | {} |", seen.answered()),
        format!("| requests that failed while a token lived | {failed} |"),
        format!("| requests while none lived | {put_off} |"),
        format!("| configurations read (SIGHUP) | {} |", soak.reloads),
        format!("| troubles of the API | {} |", soak.rounds),
        format!("| tokens of the company | {} |", soak.companies.len()),
        format!("| tokens minted | {} |", soak.api.state().minted.len()),
        format!("| open files at the end | {} |", soak.files()),
    ];
    let step = memory.len().div_ceil(8);
    let series: Vec<String> = memory
        .iter()
        .step_by(step)
        .chain(memory.last())
        .map(|(second, bytes)| format!("{second} s: {}", bytes >> 20))
        .collect();
    lines.push(format!("| resident memory, MiB | {} |", series.join(", ")));
    lines.join("\n")
}
