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
use watchpost::outbox::Message;

use crate::bot::gate::RestFailure;
use crate::bot::rendering::limits::{SUGGESTION, SUGGESTIONS, cut};
use crate::bot::rendering::{Rendered, Visibility, allowed_mentions, plain};

/// Half a minute less than what Discord gives.
const TOKEN_LIVES: Duration = Duration::from_secs(15 * 60 - 30);

/// The interaction was answered before (topics/opcodes-and-status-codes; so are the next two).
const ANSWERED: i64 = 40_060;
/// The interaction is void: its three seconds were over.
const UNKNOWN_INTERACTION: i64 = 10_062;
/// Its 15 minutes were over.
const UNKNOWN_WEBHOOK: i64 = 10_015;

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

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Went {
    /// Discord has it.
    Through,
    /// Another delivery of the same interaction has answered it.
    Answered,
    /// Discord takes no answer to this interaction any more.
    Void,
    /// It is not there, or nobody can tell.
    Lost,
}

/// What was answered to somebody at the shell, in order.
pub type Heard = Arc<std::sync::Mutex<Vec<Message>>>;

/// The answer to one interaction, or to one line of a shell.
pub struct Reply {
    way: Way,
    stage: Mutex<Stage>,
    clock: Clock,
    began: Duration,
}

/// How an answer goes.
enum Way {
    Chat(Chat),
    Shell(Heard),
}

/// An interaction of Discord.
struct Chat {
    http: Arc<Http>,
    address: Address,
}

impl Reply {
    /// To an interaction that has just come, or of which `stage` is known.
    pub fn new(http: Arc<Http>, clock: Clock, address: Address, stage: Stage) -> Self {
        let began = clock.monotonic();
        Reply { way: Way::Chat(Chat { http, address }), stage: Mutex::new(stage), clock, began }
    }

    /// To somebody at the shell: what is answered is heard there, and Discord is not needed.
    pub fn at_the_shell(heard: Heard, clock: Clock) -> Self {
        let began = clock.monotonic();
        Reply { way: Way::Shell(heard), stage: Mutex::new(Stage::Open), clock, began }
    }

    /// What it speaks to Discord through, for what is no answer; none at the shell.
    pub fn http(&self) -> Option<&Arc<Http>> {
        match &self.way {
            Way::Chat(chat) => Some(&chat.http),
            Way::Shell(_) => None,
        }
    }

    /// Says within three seconds that an answer will come. Only the first answer can be private.
    pub async fn acknowledge(&self, visibility: Visibility) {
        let Way::Chat(chat) = &self.way else { return };
        let mut stage = self.stage.lock().await;
        if *stage != Stage::Open {
            return;
        }
        let message = CreateInteractionResponseMessage::new()
            .ephemeral(visibility == Visibility::Private)
            .allowed_mentions(allowed_mentions(&[], &[]));
        // Where another delivery was first, its acknowledgement is as good as this one: whichever does the work shows it.
        if matches!(
            chat.respond(CreateInteractionResponse::Defer(message)).await,
            Went::Through | Went::Answered
        ) {
            *stage = Stage::Acknowledged(visibility);
        }
    }

    /// Opens a form. Must be the first answer, so it is built from memory.
    pub async fn form(&self, form: CreateModal) {
        let Way::Chat(chat) = &self.way else { return };
        let mut stage = self.stage.lock().await;
        if chat.respond(CreateInteractionResponse::Modal(form)).await == Went::Through {
            *stage = Stage::Shown(Visibility::Private);
        }
    }

    /// Suggests values for an option.
    pub async fn suggest(&self, values: Vec<AutocompleteChoice>) {
        let Way::Chat(chat) = &self.way else { return };
        let values = CreateAutocompleteResponse::new().set_choices(values);
        chat.respond(CreateInteractionResponse::Autocomplete(values)).await;
    }

    /// Shows a message: as the first answer, or in place of what stands there.
    pub async fn show(&self, message: Rendered, visibility: Visibility) {
        let chat = match &self.way {
            Way::Chat(chat) => chat,
            Way::Shell(heard) => {
                let mut heard = heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                return heard.push(message.into_said());
            }
        };
        let mut stage = self.stage.lock().await;
        if self.clock.monotonic().saturating_sub(self.began) > TOKEN_LIVES {
            return chat.late(message, visibility).await;
        }
        let went = chat.put(*stage, message.clone(), visibility).await;
        match went {
            Went::Through => *stage = Stage::Shown(visibility),
            // What was done must be known to the person who asked for it.
            Went::Void => chat.late(message, visibility).await,
            Went::Answered | Went::Lost => {}
        }
    }
}

impl Chat {
    async fn put(&self, stage: Stage, message: Rendered, visibility: Visibility) -> Went {
        match stage {
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
        }
    }

    async fn respond(&self, response: CreateInteractionResponse) -> Went {
        let context = (self.address.id, self.address.token.as_str());
        self.went(response.execute(&*self.http, context).await)
    }

    async fn replace(&self, message: Rendered) -> Went {
        if message.has_several_files() {
            let edited = message.edit_with_files().execute(&*self.http, self.address.token.as_str()).await;
            return self.went(edited.map(drop));
        }
        let (body, files) = message.edit_answer();
        let edited = self.http.edit_original_interaction_response(&self.address.token, &body, files).await;
        self.went(edited.map(drop))
    }

    async fn take_back(&self) {
        self.went(self.http.delete_original_interaction_response(&self.address.token).await);
    }

    async fn follow_up(&self, message: Rendered, visibility: Visibility) -> Went {
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
    fn went(&self, result: serenity::Result<()>) -> Went {
        let Err(error) = result else { return Went::Through };
        match RestFailure::read(&error) {
            RestFailure::Refused { code: ANSWERED, .. } => return Went::Answered,
            RestFailure::Refused { code: code @ (UNKNOWN_INTERACTION | UNKNOWN_WEBHOOK), .. } => {
                tracing::warn!(code, "an answer came too late for its interaction");
                return Went::Void;
            }
            RestFailure::NotSent(why) => tracing::warn!(%why, "an answer was not given"),
            RestFailure::Unknown(why) => tracing::warn!(%why, "an answer may not have been given"),
            RestFailure::Refused { status, code } => {
                tracing::warn!(status, code, "Discord refused an answer");
            }
        }
        Went::Lost
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
