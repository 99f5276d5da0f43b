//! The answer to one interaction, whatever kind it is.
//!
//! 1. Discord waits three seconds for the first answer (interactions/receiving-and-responding); so whatever takes time
//!    acknowledges first.
//! 2. Then the answer is put in its place. A private answer never takes the place of a public one.
//! 3. After 15 minutes the interaction's token is void: what comes later is posted with the bot's own token, in the same
//!    place, or to the person alone where it was private.

use std::sync::Arc;
use std::time::Duration;

use serenity::builder::{
    AutocompleteChoice, Builder, CreateAutocompleteResponse, CreateInteractionResponse,
    CreateInteractionResponseMessage, CreateModal,
};
use serenity::http::Http;
use serenity::model::id::{ChannelId, InteractionId, UserId};
use tokio::sync::Mutex;
use watchpost::clock::Clock;

use crate::bot::gate::RestFailure;
use crate::bot::rendering::limits::{SUGGESTION, SUGGESTIONS, cut};
use crate::bot::rendering::{Rendered, Visibility, allowed_mentions, plain};

/// Half a minute less than what Discord gives.
const TOKEN_LIVES: Duration = Duration::from_secs(15 * 60 - 30);

/// Where an answer goes.
#[derive(Debug, Clone)]
pub struct Address {
    /// Of the interaction.
    pub id: InteractionId,
    /// Of the interaction. A secret for 15 minutes: never logged.
    pub token: String,
    /// Where it was asked.
    pub place: ChannelId,
    /// Who asked.
    pub person: UserId,
}

/// How far the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was said yet.
    Open,
    /// "Watchpost is thinking…"
    Acknowledged(Visibility),
    /// A message stands.
    Shown(Visibility),
}

/// The answer to one interaction.
pub struct Reply {
    http: Arc<Http>,
    address: Address,
    stage: Mutex<Stage>,
    clock: Clock,
    began: Duration,
}

impl Reply {
    /// To an interaction that has just come, or of which `stage` is known.
    pub fn new(http: Arc<Http>, clock: Clock, address: Address, stage: Stage) -> Self {
        let began = clock.monotonic();
        Reply { http, address, stage: Mutex::new(stage), clock, began }
    }

    /// Says within three seconds that an answer will come. Only the first answer can be private.
    pub async fn acknowledge(&self, visibility: Visibility) {
        let mut stage = self.stage.lock().await;
        if *stage != Stage::Open {
            return;
        }
        let message = CreateInteractionResponseMessage::new()
            .ephemeral(visibility == Visibility::Private)
            .allowed_mentions(allowed_mentions(&[], &[]));
        if self.respond(CreateInteractionResponse::Defer(message)).await {
            *stage = Stage::Acknowledged(visibility);
        }
    }

    /// Opens a form. Must be the first answer, so it is built from memory.
    pub async fn form(&self, form: CreateModal) {
        let mut stage = self.stage.lock().await;
        if self.respond(CreateInteractionResponse::Modal(form)).await {
            *stage = Stage::Shown(Visibility::Private);
        }
    }

    /// Suggests values for an option.
    pub async fn suggest(&self, values: Vec<AutocompleteChoice>) {
        let values = CreateAutocompleteResponse::new().set_choices(values);
        self.respond(CreateInteractionResponse::Autocomplete(values)).await;
    }

    /// Shows a message: as the first answer, or in place of what stands there.
    pub async fn show(&self, message: Rendered, visibility: Visibility) {
        let mut stage = self.stage.lock().await;
        if self.clock.monotonic().saturating_sub(self.began) > TOKEN_LIVES {
            return self.late(message, visibility).await;
        }
        let shown = match *stage {
            Stage::Open => self.respond(CreateInteractionResponse::Message(message.answer(visibility))).await,
            Stage::Acknowledged(as_said) | Stage::Shown(as_said) if as_said == visibility => {
                self.replace(message).await
            }
            Stage::Acknowledged(_) => {
                // The first follow-up after an acknowledgement would take its place, and be as public as it.
                self.take_back().await;
                self.follow_up(message, visibility).await
            }
            Stage::Shown(_) => self.follow_up(message, visibility).await,
        };
        if shown {
            *stage = Stage::Shown(visibility);
        }
    }

    async fn respond(&self, response: CreateInteractionResponse) -> bool {
        let context = (self.address.id, self.address.token.as_str());
        self.went(response.execute(&*self.http, context).await)
    }

    async fn replace(&self, message: Rendered) -> bool {
        let (body, files) = message.edit_answer();
        let edited = self.http.edit_original_interaction_response(&self.address.token, &body, files).await;
        self.went(edited.map(drop))
    }

    async fn take_back(&self) {
        self.went(self.http.delete_original_interaction_response(&self.address.token).await);
    }

    async fn follow_up(&self, message: Rendered, visibility: Visibility) -> bool {
        let follow_up = message.follow_up(visibility);
        self.went(follow_up.execute(&*self.http, (None, &self.address.token)).await.map(drop))
    }

    /// The interaction's token is void.
    async fn late(&self, message: Rendered, visibility: Visibility) {
        let place = match visibility {
            Visibility::Public => Ok(self.address.place),
            Visibility::Private => {
                self.address.person.create_dm_channel(&*self.http).await.map(|channel| channel.id)
            }
        };
        match place {
            Ok(place) => self.went(place.send_message(&*self.http, message.create(None)).await.map(drop)),
            Err(error) => self.went(Err(error)),
        };
    }

    /// Logs what did not go, in words: serenity's own form of the error holds the token.
    fn went(&self, result: serenity::Result<()>) -> bool {
        let Err(error) = result else { return true };
        match RestFailure::read(&error) {
            RestFailure::NotSent(why) => tracing::warn!(%why, "an answer was not given"),
            RestFailure::Unknown(why) => tracing::warn!(%why, "an answer may not have been given"),
            RestFailure::Refused { status, code } => {
                tracing::warn!(status, code, "Discord refused an answer");
            }
        }
        false
    }
}

/// A suggested value, within Discord's limits.
pub fn suggestion(shown: &str, value: &str) -> AutocompleteChoice {
    AutocompleteChoice::new(cut(&plain::line(shown), SUGGESTION), cut(value, SUGGESTION))
}

/// As many suggestions as Discord takes.
pub fn suggestions(all: impl Iterator<Item = AutocompleteChoice>) -> Vec<AutocompleteChoice> {
    all.take(SUGGESTIONS).collect()
}
