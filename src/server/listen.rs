//! Listening sockets: opened at an address or a path, or handed over by the program that started this one.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};
use tokio_util::either::Either;

use super::peer::Peer;
use super::slots::{Slot, Slots};

#[cfg(unix)]
pub(super) type Stream = Either<TcpStream, UnixStream>;
#[cfg(not(unix))]
pub(super) type Stream = Either<TcpStream, TcpStream>;

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// At an address.
    Tcp(TcpListener),
    /// At a path; the file goes with the value, if we made it.
    #[cfg(unix)]
    Unix(UnixListener, Option<SocketFile>),
}

/// Where to listen.
#[derive(Debug, Clone, Copy)]
pub enum Bound<'a> {
    /// At an address.
    Tcp(SocketAddr),
    /// At a path.
    Unix(&'a Path),
}

/// A socket's file, which is deleted with the value.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Listens there.
pub async fn bind(at: Bound<'_>) -> io::Result<Listener> {
    match at {
        Bound::Tcp(address) => TcpListener::bind(address).await.map(Listener::Tcp),
        #[cfg(unix)]
        Bound::Unix(path) => bind_unix(path).await,
        #[cfg(not(unix))]
        Bound::Unix(_) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system has no such sockets",
        )),
    }
}

/// Who may connect: the user and the group that the program runs as.
#[cfg(unix)]
const SOCKET_MODE: u32 = 0o660;

#[cfg(unix)]
async fn bind_unix(path: &Path) -> io::Result<Listener> {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    // What a killed process has left is in the way, and answers nobody.
    if fs::symlink_metadata(path).is_ok_and(|there| there.file_type().is_socket())
        && let Err(error) = UnixStream::connect(path).await
        && error.kind() == io::ErrorKind::ConnectionRefused
    {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    let file = SocketFile(path.to_owned());
    fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
    Ok(Listener::Unix(listener, Some(file)))
}

/// The sockets that systemd (or a program that speaks its protocol) opened for this process, in the order of its unit.
pub fn handed_over() -> io::Result<Vec<Listener>> {
    let mut sockets = ListenFd::from_env();
    let mut listeners = Vec::new();
    for index in 0..sockets.len() {
        #[cfg(unix)]
        if let Ok(Some(unix)) = sockets.take_unix_listener(index) {
            unix.set_nonblocking(true)?;
            listeners.push(Listener::Unix(UnixListener::from_std(unix)?, None));
            continue;
        }
        if let Some(tcp) = sockets.take_tcp_listener(index)? {
            tcp.set_nonblocking(true)?;
            listeners.push(Listener::Tcp(TcpListener::from_std(tcp)?));
        }
    }
    Ok(listeners)
}

impl Listener {
    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // Replies are small and whole: waiting for more to send only delays them.
                let _ = stream.set_nodelay(true);
                Ok((Either::Left(stream), Peer::At(address)))
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok((Either::Right(stream), Peer::Local))
            }
        }
    }

    /// The address, if it has one.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Self::Unix(..) => None,
        }
    }

    /// The path, if it has one.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Tcp(_) => None,
            #[cfg(unix)]
            Self::Unix(listener, _) => Some(listener.local_addr().ok()?.as_pathname()?.to_owned()),
        }
    }
}

/// How long the system may take to hand over a connection that it has accepted.
const AT_ONCE: Duration = Duration::from_millis(50);

/// A connection that the system has accepted already, once there is a place for it; none when there are no more.
pub(super) async fn waiting(listener: &Listener, places: &Arc<Slots>) -> Option<Accepted> {
    loop {
        let free = places.free().await;
        let (stream, peer) = timeout(AT_ONCE, listener.accept()).await.ok()?.ok()?;
        if let Some(place) = free.take(peer) {
            return Some(Accepted {
                stream,
                peer,
                place,
            });
        }
    }
}

/// What to do after an error of `accept`.
pub(super) struct Pause(Duration);

/// The first pause; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pause {
    /// Nothing where one client broke off; else a pause: others have to end first, as where no file can be opened any more.
    pub(super) async fn after(&mut self, error: &io::Error) {
        if matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
        ) {
            return;
        }
        tracing::warn!(error = %error, pause = ?self.0, "no connection can be accepted");
        sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}

/// A connection, and the place that it takes.
pub(super) struct Accepted {
    pub(super) stream: Stream,
    pub(super) peer: Peer,
    pub(super) place: Slot,
}
