//! Reading with an end: of size, of time, and of the program that is read from.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The longest secret, in bytes.
pub(super) const MOST: usize = 64 << 10;
/// How long a source may take.
pub(super) const TIME: Duration = Duration::from_secs(30);
/// How often it is looked whether anybody still wants the secret, and whether a program has ended.
const SLICE: Duration = Duration::from_millis(50);

/// Why nothing was read.
#[derive(Debug)]
pub(super) enum ReadError {
    Io(io::Error),
    TooLong,
    TooSlow,
    /// Nobody wants it any more.
    Stopped,
}

/// Until when somebody waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience<'a> {
    end: Instant,
    stopped: &'a AtomicBool,
}

impl<'a> Patience<'a> {
    pub(super) fn new(stopped: &'a AtomicBool) -> Self {
        Self {
            end: Instant::now() + TIME,
            stopped,
        }
    }

    /// The time until the next look, unless this is the end.
    fn left(&self) -> Result<Duration, ReadError> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(ReadError::Stopped);
        }
        match self.end.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left.min(SLICE)),
            _ => Err(ReadError::TooSlow),
        }
    }
}

/// What a file holds, whatever kind of file it is: a device may have no end, and a FIFO nobody who writes.
pub(super) fn file(path: &Path, patience: Patience<'_>) -> Result<Vec<u8>, ReadError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // A FIFO is opened also where nobody writes to it yet.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path).map_err(ReadError::Io)?;
    all(file, patience, || false)
}

/// What a program prints, and how it ended. It is killed where it takes too long or prints too much, with all that it has
/// started.
pub(super) fn output(
    command: &mut Command,
    patience: Patience<'_>,
) -> Result<(Vec<u8>, ExitStatus), ReadError> {
    let mut running = Running::start(command).map_err(ReadError::Io)?;
    let stdout = running.child.stdout.take();
    let stdout = stdout.ok_or_else(|| ReadError::Io(io::ErrorKind::BrokenPipe.into()))?;
    #[cfg(unix)]
    {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        fcntl_getfl(&stdout)
            .and_then(|flags| fcntl_setfl(&stdout, flags | OFlags::NONBLOCK))
            .map_err(|error| ReadError::Io(error.into()))?;
    }
    // What it has started may go on and keep the pipe open; its own output is whole when it has ended.
    let text = all(stdout, patience, || running.ended().is_some())?;
    loop {
        if let Some(status) = running.ended() {
            return Ok((text, status));
        }
        sleep(patience.left()?.min(Duration::from_millis(5)));
    }
}

/// A program that is killed with the value, unless it has ended.
struct Running {
    child: Child,
    status: Option<ExitStatus>,
    /// Whether it is in a process group of its own.
    apart: bool,
}

impl Running {
    fn start(command: &mut Command) -> io::Result<Self> {
        // At a terminal it stays in front, so that it can ask for a passphrase and Ctrl-C ends it together with us.
        let apart = cfg!(unix) && File::open("/dev/tty").is_err();
        #[cfg(unix)]
        if apart {
            std::os::unix::process::CommandExt::process_group(command, 0);
        }
        Ok(Self {
            child: command.spawn()?,
            status: None,
            apart,
        })
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        #[cfg(unix)]
        if self.apart {
            use rustix::process::{Pid, Signal, kill_process_group};
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything up to the end, or up to what is there once it is `over`.
#[cfg(unix)]
fn all(
    mut from: impl Read + std::os::fd::AsFd,
    patience: Patience<'_>,
    mut over: impl FnMut() -> bool,
) -> Result<Vec<u8>, ReadError> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::time::Timespec;

    let mut bytes = Vec::new();
    let mut buffer = vec![0; MOST + 1];
    loop {
        let left = Timespec::try_from(patience.left()?).unwrap_or_default();
        let was_over = over();
        let ready = poll(&mut [PollFd::new(&from, PollFlags::IN)], Some(&left));
        match ready {
            Ok(0) if was_over => return Ok(bytes),
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(ReadError::Io(error.into())),
        }
        match from.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(ReadError::Io(error)),
        }
        if bytes.len() > MOST {
            return Err(ReadError::TooLong);
        }
    }
}

#[cfg(not(unix))]
fn all(
    from: impl Read,
    patience: Patience<'_>,
    _over: impl FnMut() -> bool,
) -> Result<Vec<u8>, ReadError> {
    patience.left()?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST).unwrap_or(u64::MAX) + 1;
    from.take(most)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    if bytes.len() > MOST {
        return Err(ReadError::TooLong);
    }
    Ok(bytes)
}
