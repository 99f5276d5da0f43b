//! The meeting: its date by the rule of severity, and its entry in Discord's calendar.

use serenity::builder::CreateScheduledEvent;
use serenity::model::guild::ScheduledEventType;
use serenity::model::id::GuildId;
use serenity::model::timestamp::Timestamp;
use watchpost::button::ReviewStep;
use watchpost::clock::UtcMs;
use watchpost::desk::button;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::review::ReviewRequest;
use watchpost::outbox::{Message, Weight};
use watchpost::refusal::Refusal;
use watchpost::when;
use watchpost_texts::say;

use super::{input, open};
use crate::bot::forms::{Filled, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::gate::RestFailure;
use crate::bot::rendering::Visibility;
use crate::bot::rendering::limits::cut;

/// How long a meeting is in the calendar.
const LENGTH: std::time::Duration = std::time::Duration::from_secs(45 * 60);
/// Name of an entry of the calendar (resources/guild-scheduled-event; so is the next).
const NAME: usize = 100;
/// Its description.
const DESCRIPTION: usize = 1_000;

/// `[Meeting]`: the date by the rule stands in it.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = call.incident(Some(id)).await?;
    let policy = call.mind.desk.policy();
    let resolved = incident.resolved_at.unwrap_or(call.now());
    let at =
        incident.review.meeting.unwrap_or_else(|| policy.review.meeting_for(incident.severity, resolved));
    let filled = at.to_utc().with_timezone(&call.mind.zone).format("%Y-%m-%d %H:%M").to_string();
    let mut at = input("at", "When", "2026-11-27 10:00", filled, Room::Line);
    at.need = Need::Required;
    open(call, id, ReviewStep::Meeting, None, &say!("{id}: review meeting"), vec![at]).await
}

/// The form was sent.
pub async fn set(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let at = when::ahead(&filled.text("at"), call.now(), call.mind.zone)?;
    call.ask(Some(id), Request::Review(ReviewRequest::SetMeeting { at })).await?;
    let text = say!(
        "The review of {id} is <t:{}:F>. Its page and the open questions go into the thread a day before.",
        at.seconds()
    );
    let buttons = vec![vec![button(id, ReviewStep::Calendar, None, Weight::Primary)]];
    call.tell(&Message { buttons, ..Message::text(text) }).await;
    Ok(())
}

/// `[Put it into the calendar]`: one entry, however often it is clicked.
pub async fn place(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let incident = call.incident(Some(id)).await?;
    let meeting = incident.review.meeting.filter(|at| *at > call.now());
    let meeting = meeting
        .ok_or_else(|| Refusal::NothingNew(say!("no meeting is set. [Meeting] sets one").to_owned()))?;
    if incident.review.placed.is_some() {
        return Err(Refusal::NothingNew(say!("the meeting stands in the calendar already").to_owned()).into());
    }
    let name = cut(&say!("Review of {id}: {}", incident.title), NAME);
    let about = cut(&say!("{}\nThe page: /review incident: {id}", incident.title), DESCRIPTION);
    let event = CreateScheduledEvent::new(ScheduledEventType::External, name, timestamp(meeting)?)
        .end_time(timestamp(meeting + LENGTH)?)
        .description(about)
        .location(say!("The thread of the incident"));
    let guild = GuildId::new(call.guild()?.get());
    let http = call
        .reply
        .http()
        .ok_or_else(|| Refusal::NothingNew(say!("the calendar is in Discord").to_owned()))?;
    match guild.create_scheduled_event(http, event).await {
        Ok(made) => {
            let request = Request::Review(ReviewRequest::Placed { event: made.id.to_string() });
            call.ask(Some(id), request).await?;
            call.tell(&Message::text(say!("The review of {id} stands in the calendar."))).await;
        }
        Err(error) => {
            let why = match RestFailure::read(&error) {
                RestFailure::Refused { .. } => {
                    say!("Discord refuses it. I need the permission “Create Events” in this server")
                }
                _ => say!("Discord did not answer. Try once more"),
            };
            call.tell(&Message::text(say!("The meeting is set, but not in the calendar: {why}."))).await;
        }
    }
    Ok(())
}

fn timestamp(at: UtcMs) -> Result<Timestamp, Failure> {
    Timestamp::from_unix_timestamp(at.seconds())
        .map_err(|_| Refusal::WrongTime(say!("cannot be written into a calendar").to_owned()).into())
}
