//! What Discord answers when it refuses: a status, a code, a sentence and, for a form, the tree of its faults.

use serde_json::{Map, Value, json};

/// A refusal with the number that Discord gives it (topics/opcodes-and-status-codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u16, pub u32, pub &'static str);

macro_rules! codes {
    ($($name:ident = $status:literal $code:literal $text:literal;)*) => {
        $(#[doc = $text] pub(crate) const $name: Code = Code($status, $code, $text);)*
    };
}

codes! {
    UNAUTHORIZED = 401 0 "401: Unauthorized";
    NOT_IMPLEMENTED = 501 0 "The sandbox does not know this route";
    UNKNOWN_APPLICATION = 404 10_002 "Unknown Application";
    UNKNOWN_CHANNEL = 404 10_003 "Unknown Channel";
    UNKNOWN_GUILD = 404 10_004 "Unknown Guild";
    UNKNOWN_MEMBER = 404 10_007 "Unknown Member";
    UNKNOWN_MESSAGE = 404 10_008 "Unknown Message";
    UNKNOWN_OVERWRITE = 404 10_009 "Unknown permission overwrite";
    UNKNOWN_ROLE = 404 10_011 "Unknown Role";
    UNKNOWN_USER = 404 10_013 "Unknown User";
    UNKNOWN_EMOJI = 400 10_014 "Unknown Emoji";
    UNKNOWN_WEBHOOK = 404 10_015 "Unknown Webhook";
    UNKNOWN_INTERACTION = 404 10_062 "Unknown interaction";
    UNKNOWN_COMMAND = 404 10_063 "Unknown application command";
    UNKNOWN_SCHEDULED_EVENT = 404 10_070 "Unknown Guild Scheduled Event";
    UNKNOWN_TAG = 404 10_087 "Unknown tag";
    CHANNEL_WRITE_LIMIT = 429 20_028 "The resource is being rate limited.";
    MAX_GUILD_ROLES = 400 30_005 "Maximum number of server roles reached (250)";
    MAX_PINS = 400 30_003 "Maximum number of pins reached for the channel (250)";
    MAX_REACTIONS = 400 30_010 "Maximum number of reactions reached (20)";
    MAX_CHANNELS = 400 30_013 "Maximum number of server channels reached (500)";
    MAX_WEBHOOKS = 400 30_007 "Maximum number of webhooks reached (15)";
    MAX_COMMANDS = 400 30_032 "Maximum number of application commands reached (100)";
    MAX_DAILY_COMMANDS = 400 30_034 "Maximum number of daily application command creates has been reached (200)";
    MAX_SCHEDULED_EVENTS = 400 30_038 "Maximum number of uncompleted guild scheduled events reached (100)";
    MAX_OLD_EDITS = 429 30_046 "Maximum number of edits to messages older than 1 hour reached. Try again later";
    BODY_TOO_LARGE = 413 40_005 "Request entity too large";
    ALREADY_CROSSPOSTED = 400 40_033 "This message has already been crossposted";
    ALREADY_ACKNOWLEDGED = 400 40_060 "Interaction has already been acknowledged.";
    TAG_REQUIRED = 400 40_067 "A tag is required to create a forum post in this channel";
    MISSING_ACCESS = 403 50_001 "Missing Access";
    DM_NOT_POSSIBLE = 400 50_003 "Cannot execute action on a DM channel";
    NOT_YOUR_MESSAGE = 403 50_005 "Cannot edit a message authored by another user";
    EMPTY_MESSAGE = 400 50_006 "Cannot send an empty message";
    CANNOT_DM = 403 50_007 "Cannot send messages to this user";
    NON_TEXT_CHANNEL = 400 50_008 "Cannot send messages in a non-text channel";
    MISSING_PERMISSIONS = 403 50_013 "Missing Permissions";
    BULK_DELETE_COUNT = 400 50_016 "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.";
    SYSTEM_MESSAGE = 403 50_021 "Cannot execute action on a system message";
    WRONG_CHANNEL_TYPE = 400 50_024 "Cannot execute action on this channel type";
    INVALID_WEBHOOK_TOKEN = 401 50_027 "Invalid Webhook Token";
    BULK_DELETE_AGE = 400 50_034 "You can only bulk delete messages that are under 14 days old.";
    INVALID_FORM = 400 50_035 "Invalid Form Body";
    ARCHIVED_THREAD = 400 50_083 "Thread is archived";
    INVALID_JSON = 400 50_109 "The request body contains invalid JSON.";
    CANNOT_REPLY_BLIND = 400 160_002 "Cannot reply without permission to read message history";
    THREAD_EXISTS = 400 160_004 "A thread has already been created for this message";
    THREAD_LOCKED = 400 160_005 "Thread is locked";
    WEBHOOK_NEEDS_THREAD = 400 220_001 "Webhooks posted to forum channels must have a thread_name or thread_id";
    WEBHOOK_TWO_THREADS = 400 220_002 "Webhooks posted to forum channels cannot have both a thread_name and thread_id";
    WEBHOOK_NO_FORUM = 400 220_003 "Webhooks can only create threads in forum channels";
}

/// A refusal on its way to the bot.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Discord's number for the error.
    pub code: u32,
    /// Discord's sentence.
    pub message: String,
    /// The `errors` tree of a form that does not fit.
    pub errors: Option<Value>,
    /// Seconds to wait, for the refusals that are rate limits of their own.
    pub retry_after: Option<f64>,
}

