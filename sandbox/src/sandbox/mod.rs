//! The running sandbox: two listeners on loopback and one state behind them.

mod starter;
mod switches;

use std::net::SocketAddr;
use std::sync::Arc;

pub use starter::{StartError, Starter};

use crate::core::{Shared, Violation};
use crate::id::Id;
use crate::transcript::Exchange;
use crate::user::{ChannelHandle, MemberHandle};
use crate::world::{Places, World};
use starter::Tasks;

/// A Discord on your own machine. Clones share it; it ends with the last of them.
#[derive(Clone)]
pub struct Sandbox {
    shared: Shared,
    rest: SocketAddr,
    ws: SocketAddr,
    _tasks: Arc<Tasks>,
}

impl Sandbox {
    /// Starts on any port.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub async fn start(world: World) -> Result<Self, StartError> {
        Self::starter(world).start().await
    }

    /// A start with more to say: a port, mounts, panels.
    #[must_use]
    pub const fn starter(world: World) -> Starter {
        Starter { world, port: 0, mounts: Vec::new(), panels: Vec::new() }
    }

    /// What stands in for `https://discord.com`; also the address of the page.
    #[must_use]
    pub fn api_base(&self) -> String {
        format!("http://{}", self.rest)
    }

    /// The gateway's address as `GET /gateway` tells it.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        format!("ws://{}", self.ws)
    }

    /// The bot's token. Never print it.
    #[must_use]
    pub fn token(&self) -> String {
        self.shared.lock().token.clone()
    }

    /// The bot's application.
    #[must_use]
    pub fn application_id(&self) -> Id {
        self.shared.lock().places.application.id
    }

    /// The first guild.
    ///
    /// # Panics
    ///
    /// Never: a world always has a guild.
    #[must_use]
    pub fn guild_id(&self) -> Id {
        let core = self.shared.lock();
        let first = core.places.guilds.keys().next().copied();
        first.expect("a world is built with one guild, and none is ever taken away")
    }

    /// A role by name.
    #[must_use]
    pub fn role_id(&self, name: &str) -> Option<Id> {
        let core = self.shared.lock();
        let mut roles = core.places.guilds.values().flat_map(|guild| guild.roles.values());
        roles.find(|role| role.name == name).map(|role| role.id)
    }

    /// Somebody to act as.
    ///
    /// # Panics
    ///
    /// When there is nobody of this name.
    #[must_use]
    #[track_caller]
    pub fn member(&self, name: &str) -> MemberHandle {
        match self.shared.lock().user_named(name) {
            Ok(user) => MemberHandle { shared: self.shared.clone(), user },
            Err(error) => panic!("{error}"),
        }
    }

    /// A channel or thread by name or id, as one who sees everything.
    ///
    /// # Panics
    ///
    /// When there is none of this name.
    #[must_use]
    #[track_caller]
    pub fn channel(&self, name: &str) -> ChannelHandle {
        let core = self.shared.lock();
        let found = core
            .places
            .channels
            .values()
            .find(|channel| channel.name == name || channel.id.to_string() == name);
        let Some(found) = found else { panic!("there is no channel called {name:?}") };
        ChannelHandle { shared: self.shared.clone(), channel: found.id, member: None }
    }

    /// Waits until `look` finds something, looking after each change.
    ///
    /// # Panics
    ///
    /// After ten seconds of real time, with what is there.
    pub async fn wait_for<T>(&self, what: &str, mut look: impl FnMut(&Places) -> Option<T>) -> T {
        self.shared.wait(what, |core| look(&core.places)).await
    }

    /// Waits until the bot is connected and identified.
    pub async fn wait_ready(&self) {
        self.shared.wait("the bot to be connected", |core| core.hub.is_ready().then_some(())).await;
    }

    /// Waits until no bot is connected.
    pub async fn wait_gone(&self) {
        self.shared.wait("the bot to be gone", |core| (!core.hub.is_ready()).then_some(())).await;
    }

    /// Waits until commands of all these names are registered.
    pub async fn wait_for_commands(&self, names: &[&str]) {
        let all = |places: &Places| {
            names.iter().all(|name| places.commands.iter().any(|command| command.name == *name)).then_some(())
        };
        self.wait_for("commands", all).await;
    }

    /// Whether the bot is connected and identified.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.shared.lock().hub.is_ready()
    }

    /// How often the bot identified and resumed so far.
    #[must_use]
    pub fn sessions(&self) -> (u64, u64) {
        let core = self.shared.lock();
        (core.hub.identifies, core.hub.resumes)
    }

    /// Real time from each member's act to the bot's first answer, in the order of the acts; `None` where there is
    /// none yet.
    #[must_use]
    pub fn answer_times(&self) -> Vec<Option<std::time::Duration>> {
        self.shared.lock().interactions.values().map(|interaction| interaction.answered).collect()
    }

    /// A look at the world.
    pub fn look<T>(&self, look: impl FnOnce(&Places) -> T) -> T {
        look(&self.shared.lock().places)
    }

    /// Changes the world behind the bot's back. The gateway does not tell; see the faults for changes that it tells.
    pub fn change<T>(&self, change: impl FnOnce(&mut Places) -> T) -> T {
        let mut core = self.shared.lock();
        let changed = change(&mut core.places);
        core.touch();
        changed
    }

    /// Every request that the bot made.
    #[must_use]
    pub fn requests(&self) -> Vec<Exchange> {
        self.shared.lock().transcript.exchanges().cloned().collect()
    }

    /// The transcript as the checker reads it: one JSON object a line, concrete paths. It holds tokens of interactions.
    #[must_use]
    pub fn transcript_jsonl(&self) -> String {
        self.shared.lock().transcript.to_jsonl()
    }

    /// What the bot did that it must never do. Empty is good.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.lock().violations.clone()
    }

    /// `Err` with words when the bot used a route that the sandbox does not know, or was thrown off the gateway for
    /// what it sent. Forms that Discord refuses count with [`Sandbox::strict_verdict`] only.
    ///
    /// # Errors
    ///
    /// What the bot did.
    pub fn verdict(&self) -> Result<(), String> {
        self.judge(|violation| !matches!(violation, Violation::RefusedForm { .. }))
    }

    /// As [`Sandbox::verdict`], and no form may have been refused with 400.
    ///
    /// # Errors
    ///
    /// What the bot did.
    pub fn strict_verdict(&self) -> Result<(), String> {
        self.judge(|_| true)
    }

    fn judge(&self, counts: impl Fn(&Violation) -> bool) -> Result<(), String> {
        let found: Vec<_> = self.violations().into_iter().filter(|violation| counts(violation)).collect();
        if found.is_empty() { Ok(()) } else { Err(format!("the bot did what it must never do: {found:#?}")) }
    }

    /// Invalid answers (401, 403, 429 that were not shared) of the last ten minutes.
    #[must_use]
    pub fn invalid_requests(&self) -> usize {
        let core = self.shared.lock();
        core.rates.invalid(core.settings.rate_limits.invalid, core.rate_clock.now_ms())
    }
}
