//! `[audience.<name>]`: who must be told, where, and in which words.

use serde::{Deserialize, Serialize};

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::{AudienceName, DestinationName};
use super::read::Table;
use super::time::Hours;
use super::value::{FromValue, Item, choice};

static DESTINATIONS: Key<Vec<DestinationName>> = Key::new(
    "destinations",
    "Where this audience is told, the first ones first. All of them get every update.",
)
.default("[]")
.example("[\"status-page\", \"mail-status\"]");
static FALLBACK: Key<Vec<DestinationName>> = Key::new(
    "fallback",
    "Where this audience is told instead, and told that it is instead: while Discord is away, and when one of its \
     destinations is suspended or gone.",
)
.default("[]")
.example("[\"hall-screen\"]");
static TEXTS: Key<Texts> = Key::new(
    "texts",
    "Whose words it reads: \"users\", \"management\" or \"partners\". Without it: its own, and for audiences of yours \
     those of users.",
)
.example("\"management\"");
static LANGUAGE: Key<String> =
    Key::new("language", "The language of its updates. Without it: that of the organisation.")
        .example("\"en\"");
static TONE: Key<Tone> = Key::new(
    "tone",
    "\"plain\"; \"friendly\": with a word of regret and of thanks; \"brief\": the texts for phones everywhere.",
)
.default("\"plain\"");
static APPROVAL: Key<Approval> = Key::new(
    "approval",
    "\"second-person\": what a person has typed is approved by another one, if one is awake; \"none\". Without it: \
     \"second-person\" for audiences that read the texts of partners, else \"none\".",
)
.example("\"second-person\"");
static QUIET_HOURS: Key<Vec<Hours>> =
    Key::new("quiet_hours", "When posts are silent and a digest follows in the morning.")
        .default("[]")
        .example("[\"22:00-06:30\"]");
static HIDES: Key<Vec<Hidden>> = Key::new(
    "hides",
    "What its updates leave out: \"cause\", \"people\", \"severity\". Host names are never shown.",
)
.default("[]")
.example("[\"cause\"]");

const KEYS: &[&dyn AnyKey] =
    &[&DESTINATIONS, &FALLBACK, &TEXTS, &LANGUAGE, &TONE, &APPROVAL, &QUIET_HOURS, &HIDES];

pub(super) const SECTION: Section = Section {
    heading: "audience.<name>",
    meaning: "Who must be told. The audiences users, management and partners always exist; others may be added.",
    keys: KEYS,
};

/// The audiences that exist without being named.
const ALWAYS: [(&str, Texts); 3] =
    [("users", Texts::Users), ("management", Texts::Management), ("partners", Texts::Partners)];

pub(super) fn always_exists(name: &str) -> bool {
    ALWAYS.iter().any(|(always, _)| *always == name)
}

/// Who must be told.
#[derive(Debug, Clone)]
pub struct Audience {
    /// Its name.
    pub name: AudienceName,
    /// Where it is told, the first ones first.
    pub destinations: Vec<DestinationName>,
    /// Where it is told while these cannot be reached.
    pub fallback: Vec<DestinationName>,
    /// Whose words it reads.
    pub texts: Texts,
    /// The language of its updates; `None`: that of the organisation.
    pub language: Option<String>,
    /// How its updates sound.
    pub tone: Tone,
    /// Who looks at what a person has typed, before this audience reads it.
    pub approval: Approval,
    /// When posts are silent.
    pub quiet_hours: Vec<Hours>,
    /// What its updates leave out.
    pub hides: Vec<Hidden>,
}

/// Whose words an audience reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Texts {
    /// What works, what does not, what to use instead.
    Users,
    /// Extent, decisions, who leads.
    Management,
    /// Whether their mail arrives, and how to reach us otherwise.
    Partners,
}

/// Something that an audience's updates leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hidden {
    /// Why it broke.
    Cause,
    /// Who works on it.
    People,
    /// The severity.
    Severity,
}

/// How updates sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Calm and short.
    #[default]
    Plain,
    /// With a word of regret and of thanks.
    Friendly,
    /// The texts for phones.
    Brief,
}

/// Who looks at what a person has typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Approval {
    /// Nobody.
    #[default]
    None,
    /// A second person, if one is awake.
    SecondPerson,
}

impl Texts {
    /// The word in files.
    pub fn word(self) -> &'static str {
        ALWAYS.iter().find(|(_, texts)| *texts == self).map_or("users", |(word, _)| word)
    }
}

impl Tone {
    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Friendly => "friendly",
            Tone::Brief => "brief",
        }
    }
}

impl FromValue for Tone {
    const KIND: &'static str = "\"plain\", \"friendly\" or \"brief\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[Self::Plain, Self::Friendly, Self::Brief].map(|tone| (tone.word(), tone)))
    }
}

impl FromValue for Approval {
    const KIND: &'static str = "\"second-person\" or \"none\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("second-person", Self::SecondPerson), ("none", Self::None)])
    }
}

impl FromValue for Texts {
    const KIND: &'static str = "\"users\", \"management\" or \"partners\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &ALWAYS)
    }
}

impl FromValue for Hidden {
    const KIND: &'static str = "\"cause\", \"people\" or \"severity\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let words = [("cause", Self::Cause), ("people", Self::People), ("severity", Self::Severity)];
        choice(item, Self::KIND, &words)
    }
}

pub(super) fn read(root: &Table<'_>) -> Vec<Audience> {
    let audiences = root.open("audience");
    let mut names: Vec<String> = ALWAYS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.extend(audiences.names().into_iter().filter(|name| !always_exists(name)));
    names.iter().filter_map(|name| read_one(&audiences, name)).collect()
}

fn read_one(audiences: &Table<'_>, name: &str) -> Option<Audience> {
    let table = audiences.section(name, KEYS, &[]);
    let own = ALWAYS.iter().find(|(always, _)| *always == name).map(|(_, texts)| *texts);
    let texts = table.optional(&TEXTS);
    let parsed = table.parsed_name(AudienceName::parse(name));
    let (destinations, language) = (table.required(&DESTINATIONS), table.optional(&LANGUAGE));
    let fallback = table.required(&FALLBACK);
    let (quiet_hours, hides) = (table.required(&QUIET_HOURS), table.required(&HIDES));
    let (tone, approval) = (table.required(&TONE), table.optional(&APPROVAL));
    let texts = texts?.or(own).unwrap_or(Texts::Users);
    let careful = if texts == Texts::Partners { Approval::SecondPerson } else { Approval::None };
    Some(Audience {
        name: parsed?,
        destinations: destinations?,
        fallback: fallback?,
        texts,
        tone: tone?,
        approval: approval?.unwrap_or(careful),
        language: language?,
        quiet_hours: quiet_hours?,
        hides: hides?,
    })
}
