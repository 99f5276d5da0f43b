//! What people see while nothing can be stored.
//!
//! 1. The store says that it cannot store: the card of each open incident says so at once, since when, and why. It is
//!    brought past the outbox, which cannot be written to either; it tells the responders only, never a stakeholder.
//! 2. It is tried again until each card says it.
//! 3. Storing works again: the cards are drawn anew, through the outbox, and say it no longer. Nothing is restarted.
//! 4. After an end without warning a card may still say it; so the cards are drawn anew once at that start.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use watchpost_texts::say;

use crate::card;
use crate::desk::{Desk, card_item};
use crate::outbox::{Block, Delivery, Field, Message, Tone, Transport};
use crate::store::{Condition, Health, StoreError};

/// When what failed is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until `stop` becomes true.
pub async fn run(desk: Arc<Desk>, chat: Arc<dyn Transport>, mut stop: watch::Receiver<bool>) {
    let mut condition = desk.store().condition();
    let mut shown = condition.borrow().cut_short;
    loop {
        let now = condition.borrow_and_update().clone();
        let done = match &now.health {
            Health::NotStoring(error) => {
                shown = true;
                show(&desk, chat.as_ref(), &now, error).await
            }
            Health::Storing | Health::OnBallast if shown => {
                shown = desk.redraw_cards().await.is_err();
                !shown
            }
            Health::Storing | Health::OnBallast => true,
        };
        tokio::select! {
            changed = condition.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(AGAIN), if !done => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Says it on each card. `true`: on all of them.
async fn show(desk: &Desk, chat: &dyn Transport, condition: &Condition, error: &StoreError) -> bool {
    let policy = desk.policy();
    let mut all = true;
    for incident in desk.all_open() {
        let message = with_notice(card::card(&incident, &policy), condition, error);
        let Some(item) = card_item(&incident, message, desk.clock().now()) else { continue };
        let delivery = chat.deliver(&item).await;
        if !matches!(delivery, Delivery::Sent(_) | Delivery::Dead { .. }) {
            tracing::warn!(id = %incident.id, ?delivery, "the card does not say yet that nothing is being stored");
            all = false;
        }
    }
    all
}

/// A card that says first that nothing is being stored.
pub fn with_notice(mut card: Message, condition: &Condition, error: &StoreError) -> Message {
    let block = card.block.get_or_insert_with(Block::default);
    block.tone = Tone::Bad;
    block.fields.insert(
        0,
        Field {
            name: say!("! Nothing is being stored").to_owned(),
            value: notice(condition, error),
            short: false,
        },
    );
    card
}

/// Since when nothing is stored, why, and what follows for the reader.
pub fn notice(condition: &Condition, error: &StoreError) -> String {
    say!(
        "Since <t:{0}:t> (<t:{0}:R>) nothing that you type is recorded: {1}. What was recorded before is safe, and texts \
         that wait go on being sent. Write down what you do, elsewhere. Whoever looks after the machine: mend that; \
         nothing needs to be restarted, and this goes away by itself.",
        condition.since.seconds(),
        error.reason()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcMs;

    #[test]
    fn a_card_says_first_what_does_not_work_since_when_and_why() {
        let error = StoreError::Full("/data/journal: No space left on device".to_owned());
        let condition = Condition {
            health: Health::NotStoring(error.clone()),
            since: UtcMs(60_000),
            ..Condition::default()
        };
        let card = with_notice(Message::default(), &condition, &error);
        let block = card.block.expect("a block");
        assert_eq!(block.fields[0].name, "! Nothing is being stored");
        insta::assert_snapshot!(block.fields[0].value, @"Since <t:60:t> (<t:60:R>) nothing that you type is recorded: the disk is full (/data/journal: No space left on device). What was recorded before is safe, and texts that wait go on being sent. Write down what you do, elsewhere. Whoever looks after the machine: mend that; nothing needs to be restarted, and this goes away by itself.");
    }
}
