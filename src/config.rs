//! `watchpost.toml` and the environment become one typed [`Config`], or a list of everything that is wrong with them.
//!
//! 1. The file is read, at most [`LARGEST_FILE`] bytes, and parsed as TOML; every fault of syntax is listed.
//! 2. Each section reads its own table (one file each below). A section declares its keys once, as [`Key`]s: name,
//!    meaning, type, default, example. The reader, the list of known keys, the defaults and the printed reference all
//!    come from that declaration.
//! 3. [`cross`] judges what no section can judge alone.
//! 4. Problems were collected on the way. If there is one, there is no `Config`.
//!
//! Secrets are only referred to; see [`Secret`].

mod alternative;
mod audience;
mod cadence;
mod call;
mod contact;
mod cross;
mod destination;
mod discord;
mod environment;
mod error;
mod guild;
mod heartbeat;
mod hook;
mod key;
mod log;
mod monitor;
mod names;
mod organisation;
mod procedure;
mod proof;
mod read;
pub mod reference;
mod responder;
mod retention;
mod review;
mod secret;
mod service;
mod setting;
mod store;
mod suggest;
mod telephone;

#[cfg(test)]
mod tests;
mod texts;
mod time;
mod update;
mod value;
mod web;

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use toml::de::DeTable;
use watchpost_texts::say;

use crate::sop::Procedure;
use crate::update::Languages;

pub use alternative::{Alternative, Needs};
pub use audience::{Approval, Audience, Hidden, Texts, Tone};
pub use cadence::{Cadences, SeverityCadence};
pub use call::CallPlan;
pub use contact::Contact;
pub use destination::{Destination, Relay, Route};
pub use discord::{ApiBase, BadApiBase, Discord};
pub use environment::{Environment, VariableName};
pub use error::{ConfigError, Problem, Problems, Wrong};
pub use guild::{Guild, Home, Roles};
pub use heartbeat::Heartbeat;
pub use hook::{Hook, HookKind};
pub use key::{AnyKey, Change, Described, Effect, Key, Need, Section};
pub use log::{Format, Log};
pub use monitor::{Declare, Monitor, Schedule};
pub use names::{
    AudienceName, DestinationName, GuildId, PersonId, PlaceId, ResponderName, RoleId, ServiceName,
};
pub use organisation::Organisation;
pub use proof::Proof;

pub use responder::{Call, Responder};
pub use retention::Retention;
pub use review::{Publisher, Review, TimeOfDay};
pub use secret::{Secret, SecretSource};
pub use service::Watched;
pub use setting::{Origin, Setting};
pub use store::Store;
pub use telephone::Telephone;
pub use time::{BadHours, BadInterval, Cadence, Hours, Interval};
pub use update::{FirstText, Update};
pub use value::{FromValue, Item};
pub use web::{PublicUrl, Web};

/// A configuration is written by people; a larger file is not one.
pub const LARGEST_FILE: u64 = 1024 * 1024;

/// Everything that an organisation says about itself, judged and typed.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it was read from.
    pub file: PathBuf,
    /// Whose Watchpost this is.
    pub organisation: Organisation,
    /// How Discord is reached.
    pub discord: Discord,
    /// The servers of Discord that are served.
    pub guilds: Vec<Guild>,
    /// What is watched, in the order of the file.
    pub services: Vec<Watched>,
    /// Who must be told; users, management and partners are always among them.
    pub audiences: Vec<Audience>,
    /// How soon and how often.
    pub cadences: Cadences,
    /// Where updates go.
    pub destinations: Vec<Destination>,
    /// Who is woken, in this order.
    pub responders: Vec<Responder>,
    /// When they are woken, and how long one waits for them.
    pub call: CallPlan,
    /// What people can use while mail is broken.
    pub alternatives: Vec<Alternative>,
    /// Who outside can help.
    pub contacts: Vec<Contact>,
    /// Who is called when an update could not be brought.
    pub telephones: Vec<Telephone>,
    /// The checklist and the first aid.
    pub procedure: Arc<Procedure>,
    /// How often services are checked.
    pub monitor: Monitor,
    /// The dead-man's switch.
    pub heartbeat: Option<Heartbeat>,
    /// Other monitors that may tell what they find.
    pub hooks: Vec<Hook>,
    /// What closing an incident needs.
    pub proof: Proof,
    /// What is sent by itself.
    pub update: Update,
    /// What holds for reviews.
    pub review: Review,
    /// Where the journal lies.
    pub store: Store,
    /// The status page.
    pub web: Web,
    /// How the log is written.
    pub log: Log,
    /// The texts of updates.
    pub languages: Languages,
    settings: Vec<Setting>,
}

