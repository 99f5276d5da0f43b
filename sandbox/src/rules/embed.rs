//! Embeds (resources/message, "Embed Limits").

use serde_json::{Value, json};

use super::fields::{self, under};
use super::limits;
use crate::error::FormFaults;

const EMBED: &[&str] = &[
    "title",
    "type",
    "description",
    "url",
    "timestamp",
    "color",
    "footer",
    "image",
    "thumbnail",
    "video",
    "provider",
    "author",
    "fields",
    "flags",
];
const MEDIA: &[&str] = &[
    "url",
    "proxy_url",
    "width",
    "height",
    "description",
    "flags",
    "content_type",
    "placeholder",
    "placeholder_version",
];

/// Checks the embeds of a message and gives them as Discord keeps them.
pub(crate) fn check(embeds: &[Value], path: &str, faults: &mut FormFaults) -> Vec<Value> {
    for (index, embed) in embeds.iter().enumerate() {
        check_one(embed, &under(path, index), faults);
    }
    if embeds.iter().map(characters).sum::<usize>() > limits::EMBED_TOTAL {
        let message = format!("Embed size exceeds maximum size of {}", limits::EMBED_TOTAL);
        faults.add(path, "MAX_EMBED_SIZE_EXCEEDED", &message);
    }
    embeds.iter().map(kept).collect()
}

/// The characters that count towards the sum over all embeds.
pub(crate) fn characters(embed: &Value) -> usize {
    let count = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let of_fields = embed["fields"].as_array().into_iter().flatten();
    let fields: usize = of_fields.map(|field| count(&field["name"]) + count(&field["value"])).sum();
    count(&embed["title"])
        + count(&embed["description"])
        + count(&embed["footer"]["text"])
        + count(&embed["author"]["name"])
        + fields
}

fn check_one(embed: &Value, path: &str, faults: &mut FormFaults) {
    if !embed.is_object() {
        return faults.kind(path, "an object");
    }
    fields::known(embed, path, EMBED, faults);
    fields::text(embed, path, "title", 0..=limits::EMBED_TITLE, faults);
    fields::text(embed, path, "description", 0..=limits::EMBED_DESCRIPTION, faults);
    check_url(embed, path, "url", faults);
    fields::number(embed, path, "color", 0..=0xFF_FFFF, faults);
    check_timestamp(embed, path, faults);
    check_footer(embed, path, faults);
    check_author(embed, path, faults);
    for name in ["image", "thumbnail"] {
        check_media(&embed[name], &under(path, name), faults);
    }
    let list = fields::list(embed, path, "fields", 0..=limits::EMBED_FIELDS, faults);
    for (index, field) in list.into_iter().flatten().enumerate() {
        check_field(field, &under(&under(path, "fields"), index), faults);
    }
    let drawn = ["title", "description", "footer", "author", "image", "thumbnail", "fields"];
    if drawn.iter().all(|name| is_blank(&embed[*name])) {
        faults.required(&under(path, "description"));
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn check_timestamp(embed: &Value, path: &str, faults: &mut FormFaults) {
    let Some(text) = fields::text(embed, path, "timestamp", 0..=64, faults) else {
        return;
    };
    if crate::clock::parse_iso8601(text).is_none() {
        let message = format!("Could not parse {text}. Should be ISO8601.");
        faults.add(&under(path, "timestamp"), "DATE_TIME_TYPE_PARSE", &message);
    }
}

fn check_footer(embed: &Value, path: &str, faults: &mut FormFaults) {
    let footer = &embed["footer"];
    if footer.is_null() {
        return;
    }
    let path = under(path, "footer");
    fields::known(footer, &path, &["text", "icon_url", "proxy_icon_url"], faults);
    fields::needed_text(footer, &path, "text", 1..=limits::EMBED_FOOTER, faults);
    check_url(footer, &path, "icon_url", faults);
}

fn check_author(embed: &Value, path: &str, faults: &mut FormFaults) {
    let author = &embed["author"];
    if author.is_null() {
        return;
    }
    let path = under(path, "author");
    fields::known(author, &path, &["name", "url", "icon_url", "proxy_icon_url"], faults);
    fields::needed_text(author, &path, "name", 1..=limits::EMBED_AUTHOR, faults);
    check_url(author, &path, "url", faults);
    check_url(author, &path, "icon_url", faults);
}

fn check_media(media: &Value, path: &str, faults: &mut FormFaults) {
    if media.is_null() {
        return;
    }
    fields::known(media, path, MEDIA, faults);
    if media["url"].is_null() {
        faults.required(&under(path, "url"));
    }
    check_url(media, path, "url", faults);
}

fn check_field(field: &Value, path: &str, faults: &mut FormFaults) {
    fields::known(field, path, &["name", "value", "inline"], faults);
    fields::needed_text(field, path, "name", 1..=limits::EMBED_FIELD_NAME, faults);
    fields::needed_text(field, path, "value", 1..=limits::EMBED_FIELD_VALUE, faults);
    fields::flag(field, path, "inline", faults);
}

fn check_url(value: &Value, path: &str, name: &str, faults: &mut FormFaults) {
    let Some(text) = fields::text(value, path, name, 0..=limits::URL, faults) else {
        return;
    };
    let attached = text.strip_prefix("attachment://").is_some_and(|file| !file.is_empty());
    if !attached && !fields::is_web_address(text) {
        let message =
            format!("Not a well formed URL. Scheme \"{}\" must be one of ('http', 'https').", scheme(text));
        faults.add(&under(path, name), "URL_TYPE_INVALID_URL", &message);
    }
}

fn scheme(text: &str) -> &str {
    text.split_once(':').map_or("", |(scheme, _)| scheme)
}

fn kept(embed: &Value) -> Value {
    let mut embed = embed.clone();
    if let Some(map) = embed.as_object_mut() {
        map.retain(|_, value| !is_blank(value));
        map.insert("type".to_owned(), json!("rich"));
        let fields = map.get_mut("fields").and_then(Value::as_array_mut);
        for field in fields.into_iter().flatten().filter_map(Value::as_object_mut) {
            field.entry("inline").or_insert(json!(false));
        }
    }
    embed
}
