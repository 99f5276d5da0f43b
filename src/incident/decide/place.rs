//! Where the incident lives in the chat, as the outbox reports it.

use super::{Context, Decided};
use crate::config::Home;
use crate::ids::{MessageId, PlaceId};
use crate::incident::Incident;
use crate::incident::event::{Event, HomePart};

pub(super) fn placed(
    incident: &Incident,
    part: HomePart,
    place: PlaceId,
    message: Option<MessageId>,
    context: &Context<'_>,
) -> Vec<Decided> {
    let home = &incident.home;
    let known = match part {
        HomePart::Headline => home.headline.is_some(),
        HomePart::Thread => home.thread == Some(place),
        HomePart::Card => home.card.is_some() && home.card == message,
        HomePart::Pin => home.pinned,
    };
    if known {
        return Vec::new();
    }
    let mut events = vec![Decided::now(context, Event::Placed { part, place, message })];
    let guild = context.policy.guilds.get(&incident.guild);
    if part == HomePart::Thread && guild.is_some_and(|guild| guild.home == Home::Forum) {
        // The first message of a forum's post has the post's number, and is the card.
        let card = Some(MessageId(place.0));
        events.push(Decided::now(context, Event::Placed { part: HomePart::Card, place, message: card }));
    }
    events
}
