//! A message of the mind as text for a terminal: times spelled out, marks of Discord in words, buttons as lines to type,
//! nothing that a terminal would obey.

use chrono_tz::Tz;
use watchpost::button::{Action, ButtonId};
use watchpost::outbox::Message;
use watchpost::review::spell_out;
use watchpost_texts::say;

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
    let typed = message.buttons.iter().flatten().filter_map(|button| line(&button.action));
    let typed: Vec<String> = typed.map(|line| say!("  watchpost ctl {line}")).collect();
    if !typed.is_empty() {
        parts.push(say!("Next, what fits:\n{}", typed.join("\n")));
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
                out.push_str(rest);
            }
            _ => {
                out.push_str(" (<t:");
                out.push_str(piece);
            }
        }
    }
    out
}

/// What is typed in the place of a button; nothing for those that have no line.
fn line(id: &str) -> Option<String> {
    let id: ButtonId = id.parse().ok()?;
    let number = id.repair.unwrap_or_default();
    Some(match id.action {
        Action::Approve => say!("fix --approve {number}"),
        Action::Start => say!("fix --start {number}"),
        Action::Done => say!("fix --done {number}"),
        Action::Failed => say!("fix --failed {number} --why \"what happened\""),
        Action::RollBack => say!("fix --roll-back {number}"),
        Action::Acknowledge => say!("incident --have").to_owned(),
        Action::Prove => say!("check --prove").to_owned(),
        Action::Resolve => say!("incident --close \"what was done\"").to_owned(),
        Action::CloseAnyway => say!("incident --close-unproved \"why\"").to_owned(),
        Action::Reopen => say!("incident --reopen \"what shows that it is not over\"").to_owned(),
        _ => return None,
    })
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
    use watchpost::ids::IncidentId;
    use watchpost::outbox::{Block, Button, Field, Weight};

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

    #[test]
    fn a_button_is_a_line_to_type_where_there_is_one() {
        let button = |action, repair| Button {
            label: String::new(),
            action: ButtonId { action, incident: IncidentId(1), repair }.to_string(),
            weight: Weight::Secondary,
        };
        let buttons = vec![vec![button(Action::Done, Some(5)), button(Action::Timeline, None)]];
        let message = Message { buttons, ..Message::text("Low risk.") };
        assert_eq!(of(&message, Tz::UTC), "Low risk.\nNext, what fits:\n  watchpost ctl fix --done 5");
    }
}
