//! The picture as an Atom feed (RFC 4287): one entry for each word that was said.

use std::fmt::Write;

use chrono_tz::Tz;

use super::page::escaped;
use super::public::Picture;
use crate::clock::UtcMs;
use crate::review::spell_out;

/// The feed.
pub fn write(picture: &Picture, address: &str, zone: Tz) -> String {
    let name = escaped(&picture.organisation);
    let id = if address.is_empty() { "urn:watchpost:status".to_owned() } else { escaped(address) };
    let updated = picture.updated.unwrap_or(UtcMs(0));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\
         <title>{name}: e-mail</title><id>{id}</id><updated>{updated}</updated>\
         <author><name>{name}</name></author>\n"
    );
    for outage in picture.open.iter().chain(&picture.past) {
        for word in &outage.words {
            // RFC 4287 §4.2.6: the id of an entry never changes.
            let entry = format!("urn:watchpost:{}:{}", outage.id, word.at.0);
            let text = escaped(&spell_out(&word.text, zone));
            let at = word.at;
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "<entry><title>{}: {}</title><id>{entry}</id><updated>{at}</updated><content>{text}</content></entry>",
                outage.id, word.kind
            );
        }
    }
    out.push_str("</feed>\n");
    out
}
