//! Who is asking: the client's address, as far as it can be believed, and how often it may ask.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};
use governor::clock::{Clock, DefaultClock};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

use super::proxy_headers::addresses;
use crate::server::Peer;

/// Proxies, and what they tell.
#[derive(Debug)]
pub(super) struct Proxies {
    pub(super) trusted: Vec<IpNet>,
    pub(super) client_header: Option<HeaderName>,
    /// What has been said about them, which once is enough for.
    pub(super) told: Told,
}

/// What is said once.
#[derive(Debug, Default)]
pub(super) struct Told {
    uncounted: AtomicBool,
    unreadable: AtomicBool,
}

/// Headers in which proxies tell the client's address.
static OF_PROXIES: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-for"),
    FORWARDED,
    HeaderName::from_static("x-real-ip"),
];

impl Proxies {
    /// Whether the headers of the client that connects are believed: of the proxies' addresses, and of who may open our socket.
    pub(super) fn trusts(&self, peer: Peer) -> bool {
        match peer {
            Peer::At(_) => self.knows(peer.ip()),
            Peer::Local => true,
        }
    }

    /// Whether an address is one of the proxies'.
    fn knows(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The client's address: the one that connects, or the nearest that trusted proxies tell and that is none of theirs.
    /// Where one of them hides the next, or tells what is not an address, it is that proxy's.
    pub(super) fn client(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.ip();
        let Some(name) = self.client_header.as_ref().filter(|_| self.trusts(peer)) else {
            return client;
        };
        // What a client makes up itself stands to the left of what the proxies add.
        for told in addresses(headers, name) {
            let Some(told) = told else {
                self.unreadable(name);
                break;
            };
            client = told;
            if !self.knows(client) {
                break;
            }
        }
        client
    }

    /// Says once that all visitors of a proxy are counted as one, if they are: `limit` is what they share.
    pub(super) fn look_for_a_proxy(&self, peer: Peer, headers: &HeaderMap, limit: u64) {
        if self.client_header.is_some() || self.told.uncounted.load(Ordering::Relaxed) {
            return;
        }
        let Some(header) = OF_PROXIES.iter().find(|name| headers.contains_key(*name)) else {
            return;
        };
        if self.trusts(peer) && !self.told.uncounted.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                network.peer.address = %peer.ip(),
                "requests come through a proxy that tells the clients' addresses in {header}, and endpoint.client-header is not \
                 set: all its visitors share one limit of {limit} requests a minute; make sure that the proxy overwrites \
                 {header}, and set client-header = \"{header}\""
            );
        }
    }

    fn unreadable(&self, name: &HeaderName) {
        if !self.told.unreadable.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy's {name} holds something that is not an address; requests like that one are counted as the proxy's own"
            );
        }
    }
}

/// The buckets that clients are counted in, by the values of a `u16`.
struct Buckets(Box<[InMemoryState]>);

impl Default for Buckets {
    fn default() -> Self {
        let one_each = (0..=u16::MAX).map(|_| InMemoryState::default());
        Self(one_each.collect())
    }
}

impl StateStore for Buckets {
    type Key = u16;

