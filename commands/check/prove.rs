//! Proof: `/check prove`, `[Prove it works]`, and what follows `[Done]`.
//!
//! 1. The proof begins; its rounds are due times, measured by [`crate::bot::prover`].
//! 2. The answer waits for the first round, at most half a minute: "465 is good; 587 … is not; nobody was told that it works".
//! 3. Everything after that stands on the card, and real turns are posted in the thread.

use std::sync::Arc;
use std::time::Duration;

use watchpost::button::Action;
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::proof::{Outcome, ProofRequest, Trigger, notice, words};
use watchpost::incident::{Eta, Incident, Phase};
use watchpost::outbox::{Block, Message, Tone};
use watchpost::proof::{Measured, State};
use watchpost::update::time;
use watchpost_texts::say;

use crate::bot::forms::{self, Filled};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::framework::{Context, Mind};
use crate::bot::rendering::{Rendered, Visibility};
use crate::fix::estimate;
use crate::incident::{closed, in_memory, why};

/// How long an answer waits for the first round: a person who pressed Done looks at the screen for half a minute.
const FIRST_ANSWER: Duration = Duration::from_secs(28);

/// `/check prove`.
pub(super) async fn asked_for(context: Context<'_>, named: Option<IncidentId>) -> Result<(), Failure> {
    let call = Call::of(context);
    call.may(Capability::Respond)?;
    let call = Call::begin(context, Visibility::Public).await;
    let incident = call.incident(named).await?;
    call.ask(Some(incident.id), Request::Proof(ProofRequest::Start { by: Trigger::Person })).await?;
    answer(&call, incident.id).await;
    Ok(())
}

/// `[Prove it works]`.
pub async fn pressed(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Public).await;
    call.ask(Some(id), Request::Proof(ProofRequest::Start { by: Trigger::Person })).await?;
    answer(call, id).await;
    Ok(())
}

/// A repair is done: it is proved at once.
pub async fn after_repair(call: &Call, id: IncidentId, number: u64) -> Result<(), Failure> {
    call.ask_again(Some(id), Request::Proof(ProofRequest::Start { by: Trigger::Repair(number) })).await?;
    answer(call, id).await;
    Ok(())
}

/// `[Seen: …]`: a person has seen it work.
pub async fn tick(call: &Call, id: IncidentId, place: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let place = place.and_then(|place| usize::try_from(place).ok()).unwrap_or(usize::MAX);
    call.ask(Some(id), Request::Proof(ProofRequest::Tick { place })).await?;
    call.tell(&Message::text("Ticked.")).await;
    Ok(())
}

/// `[Tell them now]`: who was told that it works hears that it does not.
pub async fn tell_setback(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    call.ask(Some(id), Request::Proof(ProofRequest::TellSetback)).await?;
    call.tell(&Message::text(say!("They are told now; nobody else is."))).await;
    Ok(())
}

/// `[Close]` before it is proved: what is not green, and the two ways on.
pub fn not_proved(incident: &Incident) -> Message {
    let prove = incident.proof.running.is_none() && incident.service.is_some();
    let buttons = prove
        .then(|| notice::button(incident, Action::Prove, None))
        .into_iter()
        .chain([notice::button(incident, Action::CloseAnyway, None)]);
    let text = say!(
        "{} is not proved yet, so it stays open. {} The lead can close it without proof, with the reason, which is the first \
         line of the review.",
        incident.id,
        words::not_yet(incident)
    );
    Message { buttons: vec![buttons.collect()], ..Message::text(text) }
}

/// `[Close without proof]`: asks why.
pub async fn open_close_anyway_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    let input = why(
        say!("Why is it closed without proof?"),
        say!("The probe account is locked; two sites sent and received"),
    );
    call.reply
        .form(forms::form(Action::CloseAnyway, id, &say!("Close {id} without proof"), vec![input]))
        .await;
    Ok(())
}

/// The form of `[Close without proof]` was sent.
pub async fn close_anyway(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    close_unproved(call, id, filled.text("why")).await
}

