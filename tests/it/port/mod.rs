//! A port that stays free: between looking for one and listening on it, another program could take it.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::sockopt::set_socket_reuseport;
use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

/// A port of loopback that is taken for as long as the value lives, and on which nobody listens: who connects is refused. A
/// server that asks for `SO_REUSEPORT`, of the same user, may listen on it.
pub(crate) struct Port {
    _socket: OwnedFd,
    pub(crate) address: SocketAddr,
}

impl Port {
    pub(crate) fn reserved() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        // What other tests start must not keep it.
        fcntl_setfd(&socket, FdFlags::CLOEXEC).unwrap();
        set_socket_reuseport(&socket, true).unwrap();
        bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = getsockname(&socket).unwrap().try_into().unwrap();
        Self {
            _socket: socket,
            address,
        }
    }
}
