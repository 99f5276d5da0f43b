//! Under systemd: says when it serves, goes on saying that it is well, and says when it ends. Elsewhere it does nothing.
//!
//! Well means that this runtime still runs its tasks and that the store answers. A process that hangs falls silent, and
//! is started anew after `WatchdogSec` of the unit.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use watchpost::desk::Desk;

/// It serves from now on.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// It is ending in order.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Says twice in each period of the watchdog that all is well, for as long as it is.
pub async fn stay_alive(desk: Arc<Desk>) {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    let pace = (period / 2).max(Duration::from_millis(100));
    loop {
        if tokio::time::timeout(pace, desk.store().next_due()).await.is_ok_and(|answer| answer.is_ok()) {
            tell(NotifyState::Watchdog);
        }
        tokio::time::sleep(pace).await;
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd cannot be told how this is");
    }
}
