//! Reports that came while no incident was open. Enough of them in a short time propose one.
//!
//! 1. Each is entered as it comes; those of the last day wait here, by server.
//! 2. When they cross the configured [`Threshold`], a proposal goes to the operations channel, once in its time at most,
//!    with what the reports have in common.
//! 3. Whoever declares takes them along: they count for the incident from then on. Or somebody says that it is none.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::STREAM;
use crate::button::{Action, ButtonId};
use crate::clock::UtcMs;
use crate::ids::{GuildId, IncidentId};
use crate::incident::event::Recorded;
use crate::outbox::{Button, Item, ItemKey, Message, Place, Post, Purpose, Weight};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::report::common::{crosses, people};
use crate::report::groups::sentence_of;
use crate::report::{KEPT, Report, Threshold};

/// Reports that wait at most for one server; older ones stay in the record.
const MOST: usize = 20_000;

/// What can happen to reports beside the incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ReportEvent {
    /// Somebody without mail told so.
    Waiting {
        /// Where.
        guild: GuildId,
        /// What they told.
        report: Report,
    },
    /// They propose an incident.
    Proposed {
        /// Where.
        guild: GuildId,
        /// For how many people they were.
        people: u32,
        /// What they have in common.
        common: String,
        /// When the first of them came.
        since: UtcMs,
    },
    /// An incident was declared: they count for it.
    Taken {
        /// Where.
        guild: GuildId,
        /// Which incident.
        incident: IncidentId,
    },
    /// It is no incident.
    Dismissed {
        /// Where.
        guild: GuildId,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportRequest {
    /// These came, looked at already one by one.
    Add {
        /// Where.
        guild: GuildId,
        /// What they told.
        reports: Vec<Report>,
    },
    /// They count for this incident.
    Take {
        /// Where.
        guild: GuildId,
        /// Which.
        incident: IncidentId,
    },
    /// It is no incident.
    Dismiss {
        /// Where.
        guild: GuildId,
    },
}

/// Reports of one server that wait.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Those of the last day, oldest first.
    pub reports: Vec<Report>,
    /// The proposal that nobody has answered: when, and what it said.
    pub proposed: Option<(UtcMs, String)>,
    /// When one was made last, answered or not.
    pub last: Option<UtcMs>,
}

/// By server.
pub type AllWaiting = BTreeMap<GuildId, Waiting>;

impl Waiting {
    /// Those that came within this time.
    pub fn recent(&self, now: UtcMs, within: Duration) -> Vec<Report> {
        self.reports.iter().filter(|report| now.since(report.at) <= within).cloned().collect()
    }
}

pub(super) fn decide(
    all: &AllWaiting,
    request: ReportRequest,
    threshold: Threshold,
    now: UtcMs,
) -> Result<Vec<ReportEvent>, Refusal> {
    match request {
        ReportRequest::Add { guild, reports } => {
            let mut after = all.get(&guild).cloned().unwrap_or_default();
            after.reports.extend(reports.iter().cloned());
            let mut events: Vec<ReportEvent> =
                reports.into_iter().map(|report| ReportEvent::Waiting { guild, report }).collect();
            events.extend(proposal(guild, &after, threshold, now));
            Ok(events)
        }
        ReportRequest::Take { guild, incident } => Ok(all
            .get(&guild)
            .filter(|waiting| !waiting.reports.is_empty() || waiting.proposed.is_some())
            .map(|_| ReportEvent::Taken { guild, incident })
            .into_iter()
            .collect()),
        ReportRequest::Dismiss { guild } => {
            match all.get(&guild).and_then(|waiting| waiting.proposed.as_ref()) {
                Some(_) => Ok(vec![ReportEvent::Dismissed { guild }]),
                None => Err(Refusal::NothingNew(say!("nothing is proposed any more").to_owned())),
            }
        }
    }
}

fn proposal(guild: GuildId, waiting: &Waiting, threshold: Threshold, now: UtcMs) -> Option<ReportEvent> {
    let quiet = waiting.last.is_none_or(|last| now.since(last) > threshold.within);
    if !quiet || !crosses(&waiting.reports, threshold, now) {
        return None;
    }
    let recent = waiting.recent(now, threshold.within);
    let since = recent.iter().map(|report| report.at).min()?;
    Some(ReportEvent::Proposed { guild, people: people(&recent), common: sentence_of(&recent), since })
}

pub(super) fn apply(all: &mut AllWaiting, event: &ReportEvent, at: UtcMs) {
    match event {
        ReportEvent::Waiting { guild, report } => {
            let waiting = all.entry(*guild).or_default();
            waiting.reports.push(report.clone());
            let first = waiting.reports.iter().position(|report| at.since(report.at) <= KEPT);
            let surplus = waiting.reports.len().saturating_sub(MOST);
            waiting.reports.drain(..first.unwrap_or(0).max(surplus));
        }
        ReportEvent::Proposed { guild, common, .. } => {
            let waiting = all.entry(*guild).or_default();
            waiting.proposed = Some((at, common.clone()));
            waiting.last = Some(at);
        }
        ReportEvent::Taken { guild, .. } => {
            all.remove(guild);
        }
        ReportEvent::Dismissed { guild } => {
            all.entry(*guild).or_default().proposed = None;
        }
    }
}

