//! Who wants to be told by direct message, or in a further channel: by a button under what users are told, and on the card.
//!
//! 1. `[Tell me]` follows one incident; `[Later ones too]` follows what comes after it for the same service and audience.
//! 2. Who reported follows their incident without asking; `[No more of this]` ends either.
//! 3. Each word to the audience then also goes to those who follow it ([`items`]), by the outbox. A newer word takes the
//!    place of one that did not arrive yet.
//!
//! What somebody may follow is decided where the button is pressed: the audience that reads in that channel.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Book;
use crate::button::{Action, ButtonId};
use crate::clock::UtcMs;
use crate::config::Texts;
use crate::ids::{AudienceName, GuildId, IncidentId, PersonId, PlaceId, ServiceName};
use crate::incident::Incident;
use crate::outbox::{Button, Item, ItemKey, Message, Place, Post, Purpose, Weight};
use crate::person::Person;
use crate::policy::Policy;
use crate::refusal::Refusal;

/// How many may follow at once: a direct message to each is a request of its own.
const MOST: usize = 5_000;
/// Numbers from here on belong to nobody in the chat: a reader of the status page cannot be written to.
const NOBODY_IN_CHAT: u64 = 1 << 63;

/// What can happen to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SubscriptionEvent {
    /// Somebody wants to be told.
    Followed {
        /// Who.
        reader: Reader,
        /// What of.
        topic: Topic,
    },
    /// Somebody wants to hear no more of an incident, nor of later ones.
    Left {
        /// Who.
        reader: Reader,
        /// Of which.
        incident: IncidentId,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionRequest {
    /// To be told.
    Follow(Reader, Topic),
    /// To hear no more.
    Leave(Reader, IncidentId),
}

/// Who follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Somebody, by direct message.
    Person(Person),
    /// A channel.
    Channel(PlaceId),
}

/// What is followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Topic {
    /// In which server.
    pub guild: GuildId,
    /// Whose words.
    pub audience: AudienceName,
    /// Which incident.
    pub of: Scope,
}

/// How much of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One incident.
    Incident(IncidentId),
    /// Every incident of a service; without one, those of which nobody knows the service.
    Service(Option<ServiceName>),
}

/// A reader as they are told apart: a person by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Person(PersonId),
    Channel(PlaceId),
}

impl Reader {
    fn who(&self) -> Who {
        match self {
            Reader::Person(person) => Who::Person(person.id),
            Reader::Channel(place) => Who::Channel(*place),
        }
    }
}

impl Who {
    fn place(self) -> Place {
        match self {
            Who::Person(person) => Place::Direct(person),
            Who::Channel(place) => Place::Channel(place),
        }
    }

    fn name(self) -> String {
        match self {
            Who::Person(person) => format!("direct/{person}"),
            Who::Channel(place) => format!("channel/{place}"),
        }
    }
}

/// Who follows what.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subscriptions {
    topics: BTreeMap<Topic, BTreeSet<Who>>,
    left: BTreeSet<(IncidentId, Who)>,
}

impl Subscriptions {
    fn count(&self) -> usize {
        self.topics.values().map(BTreeSet::len).sum()
    }

    /// Who hears what this audience is told of the incident. Who reported hears what users are told.
    fn readers(&self, incident: &Incident, audience: &AudienceName, texts: Texts) -> BTreeSet<Who> {
        let topic = |of| Topic { guild: incident.guild, audience: audience.clone(), of };
        let scopes = [Scope::Incident(incident.id), Scope::Service(incident.service.clone())];
        let asked = scopes.into_iter().filter_map(|of| self.topics.get(&topic(of))).flatten().copied();
        let reported = incident.reports.iter().map(|report| report.by.id).filter(|_| texts == Texts::Users);
        let reported = reported.filter(|id| id.0 != 0 && id.0 < NOBODY_IN_CHAT).map(Who::Person);
        asked.chain(reported).filter(|who| !self.left.contains(&(incident.id, *who))).collect()
    }
}

