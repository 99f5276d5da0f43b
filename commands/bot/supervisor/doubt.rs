//! The two tasks that keep an eye on Discord as a whole, whatever becomes of the client.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Parts;
use super::health::DiscordHealth;

/// Tells on every change whether Discord is down.
pub(super) async fn watch(parts: Arc<Parts>, tell: watch::Sender<DiscordHealth>) {
    let mut rest = parts.options.gate.rest_health();
    loop {
        tokio::select! {
            changed = rest.changed() => if changed.is_err() { return },
            () = sleep(parts.options.pace.look) => {}
        }
        let (before, answers) = (*tell.borrow(), *rest.borrow_and_update());
        let health = before.next(
            parts.relay.gateway().away_since(),
            answers,
            Instant::now(),
            &parts.options.pace.down,
        );
        if tell.send_if_modified(|told| std::mem::replace(told, health) != health) {
            match health {
                DiscordHealth::Up => tracing::info!("Discord is back"),
                DiscordHealth::Down { because, .. } => tracing::error!(?because, "Discord is down"),
            }
        }
    }
}

/// While there is doubt, and nobody else asks, a request that costs nothing tells whether REST answers.
pub(super) async fn probe(parts: Arc<Parts>, health: watch::Receiver<DiscordHealth>) {
    let rest = parts.options.gate.rest_health();
    loop {
        sleep(parts.options.pace.probe).await;
        let away = parts.relay.gateway().away_since();
        let doubtful = away.is_some_and(|since| Instant::now() >= since + parts.options.pace.probe * 3);
        if doubtful || rest.borrow().failures_in_a_row > 0 || health.borrow().is_down() {
            // Its outcome is in the gate's health.
            let _ = parts.http.get_gateway().await;
        }
    }
}
