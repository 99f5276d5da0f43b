//! `[I write the updates]`: a role is split off when a second person takes it.

use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::role::{Role, RoleRequest};
use watchpost::outbox::Message;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// `[I write the updates]`.
pub async fn communications(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let take = Request::Role(RoleRequest::Take { role: Role::Communications });
    let outcome = call.ask(Some(id), take).await?;
    let who = outcome.incident.led_by();
    let text = say!("You write the updates of {id} from now on. Lead: {who}. /update shows what is due.");
    call.tell(&Message::text(text)).await;
    Ok(())
}
