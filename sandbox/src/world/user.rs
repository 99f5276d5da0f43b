//! A person or a bot.

use serde_json::{Value, json};

use crate::id::Id;

/// A person or a bot.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id.
    pub id: Id,
    /// The name that is unique.
    pub name: String,
    /// The name that is shown.
    pub global_name: Option<String>,
    /// Whether it is a bot.
    pub bot: bool,
    /// The language of its client, as `en-GB`.
    pub locale: String,
    /// Whether it lets the bot write DMs.
    pub takes_dms: bool,
}

impl User {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "username": self.name, "discriminator": "0", "global_name": self.global_name,
            "avatar": null, "bot": self.bot, "system": false, "banner": null, "accent_color": null,
            "flags": 0, "public_flags": 0, "avatar_decoration_data": null,
        })
    }
}