pub(crate) async fn close_unproved(call: &Call, id: IncidentId, why: String) -> Result<(), Failure> {
    let request = Request::Proof(ProofRequest::Override { why: why.clone() });
    let outcome = call.ask(Some(id), request).await.map_err(|failure| failure.with_typed(&why))?;
    call.tell(&closed(&outcome.incident)).await;
    Ok(())
}

/// Shows how the first round went; where it takes longer, says so.
async fn answer(call: &Call, id: IncidentId) {
    let looking = Message::text(say!("Proving: real mail goes out and in, every port and address is asked…"));
    call.reply.show(Rendered::of(&looking), Visibility::Public).await;
    let first = tokio::time::timeout(FIRST_ANSWER, first_round(&call.mind, id)).await;
    let message = match first {
        Ok(incident) => round_in_words(&incident),
        Err(_) => Message::text(say!(
            "The first round takes longer than half a minute, which is no good sign. Its result appears on the card."
        )),
    };
    call.reply.show(Rendered::of(&message), Visibility::Public).await;
}

/// The incident after the first round of its proof.
async fn first_round(mind: &Arc<Mind>, id: IncidentId) -> Arc<Incident> {
    loop {
        let changed = mind.desk.changed();
        tokio::pin!(changed);
        // Asked for before looking, so that no commit is missed.
        changed.as_mut().enable();
        if let Some(incident) = mind.desk.incident(id)
            && incident.proof.running.as_ref().is_none_or(|running| running.number > 0)
        {
            return incident;
        }
        changed.await;
    }
}

/// How the round went, the answer first.
fn round_in_words(incident: &Incident) -> Message {
    let proof = &incident.proof;
    let open: Vec<Measured> = proof.open_of(&proof.last).into_iter().cloned().collect();
    let red: Vec<Measured> = open.iter().filter(|measured| measured.state == State::Red).cloned().collect();
    let told = match proof.setback_due {
        Some(at) => say!("Who was told that it works hears of it by {}, or when you tell them.", time(at)),
        None => say!("Nobody was told that it works.").to_owned(),
    };
    let evidence = capital(&words::evidence(&red));
    let (text, tone) = match (&proof.running, proof.judge(&proof.last)) {
        (None, _) if incident.phase == Phase::Verifying || red.is_empty() => {
            (say!("The proof has ended; the card says how.").to_owned(), Tone::Unknown)
        }
        (None, _) => {
            (say!("Not yet. {evidence}. {told} The incident is back at troubleshooting."), Tone::Bad)
        }
        (Some(running), Outcome::Red) => {
            (say!("Not yet. {evidence}. It may pass: I look again {}. {told}", time(running.next)), Tone::Bad)
        }
        (Some(running), Outcome::Open) => (
            say!(
                "Nothing bad was seen, and not everything that counts could be measured: {}. I try again {}. {told}",
                words::evidence(&open),
                time(running.next)
            ),
            Tone::Unknown,
        ),
        (Some(running), Outcome::Green) => {
            let end = running.earliest_end().map(time).unwrap_or_default();
            let text = say!(
                "Good: the first round is green. {} rounds until {end} prove it; who was told of the trouble reads “works \
                 again, still checking”.",
                running.rounds
            );
            (text, Tone::Good)
        }
    };
    let block = Block {
        title: "Proof".to_owned(),
        text: format!("{text}\n\n{}", words::matrix(incident).join("\n")),
        footer: incident.id.to_string(),
        tone,
        ..Block::default()
    };
    let ticks = notice::ticks(incident);
    // What was told of the end does not hold when the repair did not.
    let failed = tone == Tone::Bad && incident.eta != Eta::Unknown;
    let end = if failed { estimate::buttons(incident) } else { Vec::new() };
    let buttons = [ticks, end].into_iter().filter(|row| !row.is_empty()).collect();
    Message { block: Some(block), buttons, ..Message::default() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
