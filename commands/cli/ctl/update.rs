//! `watchpost ctl update [SENTENCE]`, as `/update`.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::update::{Typed, say_or_show};

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(super) struct Update {
    /// One sentence of news. Leave everything out to see what was sent.
    sentence: Option<String>,
    /// What people notice.
    #[arg(long)]
    impact: Option<String>,
    /// What to use meanwhile.
    #[arg(long)]
    instead: Option<String>,
    /// When it will be over: 15:30, "in 20 minutes", 15:00-16:00, unknown.
    #[arg(long)]
    eta: Option<String>,
    /// An earlier text was wrong: goes out at once.
    #[arg(long)]
    correction: bool,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Update) -> Result<(), Failure> {
    call.may(Capability::Tell)?;
    let Update { sentence, impact, instead, eta, correction } = asked;
    say_or_show(call, named, Typed { sentence, impact, instead, eta, ..Typed::default() }, correction).await
}
