//! The draft of what is due soon, with its buttons; and the text for which a second person is asked.

use watchpost_texts::say;

use crate::button::{Action, ButtonId, Text};
use crate::clock::UtcMs;
use crate::due;
use crate::ids::AudienceName;
use crate::incident::Incident;
use crate::incident::event::{Event, Recorded, UpdateKind};
use crate::incident::telling::{Draft, LONG, TellingEvent};
use crate::outbox::{Block, Button, Field, Item, ItemKey, Message, Place, Post, Purpose, Tone, Weight};
use crate::policy::Policy;
use crate::update::{self, Moment, time};

/// The message in the thread that shows a draft; nothing where this event shows none.
pub(super) fn shown(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Option<Item> {
    let place = incident.home.thread?;
    let message = match &recorded.new.event {
        Event::Telling(TellingEvent::Reminded { due, audiences }) => {
            reminder(incident, *due, audiences, policy, now)
        }
        Event::Telling(TellingEvent::Drafted(draft)) if !draft.held.is_empty() => {
            approval(incident, draft, &recorded.new.actor.to_string(), policy, now)
        }
        _ => return None,
    };
    Some(Item {
        key: ItemKey(format!("{}/draft/{}", incident.id, recorded.version)),
        slot: format!("{}/draft", incident.id),
        incident: Some(incident.id),
        purpose: Purpose::Notice,
        place: Place::Channel(place),
        post: Post::New,
        message,
        due: now,
    })
}

fn reminder(
    incident: &Incident,
    due: UtcMs,
    audiences: &[AudienceName],
    policy: &Policy,
    now: UtcMs,
) -> Message {
    let asks = policy.timing.first_text == crate::config::FirstText::Ask && incident.told.is_empty();
    let itself = if asks { say!("It waits for you.") } else { say!("It sends itself then.") };
    let long = now >= incident.declared_at + LONG && !incident.telling.slow;
    let offer = if long {
        say!(" It has lasted two hours: texts may come half as often, if you say so.")
    } else {
        ""
    };
    let actions: &[Action] = match long {
        true => {
            &[Action::Text(Text::Send), Action::Tell, Action::Text(Text::Later), Action::Text(Text::Slow)]
        }
        false => &[Action::Text(Text::Send), Action::Tell, Action::Text(Text::Later)],
    };
    let block = Block {
        title: say!("Due {}", time(due)),
        text: format!("{itself}{offer}"),
        fields: texts(incident, audiences, None, policy, now),
        tone: Tone::Plain,
        ..Block::default()
    };
    Message {
        block: Some(block),
        buttons: vec![buttons(incident, actions)],
        // Who leads is told aloud; where nobody does, calling somebody is not the draft's business.
        pings_people: incident.lead.iter().map(|lead| lead.id).collect(),
        text: incident.lead.as_ref().map(|lead| format!("<@{}>", lead.id)).unwrap_or_default(),
        silent: incident.lead.is_none(),
        ..Message::default()
    }
}

fn approval(incident: &Incident, draft: &Draft, author: &str, policy: &Policy, now: UtcMs) -> Message {
    let kind = if draft.correction { UpdateKind::Correction } else { UpdateKind::Progress };
    let block = Block {
        title: say!("A second person is asked").to_owned(),
        text: say!("{author} wrote this for people outside. Somebody else reads it before they do."),
        fields: texts(incident, &draft.held, Some(kind), policy, now),
        tone: Tone::Warning,
        ..Block::default()
    };
    let actions = [Action::Text(Text::Approve), Action::Text(Text::Refuse)];
    Message { block: Some(block), buttons: vec![buttons(incident, &actions)], ..Message::default() }
}

/// What each audience would read.
fn texts(
    incident: &Incident,
    audiences: &[AudienceName],
    kind: Option<UpdateKind>,
    policy: &Policy,
    now: UtcMs,
) -> Vec<Field> {
    let mut free = incident.clone();
    free.telling.draft = None;
    let field = |name: &AudienceName| {
        let audience = policy.audience(name)?;
        let told = incident.told.contains_key(name);
        let kind = match kind {
            Some(kind) if told => kind,
            _ if !told => UpdateKind::First,
            _ if due::has_news(incident, audience, policy) => UpdateKind::Progress,
            _ => UpdateKind::Holding,
        };
        let moment = Moment { now, next: due::promise(incident, audience, now, policy), works_since: None };
        let words = update::compose(&free, audience, kind, &moment, policy)?;
        Some(Field { name: name.to_string(), value: words.text, short: false })
    };
    audiences.iter().filter_map(field).collect()
}

fn buttons(incident: &Incident, actions: &[Action]) -> Vec<Button> {
    let button = |(place, action): (usize, &Action)| Button {
        label: action.label().to_owned(),
        action: ButtonId::new(*action, incident.id).to_string(),
        weight: if place == 0 { Weight::Primary } else { Weight::Secondary },
    };
    actions.iter().enumerate().map(button).collect()
}

/// What every audience would read if a draft were sent now.
pub fn would_read(incident: &Incident, draft: &Draft, policy: &Policy, now: UtcMs) -> Vec<Field> {
    let eta = draft.eta.unwrap_or(incident.eta);
    let after = Incident { facts: draft.facts.clone(), eta, ..incident.clone() };
    let kind = if draft.correction { UpdateKind::Correction } else { UpdateKind::Progress };
    let names: Vec<AudienceName> = policy.audiences.iter().map(|audience| audience.name.clone()).collect();
    texts(&after, &names, Some(kind), policy, now)
}
