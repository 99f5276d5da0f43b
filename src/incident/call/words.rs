//! What is rung with, and what the timeline, the card and the thread say of it.

use watchpost_texts::say;

use super::CallEvent;
use crate::button::{Action, ButtonId};
use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::incident::event::{Event, Recorded};
use crate::outbox::{Block, Button, Item, ItemKey, Message, Place, Post, Purpose, Tone, Weight};
use crate::person::Actor;
use crate::policy::{GuildPolicy, Policy, Way};
use crate::update::time;

/// What leaves because of one event.
pub fn items(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Vec<Item> {
    let Some(guild) = policy.guilds.get(&incident.guild) else { return Vec::new() };
    match &recorded.new.event {
        Event::Call(CallEvent::Rung { number, whom, route, .. }) => {
            let Some(responder) = policy.responders.iter().find(|one| one.person.id == whom.id) else {
                return Vec::new();
            };
            let way = responder.routes.iter().find(|one| one.name == *route).map(|one| &one.way);
            let (place, mut message) = match way {
                Some(Way::Mention) => (Place::Channel(guild.operations), mention(incident)),
                Some(Way::Direct) => (Place::Direct(whom.id), direct(incident, guild)),
                Some(Way::Place { place, .. }) => (place.clone(), elsewhere(incident)),
                None => return Vec::new(),
            };
            if matches!(place, Place::Channel(_)) {
                message.text = format!("<@{}> {}", whom.id, message.text);
                message.pings_people = vec![whom.id];
            }
            vec![item(
                incident,
                &format!("ring/{number}"),
                Purpose::Ring { number: *number },
                place,
                message,
                now,
            )]
        }
        Event::Call(CallEvent::Capped { .. } | CallEvent::NobodyOnDuty { .. }) => {
            vec![loud(incident, recorded, guild, now)]
        }
        Event::Call(CallEvent::Answered { .. }) => over(incident, policy, now, Purpose::RingAnswered),
        Event::Resolved { .. } => over(incident, policy, now, Purpose::RingOver),
        _ => Vec::new(),
    }
}

fn item(
    incident: &Incident,
    name: &str,
    purpose: Purpose,
    place: Place,
    message: Message,
    now: UtcMs,
) -> Item {
    let key = format!("{}/{name}", incident.id);
    Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: Some(incident.id),
        purpose,
        place,
        post: Post::New,
        message,
        due: now,
    }
}

/// In the operations channel, with everybody called who can be.
fn loud(incident: &Incident, recorded: &Recorded, guild: &GuildPolicy, now: UtcMs) -> Item {
    let role = guild.ping.map(|role| format!("<@&{role}> ")).unwrap_or_default();
    let text = format!("{role}**{}**: {}", incident.id, crate::timeline::sentence(&recorded.new));
    let message = Message {
        pings: guild.ping.into_iter().collect(),
        buttons: vec![buttons(incident)],
        ..Message::text(text)
    };
    let name = format!("call/{}", recorded.version);
    item(incident, &name, Purpose::Notice, Place::Channel(guild.operations), message, now)
}

/// What keeps an alarm of its own is told that it is answered, or over.
fn over(incident: &Incident, policy: &Policy, now: UtcMs, purpose: Purpose) -> Vec<Item> {
    let name = if purpose == Purpose::RingOver { "over" } else { "answered" };
    let ways = policy.responders.iter().flat_map(|who| who.routes.iter().map(move |route| (who, route)));
    let rung = |(who, route): &(&crate::policy::Responder, &crate::policy::RingRoute)| {
        incident.calls.rings.iter().any(|ring| ring.whom.id == who.person.id && ring.route == route.name)
    };
    let kept = ways.filter(rung).filter_map(|(_, route)| match &route.way {
        Way::Place { place, keeps_alarm: true } => Some((route.name.clone(), place.clone())),
        _ => None,
    });
    let count = incident.calls.rings.len();
    let mut items: Vec<Item> = kept
        .map(|(route, place)| {
            let name = format!("ring/{name}/{count}/{route}");
            item(
                incident,
                &name,
                purpose.clone(),
                place,
                Message::text(incident.open_title().to_owned()),
                now,
            )
        })
        .collect();
    items.dedup_by(|one, other| one.key == other.key);
    items
}

fn buttons(incident: &Incident) -> Vec<Button> {
    let button = |action: Action, repair| Button {
        label: action.label().to_owned(),
        action: ButtonId { action, incident: incident.id, repair }.to_string(),
        weight: Weight::Secondary,
    };
    let about = incident.calls.running.as_ref().and_then(|running| running.about);
    let action = incident.actions.iter().find(|action| Some(action.number) == about);
    let mut buttons = match (action.and_then(|action| Some((action.number, action.handle?))), &incident.lead)
    {
        (Some((number, handle)), _) => {
            vec![button(Action::Approve, Some(handle)), button(Action::RefuseAction, Some(number))]
        }
        (None, Some(_)) => vec![button(Action::Coming, None)],
        (None, None) => vec![button(Action::Acknowledge, None)],
    };
    buttons[0].weight = Weight::Primary;
    buttons
}

