//! What follows from events outside: what must leave, and when the next word is due. Pure.
//!
//! The home is built step by step, each when the one before is proved: headline, thread under it, card in the
//! thread, pin. So a crash between any two loses and doubles nothing.

mod draft;

use watchpost_texts::say;

pub use draft::would_read;

use std::time::Duration;

use super::aftermath;
use crate::book::subscription;
use crate::button::Action;
use crate::clock::UtcMs;
use crate::config::{Home, Texts};
use crate::due;
use crate::incident::Incident;
use crate::incident::action::ActionEvent;
use crate::incident::call;
use crate::incident::event::{EntryKind, Event, HomePart, Recorded, UpdateKind};
use crate::incident::proof;
use crate::incident::reach::{self, ReachEvent};
use crate::incident::telling::TellingEvent;
use crate::outbox::{
    Block, Button, Delivery, Item, ItemKey, Kept, Message, Place, Post, Progress, Purpose, Tone,
};
use crate::policy::{Audience, GuildPolicy, Policy, Target};
use crate::store::TimerKey;
use crate::{card, timeline};

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a commit carries besides its events.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// What must leave.
    pub enqueue: Vec<Item>,
    /// Due times that are set, moved or cancelled.
    pub timers: Vec<(TimerKey, Option<UtcMs>)>,
}

/// What follows from these events.
pub fn plan(before: &Incident, after: &Incident, events: &[Recorded], policy: &Policy, now: UtcMs) -> Plan {
    let mut enqueue: Vec<Item> = Vec::new();
    for recorded in events {
        enqueue.extend(alarm(after, recorded, policy, now));
        enqueue.extend(home(after, recorded, policy, now));
        enqueue.extend(updates(after, recorded, policy, now));
        enqueue.extend(notice(after, recorded, now));
        enqueue.extend(call::items(after, recorded, policy, now));
        enqueue.extend(proof::notice::items(after, recorded, policy, now));
        enqueue.extend(draft::shown(after, recorded, policy, now));
        enqueue.extend(reach::items(after, recorded, policy, now));
        enqueue.extend(aftermath::items(after, recorded, now));
    }
    enqueue.extend(refreshes(before, after, policy, now));
    Plan { enqueue, timers: timers(before, after, policy, now) }
}

/// How far an item is after a try.
pub fn progress(kept: &Kept, delivery: &Delivery, now: UtcMs) -> Progress {
    match delivery {
        Delivery::Sent(proof) => Progress::Sent { at: now, proof: proof.clone() },
        Delivery::Dead { why } => Progress::Dead { at: now, why: why.clone() },
        Delivery::Uncertain { why } => {
            Progress::Uncertain { at: now + pause(kept.attempts), why: why.clone() }
        }
        Delivery::Retry { after, why } => {
            Progress::Retry { at: now + (*after).max(pause(kept.attempts)), why: why.clone() }
        }
    }
}

/// 1, 2, 4 … 60 seconds.
fn pause(attempts: u32) -> Duration {
    Duration::from_secs(1 << attempts.saturating_sub(1).min(6)).min(LONGEST_PAUSE)
}

/// Calls the configured role where the operations channel is not the one in which incidents live.
fn alarm(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Option<Item> {
    let guild = policy.guilds.get(&incident.guild)?;
    let Event::Declared { .. } = recorded.new.event else { return None };
    let key = format!("{}/alarm", incident.id);
    (guild.operations != guild.incidents || guild.home == Home::Forum).then(|| Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: Some(incident.id),
        purpose: Purpose::Notice,
        place: Place::Channel(guild.operations),
        post: Post::New,
        message: calling_headline(incident, guild),
        due: now,
    })
}

/// The headline with the configured role called. A drill calls nobody.
fn calling_headline(incident: &Incident, guild: &GuildPolicy) -> Message {
    let role = guild.ping.filter(|_| !incident.drill);
    let called = role.map(|role| format!("<@&{role}> ")).unwrap_or_default();
    let text = format!("{called}{}", card::headline(incident));
    Message { pings: role.into_iter().collect(), ..Message::text(text) }
}

