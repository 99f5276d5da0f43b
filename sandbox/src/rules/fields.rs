//! Reading one field of a form: each helper notes the fault under its path and gives what can be used.

use serde_json::Value;

use crate::error::FormFaults;
use crate::id::Id;

/// Joins a path and a part, as `embeds.0` and `title`.
pub(crate) fn under(path: &str, part: impl std::fmt::Display) -> String {
    if path.is_empty() { part.to_string() } else { format!("{path}.{part}") }
}

/// Notes every field that is not in `known`. Discord ignores them; a stand-in must not, or a misspelt field that
/// does nothing would pass every test.
pub(crate) fn known(value: &Value, path: &str, known: &[&str], faults: &mut FormFaults) {
    for name in value.as_object().into_iter().flat_map(|map| map.keys()) {
        if !known.contains(&name.as_str()) {
            faults.add(&under(path, name), "UNKNOWN_FIELD", "Discord's documents name no such field here.");
        }
    }
}

/// A text of so many characters; `None` when it is absent, null or wrong.
pub(crate) fn text<'a>(
    value: &'a Value,
    path: &str,
    name: &str,
    range: std::ops::RangeInclusive<usize>,
    faults: &mut FormFaults,
) -> Option<&'a str> {
    let field = value.get(name).filter(|field| !field.is_null())?;
    let path = under(path, name);
    let Some(text) = field.as_str() else {
        faults.kind(&path, "a string");
        return None;
    };
    if !range.contains(&text.chars().count()) {
        faults.length(&path, *range.start(), *range.end());
        return None;
    }
    Some(text)
}

/// As [`text`], and its absence is a fault.
pub(crate) fn needed_text<'a>(
    value: &'a Value,
    path: &str,
    name: &str,
    range: std::ops::RangeInclusive<usize>,
    faults: &mut FormFaults,
) -> Option<&'a str> {
    if value.get(name).is_none_or(Value::is_null) {
        faults.required(&under(path, name));
        return None;
    }
    text(value, path, name, range, faults)
}

/// A whole number in a range; strings of digits count as Discord counts them.
pub(crate) fn number(
    value: &Value,
    path: &str,
    name: &str,
    range: std::ops::RangeInclusive<u64>,
    faults: &mut FormFaults,
) -> Option<u64> {
    let field = value.get(name).filter(|field| !field.is_null())?;
    let read = field.as_u64().or_else(|| field.as_str().and_then(|text| text.parse().ok()));
    let path = under(path, name);
    match read {
        None => faults.add(&path, "NUMBER_TYPE_COERCE", "Value is not a whole number."),
        Some(number) if !range.contains(&number) => {
            let (low, high) = (range.start(), range.end());
            faults.add(&path, "NUMBER_TYPE_RANGE", &format!("Must be between {low} and {high}."));
            return None;
        }
        Some(_) => {}
    }
    read
}

/// True or false; `None` when it is absent or wrong.
pub(crate) fn flag(value: &Value, path: &str, name: &str, faults: &mut FormFaults) -> Option<bool> {
    let field = value.get(name).filter(|field| !field.is_null())?;
    if !field.is_boolean() {
        faults.kind(&under(path, name), "a boolean");
    }
    field.as_bool()
}

/// A list of at most `max`; `None` when it is absent, null or wrong.
pub(crate) fn list<'a>(
    value: &'a Value,
    path: &str,
    name: &str,
    range: std::ops::RangeInclusive<usize>,
    faults: &mut FormFaults,
) -> Option<&'a [Value]> {
    let field = value.get(name).filter(|field| !field.is_null())?;
    let path = under(path, name);
    let Some(items) = field.as_array() else {
        faults.kind(&path, "a list");
        return None;
    };
    if !range.contains(&items.len()) {
        faults.length(&path, *range.start(), *range.end());
        return None;
    }
    Some(items)
}

/// A list of ids.
pub(crate) fn ids(
    value: &Value,
    path: &str,
    name: &str,
    max: usize,
    faults: &mut FormFaults,
) -> Option<Vec<Id>> {
    let items = list(value, path, name, 0..=max, faults)?;
    let mut ids = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match Id::of(item) {
            Some(id) => ids.push(id),
            None => {
                let path = under(&under(path, name), index);
                faults.add(&path, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
            }
        }
    }
    Some(ids)
}

/// One id.
pub(crate) fn id(value: &Value, path: &str, name: &str, faults: &mut FormFaults) -> Option<Id> {
    let field = value.get(name).filter(|field| !field.is_null())?;
    let id = Id::of(field);
    if id.is_none() {
        faults.add(&under(path, name), "NUMBER_TYPE_COERCE", "Value is not snowflake.");
    }
    id
}

/// Whether Discord takes this address in embeds and link buttons.
pub(crate) fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}
