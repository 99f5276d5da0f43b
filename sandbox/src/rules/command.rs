//! Definitions of commands (interactions/application-commands).

use std::collections::BTreeSet;

use serde_json::Value;

use super::fields::{self, under};
use super::limits;
use crate::error::FormFaults;

pub(crate) const SUBCOMMAND: u64 = 1;
pub(crate) const SUBCOMMAND_GROUP: u64 = 2;
pub(crate) const STRING: u64 = 3;
pub(crate) const INTEGER: u64 = 4;
pub(crate) const BOOLEAN: u64 = 5;
pub(crate) const USER: u64 = 6;
pub(crate) const CHANNEL: u64 = 7;
pub(crate) const ROLE: u64 = 8;
pub(crate) const MENTIONABLE: u64 = 9;
pub(crate) const NUMBER: u64 = 10;
pub(crate) const ATTACHMENT: u64 = 11;

pub(crate) const CHAT_INPUT: u64 = 1;
pub(crate) const USER_MENU: u64 = 2;
pub(crate) const MESSAGE_MENU: u64 = 3;

/// reference, "Locales".
const LOCALES: &[&str] = &[
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko",
];

const COMMAND: &[&str] = &[
    "id",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "dm_permission",
    "default_permission",
    "integration_types",
    "contexts",
    "type",
    "nsfw",
    "handler",
];
const OPTION: &[&str] = &[
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
];

/// The kind of a definition: typed when it does not say.
pub(crate) fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(CHAT_INPUT)
}

/// Checks one whole definition.
pub(crate) fn check(command: &Value, path: &str, faults: &mut FormFaults) {
    if !command.is_object() {
        return faults.kind(path, "an object");
    }
    fields::known(command, path, COMMAND, faults);
    fields::number(command, path, "type", 1..=3, faults);
    match kind(command) {
        CHAT_INPUT => check_typed(command, path, faults),
        _ => check_menu(command, path, faults),
    }
    check_permission_bits(command, path, faults);
    if characters(command) > limits::COMMAND_TOTAL {
        let message = format!("Command exceeds maximum size ({})", limits::COMMAND_TOTAL);
        faults.add(path, "APPLICATION_COMMAND_TOO_LARGE", &message);
    }
}

fn check_typed(command: &Value, path: &str, faults: &mut FormFaults) {
    check_name(command, path, faults);
    let length = 1..=limits::COMMAND_DESCRIPTION;
    fields::needed_text(command, path, "description", length, faults);
    check_localised(command, path, faults);
    check_options(command, path, 0, faults);
}

fn check_menu(command: &Value, path: &str, faults: &mut FormFaults) {
    fields::needed_text(command, path, "name", 1..=limits::COMMAND_NAME, faults);
    if command["description"].as_str().is_some_and(|text| !text.is_empty()) {
        let message = "Context menu commands cannot have description";
        faults.add(&under(path, "description"), "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", message);
    }
    if command["options"].as_array().is_some_and(|options| !options.is_empty()) {
        let message = "Context menu commands cannot have options";
        faults.add(&under(path, "options"), "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", message);
    }
}

fn check_permission_bits(command: &Value, path: &str, faults: &mut FormFaults) {
    let bits = &command["default_member_permissions"];
    let fits =
        bits.is_null() || bits.is_u64() || bits.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
    if !fits {
        let path = under(path, "default_member_permissions");
        faults.add(&path, "NUMBER_TYPE_COERCE", "Value is not a permission bit set.");
    }
}

