//! Small things to store, for the tests of this folder.

use std::fs;
use std::path::Path;

use crate::clock::UtcMs;
use crate::ids::{GuildId, IncidentId, PersonId, PlaceId};
use crate::incident::event::{EntryKind, Event, NewEvent, Origin};
use crate::incident::{Phase, Severity};
use crate::outbox::{Item, ItemKey, Message, Place, Post, Purpose};
use crate::person::{Actor, Person};
use crate::store::{Commit, DedupeKey, Head};

/// Midnight of 2026-11-23, where all tests begin.
pub const START: UtcMs = UtcMs(1_795_392_000_000);

/// A moment so many seconds after the start.
pub fn at(seconds: i64) -> UtcMs {
    UtcMs(START.0 + seconds * 1000)
}

/// Somebody.
pub fn person(id: u64, name: &str) -> Person {
    Person { id: PersonId(id), name: name.to_owned() }
}

/// A remark in an incident.
pub fn note(incident: u64, by: Actor, text: &str) -> NewEvent {
    NewEvent {
        incident: IncidentId(incident),
        happened_at: START,
        actor: by,
        origin: Origin::Chat,
        event: Event::Logged { kind: EntryKind::Note, text: text.to_owned() },
    }
}

/// A commit of one remark that expects `version`.
pub fn noting(incident: u64, version: u64, text: &str) -> Commit {
    Commit {
        recorded_at: START,
        expect: vec![(IncidentId(incident), version)],
        events: vec![note(incident, Actor::Watchpost, text)],
        ..Commit::default()
    }
}

/// A commit that is refused the second time.
pub fn once(key: &str, until: UtcMs) -> Commit {
    Commit { recorded_at: START, dedupe: vec![(DedupeKey(key.to_owned()), until)], ..Commit::default() }
}

/// How an incident looks in lists.
pub fn head(incident: u64, title: &str) -> Head {
    Head {
        id: IncidentId(incident),
        guild: GuildId(1),
        title: title.to_owned(),
        service: None,
        severity: Severity::Sev2,
        phase: Phase::Investigating,
        cause: None,
        drill: false,
        declared_at: START,
        resolved_at: None,
        version: 1,
    }
}

/// A remark that is to be said in a channel.
pub fn item(key: &str, slot: &str, place: u64, due: UtcMs) -> Item {
    Item {
        key: ItemKey(key.to_owned()),
        slot: slot.to_owned(),
        incident: Some(IncidentId(1)),
        purpose: Purpose::Notice,
        place: Place::Channel(PlaceId(place)),
        post: Post::New,
        message: Message::text(key),
        due,
    }
}

/// A commit that says something.
pub fn saying(items: Vec<Item>) -> Commit {
    Commit { recorded_at: START, enqueue: items, ..Commit::default() }
}

/// A folder for one test: in memory where the machine has such a place, so that thousands of syncs cost nothing.
/// What a sync is worth is not tested by waiting for it.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// Everything that stands in a folder, into another one.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}
