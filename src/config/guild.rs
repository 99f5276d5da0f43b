//! `[guild.<id>]`: a server of Discord that Watchpost serves. Others are left.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::{GuildId, PlaceId, RoleId};
use super::read::Table;
use super::value::{FromValue, Item, choice};

static OPERATIONS: Key<PlaceId> =
    Key::new("operations", "The channel for alarms, changes of state and Watchpost's own news.")
        .example("1020304050607080901")
        .on_restart()
        .needed();
static INCIDENTS: Key<PlaceId> = Key::new(
    "incidents",
    "The channel in which incidents get their home. Without it: the operations channel.",
)
.example("1020304050607080902")
.on_restart();
static HOME: Key<Home> =
    Key::new("home", "\"thread\" in a text channel, or \"forum\" where the incidents channel is a forum.")
        .default("\"thread\"")
        .on_restart();
static PING_ROLE: Key<RoleId> =
    Key::new("ping_role", "The role that an alarm mentions. Without it nobody is mentioned.")
        .example("1020304050607080903")
        .on_restart();
static RESPONDERS: Key<Vec<RoleId>> =
    Key::new("responders", "Roles that may check, declare, log and propose fixes.")
        .default("[]")
        .example("[1020304050607080904]")
        .on_restart();
static LEADS: Key<Vec<RoleId>> =
    Key::new("leads", "Roles that may also tell stakeholders, change severity, resolve and approve.")
        .default("[]")
        .example("[1020304050607080905]")
        .on_restart();
static ADMINS: Key<Vec<RoleId>> = Key::new("admins", "Roles that may also use /admin.")
    .default("[]")
    .example("[1020304050607080906]")
    .on_restart();
static MANAGEMENT: Key<Vec<RoleId>> =
    Key::new("management", "Roles that are mentioned last when nobody has sent a due update.")
        .default("[]")
        .on_restart();

const KEYS: &[&dyn AnyKey] =
    &[&OPERATIONS, &INCIDENTS, &HOME, &PING_ROLE, &RESPONDERS, &LEADS, &ADMINS, &MANAGEMENT];

pub(super) const SECTION: Section = Section {
    heading: "guild.<id>",
    meaning: "A server of Discord that Watchpost serves, by its id. A server that is not named here is left at once. \
              Everybody in it may report; all else needs a role named here: Discord's own permissions are never trusted.",
    keys: KEYS,
};

/// A server of Discord that Watchpost serves.
#[derive(Debug, Clone)]
pub struct Guild {
    /// The server.
    pub id: GuildId,
    /// The channel for alarms and Watchpost's own news.
    pub operations: PlaceId,
    /// The channel in which incidents get their home.
    pub incidents: PlaceId,
    /// What that home is.
    pub home: Home,
    /// The role that an alarm mentions.
    pub ping_role: Option<RoleId>,
    /// Who may do what.
    pub roles: Roles,
}

/// What the home of an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A thread in a text channel.
    Thread,
    /// A post in a forum.
    Forum,
}

/// Which of Discord's roles may do what; nobody may do what no role is named for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// May check, declare, log and propose fixes.
    pub responders: Vec<RoleId>,
    /// May also tell stakeholders, change severity, resolve and approve.
    pub leads: Vec<RoleId>,
    /// May also use `/admin`.
    pub admins: Vec<RoleId>,
    /// Mentioned last when nobody has sent a due update.
    pub management: Vec<RoleId>,
}

impl FromValue for Home {
    const KIND: &'static str = "\"thread\" or \"forum\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("thread", Self::Thread), ("forum", Self::Forum)])
    }
}

pub(super) fn read(root: &Table<'_>) -> Vec<Guild> {
    let guilds = root.open("guild");
    guilds.names().iter().filter_map(|name| read_one(&guilds, name)).collect()
}

fn read_one(guilds: &Table<'_>, name: &str) -> Option<Guild> {
    let table = guilds.section(name, KEYS, &[]);
    let id = GuildId::parse(name)
        .map_err(|error| {
            let wrong =
                Wrong::new(format!("{name} is not the id of a server: {error}"), "Write it as [guild.<id>].");
            table.name_problem(wrong);
        })
        .ok();
    let (operations, incidents) = (table.required(&OPERATIONS), table.optional(&INCIDENTS));
    let (home, ping_role) = (table.required(&HOME), table.optional(&PING_ROLE));
    let (responders, leads) = (table.required(&RESPONDERS), table.required(&LEADS));
    let (admins, management) = (table.required(&ADMINS), table.required(&MANAGEMENT));
    Some(Guild {
        id: id?,
        operations: operations?,
        incidents: incidents?.or(operations)?,
        home: home?,
        ping_role: ping_role?,
        roles: Roles { responders: responders?, leads: leads?, admins: admins?, management: management? },
    })
}
