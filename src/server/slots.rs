//! How many connections there may be: in all, and from one address.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::peer::Peer;

/// Whether an address may hold any number of connections, as a proxy does for all its visitors.
type Exempt = Box<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// The places for connections.
pub struct Slots {
    most: usize,
    free: Arc<Semaphore>,
    /// 0: any number.
    per_address: u64,
    exempt: Exempt,
    /// How many each address has; those without any are not in it.
    held: Mutex<HashMap<IpAddr, u64>>,
    refused: AtomicU64,
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Slots {
    /// So many places for all, further connections wait; from one address any number.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self::shared(most, 0, |_| true)
    }

    /// So many for all, and no more than `per_address` (0: any number) for one address that is not exempt: what is beyond
    /// that is closed at once.
    #[must_use]
    pub fn shared(
        most: usize,
        per_address: u64,
        exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            most,
            free: Arc::new(Semaphore::new(most)),
            per_address,
            exempt: Box::new(exempt),
            held: Mutex::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.most.saturating_sub(self.free.available_permits())
    }

    /// How many connections were closed because their address had too many.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// A free place, as soon as there is one.
    pub(super) async fn free(self: &Arc<Self>) -> Free {
        // It is never closed.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        Free {
            permit,
            places: Arc::clone(self),
        }
    }
}

/// A place that nobody has yet.
pub(super) struct Free {
    permit: Option<OwnedSemaphorePermit>,
    places: Arc<Slots>,
}

impl Free {
    /// Gives it to a peer; none if that has too many.
    pub(super) fn take(self, peer: Peer) -> Option<Slot> {
        let limited = match peer {
            Peer::At(address) => Some(address.ip().to_canonical()),
            Peer::Local => None,
        };
        let most = self.places.per_address;
        let address = limited.filter(|address| most > 0 && !(self.places.exempt)(*address));
        if let Some(address) = address {
            let mut held = self
                .places
                .held
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let held = held.entry(address).or_default();
            if *held >= most {
                self.places.refused.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            *held += 1;
        }
        Some(Slot {
            _permit: self.permit,
            address,
            places: self.places,
        })
    }
}

/// A place that is taken; it is free again with the value.
pub(super) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
    address: Option<IpAddr>,
    places: Arc<Slots>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(address) = self.address else {
            return;
        };
        let mut held = self
            .places
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_has_so_many_places_and_a_proxy_any_number() {
        let places = Arc::new(Slots::shared(10, 2, |address| address.is_loopback()));
        let peer = |address: [u8; 4]| Peer::At((address, 1).into());
        let take = async |peer| places.free().await.take(peer);
        let one = take(peer([192, 0, 2, 1])).await;
        let two = take(peer([192, 0, 2, 1])).await;
        assert!(one.is_some() && two.is_some());
        assert!(take(peer([192, 0, 2, 1])).await.is_none());
        assert_eq!((places.refused(), places.taken()), (1, 2));
        assert!(take(peer([192, 0, 2, 2])).await.is_some());
        let mut kept = Vec::new();
        for _ in 0..4 {
            kept.push(take(peer([127, 0, 0, 1])).await);
            kept.push(take(Peer::Local).await);
        }
        assert!(kept.iter().all(Option::is_some));
        drop((one, two));
        assert!(take(peer([192, 0, 2, 1])).await.is_some());
        kept.clear();
        assert_eq!(places.taken(), 0);
        assert!(places.held.lock().is_ok_and(|held| held.is_empty()));
    }
}
