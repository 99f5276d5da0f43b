//! A Discord on your own machine: REST, gateway, a page to type in, and faults to switch on.
//!
//! In reading order:
//!
//! 1. [`World`] says what there is; [`Sandbox::start`] makes it run;
//! 2. a bot connects to [`Sandbox::api_base`] with [`Sandbox::token`]: `rest` and `gateway` answer as Discord's
//!    documents say, by the limits of [`limits`];
//! 3. a story acts as a [`MemberHandle`] and looks at a [`ChannelHandle`]; a person does the same on the page;
//! 4. faults ([`RestFault`], [`GatewayFaults`]) make Discord misbehave;
//! 5. the transcript and [`Sandbox::verdict`] say what the bot did.
//!
//! It knows nothing of any particular bot.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod archiving;
mod clock;
mod control;
mod core;
mod error;
mod faults;
mod gateway;
mod id;
mod interactions;
mod line;
mod mentions;
mod mischief;
mod permissions;
mod posting;
mod rates;
mod rest;
mod rules;
mod sandbox;
mod token;
mod transcript;
mod user;
mod world;

pub use clock::{Clock, Stepper};
pub use core::{Ping, Violation};
pub use error::{ApiError, Code};
pub use faults::{Delivery, Effect, Faults, GatewayFaults, LimitScope, RestFault, Welcome};
pub use id::Id;
pub use mentions::PingReason;
pub use permissions::Permissions;
pub use rates::{Rate, RateLimits};
pub use rules::limits;
pub use sandbox::{Sandbox, StartError, Starter};
pub use transcript::{Exchange, Transcript};
pub use user::{
    ActError, ChannelHandle, ChannelView, CommandLine, FileView, MemberHandle, MessageView, ModalView,
    PingView, Response, Turn,
};
pub use world::{
    Application, Attachment, Channel, ChannelKind, Command, Guild, InteractionOrigin, Member, Message,
    Overwrite, OverwriteKind, Places, Reaction, Role, ScheduledEvent, Tag, Thread, User, Webhook, World,
};
