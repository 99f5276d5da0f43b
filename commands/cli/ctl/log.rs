//! `watchpost ctl log TEXT`, as `/log`.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::log::{Entry, happened, named as kind_named, write};

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(super) struct Log {
    /// What you found, suspect, ruled out or changed.
    text: String,
    /// note, finding, suspect, "ruled out", cause, change, follow-up.
    #[arg(long, default_value = "note")]
    kind: String,
    /// When it happened: 14:05, or "20 minutes ago".
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Log) -> Result<(), Failure> {
    call.may(Capability::Respond)?;
    let at = happened(call, asked.at.as_deref())?;
    let entry = Entry { kind: kind_named(&asked.kind)?, text: asked.text, at };
    write(call, named, entry).await
}
