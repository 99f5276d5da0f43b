//! Modals (interactions/receiving-and-responding, "Modal"; components/reference, "Text Input").

use std::collections::BTreeSet;

use serde_json::Value;

use super::components::{ROW, TEXT_INPUT, check_unique};
use super::fields::{self, under};
use super::limits;
use crate::error::FormFaults;

/// Checks a modal of rows with one text input each. Components inside labels are newer than what this stand-in knows.
pub(crate) fn check(modal: &Value, path: &str, faults: &mut FormFaults) {
    fields::known(modal, path, &["custom_id", "title", "components"], faults);
    fields::needed_text(modal, path, "custom_id", 1..=limits::CUSTOM_ID, faults);
    fields::needed_text(modal, path, "title", 1..=limits::MODAL_TITLE, faults);
    let Some(rows) = fields::list(modal, path, "components", 1..=limits::MODAL_ROWS, faults) else {
        if modal["components"].is_null() {
            faults.required(&under(path, "components"));
        }
        return;
    };
    let mut seen = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        check_row(row, &under(&under(path, "components"), index), &mut seen, faults);
    }
}

fn check_row(row: &Value, path: &str, seen: &mut BTreeSet<String>, faults: &mut FormFaults) {
    if row["type"].as_u64() != Some(ROW) {
        return faults.choice(&under(path, "type"), "1");
    }
    let Some(items) = fields::list(row, path, "components", 1..=1, faults) else {
        return;
    };
    for (index, item) in items.iter().enumerate() {
        let path = under(&under(path, "components"), index);
        check_input(item, &path, faults);
        check_unique(item, &path, seen, faults);
    }
}

fn check_input(input: &Value, path: &str, faults: &mut FormFaults) {
    const KNOWN: &[&str] = &[
        "type",
        "id",
        "custom_id",
        "style",
        "label",
        "min_length",
        "max_length",
        "required",
        "value",
        "placeholder",
    ];
    if input["type"].as_u64() != Some(TEXT_INPUT) {
        return faults.choice(&under(path, "type"), "4");
    }
    fields::known(input, path, KNOWN, faults);
    fields::needed_text(input, path, "custom_id", 1..=limits::CUSTOM_ID, faults);
    fields::needed_text(input, path, "label", 1..=limits::TEXT_INPUT_LABEL, faults);
    fields::text(input, path, "placeholder", 0..=limits::TEXT_INPUT_PLACEHOLDER, faults);
    if input["style"].is_null() {
        faults.required(&under(path, "style"));
    }
    fields::number(input, path, "style", 1..=2, faults);
    let most = limits::TEXT_INPUT as u64;
    let least = fields::number(input, path, "min_length", 0..=most, faults).unwrap_or(0);
    let most = fields::number(input, path, "max_length", 1..=most, faults).unwrap_or(most);
    let longest = usize::try_from(most).unwrap_or(limits::TEXT_INPUT);
    fields::text(input, path, "value", 0..=longest, faults);
    if least > most {
        let message = "min_length must not be above max_length.";
        faults.add(&under(path, "min_length"), "NUMBER_TYPE_MAX", message);
    }
}
