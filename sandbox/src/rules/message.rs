//! The form of a message: created, edited, as an answer to an interaction, through a webhook.

use serde_json::Value;

use super::fields::{self, under};
use super::{components, embed, limits};
use crate::error::{ApiError, EMPTY_MESSAGE, FormFaults};
use crate::id::Id;
use crate::mentions::Allowed;
use crate::world::flags;

/// Which form it is; each knows other fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Create,
    Edit,
    Answer,
    Webhook,
    WebhookEdit,
}

impl Form {
    const fn known(self) -> &'static [&'static str] {
        match self {
            Self::Create => &[
                "content",
                "nonce",
                "tts",
                "embeds",
                "allowed_mentions",
                "message_reference",
                "components",
                "sticker_ids",
                "attachments",
                "flags",
                "enforce_nonce",
                "poll",
                "shared_client_theme",
            ],
            Self::Edit => &[
                "content",
                "embeds",
                "flags",
                "allowed_mentions",
                "components",
                "attachments",
                "sticker_ids",
            ],
            Self::Answer => &[
                "tts",
                "content",
                "embeds",
                "allowed_mentions",
                "flags",
                "components",
                "attachments",
                "poll",
            ],
            Self::Webhook => &[
                "content",
                "username",
                "avatar_url",
                "tts",
                "embeds",
                "allowed_mentions",
                "components",
                "attachments",
                "flags",
                "thread_name",
                "applied_tags",
                "poll",
            ],
            Self::WebhookEdit => {
                &["content", "embeds", "flags", "allowed_mentions", "components", "attachments", "poll"]
            }
        }
    }

    const fn flags(self) -> u64 {
        match self {
            Self::Create | Self::Webhook => {
                flags::SUPPRESS_EMBEDS
                    | flags::SUPPRESS_NOTIFICATIONS
                    | flags::COMPONENTS_V2
                    | flags::EPHEMERAL
            }
            Self::Answer => {
                flags::SUPPRESS_EMBEDS
                    | flags::SUPPRESS_NOTIFICATIONS
                    | flags::COMPONENTS_V2
                    | flags::EPHEMERAL
            }
            Self::Edit | Self::WebhookEdit => flags::SUPPRESS_EMBEDS | flags::COMPONENTS_V2,
        }
    }
}

/// A file that the form speaks of: a new one by its number in the upload, or one that stays, by its id.
#[derive(Clone, Debug)]
pub(crate) struct FileNote {
    pub(crate) id: u64,
    pub(crate) filename: Option<String>,
    pub(crate) description: Option<String>,
}

/// A message form that holds all rules. What was not in the form is `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Value>>,
    pub(crate) components: Option<Vec<Value>>,
    pub(crate) allowed: Option<Allowed>,
    pub(crate) nonce: Option<Value>,
    pub(crate) enforce_nonce: bool,
    pub(crate) tts: bool,
    pub(crate) flags: Option<u64>,
    pub(crate) reply_to: Option<Id>,
    pub(crate) reply_must_exist: bool,
    pub(crate) files: Option<Vec<FileNote>>,
    pub(crate) username: Option<String>,
    pub(crate) thread_name: Option<String>,
}

/// Reads a form. `path` is where it stands in the body, empty for the whole body.
pub(crate) fn read(body: &Value, path: &str, form: Form, uploads: usize) -> Result<Draft, ApiError> {
    let mut faults = FormFaults::default();
    fields::known(body, path, form.known(), &mut faults);
    let draft = read_fields(body, path, form, &mut faults);
    faults.result()?;
    let created = !matches!(form, Form::Edit | Form::WebhookEdit);
    if created && draft.is_empty(uploads) {
        return Err(EMPTY_MESSAGE.into());
    }
    Ok(draft)
}

impl Draft {
    fn is_empty(&self, uploads: usize) -> bool {
        let has = |list: &Option<Vec<Value>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let text = self.content.as_ref().is_some_and(|text| !text.trim().is_empty());
        !text && !has(&self.embeds) && !has(&self.components) && uploads == 0
    }

    pub(crate) fn wants(&self, flag: u64) -> bool {
        self.flags.is_some_and(|flags| flags & flag != 0)
    }
}

