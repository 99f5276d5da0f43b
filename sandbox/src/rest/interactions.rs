//! The first answer to an interaction (interactions/receiving-and-responding).

use serde_json::{Value, json};

use super::{Answer, Call, Reply, Route, open_route};
use crate::core::Core;
use crate::interactions::FirstAnswer;
use crate::rates::Bucket;

pub(super) const ROUTES: &[Route] =
    &[open_route(Bucket::Callback, "POST", "interactions/{interaction}/{token}/callback", callback)];

fn callback(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("interaction")?;
    core.answerable(id, call.text("token"))?;
    core.answer(id, &call.body, &call.uploads)?;
    if !call.asks("with_response") {
        return Ok(Reply::Nothing);
    }
    let interaction = &core.interactions[&id];
    let message = interaction.original.and_then(|id| core.places.messages.get(&id));
    let number = match interaction.answer {
        Some(FirstAnswer::Message) | None => 4,
        Some(FirstAnswer::Thinking) => 5,
        Some(FirstAnswer::UpdateLater) => 6,
        Some(FirstAnswer::Update) => 7,
        Some(FirstAnswer::Choices(_)) => 8,
        Some(FirstAnswer::Modal(_)) => 9,
    };
    let thinking = interaction.answer == Some(FirstAnswer::Thinking);
    let mut body = json!({
        "interaction": {
            "id": id, "type": interaction.kind, "response_message_id": interaction.original,
            "response_message_loading": thinking,
            "response_message_ephemeral": message.is_some_and(|message| message.ephemeral_for.is_some()),
        },
        "resource": {"type": number},
    });
    if let Some(message) = message {
        body["resource"]["message"] = message.to_json(&core.places);
    } else {
        body["resource"]["message"] = Value::Null;
    }
    Ok(Reply::Ok(body))
}