    fn measure_and_replace<T, F, E>(&self, bucket: &u16, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0[usize::from(*bucket)].measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

/// Counts requests per client, in a fixed number of buckets: memory is the same for ten clients and for ten million, and
/// none waits for another. Two clients in one bucket share it; which ones do nobody can know beforehand.
pub(super) struct RateLimit {
    limiter: RateLimiter<u16, Buckets, DefaultClock>,
    seed: RandomState,
    clock: DefaultClock,
}

impl RateLimit {
    /// So many requests a minute, a third of them at once.
    pub(super) fn per_minute(requests: NonZeroU32) -> Self {
        let burst = NonZeroU32::new(requests.get() / 3).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(requests).allow_burst(burst);
        let clock = DefaultClock::default();
        Self {
            limiter: RateLimiter::new(quota, Buckets::default(), clock.clone()),
            seed: RandomState::new(),
            clock,
        }
    }

    /// Counts a request; the seconds to wait if it is one too many.
    pub(super) fn check(&self, who: Who<'_>) -> Result<(), u64> {
        let who = match who {
            Who::Client(address) => Who::Client(whole(address)),
            user @ Who::User(_) => user,
        };
        let hash = self.seed.hash_one(who);
        let [low, high, ..] = hash.to_le_bytes();
        let bucket = u16::from_le_bytes([low, high]);
        let verdict = self.limiter.check_key(&bucket);
        verdict.map_err(|until| until.wait_time_from(self.clock.now()).as_secs() + 1)
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who<'a> {
    /// A client's, by its address.
    Client(IpAddr),
    /// A user's, wherever they come from.
    User(&'a [u8]),
}

/// The part of an address that one client has to itself: providers hand out IPv6 by the /64.
fn whole(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: &str, header: Option<&'static str>, told: &[&'static str]) -> String {
        let proxies = Proxies {
            trusted: vec![
                "127.0.0.0/8".parse().unwrap(),
                "10.0.0.0/8".parse().unwrap(),
            ],
            client_header: header.map(HeaderName::from_static),
            told: Told::default(),
        };
        let mut headers = HeaderMap::new();
        for value in told {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        proxies
            .client(Peer::At((address(peer), 1).into()), &headers)
            .to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_when_configured() {
        let header = Some("x-forwarded-for");
        for (peer, header, told, wanted) in [
            ("127.0.0.1", None, &["1.2.3.4"] as &[_], "127.0.0.1"),
            ("127.0.0.1", header, &["1.2.3.4"], "1.2.3.4"),
            ("::ffff:127.0.0.1", header, &["1.2.3.4"], "1.2.3.4"),
            ("9.9.9.9", header, &["1.2.3.4"], "9.9.9.9"),
            // The client made the first one up.
            ("127.0.0.1", header, &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (
                "127.0.0.1",
                header,
                &["6.6.6.6, 1.2.3.4, 10.0.0.7"],
                "1.2.3.4",
            ),
            ("127.0.0.1", header, &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", header, &["1.2.3.4, nonsense"], "127.0.0.1"),
            ("127.0.0.1", header, &["10.0.0.7"], "10.0.0.7"),
            (
                "127.0.0.1",
                header,
                &["1.2.3.4, unknown, 10.0.0.7"],
                "10.0.0.7",
            ),
            ("127.0.0.1", header, &["1.2.3.4:5, 10.0.0.7:6"], "1.2.3.4"),
            ("127.0.0.1", header, &[], "127.0.0.1"),
        ] {
            assert_eq!(client(peer, header, told), wanted, "{peer} {told:?}");
        }
    }

    #[test]
    fn a_client_is_limited_and_others_are_not() {
        let limit = RateLimit::per_minute(NonZeroU32::new(30).unwrap());
        let one = address("192.0.2.1");
        assert_eq!(
            (0..10)
                .filter(|_| limit.check(Who::Client(one)).is_ok())
                .count(),
            10
        );
        assert!((1..=3).contains(&limit.check(Who::Client(one)).unwrap_err()));
        // One in 65,536 shares its bucket.
        let others = (0..100).filter(|n| {
            limit
                .check(Who::Client(address(&format!("198.51.100.{n}"))))
                .is_ok()
        });
        assert!(others.count() >= 98);
    }

    #[test]
    fn a_user_is_limited_wherever_the_requests_come_from() {
        let limit = RateLimit::per_minute(NonZeroU32::new(3).unwrap());
        assert!(limit.check(Who::User(b"olena")).is_ok());
        assert!(limit.check(Who::User(b"olena")).is_err());
        assert!(limit.check(Who::User(b"taras")).is_ok());
    }

    #[test]
    fn a_provider_network_is_one_client() {
        let limit = RateLimit::per_minute(NonZeroU32::new(3).unwrap());
        assert!(limit.check(Who::Client(address("2001:db8::1"))).is_ok());
        assert!(
            limit
                .check(Who::Client(address("2001:db8::ffff:2")))
                .is_err()
        );
    }

    #[test]
    fn every_client_has_a_bucket_and_all_of_them_take_half_a_mebibyte() {
        let limit = RateLimit::per_minute(NonZeroU32::new(60).unwrap());
        for n in 0..100_000_u32 {
            let _ = limit.check(Who::Client(IpAddr::V4(
                n.wrapping_mul(2_654_435_761).into(),
            )));
        }
        assert_eq!(size_of_val(&*Buckets::default().0), 1 << 19);
    }
}
