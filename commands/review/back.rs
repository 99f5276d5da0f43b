//! Looking back: incidents that fit some words, and where it goes.

use watchpost::lookback::{self, Query};
use watchpost::outbox::{Block, Message};
use watchpost::picture::Picture;
use watchpost::refusal::Refusal;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::incident::one_line;

/// More than this is no help; more words make it fewer.
const SHOWN: usize = 10;

/// The incidents in which all these words stand.
pub async fn search(call: &Call, words: &str) -> Result<(), Failure> {
    let past = call.mind.desk.past(call.guild()?).await.map_err(Refusal::from)?;
    let query = Query { words: words.to_owned(), ..Query::default() };
    let hits = lookback::search(&past, &query);
    let lines: Vec<String> = hits
        .iter()
        .take(SHOWN)
        .map(|hit| {
            let line = hit
                .line
                .as_ref()
                .map(|line| format!("\n   “{}”", line.chars().take(160).collect::<String>()));
            let began = hit.incident.began().seconds();
            format!("• <t:{began}:d> {}{}", one_line(hit.incident), line.unwrap_or_default())
        })
        .collect();
    let text =
        if lines.is_empty() { "Nothing fits. Fewer words find more.".to_owned() } else { lines.join("\n") };
    let footer = match hits.len() {
        all if all <= SHOWN => format!("{all} of {} incidents", past.len()),
        all => format!("the newest {SHOWN} of {all} that fit; more words make it fewer"),
    };
    let block = Block { title: "Incidents that fit".to_owned(), text, footer, ..Block::default() };
    call.tell(&Message { block: Some(block), ..Message::default() }).await;
    Ok(())
}

/// The figures, with a picture.
pub async fn trends(call: &Call) -> Result<(), Failure> {
    let past = call.mind.desk.past(call.guild()?).await.map_err(Refusal::from)?;
    let trends = lookback::trends(&past, call.now(), call.mind.zone);
    let picture = Picture::of("incidents-by-month", &trends.picture());
    let block =
        Block { title: "Over all incidents".to_owned(), text: trends.lines().join("\n"), ..Block::default() };
    call.tell(&Message { block: Some(block), pictures: vec![picture], ..Message::default() }).await;
    Ok(())
}
