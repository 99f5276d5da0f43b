//! `[Call the next]` and `[I am here]`: somebody is woken, and somebody has answered.

use watchpost::button::Action;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::call::{self, CallRequest};
use watchpost::incident::decide::Request;
use watchpost::outbox::Message;
use watchpost::refusal::Refusal;
use watchpost_texts::say;

use super::{in_memory, why};
use crate::bot::forms::{self, Filled};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// `[Call the next]`: asks why, because that is what they read at night.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    if !incident.phase.is_open() {
        return Err(Refusal::Over { id, phase: incident.phase }.into());
    }
    let why = why(say!("What do you need them for?"), say!("I need somebody at the second site"));
    call.reply.form(forms::form(Action::Call, id, &say!("{id}: call the next"), vec![why])).await;
    Ok(())
}

/// The form of `[Call the next]` was sent.
pub async fn next(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let why = filled.text("why");
    let request = Request::Call(CallRequest::Next { why: why.clone(), about: None });
    let outcome = call.ask(Some(id), request).await.map_err(|failure| failure.with_typed(&why))?;
    call.tell(&Message::text(rung(&outcome.incident))).await;
    Ok(())
}

/// `[I am here]`.
pub async fn coming(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let outcome = call.ask(Some(id), Request::Call(CallRequest::Answer)).await?;
    let place =
        outcome.incident.home.thread.map(|thread| say!(" The thread: <#{thread}>.")).unwrap_or_default();
    call.tell(&Message::text(say!("Noted; nobody else is rung.{place}"))).await;
    Ok(())
}

fn rung(incident: &Incident) -> String {
    match call::field(incident) {
        Some(rung) => say!("They are being called until one answers:\n{rung}"),
        None => say!("Nobody could be called.").to_owned(),
    }
}
