//! Step 2: who is told, and when. Nobody is left without word.
//!
//! 1. Declaring sets the first due time of each audience ([`crate::due`]).
//! 2. When it comes and nobody has written, [`due`] issues a text that says only what is known; who is due within a
//!    quarter of an hour rides along.
//! 3. [`tell`] records what a person wrote and issues it at once; an audience that was told something less than
//!    [`Policy::distance`] ago gets it as soon as that is over. A correction need not wait.
//! 4. What was typed for outsiders waits for a second person, where one is awake.
//! 5. [`works`], [`setback`] and [`resolution`] go to those who were told before.
//! 6. [`digest`] tells in the morning what was posted silently at night.
//!
//! [`Policy::distance`]: crate::policy::Policy::distance

use std::borrow::Cow;

use watchpost_texts::say;

use super::{Context, Decided, FACT_LIMIT, News, while_open};
use crate::clock::UtcMs;
use crate::config::{Approval, FirstText, Texts};
use crate::due;
use crate::ids::AudienceName;
use crate::incident::call::{self, CallRequest};
use crate::incident::event::{Event, UpdateKind};
use crate::incident::reach;
use crate::incident::telling::{Draft, TellingEvent, UNWRITTEN};
use crate::incident::{Eta, Facts, Incident, Told};
use crate::policy::Audience;
use crate::refusal::Refusal;
use crate::update::{self, Moment, Wording, guard};

/// Where a person is to send the first text, the draft is shown again after this.
const ASK_AGAIN: std::time::Duration = std::time::Duration::from_secs(15 * 60);

pub(in crate::incident) fn tell(
    incident: &Incident,
    news: News,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.is_restricted() {
        return Err(Refusal::Restricted);
    }
    let mut after = incident.clone();
    let mut events = Vec::new();
    if let Some(facts) = news.facts.filter(|facts| *facts != incident.facts) {
        let facts = checked(facts, incident, context)?;
        after.facts = facts.clone();
        events.push(Decided::now(context, Event::FactsChanged { facts }));
    }
    if let Some(eta) = news.eta.filter(|eta| *eta != incident.eta) {
        refuse_past(Some(eta), context)?;
        after.eta = eta;
        events.push(Decided::now(context, Event::EtaChanged { eta }));
    }
    let typed = after.facts != incident.facts;
    let awake = typed && incident.telling.awake_beside(context.actor, context.now).is_some();
    let withdrawn = news.eta.is_some_and(|eta| withdraws(incident, eta));
    let mut held = Vec::new();
    let listening = context
        .policy
        .audiences
        .iter()
        .filter(|audience| news.only.as_ref().is_none_or(|only| audience.name == *only));
    for audience in listening {
        let kind = kind_of_news(incident, audience, news.correction);
        if awake && audience.approval == Approval::SecondPerson && !incident.drill {
            held.push(audience.name.clone());
        } else if withdrawn || possible(incident, audience, kind, context) {
            events.extend(issue(&after, audience, kind, context.now, None, context));
        }
    }
    if !held.is_empty() {
        let (facts, eta, correction) = (after.facts.clone(), news.eta, news.correction);
        let draft = Draft { facts, eta, correction, held, before: incident.facts.clone() };
        events.push(Decided::now(context, Event::Telling(TellingEvent::Drafted(draft))));
    }
    Ok(events)
}

/// The expected end is another one: whoever was told something hears it at once. Who has heard nothing yet reads it in
/// their first text, when that is due.
pub(in crate::incident) fn estimate(
    incident: &Incident,
    eta: Eta,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    if eta == incident.eta {
        return Ok(Vec::new());
    }
    refuse_past(Some(eta), context)?;
    let mut events = vec![Decided::now(context, Event::EtaChanged { eta })];
    if !incident.is_restricted() && incident.telling.paused.is_none() {
        let mut after = incident.clone();
        after.note_estimate(context.now, eta);
        let kind = UpdateKind::Progress;
        let withdrawn = withdraws(incident, eta);
        let listening = context.policy.audiences.iter().filter(|audience| {
            let told = incident.told.contains_key(&audience.name);
            told && (withdrawn || possible(incident, audience, kind, context))
        });
        for audience in listening {
            events.extend(issue(&after, audience, kind, context.now, None, context));
        }
    }
    Ok(events)
}

/// Whether this takes back an end that was named: whoever counts on it must hear so at once, as of a correction.
fn withdraws(incident: &Incident, eta: Eta) -> bool {
    eta == Eta::Unknown && incident.eta != Eta::Unknown
}

