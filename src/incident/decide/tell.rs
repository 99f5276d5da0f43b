//! Step 2: who is told, and when. Nobody is left without word.
//!
//! 1. Declaring sets the first due time of each audience ([`crate::due`]).
//! 2. When it comes and nobody has written, [`due`] issues a text that says only what is known.
//! 3. [`tell`] issues one at once when the facts or the estimate change, at least [`Policy::distance`] apart.
//! 4. [`resolution`] says the last word to everybody who was told the first.
//!
//! [`Policy::distance`]: crate::policy::Policy::distance

use super::{Context, Decided, FACT_LIMIT, News, while_open};
use crate::clock::UtcMs;
use crate::ids::AudienceName;
use crate::incident::event::{Event, UpdateKind};
use crate::incident::{Eta, Facts, Incident, Told};
use crate::policy::Audience;
use crate::refusal::Refusal;
use crate::update::{self, Moment};

pub(super) fn tell(incident: &Incident, news: News, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.is_restricted() {
        return Err(Refusal::Restricted);
    }
    let mut after = incident.clone();
    let mut events = Vec::new();
    if let Some(facts) = news.facts.filter(|facts| *facts != incident.facts) {
        let facts = checked(facts)?;
        after.facts = facts.clone();
        events.push(Decided::now(context, Event::FactsChanged { facts }));
    }
    if let Some(eta) = news.eta.filter(|eta| *eta != incident.eta) {
        if matches!(eta, Eta::At(at) | Eta::Between(_, at) if at < context.now) {
            return Err(Refusal::WrongTime("is over already".to_owned()));
        }
        after.eta = eta;
        events.push(Decided::now(context, Event::EtaChanged { eta }));
    }
    let listening = context
        .policy
        .audiences
        .iter()
        .filter(|audience| news.only.as_ref().is_none_or(|only| audience.name == *only));
    for audience in listening {
        let kind = kind_of_news(incident, audience, news.correction);
        refuse_too_soon(incident, audience, kind, context)?;
        events.push(Decided::now(context, issue(&after, audience, kind, context.now, context)));
    }
    Ok(events)
}

/// The next word to an audience is due, and nobody has written it.
pub(super) fn due(
    incident: &Incident,
    audience: &AudienceName,
    since: UtcMs,
    context: &Context<'_>,
) -> Vec<Decided> {
    let Some(audience) = context.policy.audience(audience) else {
        return Vec::new();
    };
    if !incident.phase.is_open() || incident.is_restricted() {
        return Vec::new();
    }
    let kind =
        if incident.told.contains_key(&audience.name) { UpdateKind::Holding } else { UpdateKind::First };
    vec![Decided::now(context, issue(incident, audience, kind, since, context))]
}

/// The last word, to everybody who was told the first.
pub(in crate::incident) fn resolution(incident: &Incident, context: &Context<'_>) -> Vec<Decided> {
    to_all(incident, UpdateKind::Resolution, None, context, |_| true)
}

/// It works again and is being proved, to everybody who was told the first word. `last_word`: when the proof will be
/// over, and so the last word comes.
pub(in crate::incident) fn works(
    incident: &Incident,
    last_word: Option<UtcMs>,
    context: &Context<'_>,
) -> Vec<Decided> {
    to_all(incident, UpdateKind::Works, last_word, context, |told| !told.works)
}

/// It was said that it works, and it does not: at once, to everybody who was told so, and to nobody else.
pub(in crate::incident) fn setback(incident: &Incident, context: &Context<'_>) -> Vec<Decided> {
    to_all(incident, UpdateKind::Setback, None, context, |told| told.works)
}

fn to_all(
    incident: &Incident,
    kind: UpdateKind,
    next: Option<UtcMs>,
    context: &Context<'_>,
    of_those: impl Fn(&Told) -> bool,
) -> Vec<Decided> {
    if incident.is_restricted() {
        return Vec::new();
    }
    let told = context
        .policy
        .audiences
        .iter()
        .filter(|audience| incident.told.get(&audience.name).is_some_and(&of_those));
    told.map(|audience| {
        let mut event = issue(incident, audience, kind, context.now, context);
        if let (Event::UpdateIssued { next: promised, .. }, Some(_)) = (&mut event, next) {
            *promised = next;
        }
        Decided::now(context, event)
    })
    .collect()
}

fn issue(
    incident: &Incident,
    audience: &Audience,
    kind: UpdateKind,
    planned: UtcMs,
    context: &Context<'_>,
) -> Event {
    let next = match kind {
        UpdateKind::Resolution => None,
        _ => context.policy.interval(incident.severity, &audience.name).map(|each| context.now + each),
    };
    let moment = Moment { now: context.now, next };
    Event::UpdateIssued {
        audience: audience.name.clone(),
        number: incident.told.get(&audience.name).map_or(0, |told| told.number) + 1,
        kind,
        text: update::compose(incident, audience.texts, kind, &moment, context.policy),
        planned,
        next,
        missed: missed(incident, audience, planned, context),
    }
}

/// How many words were due and not said before this one, because nothing was running.
fn missed(incident: &Incident, audience: &Audience, planned: UtcMs, context: &Context<'_>) -> u32 {
    let each = context.policy.interval(incident.severity, &audience.name).filter(|each| !each.is_zero());
    each.map_or(0, |each| {
        u32::try_from(context.now.since(planned).as_millis() / each.as_millis()).unwrap_or(u32::MAX)
    })
}

fn kind_of_news(incident: &Incident, audience: &Audience, correction: bool) -> UpdateKind {
    match (incident.told.contains_key(&audience.name), correction) {
        (false, _) => UpdateKind::First,
        (true, true) => UpdateKind::Correction,
        (true, false) => UpdateKind::Progress,
    }
}

/// Two texts are at least the configured distance apart; a correction must not wait.
fn refuse_too_soon(
    incident: &Incident,
    audience: &Audience,
    kind: UpdateKind,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let distance = context.policy.distance;
    match incident.told.get(&audience.name) {
        Some(told) if kind != UpdateKind::Correction && context.now < told.at + distance => {
            Err(Refusal::TooSoon { minutes: distance.as_secs() / 60, possible: told.at + distance })
        }
        _ => Ok(()),
    }
}

fn checked(facts: Facts) -> Result<Facts, Refusal> {
    for text in [&facts.impact, &facts.instead, &facts.sentence] {
        let length = text.chars().count();
        if length > FACT_LIMIT {
            return Err(Refusal::TooLong { length, limit: FACT_LIMIT });
        }
    }
    Ok(Facts {
        impact: facts.impact.trim().to_owned(),
        instead: facts.instead.trim().to_owned(),
        sentence: facts.sentence.trim().to_owned(),
    })
}
