//! The running sandbox: two listeners on loopback and one state behind them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::control::{self, Panel};
use crate::core::{Core, Shared, Violation};
use crate::faults::{Delivery, GatewayFaults, RestFault, Welcome};
use crate::gateway::{self, Outgoing, events};
use crate::id::Id;
use crate::line::{Cut, Lines};
use crate::rest::Edge;
use crate::transcript::Exchange;
use crate::user::{ChannelHandle, MemberHandle};
use crate::world::{Places, World};

/// Why a sandbox could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No port on loopback.
    #[error("the sandbox cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Listen {
        /// Where it tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// How a sandbox is started.
pub struct Starter {
    world: World,
    port: u16,
    mounts: Vec<(String, Router)>,
    panels: Vec<Panel>,
}

impl Starter {
    /// The port of REST and page on 127.0.0.1; 0, the default, takes any.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Serves something else on the same port below `prefix`, for instance the switches of a mail lab.
    #[must_use]
    pub fn mount(mut self, prefix: &str, router: Router) -> Self {
        self.mounts.push((prefix.to_owned(), router));
        self
    }

    /// Shows something else on the page: a frame with this path.
    #[must_use]
    pub fn panel(mut self, title: &str, path: &str) -> Self {
        self.panels.push(Panel { title: title.to_owned(), path: path.to_owned() });
        self
    }

    /// Starts.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let rest = listen(self.port).await?;
        let ws = listen(0).await?;
        let mut core = self.world.build();
        core.places.files_base = format!("http://{}", rest.1);
        core.gateway_url = format!("ws://{}", ws.1);
        let shared = Shared::new(core);
        let mut router = control::router(Edge { shared: shared.clone() }, self.panels);
        for (prefix, mounted) in self.mounts {
            router = router.nest_service(&prefix, mounted);
        }
        let service = router.into_make_service_with_connect_info::<Cut>();
        let serving = axum::serve(Lines(rest.0), service);
        let tasks = vec![
            tokio::spawn(async move {
                let _ = serving.await;
            }),
            tokio::spawn(gateway::serve(ws.0, shared.clone())),
        ];
        Ok(Sandbox { shared, rest: rest.1, ws: ws.1, _tasks: Arc::new(Tasks(tasks)) })
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let wrong = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(wrong)?;
    let bound = listener.local_addr().map_err(wrong)?;
    Ok((listener, bound))
}

/// Ends the listeners with the last handle.
struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

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
        core.rates.invalid(core.rate_clock.now_ms())
    }
}

/// Faults.
impl Sandbox {
    /// Switches a fault of the REST side on.
    pub fn fault(&self, fault: RestFault) {
        self.with(|core| core.faults.rest.push(fault));
    }

    /// Switches all faults off; connections that were hurt stay as they are.
    pub fn heal(&self) {
        self.with(|core| {
            core.faults.heal();
            core.release_held(false);
        });
    }

    /// Changes what the gateway does wrong.
    pub fn gateway_faults(&self, change: impl FnOnce(&mut GatewayFaults)) {
        self.with(|core| change(&mut core.faults.gateway));
    }

    /// Meets new gateway connections like this.
    pub fn welcome(&self, welcome: Welcome) {
        self.gateway_faults(|faults| faults.welcome = welcome);
    }

    /// Delivers interactions like this from now on.
    pub fn deliver(&self, delivery: Delivery) {
        self.gateway_faults(|faults| faults.interactions = delivery);
    }

    /// Delivers what was held, in order or the last first.
    pub fn release(&self, reversed: bool) {
        self.with(|core| core.release_held(reversed));
    }

    /// Delivers an interaction again.
    pub fn deliver_again(&self, interaction: Id) {
        self.with(|core| events::deliver(core, interaction));
    }

    /// Closes every gateway connection without a word; `false` when none was open.
    pub fn drop_gateway(&self) -> bool {
        self.with(|core| core.hub.send_all(&Outgoing::Drop) > 0)
    }

    /// Resets every gateway connection.
    pub fn reset_gateway(&self) -> bool {
        self.with(|core| core.hub.send_all(&Outgoing::Reset) > 0)
    }

    /// Closes every gateway connection with a code.
    pub fn close_gateway(&self, code: u16) -> bool {
        self.with(|core| core.hub.send_all(&Outgoing::Close(code, "The sandbox was told to.")) > 0)
    }

    /// Asks the bot to reconnect (op 7).
    pub fn ask_reconnect(&self) {
        self.with(|core| core.ask_reconnect());
    }

    /// Tells the bot that its session is invalid (op 9).
    pub fn invalidate_session(&self, resumable: bool) {
        self.with(|core| core.invalidate_session(resumable));
    }

    /// Forgets all sessions, as a restart of Discord does: resumes are refused.
    pub fn forget_sessions(&self) {
        self.with(|core| core.hub.sessions.clear());
    }

    /// Revokes the bot's token: 401 and 4004 from now on.
    pub fn revoke_token(&self) {
        self.with(|core| core.token_revoked = true);
    }

    /// Makes the token good again.
    pub fn restore_token(&self) {
        self.with(|core| core.token_revoked = false);
    }

    /// Deletes a channel as an administrator would; the gateway tells.
    pub fn delete_channel(&self, channel: &ChannelHandle) {
        self.with(|core| core.remove_channel(channel.id()));
    }

    /// Deletes a message as a moderator would; the gateway tells.
    pub fn delete_message(&self, message: Id) {
        self.with(|core| core.remove_message(message));
    }

    /// Takes permissions from the bot in one channel, or gives them back; the gateway tells.
    pub fn set_bot_overwrite(
        &self,
        channel: &ChannelHandle,
        allow: crate::Permissions,
        deny: crate::Permissions,
    ) {
        self.with(|core| core.set_bot_overwrite(channel.id(), allow, deny));
    }

    /// Gives a member exactly these roles; the gateway tells those who asked for it.
    pub fn set_roles(&self, member: &MemberHandle, roles: &[&str]) {
        self.with(|core| core.set_roles(member.id(), roles));
    }

    /// Somebody new comes into the guild; the gateway tells those who asked for it.
    #[must_use]
    pub fn joins(&self, name: &str, roles: &[&str]) -> MemberHandle {
        let user = self.with(|core| core.join(name, roles));
        MemberHandle { shared: self.shared.clone(), user }
    }

    /// Somebody leaves the guild; the gateway tells those who asked for it.
    pub fn leaves(&self, member: &MemberHandle) {
        self.with(|core| core.part(member.id()));
    }

    /// Throws the bot out of its guild.
    pub fn kick_bot(&self) {
        let guild = self.guild_id();
        self.with(|core| core.leave_guild(guild));
    }

    fn with<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.shared.lock();
        let changed = change(&mut core);
        core.touch();
        changed
    }
}
