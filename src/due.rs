//! When the next word to each audience is due: asked of the incident, not kept by a sleeping task, so that the
//! same question after a restart gets the same answer.
//!
//! 1. What the last text promised holds, whatever has changed since. Before the first text it is the cadence's `first`.
//! 2. What the reader notices (impact, estimate, what to use instead, something more that is down) is due at once, yet at
//!    least the configured distance after the last text.
//! 3. `[Later]` moves one due time; a pause takes all of them away.
//! 4. A draft is shown a little before; what is due within a quarter of an hour rides along on it.
//! 5. In quiet hours texts go out silently, and one digest follows when they end.

mod quiet;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::UtcMs;
use crate::ids::AudienceName;
use crate::incident::{Incident, reach};
use crate::policy::{Audience, Policy};
use crate::store::TimerKey;
pub use quiet::quiet_until;

/// What is due within this rides along on one draft.
pub const RIDE_ALONG: Duration = Duration::from_secs(15 * 60);
/// Promises are made for whole five minutes, where texts are at least a quarter of an hour apart.
const RASTER_MS: i64 = 5 * 60_000;

/// The due time of each audience that is to hear of this incident again.
pub fn updates(incident: &Incident, policy: &Policy) -> BTreeMap<AudienceName, UtcMs> {
    let silent = incident.telling.paused.is_some() || incident.is_restricted();
    if incident.version == 0 || !incident.phase.is_open() || silent {
        return BTreeMap::new();
    }
    let due = |audience: &Audience| Some((audience.name.clone(), one(incident, audience, policy)?));
    policy.audiences.iter().filter_map(due).collect()
}

fn one(incident: &Incident, audience: &Audience, policy: &Policy) -> Option<UtcMs> {
    let promised = match incident.told.get(&audience.name) {
        Some(told) => told.next,
        None => policy
            .first(incident.severity, &audience.name)
            .map(|first| incident.declared_at + first - incident.telling.set_back),
    };
    let moved = incident.telling.moved.get(&audience.name).copied();
    let promised = promised.map(|promised| moved.map_or(promised, |moved| moved.max(promised)));
    match (promised, news(incident, audience, policy)) {
        (Some(promised), Some(news)) => Some(promised.min(news)),
        (promised, news) => promised.or(news),
    }
}

/// When a change that this audience was not told of may be told; none where there is none.
fn news(incident: &Incident, audience: &Audience, policy: &Policy) -> Option<UtcMs> {
    let told = incident.told.get(&audience.name)?;
    let news = incident.telling.news_at.filter(|news| *news > told.at)?;
    let waits = told.works || incident.telling.held(&audience.name).is_some();
    (!waits).then(|| news.max(told.at + policy.distance))
}

/// Whether something that the reader notices has changed since this audience was told.
pub fn has_news(incident: &Incident, audience: &Audience, policy: &Policy) -> bool {
    news(incident, audience, policy).is_some()
}

/// From one word to the next, as it stands for this incident.
pub fn interval(incident: &Incident, audience: &AudienceName, policy: &Policy) -> Option<Duration> {
    let each = policy.interval(incident.severity, audience)?;
    Some(if incident.telling.slow { each * 2 } else { each })
}

/// When a text of now promises the next word.
pub fn promise(incident: &Incident, audience: &Audience, now: UtcMs, policy: &Policy) -> Option<UtcMs> {
    let each = interval(incident, &audience.name, policy)?;
    let next = now + each;
    let next = if each >= RIDE_ALONG {
        UtcMs((next.0 + RASTER_MS / 2).div_euclid(RASTER_MS) * RASTER_MS)
    } else {
        next
    };
    // A text shortly before the morning waits for the digest.
    let morning = quiet_until(&audience.quiet_hours, policy.zone, next);
    Some(morning.filter(|morning| morning.since(next) <= RIDE_ALONG).unwrap_or(next))
}

/// The next draft: when it is due, and whom it is for; none where nothing is due or it would be shown too late.
pub fn next_draft(incident: &Incident, policy: &Policy) -> Option<(UtcMs, Vec<AudienceName>)> {
    let due = updates(incident, policy);
    let first = due.values().min().copied()?;
    let names = due.into_iter().filter(|(_, at)| *at <= first + RIDE_ALONG).map(|(name, _)| name);
    Some((first, names.collect()))
}

/// When the next draft is to be shown.
fn reminder(incident: &Incident, policy: &Policy) -> Option<UtcMs> {
    let (due, audiences) = next_draft(incident, policy)?;
    let at = due - policy.timing.reminder;
    let last = audiences.iter().filter_map(|name| incident.told.get(name)).map(|told| told.at).max();
    let room = last.unwrap_or(incident.declared_at - incident.telling.set_back);
    (incident.telling.reminded != Some(due) && at > room).then_some(at)
}

/// All due times around telling this incident.
pub fn timers(incident: &Incident, policy: &Policy) -> BTreeMap<TimerKey, UtcMs> {
    let id = incident.id;
    let texts = updates(incident, policy).into_iter().map(|(name, at)| (TimerKey::Update(id, name), at));
    let draft = reminder(incident, policy).map(|at| (TimerKey::Reminder(id), at));
    let digests = incident.telling.digests.iter().map(|(name, at)| (TimerKey::Digest(id, name.clone()), *at));
    let calls = reach::due(incident, policy).map(|at| (TimerKey::Telephone(id), at));
    texts.chain(draft).chain(digests).chain(calls).collect()
}