/// The next word to an audience is due, and nobody has written it. Who is due soon rides along.
pub(super) fn due(
    incident: &Incident,
    audience: &AudienceName,
    _since: UtcMs,
    context: &Context<'_>,
) -> Vec<Decided> {
    let due = due::updates(incident, context.policy);
    // Another text has moved it on meanwhile.
    if due.get(audience).is_none_or(|at| *at > context.now) {
        return Vec::new();
    }
    let riding = due.iter().filter(|(_, at)| **at <= context.now + due::RIDE_ALONG);
    let mut events = Vec::new();
    for (name, planned) in riding {
        let Some(audience) = context.policy.audience(name) else { continue };
        if asks_first(incident, audience, context) {
            events.extend(ask_for_the_first(incident, audience, *planned, context));
            continue;
        }
        let kind = kind_when_due(incident, audience, context);
        if possible(incident, audience, kind, context) {
            events.extend(issue(incident, audience, kind, *planned, None, context));
        }
    }
    events.extend(nobody_wrote(incident, &events, context));
    events
}

/// A person's word to these audiences: what is due soon, now.
pub(in crate::incident) fn now(
    incident: &Incident,
    names: &[AudienceName],
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let mut events = Vec::new();
    for audience in names.iter().filter_map(|name| context.policy.audience(name)) {
        let kind = kind_when_due(incident, audience, context);
        if possible(incident, audience, kind, context) {
            events.extend(issue(incident, audience, kind, context.now, None, context));
        }
    }
    let last = names.iter().filter_map(|name| incident.told.get(name)).map(|told| told.at).max();
    match (events.is_empty(), last) {
        (true, Some(last)) => {
            let distance = context.policy.distance;
            Err(Refusal::TooSoon { minutes: distance.as_secs() / 60, possible: last + distance })
        }
        _ => Ok(events),
    }
}

/// The texts for which a second person was asked.
pub(in crate::incident) fn released(
    incident: &Incident,
    names: &[AudienceName],
    kind: UpdateKind,
    context: &Context<'_>,
) -> Vec<Decided> {
    let audiences = names.iter().filter_map(|name| context.policy.audience(name));
    let kind = |audience: &Audience| match incident.told.contains_key(&audience.name) {
        true => kind,
        false => UpdateKind::First,
    };
    // The facts stand; what is held back is the text.
    let mut free = incident.clone();
    free.telling.draft = None;
    audiences
        .flat_map(|audience| issue(&free, audience, kind(audience), context.now, None, context))
        .collect()
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

/// The morning after: one text for what was posted silently.
pub(in crate::incident) fn digest(
    incident: &Incident,
    audience: &AudienceName,
    context: &Context<'_>,
) -> Vec<Decided> {
    let due = incident.telling.digests.get(audience).copied();
    let due = due.filter(|due| *due <= context.now && !incident.is_restricted());
    match (due, context.policy.audience(audience)) {
        (Some(due), Some(audience)) => issue(incident, audience, UpdateKind::Digest, due, None, context),
        _ => Vec::new(),
    }
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
    told.flat_map(|audience| issue(incident, audience, kind, context.now, next, context)).collect()
}

/// The text, and what it replaces; nothing where this kind is not sent to this sort of reader.
fn issue(
    incident: &Incident,
    audience: &Audience,
    kind: UpdateKind,
    planned: UtcMs,
    next: Option<UtcMs>,
    context: &Context<'_>,
) -> Vec<Decided> {
    let (policy, now) = (context.policy, context.now);
    let over = kind == UpdateKind::Resolution || !incident.phase.is_open();
    let next = next.or_else(|| due::promise(incident, audience, now, policy)).filter(|_| !over);
    let moment = Moment { now, next, works_since: None };
    let incident = held_back(incident, audience);
    let Some(words) = update::compose(&incident, audience, kind, &moment, policy) else {
        return Vec::new();
    };
    let quiet = due::quiet_until(&audience.quiet_hours, policy.zone, now);
    let number = incident.told.get(&audience.name).map_or(0, |told| told.number) + 1;
    let issued = Event::UpdateIssued {
        audience: audience.name.clone(),
        number,
        kind,
        text: words.text,
        planned,
        next,
        missed: missed(&incident, audience, planned, context),
        wording: Wording {
            short: words.short,
            said: words.said,
            quiet_until: quiet.filter(|_| kind != UpdateKind::Digest),
            works_since: None,
        },
    };
    let mut events = superseded(&incident, audience, context);
    events.push(Decided::now(context, issued));
    events.extend(reach::at_issue(&incident, audience, number, context));
    events
}

/// For whom a second person is still asked, the facts are what they were told before.
fn held_back<'i>(incident: &'i Incident, audience: &Audience) -> Cow<'i, Incident> {
    match incident.telling.held(&audience.name) {
        Some(open) => {
            let facts = open.draft.before.clone();
            Cow::Owned(Incident { facts, ..incident.clone() })
        }
        None => Cow::Borrowed(incident),
    }
}

