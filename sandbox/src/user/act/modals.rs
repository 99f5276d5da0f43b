//! Forms.

use serde_json::{Value, json};

use crate::core::Core;
use crate::id::Id;
use crate::interactions::{FirstAnswer, MODAL};
use crate::rules::components as kinds;
use crate::rules::limits;
use crate::user::ActError;

impl Core {
    /// Sends in the modal that an interaction was answered with. Fields by label or `custom_id`; a field that is not
    /// named keeps what it was filled with.
    pub(crate) fn fill_in(
        &mut self,
        user: Id,
        opened_by: Id,
        values: &[(String, String)],
    ) -> Result<Id, ActError> {
        let opener =
            self.interactions.get(&opened_by).filter(|opener| opener.user == user && !opener.modal_used);
        let Some(opener) = opener.cloned() else {
            return Err(ActError::NoModal);
        };
        let Some(FirstAnswer::Modal(modal)) = &opener.answer else {
            return Err(ActError::NoModal);
        };
        let inputs = modal_inputs(modal);
        if let Some((name, _)) =
            values.iter().find(|(name, _)| !inputs.iter().any(|input| names(input, name)))
        {
            return Err(ActError::Field { field: name.clone(), reason: "there is no such field".to_owned() });
        }
        let rows =
            inputs.into_iter().map(|input| filled_row(input, values)).collect::<Result<Vec<_>, _>>()?;
        let data = json!({"custom_id": modal["custom_id"], "components": rows});
        let Some(channel) = self.places.channels.get(&opener.channel).cloned() else {
            return Err(ActError::NoModal);
        };
        if let Some(opener) = self.interactions.get_mut(&opened_by) {
            opener.modal_used = true;
        }
        Ok(self.begin(MODAL, user, &channel, data, opener.message, Some(opened_by)))
    }
}

fn modal_inputs(modal: &Value) -> Vec<&Value> {
    let rows = modal["components"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["components"].get(0)).collect()
}

fn names(input: &Value, name: &str) -> bool {
    input["custom_id"] == name || input["label"] == name
}

fn filled_row(input: &Value, values: &[(String, String)]) -> Result<Value, ActError> {
    let given = values.iter().find(|(name, _)| names(input, name)).map(|(_, value)| value.as_str());
    let value = given.or_else(|| input["value"].as_str()).unwrap_or_default();
    let field = input["label"].as_str().unwrap_or_default().to_owned();
    let length = value.chars().count() as u64;
    let least = input["min_length"].as_u64().unwrap_or(0);
    let most = input["max_length"].as_u64().unwrap_or(limits::TEXT_INPUT as u64);
    let required = input["required"].as_bool().unwrap_or(true);
    if value.is_empty() && required {
        return Err(ActError::Field { field, reason: "is required".to_owned() });
    }
    if length > most || length < least && (required || length > 0) {
        let reason = format!("takes {least} to {most} characters, not {length}");
        return Err(ActError::Field { field, reason });
    }
    Ok(json!({
        "type": kinds::ROW,
        "components": [{"type": kinds::TEXT_INPUT, "custom_id": input["custom_id"], "value": value}],
    }))
}
