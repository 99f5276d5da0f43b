//! Personal values in an event, sealed on the way in and opened on the way out.
//!
//! `{"$personal": {"of": "7", …}}` becomes `{"$sealed": {"k": 3, "v": "…"}}` under the key of that person, and back.
//! Where the key is gone it reads `{"$forgotten": true}`.

use serde_json::{Map, Value, json};

use super::StoreError;
use super::chain::Chain;
use super::keys::{Keyring, Sealed};
use super::line::{Link, Stored};
use super::state::Prepared;

const PERSONAL: &str = "$personal";
const SEALED: &str = "$sealed";
/// How a sealed value begins and ends in compact JSON.
const SEALED_START: &[u8] = br#"{"$sealed":"#;
const SEALED_END: &[u8] = b"}}";

/// Seals every personal value. Makes keys for people who have none yet.
///
/// # Errors
/// [`StoreError::Unavailable`] where no key can be made.
fn seal(value: &mut Value, keys: &mut Keyring) -> Result<(), StoreError> {
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

/// A commit as it will stand in the journal, chained after `chain`.
pub(super) fn seal_commit(
    prepared: &Prepared,
    mut chain: Chain,
    keys: &mut Keyring,
) -> Result<Stored, StoreError> {
    let unwritable =
        |error: serde_json::Error| StoreError::Unavailable(format!("it cannot be written: {error}"));
    let mut events = Vec::with_capacity(prepared.events.len());
    for recorded in &prepared.events {
        let mut event = serde_json::to_value(recorded).map_err(unwritable)?;
        seal(&mut event, keys)?;
        chain = chain.next(&event);
        events.push(Link { chain, event });
    }
    let mut change = prepared.change.clone();
    let said = std::mem::take(&mut change.outgoing);
    let outgoing = if said.is_empty() {
        None
    } else {
        let plain = serde_json::to_vec(&said).map_err(unwritable)?;
        Some(keys.seal(keys.passing(), &plain)?)
    };
    Ok(Stored { events, change, outgoing, last_key: keys.last(), forgot: Vec::new() })
}

/// Opens every sealed value whose key is there, in the compact JSON of an event.
///
/// It is looked for in the text, not in a tree: a timeline of ten thousand events is read in one go. A quote within
/// a text is always written as `\"`, so nothing that a person wrote can look like the marker.
pub(super) fn open(json: Vec<u8>, keys: &Keyring) -> Vec<u8> {
    let Some(mut at) = find_start(&json) else {
        return json;
    };
    let mut opened = Vec::with_capacity(json.len());
    let mut rest = &json[..];
    loop {
        opened.extend_from_slice(&rest[..at]);
        rest = &rest[at + SEALED_START.len()..];
        // The sealed form holds a number and base64: its first closing braces are its own.
        let Some(end) = find_end(rest) else {
            opened.extend_from_slice(SEALED_START);
            break;
        };
        push_opened(&mut opened, &rest[..=end], keys);
        rest = &rest[end + SEALED_END.len()..];
        match find_start(rest) {
            Some(next) => at = next,
            None => break,
        }
    }
    opened.extend_from_slice(rest);
    opened
}

fn push_opened(opened: &mut Vec<u8>, sealed: &[u8], keys: &Keyring) {
    let plain = serde_json::from_slice::<Sealed>(sealed).ok().and_then(|sealed| keys.open(&sealed));
    match plain {
        Some(plain) => {
            opened.extend_from_slice(br#"{"$personal":"#);
            opened.extend_from_slice(&plain);
            opened.push(b'}');
        }
        None => opened.extend_from_slice(br#"{"$forgotten":true}"#),
    }
}

/// Where the next sealed value begins. A dollar is rare, so that is what is looked for.
fn find_start(json: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = json[from..].iter().position(|byte| *byte == b'$') {
        let start = (from + found).checked_sub(2);
        from += found + 1;
        if let Some(start) = start.filter(|start| json[*start..].starts_with(SEALED_START)) {
            return Some(start);
        }
    }
    None
}

fn find_end(sealed: &[u8]) -> Option<usize> {
    sealed.windows(SEALED_END.len()).position(|window| window == SEALED_END)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keyring {
        Keyring::fresh(std::path::Path::new("unused")).expect("keys")
    }

    fn round_trip(value: &Value) -> Value {
        let mut keys = keys();
        let mut sealed = value.clone();
        seal(&mut sealed, &mut keys).expect("sealed");
        serde_json::from_slice(&open(sealed.to_string().into_bytes(), &keys)).expect("json")
    }

    #[test]
    fn what_is_sealed_opens_again_wherever_it_stands() {
        let personal = |name: &str| json!({"$personal": {"of": "7", "name": name}});
        for value in [
            json!({"plain": "text"}),
            personal("ana"),
            json!({"a": [personal("ana"), {"b": personal("}}\"}} {\"$sealed\":")}], "c": "d"}),
            json!({"text": "{\"$sealed\":{\"k\":1,\"v\":\"x\"}}", "by": personal("ben")}),
        ] {
            assert_eq!(round_trip(&value), value);
        }
    }

    #[test]
    fn sealed_it_shows_neither_name_nor_number() {
        let mut keys = keys();
        let mut value = json!({"by": {"$personal": {"of": "7777", "name": "ana"}}});
        seal(&mut value, &mut keys).expect("sealed");
        let text = value.to_string();
        assert!(!text.contains("7777") && !text.contains("ana"), "{text}");
        keys.remove(keys.of_person("7777").expect("a key"));
        let opened = open(text.into_bytes(), &keys);
        assert_eq!(opened, br#"{"by":{"$forgotten":true}}"#);
    }

    #[test]
    fn an_end_that_is_missing_is_left_as_it_is() {
        let cut = br#"{"by":{"$sealed":{"k":1"#.to_vec();
        assert_eq!(open(cut.clone(), &keys()), cut);
    }
}
