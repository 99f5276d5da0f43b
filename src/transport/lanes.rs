//! Politeness: one connection at a time to an address and port, and a limited number at all.
//!
//! Mail servers count connections by client address; a second one at the same time is refused by some, and looks like
//! an outage then.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: Mutex<HashMap<SocketAddr, Weak<tokio::sync::Mutex<()>>>>,
    all: Mutex<Option<Arc<Semaphore>>>,
}

/// Held while a connection is open.
pub(super) struct Turn {
    _lane: OwnedMutexGuard<()>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Lanes {
    /// Waits for the turn. First the lane, then the place: who waits for a lane takes no place from others.
    pub async fn turn(&self, address: SocketAddr, at_once: usize) -> Turn {
        let lane = self.lane(address).lock_owned().await;
        let place = self.places(at_once).acquire_owned().await.ok();
        Turn { _lane: lane, _place: place }
    }

    fn lane(&self, address: SocketAddr) -> Arc<tokio::sync::Mutex<()>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(&address).and_then(Weak::upgrade) {
            return lane;
        }
        lanes.retain(|_, lane| lane.strong_count() > 0);
        let lane = Arc::default();
        lanes.insert(address, Arc::downgrade(&lane));
        lane
    }

    /// The first caller's number holds for all.
    fn places(&self, at_once: usize) -> Arc<Semaphore> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.get_or_insert_with(|| Arc::new(Semaphore::new(at_once.max(1)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn address(last: u8) -> SocketAddr {
        ([192, 0, 2, last], 25).into()
    }

    #[tokio::test]
    async fn one_at_a_time_to_an_address_and_so_many_at_all() {
        let lanes = Lanes::default();
        let first = lanes.turn(address(1), 2).await;
        assert!(lanes.turn(address(1), 2).now_or_never().is_none());
        let second = lanes.turn(address(2), 2).now_or_never().expect("another lane is free");
        assert!(lanes.turn(address(3), 2).now_or_never().is_none());
        drop(first);
        let third = lanes.turn(address(1), 2).now_or_never();
        assert!(third.is_some());
        drop((second, third));
        drop(lanes.turn(address(4), 2).await);
        assert!(lanes.lanes.lock().unwrap().len() <= 2, "lanes that nobody uses are forgotten");
    }
}
