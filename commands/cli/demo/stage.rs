//! The stage: a stand-in Discord, a stand-in mail service, and a configuration that joins them.
//!
//! The demonstration and the stories stand on the same stage, so that what is shown is what is tested.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use watchpost::clock::Clock;
use watchpost::config::{Config, ConfigError, Environment};
use watchpost_lab::{Host, Lab, LabError, LabOptions, Service};
use watchpost_sandbox::{ChannelKind, Id, Permissions, Sandbox, StartError, World};

use super::mail;
use super::page::{self, Page};
use super::received::{Received, SIGNING_KEY};
use crate::bot::permissions::invited;

/// How the stage is set.
pub struct Options {
    /// The port of the page; 0: any.
    pub port: u16,
    /// Where configuration and store are written.
    pub folder: PathBuf,
    /// The clock that everybody shares.
    pub clock: Clock,
    /// Lines that are added to the configuration.
    pub more: String,
    /// The sections of another mail service, in place of the stand-in's.
    pub service: Option<String>,
    /// The addresses of the mail host: a node each. None: those of the stand-in.
    pub nodes: Vec<IpAddr>,
    /// Changes to the world before it starts.
    pub world: fn(World) -> World,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            folder: PathBuf::from("."),
            clock: Clock::system(),
            more: String::new(),
            service: None,
            nodes: Vec::new(),
            world: |world| world,
        }
    }
}

/// Whose mailbox outside is read beside the chat.
pub(super) const BOARD: &str = "board";

/// Everything that the bot meets.
pub struct Stage {
    /// The stand-in Discord.
    pub discord: Sandbox,
    /// The stand-in mail service.
    pub lab: Arc<Lab>,
    /// What joins them, as it stands in [`Stage::file`].
    pub config: Config,
    /// The configuration's file.
    pub file: PathBuf,
    /// Where people read what they were told.
    pub status_page: String,
}