/// What is wrong, for whom, and what is wanted.
fn what(incident: &Incident) -> String {
    let wrong = match &incident.assessment {
        _ if incident.is_restricted() => say!("a restricted incident").to_owned(),
        Some(last) => last.summary.clone(),
        None => incident.title.clone(),
    };
    let since = time(incident.began());
    let running = incident.calls.running.as_ref();
    let asked = match running {
        Some(running) if running.help => {
            let action = running
                .about
                .and_then(|number| incident.actions.iter().find(|action| action.number == number));
            let action = action.map(|action| {
                let effect = action.kind.effect();
                say!(" Asked: {}. {effect} {}", action.text, way_back(&action.rollback))
            });
            say!(
                "{} needs you: {}.{}",
                running.by,
                running.why.trim_end_matches('.'),
                action.unwrap_or_default()
            )
        }
        Some(running) => say!("You are called because {}.", running.why.trim_end_matches('.')),
        None => String::new(),
    };
    say!("{} since {since}: {} {asked}", incident.severity, full(&wrong))
}

fn way_back(rollback: &str) -> String {
    match rollback {
        "" => say!("No way back was named.").to_owned(),
        text => say!("Way back: {}.", text.trim_end_matches('.')),
    }
}

fn full(text: &str) -> String {
    format!("{}.", text.trim().trim_end_matches('.'))
}

fn mention(incident: &Incident) -> Message {
    let text = format!("**{}** {}", incident.id, what(incident));
    Message { buttons: vec![buttons(incident)], ..Message::text(text) }
}

/// Buttons in direct messages have no roles with them: the way leads to the thread.
fn direct(incident: &Incident, guild: &GuildPolicy) -> Message {
    let place = incident.home.thread.unwrap_or(guild.operations);
    Message::text(say!("**{}** {} Answer there: <#{place}>", incident.id, what(incident)))
}

fn elsewhere(incident: &Incident) -> Message {
    let block = Block {
        title: format!("{} · {} · {}", incident.id, incident.severity, incident.open_title()),
        text: say!("{} Answer in Discord: [I have it] on the card.", what(incident)),
        footer: incident.id.to_string(),
        tone: Tone::Bad,
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

/// What happened, for the timeline.
pub fn sentence(who: &Actor, event: &CallEvent) -> String {
    match event {
        CallEvent::Begun { why, help: true, .. } => say!("{who} calls the next responder: {why}"),
        CallEvent::Begun { why, .. } => say!("Responders are called: {why}"),
        CallEvent::Rung { number, whom, route, round, next } => {
            let again = if *round > 1 { say!(", round {round}") } else { String::new() };
            say!("Ring {number}: {} by {}{again}. The next one at {}.", whom.name, by(route), time(*next))
        }
        CallEvent::Arrived { number, proof } => say!("Ring {number} arrived ({proof})."),
        CallEvent::NotArrived { number, why } => say!("RING {number} REACHED NOBODY: {why}"),
        CallEvent::NobodyAnswered { round: 1 } => say!("NOBODY ANSWERED: all were rung once.").to_owned(),
        CallEvent::NobodyAnswered { round } => say!("NOBODY ANSWERED: all were rung {round} times."),
        CallEvent::NobodyOnDuty { next: Some(next) } => {
            say!("NOBODY IS ON DUTY. The next one is called at {}.", time(*next))
        }
        CallEvent::NobodyOnDuty { next: None } => {
            say!("NOBODY IS ON DUTY, now or in the coming week. Whoever reads this: take it.").to_owned()
        }
        CallEvent::Answered { rings: 0 } => say!("{who} answered before anybody was rung."),
        CallEvent::Answered { rings: 1 } => say!("{who} answered after one ring."),
        CallEvent::Answered { rings } => say!("{who} answered after {rings} rings."),
        CallEvent::Capped { rings } => say!(
            "THE CALL IS GIVEN UP AFTER {rings} RINGS: nobody answered, and nobody else is called by itself. Whoever reads this: take it."
        ),
    }
}

fn by(route: &str) -> &str {
    match route {
        "mention" => "a mention",
        "dm" => say!("direct message"),
        other => other,
    }
}

/// Who was rung and who is next, for the card; none where nobody is being called.
pub fn field(incident: &Incident) -> Option<String> {
    let calls = &incident.calls;
    if calls.capped.is_some() {
        return Some(say!("given up after {} rings: nobody answered", calls.rings.len()));
    }
    let running = calls.running.as_ref()?;
    let rung: Vec<String> = calls
        .rings
        .iter()
        .skip(running.from)
        .rev()
        .take(3)
        .map(|ring| {
            let lost = if ring.arrived == Some(false) { say!(", NOT REACHED") } else { "" };
            format!("{} {} ({}{lost})", time(ring.at), ring.whom.name, by(&ring.route))
        })
        .collect();
    let next = running.next.map(|next| say!("next {}", time(next)));
    Some(rung.into_iter().rev().chain(next).collect::<Vec<_>>().join("\n"))
}
