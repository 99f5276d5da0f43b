//! The person's side: what somebody in front of Discord can do and see.
//!
//! 1. `act` does what a client would let a member do, or says in words why it would not;
//! 2. `command_line` checks typed options against the registered command, as the client does;
//! 3. `wire` builds what the bot is told;
//! 4. `view` is what one sees;
//! 5. `handles` are the names in which stories are written.

mod act;
mod command_line;
mod error;
pub(crate) mod handles;
pub(crate) mod view;
pub(crate) mod wire;

pub(crate) use command_line::Input;
pub use error::ActError;
pub use handles::{ChannelHandle, CommandLine, MemberHandle, Turn};
pub use view::{ChannelView, FileView, MessageView, ModalView, PingView, Response};
