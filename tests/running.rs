//! A whole bot in one process: the real serenity client over the real gate, against a sandbox, with one stepped clock.
//!
//! Only the mail service is played: what a check finds is set by the story.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use watchpost::broadcast::Routes;
use watchpost::cause::Cause;
use watchpost::clock::{Clock, UtcMs};
use watchpost::config::{Config, Environment};
use watchpost::desk::Desk;
use watchpost::ids::ServiceName;
use watchpost::incident::action::breaks::Standing;
use watchpost::incident::checklist::Probed;
use watchpost::incident::{Capabilities, LastAssessment, Verdict};
use watchpost::keeper::Keeper;
use watchpost::policy::Policy;
use watchpost::proof::{self, Cell};
use watchpost::store::{MemoryStore, Store};
use watchpost_commands::bot::framework::Mind;
use watchpost_commands::bot::gate::Upstream;
use watchpost_commands::bot::life::{Bot, Setup};
use watchpost_commands::bot::supervisor::{Outcome, Pace};
use watchpost_commands::check::{Examined, Examiner};
use watchpost_commands::cli::demo::stage::as_invited;
use watchpost_sandbox::{Sandbox, World};

/// 2026-11-23 02:10 in Berlin.
pub const NIGHT: UtcMs = UtcMs(1_795_396_200_000);

/// A bot, the Discord that it runs in, and what a story needs of both.
pub struct House {
    pub discord: Sandbox,
    pub clock: Clock,
    pub desk: Arc<Desk>,
    pub service: Arc<PlayedService>,
    stop: watch::Sender<bool>,
    bot: JoinHandle<Outcome>,
}

/// What a check finds, as the story sets it.
pub struct PlayedService(Mutex<LastAssessment>);

impl PlayedService {
    /// All is well, until the story says otherwise.
    pub fn works() -> Arc<Self> {
        let works = Verdict::Ok;
        Arc::new(PlayedService(Mutex::new(LastAssessment {
            at: NIGHT,
            service: ServiceName::from("mail"),
            verdict: works,
            cause: None,
            summary: "Mail works.".to_owned(),
            capabilities: Capabilities { receive: works, send: works, internal: works, read: works },
        })))
    }

    /// Phones and programs cannot send: the certificate expired.
    pub fn certificate_expires(&self) {
        let mut last = self.0.lock().expect("no panic");
        last.verdict = Verdict::Down;
        last.cause = Some(Cause::CertificateExpired);
        last.summary =
            "Phones cannot send since 02:10: the certificate of mail.example.org expired.".to_owned();
        last.capabilities.send = Verdict::Down;
    }
}

#[async_trait]
impl Examiner for PlayedService {
    async fn examine(&self, _service: &ServiceName, _progress: watch::Sender<String>) -> Examined {
        let last = self.0.lock().expect("no panic").clone();
        let findings = vec![("mail.example.org 587".to_owned(), "certificate ended".to_owned())];
        Examined {
            cells: proof::from_capabilities(&played_cells(), last.capabilities),
            findings: if last.verdict == Verdict::Ok { Vec::new() } else { findings },
            what_to_do: last
                .cause
                .map(|cause| cause.what_to_do())
                .unwrap_or_default()
                .iter()
                .map(|s| (*s).to_owned())
                .collect(),
            evidence: "{}\n".to_owned(),
            changes: Vec::new(),
            standing: Standing { tlsa: vec!["mail.example.org".to_owned()], ..Standing::default() },
            probed: vec![
                Probed {
                    check: "mx".to_owned(),
                    target: "example.org".to_owned(),
                    verdict: Verdict::Ok,
                    cause: None,
                },
                Probed {
                    check: "submission".to_owned(),
                    target: "mail.example.org 587".to_owned(),
                    verdict: last.capabilities.send,
                    cause: last.cause,
                },
            ],
            last,
        }
    }
}

/// What the configuration of the played service proves.
fn played_cells() -> Vec<Cell> {
    vec![Cell::Outside, Cell::In, Cell::Out, Cell::Internal]
}

