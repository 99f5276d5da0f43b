//! "Does it work now?": what those who reported answer, mostly in a direct message, where nobody has a role.
//!
//! 1. Only who was asked is heard: the desk knows them.
//! 2. Who says no is listed in the thread with `[Contact]` and `[Reopen]`; who says yes is counted.

use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::proof::ProofRequest;
use watchpost::outbox::Message;
use watchpost::update::time;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::in_memory;

/// `[Yes, it works]` or `[No]`.
pub async fn given(call: &Call, id: IncidentId, works: bool) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    call.ask_from_anywhere(id, Request::Proof(ProofRequest::Answer { works })).await?;
    let text = match works {
        true => say!("Thank you; that is counted."),
        false => {
            say!(
                "Thank you. Whoever looks after the mail reads that it does not work for you, and gets in touch."
            )
        }
    };
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[Contact]`: who it is, and what they told.
pub async fn contact(call: &Call, id: IncidentId, place: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let incident = match in_memory(call, id) {
        Ok(incident) => incident,
        Err(_) => call.incident(Some(id)).await?,
    };
    let answers = &incident.proof.answers;
    let answer = place.and_then(|place| answers.get(usize::try_from(place).ok()?));
    let text = match answer {
        Some(answer) => {
            let report = incident.reports.iter().rev().find(|report| report.by.id == answer.by.id);
            let told = report.map_or(String::new(), |report| {
                let with = report.client.map(|client| format!(", {client}")).unwrap_or_default();
                say!(" They reported “{}”{with} at {}.", report.symptom, time(report.at))
            });
            say!(
                "Write to <@{}>: at {} they said that it does not work.{told}",
                answer.by.id,
                time(answer.at)
            )
        }
        None => say!("That answer was given anew meanwhile; the card has the newest.").to_owned(),
    };
    call.tell(&Message::text(text)).await;
    Ok(())
}
