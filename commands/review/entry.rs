//! One entry of the timeline: what it says, what stood there before, what was believed then, and what users read then.

use serenity::model::application::{ComponentInteractionData, ComponentInteractionDataKind};
use watchpost::button::{Action, ButtonId, NotAButton, ReviewStep};
use watchpost::desk::button;
use watchpost::ids::IncidentId;
use watchpost::outbox::{Block, Field, Message, Weight};
use watchpost::review::belief;
use watchpost::review::line::{Line, lines};
use watchpost::review::{Readers, local, spell_out};
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility};
use crate::timeline::Told;

/// The message of a timeline with a list under it: each entry that is shown can be chosen.
pub fn choosing(message: &Message, id: IncidentId, shown: &[Line]) -> Rendered {
    let rendered = Rendered::of(message);
    if shown.is_empty() {
        return rendered;
    }
    let list = ButtonId::new(Action::Review(ReviewStep::Entry), id).to_string();
    let choice =
        |line: &Line| (line.number.to_string(), format!("{}: {}", line.number, line.text), String::new());
    let choices: Vec<(String, String, String)> = shown.iter().map(choice).collect();
    rendered.choosing(list, say!("Look at an entry, or correct it"), &choices)
}

/// An entry was chosen.
pub async fn show(call: &Call, id: IncidentId, data: &ComponentInteractionData) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let chosen = match &data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.first(),
        _ => None,
    };
    let unknown = || Failure::Button(NotAButton::Unknown);
    let number: u64 = chosen.and_then(|text| text.parse().ok()).ok_or_else(unknown)?;
    let told = Told::read(call, Some(id)).await?;
    let story = told.story(call, Readers::Inside);
    let all = lines(&story);
    let line = all.iter().find(|line| line.number == number).ok_or_else(unknown)?;
    let mut fields = vec![
        field("Occurred", format!("{}, {}", local(line.occurred, story.zone), line.basis.name())),
        field("Recorded", local(line.recorded, story.zone)),
    ];
    if let Some(was) = &line.was {
        fields.push(field(say!("It said before"), was.clone()));
    }
    if let Some(why) = &line.struck {
        fields.push(field("Struck", why.clone()));
    }
    let beliefs = belief::beliefs(&story);
    if let Some(then) = beliefs.iter().rev().find(|belief| belief.at <= line.occurred) {
        fields.push(field(say!("Believed then"), then.believed.clone()));
        fields.push(field(say!("What was so"), then.was.to_owned()));
        fields.push(field(say!("Users read then"), spell_out(&then.seen, story.zone)));
    }
    let block = Block {
        title: say!("{id}, entry {number}"),
        text: line.text.clone(),
        fields,
        footer: say!("Nothing is changed or deleted: a correction is a new entry that names this one.")
            .to_owned(),
        ..Block::default()
    };
    let buttons = vec![vec![button(id, ReviewStep::AmendOne, Some(number), Weight::Primary)]];
    call.tell(&Message { block: Some(block), buttons, ..Message::default() }).await;
    Ok(())
}

fn field(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, short: false }
}
