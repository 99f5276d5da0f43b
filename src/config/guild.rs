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
static RESPONDER: Key<Vec<RoleId>> = Key::new(
    "responder",
    "May check, declare, log, tell stakeholders and lead: one person alone at night must be able to do all of it.",
)
.default("[]")
.example("[1020304050607080904]")
.on_restart();
static LEAD: Key<Vec<RoleId>> = Key::new("lead", "The same, for those who usually lead.")
    .default("[]")
    .example("[1020304050607080905]")
    .on_restart();
static ADMIN: Key<Vec<RoleId>> = Key::new("admin", "The same, and may look after Watchpost itself.")
    .default("[]")
    .example("[1020304050607080906]")
    .on_restart();
static MANAGEMENT: Key<Vec<RoleId>> =
    Key::new("management", "May read incidents.").default("[]").example("[1020304050607080910]").on_restart();

const KEYS: &[&dyn AnyKey] = &[&OPERATIONS, &INCIDENTS, &HOME, &PING_ROLE];
const ROLE_KEYS: &[&dyn AnyKey] = &[&RESPONDER, &LEAD, &ADMIN, &MANAGEMENT];

pub(super) const SECTIONS: [Section; 2] = [
    Section {
        heading: "guild.<id>",
        meaning: "A server of Discord that Watchpost serves, by its id. A server that is not named here is left at once.",
        keys: KEYS,
    },
    Section {
        heading: "guild.<id>.roles",
        meaning: "Who may do what, by the ids of roles. Everybody in the server may report; nobody may do anything \
                  else without a role named here: Discord's own permissions are never trusted.",
        keys: ROLE_KEYS,
    },
];

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Home {
    /// A thread in a text channel.
    #[default]
    Thread,
    /// A post in a forum.
    Forum,
}

/// Which of Discord's roles may do what; nobody may do what no role is named for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Work on incidents.
    pub responder: Vec<RoleId>,
    /// Lead them.
    pub lead: Vec<RoleId>,
    /// Look after Watchpost itself.
    pub admin: Vec<RoleId>,
    /// Read.
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
    let table = guilds.section(name, KEYS, &["roles"]);
    let id = GuildId::parse(name)
        .map_err(|error| {
            let wrong =
                Wrong::new(format!("{name} is not the id of a server: {error}"), "Write it as [guild.<id>].");
            table.name_problem(wrong);
        })
        .ok();
    let (operations, incidents) = (table.required(&OPERATIONS), table.optional(&INCIDENTS));
    let (home, ping_role) = (table.required(&HOME), table.optional(&PING_ROLE));
    let roles = roles(&table);
    Some(Guild {
        id: id?,
        operations: operations?,
        incidents: incidents?.or(operations)?,
        home: home?,
        ping_role: ping_role?,
        roles: roles?,
    })
}

fn roles(guild: &Table<'_>) -> Option<Roles> {
    let table = guild.section("roles", ROLE_KEYS, &[]);
    let (responder, lead) = (table.required(&RESPONDER), table.required(&LEAD));
    let (admin, management) = (table.required(&ADMIN), table.required(&MANAGEMENT));
    Some(Roles { responder: responder?, lead: lead?, admin: admin?, management: management? })
}
