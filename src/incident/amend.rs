//! What was recorded wrongly is put right by a new event; the old one stays as it was.
//!
//! 1. An entry is corrected, moved in time, struck, or chosen for (or left out of) the curated timeline.
//! 2. A milestone is set by hand, with what the time rests on and why. Milestones stay in order.
//! 3. [`Amendments`] is what holds after all of them; the timeline shows both, the new and what stood there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Incident;
use super::decide::{Context, Decided, ENTRY_LIMIT, FACT_LIMIT, line};
use super::event::Event;
use super::milestone::{Basis, Mark, Milestone};
use crate::clock::UtcMs;
use crate::person::Actor;
use crate::refusal::Refusal;

/// What can happen to what was recorded. `number` is the version of the incident that the entry made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum AmendEvent {
    /// It should read so.
    Corrected {
        /// Which.
        number: u64,
        /// How it should read.
        text: String,
    },
    /// It happened at another time.
    Moved {
        /// Which.
        number: u64,
        /// When.
        at: UtcMs,
    },
    /// It does not count.
    Struck {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
    /// It belongs into the curated timeline, or not.
    Curated {
        /// Which.
        number: u64,
        /// Whether.
        keep: bool,
    },
    /// A milestone was at another time.
    MilestoneSet {
        /// Which.
        which: Milestone,
        /// When.
        at: UtcMs,
        /// What that rests on.
        basis: Basis,
        /// Why.
        why: String,
    },
}

/// What somebody wants put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmendRequest {
    /// It should read so.
    Correct {
        /// Which.
        number: u64,
        /// How it should read.
        text: String,
    },
    /// It happened at another time.
    Move {
        /// Which.
        number: u64,
        /// When.
        at: UtcMs,
    },
    /// It does not count.
    Strike {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
    /// It belongs into the curated timeline, or not.
    Curate {
        /// Which.
        number: u64,
        /// Whether.
        keep: bool,
    },
    /// A milestone was at another time.
    SetMilestone {
        /// Which.
        which: Milestone,
        /// When.
        at: UtcMs,
        /// What that rests on.
        basis: Basis,
        /// Why.
        why: String,
    },
}

/// What holds for one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amendment {
    /// How it should read, and who says so.
    pub text: Option<(String, Actor)>,
    /// When it happened.
    pub at: Option<UtcMs>,
    /// Why it does not count.
    pub struck: Option<String>,
    /// Whether it belongs into the curated timeline.
    pub keep: Option<bool>,
}

/// What holds for all entries that were put right.
pub type Amendments = BTreeMap<u64, Amendment>;

/// The incident after one more event.
pub(super) fn apply(incident: &mut Incident, event: &AmendEvent, actor: &Actor) {
    let entry = |incident: &mut Incident, number: u64, change: &dyn Fn(&mut super::Entry)| {
        incident.entries.iter_mut().filter(|entry| entry.number == number).for_each(change);
    };
    match event {
        AmendEvent::Corrected { number, text } => {
            incident.amended.entry(*number).or_default().text = Some((text.clone(), actor.clone()));
            entry(incident, *number, &|entry| entry.text.clone_from(text));
        }
        AmendEvent::Moved { number, at } => {
            incident.amended.entry(*number).or_default().at = Some(*at);
            entry(incident, *number, &|entry| entry.at = *at);
        }
        AmendEvent::Struck { number, why } => {
            incident.amended.entry(*number).or_default().struck = Some(why.clone());
            incident.entries.retain(|entry| entry.number != *number);
        }
        AmendEvent::Curated { number, keep } => {
            incident.amended.entry(*number).or_default().keep = Some(*keep);
        }
        AmendEvent::MilestoneSet { which, at, basis, .. } => {
            incident.milestones.set_by_hand(*which, Mark { at: *at, basis: *basis });
            if *which == Milestone::ImpactStart {
                incident.since = Some(*at);
            }
        }
    }
}

/// What follows from a request. Also after the end: that is when most is put right.
pub(super) fn decide(
    incident: &Incident,
    request: AmendRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let event = match request {
        AmendRequest::Correct { number, text } => {
            there(incident, number)?;
            AmendEvent::Corrected { number, text: line(&text, ENTRY_LIMIT)? }
        }
        AmendRequest::Move { number, at } => {
            there(incident, number)?;
            not_ahead(at, context)?;
            AmendEvent::Moved { number, at }
        }
        AmendRequest::Strike { number, why } => {
            there(incident, number)?;
            AmendEvent::Struck { number, why: line(&why, FACT_LIMIT)? }
        }
        AmendRequest::Curate { number, keep } => {
            there(incident, number)?;
            AmendEvent::Curated { number, keep }
        }
        AmendRequest::SetMilestone { which, at, basis, why } => {
            not_ahead(at, context)?;
            in_order(incident, which, at)?;
            AmendEvent::MilestoneSet { which, at, basis, why: line(&why, FACT_LIMIT)? }
        }
    };
    Ok(vec![Decided::now(context, Event::Amended(event))])
}

