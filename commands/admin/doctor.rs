//! `/admin doctor`: is everything as it must be before an outage? The same points as `watchpost doctor`, from the process
//! that runs, so that it sees what this process sees.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use watchpost::clock::UtcMs;
use watchpost::doctor::{Point, State, machine, worst};
use watchpost::outbox::{Block, Message, Tone};
use watchpost_texts::say;

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// The one who is asked: holds what the commands do not, the configuration as it is in force and the ways out.
#[async_trait]
pub trait Doctor: Send + Sync {
    /// Everything; `send` sends a marked sample to each destination.
    async fn examine(&self, send: bool) -> Vec<Point>;
}

/// Is everything as it must be before an outage, point by point, with what to do
#[poise::command(slash_command)]
pub(crate) async fn doctor(
    context: Context<'_>,
    #[description = "Send a marked sample to every destination; it reaches real people"] send: Option<bool>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let Some(doctor) = call.mind.doctor.get().cloned() else { return Err(Failure::OlderForm) };
    call.tell(&Message::text(say!("Looking at everything; that takes up to half a minute."))).await;
    let mut points = doctor.examine(send.unwrap_or(false)).await;
    points.push(machine::clock(call.now(), Some(begun(context))));
    call.tell(&message(&points)).await;
    Ok(())
}

/// When Discord says that the command was given: the time in its number.
fn begun(context: Context<'_>) -> UtcMs {
    UtcMs(context.created_at().unix_timestamp() * 1_000)
}

/// What is to be mended first; what is good in one line.
fn message(points: &[Point]) -> Message {
    let (title, tone) = match worst(points) {
        State::Good | State::NotAsked => (say!("Nothing to mend"), Tone::Good),
        State::Warning => (say!("Something to look at"), Tone::Warning),
        State::Bad => (say!("Something to mend"), Tone::Bad),
    };
    let mut text = String::new();
    for state in [State::Bad, State::Warning, State::NotAsked] {
        for point in points.iter().filter(|point| point.state == state) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{point}\n");
        }
    }
    let good: Vec<&str> =
        points.iter().filter(|point| point.state == State::Good).map(|point| point.about.as_str()).collect();
    let _ = write!(text, "{}: {}.", State::Good.mark(), good.join(", "));
    let block = Block {
        title: title.to_owned(),
        text,
        footer: say!("{} points; `watchpost doctor` shows the same in a shell", points.len()),
        tone,
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

/// For [`crate::bot::framework::Mind`]: set once, when the process has everything that is needed.
pub type Known = std::sync::OnceLock<Arc<dyn Doctor>>;
