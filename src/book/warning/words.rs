//! What is said before something breaks.

use watchpost_texts::say;

use super::{Certificate, RINGS, Warning, WarningEvent, Warnings, days_left};
use crate::button::{Action, ButtonId};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, ServiceName};
use crate::outbox::{Block, Button, Item, ItemKey, Message, Place, Post, Purpose, Tone, Weight};
use crate::person::Actor;
use crate::policy::Policy;

/// Certificates that end within this of each other, from one issuer, are renewed by the same way.
const SAME_WAY: i64 = 3 * 86_400_000;

/// What leaves because of one event.
pub fn items(
    before: &Warnings,
    after: &Warnings,
    event: &WarningEvent,
    version: u64,
    policy: &Policy,
    now: UtcMs,
) -> Vec<Item> {
    let Some(place) = policy.alarms() else { return Vec::new() };
    let message = match event {
        WarningEvent::Raised { .. } => after.get(version).map(|warning| told(warning, policy)),
        WarningEvent::Reminded { number, .. } => after.get(*number).map(|warning| told(warning, policy)),
        WarningEvent::Gone { number } => before.get(*number).map(|warning| Message {
            silent: true,
            ..Message::text(say!("✓ {}: {} is found no more.", warning.service, named(warning)))
        }),
        WarningEvent::Taken { .. } | WarningEvent::Silenced { .. } | WarningEvent::Certificate { .. } => None,
    };
    let key = format!("warning/{version}");
    let item = |message| Item {
        key: ItemKey(key.clone()),
        slot: key.clone(),
        incident: None,
        purpose: Purpose::Notice,
        place: Place::Channel(place),
        post: Post::New,
        message,
        due: now,
    };
    message.map(item).into_iter().collect()
}

fn named(warning: &Warning) -> String {
    format!("{} ({})", warning.cause.name(), warning.subject)
}

fn told(warning: &Warning, policy: &Policy) -> Message {
    let rings = warning.days.is_some_and(|days| days <= RINGS);
    let role = policy.alarm_role().filter(|_| rings);
    let text = warning.told.last().map(|(_, text)| text.clone()).unwrap_or_default();
    let block = Block {
        title: say!("{}: before it breaks", warning.service),
        text,
        footer: say!("warning {}", warning.number),
        tone: Tone::Warning,
        ..Block::default()
    };
    Message {
        text: role.map(|role| format!("<@&{role}>")).unwrap_or_default(),
        block: Some(block),
        buttons: vec![buttons(warning)],
        pings: role.into_iter().collect(),
        silent: !rings,
        ..Message::default()
    }
}

fn buttons(warning: &Warning) -> Vec<Button> {
    let button = |action: Action, label: &str, weight| Button {
        label: label.to_owned(),
        // The number of a warning stands where others have that of an incident.
        action: ButtonId::new(action, IncidentId(warning.number)).to_string(),
        weight,
    };
    let take = if warning.ends.is_some() { say!("I renew it") } else { say!("I see to it") };
    vec![
        button(Action::TakeWarning, take, Weight::Primary),
        button(Action::SilenceWarning, Action::SilenceWarning.label(), Weight::Secondary),
    ]
}

/// What ends when, what was done with earlier ones, and what else hangs on the same way of renewal.
pub(super) fn certificate(
    warnings: &Warnings,
    service: &ServiceName,
    certificate: &Certificate,
    habit: Option<i64>,
    now: UtcMs,
) -> String {
    let left = days_left(certificate.until, now).unwrap_or(0);
    let when = match left {
        0 => say!("in less than a day").to_owned(),
        1 => say!("in one day").to_owned(),
        days => say!("in {days} days"),
    };
    let habit = habit.map_or(String::new(), |days| {
        say!(" Earlier ones were replaced {days} days before; this one was not.")
    });
    let others = same_way(warnings, certificate);
    let others = match others.as_slice() {
        [] => String::new(),
        names => say!(" The same way of renewal has: {}.", names.join(", ")),
    };
    say!(
        "The certificate of {} ({service}) ends <t:{}:f>, {when}. After that programs refuse to connect.{habit}{others} Renew it, and reload every service that uses it.",
        certificate.host,
        certificate.until.seconds()
    )
}

/// Other hosts whose certificate is from the same issuer and ends at about the same time.
fn same_way(warnings: &Warnings, certificate: &Certificate) -> Vec<String> {
    let same = warnings.places.values().map(|place| &place.certificate).filter(|other| {
        other.host != certificate.host
            && other.issuer == certificate.issuer
            && (other.until.0 - certificate.until.0).abs() <= SAME_WAY
    });
    let mut hosts: Vec<String> = same.map(|other| other.host.clone()).collect();
    hosts.sort();
    hosts.dedup();
    hosts.truncate(10);
    hosts
}

/// What was warned before an incident, to whom, and what came of it.
pub fn history(warning: &Warning) -> String {
    let when: Vec<String> = warning.told.iter().map(|(at, _)| format!("<t:{}:f>", at.seconds())).collect();
    let taken = warning.taken.as_ref().map(|(by, at)| say!(" {by} took it <t:{}:f>.", at.seconds()));
    let silenced = warning.silenced.as_ref().map(|(by, until, why)| {
        say!(" {by} silenced it until <t:{}:f>: {}.", until.seconds(), why.trim_end_matches('.'))
    });
    let nobody = (taken.is_none() && silenced.is_none()).then(|| say!(" Nobody answered it.").to_owned());
    say!(
        "Warned before, in the operations channel: {}, told {}.{}{}{}",
        named(warning),
        when.join(", "),
        taken.unwrap_or_default(),
        silenced.unwrap_or_default(),
        nobody.unwrap_or_default()
    )
}

/// What happened, in words.
pub fn sentence(who: &Actor, event: &WarningEvent) -> String {
    match event {
        WarningEvent::Raised { text, .. } | WarningEvent::Reminded { text, .. } => say!("Warned: {text}"),
        WarningEvent::Taken { number } => say!("{who} sees to warning {number}."),
        WarningEvent::Silenced { number, until, why } => {
            say!("{who} silenced warning {number} until <t:{}:f>: {why}", until.seconds())
        }
        WarningEvent::Gone { number } => say!("Warning {number} is found no more."),
        WarningEvent::Certificate { certificate, replaced: Some(days), .. } => {
            say!("{} shows another certificate; the one before had {days} days left.", certificate.place)
        }
        WarningEvent::Certificate { certificate, .. } => {
            say!("{} shows a certificate that ends <t:{}:f>.", certificate.place, certificate.until.seconds())
        }
    }
}
