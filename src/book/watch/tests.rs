//! What is one alarm, and what is not.

use super::*;
use crate::book::{BookEvent, BookRequest};
use crate::ids::{GuildId, PersonId, Seq};
use crate::incident::event::{Event, NewEvent, Origin, Recorded};
use crate::incident::{Capabilities, Verdict};
use crate::outbox::{Item, Post};
use crate::person::{Actor, Person};
use crate::policy::{GuildPolicy, Policy};

struct Case {
    book: Book,
    now: UtcMs,
    items: Vec<Item>,
}

fn policy() -> Policy {
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    Policy {
        guilds: BTreeMap::from([(GuildId(1), guild)]),
        alarm_guild: Some(GuildId(1)),
        services: vec!["one".into(), "two".into()],
        ..Policy::default()
    }
}

impl Case {
    fn new() -> Self {
        Case { book: Book::default(), now: UtcMs(0), items: Vec::new() }
    }

    fn ask(&mut self, request: WatchRequest) -> Result<(), Refusal> {
        let policy = policy();
        let actor = Actor::Person(Person { id: PersonId(7), name: "ana".to_owned() });
        let context = Context { now: self.now, actor: &actor, policy: &policy };
        let before = self.book.clone();
        let decided = crate::book::decide(&before, BookRequest::Watch(request), &context)?;
        let recorded: Vec<Recorded> = (before.version + 1..)
            .zip(decided)
            .map(|(version, decided)| Recorded {
                seq: Seq(version),
                version,
                recorded_at: self.now,
                new: NewEvent {
                    incident: IncidentId(0),
                    happened_at: self.now,
                    actor: actor.clone(),
                    origin: Origin::Check,
                    event: decided.event,
                },
            })
            .collect();
        assert!(recorded.iter().all(|one| matches!(one.new.event, Event::Book(BookEvent::Watch(_)))));
        self.book = recorded.iter().fold(before.clone(), Book::apply);
        let plan = crate::book::plan(&before, &self.book, &recorded, &policy, self.now);
        self.items.extend(plan.enqueue);
        Ok(())
    }

    fn with(mut self, request: WatchRequest) -> Self {
        self.ask(request).expect("entered");
        self
    }

    fn after(mut self, seconds: i64) -> Self {
        self.now = UtcMs(self.now.0 + seconds * 1_000);
        self
    }

    fn posted(self) -> Self {
        let number = self.book.watched.alarms.last().expect("an alarm").number;
        self.with(WatchRequest::Posted(Posted { alarm: number, place: PlaceId(10), message: MessageId(99) }))
    }

    /// What left, in order: new posts and edits of alarms, and lines.
    fn left(&self) -> Vec<String> {
        let kind = |item: &Item| match (&item.purpose, &item.post) {
            (crate::outbox::Purpose::Alarm { .. }, Post::New) => "alarm".to_owned(),
            (crate::outbox::Purpose::Alarm { .. }, _) => "edit".to_owned(),
            _ => item.message.text.chars().take(25).collect(),
        };
        self.items.iter().map(kind).collect()
    }
}

fn broke(service: &str, cause: Cause) -> WatchRequest {
    let down = Verdict::Down;
    WatchRequest::Broke {
        since: UtcMs(0),
        assessment: Box::new(LastAssessment {
            at: UtcMs(0),
            service: service.into(),
            verdict: down,
            cause: Some(cause),
            summary: format!("Nobody can send: {}", cause.meaning()),
            capabilities: Capabilities { send: down, ..Capabilities::default() },
        }),
        independent: Vec::new(),
        incident: None,
    }
}

fn foreign(key: &str, firing: bool) -> WatchRequest {
    WatchRequest::Foreign(Foreign {
        service: "one".into(),
        source: "alertmanager".to_owned(),
        key: key.to_owned(),
        text: "Queue is long".to_owned(),
        firing,
    })
}

