//! The browser as a process: started with a profile of its own, and gone with all that it has started when the value is.
//!
//! It is spoken to through two pipes. So no other user of the machine can drive it, as through a port, and it ends by itself as soon
//! as the pipes are closed, which happens however this program ends.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tempfile::TempDir;
use url::Url;

use super::BrowserError;

/// How long it may take to end once nobody speaks to it any more.
const FAREWELL: Duration = Duration::from_secs(5);
/// How much of its last words an error quotes, in characters.
const LAST_WORDS: usize = 400;

/// Gives the pipes the numbers by which the browser knows them, and nothing else to read or write.
const THROUGH_PIPES: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null";

/// What makes a browser out of one for people: no first run, no services of its own, no news from the network, the same size everywhere,
/// and no https where the address says http.
const ARGUMENTS: [&str; 23] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter,HttpsUpgrades",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--window-size=1280,800",
];

/// No name is resolved.
const NOWHERE: &str = "--host-resolver-rules=MAP * ~NOTFOUND";
/// The variables that name proxies; the names may be in capitals, too.
const PROXIES: [&str; 3] = ["all_proxy", "http_proxy", "https_proxy"];

/// What of the network a browser may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Nothing leaves the machine.
    Nothing,
    /// These hosts.
    Hosts(BTreeSet<String>),
    /// All of it.
    All,
}

impl Network {
    /// What holds the browser to it, in what it asks for without asking us, too: web sockets, connections ahead of requests.
    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Nothing => vec![NOWHERE.to_owned(), "--no-proxy-server".to_owned()],
            Self::All => Vec::new(),
            Self::Hosts(hosts) => {
                let proxies = PROXIES
                    .iter()
                    .flat_map(|name| [(*name).to_owned(), name.to_uppercase()]);
                let proxies = proxies.filter_map(|name| {
                    let proxy = env::var(name).ok()?;
                    // Many leave out the scheme.
                    let url = Url::parse(&proxy).ok().filter(Url::has_host);
                    let url = url.or_else(|| Url::parse(&format!("http://{proxy}")).ok())?;
                    url.host_str().map(str::to_owned)
                });
                let hosts = hosts.iter().cloned().chain(proxies).map(|host| {
                    let host = host.trim_start_matches('[').trim_end_matches(']');
                    format!(", EXCLUDE {host}")
                });
                vec![NOWHERE.to_owned() + &hosts.collect::<String>()]
            }
        }
    }
}

/// How it is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The browser.
    pub program: PathBuf,
    /// Whether it keeps pages in a sandbox.
    pub sandbox: bool,
    /// What of the network it may reach.
    pub network: Network,
}

impl Options {
    /// With this browser, where pages are answered from disk. Chromium's sandbox does not work for root, so it goes without.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            sandbox: !rustix::process::geteuid().is_root(),
            network: Network::Nothing,
        }
    }
}

/// A browser that runs.
#[derive(Debug)]
pub(super) struct Process {
    program: PathBuf,
    child: Child,
    /// Its profile, temporary files and last words; deleted with the value.
    folder: TempDir,
}

impl Process {
    /// Starts it, and hands over the pipes: one for what we ask of it, one for what it says.
    pub(super) fn start(
        options: &Options,
    ) -> Result<(Self, ChildStdin, ChildStdout), BrowserError> {
        let trouble = |source| BrowserError::Run {
            program: options.program.clone(),
            source,
        };
        let folder = tempfile::Builder::new()
            .prefix("chathub-browser-")
            .tempdir()
            .map_err(trouble)?;
        let says = fs::File::create(log(folder.path())).map_err(trouble)?;
        let mut command = Command::new("sh");
        command
            .args(["-c", THROUGH_PIPES])
            .arg(&options.program)
            .args(ARGUMENTS)
            .arg({
                let mut profile = std::ffi::OsString::from("--user-data-dir=");
                profile.push(folder.path().join("profile"));
                profile
            });
        command.args(options.network.arguments());
        if !options.sandbox {
            command.arg("--no-sandbox");
        }
        command
            .arg("about:blank")
            // What it leaves behind when it is killed goes with the folder.
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(says)
            // Ctrl-C is for us; and all that it starts can be ended at once.
            .process_group(0);
        let mut child = command.spawn().map_err(trouble)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let process = Self {
            program: options.program.clone(),
            child,
            folder,
        };
        let (to, from) = pipes.ok_or_else(|| trouble(std::io::ErrorKind::BrokenPipe.into()))?;
        Ok((process, to, from))
    }

    /// The error that it is not there any more, or does not answer.
    pub(super) fn error(&self, what: &'static str) -> BrowserError {
        let says = fs::read(log(self.folder.path())).unwrap_or_default();
        let says = String::from_utf8_lossy(&says);
        // Of many lines, those about the sandbox tell why; else the last one does.
        let mut lines = says.lines().rev().map(str::trim).filter(|l| !l.is_empty());
        let last = lines.clone().find(|line| line.contains("sandbox"));
        let last = last.or_else(|| lines.next()).unwrap_or_default();
        BrowserError::Ended {
            program: self.program.clone(),
            what,
            says: crate::redact::mask(&last.chars().take(LAST_WORDS).collect::<String>()),
        }
    }

    /// Whether it has ended; its number stays taken until [`Child::wait`].
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let ended = waitid(WaitId::Pid(Pid::from_child(&self.child)), options);
        !matches!(ended, Ok(None))
    }
}

fn log(folder: &Path) -> PathBuf {
    folder.join("stderr")
}

/// The pipes have to be closed before: then it ends by itself, and tidily.
impl Drop for Process {
    fn drop(&mut self) {
        let start = Instant::now();
        while !self.has_ended() && start.elapsed() < FAREWELL {
            sleep(Duration::from_millis(10));
        }
        // Also what has outlived it.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}
