//! The public picture: what users were told, and what works. No host, no name, no internal word has a field here.

use serde::Serialize;
use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::config::Texts;
use crate::desk::Desk;
use crate::ids::{IncidentId, ServiceName};
use crate::incident::event::{Event, UpdateKind};
use crate::incident::{Incident, Verdict};
use crate::policy::Policy;
use crate::store::StoreError;
use crate::timeline;

/// How far back the page shows what is over: 90 days, as status pages do.
const SHOWN: std::time::Duration = std::time::Duration::from_secs(DAYS * 86_400);
/// The same in days.
const DAYS: u64 = 90;
/// At most so many of those.
const MOST: usize = 30;

/// Everything that is published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Picture {
    /// Whose mail it is.
    pub organisation: String,
    /// When the newest word was said; none where nothing ever was.
    pub updated: Option<UtcMs>,
    /// What people can do with their mail.
    pub capabilities: Vec<Capability>,
    /// The services, where there are several.
    pub components: Vec<Component>,
    /// What is not over.
    pub open: Vec<Outage>,
    /// What is.
    pub past: Vec<Outage>,
}

/// One thing that people do with their mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Capability {
    /// What.
    pub name: &'static str,
    /// How well it works.
    pub state: Verdict,
}

/// One service, under the name that people have for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Component {
    /// Its label.
    pub name: String,
    /// How well it works.
    pub state: Verdict,
}

impl Picture {
    /// Whether there was a disturbance, for each of the last 90 days in this zone, oldest first.
    pub fn disturbed_days(&self, now: UtcMs, zone: chrono_tz::Tz) -> Vec<bool> {
        let date = |at: UtcMs| at.to_utc().with_timezone(&zone).date_naive();
        let today = date(now);
        let spans: Vec<_> = self
            .open
            .iter()
            .chain(&self.past)
            .map(|outage| (date(outage.since), outage.until.map_or(today, date)))
            .collect();
        let days = (0..DAYS).rev().filter_map(|back| today.checked_sub_days(chrono::Days::new(back)));
        days.map(|day| spans.iter().any(|(from, to)| (*from..=*to).contains(&day))).collect()
    }
}

/// One outage, as users were told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// Its number.
    pub id: IncidentId,
    /// Since when.
    pub since: UtcMs,
    /// Until when.
    pub until: Option<UtcMs>,
    /// What was said, newest first.
    pub words: Vec<Word>,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// When it was said.
    pub at: UtcMs,
    /// What sort of text.
    pub kind: &'static str,
    /// The text; times stand as `<t:SECONDS:t>`.
    pub text: String,
    /// When the next one was promised.
    pub next: Option<UtcMs>,
}

/// The picture as of now.
///
/// # Errors
/// Whatever the store says.
pub async fn picture(
    desk: &Desk,
    organisation: &str,
    services: &[(ServiceName, String)],
    now: UtcMs,
) -> Result<Picture, StoreError> {
    let policy = desk.policy();
    let (mut open, mut past, mut worst) = (Vec::new(), Vec::new(), works());
    let mut components = components(services);
    for head in desk.store().heads().await? {
        let recent = head.resolved_at.is_none_or(|at| now.since(at) <= SHOWN);
        if head.drill || !recent || past.len() >= MOST {
            continue;
        }
        let Some((incident, outage)) = outage(desk, head.id, &policy).await? else { continue };
        if incident.is_restricted() {
            continue;
        }
        if incident.phase.is_open() {
            worsen(&mut worst, &incident);
            worsen_components(&mut components, services, &incident);
            open.push(outage);
        } else {
            past.push(outage);
        }
    }
    let updated =
        open.iter().chain(&past).filter_map(|outage| outage.words.first()).map(|word| word.at).max();
    Ok(Picture {
        organisation: organisation.to_owned(),
        updated,
        capabilities: worst,
        components,
        open,
        past,
    })
}

/// What users were told of an incident; nothing where they were told nothing.
async fn outage(
    desk: &Desk,
    id: IncidentId,
    policy: &Policy,
) -> Result<Option<(Incident, Outage)>, StoreError> {
    let events = desk.all_events(id).await?;
    let incident = Incident::from_events(id, &events);
    let readers = |name: &crate::ids::AudienceName| {
        policy.audience(name).is_some_and(|audience| audience.texts == Texts::Users)
    };
    let mut words: Vec<Word> = events
        .iter()
        .filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { audience, kind, text, next, .. } if readers(audience) => Some(Word {
                at: recorded.new.happened_at,
                kind: word_kind(*kind),
                text: text.clone(),
                next: *next,
            }),
            _ => None,
        })
        .collect();
    words.reverse();
    let outage = Outage { id, since: incident.began(), until: incident.resolved_at, words };
    Ok((!outage.words.is_empty()).then_some((incident, outage)))
}

fn word_kind(kind: UpdateKind) -> &'static str {
    timeline::update_kind(kind)
}

fn works() -> Vec<Capability> {
    [
        say!("Receiving mail"),
        say!("Sending mail"),
        say!("Mail inside the organisation"),
        say!("Reading and logging in"),
    ]
    .map(|name| Capability { name, state: Verdict::Ok })
    .to_vec()
}

/// The worst of what the open incidents say. Not measured is never shown as good.
fn worsen(capabilities: &mut [Capability], incident: &Incident) {
    let Some(last) = &incident.assessment else {
        for capability in capabilities {
            capability.state = worse(capability.state, Verdict::Unknown);
        }
        return;
    };
    let seen = last.capabilities;
    for (capability, state) in
        capabilities.iter_mut().zip([seen.receive, seen.send, seen.internal, seen.read])
    {
        capability.state = worse(capability.state, state);
    }
}

fn components(services: &[(ServiceName, String)]) -> Vec<Component> {
    let several = services.iter().filter(|_| services.len() > 1);
    several.map(|(_, label)| Component { name: label.clone(), state: Verdict::Ok }).collect()
}

/// An incident without a service may be about any of them.
fn worsen_components(components: &mut [Component], services: &[(ServiceName, String)], incident: &Incident) {
    let state = incident.assessment.as_ref().map_or(Verdict::Unknown, |last| last.verdict);
    for (component, (name, _)) in components.iter_mut().zip(services) {
        if incident.service.as_ref().is_none_or(|service| service == name) {
            component.state = worse(component.state, state);
        }
    }
}

fn worse(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict| match verdict {
        Verdict::Ok => 0,
        Verdict::Unknown => 1,
        Verdict::Degraded => 2,
        Verdict::Down => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// A state as a word.
pub fn state_word(state: Verdict) -> &'static str {
    match state {
        Verdict::Ok => "works",
        Verdict::Degraded => say!("works with limits"),
        Verdict::Down => say!("does not work"),
        Verdict::Unknown => say!("being looked into"),
    }
}
