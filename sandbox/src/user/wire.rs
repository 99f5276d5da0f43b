//! What the bot is told about an interaction (interactions/receiving-and-responding, "Interaction Object").

use serde_json::{Value, json};

use crate::core::Core;
use crate::id::Id;
use crate::interactions::Interaction;
use crate::permissions;
use crate::rules::limits;
use crate::world::Channel;

/// The data of INTERACTION_CREATE.
pub(crate) fn interaction(core: &Core, id: Id) -> Option<Value> {
    let interaction = core.interactions.get(&id)?;
    let channel = core.places.channels.get(&interaction.channel)?;
    let bot = core.places.bot();
    let locale =
        core.places.users.get(&interaction.user).map(|user| user.locale.as_str()).unwrap_or_default();
    let mut data = json!({
        "id": id, "application_id": core.places.application.id, "type": interaction.kind,
        "token": interaction.token, "version": 1, "channel_id": channel.id,
        "channel": channel_json(core, channel, interaction.user), "locale": locale,
        "app_permissions": permissions::in_channel(&core.places, channel, bot), "entitlements": [],
        "attachment_size_limit": limits::ATTACHMENT_BYTES, "data": interaction.data,
    });
    add_person(core, interaction, channel, &mut data);
    if let Some(message) = interaction.message.and_then(|id| core.places.messages.get(&id)) {
        data["message"] = message.to_json(&core.places);
    }
    Some(data)
}

fn channel_json(core: &Core, channel: &Channel, user: Id) -> Value {
    let mut shown = channel.wire(&core.places);
    shown["permissions"] = json!(permissions::in_channel(&core.places, channel, user));
    shown
}

fn add_person(core: &Core, interaction: &Interaction, channel: &Channel, data: &mut Value) {
    let guild = interaction.guild.and_then(|id| core.places.guilds.get(&id));
    let Some(guild) = guild else {
        data["user"] = core.places.user_json(interaction.user);
        data["context"] = json!(1);
        data["authorizing_integration_owners"] = json!({"0": "0"});
        return;
    };
    if let Some(member) = guild.members.get(&interaction.user) {
        let mut shown = member.to_json(&core.places);
        shown["permissions"] = json!(permissions::in_channel(&core.places, channel, interaction.user));
        data["member"] = shown;
    }
    data["guild_id"] = json!(guild.id);
    data["guild_locale"] = json!(guild.locale);
    data["guild"] = json!({"id": guild.id, "locale": guild.locale, "features": []});
    data["context"] = json!(0);
    data["authorizing_integration_owners"] = json!({"0": guild.id});
}
