//! Personal values in an event, sealed on the way in and opened on the way out.
//!
//! `{"$personal": {"of": "7", …}}` becomes `{"$sealed": {"k": 3, "v": "…"}}` under the key of that person, and back.
//! Where the key is gone it reads `{"$forgotten": true}`.

use serde_json::{Map, Value, json};

use super::StoreError;
use super::keys::{Keyring, Sealed};

const PERSONAL: &str = "$personal";
const SEALED: &str = "$sealed";

/// Seals every personal value. Makes keys for people who have none yet.
///
/// # Errors
/// [`StoreError::Unavailable`] where no key can be made.
pub(super) fn seal(value: &mut Value, keys: &mut Keyring) -> Result<(), StoreError> {
    if let Some(person) = owner(value) {
        let number = keys.for_person(&person)?;
        let plain = value[PERSONAL].to_string();
        let sealed = keys.seal(number, plain.as_bytes())?;
        *value = json!({ SEALED: sealed });
        return Ok(());
    }
    for inner in children(value) {
        seal(inner, keys)?;
    }
    Ok(())
}

/// Opens every sealed value whose key is there.
pub(super) fn open(value: &mut Value, keys: &Keyring) {
    if let Some(sealed) = only(value, SEALED) {
        *value = opened(sealed, keys).unwrap_or_else(|| json!({ "$forgotten": true }));
        return;
    }
    for inner in children(value) {
        open(inner, keys);
    }
}

fn opened(sealed: &Value, keys: &Keyring) -> Option<Value> {
    let sealed: Sealed = serde_json::from_value(sealed.clone()).ok()?;
    let plain: Value = serde_json::from_slice(&keys.open(&sealed)?).ok()?;
    Some(json!({ PERSONAL: plain }))
}

fn owner(value: &Value) -> Option<String> {
    only(value, PERSONAL)?.get("of")?.as_str().map(str::to_owned)
}

/// The value under a marker that stands alone in its object.
fn only<'v>(value: &'v Value, marker: &str) -> Option<&'v Value> {
    let map: &Map<String, Value> = value.as_object()?;
    map.get(marker).filter(|_| map.len() == 1)
}

fn children(value: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match value {
        Value::Array(list) => Box::new(list.iter_mut()),
        Value::Object(map) => Box::new(map.values_mut()),
        _ => Box::new(std::iter::empty()),
    }
}
