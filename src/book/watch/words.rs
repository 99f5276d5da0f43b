//! What the operations channel reads of services and alarms: one post for an alarm, edited as it goes on; one line when
//! it works again.

use watchpost_texts::say;

use super::{Alarm, Beside, Foreign, Posted, WatchEvent, Watched};
use crate::button::{Action, ButtonId};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, ServiceName};
use crate::incident::Verdict;
use crate::outbox::{Block, Button, Item, ItemKey, Message, Place, Post, Purpose, Tone, Weight};
use crate::person::Actor;
use crate::policy::Policy;
use crate::update::time;

/// What leaves because of one event.
pub fn items(
    before: &Watched,
    after: &Watched,
    event: &WatchEvent,
    version: u64,
    policy: &Policy,
    now: UtcMs,
) -> Vec<Item> {
    let Some(place) = policy.alarms() else { return Vec::new() };
    let place = Place::Channel(place);
    let mut items = Vec::new();
    if let Some(alarm) = concerned(before, after, event) {
        // What waited rings when it does not wait any more: an edit of the old post would call nobody.
        let fresh = matches!(event, WatchEvent::Raised { .. });
        items.extend(post(before, alarm, fresh, version, &place, policy, now));
        if alarm.over.is_some() && before.alarm(alarm.number).is_some_and(|before| before.over.is_none()) {
            items.extend(works_again(alarm, version, &place, now));
        }
    }
    if let WatchEvent::Blind { .. } | WatchEvent::Sighted { .. } = event {
        items.push(blind(after, version, &place, now));
    }
    if let WatchEvent::Doubted { service, people } = event {
        let text = say!(
            "{people} people report trouble with {service}, and every check finds it well. I look at all of it now: logins, a mail there and back. What they have in common may be what the checks do not see."
        );
        items.push(notice(format!("watch/doubt/{version}"), text, &place, now, false));
    }
    items
}

/// The alarm that an event changes, as it is now.
fn concerned<'w>(before: &Watched, after: &'w Watched, event: &WatchEvent) -> Option<&'w Alarm> {
    match event {
        WatchEvent::Broke { assessment, .. } => after.alarm_of(&assessment.service),
        WatchEvent::Also(Beside { service, .. }) => after.alarm_of(service),
        WatchEvent::Recovered { service } | WatchEvent::Foreign { said: Foreign { service, .. }, .. } => {
            after.alarm_of(service).or_else(|| after.alarm(before.alarm_of(service)?.number))
        }
        WatchEvent::Raised { alarm }
        | WatchEvent::Dismissed { alarm, .. }
        | WatchEvent::Held { alarm, .. }
        | WatchEvent::Declared { alarm, .. }
        | WatchEvent::Posted(Posted { alarm, .. }) => after.alarm(*alarm),
        WatchEvent::Blind { .. } | WatchEvent::Sighted { .. } | WatchEvent::Doubted { .. } => None,
    }
}

/// The post of an alarm: new where there is none and somebody must read it, in place where it stands already.
fn post(
    before: &Watched,
    alarm: &Alarm,
    fresh: bool,
    version: u64,
    place: &Place,
    policy: &Policy,
    now: UtcMs,
) -> Option<Item> {
    let declared_at_once = policy.declares && alarm.is_open() && alarm.incident.is_none();
    let same = before
        .alarm(alarm.number)
        .is_some_and(|one| message(one) == message(alarm) && one.post == alarm.post);
    let (post, mut message) = match alarm.post {
        Some(_) if same => return None,
        Some((_, posted)) if !fresh => (Post::Edit(posted), message(alarm)),
        _ if !alarm.is_open() || declared_at_once || alarm.incident.is_some() => return None,
        _ => (Post::New, message(alarm)),
    };
    if post == Post::New
        && let Some(role) = policy.alarm_role()
    {
        message.text = format!("<@&{role}> {}", message.text);
        message.pings = vec![role];
    }
    Some(Item {
        key: ItemKey(format!("alarm/{}@{version}", alarm.number)),
        slot: format!("alarm/{}@", alarm.number),
        incident: None,
        purpose: Purpose::Alarm { number: alarm.number },
        place: place.clone(),
        post,
        message,
        due: now,
    })
}

fn names(services: impl Iterator<Item = ServiceName>) -> String {
    let names: Vec<String> = services.map(|name| name.0).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => say!("{} and {last}", first.join(", ")),
    }
}

