//! First come, first served, one at a time, for each lane.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

type Waiting = HashMap<String, Arc<tokio::sync::Mutex<()>>>;

/// All lanes in which somebody waits or drives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lanes {
    lanes: Arc<Mutex<Waiting>>,
}

/// The right of way in one lane; given back when dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    lanes: Lanes,
    name: String,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Lanes {
    /// Waits behind those who came before. May be dropped while it waits.
    pub(crate) async fn enter(&self, name: &str) -> Pass {
        let lane = Arc::clone(self.table().entry(name.to_owned()).or_default());
        // Made before waiting, so that a caller who gives up leaves nothing behind.
        let mut pass = Pass { lanes: self.clone(), name: name.to_owned(), guard: None };
        pass.guard = Some(lane.lock_owned().await);
        pass
    }

    fn table(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.guard = None;
        let mut table = self.lanes.table();
        if table.get(&self.name).is_some_and(|lane| Arc::strong_count(lane) == 1) {
            table.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_order_of_arrival_is_kept_and_empty_lanes_are_forgotten() {
        let lanes = Lanes::default();
        let order = Arc::new(Mutex::new(Vec::new()));
        let first = lanes.enter("a").await;
        let tasks: Vec<_> = (0..10)
            .map(|number| {
                let (lanes, order) = (lanes.clone(), Arc::clone(&order));
                tokio::spawn(async move {
                    let _pass = lanes.enter("a").await;
                    order.lock().unwrap().push(number);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        let _other = lanes.enter("b").await;
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
        assert_eq!(lanes.table().keys().collect::<Vec<_>>(), ["b"]);
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_nothing_behind() {
        let lanes = Lanes::default();
        let first = lanes.enter("a").await;
        assert!(futures::poll!(Box::pin(lanes.enter("a"))).is_pending());
        drop(first);
        assert!(lanes.table().is_empty());
    }
}
