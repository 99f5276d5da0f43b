//! `[End unknown]` and `[New time]`: after a repair that did not hold, what was told of the end does not hold either.

use watchpost::button::{Action, ButtonId};
use watchpost::ids::IncidentId;
use watchpost::incident::decide::{News, Request};
use watchpost::incident::event::Event;
use watchpost::incident::{Eta, Incident};
use watchpost::outbox::{Button, Message, Weight};
use watchpost::when;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::in_memory;

/// `[End unknown]`: the estimate is withdrawn, and those who were told it hear so.
pub async fn unknown(call: &Call, id: IncidentId) -> Result<(), Failure> {
    tell(call, id, Eta::Unknown).await
}

/// `[New time]` asks when.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    let eta = Input {
        name: "eta",
        label: "When will it be over?",
        hint: "15:30, in 20 minutes, 15:00-16:00",
        filled: String::new(),
        room: Room::Line,
        need: Need::Required,
    };
    call.reply.form(forms::form(Action::EtaNew, id, &format!("{id}: a new time"), vec![eta])).await;
    Ok(())
}

/// The form of `[New time]` was sent.
pub async fn new(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let eta = when::eta(&filled.text("eta"), call.now(), call.mind.zone)?;
    tell(call, id, eta).await
}

async fn tell(call: &Call, id: IncidentId, eta: Eta) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let news = News { eta: Some(eta), ..News::default() };
    let outcome = call.ask(Some(id), Request::Tell(news)).await?;
    let told =
        outcome.events.iter().filter(|recorded| matches!(recorded.new.event, Event::UpdateIssued { .. }));
    let text = match told.count() {
        0 => "Recorded. Nobody is to be told.".to_owned(),
        1 => "Recorded, and one audience hears it now.".to_owned(),
        several => format!("Recorded, and {several} audiences hear it now."),
    };
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// Both buttons.
pub fn buttons(incident: &Incident) -> Vec<Button> {
    let button = |action: Action, weight| Button {
        label: action.label().to_owned(),
        action: ButtonId::new(action, incident.id).to_string(),
        weight,
    };
    vec![button(Action::EtaUnknown, Weight::Primary), button(Action::EtaNew, Weight::Secondary)]
}
