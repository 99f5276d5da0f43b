//! The outbox: everything that leaves, with proof.
//!
//! 1. A commit puts an [`Item`] in, under a key that is the same whenever the same thing is to be said.
//! 2. The relay claims what is due, newest per slot, updates before cards, in order within a place.
//! 3. A [`Transport`] delivers it and says what became of it: [`Delivery`].
//! 4. Only a stored proof makes it sent. What may or may not have arrived is looked for before it is tried again.
//!
//! An item holds text, fields and buttons, and no type of any chat.

pub mod relay;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::clock::UtcMs;
use crate::ids::AudienceName;
use crate::ids::{DestinationName, IncidentId, MessageId, PersonId, PlaceId, RoleId};
use crate::incident::event::HomePart;
use crate::picture::Picture;

/// Names one thing that is to be said, for ever: incident, what, destination. Never used for another thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemKey(pub String);

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing on its way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its name for ever.
    pub key: ItemKey,
    /// Items of one slot replace each other: a newer one supersedes what is not yet delivered.
    pub slot: String,
    /// Whose it is.
    pub incident: Option<IncidentId>,
    /// What it is for; decides what its delivery is recorded as.
    pub purpose: Purpose,
    /// Where to.
    pub place: Place,
    /// How.
    pub post: Post,
    /// What.
    pub message: Message,
    /// Not before.
    pub due: UtcMs,
}

/// What an item is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An update to an audience.
    Update {
        /// Who is told.
        audience: AudienceName,
        /// Which update of the incident to that audience.
        number: u32,
        /// By which destination.
        destination: DestinationName,
    },
    /// A part of the incident's home is made for the first time.
    Home(HomePart),
    /// The card is brought up to date.
    CardRefresh,
    /// A remark to the people who work on it; its delivery is not recorded in the timeline.
    Notice,
    /// An alarm in the operations channel; where it stands is entered in the book.
    Alarm {
        /// Which.
        number: u64,
    },
    /// A responder is rung.
    Ring {
        /// Which ring of the incident.
        number: u32,
    },
    /// An update to somebody who follows it; its delivery is not recorded in the timeline.
    Follower,
    /// What rang is told that somebody answered.
    RingAnswered,
    /// What rang is told that it is over.
    RingOver,
}

impl Purpose {
    /// Updates go before everything else, cards last.
    pub fn rank(&self) -> u8 {
        match self {
            Purpose::Update { .. } | Purpose::Ring { .. } => 0,
            Purpose::Alarm { .. } => 1,
            Purpose::Home(_) | Purpose::Follower => 1,
            Purpose::Notice | Purpose::RingAnswered | Purpose::RingOver => 2,
            Purpose::CardRefresh => 3,
        }
    }
}

/// Where an item goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A channel or thread of the chat.
    Channel(PlaceId),
    /// A person's direct messages.
    Direct(PersonId),
    /// A configured destination that is not chat.
    Route(DestinationName),
}

/// How an item is brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// As a new message.
    New,
    /// In place of an earlier one.
    Edit(MessageId),
    /// As a thread under an earlier message of the place.
    Thread {
        /// The message that it hangs from.
        under: MessageId,
        /// The thread's name.
        name: String,
    },
    /// As a post of its own in a forum, whose first message it is.
    Topic {
        /// The post's name.
        name: String,
    },
    /// By pinning an earlier message.
    Pin(MessageId),
    /// As a new message that is also published to those who follow the channel.
    Announce,
}

/// Text, fields and buttons.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Message {
    /// Plain text above everything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// A block with title, colour and fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
    /// Commands, ready to be copied. From the procedure only, never what somebody typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copy: Vec<String>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Pictures, each with the same in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
    /// Roles that this message may ping; nobody else is pinged by it, whatever its text says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pings: Vec<RoleId>,
    /// People that this message may ping.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pings_people: Vec<PersonId>,
    /// Rings nobody's telephone.
    #[serde(default)]
    pub silent: bool,
    /// The same at 160 characters, for destinations that are read on phones; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub short: String,
}

impl Message {
    /// A message of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Message { text: text.into(), ..Message::default() }
    }
}

/// A block of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Block {
    /// One line.
    pub title: String,
    /// What stands under it.
    pub text: String,
    /// Named values.
    pub fields: Vec<Field>,
    /// A last small line.
    pub footer: String,
    /// What the colour says; the text says it too.
    pub tone: Tone,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// May stand beside its neighbours.
    pub short: bool,
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// Works.
    Good,
    /// Works partly.
    Warning,
    /// Does not work.
    Bad,
    /// Not known.
    Unknown,
}

/// A button. What it does is authorised again at the click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it does: see [`crate::button`].
    pub action: String,
    /// How much it stands out.
    pub weight: Weight,
}

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The likely next step.
    Primary,
    /// Anything else.
    #[default]
    Secondary,
    /// Needs a second thought.
    Danger,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Name with ending.
    pub name: String,
    /// Content, as text.
    pub content: String,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It is there.
    Sent(Proof),
    /// It is not there; try again after a while.
    Retry {
        /// Not before this long.
        after: Duration,
        /// Why, in words.
        why: String,
    },
    /// It may be there: the answer was lost.
    Uncertain {
        /// Why, in words.
        why: String,
    },
    /// It will never be there.
    Dead {
        /// Why, in words.
        why: String,
    },
}

/// What proves a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A message of the chat.
    Message {
        /// Where it stands.
        place: PlaceId,
        /// Its number.
        message: MessageId,
    },
    /// A thread of the chat.
    Thread(PlaceId),
    /// An answer of a server: `200`, `250 2.0.0 Ok: queued as …`.
    Answer(String),
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::Message { message, .. } => write!(f, "message {message}"),
            Proof::Thread(place) => write!(f, "thread {place}"),
            Proof::Answer(answer) => f.write_str(answer),
        }
    }
}

/// How far an item is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Waits until it is due.
    Due,
    /// Somebody is bringing it. Found after a restart, it is uncertain.
    Claimed {
        /// Since when.
        at: UtcMs,
    },
    /// It is there.
    Sent {
        /// Since when.
        at: UtcMs,
        /// What proves it.
        proof: Proof,
    },
    /// It will be tried again.
    Retry {
        /// Not before.
        at: UtcMs,
        /// Why it was not brought.
        why: String,
    },
    /// It may be there; to be looked for.
    Uncertain {
        /// Since when.
        at: UtcMs,
        /// Why that is not known.
        why: String,
    },
    /// It will never be there.
    Dead {
        /// Since when.
        at: UtcMs,
        /// Why.
        why: String,
    },
    /// A newer one of the same slot took its place before it was delivered.
    Superseded {
        /// The newer one.
        by: ItemKey,
    },
}

/// An item as the store keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The item.
    pub item: Item,
    /// How far it is.
    pub progress: Progress,
    /// How often it was tried.
    pub attempts: u32,
}

/// Brings items to one sort of place.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Brings the item. Takes at most ten seconds; never panics.
    async fn deliver(&self, item: &Item) -> Delivery;

    /// Looks whether an item whose delivery is uncertain has arrived. `None`: it has not, or that cannot be seen.
    async fn find(&self, item: &Item) -> Option<Proof>;
}
