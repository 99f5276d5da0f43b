//! What only people know: three questions to those who took part, and the parts that no machine can fill.

use watchpost::button::ReviewStep;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::review::{Part, ReviewRequest};
use watchpost::outbox::Message;
use watchpost_texts::{said, say, to_say};

use super::{input, open};
use crate::bot::forms::{Filled, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;

/// A form has labels of 45 characters, so the questions stand in its hints and in the message that asks.
const LABELS: [&str; 3] = [to_say!("Question 1"), to_say!("Question 2"), to_say!("Question 3")];
const NAMES: [&str; 3] = ["one", "two", "three"];
const HINTS: [&str; 3] = [
    to_say!("The first question, as it stands in the message"),
    to_say!("What helped, what hurt, where were we lucky?"),
    to_say!("What shall change, and how will one see that it works?"),
];

/// `[Answer]`: the own answers stand in it, nobody else's.
pub async fn open_questions(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = call.incident(Some(id)).await?;
    let me = call.person()?;
    let mine = incident.review.answers.iter().find(|answer| answer.by.id == me.id);
    let inputs = (0..3).map(|number| {
        let filled = mine.and_then(|answer| answer.answers.get(number)).cloned().unwrap_or_default();
        input(NAMES[number], said(LABELS[number]), said(HINTS[number]), filled, Room::Lines)
    });
    open(call, id, ReviewStep::Answer, None, &say!("{id}: two minutes"), inputs.collect()).await
}

/// The answers were sent.
pub async fn answer(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let answers: Vec<String> = NAMES.map(|name| filled.text(name)).to_vec();
    let typed = answers.join("\n\n");
    let request = Request::Review(ReviewRequest::Answer { answers });
    let outcome = call.ask(Some(id), request).await.map_err(|failure| failure.with_typed(&typed))?;
    let review = &outcome.incident.review;
    let waiting: Vec<&str> = review.waits_for().iter().map(|person| person.name.as_str()).collect();
    let text = if review.is_open_to_read() {
        say!("Thank you. All have answered; the answers stand in /review incident: {id}.")
    } else {
        say!("Thank you. Nobody reads it before the others have answered: {}.", waiting.join(", "))
    };
    call.tell(&Message::text(text)).await;
    Ok(())
}

const PARTS: [(&str, &str, &str); 5] = [
    ("summary", "Summary", to_say!("What it was, in three sentences for somebody who was not there")),
    (
        "impact",
        to_say!("Impact in numbers"),
        to_say!("People, mails delayed, bounced or lost, partners, tickets"),
    ),
    ("lead_up", "Lead-up", to_say!("How it came about: changes, habits, what was postponed")),
    (
        "factors",
        to_say!("Why it happened"),
        to_say!("Factors, five times why, the root cause, or: undetermined"),
    ),
    (
        "elsewhere",
        to_say!("Where else the same fault waits"),
        to_say!("Other nodes, domains, certificates, scripts"),
    ),
];

/// `[Write what only people know]`: what stands there can be changed.
pub async fn open_parts(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = call.incident(Some(id)).await?;
    let inputs = PARTS.into_iter().zip(Part::ALL).map(|((name, label, hint), part)| {
        input(
            name,
            said(label),
            said(hint),
            incident.review.part(part).unwrap_or_default().to_owned(),
            Room::Lines,
        )
    });
    open(call, id, ReviewStep::Write, None, &say!("{id}: what only people know"), inputs.collect()).await
}

/// The parts were sent: those that differ are recorded.
pub async fn write(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let before = call.incident(Some(id)).await?;
    let mut written = Vec::new();
    for ((name, ..), part) in PARTS.into_iter().zip(Part::ALL) {
        let text = filled.text(name);
        if text.is_empty() || before.review.part(part) == Some(text.as_str()) {
            continue;
        }
        let request = Request::Review(ReviewRequest::Write { part, text: text.clone() });
        call.ask_part(id, part.name(), request).await.map_err(|failure| failure.with_typed(&text))?;
        written.push(part.name());
    }
    let text = match written.as_slice() {
        [] => say!("Nothing was changed.").to_owned(),
        names => say!("Written: {}.", names.join(", ")),
    };
    call.tell(&Message::text(text)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::incident::review::questions;

    #[test]
    fn the_hints_are_the_questions() {
        let asked = questions(None);
        assert_eq!(asked[1..], HINTS[1..].iter().map(|hint| (*hint).to_owned()).collect::<Vec<_>>()[..]);
    }
}