#[test]
fn what_breaks_together_for_one_cause_is_one_post_and_another_cause_is_another() {
    let case = Case::new().with(broke("one", Cause::HostDown)).posted();
    let case = case.after(30).with(broke("two", Cause::HostDown));
    assert_eq!(case.book.watched.alarms.len(), 1);
    assert_eq!(case.left(), ["alarm", "edit", "edit"]);
    let edit = case.items.last().and_then(|item| item.message.block.clone()).expect("a block");
    assert_eq!(edit.title, "one and two: does not work");

    let case = Case::new().with(broke("one", Cause::HostDown)).posted().after(30);
    let case = case.with(broke("two", Cause::CertificateExpired));
    assert_eq!(case.book.watched.alarms.len(), 2);
    let case = Case::new().with(broke("one", Cause::HostDown)).posted().after(600);
    assert_eq!(case.with(broke("two", Cause::HostDown)).book.watched.alarms.len(), 2, "much later");
}

#[test]
fn it_is_over_when_all_of_it_works_and_said_again_it_is_no_news() {
    let case = Case::new().with(broke("one", Cause::HostDown)).with(broke("one", Cause::HostDown)).posted();
    let case = case.with(broke("two", Cause::HostDown)).after(720);
    let case = case.with(WatchRequest::Recovered("one".into()));
    assert!(case.book.watched.alarms[0].over.is_none());
    let case = case.with(WatchRequest::Recovered("two".into())).with(WatchRequest::Recovered("two".into()));
    assert!(case.book.watched.alarms[0].over.is_some());
    assert_eq!(case.left().last().map(String::as_str), Some("✓ one and two works again"));
}

#[test]
fn a_second_independent_fault_is_shown_beside_the_first() {
    let (service, summary) = ("one".into(), "The storage is full.".to_owned());
    let beside = Beside { service, cause: Cause::StorageFull, summary };
    let also = || WatchRequest::Also(beside.clone());
    let case = Case::new().with(broke("one", Cause::CertificateExpired)).posted().with(also()).with(also());
    let block = case.items.last().and_then(|item| item.message.block.clone()).expect("a block");
    assert!(block.text.ends_with("Besides, and not because of it: The storage is full."), "{}", block.text);
    assert_eq!(case.left(), ["alarm", "edit", "edit"]);
}

#[test]
fn what_somebody_called_no_incident_is_left_alone_until_it_worked() {
    let mut case = Case::new().with(broke("one", Cause::HostDown)).posted();
    let number = case.book.watched.alarms[0].number;
    let dismiss = || WatchRequest::Dismiss { alarm: number, why: "the standby".to_owned() };
    case.ask(dismiss()).expect("dismissed");
    assert_eq!(case.ask(dismiss()).expect_err("again").code(), "nothing-new");
    assert!(!case.book.watched.alarms[0].is_open());
    let case =
        case.with(WatchRequest::Recovered("one".into())).after(600).with(broke("one", Cause::HostDown));
    assert_eq!(case.book.watched.alarms.iter().filter(|alarm| alarm.is_open()).count(), 1);
}

#[test]
fn what_other_monitors_say_is_an_alarm_once_and_keeps_it_open() {
    let case = Case::new().with(foreign("a", true)).with(foreign("a", true)).posted();
    assert_eq!(case.left(), ["alarm", "edit"]);
    let case = case.with(broke("one", Cause::HostDown)).with(foreign("b", true));
    assert_eq!(case.book.watched.alarms.len(), 1);
    let case = case.with(WatchRequest::Recovered("one".into())).with(foreign("a", false));
    assert!(case.book.watched.alarms[0].over.is_none());
    assert!(case.with(foreign("b", false)).book.watched.alarms[0].over.is_some());
}

#[test]
fn events_as_they_were_first_written_are_still_read() {
    for kept in [
        r#"{"step":"also","service":"one","cause":"storage-full","summary":"The storage is full."}"#,
        r#"{"step":"posted","alarm":3,"place":"10","message":"99"}"#,
        r#"{"step":"foreign","service":"one","source":"alertmanager","key":"a","text":"long","firing":true,"held":null}"#,
    ] {
        let event: WatchEvent = serde_json::from_str(kept).expect("read");
        assert_eq!(serde_json::to_string(&event).expect("written"), kept);
    }
}
