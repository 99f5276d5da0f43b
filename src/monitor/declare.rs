//! From an alarm to an incident, with what is known.

use std::sync::Arc;

use super::about;
use crate::book::BookRequest;
use crate::book::watch::{Alarm, WatchRequest};
use crate::desk::{Ask, Desk, Entering, Outcome};
use crate::incident::decide::{Declaration, Request, TITLE_LIMIT};
use crate::incident::event::Origin;
use crate::incident::{Capabilities, Incident, LastAssessment, Severity, Verdict};
use crate::person::Actor;
use crate::refusal::Refusal;
use crate::store::DedupeKey;

/// Makes an incident of an alarm: declared by `by`, with the assessment, and with what was warned before.
///
/// # Errors
/// A [`Refusal`] where it cannot be declared; two who press at once declare one.
pub async fn declare(desk: &Desk, alarm: &Alarm, by: Actor, origin: Origin) -> Result<Outcome, Refusal> {
    let guild = desk.policy().alarm_guild.ok_or(Refusal::UnknownGuild)?;
    let declaration = Declaration {
        guild,
        text: title(alarm),
        service: alarm.services.keys().next().cloned(),
        severity: Some(severity(&alarm.assessment.capabilities)),
        since: Some(alarm.since.min(desk.clock().now())),
        drill: false,
    };
    let ask = Ask {
        guild,
        actor: by,
        origin,
        once: Some(DedupeKey(format!("alarm/{}/{}", alarm.number, alarm.at.0))),
        incident: None,
        request: Request::Declare(declaration),
    };
    let outcome = desk.ask(ask).await?;
    let incident = outcome.incident.clone();
    let request = WatchRequest::Declared { alarm: alarm.number, incident: incident.id };
    let entering = Entering {
        actor: Actor::Watchpost,
        origin: Origin::Check,
        once: None,
        request: BookRequest::Watch(request),
    };
    desk.enter(entering).await?;
    tell_assessment(desk, &incident, alarm.assessment.clone()).await;
    Ok(outcome)
}

/// Where the configuration says "declare", no person is waited for.
pub(super) async fn declare_open_alarms(desk: &Desk) {
    if !desk.policy().declares {
        return;
    }
    let book = desk.book();
    for alarm in book.watched.alarms.iter().filter(|alarm| alarm.is_open() && alarm.incident.is_none()) {
        if let Err(refusal) = declare(desk, alarm, Actor::Watchpost, Origin::Check).await {
            tracing::warn!(alarm = alarm.number, code = refusal.code(), "an alarm was not declared");
        }
    }
}

/// Records what a check found in an incident.
pub async fn tell_assessment(desk: &Desk, incident: &Arc<Incident>, last: LastAssessment) {
    let request = Request::Assessed(Box::new(last));
    if let Err(refusal) = desk.ask(about(incident, request)).await {
        tracing::warn!(id = %incident.id, code = refusal.code(), "the result of a check was not recorded");
    }
}

/// What people have lost, without the cause: the card has that.
fn title(alarm: &Alarm) -> String {
    let summary = &alarm.assessment.summary;
    let lost = summary.split_once(": ").map_or(summary.as_str(), |(lost, _)| lost);
    let services: Vec<&str> = alarm.services.keys().map(|service| service.as_str()).collect();
    let text = if services.len() > 1 { format!("{lost} ({})", services.join(", ")) } else { lost.to_owned() };
    text.trim_end_matches('.').chars().take(TITLE_LIMIT).collect()
}

/// In terms of mail: all of it for all, one direction, or limits.
fn severity(works: &Capabilities) -> Severity {
    let each = [works.receive, works.send, works.read];
    let with = |wanted| each.iter().filter(|verdict| **verdict == wanted).count();
    match (works.receive, works.send, with(Verdict::Down), with(Verdict::Degraded)) {
        (Verdict::Down, Verdict::Down, ..) => Severity::Sev1,
        // One of them gone, or all of it slow.
        (_, _, 1.., _) | (_, _, _, 3) => Severity::Sev2,
        _ => Severity::Sev3,
    }
}
