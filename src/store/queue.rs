//! The outbox as the store holds it.
//!
//! 1. An item enters once for each key, and takes the place of what is undelivered in its slot.
//! 2. It is claimed when it is due: updates first, oldest first, one in flight for each place.
//! 3. It is settled by a commit. Sent and superseded are final; dead may be tried again.
//! 4. What is settled stays readable for a day, and at most [`SETTLED_MOST`] of it; the events keep the deliveries.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UtcMs;
use crate::ids::IncidentId;
use crate::outbox::{Item, ItemKey, Kept, Progress};

/// Settled items that are kept at most.
pub const SETTLED_MOST: usize = 2_000;

/// How long a settled item is kept.
const SETTLED_FOR: Duration = Duration::from_secs(24 * 3600);

/// How long an uncertain item rests, so that a message that is still on its way can be found.
const UNCERTAIN_REST: Duration = Duration::from_secs(2);

/// Place of an item in the order in which items came.
pub(super) type Order = u64;

/// All items that are kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "QueueForm", into = "QueueForm")]
pub(super) struct Queue {
    next: Order,
    live: BTreeMap<Order, Kept>,
    settled: VecDeque<Settled>,
    by_key: HashMap<ItemKey, Order>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Settled {
    order: Order,
    at: UtcMs,
    kept: Kept,
}

/// The queue in a snapshot.
#[derive(Serialize, Deserialize)]
struct QueueForm {
    next: Order,
    live: Vec<(Order, Kept)>,
    settled: VecDeque<Settled>,
}

impl From<QueueForm> for Queue {
    fn from(form: QueueForm) -> Self {
        let live: BTreeMap<Order, Kept> = form.live.into_iter().collect();
        let of_live = live.iter().map(|(order, kept)| (kept.item.key.clone(), *order));
        let of_settled = form.settled.iter().map(|settled| (settled.kept.item.key.clone(), settled.order));
        Queue { next: form.next, by_key: of_live.chain(of_settled).collect(), live, settled: form.settled }
    }
}

impl From<Queue> for QueueForm {
    fn from(queue: Queue) -> Self {
        QueueForm { next: queue.next, live: queue.live.into_iter().collect(), settled: queue.settled }
    }
}

impl Queue {
    /// Takes an item in, unless its key is already there.
    pub fn enqueue(&mut self, item: &Item, at: UtcMs) {
        if self.by_key.contains_key(&item.key) {
            return;
        }
        self.supersede(&item.slot, &item.key, at);
        self.by_key.insert(item.key.clone(), self.next);
        let kept = Kept { item: item.clone(), progress: Progress::Due, attempts: 0 };
        self.live.insert(self.next, kept);
        self.next += 1;
    }

    fn supersede(&mut self, slot: &str, by: &ItemKey, at: UtcMs) {
        let older: Vec<Order> = self
            .live
            .iter()
            .filter(|(_, kept)| kept.item.slot == slot)
            .filter(|(_, kept)| matches!(kept.progress, Progress::Due | Progress::Retry { .. }))
            .map(|(order, _)| *order)
            .collect();
        for order in older {
            self.finish(order, Progress::Superseded { by: by.clone() }, at);
        }
    }

    /// Writes down what became of an item. Left alone where that is not known any more or is final.
    pub fn settle(&mut self, key: &ItemKey, progress: &Progress, at: UtcMs) {
        let Some(order) = self.by_key.get(key).copied() else {
            return;
        };
        if !self.live.contains_key(&order) {
            self.revive_dead(order);
        }
        let Some(kept) = self.live.get_mut(&order) else {
            return;
        };
        if is_final(progress) {
            self.finish(order, progress.clone(), at);
            return;
        }
        let slot = kept.item.slot.clone();
        kept.progress = progress.clone();
        // Between claim and answer a newer one may have come: the older one must not arrive after it.
        if matches!(progress, Progress::Due | Progress::Retry { .. })
            && let Some(newer) = self.newest_after(order, &slot)
        {
            self.finish(order, Progress::Superseded { by: newer }, at);
        }
    }

    fn newest_after(&self, order: Order, slot: &str) -> Option<ItemKey> {
        self.live
            .range(order + 1..)
            .rev()
            .find(|(_, kept)| kept.item.slot == slot)
            .map(|(_, kept)| kept.item.key.clone())
    }

    fn revive_dead(&mut self, order: Order) {
        let dead = |settled: &Settled| {
            settled.order == order && matches!(settled.kept.progress, Progress::Dead { .. })
        };
        if let Some(index) = self.settled.iter().position(dead)
            && let Some(settled) = self.settled.remove(index)
        {
            self.live.insert(order, settled.kept);
        }
    }

    fn finish(&mut self, order: Order, progress: Progress, at: UtcMs) {
        if let Some(mut kept) = self.live.remove(&order) {
            kept.progress = progress;
            self.settled.push_back(Settled { order, at, kept });
        }
    }

