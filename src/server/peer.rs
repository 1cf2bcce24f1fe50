//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Somebody with an address.
    At(SocketAddr),
    /// A program on this machine that may open our socket.
    Local,
}

impl Peer {
    /// Its address; one of this machine where it has none.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        match self {
            Self::At(address) => address.ip().to_canonical(),
            Self::Local => IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }
}
