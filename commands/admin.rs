//! `/admin`: what whoever looks after Watchpost needs. Each subcommand has a file of its own in `admin/`.
//!
//! `doctor` says whether everything is as it must be before an outage; `store` says how the stored data is; `forget` destroys what was stored under a person's name.

pub mod doctor;
pub mod forget;
pub mod store;

use crate::bot::framework::Context;
use crate::bot::framework::failure::Failure;

/// Look after Watchpost itself
#[poise::command(
    slash_command,
    subcommands("doctor::doctor", "store::store", "forget::forget"),
    subcommand_required
)]
pub(crate) async fn admin(_: Context<'_>) -> Result<(), Failure> {
    // Discord offers only the subcommands.
    Err(Failure::OlderForm)
}