impl House {
    /// Starts a sandbox with the usual people, and a bot in it that has registered its commands.
    pub async fn start() -> House {
        Self::start_over(Arc::new(MemoryStore::new())).await
    }

    /// The same, over this store.
    pub async fn start_over(store: Arc<dyn Store>) -> House {
        let clock = Clock::stepped(NIGHT);
        let shared = clock.clone();
        let told = watchpost_sandbox::Clock::from_fn(move || u64::try_from(shared.now().0).unwrap_or(0));
        // Limits of requests are waited out in real time, by the gate too.
        let world = as_invited(World::standard()).clock(told).rate_clock(watchpost_sandbox::Clock::system());
        let discord = Sandbox::start(world).await.expect("a port");
        House::start_in(discord, clock, store).await
    }

    /// Starts a bot in a sandbox that is there already, over what an earlier bot has stored.
    pub async fn start_in(discord: Sandbox, clock: Clock, store: Arc<dyn Store>) -> House {
        Self::start_with(discord, clock, store, "").await
    }

    /// The same, with more lines in the configuration.
    pub async fn start_with(discord: Sandbox, clock: Clock, store: Arc<dyn Store>, more: &str) -> House {
        let config = configuration(&discord, more);
        let desk = Desk::open(store, Policy::of(&config), clock.clone()).await.expect("the store opens");
        let service = PlayedService::works();
        let setup = Setup {
            mind: Mind::new(
                desk.clone(),
                service.clone(),
                config.organisation.time_zone,
                Keeper::in_memory(desk.clone()),
            ),
            upstream: Upstream::parse(&discord.api_base()).expect("loopback"),
            token: SecretString::from(discord.token()),
            routes: Arc::new(Routes::open(&config, &clock, None).expect("no route is configured")),
            transcript: None,
            sessions: None,
            pace: Pace::default(),
        };
        let (stop, told) = watch::channel(false);
        let bot = Bot::start(setup, told).await.expect("the bot starts");
        let bot = tokio::spawn(bot.run());
        discord.wait_for_commands(&["incident", "check", "timeline", "update", "log", "help"]).await;
        House { discord, clock, desk, service, stop, bot }
    }

    /// Moves the one clock.
    pub fn step(&self, by: Duration) {
        self.clock.step(by);
    }

    /// Stops the bot in order and says how it ended.
    pub async fn stop(self) -> (Sandbox, Outcome) {
        self.stop.send_replace(true);
        let outcome = tokio::time::timeout(Duration::from_secs(10), self.bot).await;
        (self.discord, outcome.expect("the bot ends within ten seconds").expect("no panic"))
    }
}

/// The configuration of an organisation with one mail service, and users who read in Discord.
fn configuration(discord: &Sandbox, more: &str) -> Config {
    let nothing: [(&str, &str); 0] = [];
    let text = configuration_text(discord, &discord.guild_id().to_string());
    let text = format!("{text}\n{more}");
    Config::parse(Path::new("watchpost.toml"), &text, &Environment::from_iter(nothing))
        .expect("a sound configuration")
}

/// The same as it stands in a file, for this server.
pub fn configuration_text(discord: &Sandbox, guild: &str) -> String {
    let channel = |name| discord.channel(name).id().to_string();
    let role = |name| discord.role_id(name).expect("a role of the standard world").to_string();
    format!(
        r#"
        [organisation]
        name = "Example"
        time_zone = "Europe/Berlin"
        [guild.{guild}]
        operations = {ops}
        incidents = {ops}
        ping_role = {responder}
        [guild.{guild}.roles]
        responder = [{responder}]
        management = [{manager}]
        [service.mail]
        domain = "example.org"
        [audience.users]
        destinations = ["status"]
        [destination.status]
        kind = "discord"
        channel = {status}
        "#,
        ops = channel("ops"),
        status = channel("mail-status"),
        responder = role("responder"),
        manager = role("manager"),
    )
}
