//! One interaction from the click to its last answer (interactions/receiving-and-responding):
//!
//! 1. a member acts; the bot is told, with a token;
//! 2. the first answer must come within 3 seconds, once (10062, 40060);
//! 3. it is a message, "thinking …", an update, a list of suggestions or a modal, as the kind allows;
//! 4. for 15 minutes the token changes the first answer and adds others; after a deferral the first of these takes the
//!    place of "thinking …".

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::core::Core;
use crate::error::{
    ALREADY_ACKNOWLEDGED, ApiError, FormFaults, INVALID_WEBHOOK_TOKEN, UNKNOWN_INTERACTION, UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
};
use crate::id::Id;
use crate::mentions::Allowed;
use crate::posting::{Post, Upload};
use crate::rules::message::{self, Draft, Form};
use crate::rules::{command, fields, limits, modal};
use crate::world::{InteractionOrigin, Message, flags};

pub(crate) const COMMAND: u64 = 2;
pub(crate) const COMPONENT: u64 = 3;
pub(crate) const AUTOCOMPLETE: u64 = 4;
pub(crate) const MODAL: u64 = 5;

/// How an interaction was answered first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FirstAnswer {
    Message,
    Thinking,
    UpdateLater,
    Update,
    Choices(Vec<Value>),
    Modal(Value),
}

/// One interaction.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) kind: u64,
    pub(crate) user: Id,
    pub(crate) guild: Option<Id>,
    pub(crate) channel: Id,
    pub(crate) created_ms: u64,
    /// The `data` that the bot is told.
    pub(crate) data: Value,
    /// The message whose component was used, or that the modal was opened from.
    pub(crate) message: Option<Id>,
    /// The interaction that opened the modal.
    pub(crate) trigger: Option<Id>,
    pub(crate) answer: Option<FirstAnswer>,
    /// The message that `@original` stands for.
    pub(crate) original: Option<Id>,
    pub(crate) followups: Vec<Id>,
    /// Whether its modal was sent in.
    pub(crate) modal_used: bool,
    /// When the member acted, in real time.
    pub(crate) acted: Instant,
    /// Real time until the first answer.
    pub(crate) answered: Option<Duration>,
}

impl Interaction {
    pub(crate) fn is_late(&self, now_ms: u64) -> bool {
        self.answer.is_none() && now_ms > self.created_ms.saturating_add(limits::FIRST_ANSWER_MS)
    }

    pub(crate) fn is_expired(&self, now_ms: u64) -> bool {
        now_ms > self.created_ms.saturating_add(limits::TOKEN_MS)
    }

    /// Which first answers the kind allows.
    fn allows(&self, callback: u64) -> bool {
        match self.kind {
            COMMAND => matches!(callback, 4 | 5 | 9),
            COMPONENT => matches!(callback, 4..=7 | 9),
            AUTOCOMPLETE => callback == 8,
            MODAL if self.message.is_some() => matches!(callback, 4..=7),
            // 6 only closes the form. The table of types names it for components alone; poise closes every form with it, and
            // Discord takes it.
            MODAL => matches!(callback, 4..=6),
            _ => false,
        }
    }

    fn origin(&self, all: &std::collections::BTreeMap<Id, Self>) -> InteractionOrigin {
        let name = (self.kind == COMMAND).then(|| self.data["name"].as_str().unwrap_or_default().to_owned());
        let trigger = self.trigger.and_then(|id| all.get(&id)).map(|trigger| Box::new(trigger.origin(all)));
        InteractionOrigin {
            id: self.id,
            kind: self.kind,
            user: self.user,
            name,
            interacted: self.message.filter(|_| self.kind == COMPONENT),
            trigger,
        }
    }
}