/// The proposal, to the operations channel. It rings: nobody works on it yet.
pub(super) fn item(recorded: &Recorded, event: &ReportEvent, policy: &Policy, now: UtcMs) -> Option<Item> {
    let ReportEvent::Proposed { guild, common, since, .. } = event else { return None };
    let place = policy.guilds.get(guild)?;
    let button = |action: Action, weight| Button {
        label: action.label().to_owned(),
        action: ButtonId { action, incident: STREAM, repair: Some(recorded.version) }.to_string(),
        weight,
    };
    let called = place.ping.map(|role| format!("<@&{role}> ")).unwrap_or_default();
    let text = say!(
        "{called}{common}. The first came <t:{0}:t> (<t:{0}:R>); no incident is open. Declare one, or say that it is none.",
        since.seconds()
    );
    let buttons = vec![
        button(Action::DeclareProposed, Weight::Primary),
        button(Action::DismissProposed, Weight::Secondary),
    ];
    let key = format!("book/proposal/{}", recorded.version);
    Some(Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: None,
        purpose: Purpose::Notice,
        place: Place::Channel(place.operations),
        post: Post::New,
        message: Message {
            buttons: vec![buttons],
            pings: place.ping.into_iter().collect(),
            ..Message::text(text)
        },
        due: now,
    })
}

pub(super) fn sentence(event: &ReportEvent) -> String {
    match event {
        ReportEvent::Waiting { report, .. } => say!("Reported: {}.", report.symptom),
        ReportEvent::Proposed { common, .. } => say!("Reports propose an incident: {common}."),
        ReportEvent::Taken { incident, .. } => say!("The reports that waited count for {incident}."),
        ReportEvent::Dismissed { .. } => say!("What was reported is no incident.").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::person::Person;
    use crate::report::Symptom;

    const HERE: GuildId = GuildId(1);

    fn report(person: u64, minute: i64) -> Report {
        Report {
            by: Person { id: PersonId(person), name: "uwe".into() },
            at: UtcMs(minute * 60_000),
            symptom: Symptom::CannotSend,
            client: None,
            site: None,
            domain: None,
            service: None,
            text: None,
            people: 1,
        }
    }

    fn ask(all: &mut AllWaiting, minute: i64, request: ReportRequest) -> Vec<ReportEvent> {
        let now = UtcMs(minute * 60_000);
        let events = decide(all, request, Threshold::default(), now).expect("decided");
        events.iter().for_each(|event| apply(all, event, now));
        events
    }

    fn add(all: &mut AllWaiting, person: u64, minute: i64) -> usize {
        let request = ReportRequest::Add { guild: HERE, reports: vec![report(person, minute)] };
        let events = ask(all, minute, request);
        events.iter().filter(|event| matches!(event, ReportEvent::Proposed { .. })).count()
    }

    #[test]
    fn five_people_propose_an_incident_once() {
        let mut all = AllWaiting::new();
        let proposed: Vec<usize> = (1..=7).map(|person| add(&mut all, person, 10)).collect();
        assert_eq!(proposed, [0, 0, 0, 0, 1, 0, 0]);
        ask(&mut all, 11, ReportRequest::Dismiss { guild: HERE });
        assert_eq!(add(&mut all, 8, 12), 0, "it was said that it is none");
        assert!((20..30).all(|person| add(&mut all, person, 69) == 0));
        assert_eq!(add(&mut all, 40, 71), 1, "an hour later it is asked again");
    }

    #[test]
    fn how_many_people_propose_an_incident_is_configured() {
        let threshold = Threshold { people: 2, within: Duration::from_secs(600) };
        let mut all = AllWaiting::new();
        let mut add = |person, minute: i64| {
            let now = UtcMs(minute * 60_000);
            let request = ReportRequest::Add { guild: HERE, reports: vec![report(person, minute)] };
            let events = decide(&all, request, threshold, now).expect("decided");
            events.iter().for_each(|event| apply(&mut all, event, now));
            events.iter().any(|event| matches!(event, ReportEvent::Proposed { people: 2, .. }))
        };
        assert_eq!([add(1, 0), add(2, 11), add(3, 12)], [false, false, true]);
    }

    #[test]
    fn what_is_declared_takes_the_reports_along() {
        let mut all = AllWaiting::new();
        let proposed: usize = (1..=6).map(|person| add(&mut all, person, 10)).sum();
        assert_eq!(proposed, 1);
        let hour = Threshold::default().within;
        assert_eq!(all[&HERE].recent(UtcMs(11 * 60_000), hour).len(), 6);
        assert!(all[&HERE].recent(UtcMs(200 * 60_000), hour).is_empty(), "too old to belong to it");
        ask(&mut all, 12, ReportRequest::Take { guild: HERE, incident: IncidentId(1) });
        assert!(all.is_empty());
        assert!(
            decide(&all, ReportRequest::Dismiss { guild: HERE }, Threshold::default(), UtcMs(0)).is_err()
        );
    }
}
