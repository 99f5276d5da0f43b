//! `[Link or duplicate]`: what an incident has to do with another one.

use watchpost::button::{Action, ButtonId, NotAButton};
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::link::LinkRequest;
use watchpost::outbox::{Button, Message, Weight};
use watchpost::person::Actor;
use watchpost::refusal::Refusal;
use watchpost::store::Head;
use watchpost_texts::say;

use super::in_memory;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility};
use crate::check;

/// Shows the incidents that it may belong to, the newest first.
pub async fn ask(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    call.reply.acknowledge(Visibility::Private).await;
    let (guild, actor) = (call.guild()?, call.actor()?);
    let heads = call.mind.desk.store().heads().await.map_err(Refusal::from)?;
    let others: Vec<(String, String, String)> = heads
        .into_iter()
        .filter(|head| head.guild == guild && head.id != id && shown(call, head, &actor))
        .map(|head| (head.id.to_string(), head.id.to_string(), format!("{} · {}", head.phase, head.title)))
        .collect();
    if others.is_empty() {
        call.tell(&Message::text(say!("There is no other incident than {id}."))).await;
        return Ok(());
    }
    let list = ButtonId::new(Action::LinkTo, id).to_string();
    let asked = Rendered::of(&Message::text(say!("To which incident does {id} belong?")));
    call.reply.show(asked.choosing(list, say!("The other incident"), &others), Visibility::Private).await;
    Ok(())
}

/// One that is not at hand is closed, and no restricted one leaves memory while it is open.
fn shown(call: &Call, head: &Head, actor: &Actor) -> bool {
    call.mind.desk.incident(head.id).is_none_or(|incident| incident.admits(actor))
}

/// One was chosen: what is it to this one?
pub async fn chosen(call: &Call, id: IncidentId, other: Option<&str>) -> Result<(), Failure> {
    let other: IncidentId =
        other.and_then(|other| other.parse().ok()).ok_or(Failure::Button(NotAButton::Unknown))?;
    let button = |action: Action, weight| Button {
        label: action.label().to_owned(),
        action: ButtonId { action, incident: id, repair: Some(other.0) }.to_string(),
        weight,
    };
    let text = say!(
        "Is {id} the same outage as {other}? Then {id} ends without a word to stakeholders, and what is typed in its \
         thread goes to {other}. Or do they only have to do with each other?"
    );
    let buttons =
        vec![button(Action::DuplicateOf, Weight::Danger), button(Action::LinkWith, Weight::Secondary)];
    call.tell(&Message { buttons: vec![buttons], ..Message::text(text) }).await;
    Ok(())
}

/// `[Link]`.
pub async fn link(call: &Call, id: IncidentId, other: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let to = which(other)?;
    call.ask(Some(id), Request::Link(LinkRequest::Link { to })).await?;
    call.tell(&Message::text(say!("{id} is linked to {to}."))).await;
    Ok(())
}

/// `[It is the same]`.
pub async fn duplicate(call: &Call, id: IncidentId, other: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let original = call.incident(Some(which(other)?)).await?;
    let (of, thread) = (original.id, original.home.thread);
    call.ask(Some(id), Request::Link(LinkRequest::Duplicate { of, thread })).await?;
    let where_to = thread.map(|thread| format!(" <#{thread}>")).unwrap_or_default();
    let text = say!("{id} is a duplicate of {of} now: go on there{where_to}. Reopen takes that back.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[Reopen the earlier one]`: it was not over, and this one goes on there.
pub async fn reopen_earlier(call: &Call, id: IncidentId, other: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let of = which(other)?;
    let why = say!("the same cause came again as {id}");
    let reopened = call.ask(Some(of), Request::Reopen { why }).await?;
    let thread = reopened.incident.home.thread;
    call.ask_again_as_asker(Some(id), Request::Link(LinkRequest::Duplicate { of, thread })).await?;
    let where_to = thread.map(|thread| format!(" <#{thread}>")).unwrap_or_default();
    call.tell(&Message::text(say!("{of} is open again, and {id} goes on there{where_to}."))).await;
    check::in_background(&call.mind, &reopened.incident);
    Ok(())
}

fn which(other: Option<u64>) -> Result<IncidentId, Failure> {
    other.map(IncidentId).ok_or(Failure::Button(NotAButton::Unknown))
}
