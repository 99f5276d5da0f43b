//! `watchpost ctl incident [TEXT]`, as `/incident` and the buttons of its card.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::card;
use watchpost::ids::{IncidentId, ServiceName};
use watchpost::incident::Severity;
use watchpost::incident::decide::Declaration;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::check::prove;
use crate::incident;

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(super) struct Incident {
    /// What is wrong, in one line; declares a new incident. Leave it out to see the open one.
    text: Option<String>,
    /// Which mail service.
    #[arg(long)]
    service: Option<String>,
    /// 1 to 4; 2 where you say nothing.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=4))]
    severity: Option<u8>,
    /// A rehearsal: reaches no stakeholder.
    #[arg(long)]
    drill: bool,
    /// You have it: you lead and write the updates.
    #[arg(long, conflicts_with_all = ["text", "close", "close_unproved", "reopen"])]
    have: bool,
    /// Close it, once it is proved that mail works: what was done, and how you know.
    #[arg(long, value_name = "WHY", conflicts_with_all = ["text", "reopen"])]
    close: Option<String>,
    /// You lead, and close it although it is not proved; why is the first line of the review.
    #[arg(long, value_name = "WHY", conflicts_with_all = ["text", "close", "reopen"])]
    close_unproved: Option<String>,
    /// Open it again: what shows that it is not over.
    #[arg(long, value_name = "WHY", conflicts_with = "text")]
    reopen: Option<String>,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Incident) -> Result<(), Failure> {
    if let Some(text) = asked.text {
        call.may(Capability::Respond)?;
        let severity = asked.severity.and_then(|number| Severity::ALL.get(usize::from(number) - 1).copied());
        let said = Declaration {
            guild: call.guild()?,
            text,
            service: asked.service.map(ServiceName),
            severity,
            since: None,
            drill: asked.drill,
        };
        return incident::declare(call, said).await;
    }
    if asked.have {
        call.may(Capability::Respond)?;
        let id = call.incident(named).await?.id;
        return incident::acknowledge(call, id).await;
    }
    if let Some(why) = asked.close {
        call.may(Capability::Lead)?;
        let id = call.incident(named).await?.id;
        return incident::close(call, id, why).await;
    }
    if let Some(why) = asked.close_unproved {
        call.may(Capability::Lead)?;
        let id = call.incident(named).await?.id;
        return prove::close_unproved(call, id, why).await;
    }
    if let Some(why) = asked.reopen {
        call.may(Capability::Lead)?;
        let id = call.incident(named).await?.id;
        return incident::open_again(call, id, why).await;
    }
    call.may(Capability::Read)?;
    match named {
        None => incident::show(call).await,
        Some(_) => {
            let incident = call.incident(named).await?;
            call.tell(&card::card(&incident, &call.mind.desk.policy())).await;
            Ok(())
        }
    }
}
