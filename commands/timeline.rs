//! `/timeline [incident] [format]`: everything that was recorded, to read here or to take away.

use std::sync::Arc;

use poise::ChoiceParameter;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::event::Recorded;
use watchpost::outbox::{Block, File, Message};
use watchpost::review::{self, Story};

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::{last_lines, one_line, open_incidents};

/// Lines that are shown here; the files have all.
const SHOWN: usize = 20;

/// In which form, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum Format {
    /// Here.
    #[name = "show here"]
    Show,
    /// To read.
    #[name = "Markdown file"]
    Markdown,
    /// For programs.
    #[name = "JSON file"]
    Json,
}

/// Show everything that was recorded of an incident, or take it away as a file
#[poise::command(slash_command)]
pub(crate) async fn timeline(
    context: Context<'_>,
    #[description = "Which incident, such as INC-42; that of this thread where you say nothing"]
    #[autocomplete = "open_incidents"]
    incident: Option<String>,
    #[description = "How you want it"] format: Option<Format>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let named = incident.map(|text| text.parse::<IncidentId>());
    let named = named.transpose().map_err(|wrong| Failure::Unreadable(wrong.0))?;
    let (incident, events) = read(&call, named).await?;
    call.tell(&message(&call, &incident, &events, format.unwrap_or(Format::Show))).await;
    Ok(())
}

/// `[Timeline]`.
pub async fn show(call: &Call, named: Option<IncidentId>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let (incident, events) = read(call, named).await?;
    call.tell(&message(call, &incident, &events, Format::Show)).await;
    Ok(())
}

pub(crate) async fn read(
    call: &Call,
    named: Option<IncidentId>,
) -> Result<(Arc<Incident>, Vec<Recorded>), Failure> {
    let incident = call.incident(named).await?;
    let events = call.mind.desk.timeline(call.guild()?, incident.id).await?;
    // Read after the events, so that the top of the file does not lag behind its lines.
    let incident = call.incident(Some(incident.id)).await?;
    Ok((incident, events))
}

fn message(call: &Call, incident: &Incident, events: &[Recorded], format: Format) -> Message {
    let id = incident.id;
    let form = match format {
        Format::Show => return shown(incident, events),
        Format::Markdown => review::Format::Markdown,
        Format::Json => review::Format::Json,
    };
    let story = Story { incident, events, zone: call.mind.zone };
    let file = File { name: format!("{id}.{form}"), content: form.write(&story) };
    let text = format!("{}\n{} entries, all of them in the file.", one_line(incident), events.len());
    Message { files: vec![file], ..Message::text(text) }
}

fn shown(incident: &Incident, events: &[Recorded]) -> Message {
    let footer = match events.len() {
        all if all <= SHOWN => format!("all {all} entries"),
        all => format!("the last {SHOWN} of {all} entries; format: Markdown or JSON has all"),
    };
    let block =
        Block { title: one_line(incident), text: last_lines(events, SHOWN), footer, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::clock::UtcMs;
    use watchpost::ids::Seq;
    use watchpost::incident::event::{EntryKind, Event, NewEvent, Origin};
    use watchpost::person::Actor;

    fn event(version: u64) -> Recorded {
        let event = Event::Logged { kind: EntryKind::Note, text: format!("note {version}") };
        Recorded {
            seq: Seq(version),
            version,
            recorded_at: UtcMs(0),
            new: NewEvent {
                incident: IncidentId(1),
                happened_at: UtcMs(60_000),
                actor: Actor::Watchpost,
                origin: Origin::Chat,
                event,
            },
        }
    }

    #[test]
    fn what_is_not_shown_is_said() {
        let events: Vec<Recorded> = (1..=30).map(event).collect();
        let block = shown(&Incident::unborn(IncidentId(1)), &events).block.expect("a block");
        assert!(block.text.starts_with("<t:60:t> Watchpost logged a note: note 11\n"), "{}", block.text);
        assert!(block.text.ends_with("note 30"));
        assert_eq!(block.footer, "the last 20 of 30 entries; format: Markdown or JSON has all");
    }
}