/// What was on its way to the same places is not brought any more; the timeline keeps that it was not.
fn superseded(incident: &Incident, audience: &Audience, context: &Context<'_>) -> Vec<Decided> {
    let Some(last) = incident.telling.updates.iter().rev().find(|issued| issued.audience == audience.name)
    else {
        return Vec::new();
    };
    let usual = audience.destinations.iter().map(|target| &target.name);
    let waiting = usual.chain(&last.instead).filter(|name| !incident.drill && !last.is_settled(name));
    waiting
        .map(|name| {
            let (audience, destination) = (audience.name.clone(), name.clone());
            let event = TellingEvent::Superseded { audience, number: last.number, destination };
            Decided::now(context, Event::Telling(event))
        })
        .collect()
}

/// How many words were due and not said before this one, because nothing was running.
fn missed(incident: &Incident, audience: &Audience, planned: UtcMs, context: &Context<'_>) -> u32 {
    let each = due::interval(incident, &audience.name, context.policy).filter(|each| !each.is_zero());
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

fn kind_when_due(incident: &Incident, audience: &Audience, context: &Context<'_>) -> UpdateKind {
    let policy = context.policy;
    let Some(told) = incident.told.get(&audience.name) else { return UpdateKind::First };
    let morning = incident.telling.digests.get(&audience.name).is_some_and(|due| *due <= context.now);
    match () {
        // The proof takes longer: what was said of it is said again.
        () if told.works => UpdateKind::Works,
        () if morning => UpdateKind::Digest,
        () if due::has_news(incident, audience, policy) => UpdateKind::Progress,
        // Partners are not told who is called.
        () if incident.lead.is_none() && audience.texts != Texts::Partners => {
            UpdateKind::HoldingUnacknowledged
        }
        () => UpdateKind::Holding,
    }
}

/// Two texts are at least the configured distance apart; a correction must not wait.
fn possible(incident: &Incident, audience: &Audience, kind: UpdateKind, context: &Context<'_>) -> bool {
    let told = incident.told.get(&audience.name);
    kind == UpdateKind::Correction || told.is_none_or(|told| context.now >= told.at + context.policy.distance)
}

fn asks_first(incident: &Incident, audience: &Audience, context: &Context<'_>) -> bool {
    context.policy.timing.first_text == FirstText::Ask && !incident.told.contains_key(&audience.name)
}

/// The first text is a person's to send: its draft is shown, again and again.
fn ask_for_the_first(
    incident: &Incident,
    audience: &Audience,
    due: UtcMs,
    context: &Context<'_>,
) -> Vec<Decided> {
    let name = audience.name.clone();
    let moved = TellingEvent::Moved { audience: name.clone(), to: context.now + ASK_AGAIN };
    let shown = TellingEvent::Reminded { due, audiences: vec![name] };
    let both = if incident.telling.reminded == Some(due) { vec![moved] } else { vec![shown, moved] };
    both.into_iter().map(|event| Decided::now(context, Event::Telling(event))).collect()
}

/// Two holding texts, one after the other, without a word of a person: the next responder is called. Never management.
fn nobody_wrote(incident: &Incident, events: &[Decided], context: &Context<'_>) -> Vec<Decided> {
    let holding =
        |decided: &Decided| matches!(&decided.event, Event::UpdateIssued { kind, .. } if kind.is_holding());
    let texts = incident.telling.unwritten + 1;
    if !events.iter().any(holding) || context.actor.person().is_some() || texts < UNWRITTEN {
        return Vec::new();
    }
    let mut all = vec![Decided::now(context, Event::Telling(TellingEvent::NobodyWrote { texts }))];
    let why = say!("{texts} texts went out by themselves, and nobody has written a word");
    // Where nobody is configured, or a call is under way, nothing follows.
    let call = CallRequest::Next { why, about: None };
    all.extend(call::decide(incident, call, context).unwrap_or_default());
    all
}

pub(in crate::incident) fn refuse_past(eta: Option<Eta>, context: &Context<'_>) -> Result<(), Refusal> {
    match eta {
        Some(Eta::At(at) | Eta::Between(_, at)) if at < context.now => {
            Err(Refusal::WrongTime(say!("is over already").to_owned()))
        }
        _ => Ok(()),
    }
}

/// What a person wrote: not too long, without what cannot be seen, and nothing in it that outsiders may not read.
pub(in crate::incident) fn checked(
    facts: Facts,
    incident: &Incident,
    context: &Context<'_>,
) -> Result<Facts, Refusal> {
    for text in [&facts.impact, &facts.instead, &facts.sentence, &facts.decision] {
        let length = text.chars().count();
        if length > FACT_LIMIT {
            return Err(Refusal::TooLong { length, limit: FACT_LIMIT });
        }
    }
    if let Some(what) = guard::betrays(&facts, incident, context.policy) {
        return Err(Refusal::NotForOutsiders { what });
    }
    Ok(Facts {
        impact: guard::clean(&facts.impact),
        instead: guard::clean(&facts.instead),
        sentence: guard::clean(&facts.sentence),
        mail: facts.mail,
        decision: guard::clean(&facts.decision),
    })
}
