//! What became of an act, as one sees it.

use serde::Serialize;
use serde_json::Value;

use super::MessageView;
use crate::core::Core;
use crate::id::Id;
use crate::interactions::{FirstAnswer, Interaction};

/// A modal that is open in front of somebody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModalView {
    /// The interaction that it answers.
    pub interaction: Id,
    /// Its title.
    pub title: String,
    /// Its `custom_id`.
    pub custom_id: String,
    /// Its text inputs as the bot gave them.
    pub inputs: Vec<Value>,
}

impl ModalView {
    /// What a field is filled with when it opens, by label or `custom_id`.
    #[must_use]
    pub fn prefilled(&self, field: &str) -> Option<&str> {
        let input =
            self.inputs.iter().find(|input| input["label"] == field || input["custom_id"] == field)?;
        input["value"].as_str()
    }
}

/// What became of an act.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Response {
    /// Nothing yet, and the bot still has time.
    Waiting,
    /// The bot did not answer within 3 seconds: "The application did not respond".
    Failed,
    /// "thinking …".
    Thinking,
    /// A message, or an update of the one whose component was used.
    Message {
        /// The message; `None` when it was deleted since.
        message: Option<Box<MessageView>>,
    },
    /// The bot acknowledged and changed nothing yet.
    Acknowledged,
    /// A modal.
    Modal {
        /// The modal.
        modal: ModalView,
    },
    /// Suggestions.
    Choices {
        /// Objects with `name` and `value`.
        choices: Vec<Value>,
    },
}

impl Response {
    pub(crate) fn of(core: &Core, interaction: &Interaction) -> Self {
        let message = |id: Option<Id>| {
            let found = id.and_then(|id| core.places.messages.get(&id));
            Self::Message { message: found.map(|message| Box::new(MessageView::of(core, message))) }
        };
        match &interaction.answer {
            None if interaction.is_late(core.now_ms()) => Self::Failed,
            None => Self::Waiting,
            Some(FirstAnswer::Thinking) => match message(interaction.original) {
                Self::Message { message: Some(message) } if message.loading => Self::Thinking,
                shown => shown,
            },
            Some(FirstAnswer::UpdateLater) => Self::Acknowledged,
            Some(FirstAnswer::Message | FirstAnswer::Update) => message(interaction.original),
            Some(FirstAnswer::Choices(choices)) => Self::Choices { choices: choices.clone() },
            Some(FirstAnswer::Modal(modal)) => Self::Modal { modal: modal_view(interaction.id, modal) },
        }
    }
}

fn modal_view(interaction: Id, modal: &Value) -> ModalView {
    let rows = modal["components"].as_array().into_iter().flatten();
    ModalView {
        interaction,
        title: modal["title"].as_str().unwrap_or_default().to_owned(),
        custom_id: modal["custom_id"].as_str().unwrap_or_default().to_owned(),
        inputs: rows.filter_map(|row| row["components"].get(0).cloned()).collect(),
    }
}