fn home(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Option<Item> {
    let guild = policy.guilds.get(&incident.guild)?;
    let id = incident.id;
    let item = |part: HomePart, name: String, place, post, message| Item {
        key: ItemKey(format!("{id}/{name}")),
        slot: format!("{id}/{name}"),
        incident: Some(id),
        purpose: Purpose::Home(part),
        place: Place::Channel(place),
        post,
        message,
        due: now,
    };
    let version = recorded.version;
    match &recorded.new.event {
        Event::Declared { .. } if guild.home == Home::Forum => {
            let post = Post::Topic { name: name(incident) };
            Some(item(
                HomePart::Thread,
                "thread".to_owned(),
                guild.incidents,
                post,
                card::card(incident, policy),
            ))
        }
        Event::Declared { .. } => {
            let message = match guild.operations == guild.incidents {
                true => calling_headline(incident, guild),
                false => Message::text(card::headline(incident)),
            };
            Some(item(HomePart::Headline, "headline".to_owned(), guild.incidents, Post::New, message))
        }
        Event::Placed { part: HomePart::Headline, place, message: Some(under) } => {
            let post = Post::Thread { under: *under, name: name(incident) };
            Some(item(HomePart::Thread, "thread".to_owned(), *place, post, Message::default()))
        }
        // A forum's post was made with the card as its first message.
        Event::Placed { part: HomePart::Thread, place, .. } if guild.home == Home::Thread => {
            Some(item(HomePart::Card, "card".to_owned(), *place, Post::New, card::card(incident, policy)))
        }
        // Discord refused to edit the old card: a new one takes its place.
        Event::NotPlaced { part: HomePart::Card, .. } => {
            let place = incident.home.thread?;
            Some(item(
                HomePart::Card,
                format!("card/{version}"),
                place,
                Post::New,
                card::card(incident, policy),
            ))
        }
        Event::Placed { part: HomePart::Card, place, message: Some(card) } => {
            Some(item(HomePart::Pin, format!("pin/{card}"), *place, Post::Pin(*card), Message::default()))
        }
        _ => None,
    }
}

/// The name of the thread or post: a thread's name has at most 100 characters.
fn name(incident: &Incident) -> String {
    format!("{} {}", incident.id, incident.open_title()).chars().take(90).collect()
}

fn updates(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Vec<Item> {
    let Event::UpdateIssued { audience, number, kind, text, wording, .. } = &recorded.new.event else {
        return Vec::new();
    };
    let Some(audience) = policy.audience(audience) else {
        return Vec::new();
    };
    // No drill reaches a real stakeholder: its texts are shown in the thread only.
    let suspended = |target: &Target| incident.reach.is_suspended(&audience.name, &target.name);
    let reached = audience.destinations.iter().filter(|target| !incident.drill && !suspended(target));
    let message = Message {
        silent: wording.quiet_until.is_some(),
        short: wording.short.clone(),
        ..update_message(incident, audience, *number, *kind, text)
    };
    let context = (policy, now);
    let followers = subscription::items(incident, &audience.name, audience.texts, *number, &message, context);
    reached
        .map(|target| Item {
            key: ItemKey(format!("{}/update/{}/{number}/{}", incident.id, audience.name, target.name)),
            slot: format!("{}/update/{}/{}", incident.id, audience.name, target.name),
            incident: Some(incident.id),
            purpose: Purpose::Update {
                audience: audience.name.clone(),
                number: *number,
                destination: target.name.clone(),
            },
            place: target.place.clone(),
            post: match &target.place {
                Place::Channel(channel) if policy.announcements.contains(channel) => Post::Announce,
                _ => Post::New,
            },
            message: Message { buttons: follow_button(incident, audience, &target.place), ..message.clone() },
            due: now,
        })
        .chain(followers)
        .collect()
}

/// What users read in the chat can be followed there.
fn follow_button(incident: &Incident, audience: &Audience, place: &Place) -> Vec<Vec<Button>> {
    let offered =
        audience.texts == Texts::Users && matches!(place, Place::Channel(_)) && incident.phase.is_open();
    offered.then(|| vec![subscription::button(Action::Follow, incident.id)]).into_iter().collect()
}

pub(crate) fn update_message(
    incident: &Incident,
    audience: &Audience,
    number: u32,
    kind: UpdateKind,
    text: &str,
) -> Message {
    let (title, tone) = match kind {
        UpdateKind::Resolution => (say!("E-mail works again"), Tone::Good),
        UpdateKind::Digest if !incident.phase.is_open() => (say!("E-mail last night: over"), Tone::Good),
        UpdateKind::Digest => (say!("E-mail last night: not over"), Tone::Bad),
        UpdateKind::Works => (say!("E-mail works again; still checking"), Tone::Warning),
        UpdateKind::Correction => (say!("E-mail: correction"), Tone::Warning),
        _ => (say!("E-mail is disturbed"), Tone::Bad),
    };
    let block = Block {
        title: title.to_owned(),
        text: text.to_owned(),
        // Also what a delivery of unknown fate is found again by.
        footer: say!("{} · {} · update {number}", incident.id, audience.name),
        tone,
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

/// A fresh short post in the thread on a real change; everything else only changes the card.
fn notice(incident: &Incident, recorded: &Recorded, now: UtcMs) -> Option<Item> {
    let place = incident.home.thread.filter(|_| !incident.is_restricted())?;
    let text = match &recorded.new.event {
        Event::Acknowledged
        | Event::HandedOver { .. }
        | Event::SeverityChanged { .. }
        | Event::PhaseChanged { .. }
        | Event::Resolved { .. }
        | Event::Reopened { .. }
        | Event::Call(_)
        | Event::UpdateUndelivered { .. }
        | Event::Suspect(_)
        | Event::Link(_)
        | Event::Role(_)
        | Event::Contradicted(_)
        | Event::Reach(
            ReachEvent::Suspended { .. }
            | ReachEvent::Resumed { .. }
            | ReachEvent::TookOver { .. }
            | ReachEvent::GaveBack { .. }
            | ReachEvent::Reached { .. },
        )
        | Event::Action(ActionEvent::Changed { .. } | ActionEvent::Asked { .. })
        | Event::Telling(
            TellingEvent::Paused { .. }
            | TellingEvent::Continued
            | TellingEvent::Slowed
            | TellingEvent::NobodyWrote { .. },
        )
        | Event::UpdateIssued { .. } => timeline::sentence(&recorded.new),
        // What may be the cause is everybody's business; a note stands on the card.
        Event::Logged { kind, .. } if !matches!(kind, EntryKind::Note | EntryKind::FollowUp) => {
            timeline::sentence(&recorded.new)
        }
        _ => return None,
    };
    let about = match &recorded.new.event {
        Event::Logged { .. } => Some(recorded.version),
        Event::Suspect(event) => Some(event.entry()),
        _ => None,
    };
    let entry = about.and_then(|number| incident.entries.iter().find(|entry| entry.number == number));
    let buttons = entry.map(|entry| card::entry_buttons(incident, entry)).filter(|row| !row.is_empty());
    let buttons = buttons.or_else(|| card::offer(incident, &recorded.new.event));
    let key = format!("{}/notice/{}", incident.id, recorded.version);
    Some(Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: Some(incident.id),
        purpose: Purpose::Notice,
        place: Place::Channel(place),
        post: Post::New,
        message: Message { silent: true, buttons: buttons.into_iter().collect(), ..Message::text(text) },
        due: now,
    })
}

fn refreshes(before: &Incident, after: &Incident, policy: &Policy, now: UtcMs) -> Vec<Item> {
    let mut items = Vec::new();
    let id = after.id;
    let refresh = |name: &str, place, message_id, message| Item {
        key: ItemKey(format!("{id}/{name}@{}", after.version)),
        slot: format!("{id}/{name}@"),
        incident: Some(id),
        purpose: Purpose::CardRefresh,
        place: Place::Channel(place),
        post: Post::Edit(message_id),
        message,
        due: now,
    };
    let looks_the_same = card::looks_the_same(before, after, policy);
    let as_posted = before.home.card.is_none() && before.version + 1 == after.version && looks_the_same;
    if let (Some(place), Some(card)) = (after.home.thread, after.home.card)
        && !as_posted
        && !(looks_the_same && before.home.card == after.home.card)
    {
        items.push(refresh("card", place, card, card::card(after, policy)));
    }
    if let Some((place, message)) = after.home.headline
        && (card::headline(before) != card::headline(after) || before.home.headline.is_none())
    {
        items.push(refresh("headline", place, message, Message::text(card::headline(after))));
    }
    items
}

fn timers(
    before: &Incident,
    after: &Incident,
    policy: &Policy,
    now: UtcMs,
) -> Vec<(TimerKey, Option<UtcMs>)> {
    let (old, new) = (due::timers(before, policy), due::timers(after, policy));
    let set =
        new.iter().filter(|(key, at)| old.get(*key) != Some(*at)).map(|(key, at)| (key.clone(), Some(*at)));
    let (rang, rings) = (call::due(before, policy), call::due(after, policy));
    let ring = (rang != rings).then_some((TimerKey::Escalation(after.id), rings));
    let cancelled = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), None));
    let later = aftermath::timers(before, after, policy, now);
    set.chain(cancelled).chain(ring).chain(proof_timer(before, after)).chain(later).collect()
}

/// A lease that was given to a round holds until something is decided anew.
fn proof_timer(before: &Incident, after: &Incident) -> Option<(TimerKey, Option<UtcMs>)> {
    let (old, new) = (proof::due(before), proof::due(after));
    (old != new).then_some((TimerKey::Proof(after.id), new))
}