fn check_name(item: &Value, path: &str, faults: &mut FormFaults) {
    let Some(name) = fields::needed_text(item, path, "name", 1..=limits::COMMAND_NAME, faults) else {
        return;
    };
    if !is_name(name) {
        let path = under(path, "name");
        faults.add(&path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

/// `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, and lower case where there is one.
pub(crate) fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    let script = |c: char| ('\u{900}'..='\u{97F}').contains(&c) || ('\u{E00}'..='\u{E7F}').contains(&c);
    let fits = |c: char| matches!(c, '-' | '_' | '\'') || c.is_alphanumeric() || script(c);
    (1..=limits::COMMAND_NAME).contains(&length) && name.chars().all(fits) && name.to_lowercase() == name
}

fn check_localised(item: &Value, path: &str, faults: &mut FormFaults) {
    for (field, most) in [
        ("name_localizations", limits::COMMAND_NAME),
        ("description_localizations", limits::COMMAND_DESCRIPTION),
    ] {
        let path = under(path, field);
        for (locale, text) in item[field].as_object().into_iter().flatten() {
            let path = under(&path, locale);
            if !LOCALES.contains(&locale.as_str()) {
                faults.choice(&path, &LOCALES.join(", "));
            }
            let Some(text) = text.as_str() else { continue };
            if !(1..=most).contains(&text.chars().count()) {
                faults.length(&path, 1, most);
            } else if field == "name_localizations" && !is_name(text) {
                faults.add(&path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
            }
        }
    }
}

fn check_options(holder: &Value, path: &str, depth: usize, faults: &mut FormFaults) {
    let most = 0..=limits::COMMAND_OPTIONS;
    let Some(options) = fields::list(holder, path, "options", most, faults) else {
        return;
    };
    let path = under(path, "options");
    let mut names = BTreeSet::new();
    let mut optional_before = false;
    for (index, option) in options.iter().enumerate() {
        let path = under(&path, index);
        check_option(option, &path, depth, faults);
        if !names.insert(option["name"].as_str().unwrap_or_default()) {
            let message = "Option names must be unique";
            faults.add(&under(&path, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message);
        }
        let required = option["required"] == true;
        if required && optional_before {
            let message = "Required options must be placed before non-required options";
            faults.add(&path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        optional_before |= !required;
    }
    let nested = options.iter().filter(|option| is_nested(option)).count();
    if nested > 0 && nested < options.len() {
        let message =
            "Sub-command and sub-command group option types are mutually exclusive to all other types";
        faults.add(&path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
    }
}

/// Whether an option is a subcommand or a group of them.
pub(crate) fn is_nested(option: &Value) -> bool {
    matches!(option["type"].as_u64(), Some(SUBCOMMAND | SUBCOMMAND_GROUP))
}

fn check_option(option: &Value, path: &str, depth: usize, faults: &mut FormFaults) {
    fields::known(option, path, OPTION, faults);
    check_name(option, path, faults);
    fields::needed_text(option, path, "description", 1..=limits::COMMAND_DESCRIPTION, faults);
    check_localised(option, path, faults);
    let kind = fields::number(option, path, "type", 1..=11, faults);
    match kind {
        None if option["type"].is_null() => faults.required(&under(path, "type")),
        Some(SUBCOMMAND) if depth < 2 => check_options(option, path, 2, faults),
        Some(SUBCOMMAND_GROUP) if depth == 0 => check_options(option, path, 1, faults),
        Some(SUBCOMMAND | SUBCOMMAND_GROUP) => {
            let message = "Sub-commands cannot be nested this deep";
            faults.add(&under(path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
        }
        Some(kind) => check_value_rules(option, path, kind, faults),
        None => {}
    }
}

fn check_value_rules(option: &Value, path: &str, kind: u64, faults: &mut FormFaults) {
    let choices =
        fields::list(option, path, "choices", 0..=limits::COMMAND_CHOICES, faults).unwrap_or_default();
    if !choices.is_empty() && option["autocomplete"] == true {
        let message = "Autocomplete cannot be combined with choices";
        faults.add(path, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message);
    }
    if option["autocomplete"] == true && !matches!(kind, STRING | INTEGER | NUMBER) {
        let message = "Autocomplete is for strings and numbers only";
        faults.add(path, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message);
    }
    let mut names = BTreeSet::new();
    for (index, choice) in choices.iter().enumerate() {
        let path = under(&under(path, "choices"), index);
        check_choice(choice, &path, kind, faults);
        if !names.insert(choice["name"].as_str().unwrap_or_default()) {
            let message = "The specified choice name is already used";
            faults.add(
                &under(&path, "name"),
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
                message,
            );
        }
    }
    let longest = limits::STRING_OPTION as u64;
    fields::number(option, path, "min_length", 0..=longest, faults);
    fields::number(option, path, "max_length", 1..=longest, faults);
}

/// Checks one choice, of a definition or of an autocompletion.
pub(crate) fn check_choice(choice: &Value, path: &str, kind: u64, faults: &mut FormFaults) {
    fields::known(choice, path, &["name", "name_localizations", "value"], faults);
    fields::needed_text(choice, path, "name", 1..=limits::CHOICE_TEXT, faults);
    let value = &choice["value"];
    let path = under(path, "value");
    match kind {
        STRING => match value.as_str() {
            None => faults.kind(&path, "a string"),
            Some(text) if text.chars().count() > limits::CHOICE_TEXT || text.is_empty() => {
                faults.length(&path, 1, limits::CHOICE_TEXT);
            }
            Some(_) => {}
        },
        INTEGER if !value.is_i64() => faults.kind(&path, "an integer"),
        NUMBER if !value.is_number() => faults.kind(&path, "a number"),
        _ => {}
    }
}

/// Characters of names, descriptions and values, options included; the longest localisation of each counts.
pub(crate) fn characters(item: &Value) -> usize {
    let count = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let longest = |name: &str, localised: &str| {
        let others = item[localised].as_object().into_iter().flatten().map(|(_, text)| count(text)).max();
        count(&item[name]).max(others.unwrap_or(0))
    };
    let list = |name: &str| item[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let options: usize = list("options").iter().map(characters).sum();
    let choices: usize =
        list("choices").iter().map(|choice| count(&choice["name"]) + count(&choice["value"])).sum();
    longest("name", "name_localizations")
        + longest("description", "description_localizations")
        + options
        + choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_named(name: &str, fits: bool) {
        assert_eq!(is_name(name), fits, "{name:?}");
    }

    #[test]
    fn names_follow_the_pattern() {
        check_named("check", true);
        check_named("prüfen-2_'", true);
        check_named("ตรวจ", true);
        check_named("Check", false);
        check_named("two words", false);
        check_named("", false);
        check_named(&"a".repeat(32), true);
        check_named(&"a".repeat(33), false);
        check_named("a/b", false);
    }
}
