//! The text of one part of a mail: transfer encoding, character set, markup.

use mail_parser::{
    Message, MessagePart, MimeHeaders, PartType,
    decoders::{
        base64::base64_decode, charsets::map::charset_decoder, html::html_to_text,
        quoted_printable::quoted_printable_decode,
    },
};
use std::borrow::Cow;

/// The text of `part`, which stands in `mail` itself and not in a message inside it.
pub(super) fn text(mail: &Message<'_>, part: &MessagePart<'_>) -> String {
    let raw = |from: u32, to: u32| mail.raw_message().get(from as usize..to as usize).unwrap_or_default();
    let headers = String::from_utf8_lossy(raw(part.offset_header, part.offset_body));
    let body = decode(raw(part.offset_body, part.offset_end), &transfer_encoding(&headers));
    let charset = part.content_type().and_then(|kind| kind.attribute("charset"));
    let text = match charset.and_then(|charset| charset_decoder(charset.as_bytes())) {
        Some(decoder) => decoder(&body),
        None => String::from_utf8_lossy(&body).into_owned(),
    };
    if matches!(part.body, PartType::Html(_)) { html_to_text(&text) } else { text }
}

/// RFC 2045 section 6. What cannot be decoded is taken as it is.
fn decode<'a>(body: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    let decoded = match encoding {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    decoded.map_or(Cow::Borrowed(body), Cow::Owned)
}

fn transfer_encoding(headers: &str) -> String {
    headers
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-transfer-encoding"))
        .map(|(_, value)| value.trim().to_ascii_lowercase())
        .unwrap_or_default()
}
