//! The JSON of a request: its body, or the part `payload_json` of a form with files.

use std::ops::Range;

use axum::body::Bytes;
use serde_json::Value;

/// Where the JSON stands in a body of this content type.
pub(crate) fn json_range(kind: Option<&str>, body: &[u8]) -> Option<Range<usize>> {
    let boundary = kind.and_then(|kind| kind.strip_prefix("multipart/form-data; boundary="));
    match boundary {
        Some(boundary) => part(body, boundary.trim_matches('"'), "payload_json"),
        None => Some(0..body.len()),
    }
}

/// The body with the numbers of new files as text. Discord's description has them as text, like every id; serenity 0.12.5
/// writes `"attachments":[{"id":0,…}]`.
pub(crate) fn with_text_ids(kind: Option<&str>, body: Bytes) -> Bytes {
    let rewritten = json_range(kind, &body).and_then(|json| {
        let mut value: Value = serde_json::from_slice(&body[json.clone()]).ok()?;
        let numbered = numbers(&mut value)?;
        Some([&body[..json.start], numbered.as_bytes(), &body[json.end..]].concat())
    });
    rewritten.map_or(body, Bytes::from)
}

/// The JSON with text in place of numbers; none where there are no numbers.
fn numbers(value: &mut Value) -> Option<String> {
    let mut changed = false;
    for attachment in value.get_mut("attachments")?.as_array_mut()? {
        if let Some(id) = attachment.get_mut("id").filter(|id| id.is_u64()) {
            *id = Value::String(id.to_string());
            changed = true;
        }
    }
    changed.then(|| value.to_string())
}

fn part(body: &[u8], boundary: &str, name: &str) -> Option<Range<usize>> {
    let named = find(body, format!("name=\"{name}\"").as_bytes())?;
    let start = named + find(&body[named..], b"\r\n\r\n")? + 4;
    let length = find(&body[start..], format!("\r\n--{boundary}").as_bytes())?;
    Some(start..start + length)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "multipart/form-data; boundary=xyz";

    /// A form with one file and this JSON.
    fn form(json: &str) -> String {
        let file =
            "--xyz\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a\"\r\n\r\n\u{1}\r\n";
        let json =
            format!("--xyz\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{json}\r\n");
        format!("{file}{json}--xyz--\r\n")
    }

    #[track_caller]
    fn check(kind: &str, body: &str, expected: &str) {
        let rewritten = with_text_ids(Some(kind), Bytes::from(body.to_owned()));
        assert_eq!(std::str::from_utf8(&rewritten), Ok(expected));
    }

    #[test]
    fn the_numbers_of_new_files_go_out_as_text() {
        let (before, after) =
            (r#"{"content":"x","attachments":[{"id":0,"filename":"a"},{"id":"9"}]}"#, "\"0\"");
        let expected = before.replace(":0,", &format!(":{after},"));
        check(FORM, &form(before), &form(&expected));
        check("application/json", before, &expected);
    }

    #[test]
    fn everything_else_goes_out_byte_for_byte() {
        for json in [
            r#"{ "content" : "x" }"#,
            r#"{"attachments":[]}"#,
            r#"{"attachments":[{"id":"0"}] }"#,
            "[1]",
            "x",
        ] {
            check("application/json", json, json);
            check(FORM, &form(json), &form(json));
        }
        check(FORM, "no form", "no form");
        check("application/json", "", "");
    }
}
