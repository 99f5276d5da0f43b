//! `/explain`: what an error text, a bounce, headers, a queue or log lines mean, and what to do.
//!
//! Open to everybody, and answered privately. Addresses are masked before anything is shown; nothing is stored.

use watchpost::explain::{Explanation, Queue};
use watchpost::outbox::{Block, Field, File, Message, Tone};
use watchpost_texts::say;

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// Say what an error text, a bounce, message headers or a mail queue means, and what to do
#[poise::command(slash_command)]
pub(crate) async fn explain(
    context: Context<'_>,
    #[description = "The text that you got: an error, a returned mail, headers, postqueue -p, log lines"]
    text: String,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let now = call.now().to_utc();
    call.tell(&worded(&watchpost::explain::explain(&text, now))).await;
    Ok(())
}

fn worded(explained: &Explanation) -> Message {
    let mut fields = Vec::new();
    if !explained.what_to_do.is_empty() {
        fields.push(field(say!("What to do"), &explained.what_to_do));
    }
    let codes = [explained.reply.as_deref(), explained.status.as_deref()];
    let codes: Vec<&str> = codes.into_iter().flatten().collect();
    if !codes.is_empty() {
        fields.push(field("Codes", &codes.join(" ")));
    }
    if let Some(said) = &explained.said {
        fields.push(field(say!("What decided"), said));
    }
    fields.extend(explained.queue.as_ref().map(|queue| field(say!("The queue"), &in_the_queue(queue))));
    let block = Block {
        title: title(explained),
        text: explained.explanation.clone(),
        fields,
        footer: say!("Addresses are masked; nothing of this was stored.").to_owned(),
        tone: Tone::Plain,
    };
    let everything = serde_json::to_string_pretty(explained).unwrap_or_default();
    let file = File { name: "explained.json".to_owned(), content: everything };
    Message { block: Some(block), files: vec![file], ..Message::default() }
}

fn title(explained: &Explanation) -> String {
    match (explained.reason, explained.cause) {
        (Some(reason), _) => say!("It says: {}", reason.name()),
        (None, Some(cause)) => say!("It says: {}", cause.name()),
        (None, None) => say!("What it says").to_owned(),
    }
}

fn in_the_queue(queue: &Queue) -> String {
    let waiting = serde_json::to_value(queue).ok();
    let count = waiting.as_ref().and_then(|queue| queue["count"].as_u64()).unwrap_or_default();
    say!("{count} messages wait; the file has them by reason and destination.")
}

fn field(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned(), short: false }
}
