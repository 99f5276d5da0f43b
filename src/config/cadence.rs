//! `[cadence.SEV1]` to `[cadence.SEV4]`: how soon and how often an audience hears from us.
//!
//! The defaults lie inside what published practice asks for: a first word within 10 to 30 minutes, then every half hour
//! for an outage of everything, hourly for half of it, rarely where a workaround exists.

use std::collections::BTreeMap;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::AudienceName;
use super::read::Table;
use super::time::{Cadence, Interval};

/// The keys of one severity; their defaults differ.
struct Keys {
    first: Key<Interval>,
    users: Key<Cadence>,
    management: Key<Cadence>,
    partners: Key<Cadence>,
}

const fn keys(
    first: &'static str,
    users: &'static str,
    management: &'static str,
    partners: &'static str,
) -> Keys {
    Keys {
        first: Key::new("first", "How soon after confirmation the first word is out.").default(first),
        users: Key::new(
            "users",
            "How often users hear from us. Own audiences have a key of their own name, and this default.",
        )
        .default(users),
        management: Key::new("management", "How often management hears from us.").default(management),
        partners: Key::new("partners", "How often partners hear from us.").default(partners),
    }
}

static SEV1: Keys = keys("\"10m\"", "\"30m\"", "\"30m\"", "\"1h\"");
static SEV2: Keys = keys("\"15m\"", "\"1h\"", "\"1h\"", "\"2h\"");
static SEV3: Keys = keys("\"30m\"", "\"4h\"", "\"24h\"", "\"on change\"");
static SEV4: Keys = keys("\"1h\"", "\"on change\"", "\"never\"", "\"on change\"");

const SEV1_KEYS: &[&dyn AnyKey] = &[&SEV1.first, &SEV1.users, &SEV1.management, &SEV1.partners];
const SEV2_KEYS: &[&dyn AnyKey] = &[&SEV2.first, &SEV2.users, &SEV2.management, &SEV2.partners];
const SEV3_KEYS: &[&dyn AnyKey] = &[&SEV3.first, &SEV3.users, &SEV3.management, &SEV3.partners];
const SEV4_KEYS: &[&dyn AnyKey] = &[&SEV4.first, &SEV4.users, &SEV4.management, &SEV4.partners];

pub(super) const SECTIONS: [Section; 4] = [
    Section { heading: "cadence.SEV1", meaning: "No mail in or out, for everybody.", keys: SEV1_KEYS },
    Section { heading: "cadence.SEV2", meaning: "One direction, one site, or long delays.", keys: SEV2_KEYS },
    Section { heading: "cadence.SEV3", meaning: "Degraded, or there is a way around it.", keys: SEV3_KEYS },
    Section { heading: "cadence.SEV4", meaning: "Small, or announced maintenance.", keys: SEV4_KEYS },
];

/// How soon and how often, for each severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadences {
    by_severity: [SeverityCadence; 4],
}

impl Cadences {
    /// The promise for a severity from 1 to 4; what lies outside counts as the nearest.
    pub fn of(&self, severity: u8) -> &SeverityCadence {
        &self.by_severity[usize::from(severity.clamp(1, 4)) - 1]
    }
}

/// How soon and how often, at one severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityCadence {
    /// How soon after confirmation the first word is out.
    pub first: Interval,
    /// How often each audience hears from us.
    pub audiences: BTreeMap<AudienceName, Cadence>,
}

pub(super) fn read(root: &Table<'_>, own_audiences: &[AudienceName]) -> Option<Cadences> {
    let cadence = root.open("cadence");
    cadence.refuse_unknown(["SEV1", "SEV2", "SEV3", "SEV4"].into_iter());
    let one = |name, keys, typed| read_one(&cadence.open(name), keys, typed, own_audiences);
    let (first, second) = (one("SEV1", SEV1_KEYS, &SEV1), one("SEV2", SEV2_KEYS, &SEV2));
    let (third, fourth) = (one("SEV3", SEV3_KEYS, &SEV3), one("SEV4", SEV4_KEYS, &SEV4));
    Some(Cadences { by_severity: [first?, second?, third?, fourth?] })
}

fn read_one(
    table: &Table<'_>,
    known: &[&dyn AnyKey],
    keys: &Keys,
    own_audiences: &[AudienceName],
) -> Option<SeverityCadence> {
    let own = own_audiences.iter().map(AudienceName::as_str);
    table.refuse_unknown(known.iter().map(|key| key.described().name).chain(own));
    let first = table.required(&keys.first);
    let always = [&keys.users, &keys.management, &keys.partners];
    let mut audiences = BTreeMap::new();
    for key in always {
        let name = AudienceName::parse(key.name).expect("the names that always exist are names");
        audiences.insert(name, table.required(key)?);
    }
    for name in own_audiences {
        let cadence = table.required_as(name.as_str(), &keys.users)?;
        audiences.insert(name.clone(), cadence);
    }
    refuse_late_first(table, first?, &audiences);
    Some(SeverityCadence { first: first?, audiences })
}

/// A first word that comes later than the second is a slip of the pen.
fn refuse_late_first(table: &Table<'_>, first: Interval, audiences: &BTreeMap<AudienceName, Cadence>) {
    for (name, cadence) in audiences {
        if let Cadence::Every(every) = cadence
            && *every < first
        {
            let reason =
                format!("the first word may take {first}, longer than the distance of {every} for {name}");
            table.problem("first", Wrong::new(reason, format!("Write at most \"{every}\".")));
        }
    }
}
