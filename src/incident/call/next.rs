//! Who is rung next, by which way.
//!
//! 1. The next way of who was rung last, while they are on duty.
//! 2. Then the next person of the order who was not rung in this round, counted from who was rung last.
//! 3. When all were rung, the next round; after the last one it is given up.

use std::time::Duration;

use chrono::{Datelike as _, Timelike as _};

use super::{CallEvent, Ring, Running};
use crate::clock::UtcMs;
use crate::ids::PersonId;
use crate::incident::Incident;
use crate::incident::decide::Context;
use crate::policy::{Policy, Responder};

/// How finely, and how far ahead, the next hours of duty are looked for.
const LOOK: (Duration, u32) = (Duration::from_secs(15 * 60), 7 * 24 * 4);

/// The next ring, or why there is none.
pub(super) fn ring(incident: &Incident, running: &Running, context: &Context<'_>) -> Vec<CallEvent> {
    let (policy, now) = (context.policy, context.now);
    let called: Vec<&Responder> =
        policy.responders.iter().filter(|who| is_called(who, incident, running)).collect();
    let on_duty: Vec<&Responder> =
        called.iter().copied().filter(|who| is_on_duty(who, policy, now)).collect();
    if on_duty.is_empty() {
        return vec![CallEvent::NobodyOnDuty { next: next_duty(&called, policy, now) }];
    }
    let rings = incident.calls.rings.get(running.from..).unwrap_or_default();
    let round = rings.last().map_or(1, |ring| ring.round);
    let rung = |(who, route): (&Responder, &str), round| CallEvent::Rung {
        number: u32::try_from(incident.calls.rings.len() + 1).unwrap_or(u32::MAX),
        whom: who.person.clone(),
        route: route.to_owned(),
        round,
        next: now + policy.call.wait,
    };
    if let Some(way) = same_person(&on_duty, rings).or_else(|| next_person(&on_duty, incident, rings, round))
    {
        return vec![rung(way, round)];
    }
    let nobody = CallEvent::NobodyAnswered { round };
    let again = (round < policy.call.rounds)
        .then(|| next_person(&on_duty, incident, rings, round + 1).map(|way| rung(way, round + 1)))
        .flatten();
    let capped = || CallEvent::Capped { rings: u32::try_from(rings.len()).unwrap_or(u32::MAX) };
    vec![nobody, again.unwrap_or_else(capped)]
}

/// Neither who asks nor who leads is called.
fn is_called(who: &Responder, incident: &Incident, running: &Running) -> bool {
    let is = |id: Option<PersonId>| id == Some(who.person.id);
    !is(running.by.person().map(|by| by.id)) && !is(incident.lead.as_ref().map(|lead| lead.id))
}

fn is_on_duty(who: &Responder, policy: &Policy, at: UtcMs) -> bool {
    let local = at.to_utc().with_timezone(&policy.zone);
    let time = local.time().with_second(0).unwrap_or_else(|| local.time());
    who.duty.iter().any(|hours| hours.contains(local.weekday(), time))
}

fn next_duty(called: &[&Responder], policy: &Policy, now: UtcMs) -> Option<UtcMs> {
    let (step, steps) = LOOK;
    // From a whole quarter of an hour on, so that "08:00" is met and not passed.
    let whole = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
    let from = UtcMs((now.0.div_euclid(whole) + 1) * whole);
    (0..steps)
        .map(|count| from + step * count)
        .find(|at| called.iter().any(|who| is_on_duty(who, policy, *at)))
}

type Way<'p> = (&'p Responder, &'p str);

fn same_person<'p>(on_duty: &[&'p Responder], rings: &[Ring]) -> Option<Way<'p>> {
    let last = rings.last()?;
    let who = on_duty.iter().copied().find(|who| who.person.id == last.whom.id)?;
    let rest = who.routes.iter().skip_while(|route| route.name != last.route).nth(1)?;
    Some((who, rest.name.as_str()))
}

fn next_person<'p>(
    on_duty: &[&'p Responder],
    incident: &Incident,
    rings: &[Ring],
    round: u32,
) -> Option<Way<'p>> {
    let last = incident.calls.rings.last().map(|ring| ring.whom.id);
    let start = on_duty.iter().position(|who| Some(who.person.id) == last).map_or(0, |at| at + 1);
    let rung =
        |who: &Responder| rings.iter().any(|ring| ring.round == round && ring.whom.id == who.person.id);
    let who = on_duty.iter().copied().cycle().skip(start).take(on_duty.len()).find(|who| !rung(who))?;
    who.routes.first().map(|route| (who, route.name.as_str()))
}
