//! The story of two hours, the seven real outages, and texts that would like to be more than texts.

mod around;
mod hostile;
mod outages;
mod two_hours;

use chrono_tz::Tz;

use super::{Around, Readers, Story};
use crate::clock::UtcMs;
use crate::ids::{GuildId, IncidentId, PersonId, Seq};
use crate::incident::event::{Event, NewEvent, Origin, Recorded};
use crate::incident::{Incident, Severity};
use crate::person::{Actor, Person};

const ID: IncidentId = IncidentId(42);
const MINUTE: i64 = 60_000;
/// 2026-11-24 02:00 in Berlin.
const MIDNIGHT: i64 = 1_795_482_000_000;

fn minute(minute: i64) -> UtcMs {
    UtcMs(MIDNIGHT + minute * MINUTE)
}

fn person(number: u64, name: &str) -> Person {
    Person { id: PersonId(number), name: name.to_owned() }
}

/// What was recorded, event by event.
#[derive(Default)]
struct Tape {
    events: Vec<Recorded>,
}

impl Tape {
    fn add(&mut self, at: UtcMs, actor: Actor, origin: Origin, event: Event) -> u64 {
        let version = self.events.len() as u64 + 1;
        let new = NewEvent { incident: ID, happened_at: at, actor, origin, event };
        self.events.push(Recorded { seq: Seq(version), version, recorded_at: at, new });
        version
    }

    fn by(&mut self, at: i64, who: &Person, event: Event) -> u64 {
        self.add(minute(at), Actor::Person(who.clone()), Origin::Chat, event)
    }

    fn itself(&mut self, at: i64, origin: Origin, event: Event) -> u64 {
        self.add(minute(at), Actor::Watchpost, origin, event)
    }

    fn incident(&self) -> Incident {
        Incident::from_events(ID, &self.events)
    }
}

fn declared(title: &str, since: Option<UtcMs>) -> Event {
    Event::Declared {
        guild: GuildId(1),
        title: title.to_owned(),
        service: Some("main".into()),
        severity: Severity::Sev2,
        since,
        drill: false,
        procedure: None,
    }
}

fn story<'s>(incident: &'s Incident, tape: &'s Tape, around: &'s Around, readers: Readers) -> Story<'s> {
    Story { incident, events: &tape.events, zone: Tz::Europe__Berlin, around, readers }
}
