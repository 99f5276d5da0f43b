//! Looking back: incidents that fit some words, and where it goes.

use watchpost::lookback::{self, Query};
use watchpost::outbox::{Block, Message};
use watchpost::picture::Picture;
use watchpost::refusal::Refusal;
use watchpost::when;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::incident::one_line;

/// More than this is no help; more words make it fewer.
const SHOWN: usize = 10;

/// The incidents in which all these words stand, within these times. Those that only few people may see are found by them
/// alone.
pub async fn search(
    call: &Call,
    words: &str,
    from: Option<String>,
    until: Option<String>,
) -> Result<(), Failure> {
    let (now, zone) = (call.now(), call.mind.zone);
    let stretch = |text: Option<String>| text.map(|text| when::stretch(&text, now, zone)).transpose();
    let (from, until) = (stretch(from)?.map(|(from, _)| from), stretch(until)?.map(|(_, until)| until));
    let actor = call.actor()?;
    let mut past = call.mind.desk.past(call.guild()?).await.map_err(Refusal::from)?;
    past.retain(|incident| incident.admits(&actor));
    let query = Query { words: words.to_owned(), from, until };
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
            let fixed = lookback::fixed_by(hit.incident);
            format!("• <t:{began}:d> {}{}\n   {fixed}", one_line(hit.incident), line.unwrap_or_default())
        })
        .collect();
    let text = if lines.is_empty() {
        say!("Nothing fits. Fewer words find more.").to_owned()
    } else {
        lines.join("\n")
    };
    let footer = match hits.len() {
        all if all <= SHOWN => say!("{all} of {} incidents", past.len()),
        all => say!("the newest {SHOWN} of {all} that fit; more words make it fewer"),
    };
    let block = Block { title: say!("Incidents that fit").to_owned(), text, footer, ..Block::default() };
    call.tell(&Message { block: Some(block), ..Message::default() }).await;
    Ok(())
}

/// The figures, with a picture.
pub async fn trends(call: &Call) -> Result<(), Failure> {
    let past = call.mind.desk.past(call.guild()?).await.map_err(Refusal::from)?;
    let trends = lookback::trends(&past, call.now(), call.mind.zone);
    let picture = Picture::of("incidents-by-month", &trends.picture());
    let block = Block {
        title: say!("Over all incidents").to_owned(),
        text: trends.lines().join("\n"),
        ..Block::default()
    };
    call.tell(&Message { block: Some(block), pictures: vec![picture], ..Message::default() }).await;
    Ok(())
}
