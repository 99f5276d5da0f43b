//! `/watch`: maintenance, silences, history and search; and the buttons under alarms and warnings ([`alarm`]).
//!
//! Times are typed as people say them, in the organisation's zone: `22:00`, `tomorrow 06:30`, `2 h`.

pub mod alarm;
pub mod window;

use poise::ChoiceParameter;
use watchpost::ids::ServiceName;
use watchpost::monitor::view::{self, Span};
use watchpost::outbox::{Block, Message};
use watchpost::picture::{Picture, course};
use watchpost::refusal::Refusal;

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::services;
use window::RepeatChoice;

/// Planned work, silences, and how the mail services did
#[poise::command(
    slash_command,
    subcommands("maintenance", "silence", "history", "search"),
    subcommand_required
)]
#[expect(clippy::unused_async, reason = "only its subcommands are ever called")]
pub(crate) async fn watch(_context: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// Plan work on a mail service: checks go on, alarms wait. Without a start: what is planned
#[poise::command(slash_command)]
async fn maintenance(
    context: Context<'_>,
    #[description = "When it begins: now, 22:00, tomorrow 06:30"] start: Option<String>,
    #[description = "When it ends: 2 h, 23:30"] end: Option<String>,
    #[description = "What is done, in one line"] why: Option<String>,
    #[description = "Which mail service; all where you say nothing"]
    #[autocomplete = "services"]
    service: Option<String>,
    #[description = "How it repeats"] repeat: Option<RepeatChoice>,
    #[description = "Whether users are told"] announce: Option<bool>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let Some(start) = start else { return window::list(&call).await };
    let typed = window::Typed { start, end, why, service, repeat, announce: announce == Some(true) };
    window::plan(&call, typed).await
}

/// Hear nothing of a mail service for a while, for a reason. Without an end: what is silenced
#[poise::command(slash_command)]
async fn silence(
    context: Context<'_>,
    #[description = "Until when: 2 h, 23:30, tomorrow 08:00"] until: Option<String>,
    #[description = "Why; stands in the timeline of what follows"] why: Option<String>,
    #[description = "Which mail service; all where you say nothing"]
    #[autocomplete = "services"]
    service: Option<String>,
    #[description = "Only this cause, such as certificate-expired"] cause: Option<String>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let Some(until) = until else { return window::list(&call).await };
    window::silence(&call, &until, why.as_deref().unwrap_or_default(), service, cause).await
}

/// How far back, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum SpanChoice {
    /// Every sample.
    #[name = "24 hours"]
    Day,
    /// By the hour.
    #[name = "7 days"]
    Week,
    /// By the day.
    #[name = "90 days"]
    Quarter,
}

/// How a mail service did: availability, answers, delivery, as a picture and as numbers
#[poise::command(slash_command)]
async fn history(
    context: Context<'_>,
    #[description = "Which mail service; the only one where you say nothing"]
    #[autocomplete = "services"]
    service: Option<String>,
    #[description = "How far back; 24 hours where you say nothing"] span: Option<SpanChoice>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let service = one_service(&call, service.as_deref())?;
    let span = match span {
        None | Some(SpanChoice::Day) => Span::Day,
        Some(SpanChoice::Week) => Span::Week,
        Some(SpanChoice::Quarter) => Span::Quarter,
    };
    let message = course_of(&call, service, span).await?;
    call.tell(&message).await;
    Ok(())
}

/// Find earlier incidents, with what fixed them
#[poise::command(slash_command)]
async fn search(
    context: Context<'_>,
    #[description = "Words of their texts, a cause, a service, a component; all where you say nothing"]
    words: Option<String>,
    #[description = "Not before: 2026, 2026-11, 2026-11-24, 90 days ago"] from: Option<String>,
    #[description = "Not after: 2026, 2026-11, 2026-11-24"] until: Option<String>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    crate::review::back::search(&call, &words.unwrap_or_default(), from, until).await
}

async fn course_of(call: &Call, service: ServiceName, span: Span) -> Result<Message, Failure> {
    let history = call.mind.keeper.history().clone();
    let (now, zone) = (call.now(), call.mind.zone);
    let drawn = tokio::task::spawn_blocking(move || {
        let view = view::view(&history, &service, span, now);
        let scene = course::stack(&view.courses(&service, span, zone));
        let picture = Picture::of("history", &scene);
        (service, view.words(), picture)
    });
    let (service, words, picture) = drawn
        .await
        .map_err(|error| Failure::from(Refusal::Fault(watchpost::refusal::Fault::logged(&error))))?;
    let block = Block { title: format!("{service}: {}", span.words()), text: words, ..Block::default() };
    Ok(Message { block: Some(block), pictures: vec![picture], ..Message::default() })
}

/// The service that was named, or the only one.
fn one_service(call: &Call, asked: Option<&str>) -> Result<ServiceName, Failure> {
    let known = call.mind.desk.policy().services.clone();
    let found = match (asked.map(str::trim), known.as_slice()) {
        (Some(asked), known) => known.iter().find(|name| name.as_str().eq_ignore_ascii_case(asked)),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.cloned().ok_or_else(|| {
        let asked = asked.unwrap_or_default().chars().take(80).collect();
        Refusal::NoSuchService { asked, known: known.clone() }.into()
    })
}
