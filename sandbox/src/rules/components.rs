//! Rows of buttons and selects (components/reference).

use std::collections::BTreeSet;

use serde_json::Value;

use super::fields::{self, under};
use super::limits;
use crate::error::FormFaults;

pub(crate) const ROW: u64 = 1;
pub(crate) const BUTTON: u64 = 2;
pub(crate) const STRING_SELECT: u64 = 3;
pub(crate) const TEXT_INPUT: u64 = 4;
pub(crate) const USER_SELECT: u64 = 5;
pub(crate) const ROLE_SELECT: u64 = 6;
pub(crate) const MENTIONABLE_SELECT: u64 = 7;
pub(crate) const CHANNEL_SELECT: u64 = 8;
const LINK: u64 = 5;
const PREMIUM: u64 = 6;

/// Checks the components of a message and gives them with the numbers that Discord adds (`id`).
pub(crate) fn check(rows: &[Value], path: &str, faults: &mut FormFaults) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        check_row(row, &under(path, index), &mut seen, faults);
    }
    numbered(rows)
}

fn check_row(row: &Value, path: &str, seen: &mut BTreeSet<String>, faults: &mut FormFaults) {
    if row["type"].as_u64() != Some(ROW) {
        return faults.choice(&under(path, "type"), "1");
    }
    fields::known(row, path, &["type", "id", "components"], faults);
    let most = 1..=limits::ROW_BUTTONS;
    let Some(items) = fields::list(row, path, "components", most, faults) else {
        if row["components"].is_null() {
            faults.required(&under(path, "components"));
        }
        return;
    };
    let selects = items.iter().filter(|item| item["type"].as_u64() != Some(BUTTON)).count();
    if selects > 0 && items.len() > 1 {
        let message = "The width of the components exceeds the row's limit of 5.";
        faults.add(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
    }
    for (index, item) in items.iter().enumerate() {
        let path = under(&under(path, "components"), index);
        check_item(item, &path, faults);
        check_unique(item, &path, seen, faults);
    }
}

/// Notes a `custom_id` that is there twice.
pub(crate) fn check_unique(item: &Value, path: &str, seen: &mut BTreeSet<String>, faults: &mut FormFaults) {
    let Some(id) = item["custom_id"].as_str() else {
        return;
    };
    if !seen.insert(id.to_owned()) {
        let message = "Component custom id cannot be duplicated";
        faults.add(&under(path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message);
    }
}

fn check_item(item: &Value, path: &str, faults: &mut FormFaults) {
    match item["type"].as_u64() {
        Some(BUTTON) => check_button(item, path, faults),
        Some(STRING_SELECT) => check_string_select(item, path, faults),
        Some(USER_SELECT | ROLE_SELECT | MENTIONABLE_SELECT | CHANNEL_SELECT) => {
            check_select(item, path, faults);
        }
        _ => faults.choice(&under(path, "type"), "2, 3, 5, 6, 7, 8"),
    }
}

fn check_button(button: &Value, path: &str, faults: &mut FormFaults) {
    const KNOWN: &[&str] =
        &["type", "id", "style", "label", "emoji", "custom_id", "sku_id", "url", "disabled"];
    fields::known(button, path, KNOWN, faults);
    fields::text(button, path, "label", 0..=limits::BUTTON_LABEL, faults);
    fields::flag(button, path, "disabled", faults);
    check_emoji(button, path, faults);
    let style = fields::number(button, path, "style", 1..=6, faults);
    match style {
        None if button["style"].is_null() => faults.required(&under(path, "style")),
        Some(LINK) => check_link(button, path, faults),
        Some(PREMIUM) => check_premium(button, path, faults),
        _ => check_press(button, path, faults),
    }
    let blank = button["label"].as_str().unwrap_or_default().is_empty() && button["emoji"].is_null();
    if blank && style != Some(PREMIUM) {
        faults.add(path, "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji.");
    }
}

fn check_link(button: &Value, path: &str, faults: &mut FormFaults) {
    let url = fields::needed_text(button, path, "url", 1..=limits::BUTTON_URL, faults);
    let fine = |url: &str| fields::is_web_address(url) || url.starts_with("discord://");
    if url.is_some_and(|url| !fine(url)) {
        faults.add(&under(path, "url"), "URL_TYPE_INVALID_URL", "Not a well formed URL.");
    }
    if !button["custom_id"].is_null() {
        let message = "A custom id and url cannot both be specified";
        faults.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_CONFLICT", message);
    }
}

fn check_premium(button: &Value, path: &str, faults: &mut FormFaults) {
    if button["sku_id"].is_null() {
        faults.required(&under(path, "sku_id"));
    }
}

fn check_press(button: &Value, path: &str, faults: &mut FormFaults) {
    fields::needed_text(button, path, "custom_id", 1..=limits::CUSTOM_ID, faults);
    if !button["url"].is_null() {
        let message = "A url can only be given to a link button";
        faults.add(&under(path, "url"), "BUTTON_COMPONENT_INVALID", message);
    }
}

fn check_emoji(item: &Value, path: &str, faults: &mut FormFaults) {
    let emoji = &item["emoji"];
    if !emoji.is_null() {
        fields::known(emoji, &under(path, "emoji"), &["id", "name", "animated"], faults);
    }
}

fn check_select(select: &Value, path: &str, faults: &mut FormFaults) {
    const KNOWN: &[&str] = &[
        "type",
        "id",
        "custom_id",
        "placeholder",
        "min_values",
        "max_values",
        "disabled",
        "required",
        "default_values",
        "channel_types",
        "options",
    ];
    fields::known(select, path, KNOWN, faults);
    fields::needed_text(select, path, "custom_id", 1..=limits::CUSTOM_ID, faults);
    fields::text(select, path, "placeholder", 0..=limits::SELECT_PLACEHOLDER, faults);
    let least = fields::number(select, path, "min_values", 0..=25, faults).unwrap_or(1);
    let most = fields::number(select, path, "max_values", 1..=25, faults).unwrap_or(1);
    if least > most {
        let message = "min_values must not be above max_values.";
        faults.add(&under(path, "min_values"), "NUMBER_TYPE_MAX", message);
    }
}

fn check_string_select(select: &Value, path: &str, faults: &mut FormFaults) {
    check_select(select, path, faults);
    let most = 1..=limits::SELECT_OPTIONS;
    let Some(options) = fields::list(select, path, "options", most, faults) else {
        if select["options"].is_null() {
            faults.required(&under(path, "options"));
        }
        return;
    };
    let wanted = select["max_values"].as_u64().unwrap_or(1);
    if wanted > options.len() as u64 {
        let message = "There are fewer options than max_values.";
        faults.add(&under(path, "max_values"), "NUMBER_TYPE_MAX", message);
    }
    let mut seen = BTreeSet::new();
    for (index, option) in options.iter().enumerate() {
        check_option(option, &under(&under(path, "options"), index), &mut seen, faults);
    }
}

fn check_option(option: &Value, path: &str, seen: &mut BTreeSet<String>, faults: &mut FormFaults) {
    fields::known(option, path, &["label", "value", "description", "emoji", "default"], faults);
    fields::needed_text(option, path, "label", 1..=limits::SELECT_OPTION_TEXT, faults);
    fields::needed_text(option, path, "value", 1..=limits::SELECT_OPTION_TEXT, faults);
    fields::text(option, path, "description", 0..=limits::SELECT_OPTION_TEXT, faults);
    check_emoji(option, path, faults);
    let value = option["value"].as_str().unwrap_or_default();
    if !seen.insert(value.to_owned()) {
        let message = "The specified option value is already used";
        faults.add(&under(path, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
    }
}

/// Every row and every component gets its `id`, counted through, as Discord does when the bot gives none.
fn numbered(rows: &[Value]) -> Vec<Value> {
    let mut next = 0_u64;
    let mut rows = rows.to_vec();
    for row in &mut rows {
        number(row, &mut next);
        let items = row.get_mut("components").and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            number(item, &mut next);
        }
    }
    rows
}

fn number(component: &mut Value, next: &mut u64) {
    *next += 1;
    if let Some(map) = component.as_object_mut() {
        map.retain(|_, value| !value.is_null());
        map.entry("id").or_insert_with(|| (*next).into());
    }
}
