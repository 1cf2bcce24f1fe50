//! The binary as all tests run it: told to log all that it can, and searched for secrets when it has ended, on both streams
//! and in every file of its working folder. What a test did not ask to be logged is kept from it.

pub(crate) mod asked;
pub(crate) mod patience;
pub(crate) mod secrets;
pub(crate) mod watch;

use std::ffi::{OsStr, OsString};
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;

use asked::{Asked, LOG};
pub(crate) use watch::Watch;

/// What stays of the environment of the tests: where programs, libraries and temporary files are.
const KEPT: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "TMPDIR"];

/// A run of the binary that is to come.
pub(crate) struct Program {
    command: Command,
    arguments: Vec<OsString>,
    watch: Arc<Watch>,
}

impl Program {
    /// The binary in the watched folder, in an environment of its own: nothing of whoever runs the tests reaches it, neither
    /// settings of this tool nor of colours, languages, proxies or homes.
    pub(crate) fn new(watch: &Arc<Watch>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chathub"));
        command.env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", watch.folder().join("home"))
            .env("XDG_CACHE_HOME", watch.folder().join("cache"))
            .current_dir(watch.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            command,
            arguments: Vec::new(),
            watch: Arc::clone(watch),
        }
    }

    /// The same in a folder that nobody else watches.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self::new(&Arc::new(Watch::new(folder)))
    }

    /// The binary, copied to where everybody may run it: it may lie where only root can go.
    ///
    /// By a process of its own: were this one to write it, a test that starts another process meanwhile would hand on the
    /// open file, and what is open for writing cannot be run (ETXTBSY).
    pub(crate) fn copied(mut self) -> Self {
        let binary = self.watch.folder().join(watch::BINARY);
        if !binary.exists() {
            let copied = Command::new("cp")
                .arg(self.command.get_program())
                .arg(&binary)
                .status();
            assert!(
                copied.expect("cp runs").success(),
                "cp {}",
                binary.display()
            );
        }
        let mut command = Command::new(binary);
        command.args(self.command.get_args());
        self.replace(command);
        self
    }

    /// The same run, started by another program: these words, and behind them the binary and its arguments.
    pub(crate) fn under(mut self, words: &[&str]) -> Self {
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .arg(self.command.get_program())
            .args(self.command.get_args());
        self.replace(command);
        self
    }

    /// Takes another command, which gets what was set so far but for the streams.
    fn replace(&mut self, mut command: Command) {
        command.env_clear();
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
            .current_dir(self.command.get_current_dir().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self.command = command;
    }

    /// Runs it as somebody else; only root can.
    #[cfg(unix)]
    pub(crate) fn by(mut self, user: u32) -> Self {
        use std::os::unix::process::CommandExt as _;
        self.command.uid(user).gid(user);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(
        &mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> &mut Self {
        for argument in arguments {
            self.command.arg(&argument);
            self.arguments.push(argument.as_ref().to_owned());
        }
        self
    }

    pub(crate) fn env(&mut self, name: &str, value: impl AsRef<OsStr>) -> &mut Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn env_clear(&mut self) -> &mut Self {
        self.command.env_clear();
        self
    }

    pub(crate) fn current_dir(&mut self, folder: impl AsRef<Path>) -> &mut Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn stdin(&mut self, stdin: impl Into<Stdio>) -> &mut Self {
        self.command.stdin(stdin);
        self
    }

    pub(crate) fn stdout(&mut self, stdout: impl Into<Stdio>) -> &mut Self {
        self.command.stdout(stdout);
        self
    }

    pub(crate) fn stderr(&mut self, stderr: impl Into<Stdio>) -> &mut Self {
        self.command.stderr(stderr);
        self
    }

    /// Starts it.
    pub(crate) fn spawn(&mut self) -> Running {
        let environment = self.command.get_envs();
        let environment: Vec<(String, String)> = environment
            .filter_map(|(name, value)| {
                Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned()))
            })
            .collect();
        let words = self.arguments.iter().map(|word| word.to_string_lossy());
        let asked = Asked::of(words.map(Into::into).collect(), &environment);
        if !environment.iter().any(|(name, _)| name == LOG) {
            self.command.env(LOG, "debug");
        }
        self.watch.before(&asked, &environment);
        Running {
            child: Some(self.command.spawn().expect("the binary runs")),
            asked,
            watch: Arc::clone(&self.watch),
        }
    }

    /// Runs it to its end.
    pub(crate) fn run(&mut self) -> Ended {
        self.spawn().end()
    }
}

/// A run under way. It is searched by [`Running::end`], and killed and searched with the value otherwise.
pub(crate) struct Running {
    child: Option<Child>,
    asked: Asked,
    watch: Arc<Watch>,
}

/// A run that has ended, without what the test did not ask to be logged.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Running {
    /// Waits for its end, and searches all that it has left behind.
    pub(crate) fn end(mut self) -> Ended {
        let child = self.child.take().unwrap();
        let output = child.wait_with_output().unwrap();
        self.search(&output.stdout, &output.stderr);
        Ended {
            status: output.status,
            stdout: output.stdout,
            stderr: self.asked.only(&output.stderr),
        }
    }

    /// The same where the streams have been read by others, who give all of both.
    pub(crate) fn end_with(mut self, stdout: &[u8], stderr: &[u8]) -> ExitStatus {
        let status = self.child.take().unwrap().wait().unwrap();
        self.search(stdout, stderr);
        status
    }

    /// What its test asked it for.
    pub(crate) fn asked(&self) -> &Asked {
        &self.asked
    }

    fn search(&self, stdout: &[u8], stderr: &[u8]) {
        let found = self.watch.after(&self.asked, stdout, stderr);
        let arguments = &self.asked.arguments;
        assert!(
            found.is_empty(),
            "{arguments:?} gives away:\n{}",
            found.join("\n")
        );
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        self.child.as_ref().unwrap()
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        self.child.as_mut().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let _ = child.kill();
        let output: io::Result<_> = child.wait_with_output();
        // A test that fails already says why.
        if let Ok(output) = output
            && !thread::panicking()
        {
            self.search(&output.stdout, &output.stderr);
        }
    }
}

/// A path of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
