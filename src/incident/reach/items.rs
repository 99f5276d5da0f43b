//! What must leave: a text to another place, the word that the chat is back, the list of people to call.

use super::{Because, ReachEvent, words};
use crate::clock::UtcMs;
use crate::due;
use crate::ids::{AudienceName, DestinationName};
use crate::incident::Incident;
use crate::incident::event::{Event, Recorded};
use crate::outbox::{Item, ItemKey, Message, Place, Post, Purpose};
use crate::policy::Policy;

/// What must leave because of this event.
pub fn items(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Vec<Item> {
    let Event::Reach(event) = &recorded.new.event else { return Vec::new() };
    let told = |audience: &AudienceName, destination: &DestinationName, because| {
        let place = Place::Route(destination.clone());
        update(incident, (audience, destination, place), because, policy, now)
    };
    match event {
        ReachEvent::Resumed { audience, destination, .. } => {
            told(audience, destination, None).into_iter().collect()
        }
        ReachEvent::TookOver { audience, destinations, because, .. } => {
            let each = destinations.iter().filter_map(|name| told(audience, name, Some(*because)));
            each.collect()
        }
        ReachEvent::GaveBack { audience, destinations } => {
            let back = words::back(audience, policy);
            let each = destinations.iter().map(|name| {
                let key = format!("{}/back/{audience}/{name}/{}", incident.id, recorded.version);
                item(incident, key, Purpose::Notice, Place::Route(name.clone()), back.clone(), now)
            });
            each.collect()
        }
        ReachEvent::Listed { .. } => {
            let Some(thread) = incident.home.thread else { return Vec::new() };
            let message = Message {
                pings_people: incident.lead.iter().map(|lead| lead.id).collect(),
                text: incident.lead.as_ref().map(|lead| format!("<@{}>", lead.id)).unwrap_or_default(),
                ..words::list(incident, policy)
            };
            let key = format!("{}/calls/{}", incident.id, recorded.version);
            vec![item(incident, key, Purpose::Notice, Place::Channel(thread), message, now)]
        }
        ReachEvent::Suspended { .. } | ReachEvent::Reached { .. } => Vec::new(),
    }
}

/// The newest text, to a destination. Its key is that of every text there, so that it is brought once.
fn update(
    incident: &Incident,
    (name, destination, place): (&AudienceName, &DestinationName, Place),
    because: Option<Because>,
    policy: &Policy,
    now: UtcMs,
) -> Option<Item> {
    let audience = policy.audience(name)?;
    let told = incident.told.get(name)?;
    let text = match because {
        Some(because) => format!("{} {}", words::elsewhere(audience, because, policy), told.text),
        None => told.text.clone(),
    };
    let issued = incident.telling.updates.iter().rev().find(|issued| issued.audience == *name);
    let message = Message {
        silent: due::quiet_until(&audience.quiet_hours, policy.zone, now).is_some(),
        // Read elsewhere than usual, the whole text is brought also to phones: the short one has no room to say why.
        short: issued.filter(|_| because.is_none()).map(|issued| issued.short.clone()).unwrap_or_default(),
        ..crate::desk::plan::update_message(incident, audience, told.number, told.kind, &text)
    };
    let key = format!("{}/update/{name}/{}/{destination}", incident.id, told.number);
    let (audience, destination, number) = (name.clone(), destination.clone(), told.number);
    let slot = format!("{}/update/{audience}/{destination}", incident.id);
    let purpose = Purpose::Update { audience, number, destination };
    Some(Item { slot, ..item(incident, key, purpose, place, message, now) })
}

fn item(
    incident: &Incident,
    key: String,
    purpose: Purpose,
    place: Place,
    message: Message,
    now: UtcMs,
) -> Item {
    Item {
        slot: key.clone(),
        key: ItemKey(key),
        incident: Some(incident.id),
        purpose,
        place,
        post: Post::New,
        message,
        due: now,
    }
}
