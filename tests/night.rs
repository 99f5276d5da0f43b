//! A night in which a story takes place: the stage of the demonstration, the real bot over it, one clock for all.
//!
//! The clock stands still until the story steps it; what waits on sockets is waited for, never slept for. The request
//! transcript of every story is written to `target/transcripts`, where CI holds it against Discord's own description.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use watchpost::clock::{Clock, UtcMs};
use watchpost::config::{Config, Environment};
use watchpost_commands::bot::supervisor::Outcome;
use watchpost_commands::cli::demo::stage::{Options, Stage};
use watchpost_commands::cli::run::{self, RunError};
use watchpost_sandbox::{ChannelHandle, Clock as DiscordClock, MemberHandle, MessageView, Places, World};

/// 2026-11-24T01:12:00Z: ten past two in the morning in Berlin, and two minutes.
pub const START: UtcMs = UtcMs(1_795_482_720_000);

/// How long a story waits for anything, in real time: a check of broken servers alone may take twenty seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running night.
pub struct Night {
    /// What the bot meets.
    pub stage: Stage,
    /// The clock of bot, chat and mail.
    pub clock: Clock,
    folder: tempfile::TempDir,
    /// Names its transcript.
    pub name: &'static str,
    stop: watch::Sender<bool>,
    bot: Option<JoinHandle<Result<Outcome, RunError>>>,
}

impl Night {
    /// Begins a night; `name` names its transcript.
    pub async fn begins(name: &'static str) -> Self {
        Self::with(name, "").await
    }

    /// Begins a night with more lines in the configuration.
    pub async fn with(name: &'static str, more: &str) -> Self {
        let clock = Clock::stepped(START);
        let mut night = Self::set(name, clock, more, None).await;
        night.starts().await;
        night
    }

    /// Sets the stage of a night; nothing runs yet.
    pub async fn set(name: &'static str, clock: Clock, more: &str, service: Option<String>) -> Self {
        let options = Options { clock: clock.clone(), more: more.to_owned(), service, ..Options::default() };
        Self::on(name, clock, options).await
    }

    /// The same, with a mail host that has these addresses.
    pub async fn on_nodes(name: &'static str, clock: Clock, nodes: Vec<IpAddr>) -> Self {
        let options = Options { clock: clock.clone(), nodes, ..Options::default() };
        Self::on(name, clock, options).await
    }

    async fn on(name: &'static str, clock: Clock, options: Options) -> Self {
        // Set by whichever story is first; the same one for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options {
            folder: folder.path().to_owned(),
            // The bot paces itself by real time.
            world: |world: World| world.rate_clock(DiscordClock::system()).patience(PATIENCE),
            ..options
        };
        let stage = Stage::set(options).await.expect("the stage");
        Night { stage, clock, folder, name, stop: watch::Sender::new(false), bot: None }
    }

    /// Adds lines to the configuration of a stage that is set.
    pub fn adds(&mut self, more: &str) {
        let file = &self.stage.file;
        let text = std::fs::read_to_string(file).expect("the configuration");
        std::fs::write(file, format!("{text}\n{more}")).expect("written");
        self.stage.config = Config::load(file, &Environment::default()).expect("a sound configuration");
    }

    /// Starts the bot, as `watchpost run` does.
    pub async fn starts(&mut self) {
        self.stop = watch::Sender::new(false);
        let (config, clock) = (self.stage.config.clone(), self.clock.clone());
        let (stop, transcript) = (self.stop.subscribe(), transcript(self.name));
        self.bot =
            Some(tokio::spawn(async move { run::until(&config, clock, Some(transcript), stop).await }));
        self.stage.discord.wait_ready().await;
        self.stage.discord.wait_for_commands(&["incident", "check"]).await;
    }

    /// Stops the bot as SIGTERM does.
    pub async fn stops(&mut self) {
        self.stop.send_replace(true);
        if let Some(bot) = self.bot.take() {
            let outcome = bot.await.expect("no panic").expect("a start");
            assert_eq!(outcome, Outcome::Stopped);
        }
        self.stage.discord.wait_gone().await;
    }

    /// The thread of an incident, once it is there.
    pub async fn thread(&self, incident: &str) -> ChannelHandle {
        let prefix = format!("{incident} ");
        let find = |places: &Places| {
            places
                .channels
                .values()
                .find(|channel| channel.name.starts_with(&prefix))
                .map(|channel| channel.id)
        };
        let id = self.stage.discord.wait_for("the thread of the incident", find).await;
        self.stage.discord.channel(&id.to_string())
    }

    /// Somebody in front of Discord.
    pub fn person(&self, name: &str) -> MemberHandle {
        self.stage.discord.member(name)
    }

    /// Lets time pass, a minute at a time.
    pub async fn minutes(&self, minutes: u64) {
        for _ in 0..minutes {
            self.clock.step(Duration::from_secs(60));
            tokio::task::yield_now().await;
        }
    }

    /// Proves in the thread of an incident that mail works, in three rounds over ten minutes; it can be closed then.
    pub async fn proves(&self, person: &MemberHandle, thread: &ChannelHandle) {
        let asked =
            person.types("/check", &[("prove", "True")], &thread.id().to_string()).await.expect("typed");
        asked.answer(|shown| shown.says("first round is green")).await;
        self.rounds(thread).await;
    }

    /// The two rounds after the first one.
    pub async fn rounds(&self, thread: &ChannelHandle) {
        thread.wait_for_message(|shown| is_card(shown) && shown.says("Round 1 of 3")).await;
        self.minutes(5).await;
        thread.wait_for_message(|shown| is_card(shown) && shown.says("Round 2 of 3")).await;
        self.minutes(5).await;
        thread.wait_for_message(|shown| shown.says("Proved: mail works since")).await;
    }

    /// Discord must have had nothing to object to.
    pub fn judged(&self) {
        if let Err(objections) = self.stage.discord.verdict() {
            panic!("Discord objects:\n{objections}");
        }
    }

    /// Ends the night: Discord must have had nothing to object to.
    pub async fn ends(mut self) {
        self.stops().await;
        self.judged();
        drop(self.folder);
    }
}

/// Where the requests of a story are written.
pub fn transcript(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/transcripts");
    std::fs::create_dir_all(&folder).expect("a folder under target");
    folder.join(format!("{name}.jsonl"))
}

/// Whether a message is the pinned card of an incident.
pub fn is_card(message: &MessageView) -> bool {
    message.pinned && message.buttons().contains(&"Timeline".to_owned())
}

/// Whether a message has this button.
pub fn offers(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}
