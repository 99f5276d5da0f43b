//! `watchpost ctl check [SERVICE]`, as `/check`.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::check::{self, prove};

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(super) struct Check {
    /// Which mail service; the only one where you say nothing.
    service: Option<String>,
    /// Prove that the open incident is over: real mail in rounds, as /check prove does.
    #[arg(long, conflicts_with = "service")]
    prove: bool,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Check) -> Result<(), Failure> {
    if asked.prove {
        call.may(Capability::Respond)?;
        let id = call.incident(named).await?.id;
        return prove::pressed(call, id).await;
    }
    call.may(Capability::Check)?;
    let service = check::meant(call, asked.service.as_deref())?;
    let incident = call.incident(named).await.ok();
    check::run(call, &service, incident.as_deref()).await;
    Ok(())
}
