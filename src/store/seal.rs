//! Personal values in an event, sealed on the way in and opened on the way out.
//!
//! `{"$personal": {"of": "7", …}}` becomes `{"$sealed": {"k": 3, "v": "…"}}` under the key of that person, and back.
//! Where the key is gone it reads `{"$forgotten": true}`.

use serde::Deserialize;

use super::StoreError;
use super::chain::Chain;
use super::keys::{Keyring, Sealed};
use super::line::{Link, Stands, Stored};
use super::state::Prepared;

/// How a personal value begins in compact JSON, and how every value under a marker ends.
const PERSONAL_START: &[u8] = br#"{"$personal":"#;
/// How a sealed value begins.
const SEALED_START: &[u8] = br#"{"$sealed":"#;
const SEALED_END: &[u8] = b"}}";

/// Seals every personal value in the compact JSON of an event. Makes keys for people who have none yet.
///
/// It is looked for in the text, as in [`open`].
///
/// # Errors
/// [`StoreError::Unavailable`] where no key can be made.
fn seal(json: Vec<u8>, keys: &mut Keyring) -> Result<Vec<u8>, StoreError> {
    let Some(mut at) = find_start(&json, PERSONAL_START) else {
        return Ok(json);
    };
    let mut sealed = Vec::with_capacity(json.len() + 128);
    let mut rest = &json[..];
    loop {
        sealed.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let used = push_sealed(&mut sealed, rest, keys)?;
        rest = &rest[used..];
        match find_start(rest, PERSONAL_START) {
            Some(next) => at = next,
            None => break,
        }
    }
    sealed.extend_from_slice(rest);
    Ok(sealed)
}

/// Seals the value that a text begins with. Returns how much of the text that was.
fn push_sealed(sealed: &mut Vec<u8>, text: &[u8], keys: &mut Keyring) -> Result<usize, StoreError> {
    let inner = &text[PERSONAL_START.len()..];
    let length = length_of_object(inner);
    // Only what stands alone under the marker is ours.
    let owner = length
        .filter(|length| inner.get(*length) == Some(&b'}'))
        .and_then(|length| Some((length, serde_json::from_slice::<Owner>(&inner[..length]).ok()?)));
    let Some((length, Owner { of })) = owner else {
        sealed.extend_from_slice(PERSONAL_START);
        return Ok(PERSONAL_START.len());
    };
    let number = keys.for_person(&of)?;
    let value = serde_json::to_vec(&keys.seal(number, &inner[..length])?)
        .map_err(|error| StoreError::Unavailable(format!("it cannot be written: {error}")))?;
    sealed.extend_from_slice(SEALED_START);
    sealed.extend_from_slice(&value);
    sealed.push(b'}');
    Ok(PERSONAL_START.len() + length + 1)
}

/// Whose a personal value is.
#[derive(Deserialize)]
struct Owner {
    of: String,
}

/// How long the object is that a text begins with; `None` where it begins with none, or does not end.
fn length_of_object(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
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
        let plain = serde_json::to_vec(recorded).map_err(unwritable)?;
        let sealed = String::from_utf8(seal(plain, keys)?)
            .map_err(|error| StoreError::Unavailable(format!("it cannot be written: {error}")))?;
        let stands =
            Stands { seq: recorded.seq.0, incident: recorded.new.incident, version: recorded.version };
        let link = Link::after(chain, sealed, stands).map_err(unwritable)?;
        chain = link.chain;
        events.push(link);
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
    let Some(mut at) = find_start(&json, SEALED_START) else {
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
        match find_start(rest, SEALED_START) {
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

/// Where the next value under a marker begins. A dollar is rare, so that is what is looked for.
fn find_start(json: &[u8], marker: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = json[from..].iter().position(|byte| *byte == b'$') {
        let start = (from + found).checked_sub(2);
        from += found + 1;
        if let Some(start) = start.filter(|start| json[*start..].starts_with(marker)) {
            return Some(start);
        }
    }
    None
}

fn find_end(sealed: &[u8]) -> Option<usize> {
    sealed.windows(SEALED_END.len()).position(|window| window == SEALED_END)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn keys() -> Keyring {
        Keyring::fresh(std::path::Path::new("unused")).expect("keys")
    }

    fn round_trip(value: &Value) -> Value {
        let mut keys = keys();
        let sealed = seal(value.to_string().into_bytes(), &mut keys).expect("sealed");
        serde_json::from_slice(&open(sealed, &keys)).expect("json")
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
        let value = json!({"by": {"$personal": {"of": "7777", "name": "ana"}}});
        let sealed = seal(value.to_string().into_bytes(), &mut keys).expect("sealed");
        let text = String::from_utf8(sealed).expect("JSON");
        assert!(!text.contains("7777") && !text.contains("ana"), "{text}");
        keys.remove(keys.of_person("7777").expect("a key"));
        let opened = open(text.into_bytes(), &keys);
        assert_eq!(opened, br#"{"by":{"$forgotten":true}}"#);
    }

    #[test]
    fn what_only_looks_like_a_personal_value_is_left_as_it_is() {
        let mut keys = keys();
        for text in [
            r#"{"text":"{\"$personal\":{\"of\":\"7\"}}"}"#,
            r#"{"by":{"$personal":{"of":"7"},"more":1}}"#,
            r#"{"by":{"$personal":"7"}}"#,
            r#"{"by":{"$personal":{"of":"7"#,
        ] {
            assert_eq!(seal(text.as_bytes().to_vec(), &mut keys).expect("read"), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn an_end_that_is_missing_is_left_as_it_is() {
        let cut = br#"{"by":{"$sealed":{"k":1"#.to_vec();
        assert_eq!(open(cut.clone(), &keys()), cut);
    }
}
