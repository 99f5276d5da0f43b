//! Why a client would not let somebody do something.

use thiserror::Error;

/// Why a client would not let somebody do something. Nothing reached the bot.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActError {
    /// There is nobody of this name.
    #[error("there is no member called {name:?}; there are: {known}")]
    NoSuchMember {
        /// The name.
        name: String,
        /// Who is there.
        known: String,
    },
    /// There is no such channel, or the member cannot see it.
    #[error("there is no channel {name:?} that {member} can see")]
    NoSuchChannel {
        /// The channel.
        name: String,
        /// Who looked.
        member: String,
    },
    /// There is no such message.
    #[error("there is no such message for {member}")]
    NoSuchMessage {
        /// Who looked.
        member: String,
    },
    /// No such command is registered here.
    #[error("no command {name:?} is registered here; there are: {known}")]
    NoSuchCommand {
        /// The command.
        name: String,
        /// What is registered.
        known: String,
    },
    /// The command is there, and the member may not use it.
    #[error("{member} may not use {name:?} here")]
    CommandNotAllowed {
        /// Who tried.
        member: String,
        /// The command.
        name: String,
    },
    /// An option does not fit. The client marks it and sends nothing.
    #[error("option {option:?}: {reason}")]
    Option {
        /// The option.
        option: String,
        /// What is wrong.
        reason: String,
    },
    /// The message has no such button or select.
    #[error("the message has no {wanted:?}; it has: {present}")]
    NoSuchComponent {
        /// What was looked for.
        wanted: String,
        /// What is there.
        present: String,
    },
    /// The button or select is greyed out.
    #[error("{label:?} is disabled")]
    Disabled {
        /// Its label.
        label: String,
    },
    /// The choice does not fit the select.
    #[error("the select does not take this: {reason}")]
    Choice {
        /// What is wrong.
        reason: String,
    },
    /// There is no open modal.
    #[error("this did not open a modal, or the modal was sent in already")]
    NoModal,
    /// A field of a modal does not fit.
    #[error("field {field:?}: {reason}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// The member lacks a permission for this.
    #[error("{member} may not do this here")]
    NotAllowed {
        /// Who tried.
        member: String,
    },
}