pub(super) fn decide(book: &Book, request: SubscriptionRequest) -> Result<Vec<SubscriptionEvent>, Refusal> {
    let known = &book.subscriptions;
    Ok(match request {
        SubscriptionRequest::Follow(reader, topic) => {
            let who = reader.who();
            let left = matches!(topic.of, Scope::Incident(id) if known.left.contains(&(id, who)));
            let follows = known.topics.get(&topic).is_some_and(|readers| readers.contains(&who));
            if follows && !left {
                return Ok(Vec::new());
            }
            if known.count() >= MOST {
                let why = say!(
                    "{MOST} follow already, which is the most that can be written to one by one. Follow the channel"
                );
                return Err(Refusal::NothingNew(why));
            }
            vec![SubscriptionEvent::Followed { reader, topic }]
        }
        SubscriptionRequest::Leave(reader, incident) => vec![SubscriptionEvent::Left { reader, incident }],
    })
}

pub(super) fn apply(kept: &mut Subscriptions, event: &SubscriptionEvent) {
    match event {
        SubscriptionEvent::Followed { reader, topic } => {
            let who = reader.who();
            // Whoever was forgotten has the number 0, and is written to no more.
            if who == Who::Person(PersonId(0)) {
                return;
            }
            if let Scope::Incident(id) = topic.of {
                kept.left.remove(&(id, who));
            }
            kept.topics.entry(topic.clone()).or_default().insert(who);
        }
        SubscriptionEvent::Left { reader, incident } => {
            let who = reader.who();
            kept.left.insert((*incident, who));
            for readers in kept.topics.values_mut() {
                readers.remove(&who);
            }
            kept.topics.retain(|_, readers| !readers.is_empty());
        }
    }
}

pub(super) fn sentence(event: &SubscriptionEvent) -> String {
    let name = |reader: &Reader| match reader {
        Reader::Person(person) => person.name.clone(),
        Reader::Channel(place) => format!("<#{place}>"),
    };
    match event {
        SubscriptionEvent::Followed { reader, topic } => {
            let of = match &topic.of {
                Scope::Incident(id) => id.to_string(),
                Scope::Service(Some(service)) => say!("every incident of {service}"),
                Scope::Service(None) => say!("every incident without a service").to_owned(),
            };
            say!("{} is told what {} are told of {of}", name(reader), topic.audience)
        }
        SubscriptionEvent::Left { reader, incident } => {
            say!("{} wants to hear no more of {incident}, nor of later ones", name(reader))
        }
    }
}

/// A word to this audience, for each who follows it.
pub fn items(
    incident: &Incident,
    audience: &AudienceName,
    texts: Texts,
    number: u32,
    message: &Message,
    (policy, now): (&Policy, UtcMs),
) -> Vec<Item> {
    // No drill reaches a stakeholder, and what is restricted is told to nobody beside those who are let in.
    if incident.drill || incident.is_restricted() {
        return Vec::new();
    }
    let readers = policy.subscriptions.readers(incident, audience, texts);
    let reads_there = |who: &Who| {
        let places = policy.audience(audience).map(|found| &found.destinations[..]).unwrap_or_default();
        places.iter().any(|target| target.place == who.place())
    };
    let item = |who: Who| {
        let slot = format!("{}/follow/{audience}/{}", incident.id, who.name());
        Item {
            key: ItemKey(format!("{slot}/{number}")),
            slot,
            incident: Some(incident.id),
            purpose: Purpose::Follower,
            place: who.place(),
            post: Post::New,
            message: Message {
                buttons: vec![vec![button(Action::Unfollow, incident.id)]],
                ..message.clone()
            },
            due: now,
        }
    };
    readers.into_iter().filter(|who| !reads_there(who)).map(item).collect()
}

/// A button about following this incident.
pub fn button(action: Action, incident: IncidentId) -> Button {
    Button {
        label: action.label().to_owned(),
        action: ButtonId::new(action, incident).to_string(),
        weight: Weight::Secondary,
    }
}