    /// Lets go of what was settled long ago.
    pub fn prune(&mut self, now: UtcMs) {
        while let Some(oldest) = self.settled.front()
            && (self.settled.len() > SETTLED_MOST || now.since(oldest.at) > SETTLED_FOR)
        {
            self.by_key.remove(&oldest.kept.item.key);
            self.settled.pop_front();
        }
    }

    /// Lets go of everything that is settled.
    pub fn drop_settled(&mut self) {
        for settled in self.settled.drain(..) {
            self.by_key.remove(&settled.kept.item.key);
        }
    }

    /// What may be claimed now, in the order in which it is to be brought.
    pub fn claimable(&self, now: UtcMs, max: usize) -> Vec<Order> {
        let mut due: Vec<(u8, UtcMs, Order, &Kept)> = self
            .live
            .iter()
            .filter_map(|(order, kept)| Some((kept.item.purpose.rank(), due_at(kept)?, *order, kept)))
            .filter(|(_, at, _, _)| *at <= now)
            .collect();
        due.sort_unstable_by_key(|(rank, at, order, _)| (*rank, *at, *order));
        let blocked = self.blocked();
        let mut busy = self.busy_places();
        due.into_iter()
            .filter(|(_, _, order, _)| !blocked.contains(order))
            .filter(|(_, _, _, kept)| busy.insert(&kept.item.place))
            .map(|(_, _, order, _)| order)
            .take(max)
            .collect()
    }

    /// Places to which something is on its way.
    fn busy_places(&self) -> HashSet<&crate::outbox::Place> {
        self.live
            .values()
            .filter(|kept| matches!(kept.progress, Progress::Claimed { .. }))
            .map(|kept| &kept.item.place)
            .collect()
    }

    /// Items that wait for an earlier one of their slot.
    fn blocked(&self) -> HashSet<Order> {
        let mut seen = HashSet::new();
        self.live
            .iter()
            .filter(|(_, kept)| !seen.insert(kept.item.slot.as_str()))
            .map(|(order, _)| *order)
            .collect()
    }

    /// The items as they were before the claim, with this attempt counted.
    pub fn view(&self, orders: &[Order]) -> Vec<Kept> {
        let counted = |kept: &Kept| Kept { attempts: kept.attempts + 1, ..kept.clone() };
        orders.iter().filter_map(|order| self.live.get(order).map(counted)).collect()
    }

    /// Marks items as being brought.
    pub fn claim(&mut self, orders: &[Order], at: UtcMs) {
        for order in orders {
            if let Some(kept) = self.live.get_mut(order) {
                kept.progress = Progress::Claimed { at };
                kept.attempts += 1;
            }
        }
    }

    /// After a restart: what was being brought may or may not have arrived. Returns how many.
    pub fn doubt_claimed(&mut self) -> usize {
        let mut doubted = 0;
        for kept in self.live.values_mut() {
            if let Progress::Claimed { at } = kept.progress {
                let why = "Watchpost stopped while this was being delivered".to_owned();
                kept.progress = Progress::Uncertain { at, why };
                doubted += 1;
            }
        }
        doubted
    }

    /// When the next item can be claimed.
    pub fn next_due(&self) -> Option<UtcMs> {
        let blocked = self.blocked();
        let busy = self.busy_places();
        self.live
            .iter()
            .filter(|(order, kept)| !blocked.contains(order) && !busy.contains(&kept.item.place))
            .filter_map(|(_, kept)| due_at(kept))
            .min()
    }

    /// The items of an incident, oldest first.
    pub fn of(&self, incident: IncidentId) -> Vec<Kept> {
        let settled = self.settled.iter().map(|settled| (settled.order, &settled.kept));
        let live = self.live.iter().map(|(order, kept)| (*order, kept));
        let mut found: Vec<(Order, &Kept)> =
            settled.chain(live).filter(|(_, kept)| kept.item.incident == Some(incident)).collect();
        found.sort_unstable_by_key(|(order, _)| *order);
        found.into_iter().map(|(_, kept)| kept.clone()).collect()
    }

    /// Items that are not settled.
    pub fn open(&self) -> usize {
        self.live.len()
    }
}

/// When an item may be claimed; `None` while it is on its way.
fn due_at(kept: &Kept) -> Option<UtcMs> {
    match &kept.progress {
        Progress::Due => Some(kept.item.due),
        Progress::Retry { at, .. } => Some(*at),
        Progress::Uncertain { at, .. } => Some(*at + UNCERTAIN_REST),
        Progress::Claimed { .. }
        | Progress::Sent { .. }
        | Progress::Dead { .. }
        | Progress::Superseded { .. } => None,
    }
}

fn is_final(progress: &Progress) -> bool {
    matches!(progress, Progress::Sent { .. } | Progress::Dead { .. } | Progress::Superseded { .. })
}
