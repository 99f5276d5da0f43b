//! Follow-ups: noted, given to somebody, done, given up.

use watchpost::button::{Action, ButtonId, NotAButton, ReviewStep};
use watchpost::clock::UtcMs;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::decide::Request;
use watchpost::incident::follow_up::{FollowUp, FollowUpRequest, Said, Sort, one_line};
use watchpost::outbox::Message;
use watchpost::person::Asker;
use watchpost::refusal::Refusal;
use watchpost::when;
use watchpost_texts::say;

use super::{input, open};
use crate::bot::forms::{Filled, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility};

/// `[Follow-up]`, or `[Change it]`: what stands there can be changed.
pub async fn open_form(call: &Call, id: IncidentId, number: Option<u64>) -> Result<(), Failure> {
    let incident = call.incident(Some(id)).await?;
    let said =
        number.and_then(|number| find(&incident, number)).map(|one| one.said.clone()).unwrap_or_default();
    form(call, id, number, said).await
}

/// The same, for something that is written already.
pub async fn open_form_with(call: &Call, id: IncidentId, text: String) -> Result<(), Failure> {
    form(call, id, None, Said { text, ..Said::default() }).await
}

async fn form(call: &Call, id: IncidentId, number: Option<u64>, said: Said) -> Result<(), Failure> {
    let due = said.due.map(|due| watchpost::review::day(due, call.mind.zone)).unwrap_or_default();
    let sort = number.map_or(String::new(), |_| said.sort.name().to_owned());
    let mut text = input(
        "text",
        say!("What is to be done"),
        say!("Check the certificate of every node"),
        said.text,
        Room::Lines,
    );
    text.need = Need::Required;
    let inputs = vec![
        text,
        input(
            "shown_by",
            say!("How will one see that it worked?"),
            say!("An alarm 14 days before, in the next drill"),
            said.shown_by,
            Room::Lines,
        ),
        input("due", say!("Until when"), say!("2026-12-10, or: in 14 days"), due, Room::Line),
        input(
            "sort",
            say!("What it is good for"),
            say!("prevent, detect, mitigate or process"),
            sort,
            Room::Line,
        ),
    ];
    open(call, id, ReviewStep::FollowUp, number, &say!("{id}: follow-up"), inputs).await
}

/// The form was sent; then it is asked who does it.
pub async fn note(
    call: &Call,
    id: IncidentId,
    number: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let incident = call.incident(Some(id)).await?;
    let before = number.and_then(|number| find(&incident, number));
    let typed = filled.text("text");
    let said = Said {
        text: typed.clone(),
        owner: before.and_then(|one| one.said.owner.clone()),
        due: due(call, &filled.text("due"))?,
        sort: sort(&filled.text("sort"))?,
        shown_by: filled.text("shown_by"),
    };
    let request = match number {
        Some(number) => FollowUpRequest::Change { number, said },
        None => FollowUpRequest::Add(said),
    };
    let outcome =
        call.ask(Some(id), Request::FollowUp(request)).await.map_err(|failure| failure.with_typed(&typed))?;
    let number = number.or_else(|| outcome.events.first().map(|recorded| recorded.version));
    let one = number
        .and_then(|number| find(&outcome.incident, number))
        .ok_or(Failure::Button(NotAButton::Unknown))?;
    ask_who(call, id, one).await;
    Ok(())
}

async fn ask_who(call: &Call, id: IncidentId, one: &FollowUp) {
    let missing = match one.misses().as_slice() {
        [] => String::new(),
        missing => say!(" It still misses {}.", missing.join(" and ")),
    };
    let message = Message::text(say!("{}{missing}\nWho does it?", one_line(one)));
    let list = ButtonId { action: Action::Review(ReviewStep::Owner), incident: id, repair: Some(one.number) };
    let asked = Rendered::of(&message).choosing_a_person(list.to_string(), say!("Who does it"));
    call.reply.show(asked, Visibility::Private).await;
}

/// Somebody was chosen.
pub async fn owner(
    call: &Call,
    id: IncidentId,
    number: Option<u64>,
    chosen: Option<Result<Asker, Failure>>,
) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let number = number.ok_or(Failure::Button(NotAButton::Unknown))?;
    let chosen = chosen.ok_or(Failure::Button(NotAButton::Unknown))??;
    let incident = call.incident(Some(id)).await?;
    let one = find(&incident, number).ok_or(Failure::Button(NotAButton::Unknown))?;
    let said = Said { owner: Some(chosen.person.clone()), ..one.said.clone() };
    let outcome = call.ask(Some(id), Request::FollowUp(FollowUpRequest::Change { number, said })).await?;
    let text = find(&outcome.incident, number).map(one_line).unwrap_or_default();
    call.tell(&Message::text(say!("{text}\nThey are reminded two days before, and the day after."))).await;
    Ok(())
}

/// `[It is done]` asks how one saw it, `[Give it up]` asks why.
pub async fn open_end(
    call: &Call,
    id: IncidentId,
    step: ReviewStep,
    number: Option<u64>,
) -> Result<(), Failure> {
    let (label, hint) = match step {
        ReviewStep::Done => {
            (say!("How do you see that it worked?"), say!("The alarm came in the drill of January"))
        }
        _ => (say!("Why will it not be done?"), say!("The old servers are gone")),
    };
    let mut why = input("why", label, hint, String::new(), Room::Lines);
    why.need = Need::Required;
    open(call, id, step, number, &say!("{id}: follow-up"), vec![why]).await
}

/// The form was sent.
pub async fn end(
    call: &Call,
    id: IncidentId,
    step: ReviewStep,
    number: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let number = number.ok_or(Failure::Button(NotAButton::Unknown))?;
    let typed = filled.text("why");
    let request = match step {
        ReviewStep::Done => FollowUpRequest::Done { number, seen: typed.clone() },
        _ => FollowUpRequest::Drop { number, why: typed.clone() },
    };
    let outcome =
        call.ask(Some(id), Request::FollowUp(request)).await.map_err(|failure| failure.with_typed(&typed))?;
    let text = find(&outcome.incident, number).map(one_line).unwrap_or_default();
    call.tell(&Message::text(text)).await;
    Ok(())
}

fn find(incident: &Incident, number: u64) -> Option<&FollowUp> {
    incident.follow_ups.iter().find(|one| one.number == number)
}

fn sort(text: &str) -> Result<Sort, Failure> {
    match text {
        "" => Ok(Sort::default()),
        text => Sort::named(text).ok_or_else(|| {
            let known = Sort::ALL.map(Sort::name).join(", ");
            Refusal::NothingNew(say!("“{text}” is not what a follow-up is good for. There are: {known}"))
                .into()
        }),
    }
}

/// A day, at noon in the organisation's zone, so that reminders come by day; or `in 14 days`.
fn due(call: &Call, text: &str) -> Result<Option<UtcMs>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(when::day(text, call.now(), call.mind.zone)?))
}
