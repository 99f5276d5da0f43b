//! The buttons under a logged line: it may be the cause, it is, it was not, it happened at another time.

use watchpost::button::{Action, ButtonId, NotAButton};
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::event::{Event, Recorded};
use watchpost::incident::suspect::SuspectRequest;
use watchpost::incident::{Incident, Phase};
use watchpost::outbox::Message;
use watchpost::{card, timeline, when};
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::in_memory;

/// `[Suspect]`.
pub async fn raise(call: &Call, id: IncidentId, entry: Option<u64>) -> Result<(), Failure> {
    carry_out(call, id, SuspectRequest::Raise { entry: which(entry)? }).await
}

/// `[It is the cause]`.
pub async fn confirm(call: &Call, id: IncidentId, entry: Option<u64>) -> Result<(), Failure> {
    carry_out(call, id, SuspectRequest::Confirm { entry: which(entry)? }).await
}

/// `[Ruled out]`.
pub async fn rule_out(call: &Call, id: IncidentId, entry: Option<u64>) -> Result<(), Failure> {
    carry_out(call, id, SuspectRequest::RuleOut { entry: which(entry)?, why: String::new() }).await
}

/// `[Other time]` asks when it happened.
pub async fn open_time_form(call: &Call, id: IncidentId, entry: Option<u64>) -> Result<(), Failure> {
    which(entry)?;
    in_memory(call, id)?;
    let at = Input {
        name: "at",
        label: say!("When did it happen?"),
        hint: say!("14:05, 20 minutes ago, yesterday 23:50"),
        filled: String::new(),
        room: Room::Line,
        need: Need::Required,
    };
    let form = ButtonId { action: Action::OtherTime, incident: id, repair: entry };
    call.reply.form(forms::form_of(form, &say!("{id}: another time"), vec![at])).await;
    Ok(())
}

/// The form of `[Other time]` was sent.
pub async fn other_time(
    call: &Call,
    id: IncidentId,
    entry: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let at = when::past(&filled.text("at"), call.now(), call.mind.zone)?;
    carry_out(call, id, SuspectRequest::Retime { entry: which(entry)?, at }).await
}

async fn carry_out(call: &Call, id: IncidentId, request: SuspectRequest) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let outcome = call.ask(Some(id), Request::Suspect(request)).await?;
    call.tell(&said(&outcome.incident, &outcome.events)).await;
    Ok(())
}

fn which(entry: Option<u64>) -> Result<u64, Failure> {
    entry.ok_or(Failure::Button(NotAButton::Unknown))
}

/// What was recorded, and what can be said next of the same entry.
fn said(incident: &Incident, events: &[Recorded]) -> Message {
    let about = events.iter().find_map(|recorded| match &recorded.new.event {
        Event::Suspect(event) => Some((event.entry(), timeline::sentence(&recorded.new))),
        _ => None,
    });
    let Some((number, sentence)) = about else { return Message::text("Recorded.") };
    let next = match incident.phase {
        Phase::Identified if incident.confirmed == Some(number) => {
            say!(" The cause is known now; repair it with /fix.")
        }
        _ => "",
    };
    let entry = incident.entries.iter().find(|entry| entry.number == number);
    let buttons = entry.map(|entry| card::entry_buttons(incident, entry)).filter(|row| !row.is_empty());
    Message { buttons: buttons.into_iter().collect(), ..Message::text(format!("{sentence}{next}")) }
}
