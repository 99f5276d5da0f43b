//! The procedure itself: shown as a file, changed by a proposal that a second person accepts.

use watchpost::book::BookRequest;
use watchpost::book::procedure::{self, ProcedureRequest, Suggestion};
use watchpost::button::{NotAButton, ReviewStep};
use watchpost::desk::button;
use watchpost::ids::IncidentId;
use watchpost::outbox::{File, Message, Weight};
use watchpost_texts::say;

use super::{input, open};
use crate::bot::forms::{Filled, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// `[Change the procedure]`: the one that is followed, as a file to copy from, and what this review proposed already.
pub async fn show(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let incident = call.incident(Some(id)).await?;
    let followed = call.mind.desk.policy().procedure.clone();
    let book = call.mind.desk.book();
    let proposed: Vec<String> =
        book.procedure.of(id).map(|proposal| format!("• {}", procedure::proposal_text(proposal))).collect();
    let ran = incident.procedure.as_deref().unwrap_or(say!("one that was not recorded"));
    let text = say!(
        "{id} ran under the procedure {ran}. Followed now: {}, whole in the file. Copy the lines that should read otherwise; a second person accepts or refuses.\n{}",
        followed.named(),
        proposed.join("\n")
    );
    let message = Message {
        files: vec![File { name: "procedure.toml".to_owned(), content: followed.text.clone() }],
        buttons: vec![vec![button(id, ReviewStep::Propose, None, Weight::Primary)]],
        ..Message::text(text.trim_end())
    };
    call.tell(&message).await;
    Ok(())
}

/// `[Propose a change]`.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let need = |mut one: crate::bot::forms::Input| {
        one.need = Need::Required;
        one
    };
    let old = say!("As in the file. Leave empty to add at the end");
    let inputs = vec![
        input("old", say!("What stands there"), old, String::new(), Room::Lines),
        need(input(
            "new",
            say!("What shall stand there"),
            say!("The whole line, changed"),
            String::new(),
            Room::Lines,
        )),
        need(input(
            "why",
            "Why",
            say!("Node 3 was forgotten because no line names it"),
            String::new(),
            Room::Lines,
        )),
    ];
    open(call, id, ReviewStep::Propose, None, &say!("{id}: change the procedure"), inputs).await
}

/// The form was sent. The question to a second person goes into the thread.
pub async fn propose(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let incident = call.incident(Some(id)).await?;
    let new = filled.text("new");
    let said = Suggestion {
        incident: id,
        guild: call.guild()?,
        place: incident.home.thread,
        old: filled.text("old"),
        new: new.clone(),
        why: filled.text("why"),
    };
    let request = BookRequest::Procedure(ProcedureRequest::Propose(said));
    let entered = call.enter(request).await.map_err(|failure| failure.with_typed(&new))?;
    let number = entered.book.version;
    let text =
        say!("Proposal {number} is noted. It stands in the thread of {id}, for a second person to accept.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[Accept]`.
pub async fn accept(call: &Call, number: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let number = number.ok_or(Failure::Button(NotAButton::Unknown))?;
    call.enter(BookRequest::Procedure(ProcedureRequest::Accept { number })).await?;
    let version = call.mind.desk.policy().procedure.named();
    call.tell(&Message::text(say!("Accepted. The procedure {version} is followed from now on."))).await;
    Ok(())
}

/// `[Do not accept]` asks why.
pub async fn open_refusal(call: &Call, id: IncidentId, number: Option<u64>) -> Result<(), Failure> {
    let mut why =
        input("why", say!("Why not?"), say!("It would hide the real fault"), String::new(), Room::Lines);
    why.need = Need::Required;
    open(call, id, ReviewStep::NotAccept, number, &say!("{id}: do not accept"), vec![why]).await
}

/// The form was sent.
pub async fn refuse(call: &Call, number: Option<u64>, filled: Filled<'_>) -> Result<(), Failure> {
    let number = number.ok_or(Failure::Button(NotAButton::Unknown))?;
    let why = filled.text("why");
    call.enter(BookRequest::Procedure(ProcedureRequest::Refuse { number, why })).await?;
    call.tell(&Message::text(say!("Proposal {number} is refused. The procedure stays as it is."))).await;
    Ok(())
}