fn there(incident: &Incident, number: u64) -> Result<(), Refusal> {
    if (1..=incident.version).contains(&number) {
        Ok(())
    } else {
        Err(Refusal::NothingNew(say!(
            "{} has no entry number {number}; /timeline shows the numbers, 1 to {}",
            incident.id,
            incident.version
        )))
    }
}

fn not_ahead(at: UtcMs, context: &Context<'_>) -> Result<(), Refusal> {
    if at > context.now { Err(Refusal::WrongTime(say!("lies in the future").to_owned())) } else { Ok(()) }
}

/// It began, then it was noticed, then it worked, then that was proved, then it was closed.
fn in_order(incident: &Incident, which: Milestone, at: UtcMs) -> Result<(), Refusal> {
    let mut after = incident.milestones.clone();
    after.set_by_hand(which, Mark { at, basis: Basis::Entered });
    match after.out_of_order() {
        None => Ok(()),
        Some((earlier, later)) => Err(Refusal::WrongTime(say!(
            "would put “{}” after “{}”. Correct that one first",
            earlier.name(),
            later.name()
        ))),
    }
}

/// What happened, in words.
pub(crate) fn sentence(who: &Actor, event: &AmendEvent) -> String {
    match event {
        AmendEvent::Corrected { number, text } => say!("{who} corrected entry {number}: {text}"),
        AmendEvent::Moved { number, at } => {
            say!("{who} moved entry {number} to <t:{}:f>.", at.seconds())
        }
        AmendEvent::Struck { number, why } => say!("{who} struck entry {number}: {why}"),
        AmendEvent::Curated { number, keep: true } => {
            say!("{who} chose entry {number} for the short timeline.")
        }
        AmendEvent::Curated { number, keep: false } => {
            say!("{who} left entry {number} out of the short timeline.")
        }
        AmendEvent::MilestoneSet { which, at, basis, why } => {
            say!("{who} set “{}” to <t:{}:f> ({}): {why}", which.name(), at.seconds(), basis.name())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{IncidentId, Seq};
    use crate::incident::event::{EntryKind, NewEvent, Origin, Recorded};
    use crate::policy::Policy;

    fn recorded(version: u64, at: i64, event: Event) -> Recorded {
        let new = NewEvent {
            incident: IncidentId(1),
            happened_at: UtcMs(at),
            actor: Actor::Watchpost,
            origin: Origin::Chat,
            event,
        };
        Recorded { seq: Seq(version), version, recorded_at: UtcMs(at), new }
    }

    fn declared() -> Incident {
        let event = Event::Declared {
            guild: crate::ids::GuildId(1),
            title: "Phones cannot send".to_owned(),
            service: None,
            severity: super::super::Severity::Sev2,
            since: None,
            drill: false,
            procedure: None,
        };
        let logged = Event::Logged { kind: EntryKind::Note, text: "teh timer".to_owned() };
        Incident::from_events(IncidentId(1), &[recorded(1, 10_000, event), recorded(2, 20_000, logged)])
    }

    fn asked(incident: &Incident, request: AmendRequest) -> Result<Incident, Refusal> {
        let policy = Policy::default();
        let context = Context { now: UtcMs(90_000), actor: &Actor::Watchpost, policy: &policy };
        let decided = decide(incident, request, &context)?;
        Ok(decided.into_iter().zip(incident.version + 1..).fold(
            incident.clone(),
            |incident, (decided, version)| {
                incident.apply(&recorded(version, decided.happened_at.0, decided.event))
            },
        ))
    }

    #[test]
    fn the_new_reading_holds_and_the_old_event_stays() {
        let after = asked(&declared(), AmendRequest::Correct { number: 2, text: " the timer ".to_owned() })
            .expect("ok");
        assert_eq!(after.entries[0].text, "the timer");
        let moved = asked(&after, AmendRequest::Move { number: 2, at: UtcMs(15_000) }).expect("ok");
        assert_eq!(moved.entries[0].at, UtcMs(15_000));
        let struck =
            asked(&moved, AmendRequest::Strike { number: 2, why: "wrong thread".to_owned() }).expect("ok");
        assert!(struck.entries.is_empty());
        assert_eq!(struck.amended[&2].struck.as_deref(), Some("wrong thread"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let incident = declared();
        let set = |which, at| AmendRequest::SetMilestone {
            which,
            at: UtcMs(at),
            basis: Basis::Estimated,
            why: "the log of the server".to_owned(),
        };
        for (request, code) in [
            (AmendRequest::Correct { number: 3, text: "x".to_owned() }, "no entry number 3"),
            (AmendRequest::Correct { number: 2, text: " ".to_owned() }, "empty"),
            (AmendRequest::Move { number: 2, at: UtcMs(91_000) }, "future"),
            (set(Milestone::ImpactStart, 11_000), "after “detected”"),
        ] {
            let refusal = asked(&incident, request).expect_err("refused").to_string();
            assert!(refusal.contains(code), "{refusal}");
        }
        let after = asked(&incident, set(Milestone::ImpactStart, 5_000)).expect("ok");
        assert_eq!(after.began(), UtcMs(5_000));
    }
}