/// Why the stage cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The stand-in Discord.
    #[error("the stand-in Discord does not start: {0}. Is another demo running? Try --port 0")]
    Discord(#[from] StartError),
    /// The stand-in mail service.
    #[error("the stand-in mail service does not start: {0}")]
    Lab(#[from] LabError),
    /// The configuration that was just written.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The system.
    #[error("the system refuses: {0}")]
    System(#[from] std::io::Error),
}

impl Stage {
    /// Sets the stage.
    ///
    /// # Errors
    /// [`StageError`] where a port or a file cannot be had.
    pub async fn set(options: Options) -> Result<Self, StageError> {
        std::fs::create_dir_all(&options.folder)?;
        let (for_lab, for_discord) = (options.clock.clone(), options.clock.clone());
        let mut lab_options =
            LabOptions { clock: watchpost_lab::Clock::new(move || for_lab.now().0), ..LabOptions::default() };
        if !options.nodes.is_empty() {
            lab_options.addresses.clone_from(&options.nodes);
        }
        let lab = Arc::new(Lab::start(lab_options).await?);
        let status = free_port()?;
        let world = as_invited(World::standard())
            .application("Watchpost")
            .role("admin", Permissions::NONE, false)
            .channel("partners", ChannelKind::Text)
            .member("pia", &["admin"])
            .clock(watchpost_sandbox::Clock::from_fn(move || {
                u64::try_from(for_discord.now().0).unwrap_or(0)
            }));
        let status_page = format!("http://{status}/");
        let page = Page {
            status_page: status_page.clone(),
            clock: options.clock.clone(),
            received: Arc::new(Received::default()),
            lab: lab.clone(),
        };
        let discord = Sandbox::starter((options.world)(world))
            .port(options.port)
            .mount("/mail", mail::router(lab.clone(), status_page.clone()))
            .mount("/demo", page::router(page))
            .panel("Mail service", "/mail/")
            .start()
            .await?;
        let file = write(&options, &discord, &lab, status)?;
        let config = Config::load(&file, &Environment::default())?;
        Ok(Stage { discord, lab, config, file, status_page })
    }

    /// The bot's token, to be kept out of the log.
    pub fn token(&self) -> SecretString {
        SecretString::from(self.discord.token())
    }
}

/// The bot may do there what the invitation asks for and nothing else, nor does everybody's role add to it: where that
/// does not suffice, the demonstration and the stories show it.
pub fn as_invited(world: World) -> World {
    let asked = Permissions(invited());
    let everyone = (asked.0 & Permissions::USUAL.0) | Permissions::USE_APPLICATION_COMMANDS.0;
    world.bot_permissions(asked).everyone(Permissions(everyone))
}

/// Writes the configuration and the files that it names.
fn write(options: &Options, discord: &Sandbox, lab: &Lab, status: SocketAddr) -> std::io::Result<PathBuf> {
    let folder = &options.folder;
    std::fs::write(folder.join("ca.pem"), lab.ca_pem())?;
    secret(folder, "discord-token", &discord.token())?;
    secret(folder, "portal-url", &format!("{}/demo/hooks/partners", discord.api_base()))?;
    secret(folder, "portal-key", SIGNING_KEY)?;
    if let Some(notices) = lab.account("notices") {
        secret(folder, "notices-password", &notices.password)?;
    }
    if let Some(probe) = lab.account("probe") {
        secret(folder, "probe-password", &probe.password)?;
    }
    let text = [
        organisation(discord, status),
        guild(discord),
        options.service.clone().unwrap_or_else(|| service(lab)),
        audiences(discord, lab),
        responders(discord),
        options.more.clone(),
    ];
    let file = folder.join("watchpost.toml");
    std::fs::write(&file, text.join("\n"))?;
    Ok(file)
}

/// A file that only its owner reads, before anything stands in it.
fn secret(folder: &Path, name: &str, value: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(folder.join(name))?;
    file.write_all(value.as_bytes())
}

fn organisation(discord: &Sandbox, status: SocketAddr) -> String {
    format!(
        r#"[organisation]
name = "Example Organisation"
time_zone = "Europe/Berlin"

[discord]
api_base = "{}"
token_file = "discord-token"

[store]
folder = "store"
ballast_mib = 1

[web]
listen = "{status}"
public_url = "http://{status}/"

[log]
format = "pretty"
"#,
        discord.api_base()
    )
}

fn guild(discord: &Sandbox) -> String {
    let role = |name: &str| discord.role_id(name).map(|id| format!("\"{id}\"")).unwrap_or_default();
    format!(
        r#"[guild.{}]
operations = "{}"
ping_role = {responder}

[guild.{0}.roles]
responder = [{responder}]
lead = [{responder}]
management = [{}]
admin = [{}]
"#,
        discord.guild_id(),
        channel(discord, "ops"),
        role("manager"),
        role("admin"),
        responder = role("responder"),
    )
}

fn channel(discord: &Sandbox, name: &str) -> Id {
    discord.channel(name).id()
}

fn service(lab: &Lab) -> String {
    let address = |service| lab.endpoint(Host::Mail, service);
    let port = |service| address(service).map_or(0, |at| at.port());
    let host = lab.host_name(Host::Mail);
    let ports: Vec<String> =
        lab.endpoints().iter().map(|endpoint| endpoint.address.port().to_string()).collect();
    let outside = lab.endpoints().iter().filter(|endpoint| endpoint.host == Host::Mail);
    let outbound: Option<IpAddr> = outside.map(|endpoint| endpoint.address.ip()).next();
    format!(
        r#"[service.main]
label = "E-mail of Example Organisation"
domain = "{}"
mx_port = {}
submission = ["starttls://{host}:{}", "tls://{host}:{}"]
imap = ["tls://{host}:{}", "starttls://{host}:{}"]
resolvers = ["{}"]
control_names = ["{}"]
allow = ["127.0.0.0/8", "::1/128"]
allow_ports = [{}]
outbound = [{}]
ca_file = "ca.pem"
users = 800

[service.main.probe]
address = "probe@{}"
password_file = "probe-password"

[[alternative]]
text = "Use webmail"
owner = "Help desk"
confirmed = 2026-11-01
"#,
        lab.domain(),
        port(Service::Mx),
        port(Service::Submission),
        port(Service::Submissions),
        port(Service::Imaps),
        port(Service::Imap),
        lab.dns(),
        lab.domain(),
        ports.join(", "),
        outbound.map(|address| format!("\"{address}\"")).unwrap_or_default(),
        lab.domain(),
    )
}

fn audiences(discord: &Sandbox, lab: &Lab) -> String {
    let one = |audience: &str, name: &str| {
        format!(
            "[audience.{audience}]\ndestinations = [\"{name}\"]\n\n[destination.{name}]\nkind = \"discord\"\nchannel = \"{}\"\n",
            channel(discord, name)
        )
    };
    let portal =
        "[destination.portal]\nkind = \"webhook\"\nurl_file = \"portal-url\"\nsecret_file = \"portal-key\"\n";
    let partners = one("partners", "partners").replace("[\"partners\"]", "[\"partners\", \"portal\"]");
    let mut management = one("management", "management");
    // Without a second loopback address there is nobody outside.
    let mail = board_mail(lab).unwrap_or_default();
    if !mail.is_empty() {
        management = management.replace("[\"management\"]", "[\"management\", \"board-mail\"]");
    }
    [one("users", "mail-status"), management, partners, portal.to_owned(), mail].join("\n")
}

/// Management also reads mail: elsewhere, through a relay that has nothing to do with the service that is watched.
fn board_mail(lab: &Lab) -> Option<String> {
    let relay = lab.endpoint(Host::Outside, Service::Submission)?;
    Some(format!(
        r#"[destination.board-mail]
kind = "mail"
relay = "{}"
addresses = ["{}"]
port = {}
from = "{sender}"
user = "{sender}"
password_file = "notices-password"
ca_file = "ca.pem"
recipients = ["{}"]
"#,
        lab.host_name(Host::Outside),
        relay.ip(),
        relay.port(),
        lab.account(BOARD)?.address,
        sender = lab.account("notices")?.address,
    ))
}

/// Ana is woken first, then ben.
fn responders(discord: &Sandbox) -> String {
    let one = |name: &str| format!("[responder.{name}]\ndiscord = \"{}\"\n", discord.member(name).id());
    [one("ana"), one("ben")].join("\n")
}

/// A port that nobody uses now.
fn free_port() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}
