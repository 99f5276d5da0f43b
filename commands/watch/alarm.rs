//! The buttons under an alarm and under a warning.

use watchpost::book::BookRequest;
use watchpost::book::warning::WarningRequest;
use watchpost::book::watch::{self, Alarm, WatchRequest};
use watchpost::book::window::{WindowKind, WindowRequest};
use watchpost::button::Action;
use watchpost::ids::IncidentId;
use watchpost::incident::event::Origin;
use watchpost::monitor::declare;
use watchpost::outbox::Message;
use watchpost::person::Actor;
use watchpost::refusal::Refusal;
use watchpost_texts::say;

use super::window::{ahead, until};
use crate::bot::forms::{self, Filled};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::why;
use crate::{check, incident};

/// `[I have it]`: the alarm becomes an incident, led by who clicks.
pub async fn take(call: &Call, number: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let id = match alarm(call, number)?.incident {
        Some(id) => id,
        None => declared(call, number).await?,
    };
    incident::acknowledge(call, id).await
}

/// Two who click at once declare one incident; the second is told who has it.
async fn declared(call: &Call, number: IncidentId) -> Result<IncidentId, Failure> {
    let book = call.mind.desk.book();
    let open = watch::going_on(&book.watched, number.0)?;
    let actor = Actor::Person(call.person()?);
    match declare::declare(&call.mind.desk, open, actor, Origin::Chat).await {
        Ok(outcome) => {
            check::in_background(&call.mind, &outcome.incident);
            Ok(outcome.incident.id)
        }
        Err(refusal) => alarm(call, number)?.incident.ok_or_else(|| refusal.into()),
    }
}

/// The alarm, in the server in which it stands.
fn alarm(call: &Call, number: IncidentId) -> Result<Alarm, Failure> {
    if call.mind.desk.policy().alarm_guild != Some(call.guild()?) {
        return Err(Refusal::UnknownGuild.into());
    }
    let book = call.mind.desk.book();
    let known = book.watched.alarm(number.0).cloned();
    known.ok_or_else(|| Refusal::NothingNew(say!("this alarm is long over").to_owned()).into())
}

/// `[Not an incident]`.
pub async fn open_dismiss_form(call: &Call, number: IncidentId) -> Result<(), Failure> {
    watch::going_on(&call.mind.desk.book().watched, number.0)?;
    let why = why(say!("Why is it no incident?"), say!("A test of the standby; nobody uses it yet"));
    call.reply.form(forms::form(Action::NoIncident, number, say!("Not an incident"), vec![why])).await;
    Ok(())
}

/// The form of `[Not an incident]` was sent.
pub async fn dismiss(call: &Call, number: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let why = filled.text("why");
    let request = WatchRequest::Dismiss { alarm: number.0, why: why.clone() };
    call.enter(BookRequest::Watch(request)).await.map_err(|failure| failure.with_typed(&why))?;
    let text = say!("Noted. It is not raised again until it has worked in between; checks go on.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[Maintenance]`.
pub async fn open_maintain_form(call: &Call, number: IncidentId) -> Result<(), Failure> {
    watch::going_on(&call.mind.desk.book().watched, number.0)?;
    let inputs = vec![
        until(say!("Until when?"), "2 h, or 23:30"),
        why(say!("What is done?"), say!("The new storage is attached")),
    ];
    call.reply.form(forms::form(Action::Maintain, number, say!("It is maintenance"), inputs)).await;
    Ok(())
}

/// The form of `[Maintenance]` was sent.
pub async fn maintain(call: &Call, number: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let (typed, why) = (filled.text("until"), filled.text("why"));
    let now = call.now();
    let until = ahead(&typed, now, call).map_err(|wrong| Failure::from(wrong).with_typed(&why))?;
    let services = alarm(call, number)?.services;
    let request = WindowRequest::Plan {
        kind: WindowKind::Maintenance,
        // Several services at once have one base: all of it is worked on.
        service: services.keys().next().filter(|_| services.len() == 1).cloned(),
        cause: None,
        from: now,
        until,
        repeat: None,
        why: why.clone(),
        announced: false,
        alarm: Some(number.0),
    };
    call.enter(BookRequest::Window(request)).await.map_err(|failure| failure.with_typed(&why))?;
    let text = say!(
        "The alarm waits until <t:{}:t>. What is still broken then is raised; `/watch maintenance` extends it.",
        until.seconds()
    );
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[I renew it]`, `[I see to it]`.
pub async fn take_warning(call: &Call, number: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    call.enter(BookRequest::Warning(WarningRequest::Take { number: number.0 })).await?;
    let text = say!("Noted, with your name. It is told again only when three days are left.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[Silence…]` under a warning.
pub async fn open_silence_form(call: &Call, number: IncidentId) -> Result<(), Failure> {
    let inputs = vec![
        until(say!("Until when?"), "7 d, or 2026-12-01 08:00"),
        why(say!("Why may it wait?"), say!("The host is switched off on Friday")),
    ];
    call.reply.form(forms::form(Action::SilenceWarning, number, "Silence a warning", inputs)).await;
    Ok(())
}

/// The form of `[Silence…]` was sent.
pub async fn silence_warning(call: &Call, number: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let (typed, why) = (filled.text("until"), filled.text("why"));
    let until = ahead(&typed, call.now(), call).map_err(|wrong| Failure::from(wrong).with_typed(&why))?;
    let request = WarningRequest::Silence { number: number.0, until, why: why.clone() };
    call.enter(BookRequest::Warning(request)).await.map_err(|failure| failure.with_typed(&why))?;
    let text = say!(
        "Silent until <t:{}:f>. The reason goes into the incident, if one follows from it.",
        until.seconds()
    );
    call.tell(&Message::text(text)).await;
    Ok(())
}