impl From<Code> for ApiError {
    fn from(Code(status, code, message): Code) -> Self {
        Self { status, code, message: message.to_owned(), errors: None, retry_after: None }
    }
}

impl ApiError {
    /// A form of which one field does not fit. `path` is dotted, as `embeds.0.title`.
    pub(crate) fn form(path: &str, code: &str, message: &str) -> Self {
        let mut faults = FormFaults::default();
        faults.add(path, code, message);
        faults.into_error()
    }

    /// A limit of its own kind that is over after so many seconds.
    pub(crate) fn limited(code: Code, seconds: f64) -> Self {
        Self { retry_after: Some(seconds), ..Self::from(code) }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        if let Some(seconds) = self.retry_after {
            body["retry_after"] = json!(seconds);
            body["global"] = json!(false);
        }
        body
    }
}

/// What is wrong with a form, gathered before it is refused, because Discord names all faults at once.
#[derive(Debug, Default)]
pub(crate) struct FormFaults(Vec<(String, String, String)>);

impl FormFaults {
    pub(crate) fn add(&mut self, path: &str, code: &str, message: &str) {
        self.0.push((path.to_owned(), code.to_owned(), message.to_owned()));
    }

    pub(crate) fn required(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    pub(crate) fn length(&mut self, path: &str, min: usize, max: usize) {
        self.add(path, "BASE_TYPE_BAD_LENGTH", &format!("Must be between {min} and {max} in length."));
    }

    pub(crate) fn kind(&mut self, path: &str, expected: &str) {
        self.add(path, "BASE_TYPE_BAD_TYPE", &format!("Expected {expected}."));
    }

    pub(crate) fn choice(&mut self, path: &str, allowed: &str) {
        self.add(path, "BASE_TYPE_CHOICES", &format!("Value must be one of {{{allowed}}}."));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn result(self) -> Result<(), ApiError> {
        if self.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    pub(crate) fn into_error(self) -> ApiError {
        let mut tree = Map::new();
        for (path, code, message) in self.0 {
            let fault = json!({"code": code, "message": message});
            insert(&mut tree, path.split('.').filter(|part| !part.is_empty()), fault);
        }
        ApiError { errors: Some(Value::Object(tree)), ..ApiError::from(INVALID_FORM) }
    }
}

fn insert<'a>(tree: &mut Map<String, Value>, mut path: impl Iterator<Item = &'a str>, fault: Value) {
    let Some(part) = path.next() else {
        if let Some(list) = tree.entry("_errors").or_insert_with(|| json!([])).as_array_mut() {
            list.push(fault);
        }
        return;
    };
    let branch = tree.entry(part).or_insert_with(|| json!({}));
    if let Some(branch) = branch.as_object_mut() {
        insert(branch, path, fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_holds_every_fault_under_its_path() {
        let mut faults = FormFaults::default();
        faults.add("embeds.0.title", "A", "a");
        faults.add("embeds.0.title", "B", "b");
        faults.add("content", "C", "c");
        let body = faults.into_error().body();
        assert_eq!(body["code"], 50_035);
        assert_eq!(body["errors"]["embeds"]["0"]["title"]["_errors"][1]["code"], "B");
        assert_eq!(body["errors"]["content"]["_errors"][0]["message"], "c");
    }
}