impl Config {
    /// Reads the file at `path` with the variables of `environment`.
    ///
    /// # Errors
    /// [`ConfigError`] says everything that is wrong, each with its line and how to mend it.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let text = text_of(path)?;
        Self::parse(path, &text, environment)
    }

    /// Reads `text` as if it stood in the file at `path`; relative paths are taken from its folder.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let reader = read::Reader::new(path, text, environment);
        let (document, faults) = DeTable::parse_recoverable(text);
        for fault in &faults {
            let line = fault.span().map(|span| reader.line(&span));
            let reason = fault.message().trim_end_matches('.').replace('\n', ", ");
            reader.problem(line, "", Wrong::new(reason, say!("This line is not TOML; see https://toml.io.")));
        }
        let config =
            faults.is_empty().then(|| read_sections(path, &read::Table::root(&reader, document.get_ref())));
        let (problems, mut settings) = reader.finish();
        match config.flatten() {
            Some(config) if problems.is_empty() => {
                setting::group_by_table(&mut settings);
                Ok(Self { settings, ..config })
            }
            _ => Err(ConfigError::Invalid(Problems::new(path.to_owned(), problems))),
        }
    }

    /// Reads the file again and takes all of it or nothing.
    ///
    /// # Errors
    /// As [`Config::load`]; and [`ConfigError::NeedsRestart`] where a key differs that only a new start can change.
    pub fn reload(&self, environment: &Environment) -> Result<Self, ConfigError> {
        let new = Self::load(&self.file, environment)?;
        let keys: Vec<_> = self
            .differences(&new)
            .into_iter()
            .filter(|(_, change)| *change == Change::OnRestart)
            .map(|(key, _)| key)
            .collect();
        if keys.is_empty() { Ok(new) } else { Err(ConfigError::NeedsRestart { keys }) }
    }

    /// The keys whose values differ, and when the new value takes effect.
    pub fn differences(&self, new: &Self) -> Vec<(String, Change)> {
        let gone = self.settings.iter().filter(|old| new.setting(old).is_none());
        let changed = new
            .settings
            .iter()
            .filter(|setting| self.setting(setting).is_none_or(|old| old.value != setting.value));
        let mut keys: Vec<_> = gone.chain(changed).map(|setting| (setting.name(), setting.change)).collect();
        keys.sort_by(|one, other| one.0.cmp(&other.0));
        keys.dedup();
        keys
    }

    /// SHA-256 over every value in force, as hex. Two files that mean the same have the same hash; the order of services,
    /// responders and the like is part of the meaning, secrets are not in it.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for setting in &self.settings {
            hasher.update(format!("{} = {}\n", setting.name(), setting.value));
        }
        hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
            hex
        })
    }

    /// Every value in force, given or default, table by table.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&Watched> {
        self.services.iter().find(|watched| watched.name.as_str() == name)
    }

    /// The guild of this id.
    pub fn guild(&self, id: GuildId) -> Option<&Guild> {
        self.guilds.iter().find(|guild| guild.id == id)
    }

    /// The audience of this name.
    pub fn audience(&self, name: &AudienceName) -> Option<&Audience> {
        self.audiences.iter().find(|audience| audience.name == *name)
    }

    /// The destination of this name.
    pub fn destination(&self, name: &DestinationName) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.name == *name)
    }

    /// What is needed to speak with Discord: the token and at least one guild.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] names what is missing.
    pub fn ready_for_discord(&self) -> Result<&Secret, ConfigError> {
        let problem = |key: &str, reason: String, mend: &str| Problem {
            line: None,
            key: key.to_owned(),
            reason,
            mend: mend.to_owned(),
        };
        let mut problems = Vec::new();
        if self.guilds.is_empty() {
            let mend = say!("Add [guild.<id>] with the id of your server.");
            problems.push(problem("guild", say!("no server is named").to_owned(), mend));
        }
        match &self.discord.token {
            Some(token) if problems.is_empty() => return Ok(token),
            Some(_) => {}
            None => {
                let reason = say!("there is no bot token in {}", self.discord.token_source);
                let mend = say!("Copy the token from the developer portal, page Bot, and put it there.");
                problems.push(problem("discord", reason, mend));
            }
        }
        Err(ConfigError::Invalid(Problems::new(self.file.clone(), problems)))
    }

    fn setting(&self, like: &Setting) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.table == like.table && setting.key == like.key)
    }
}