/// First what it means, then since when and why, then what to do.
fn message(alarm: &Alarm) -> Message {
    let services = names(alarm.services.keys().cloned());
    let (tone, state) = match (alarm.over, alarm.incident, &alarm.dismissed, alarm.held) {
        (Some(at), ..) => (Tone::Good, say!("✓ Works again since {}.", time(at))),
        (_, Some(incident), ..) => (Tone::Bad, say!("It is {incident} now.")),
        (_, _, Some((by, why)), _) => (Tone::Plain, say!("{by}: no incident. {why}")),
        (_, _, _, Some(_)) => (Tone::Warning, say!("Waits for the end of the maintenance.").to_owned()),
        _ => (Tone::Bad, String::new()),
    };
    let beside: Vec<String> =
        alarm.beside.iter().map(|one| say!("Besides, and not because of it: {one}")).collect();
    let parts = std::iter::once(alarm.assessment.summary.clone()).chain(beside);
    let block = Block {
        title: format!("{services}: {}", state_words(alarm.assessment.verdict)),
        text: parts.chain((!state.is_empty()).then_some(state)).collect::<Vec<_>>().join("\n"),
        footer: say!("alarm {}", alarm.number),
        tone,
        ..Block::default()
    };
    let open = alarm.is_open() && alarm.incident.is_none();
    let text = say!("{services} since {}", time(alarm.since));
    Message {
        text,
        block: Some(block),
        buttons: if open { vec![buttons(alarm)] } else { Vec::new() },
        ..Message::default()
    }
}

fn state_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Down => say!("does not work"),
        _ => say!("works with limits"),
    }
}

fn buttons(alarm: &Alarm) -> Vec<Button> {
    let button = |action: Action, weight| Button {
        label: action.label().to_owned(),
        // The number of an alarm stands where others have that of an incident.
        action: ButtonId::new(action, IncidentId(alarm.number)).to_string(),
        weight,
    };
    vec![
        button(Action::TakeAlarm, Weight::Primary),
        button(Action::NoIncident, Weight::Secondary),
        button(Action::Maintain, Weight::Secondary),
    ]
}

/// One line; silent, because it is good news. Where nobody was told of the alarm there is none.
fn works_again(alarm: &Alarm, version: u64, place: &Place, now: UtcMs) -> Option<Item> {
    alarm.post.or(alarm.incident.map(|_| Default::default()))?;
    let over = alarm.over?;
    let minutes = over.since(alarm.since).as_secs().div_ceil(60);
    let what = names(alarm.services.keys().cloned());
    let incident = alarm.incident.map(|id| say!(" {id} stays open until it is proved.")).unwrap_or_default();
    let text = say!("✓ {what} works again since {}, {minutes} minutes after it began.{incident}", time(over));
    Some(notice(format!("alarm/{}/over/{version}", alarm.number), text, place, now, true))
}

/// All services that cannot be seen, in one post.
fn blind(watched: &Watched, version: u64, place: &Place, now: UtcMs) -> Item {
    let blind: Vec<_> = watched.services.iter().filter(|(_, one)| one.blind.is_some()).collect();
    let text = match blind.iter().filter_map(|(_, one)| one.blind).min() {
        None => say!("I can see all services again.").to_owned(),
        Some(since) => say!(
            "? I am blind to {} since {}: my own network or name servers do not answer. That says nothing about mail; nobody is alarmed by it. Look at the machine that I run on.",
            names(blind.iter().map(|(name, _)| (*name).clone())),
            time(since)
        ),
    };
    Item {
        slot: "watch/blind".to_owned(),
        ..notice(format!("watch/blind/{version}"), text, place, now, false)
    }
}

fn notice(key: String, text: String, place: &Place, now: UtcMs, silent: bool) -> Item {
    Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: None,
        purpose: Purpose::Notice,
        place: place.clone(),
        post: Post::New,
        message: Message { silent, ..Message::text(text) },
        due: now,
    }
}

/// What happened, in words.
pub fn sentence(who: &Actor, event: &WatchEvent) -> String {
    match event {
        WatchEvent::Broke { since, assessment, held, .. } => {
            let held = held.map(|number| say!(" Held by window {number}.")).unwrap_or_default();
            say!("{} is broken since {}: {}{held}", assessment.service, time(*since), assessment.summary)
        }
        WatchEvent::Also(Beside { service, summary, .. }) => say!("{service}, besides: {summary}"),
        WatchEvent::Recovered { service } => say!("{service} works again."),
        WatchEvent::Blind { service } => say!("Nothing can be known of {service} from here."),
        WatchEvent::Sighted { service } => say!("{service} can be seen again."),
        WatchEvent::Doubted { service, people } => {
            say!("{people} people report trouble with {service}; the checks find none.")
        }
        WatchEvent::Raised { alarm } => say!("Alarm {alarm} is raised: what held it is over."),
        WatchEvent::Dismissed { alarm, why } => {
            say!("{who} says that alarm {alarm} is no incident: {why}")
        }
        WatchEvent::Held { alarm, .. } => say!("{who} says that alarm {alarm} is maintenance."),
        WatchEvent::Declared { alarm, incident } => say!("Alarm {alarm} became {incident}."),
        WatchEvent::Posted(Posted { alarm, .. }) => {
            say!("Alarm {alarm} stands in the operations channel.")
        }
        WatchEvent::Foreign { said: Foreign { service, source, text, firing, .. }, .. } => {
            let over = if *firing { "" } else { say!(" that it is over") };
            say!("{source} says of {service}{over}: {text}")
        }
    }
}
