//! `watchpost ctl check [SERVICE]`, as `/check`.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::check;

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(super) struct Check {
    /// Which mail service; the only one where you say nothing.
    service: Option<String>,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Check) -> Result<(), Failure> {
    call.may(Capability::Check)?;
    let service = check::meant(call, asked.service.as_deref())?;
    let incident = call.incident(named).await.ok();
    check::run(call, &service, incident.as_deref()).await;
    Ok(())
}
