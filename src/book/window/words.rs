//! What is said of maintenance and silences.

use watchpost_texts::say;

use super::{Repeat, Window, WindowEvent, WindowKind, Windows};
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::outbox::{Block, Item, ItemKey, Message, Place, Post, Purpose, Tone};
use crate::person::Actor;
use crate::policy::Policy;
use crate::update::time;

/// What leaves because of one event: a line in the operations channel, and where it is announced one for users.
pub fn items(
    before: &Windows,
    after: &Windows,
    event: &WindowEvent,
    version: u64,
    policy: &Policy,
    now: UtcMs,
) -> Vec<Item> {
    let number = match event {
        WindowEvent::Planned { .. } => version,
        WindowEvent::Begun { number }
        | WindowEvent::Extended { number, .. }
        | WindowEvent::Ended { number, .. }
        | WindowEvent::Cancelled { number } => *number,
    };
    let Some(window) = after.get(number).or_else(|| before.get(number)) else { return Vec::new() };
    let Some(operations) = policy.alarms() else { return Vec::new() };
    let text = for_responders(window, event);
    let mut items = vec![item(
        format!("window/{number}/{version}"),
        Place::Channel(operations),
        Message::text(text),
        now,
    )];
    if let (true, Some(text)) = (window.announced, for_users(window, event, policy)) {
        let users = policy.audiences.iter().filter(|audience| audience.texts == crate::config::Texts::Users);
        for target in users.flat_map(|audience| &audience.destinations) {
            let block = Block {
                title: say!("E-mail: planned work").to_owned(),
                text: text.clone(),
                footer: say!("window {number}"),
                tone: Tone::Warning,
                ..Block::default()
            };
            let message = Message { block: Some(block), ..Message::default() };
            let key = format!("window/{number}/{version}/{}", target.name);
            items.push(item(key, target.place.clone(), message, now));
        }
    }
    items
}

fn item(key: String, place: Place, message: Message, now: UtcMs) -> Item {
    Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: None,
        purpose: Purpose::Notice,
        place,
        post: Post::New,
        message: Message { silent: true, ..message },
        due: now,
    }
}

fn moment(at: UtcMs) -> String {
    format!("<t:{}:f>", at.seconds())
}

/// "every day" and the like, with the space before it.
fn repeats(repeat: Option<Repeat>) -> &'static str {
    match repeat {
        None => "",
        Some(Repeat::Daily) => say!(", every day"),
        Some(Repeat::Weekly) => say!(", every week"),
    }
}

fn of(service: Option<&ServiceName>) -> String {
    service.map_or(say!("all services").to_owned(), ToString::to_string)
}

/// What it is, in a few words: "Maintenance of main".
pub fn name(window: &Window) -> String {
    let what = match window.kind {
        WindowKind::Maintenance => "Maintenance",
        WindowKind::Silence => "Silence",
    };
    let cause = window.cause.map(|cause| format!(" ({})", cause.name())).unwrap_or_default();
    say!("{what} of {}{cause}", of(window.service.as_ref()))
}

/// One line of a list.
pub fn line(window: &Window) -> String {
    let now = if window.begun { say!("goes on until") } else { say!("planned until") };
    say!(
        "{}: from {} {now} {}{}. {} ({})",
        name(window),
        moment(window.from),
        moment(window.until),
        repeats(window.repeat),
        window.why,
        window.by
    )
}

fn for_responders(window: &Window, event: &WindowEvent) -> String {
    let (name, until) = (name(window), moment(window.until));
    match event {
        WindowEvent::Planned { from, .. } => say!(
            "{name} is arranged by {}: {} to {until}{}. {}. Checks go on; alarms wait, and what is broken at the end is raised then.",
            window.by,
            moment(*from),
            repeats(window.repeat),
            window.why.trim_end_matches('.'),
        ),
        WindowEvent::Begun { .. } => say!("{name} begins; alarms wait until {until}. {}", window.why),
        WindowEvent::Extended { .. } => say!("{name} takes longer: until {until}."),
        WindowEvent::Ended { next: Some((from, _)), .. } => {
            say!("{name} is over. The next time: {}.", moment(*from))
        }
        WindowEvent::Ended { next: None, .. } => say!("{name} is over."),
        WindowEvent::Cancelled { .. } => say!("{name} was ended by hand; alarms are raised again."),
    }
}

/// Users read no cause, no name and no reason: what they notice, and when.
fn for_users(window: &Window, event: &WindowEvent, _policy: &Policy) -> Option<String> {
    let (from, until) = (time(window.from), time(window.until));
    match event {
        WindowEvent::Planned { .. } => Some(say!(
            "Planned work on e-mail from {} to {until}{}. Short interruptions are possible; mail is not lost.",
            moment(window.from),
            repeats(window.repeat)
        )),
        WindowEvent::Extended { .. } => {
            Some(say!("The planned work on e-mail takes longer: until {until}. Mail is not lost."))
        }
        WindowEvent::Cancelled { .. } if window.begun => {
            Some(say!("The planned work on e-mail is over.").to_owned())
        }
        WindowEvent::Cancelled { .. } => Some(say!("The work on e-mail planned for {from} is called off.")),
        WindowEvent::Begun { .. } => None,
        WindowEvent::Ended { .. } => Some(say!("The planned work on e-mail is over.").to_owned()),
    }
}

/// What happened, in words.
pub fn sentence(who: &Actor, event: &WindowEvent) -> String {
    match event {
        WindowEvent::Planned { kind, service, from, until, why, .. } => {
            let what = match kind {
                WindowKind::Maintenance => "maintenance",
                WindowKind::Silence => "a silence",
            };
            let service = of(service.as_ref());
            say!("{who} arranged {what} of {service} from {} to {}: {why}", moment(*from), moment(*until))
        }
        WindowEvent::Begun { number } => say!("Window {number} began."),
        WindowEvent::Extended { number, until } => {
            say!("{who} extended window {number} until {}.", moment(*until))
        }
        WindowEvent::Ended { number, .. } => say!("Window {number} ended."),
        WindowEvent::Cancelled { number } => say!("{who} ended window {number}."),
    }
}

/// What kept alarms back before an incident: by whom, for how long, and why.
pub fn kept_back(window: &Window) -> String {
    let (from, until, why) = (moment(window.from), moment(window.until), window.why.trim_end_matches('.'));
    say!("{} kept alarms back from {from} to {until}, by {}: {why}.", name(window), window.by)
}
