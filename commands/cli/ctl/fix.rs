//! `watchpost ctl fix [TEXT]`, as `/fix` and the buttons under a repair.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;
use watchpost::incident::action::ActionRequest;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::fix::{Repair, carry_out, done, propose};

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
#[group(required = true, multiple = true)]
pub(super) struct Fix {
    /// What you will do.
    #[arg(conflicts_with_all = ["start", "approve", "done", "failed", "roll_back"])]
    text: Option<String>,
    /// When it will be over: 15:30, "in 20 minutes", unknown.
    #[arg(long, requires = "text")]
    eta: Option<String>,
    /// How to get back, if it does not help.
    #[arg(long, requires = "text", value_name = "HOW")]
    rollback: Option<String>,
    /// You start repair number N.
    #[arg(long, value_name = "N")]
    start: Option<u64>,
    /// You approve repair number N of somebody else.
    #[arg(long, value_name = "N")]
    approve: Option<u64>,
    /// Repair number N is done; every address is checked.
    #[arg(long, value_name = "N")]
    done: Option<u64>,
    /// Repair number N did not help.
    #[arg(long, value_name = "N", requires = "why")]
    failed: Option<u64>,
    /// Repair number N was taken back.
    #[arg(long, value_name = "N")]
    roll_back: Option<u64>,
    /// With --failed: what happened. With --start: why nobody else looks at a risky repair.
    #[arg(long, value_name = "WHY")]
    why: Option<String>,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Fix) -> Result<(), Failure> {
    call.may(Capability::Respond)?;
    if let Some(text) = asked.text {
        return propose(call, named, Repair { text, eta: asked.eta, rollback: asked.rollback, risk: None })
            .await;
    }
    let id = call.incident(named).await?.id;
    if asked.done.is_some() {
        return done(call, id, asked.done).await;
    }
    let why = asked.why;
    let request = if let Some(number) = asked.start {
        Some((number, ActionRequest::Start { number, alone_because: why }))
    } else if let Some(number) = asked.approve {
        // Who types a number has read what stands under it.
        let incident = call.incident(Some(id)).await?;
        let meant = incident.actions.iter().find(|action| action.number == number);
        let handle = meant.and_then(|action| action.handle).unwrap_or(number);
        Some((number, ActionRequest::Approve { handle }))
    } else if let Some(number) = asked.failed {
        Some((number, ActionRequest::Fail { number, why: why.unwrap_or_default() }))
    } else {
        asked.roll_back.map(|number| (number, ActionRequest::RollBack { number }))
    };
    match request {
        Some((number, request)) => carry_out(call, id, number, request).await,
        None => Err(Failure::Unreadable("fix".to_owned())),
    }
}