impl Core {
    /// Step 2: the interaction, if a first answer may still be given.
    pub(crate) fn answerable(&self, id: Id, token: &str) -> Result<&Interaction, ApiError> {
        let now = self.now_ms();
        let interaction = self
            .interactions
            .get(&id)
            .filter(|interaction| interaction.token == token)
            .ok_or(UNKNOWN_INTERACTION)?;
        if interaction.answer.is_some() {
            return Err(ALREADY_ACKNOWLEDGED.into());
        }
        if interaction.is_late(now) {
            return Err(UNKNOWN_INTERACTION.into());
        }
        Ok(interaction)
    }

    /// Step 3.
    pub(crate) fn answer(&mut self, id: Id, body: &Value, uploads: &[Upload]) -> Result<(), ApiError> {
        let Some(interaction) = self.interactions.get(&id).cloned() else {
            return Err(UNKNOWN_INTERACTION.into());
        };
        let mut faults = FormFaults::default();
        fields::known(body, "", &["type", "data", "attachments"], &mut faults);
        let callback = fields::number(body, "", "type", 1..=12, &mut faults);
        if callback.is_none_or(|callback| !interaction.allows(callback)) && faults.is_empty() {
            faults.choice("type", "what this kind of interaction allows");
        }
        faults.result()?;
        let data = &body["data"];
        let (answer, original) = match callback.unwrap_or(0) {
            4 => (FirstAnswer::Message, Some(self.answer_message(&interaction, data, uploads)?)),
            5 => (FirstAnswer::Thinking, Some(self.answer_thinking(&interaction, data))),
            6 => (FirstAnswer::UpdateLater, interaction.message),
            7 => (FirstAnswer::Update, self.answer_update(&interaction, data, uploads)?),
            8 => (FirstAnswer::Choices(read_choices(&interaction, data)?), None),
            _ => (FirstAnswer::Modal(read_modal(data)?), None),
        };
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.answer = Some(answer);
            interaction.answered = Some(interaction.acted.elapsed());
            interaction.original = original;
        }
        self.touch();
        Ok(())
    }

    fn answer_message(
        &mut self,
        interaction: &Interaction,
        data: &Value,
        uploads: &[Upload],
    ) -> Result<Id, ApiError> {
        if data.is_null() {
            return Err(ApiError::form("data", "BASE_TYPE_REQUIRED", "This field is required"));
        }
        let draft = message::read(data, "data", Form::Answer, uploads.len())?;
        self.post_for(interaction, draft, uploads, true)
    }

    fn post_for(
        &mut self,
        interaction: &Interaction,
        draft: Draft,
        uploads: &[Upload],
        first: bool,
    ) -> Result<Id, ApiError> {
        let ephemeral = draft.wants(flags::EPHEMERAL).then_some(interaction.user);
        let kind = match interaction.kind {
            COMMAND if first && interaction.data["type"] == command::CHAT_INPUT => 20,
            COMMAND if first => 23,
            _ => 0,
        };
        self.post(Post {
            channel: interaction.channel,
            author: self.places.bot(),
            webhook: None,
            kind,
            draft,
            uploads,
            origin: Some(interaction.origin(&self.interactions)),
            ephemeral_for: ephemeral,
            allowed: Allowed::ONLY_USERS,
            id: None,
        })
    }

    fn answer_thinking(&mut self, interaction: &Interaction, data: &Value) -> Id {
        let ephemeral = data["flags"].as_u64().unwrap_or(0) & flags::EPHEMERAL != 0;
        let id = self.new_id();
        let kind = if interaction.kind == COMMAND { 20 } else { 0 };
        let hidden = if ephemeral { flags::EPHEMERAL } else { 0 };
        self.keep(Message {
            id,
            channel: interaction.channel,
            author: self.places.bot(),
            webhook: None,
            kind,
            content: String::new(),
            created_ms: self.now_ms(),
            edited_ms: None,
            tts: false,
            flags: flags::LOADING | hidden,
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            pinned_ms: None,
            nonce: None,
            reference: None,
            origin: Some(interaction.origin(&self.interactions)),
            ephemeral_for: ephemeral.then_some(interaction.user),
            thread: None,
            reactions: Vec::new(),
            mention_everyone: false,
            mentions: Vec::new(),
            mention_roles: Vec::new(),
        });
        id
    }

    fn answer_update(
        &mut self,
        interaction: &Interaction,
        data: &Value,
        uploads: &[Upload],
    ) -> Result<Option<Id>, ApiError> {
        let Some(id) = interaction.message else {
            return Err(UNKNOWN_MESSAGE.into());
        };
        let draft = message::read(data, "data", Form::Answer, 1)?;
        self.revise(id, draft, uploads, &Allowed::ONLY_USERS)?;
        Ok(Some(id))
    }

    /// Step 4: the interaction that a token still speaks for.
    pub(crate) fn by_token(&self, token: &str) -> Result<&Interaction, ApiError> {
        let now = self.now_ms();
        let id = self.tokens.get(token).ok_or(UNKNOWN_WEBHOOK)?;
        let interaction = self.interactions.get(id).ok_or(UNKNOWN_WEBHOOK)?;
        if interaction.answer.is_none() {
            return Err(UNKNOWN_WEBHOOK.into());
        }
        if interaction.is_expired(now) {
            return Err(INVALID_WEBHOOK_TOKEN.into());
        }
        Ok(interaction)
    }

    /// A message besides the first; the first of them takes the place of "thinking …" and keeps its visibility.
    pub(crate) fn follow_up(&mut self, id: Id, body: &Value, uploads: &[Upload]) -> Result<Id, ApiError> {
        let draft = message::read(body, "", Form::Webhook, uploads.len())?;
        let Some(interaction) = self.interactions.get(&id).cloned() else {
            return Err(UNKNOWN_WEBHOOK.into());
        };
        let thinking = interaction.answer == Some(FirstAnswer::Thinking);
        let loading =
            |id: &Id| self.places.messages.get(id).is_some_and(|message| message.has(flags::LOADING));
        if let Some(original) = interaction.original.filter(|id| thinking && loading(id)) {
            self.revise(original, draft, uploads, &Allowed::ONLY_USERS)?;
            return Ok(original);
        }
        let message = self.post_for(&interaction, draft, uploads, false)?;
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.followups.push(message);
        }
        Ok(message)
    }

    /// The message that a token's route names: `@original` or an id.
    pub(crate) fn answer_of(&self, interaction: &Interaction, name: &str) -> Result<Id, ApiError> {
        let id = if name == "@original" {
            interaction.original
        } else {
            let id = name.parse().ok();
            id.filter(|id| interaction.original == Some(*id) || interaction.followups.contains(id))
        };
        id.filter(|id| self.places.messages.contains_key(id)).ok_or_else(|| UNKNOWN_MESSAGE.into())
    }
}

fn read_choices(interaction: &Interaction, data: &Value) -> Result<Vec<Value>, ApiError> {
    let mut faults = FormFaults::default();
    let kind = focused_kind(&interaction.data["options"]).unwrap_or(command::STRING);
    let most = 0..=limits::COMMAND_CHOICES;
    let choices = fields::list(data, "data", "choices", most, &mut faults);
    if data["choices"].is_null() {
        faults.required("data.choices");
    }
    for (index, choice) in choices.into_iter().flatten().enumerate() {
        command::check_choice(choice, &format!("data.choices.{index}"), kind, &mut faults);
    }
    faults.result()?;
    Ok(choices.unwrap_or_default().to_vec())
}

fn focused_kind(options: &Value) -> Option<u64> {
    options.as_array()?.iter().find_map(|option| {
        if option["focused"] == true { option["type"].as_u64() } else { focused_kind(&option["options"]) }
    })
}

fn read_modal(data: &Value) -> Result<Value, ApiError> {
    let mut faults = FormFaults::default();
    modal::check(data, "data", &mut faults);
    faults.result()?;
    Ok(data.clone())
}
