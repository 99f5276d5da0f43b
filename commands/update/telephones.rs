//! `[Whom to call]` and `[Reached: …]`: who could not be told, with their numbers; the desk keeps who was called.

use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::reach::{self, ReachRequest};

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// `[Whom to call]`.
pub async fn show(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let incident = call.incident(Some(id)).await?;
    call.tell(&reach::list(&incident, &call.mind.desk.policy())).await;
    Ok(())
}

/// `[Reached: …]`.
pub async fn reached(call: &Call, id: IncidentId, entry: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let entry = entry.and_then(|entry| usize::try_from(entry).ok()).unwrap_or(usize::MAX);
    let outcome = call.ask(Some(id), Request::Reach(ReachRequest::Reached { entry })).await?;
    call.tell(&reach::list(&outcome.incident, &call.mind.desk.policy())).await;
    Ok(())
}
