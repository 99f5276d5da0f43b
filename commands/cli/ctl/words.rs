//! A message of the mind as text for a terminal: times spelled out, marks of Discord in words, nothing that a terminal
//! would obey.

use chrono_tz::Tz;
use watchpost::outbox::Message;
use watchpost::review::spell_out;

/// The message as text.
pub(super) fn of(message: &Message, zone: Tz) -> String {
    let mut parts: Vec<String> = vec![message.text.clone()];
    if let Some(block) = &message.block {
        parts.push(block.title.clone());
        parts.push(block.text.clone());
        for field in &block.fields {
            parts.push(format!("{}:\n  {}", field.name, field.value.replace('\n', "\n  ")));
        }
        parts.push(block.footer.clone());
    }
    parts.retain(|part| !part.is_empty());
    plain(&spell_out(&without_distance(&parts.join("\n")), zone))
}

/// Without "(in 5 minutes)" behind a time: a terminal shows the moment at which it was written, and counts on for nobody.
fn without_distance(text: &str) -> String {
    let mut pieces = text.split(" (<t:");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(":R>)") {
            Some((number, rest)) if number.bytes().all(|letter| letter.is_ascii_digit()) => {
                out.push_str(rest)
            }
            _ => {
                out.push_str(" (<t:");
                out.push_str(piece);
            }
        }
    }
    out
}

/// Channels and roles by number, without bold and without control characters.
fn plain(text: &str) -> String {
    let text =
        text.replace("**", "").replace("<#", "channel <").replace("<@&", "role <").replace("<@", "person <");
    text.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::outbox::{Block, Field};

    #[test]
    fn a_block_reads_from_top_to_bottom() {
        let field = Field { name: "Next".into(), value: "<t:60:t> (<t:60:R>)\nsoon".into(), short: false };
        let block = Block {
            title: "INC-1".into(),
            text: "in <#5>\u{1b}[2J".into(),
            fields: vec![field],
            footer: "end".into(),
            ..Block::default()
        };
        let message = Message { block: Some(block), ..Message::default() };
        assert_eq!(of(&message, Tz::UTC), "INC-1\nin channel <5>[2J\nNext:\n  00:01 UTC\n  soon\nend");
    }
}