/// The audience whose words are followed by a button that is pressed here: the one that reads here; elsewhere the first one
/// with the texts of users, for everybody may read those.
pub fn audience_here(policy: &Policy, place: Option<PlaceId>) -> Option<AudienceName> {
    let reads = |place: PlaceId| {
        policy
            .audiences
            .iter()
            .find(|audience| audience.destinations.iter().any(|target| target.place == Place::Channel(place)))
    };
    let users = || policy.audiences.iter().find(|audience| audience.texts == Texts::Users);
    place.and_then(reads).or_else(users).map(|audience| audience.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Block;
    use crate::policy::{Audience, Target};
    use crate::report::{Report, Symptom};
    use std::sync::Arc;

    fn person(id: u64) -> Reader {
        Reader::Person(Person { id: PersonId(id), name: format!("p{id}") })
    }

    fn topic(of: Scope) -> Topic {
        Topic { guild: GuildId(1), audience: "users".into(), of }
    }

    fn incident() -> Incident {
        let mut incident = Incident::unborn(IncidentId(7));
        incident.guild = GuildId(1);
        incident.service = Some("main".into());
        incident
    }

    fn reported(id: u64) -> Report {
        Report {
            by: Person { id: PersonId(id), name: "r".into() },
            at: UtcMs(0),
            symptom: Symptom::Else,
            client: None,
            site: None,
            domain: None,
            service: None,
            text: None,
            people: 1,
        }
    }

    fn places(book: &Book, incident: &Incident, audience: &str, texts: Texts) -> Vec<Place> {
        let audiences = vec![Audience::new(
            "users".into(),
            Texts::Users,
            vec![Target { name: "mail-status".into(), place: Place::Channel(PlaceId(20)) }],
        )];
        let policy = Policy { audiences, subscriptions: book.subscriptions.clone(), ..Policy::default() };
        let message = Message { block: Some(Block::default()), ..Message::default() };
        let items = items(incident, &audience.into(), texts, 3, &message, (&policy, UtcMs(0)));
        items.into_iter().map(|item| item.place).collect()
    }

    fn with(requests: Vec<SubscriptionRequest>) -> Book {
        requests.into_iter().fold(Book::default(), |mut book, request| {
            for event in decide(&book, request).expect("taken") {
                apply(Arc::make_mut(&mut book.subscriptions), &event);
            }
            book
        })
    }

    #[test]
    fn one_hears_of_what_one_follows_and_no_more_after_leaving() {
        use SubscriptionRequest::{Follow, Leave};
        let this = || topic(Scope::Incident(IncidentId(7)));
        let service = |name: &str| topic(Scope::Service(Some(name.into())));
        let direct = |id| Place::Direct(PersonId(id));
        let table = [
            (vec![Follow(person(5), this())], vec![direct(5)]),
            (vec![Follow(person(5), this()), Follow(person(5), service("main"))], vec![direct(5)]),
            (vec![Follow(person(5), service("other"))], vec![]),
            (vec![Follow(person(5), topic(Scope::Incident(IncidentId(8))))], vec![]),
            (vec![Follow(person(5), this()), Leave(person(5), IncidentId(7))], vec![]),
            (vec![Follow(person(5), service("main")), Leave(person(5), IncidentId(3))], vec![]),
            (vec![Leave(person(5), IncidentId(7)), Follow(person(5), this())], vec![direct(5)]),
            (vec![Follow(Reader::Channel(PlaceId(9)), this())], vec![Place::Channel(PlaceId(9))]),
            // It is told there anyway.
            (vec![Follow(Reader::Channel(PlaceId(20)), this())], vec![]),
        ];
        for (requests, expected) in table {
            let said = format!("{requests:?}");
            assert_eq!(places(&with(requests), &incident(), "users", Texts::Users), expected, "{said}");
        }
        let book = with(vec![Follow(person(5), this())]);
        assert!(
            places(&book, &incident(), "management", Texts::Management).is_empty(),
            "of another audience"
        );
        let drill = Incident { drill: true, ..incident() };
        assert!(places(&book, &drill, "users", Texts::Users).is_empty(), "a drill reaches nobody");
    }

    #[test]
    fn who_reported_hears_of_it_until_they_leave_and_readers_of_the_page_are_nobody_in_the_chat() {
        let mut incident = incident();
        incident.reports = vec![reported(5), reported(5), reported(0), reported(NOBODY_IN_CHAT | 5)];
        assert_eq!(places(&Book::default(), &incident, "users", Texts::Users), [Place::Direct(PersonId(5))]);
        assert!(places(&Book::default(), &incident, "management", Texts::Management).is_empty());
        let left = with(vec![SubscriptionRequest::Leave(person(5), IncidentId(7))]);
        assert!(places(&left, &incident, "users", Texts::Users).is_empty());
    }

    #[test]
    fn the_form_in_the_journal_stays() {
        let event = SubscriptionEvent::Followed {
            reader: Reader::Channel(PlaceId(9)),
            topic: topic(Scope::Incident(IncidentId(7))),
        };
        let json = serde_json::to_value(&event).expect("JSON");
        assert_eq!(json["step"], "followed");
        assert_eq!(serde_json::from_value::<SubscriptionEvent>(json).expect("reads back"), event);
    }
}
