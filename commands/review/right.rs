//! Putting right what was recorded: an entry, or a milestone. The old one stays; the new one names it.

use watchpost::button::ReviewStep;
use watchpost::ids::IncidentId;
use watchpost::incident::amend::AmendRequest;
use watchpost::incident::decide::Request;
use watchpost::incident::milestone::{Basis, Milestone};
use watchpost::outbox::Message;
use watchpost::refusal::Refusal;
use watchpost::when;
use watchpost_texts::say;

use super::{input, open, typed_number};
use crate::bot::forms::{Filled, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;

/// `[Correct an entry]` asks for its number; `[Correct this entry]` knows it.
pub async fn open_entry(call: &Call, id: IncidentId, known: Option<u64>) -> Result<(), Failure> {
    let mut number = input(
        "number",
        say!("Number of the entry"),
        say!("as /timeline shows it, such as 12"),
        String::new(),
        Room::Line,
    );
    number.need = Need::Required;
    let mut inputs = vec![
        input(
            "text",
            say!("How it should read"),
            say!("Leave empty to keep its words"),
            String::new(),
            Room::Lines,
        ),
        input(
            "at",
            say!("When it happened"),
            say!("Leave empty to keep its time; else 14:05"),
            String::new(),
            Room::Line,
        ),
        input("strike", say!("Strike it, because"), say!("Wrong thread"), String::new(), Room::Line),
        input(
            "short",
            say!("In the short timeline"),
            say!("yes or no; empty: as it is"),
            String::new(),
            Room::Line,
        ),
    ];
    match known {
        Some(known) => {
            let title = say!("{id}: correct entry {known}");
            open(call, id, ReviewStep::AmendOne, Some(known), &title, inputs).await
        }
        None => {
            inputs.insert(0, number);
            open(call, id, ReviewStep::Amend, None, &say!("{id}: correct an entry"), inputs).await
        }
    }
}

/// The form was sent: everything that was filled in is recorded, each as an event of its own.
pub async fn entry(
    call: &Call,
    id: IncidentId,
    known: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let number = known.map_or_else(|| typed_number(&filled.text("number")), Ok)?;
    let mut requests = Vec::new();
    let text = filled.text("text");
    if !text.is_empty() {
        requests.push(("text", AmendRequest::Correct { number, text }));
    }
    let at = filled.text("at");
    if !at.is_empty() {
        let at = when::past(&at, call.now(), call.mind.zone)?;
        requests.push(("at", AmendRequest::Move { number, at }));
    }
    let why = filled.text("strike");
    if !why.is_empty() {
        requests.push(("strike", AmendRequest::Strike { number, why }));
    }
    match filled.text("short").to_lowercase().as_str() {
        "" => {}
        "yes" | "y" => requests.push(("short", AmendRequest::Curate { number, keep: true })),
        "no" | "n" => requests.push(("short", AmendRequest::Curate { number, keep: false })),
        other => return Err(Refusal::NothingNew(say!("“{other}” is neither yes nor no")).into()),
    }
    if requests.is_empty() {
        return Err(Refusal::NothingNew(say!("nothing was filled in beside the number").to_owned()).into());
    }
    for (name, request) in requests {
        call.ask_part(id, name, Request::Amend(request)).await?;
    }
    let text = say!("Entry {number} of {id} is put right. What stood there before is kept beside it.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[Correct a milestone]`: what holds now stands in the hints.
pub async fn open_milestone(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let need = |mut one: crate::bot::forms::Input| {
        one.need = Need::Required;
        one
    };
    let hint =
        say!("impact start, detected, acknowledged, first told, identified, mitigated, verified or resolved");
    let inputs = vec![
        need(input("which", say!("Which milestone"), hint, String::new(), Room::Line)),
        need(input(
            "at",
            say!("When it was"),
            "02:10, yesterday 23:50, 2026-11-24 02:10",
            String::new(),
            Room::Line,
        )),
        input(
            "basis",
            say!("The time is"),
            say!("observed, entered or estimated"),
            "entered".to_owned(),
            Room::Line,
        ),
        need(input(
            "why",
            say!("How do you know?"),
            say!("The log of the server has it"),
            String::new(),
            Room::Line,
        )),
    ];
    open(call, id, ReviewStep::Milestone, None, &say!("{id}: correct a milestone"), inputs).await
}

/// The form was sent.
pub async fn milestone(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let which = filled.text("which");
    let which = Milestone::named(&which).ok_or_else(|| {
        let known = Milestone::ALL.map(Milestone::name).join(", ");
        Refusal::NothingNew(say!("“{which}” is no milestone. There are: {known}"))
    })?;
    let basis = match filled.text("basis").to_lowercase().as_str() {
        "" | "entered" => Basis::Entered,
        "observed" => Basis::Observed,
        "estimated" => Basis::Estimated,
        other => {
            return Err(
                Refusal::NothingNew(say!("a time is observed, entered or estimated, not “{other}”")).into()
            );
        }
    };
    let at = when::past(&filled.text("at"), call.now(), call.mind.zone)?;
    let request = AmendRequest::SetMilestone { which, at, basis, why: filled.text("why") };
    call.ask(Some(id), Request::Amend(request)).await?;
    let text = say!("“{}” of {id} is <t:{}:f> now; the clocks follow.", which.name(), at.seconds());
    call.tell(&Message::text(text)).await;
    Ok(())
}
