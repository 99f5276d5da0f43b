//! Brings what is due, again and again, until there is proof.
//!
//! 1. Wait until something is due, or was just put in.
//! 2. Let the desk carry out the due times that have come.
//! 3. Claim what is due, and bring it: one at a time for each place.
//! 4. What may have arrived is looked for first.
//! 5. Let the desk record what became of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use watchpost_texts::say;

use super::{Delivery, Kept, Place, Progress, Transport};
use crate::desk::Desk;
use crate::store::StoreError;

/// Items that are brought at the same time.
const AT_ONCE: usize = 32;
/// A transport that takes longer than this has lost its answer.
const LONGEST_DELIVERY: Duration = Duration::from_secs(30);
/// How often the clock is looked at when nothing happens.
const LOOK_AT_THE_CLOCK: Duration = Duration::from_secs(60);
/// How long to wait when the store does not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Where items of each sort are handed to.
#[derive(Clone)]
pub struct Transports {
    /// Channels, threads and direct messages.
    pub chat: Arc<dyn Transport>,
    /// Everything that is not chat.
    pub routes: Arc<dyn Transport>,
}

impl Transports {
    fn for_place(&self, place: &Place) -> Arc<dyn Transport> {
        match place {
            Place::Channel(_) | Place::Direct(_) => self.chat.clone(),
            Place::Route(_) => self.routes.clone(),
        }
    }
}

/// Runs until `stop` becomes true; what is under way then is given the time it needs.
pub async fn run(desk: Arc<Desk>, transports: Transports, mut stop: watch::Receiver<bool>) {
    let mut under_way: JoinSet<()> = JoinSet::new();
    loop {
        // Asked for before looking, so that a commit between looking and waiting is not missed.
        let changed = desk.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let due = match start_due(&desk, &transports, &mut under_way, &stop).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "the outbox waits for the store");
                tokio::time::sleep(STORE_PAUSE).await;
                Some(desk.clock().now())
            }
        };
        tokio::select! {
            () = changed => {}
            () = wait_for(&desk, due, under_way.len() < AT_ONCE) => {}
            // By the machine's own beat: a clock that was set back is noticed, though nothing is due by it.
            () = tokio::time::sleep(LOOK_AT_THE_CLOCK) => {}
            Some(_) = under_way.join_next() => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn wait_for(desk: &Desk, due: Option<crate::clock::UtcMs>, room: bool) {
    match due.filter(|_| room) {
        Some(due) => desk.clock().wait_until(due).await,
        None => std::future::pending().await,
    }
}

/// Starts everything that is due; answers when the next thing will be.
async fn start_due(
    desk: &Arc<Desk>,
    transports: &Transports,
    under_way: &mut JoinSet<()>,
    stop: &watch::Receiver<bool>,
) -> Result<Option<crate::clock::UtcMs>, StoreError> {
    // What is in memory goes on being said while nothing can be stored; so this failure is told at the end.
    let carried_out = desk.carry_out_due().await;
    let room = AT_ONCE.saturating_sub(under_way.len());
    for kept in desk.store().claim_due(desk.clock().now(), room).await? {
        let transport = transports.for_place(&kept.item.place);
        under_way.spawn(bring(desk.clone(), transport, kept, stop.clone()));
    }
    carried_out?;
    desk.store().next_due().await
}

async fn bring(desk: Arc<Desk>, transport: Arc<dyn Transport>, kept: Kept, mut stop: watch::Receiver<bool>) {
    let delivery = tokio::time::timeout(LONGEST_DELIVERY, deliver(transport.as_ref(), &kept))
        .await
        .unwrap_or_else(|_| Delivery::Uncertain { why: say!("no answer within 30 seconds").to_owned() });
    // Its place waits for it, so it is tried until it is stored. After a stop it is looked for at the next start.
    while let Err(error) = desk.settle(&kept, &delivery).await {
        tracing::error!(item = %kept.item.key, %error, "what became of an item is not stored yet");
        tokio::select! {
            () = tokio::time::sleep(STORE_PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// An item whose delivery is uncertain may have arrived: it is looked for before it is brought again.
async fn deliver(transport: &dyn Transport, kept: &Kept) -> Delivery {
    if matches!(kept.progress, Progress::Uncertain { .. })
        && let Some(proof) = transport.find(&kept.item).await
    {
        return Delivery::Sent(proof);
    }
    transport.deliver(&kept.item).await
}

#[cfg(test)]
mod tests;