fn text_of(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable { path: path.to_owned(), reason };
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
        _ => unreadable(error.to_string()),
    })?;
    let mut text = String::new();
    file.take(LARGEST_FILE + 1).read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(unreadable(say!("it is larger than {LARGEST_FILE} bytes")));
    }
    Ok(text)
}

/// The tables that a file may have.
const TABLES: [&str; 23] = [
    "organisation",
    "discord",
    "guild",
    "service",
    "audience",
    "cadence",
    "destination",
    "responder",
    "call",
    "alternative",
    "contact",
    "telephone",
    "procedure",
    "monitor",
    "heartbeat",
    "hook",
    "proof",
    "review",
    "update",
    "store",
    "retention",
    "web",
    "log",
];

/// Every section is read before any is given up, so that all problems are told at once.
fn read_sections(path: &Path, root: &read::Table<'_>) -> Option<Config> {
    root.refuse_unknown(TABLES.into_iter());
    let (organisation, discord) = (organisation::read(root), discord::read(root));
    let (monitor, update, store) = (monitor::read(root), update::read(root), store::read(root));
    let (proof, web, log) = (proof::read(root), web::read(root), log::read(root));
    let audiences = audience::read(root);
    let own: Vec<_> = audiences
        .iter()
        .map(|audience| audience.name.clone())
        .filter(|name| !audience::always_exists(name.as_str()))
        .collect();
    let cadences = cadence::read(root, &own);
    let services = service::read(root, monitor.as_ref().map(|monitor| monitor.schedule));
    let (guilds, destinations) = (guild::read(root), destination::read(root));
    let call = call::read(root);
    let (heartbeat, hooks) = (heartbeat::read(root), hook::read(root));
    let (responders, alternatives) = (responder::read(root), alternative::read(root));
    let (contacts, procedure) = (contact::read(root), procedure::read(root));
    let telephones = telephone::read(root);
    let config = Config {
        file: path.to_owned(),
        organisation: organisation?,
        discord: discord?,
        guilds,
        services,
        audiences,
        cadences: cadences?,
        destinations,
        responders,
        call: call?,
        alternatives,
        contacts,
        telephones,
        procedure: procedure?,
        monitor: monitor?,
        heartbeat: heartbeat?,
        hooks,
        proof: proof?,
        update: update?,
        review: review::read(root)?,
        store: store?,
        web: web?,
        log: log?,
        languages: Languages::default(),
        settings: Vec::new(),
    };
    cross::check(&config, root);
    let languages = texts::read(&config, root);
    Some(Config { languages, ..config })
}