fn read_fields(body: &Value, path: &str, form: Form, faults: &mut FormFaults) -> Draft {
    let list = |name, max, faults: &mut FormFaults| fields::list(body, path, name, 0..=max, faults);
    let embeds = list("embeds", limits::EMBEDS, faults);
    let embeds = embeds.map(|list| embed::check(list, &under(path, "embeds"), faults));
    let rows = list("components", limits::ROWS, faults);
    let rows = rows.map(|list| components::check(list, &under(path, "components"), faults));
    let reference = &body["message_reference"];
    let cleared = |name: &str| body.get(name).is_some_and(Value::is_null).then(Vec::new);
    Draft {
        content: read_content(body, path, faults),
        embeds: embeds.or_else(|| cleared("embeds")),
        components: rows.or_else(|| cleared("components")),
        allowed: Allowed::read(body, path, faults),
        nonce: read_nonce(body, path, faults),
        enforce_nonce: fields::flag(body, path, "enforce_nonce", faults).unwrap_or(false),
        tts: fields::flag(body, path, "tts", faults).unwrap_or(false),
        flags: read_flags(body, path, form, faults),
        reply_to: fields::id(reference, &under(path, "message_reference"), "message_id", faults),
        reply_must_exist: reference["fail_if_not_exists"].as_bool().unwrap_or(true),
        files: read_files(body, path, faults),
        username: fields::text(body, path, "username", 1..=limits::WEBHOOK_NAME, faults).map(str::to_owned),
        thread_name: fields::text(body, path, "thread_name", 1..=limits::CHANNEL_NAME, faults)
            .map(str::to_owned),
    }
}

fn read_content(body: &Value, path: &str, faults: &mut FormFaults) -> Option<String> {
    let field = body.get("content")?;
    if field.is_null() {
        return Some(String::new());
    }
    let text = field.as_str();
    let path = under(path, "content");
    match text {
        None => faults.kind(&path, "a string"),
        Some(text) if text.chars().count() > limits::CONTENT => {
            let message = format!("Must be {} or fewer in length.", limits::CONTENT);
            faults.add(&path, "BASE_TYPE_MAX_LENGTH", &message);
        }
        Some(_) => {}
    }
    text.map(str::to_owned)
}

fn read_nonce(body: &Value, path: &str, faults: &mut FormFaults) -> Option<Value> {
    let nonce = body.get("nonce").filter(|nonce| !nonce.is_null())?;
    let path = under(path, "nonce");
    match nonce {
        Value::Number(_) => {}
        Value::String(text) if text.chars().count() <= limits::NONCE => {}
        Value::String(_) => faults.length(&path, 0, limits::NONCE),
        _ => faults.kind(&path, "a string or a number"),
    }
    Some(nonce.clone())
}

/// Flags that the form does not take are dropped, as Discord does; components V2 are refused, because a stand-in that
/// swallowed them would show something else than Discord.
fn read_flags(body: &Value, path: &str, form: Form, faults: &mut FormFaults) -> Option<u64> {
    let wanted = fields::number(body, path, "flags", 0..=u64::MAX >> 1, faults)?;
    if wanted & flags::COMPONENTS_V2 != 0 {
        let message = "The sandbox knows no components V2.";
        faults.add(&under(path, "flags"), "COMPONENTS_V2_NOT_KNOWN", message);
    }
    Some(wanted & form.flags())
}

fn read_files(body: &Value, path: &str, faults: &mut FormFaults) -> Option<Vec<FileNote>> {
    const KNOWN: &[&str] =
        &["id", "filename", "description", "title", "duration_secs", "waveform", "is_remix", "is_thumbnail"];
    let items = fields::list(body, path, "attachments", 0..=limits::ATTACHMENTS, faults)?;
    let mut notes = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = under(&under(path, "attachments"), index);
        fields::known(item, &path, KNOWN, faults);
        let description =
            fields::text(item, &path, "description", 0..=limits::ATTACHMENT_DESCRIPTION, faults);
        let filename = fields::text(item, &path, "filename", 0..=1_024, faults);
        match fields::number(item, &path, "id", 0..=u64::MAX, faults) {
            None => faults.required(&under(&path, "id")),
            Some(id) => notes.push(FileNote {
                id,
                filename: filename.map(str::to_owned),
                description: description.map(str::to_owned),
            }),
        }
    }
    Some(notes)
}
