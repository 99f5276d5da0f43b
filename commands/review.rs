//! `/review [incident] [search] [from] [until] [trends]`: the page for the meeting, and the buttons of everything that a review needs.
//!
//! 1. [`clicked`] and [`filled`] pass each button and form on, to a file for each concern below.
//! 2. Nothing is decided here: the desk answers.

pub mod back;
pub mod entry;
pub mod follow_up;
mod meeting;
mod procedure;
mod right;
mod words;

use serenity::model::application::ComponentInteractionData;
use watchpost::button::{Action, ButtonId, ReviewStep};
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::review::{ReviewRequest, ReviewState};
use watchpost::outbox::Message;
use watchpost::refusal::Refusal;
use watchpost::review::{Readers, chat};
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::framework::permission;
use crate::bot::rendering::Visibility;
use crate::timeline::Told;

/// The page for the review meeting, with all that a review needs
#[poise::command(slash_command)]
pub(crate) async fn review(
    context: Context<'_>,
    #[description = "Which incident, such as INC-42; that of this thread where you say nothing"]
    incident: Option<String>,
    #[description = "Find incidents: words of their texts, a cause, a service, a component"] search: Option<
        String,
    >,
    #[description = "Not before: 2026, 2026-11, 2026-11-24, 90 days ago"] from: Option<String>,
    #[description = "Not after: 2026, 2026-11, 2026-11-24"] until: Option<String>,
    #[description = "How many, how long, why: over all incidents"] trends: Option<bool>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    if search.is_some() || from.is_some() || until.is_some() {
        return back::search(&call, &search.unwrap_or_default(), from, until).await;
    }
    if trends == Some(true) {
        return back::trends(&call).await;
    }
    let named = incident.map(|text| text.parse::<IncidentId>());
    let named = named.transpose().map_err(|wrong| Failure::Unreadable(wrong.0))?;
    show(&call, named).await
}

async fn show(call: &Call, named: Option<IncidentId>) -> Result<(), Failure> {
    let told = Told::read(call, named).await?;
    call.tell(&chat::page(&told.story(call, Readers::Inside))).await;
    Ok(())
}

/// A button of the review was clicked.
pub async fn clicked(
    call: &Call,
    id: IncidentId,
    step: ReviewStep,
    number: Option<u64>,
    data: &ComponentInteractionData,
) -> Result<(), Failure> {
    match step {
        ReviewStep::Show => {
            call.reply.acknowledge(Visibility::Private).await;
            show(call, Some(id)).await
        }
        ReviewStep::Answer => words::open_questions(call, id).await,
        ReviewStep::Write => words::open_parts(call, id).await,
        ReviewStep::Begin => go(call, id, ReviewState::InReview).await,
        ReviewStep::Publish => go(call, id, ReviewState::Reviewed).await,
        ReviewStep::Meeting => meeting::open_form(call, id).await,
        ReviewStep::Calendar => meeting::place(call, id).await,
        ReviewStep::FollowUp => follow_up::open_form(call, id, number).await,
        ReviewStep::Owner => follow_up::owner(call, id, number, permission::chosen(data)).await,
        ReviewStep::Done | ReviewStep::Drop => follow_up::open_end(call, id, step, number).await,
        ReviewStep::Amend => right::open_entry(call, id, None).await,
        ReviewStep::AmendOne => right::open_entry(call, id, number).await,
        ReviewStep::Entry => entry::show(call, id, data).await,
        ReviewStep::Procedure => procedure::show(call, id).await,
        ReviewStep::Propose => procedure::open_form(call, id).await,
        ReviewStep::Accept => procedure::accept(call, number).await,
        ReviewStep::NotAccept => procedure::open_refusal(call, id, number).await,
        ReviewStep::Milestone => right::open_milestone(call, id).await,
    }
}

/// A form of the review was sent.
pub async fn filled(
    call: &Call,
    id: IncidentId,
    step: ReviewStep,
    number: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    match step {
        ReviewStep::Answer => words::answer(call, id, filled).await,
        ReviewStep::Write => words::write(call, id, filled).await,
        ReviewStep::Meeting => meeting::set(call, id, filled).await,
        ReviewStep::FollowUp => follow_up::note(call, id, number, filled).await,
        ReviewStep::Done | ReviewStep::Drop => follow_up::end(call, id, step, number, filled).await,
        ReviewStep::Amend | ReviewStep::AmendOne => right::entry(call, id, number, filled).await,
        ReviewStep::Propose => procedure::propose(call, id, filled).await,
        ReviewStep::NotAccept => procedure::refuse(call, number, filled).await,
        ReviewStep::Milestone => right::milestone(call, id, filled).await,
        ReviewStep::Show
        | ReviewStep::Entry
        | ReviewStep::Procedure
        | ReviewStep::Accept
        | ReviewStep::Begin
        | ReviewStep::Publish
        | ReviewStep::Calendar
        | ReviewStep::Owner => Err(Failure::Button(watchpost::button::NotAButton::Unknown)),
    }
}

/// The review goes on. What is missing of the follow-ups is said, and stops nobody.
async fn go(call: &Call, id: IncidentId, to: ReviewState) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let outcome = call.ask(Some(id), Request::Review(ReviewRequest::Move { to })).await?;
    let missing: Vec<String> = outcome
        .incident
        .follow_ups
        .iter()
        .filter(|one| !one.misses().is_empty())
        .map(|one| say!("Follow-up {} misses {}.", one.number, one.misses().join(" and ")))
        .collect();
    let text = say!("The review of {id} is: {}. {}", to.name(), missing.join(" "));
    call.tell(&Message::text(text.trim_end())).await;
    Ok(())
}

/// An input that may stay empty.
fn input(name: &'static str, label: &'static str, hint: &'static str, filled: String, room: Room) -> Input {
    Input { name, label, hint, filled, room, need: Need::Optional }
}

async fn open(
    call: &Call,
    id: IncidentId,
    step: ReviewStep,
    number: Option<u64>,
    title: &str,
    inputs: Vec<Input>,
) -> Result<(), Failure> {
    let button = ButtonId { action: Action::Review(step), incident: id, repair: number };
    call.reply.form(forms::form_of(button, title, inputs)).await;
    Ok(())
}

/// A number that was typed.
fn typed_number(text: &str) -> Result<u64, Failure> {
    let digits = text.trim().trim_start_matches(['#', '`']).trim_end_matches('`');
    digits.parse().map_err(|_| {
        Refusal::NothingNew(say!("“{text}” is no number of an entry; /timeline shows them")).into()
    })
}
