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
    plain(&spell_out(&parts.join("\n"), zone))
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
        let field = Field { name: "Next".into(), value: "<t:60:t>\nsoon".into(), short: false };
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
