//! From an interaction of Discord to a command, and back with an answer.
//!
//! 1. poise finds the command and reads its options. [`permission`] asks for its capability, by the person's own roles;
//!    what has no entry in [`crate::all`] is denied.
//! 2. The command acknowledges ([`Call::begin`]) before anything that takes time, asks the desk, and shows a message.
//! 3. Buttons and forms come by a router of our own ([`crate::bot::buttons`], [`crate::bot::forms`]), because poise keeps
//!    what it waits for in memory, and a restart would lose it.
//! 4. Whatever fails is worded in one place ([`failure`]), privately: a refusal as a sentence, a fault with its number.

pub mod call;
pub mod failure;
mod guilds;
pub mod holders;
pub mod permission;
pub mod reply;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use poise::{BoxFuture, FrameworkError, FrameworkOptions};
use serenity::gateway::ActivityData;
use serenity::model::application::Interaction;
use serenity::prelude::GatewayIntents;
use watchpost::desk::Desk;
use watchpost::ids::{GuildId, ServiceName};
use watchpost::incident::action::breaks::Standing;
use watchpost::keeper::Keeper;
use watchpost_texts::say;

use crate::bot::fetch::Fetcher;
use crate::bot::rendering::allowed_mentions;
use crate::bot::{buttons, forms};
use crate::check::Examiner;
use call::Call;
use failure::Failure;

/// What Watchpost asks the gateway for: which servers it is in; that messages are edited, so that the canary hears its own
/// (events/gateway, "List of Intents": MESSAGE_UPDATE comes with GUILD_MESSAGES); and interactions, which come unasked. None
/// is privileged, and no message's content comes with them.
pub const INTENTS: GatewayIntents = GatewayIntents::GUILDS.union(GatewayIntents::GUILD_MESSAGES);

/// What the commands speak to.
pub struct Mind {
    /// The one door.
    pub desk: Arc<Desk>,
    /// Checks services.
    pub examiner: Arc<dyn Examiner>,
    /// In which zone typed times are read.
    pub zone: chrono_tz::Tz,
    /// Looks after what is stored.
    pub keeper: Arc<Keeper>,
    /// Says what an outage would miss; set once the process has all that it looks at.
    pub doctor: crate::admin::doctor::Known,
    /// Copies what people attach; set when the bot starts.
    pub fetcher: OnceLock<Fetcher>,
    /// Who was seen with which roles.
    pub holders: holders::Holders,
    /// Servers whose commands are registered since the start.
    registered: Mutex<BTreeSet<GuildId>>,
    /// What the last check of each service saw that a repair could break.
    standing: Mutex<BTreeMap<ServiceName, Standing>>,
}

impl Mind {
    /// Puts it together.
    pub fn new(
        desk: Arc<Desk>,
        examiner: Arc<dyn Examiner>,
        zone: chrono_tz::Tz,
        keeper: Arc<Keeper>,
    ) -> Arc<Self> {
        Arc::new(Mind {
            desk,
            examiner,
            zone,
            keeper,
            doctor: Default::default(),
            fetcher: OnceLock::new(),
            holders: holders::Holders::default(),
            registered: Mutex::default(),
            standing: Mutex::default(),
        })
    }
}

impl Mind {
    /// A check has seen what a repair could break.
    pub fn sees(&self, service: &ServiceName, standing: Standing) {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).insert(service.clone(), standing);
    }

    /// What the last check of a service saw that a repair could break; nothing before the first one.
    pub fn standing(&self, service: Option<&ServiceName>) -> Standing {
        let seen = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        service.and_then(|service| seen.get(service)).cloned().unwrap_or_default()
    }
}

/// What a command is given by poise.
pub type Context<'a> = poise::Context<'a, Arc<Mind>, Failure>;
/// A command as poise knows it.
pub type Command = poise::Command<Arc<Mind>, Failure>;
type Event<'a> = poise::FrameworkContext<'a, Arc<Mind>, Failure>;

/// The framework for one client. A client that is rebuilt gets a new one.
pub fn framework(mind: Arc<Mind>) -> poise::Framework<Arc<Mind>, Failure> {
    let options = FrameworkOptions {
        commands: crate::all().into_iter().map(crate::Entry::command).collect(),
        on_error: |error| Box::pin(on_error(error)),
        command_check: Some(|context| Box::pin(permission::check(context))),
        event_handler: |framework, event| on_event(framework, event),
        allowed_mentions: Some(allowed_mentions(&[], &[])),
        // No prefix: Watchpost reads no messages.
        prefix_options: poise::PrefixFrameworkOptions {
            mention_as_prefix: false,
            ..poise::PrefixFrameworkOptions::default()
        },
        skip_checks_for_owners: false,
        ..FrameworkOptions::default()
    };
    poise::Framework::builder()
        .options(options)
        // The owner of the application has no rights here; asking for them would also delay the start.
        .initialize_owners(false)
        // Returns at once: poise holds back every interaction until it does.
        .setup(move |_, _, _| Box::pin(async move { Ok(mind) }))
        .build()
}

fn on_event<'a>(
    framework: Event<'a>,
    event: &'a serenity::client::FullEvent,
) -> BoxFuture<'a, Result<(), Failure>> {
    use serenity::client::FullEvent;
    let context = framework.serenity_context;
    let mind = framework.user_data;
    Box::pin(async move {
        match event {
            FullEvent::Ready { .. } => {
                context.set_activity(Some(ActivityData::custom(say!("/help says what to do next"))));
            }
            FullEvent::GuildCreate { guild, .. } => {
                guilds::seen(&context.http, mind, framework.options, GuildId(guild.id.get())).await;
            }
            FullEvent::InteractionCreate { interaction: Interaction::Component(click) } => {
                buttons::clicked(mind, &context.http, click).await;
            }
            FullEvent::InteractionCreate { interaction: Interaction::Modal(form) } => {
                forms::sent(mind, &context.http, form).await;
            }
            _ => {}
        }
        Ok(())
    })
}

/// Words whatever went wrong, privately. Never shows what serenity or poise say of it: that may hold a token.
async fn on_error(error: FrameworkError<'_, Arc<Mind>, Failure>) {
    let context = error.ctx();
    let (failure, unknown) = failure::of(error);
    if let Some(context) = context {
        Call::of(context).fail(&failure).await;
    } else if let Some((mind, http, interaction)) = unknown {
        Call::unknown(&mind, &http, interaction).fail(&failure).await;
    }
}
