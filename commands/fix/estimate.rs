//! `[End unknown]` and `[New time]`: after a repair that did not hold, what was told of the end does not hold either.

use watchpost::button::{Action, ButtonId};
use watchpost::ids::IncidentId;
use watchpost::incident::decide::{News, Request};
use watchpost::incident::event::{Event, Recorded};
use watchpost::incident::{Eta, Incident};
use watchpost::outbox::{Button, Message, Weight};
use watchpost::when;
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, moment};
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
        label: say!("When will it be over?"),
        hint: "15:30, in 20 minutes, 15:00-16:00",
        filled: String::new(),
        room: Room::Line,
        need: Need::Required,
    };
    call.reply.form(forms::form(Action::EtaNew, id, &say!("{id}: a new time"), vec![eta])).await;
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
    let text =
        told(&outcome.events).unwrap_or_else(|| say!("That is what everybody was told already.").to_owned());
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// The expected end that these events change, and who hears it; none where they do not.
pub(super) fn told(events: &[Recorded]) -> Option<String> {
    let eta = events.iter().find_map(|recorded| match recorded.new.event {
        Event::EtaChanged { eta } => Some(eta),
        _ => None,
    })?;
    let eta = match eta {
        Eta::Unknown => say!("Unknown from now on").to_owned(),
        Eta::At(at) => moment(at),
        Eta::Between(from, to) => say!("Between {} and {}", moment(from), moment(to)),
    };
    let heard: Vec<&str> = events
        .iter()
        .filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { audience, .. } => Some(audience.as_str()),
            _ => None,
        })
        .collect();
    Some(match heard.as_slice() {
        [] => say!("{eta}. Nobody hears it at this moment; it stands in the next text."),
        heard => say!("{eta}. {} read it now.", heard.join(", ")),
    })
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
