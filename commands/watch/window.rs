//! Maintenance and silences: planned, listed, extended, ended.

use poise::ChoiceParameter;
use watchpost::book::BookRequest;
use watchpost::book::window::{Repeat, WindowKind, WindowRequest, Windows, words};
use watchpost::button::{Action, ButtonId};
use watchpost::cause::Cause;
use watchpost::clock::UtcMs;
use watchpost::ids::{IncidentId, ServiceName};
use watchpost::incident::Eta;
use watchpost::outbox::{Block, Button, Message, Weight};
use watchpost::refusal::Refusal;
use watchpost::when;
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// Windows that are shown with buttons.
const SHOWN: usize = 5;

/// How it repeats, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum RepeatChoice {
    /// Each day.
    #[name = "every day"]
    Daily,
    /// Each week.
    #[name = "every week"]
    Weekly,
}

/// What was typed.
pub struct Typed {
    /// When it begins.
    pub start: String,
    /// When it ends.
    pub end: Option<String>,
    /// What is done.
    pub why: Option<String>,
    /// Which service.
    pub service: Option<String>,
    /// How it repeats.
    pub repeat: Option<RepeatChoice>,
    /// Whether users are told.
    pub announce: bool,
}

/// A moment ahead of `from`, as people type it.
///
/// # Errors
/// [`Refusal::WrongTime`] with what is wrong.
pub fn ahead(text: &str, from: UtcMs, call: &Call) -> Result<UtcMs, Refusal> {
    if text.trim().eq_ignore_ascii_case("now") {
        return Ok(from);
    }
    match when::eta(text, from, call.mind.zone)? {
        Eta::At(at) => Ok(at),
        _ => Err(Refusal::WrongTime(say!("must be one moment, not a range").to_owned())),
    }
}

/// Plans maintenance.
pub async fn plan(call: &Call, typed: Typed) -> Result<(), Failure> {
    let from = ahead(&typed.start, call.now(), call)?;
    let end = typed.end.unwrap_or_else(|| "2 h".to_owned());
    let request = WindowRequest::Plan {
        kind: WindowKind::Maintenance,
        service: typed.service.map(ServiceName),
        cause: None,
        from,
        until: ahead(&end, from, call)?,
        repeat: typed.repeat.map(|repeat| match repeat {
            RepeatChoice::Daily => Repeat::Daily,
            RepeatChoice::Weekly => Repeat::Weekly,
        }),
        why: typed.why.unwrap_or_else(|| say!("Planned work").to_owned()),
        announced: typed.announce,
        alarm: None,
    };
    call.enter(BookRequest::Window(request)).await?;
    list(call).await
}

/// Silences a service, or one cause of it.
pub async fn silence(
    call: &Call,
    until: &str,
    why: &str,
    service: Option<String>,
    cause: Option<String>,
) -> Result<(), Failure> {
    let cause = cause.map(|name| name.trim().parse::<Cause>()).transpose();
    let cause = cause.map_err(|wrong| Refusal::NothingNew(wrong.to_string()))?;
    let from = call.now();
    let request = WindowRequest::Plan {
        kind: WindowKind::Silence,
        service: service.map(ServiceName),
        cause,
        from,
        until: ahead(until, from, call)?,
        repeat: None,
        why: why.to_owned(),
        announced: false,
        alarm: None,
    };
    call.enter(BookRequest::Window(request)).await?;
    list(call).await
}

/// What is planned and what goes on, with the buttons that change it.
pub async fn list(call: &Call) -> Result<(), Failure> {
    call.tell(&listed(&call.mind.desk.book().windows)).await;
    Ok(())
}

fn listed(windows: &Windows) -> Message {
    if windows.0.is_empty() {
        return Message::text(say!(
            "Nothing is planned, and nothing is silenced. `/watch maintenance` plans work."
        ));
    }
    let lines: Vec<String> = windows
        .0
        .iter()
        .zip(1..)
        .map(|(window, place)| format!("{place}. {}", words::line(window)))
        .collect();
    let button = |action: Action, number, place: usize| Button {
        label: format!("{place}: {}", action.label()),
        action: ButtonId::new(action, IncidentId(number)).to_string(),
        weight: Weight::Secondary,
    };
    let rows = windows.0.iter().take(SHOWN).zip(1..).map(|(window, place)| {
        vec![
            button(Action::ExtendWindow, window.number, place),
            button(Action::EndWindow, window.number, place),
        ]
    });
    let block = Block {
        title: say!("Maintenance and silences").to_owned(),
        text: lines.join("\n"),
        ..Block::default()
    };
    Message { block: Some(block), buttons: rows.collect(), ..Message::default() }
}

/// `[Extend…]`.
pub async fn open_extend_form(call: &Call, number: IncidentId) -> Result<(), Failure> {
    let until = until(say!("Until when?"), say!("30 min, or 23:30"));
    call.reply.form(forms::form(Action::ExtendWindow, number, say!("It takes longer"), vec![until])).await;
    Ok(())
}

/// The form of `[Extend…]` was sent.
pub async fn extend(call: &Call, number: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let typed = filled.text("until");
    let until = ahead(&typed, call.now(), call).map_err(|why| Failure::from(why).with_typed(&typed))?;
    call.enter(BookRequest::Window(WindowRequest::Extend { number: number.0, until })).await?;
    list(call).await
}

/// `[End now]`.
pub async fn end(call: &Call, number: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    call.enter(BookRequest::Window(WindowRequest::End { number: number.0 })).await?;
    list(call).await
}

/// The input for a moment.
pub(super) fn until(label: &'static str, hint: &'static str) -> Input {
    Input { name: "until", label, hint, filled: String::new(), room: Room::Line, need: Need::Required }
}
