//! The words for everything that can go wrong in an interaction.

use std::fmt;
use std::sync::Arc;

use poise::FrameworkError;
use serenity::http::Http;
use serenity::model::application::CommandInteraction;
use watchpost::button::NotAButton;
use watchpost::capability::Denied;
use watchpost::outbox::{File, Message};
use watchpost::refusal::{Fault, Refusal};
use watchpost_texts::say;

use super::Mind;
use crate::bot::rendering::Rendered;

/// Why an interaction was not carried out. Every text says what is wrong, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The person's roles do not grant it.
    #[error("{0}")]
    Denied(Denied),
    /// The desk's answer.
    #[error("{0}")]
    Refusal(Refusal),
    /// What was typed is too long; it is given back.
    #[error("{}", say!("{refusal}. What you typed is attached, so that nothing is lost"))]
    GivenBack {
        /// Why.
        refusal: Refusal,
        /// What was typed.
        typed: String,
    },
    /// Outside a server.
    #[error(
        "{}", say!("I work in your organisation's server only, not in direct messages. Type the command in a channel there"))]
    NotHere,
    /// A bot or webhook asks.
    #[error("{}", say!("I take orders from people only, not from bots or webhooks"))]
    Program,
    /// Who was chosen is not in the server.
    #[error("{}", say!("This person is not in the server any more. Choose somebody who is"))]
    NotAMember,
    /// Who was chosen may not lead.
    #[error("{}", say!("{name} may not work on incidents, so they cannot lead this one. Choose somebody with one of these roles: {roles}", roles = roles(denied)))]
    CannotLead {
        /// Who was chosen.
        name: String,
        /// Who may.
        denied: Denied,
    },
    /// The command has no entry in the list.
    #[error(
        "{}", say!("I do not know who may use this command, so nobody may. Please tell whoever looks after Watchpost"))]
    NoEntry,
    /// Discord has another form of the command than this program.
    #[error(
        "{}", say!("Discord still shows an older form of this command. Reload Discord (Ctrl+R on a computer) and try once more"))]
    OlderForm,
    /// An option cannot be read.
    #[error("{}", say!("I cannot read “{0}” here. Choose one of the values that Discord suggests", _0))]
    Unreadable(String),
    /// A button or form that is none.
    #[error("{0}")]
    Button(NotAButton),
    /// A fault: the person gets its number, the log the rest.
    #[error("{}", say!("Something went wrong on my side. The log has it as {0}; please try once more", _0))]
    Fault(Fault),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refusal(refusal)
    }
}

impl Failure {
    /// Gives back what was typed, where it was too long.
    pub fn with_typed(self, typed: &str) -> Self {
        match self {
            Failure::Refusal(refusal @ Refusal::TooLong { .. }) => {
                Failure::GivenBack { refusal, typed: typed.to_owned() }
            }
            other => other,
        }
    }

    /// As it is shown.
    pub fn rendered(&self) -> Rendered {
        let mut message = Message::text(self.to_string());
        if let Failure::GivenBack { typed, .. } = self {
            message.files.push(File { name: "what-you-typed.txt".to_owned(), content: typed.clone() });
        }
        match self {
            // The names of the roles that would do; nobody is pinged by that.
            Failure::Denied(denied) | Failure::CannotLead { denied, .. } => {
                Rendered::naming(&message, &denied.roles)
            }
            _ => Rendered::of(&message),
        }
    }
}

fn roles(denied: &Denied) -> String {
    let names: Vec<String> = denied.roles.iter().map(|role| format!("<@&{role}>")).collect();
    names.join(", ")
}

/// What poise says went wrong, in a form that holds no secret.
#[derive(Debug)]
struct Described(String);

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Described {}

fn fault(what: &str) -> Failure {
    Failure::Fault(Fault::logged(&Described(what.to_owned())))
}

/// An interaction that no command answers to.
type Unknown<'a> = (Arc<Mind>, Arc<Http>, &'a CommandInteraction);

/// The failure that an error of poise stands for.
pub(super) fn of<'a>(error: FrameworkError<'a, Arc<Mind>, Failure>) -> (Failure, Option<Unknown<'a>>) {
    let failure = match error {
        FrameworkError::Command { error, .. } | FrameworkError::EventHandler { error, .. } => error,
        FrameworkError::CommandCheckFailed { error, .. } => error.unwrap_or(Failure::NoEntry),
        FrameworkError::ArgumentParse { input, .. } => {
            let typed = input.unwrap_or_default();
            Failure::Unreadable(typed.chars().take(80).collect())
        }
        FrameworkError::CommandStructureMismatch { .. } | FrameworkError::SubcommandRequired { .. } => {
            Failure::OlderForm
        }
        FrameworkError::UnknownInteraction { interaction, framework, .. } => {
            let http = framework.serenity_context.http.clone();
            return (Failure::OlderForm, Some((framework.user_data.clone(), http, interaction)));
        }
        FrameworkError::GuildOnly { .. } => Failure::NotHere,
        FrameworkError::CommandPanic { payload, ctx, .. } => {
            let said = payload.unwrap_or_default();
            fault(&say!("panic in /{}: {said}", ctx.command().name))
        }
        other => fault(&say!("poise: {other}")),
    };
    (failure, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serenity::builder::EditMessage;
    use watchpost::capability::Capability;
    use watchpost::ids::RoleId;

    fn shown(failure: &Failure) -> serde_json::Value {
        let edit: EditMessage = failure.rendered().edit();
        serde_json::to_value(edit).expect("a builder is JSON")
    }

    #[test]
    fn a_denial_names_the_roles_and_pings_nobody() {
        let denied = Denied::new(Capability::Respond, vec![RoleId(2), RoleId(3)]);
        let shown = shown(&Failure::Denied(denied));
        let text = shown["content"].as_str().expect("text");
        assert_eq!(text, "You may not work on incidents. It needs one of these roles: <@&2>, <@&3>");
        assert_eq!(shown["allowed_mentions"]["roles"], serde_json::json!([]));
    }

    #[test]
    fn what_was_too_long_is_given_back() {
        let typed = "x".repeat(6_000);
        let failure = Failure::Refusal(Refusal::TooLong { length: 6_000, limit: 200 }).with_typed(&typed);
        assert!(
            failure.to_string().starts_with("The text has 6000 characters; 200 are possible here."),
            "{failure}"
        );
        assert_eq!(shown(&failure)["attachments"][0]["filename"], "what-you-typed.txt");
        assert_eq!(Failure::NotHere.with_typed("x"), Failure::NotHere);
    }

    #[test]
    fn every_failure_says_what_to_do_and_shows_no_form_of_a_type() {
        for failure in [Failure::NotHere, Failure::Program, Failure::NoEntry, Failure::OlderForm] {
            let text = failure.to_string();
            assert!(text.len() > 40 && !text.contains("::") && !text.contains('{'), "{text}");
        }
    }
}
