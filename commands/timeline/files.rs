//! `/timeline format: kept files`: the evidence itself, for those who work on it.

use watchpost::capability::Capability;
use watchpost::evidence::size;
use watchpost::ids::IncidentId;
use watchpost::outbox::{Block, Message};
use watchpost::refusal::Refusal;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility};

/// Hands out what was kept, as much as one message holds; the host has all of it.
pub async fn give(call: &Call, named: Option<IncidentId>) -> Result<(), Failure> {
    call.may(Capability::Respond)?;
    let incident = call.incident(named).await?;
    let (mut lines, mut files) = (Vec::new(), Vec::new());
    for (about, evidence) in incident.checklist.all_evidence() {
        let bytes = call.mind.desk.file(evidence).await.map_err(Refusal::from)?;
        let gone = if bytes.is_none() { say!(", taken away with whoever it was from") } else { "" };
        let about = about.map(|line| format!(" ({line})")).unwrap_or_default();
        lines.push(say!("{}{about}: {}{gone}", evidence.name, size(evidence.bytes)));
        files.extend(bytes.map(|bytes| (evidence.name.clone(), bytes)));
    }
    if lines.is_empty() {
        let text =
            say!("No file was kept. `/log` takes one, and so does Apps > Log on a message that has one.");
        call.tell(&Message::text(text)).await;
        return Ok(());
    }
    let block = Block {
        title: say!("{}: what was kept", incident.id),
        text: lines.join("\n"),
        footer: say!("what does not fit here: watchpost export {} --files FOLDER", incident.id),
        ..Block::default()
    };
    let message = Message { block: Some(block), ..Message::default() };
    call.reply.show(Rendered::of(&message).attaching(files), Visibility::Private).await;
    Ok(())
}
