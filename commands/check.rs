//! `/check [service] [prove]`: is it really broken, what exactly, and what now; or prove that it works again.
//!
//! 1. The service is one of the configuration: nothing typed in chat is ever connected to.
//! 2. One message shows how far the check is; it is edited at most every 1.5 seconds, and becomes the result.
//! 3. In the thread of an open incident of that service, the result is recorded and the card follows.
//! 4. With `prove`, real mail is sent and received in rounds until it is proved ([`prove`]).

pub mod prove;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use watchpost::book::BookRequest;
use watchpost::book::change::ChangeRequest;
use watchpost::capability::Capability;
use watchpost::card::mark;
use watchpost::desk::{Ask, Entering};
use watchpost::ids::{IncidentId, ServiceName};
use watchpost::incident::action::breaks::Standing;
use watchpost::incident::checklist::{ChecklistRequest, Probed};
use watchpost::incident::decide::Request;
use watchpost::incident::event::Origin;
use watchpost::incident::{Incident, LastAssessment, Verdict};
use watchpost::outbox::{Block, Field, File, Message, Tone};
use watchpost::person::Actor;
use watchpost::proof::Measured;
use watchpost::refusal::Refusal;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::framework::{Context, Mind};
use crate::bot::rendering::{Rendered, Visibility};
use crate::incident::{button, in_memory, open_incidents, services};

/// Edits of one message are not to come faster (the limit of the route is about five in five seconds).
const BETWEEN_EDITS: Duration = Duration::from_millis(1_500);

/// Checks configured services.
#[async_trait]
pub trait Examiner: Send + Sync {
    /// Checks all of a service, within bounds of its own; says on the way how far it is.
    async fn examine(&self, service: &ServiceName, progress: watch::Sender<String>) -> Examined;

    /// The same for a round of a proof: with what is too heavy for every few minutes.
    async fn prove(&self, service: &ServiceName) -> Examined {
        self.examine(service, watch::Sender::new(String::new())).await
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// What is recorded.
    pub last: LastAssessment,
    /// What of the service's matrix works.
    pub cells: Vec<Measured>,
    /// What is not as it should be, the cause first: where, and what was seen.
    pub findings: Vec<(String, String)>,
    /// The next steps, in order.
    pub what_to_do: Vec<String>,
    /// Everything that was seen, as JSON.
    pub evidence: String,
    /// What the checklist follows from.
    pub probed: Vec<Probed>,
    /// What is otherwise than when the service last worked: where and what, what it was, what it is.
    pub changes: Vec<(String, String, String)>,
    /// What a repair could break.
    pub standing: Standing,
}

/// Check a mail service now: what is wrong, for whom, and what to do next
#[poise::command(slash_command)]
pub(crate) async fn check(
    context: Context<'_>,
    #[description = "Which mail service; the only one where you say nothing"]
    #[autocomplete = "services"]
    service: Option<String>,
    #[description = "Prove that it works again, in rounds, before the incident is closed"] prove: Option<
        bool,
    >,
    #[description = "Which incident it is for; that of this thread, or the only open one, where you say nothing"]
    #[autocomplete = "open_incidents"]
    incident: Option<String>,
) -> Result<(), Failure> {
    // Looked up in memory before the acknowledgement, so that a refusal can still be private.
    let named = crate::incident::named(incident)?;
    if prove == Some(true) {
        return prove::asked_for(context, named).await;
    }
    let call = Call::of(context);
    let of_named = named.map(|id| in_memory(&call, id)).transpose()?;
    let of_incident = of_named.as_ref().and_then(|incident| incident.service.as_ref());
    let service = meant(&call, service.as_deref().or(of_incident.map(ServiceName::as_str)))?;
    let call = Call::begin(context, Visibility::Public).await;
    let incident = match named {
        Some(id) => Some(call.incident(Some(id)).await?),
        None => call.incident(None).await.ok(),
    };
    run(&call, &service, incident.as_deref()).await;
    Ok(())
}

/// `[Check again]`.
pub async fn again(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.may(Capability::Check)?;
    let incident = in_memory(call, id)?;
    let service = meant(call, incident.service.as_ref().map(ServiceName::as_str))?;
    call.reply.acknowledge(Visibility::Public).await;
    run(call, &service, Some(&incident)).await;
    Ok(())
}

/// A full check of a new incident's service, whose result appears on its card.
pub fn in_background(mind: &Arc<Mind>, incident: &Arc<Incident>) {
    let Some(service) = incident.service.clone() else { return };
    let (mind, incident) = (mind.clone(), incident.clone());
    tokio::spawn(async move {
        examine_for(&mind, &incident, &service).await;
    });
}

/// A full check of a service, recorded in an incident.
pub async fn examine_for(mind: &Arc<Mind>, incident: &Incident, service: &ServiceName) -> Examined {
    let examined = mind.examiner.examine(service, watch::Sender::new(String::new())).await;
    remember(mind, &examined).await;
    record(mind, incident, &examined).await;
    examined
}

pub(crate) async fn run(call: &Call, service: &ServiceName, incident: Option<&Incident>) {
    let progress = watch::Sender::new(String::new());
    let mut steps = progress.subscribe();
    let examining = call.mind.examiner.examine(service, progress);
    tokio::pin!(examining);
    let mut last_edit = tokio::time::Instant::now();
    let examined = loop {
        tokio::select! {
            examined = &mut examining => break examined,
            Ok(()) = steps.changed() => {
                let step = steps.borrow_and_update().clone();
                if last_edit.elapsed() >= BETWEEN_EDITS {
                    last_edit = tokio::time::Instant::now();
                    call.reply.show(Rendered::of(&under_way(service, &step)), Visibility::Public).await;
                }
            }
        }
    };
    remember(&call.mind, &examined).await;
    let concerned =
        incident.filter(|incident| incident.phase.is_open() && incident.service.as_ref() == Some(service));
    call.reply.show(Rendered::of(&result(&examined, concerned)), Visibility::Public).await;
    match concerned {
        Some(incident) => record(&call.mind, incident, &examined).await,
        None => call.mind.desk.saw(service, &examined.cells).await,
    }
}

/// The service that was named, or the only one.
pub(crate) fn meant(call: &Call, asked: Option<&str>) -> Result<ServiceName, Failure> {
    let known = &call.mind.desk.policy().services;
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

/// What a repair could break, and what was changed: also where no incident is open.
async fn remember(mind: &Mind, examined: &Examined) {
    mind.sees(&examined.last.service, examined.standing.clone());
    if examined.changes.is_empty() {
        return;
    }
    let (service, seen) = (examined.last.service.clone(), examined.changes.clone());
    let request = BookRequest::Change(ChangeRequest::See { service, seen });
    let entering = Entering { actor: Actor::Watchpost, origin: Origin::Check, once: None, request };
    if let Err(refusal) = mind.desk.enter(entering).await {
        tracing::warn!(code = refusal.code(), "a change that a check saw was not entered");
    }
}

/// The assessment, and how the lines of the checklist stand by it.
pub(crate) async fn record(mind: &Mind, incident: &Incident, examined: &Examined) {
    let assessed = Request::Assessed(Box::new(examined.last.clone()));
    let probed = Request::Checklist(ChecklistRequest::Probed(examined.probed.clone()));
    for request in [assessed, probed] {
        let ask = Ask {
            guild: incident.guild,
            actor: Actor::Watchpost,
            origin: Origin::Check,
            once: None,
            incident: Some(incident.id),
            request,
        };
        if let Err(refusal) = mind.desk.ask(ask).await {
            tracing::warn!(id = %incident.id, code = refusal.code(), "the result of a check was not recorded");
        }
    }
    mind.desk.saw(&examined.last.service, &examined.cells).await;
}

fn under_way(service: &ServiceName, step: &str) -> Message {
    Message::text(say!("Checking {service}: {step}…"))
}

fn result(examined: &Examined, incident: Option<&Incident>) -> Message {
    let last = &examined.last;
    let works = last.capabilities;
    let each = [
        (say!("mail from outside comes in"), works.receive),
        (say!("mail to outside goes out"), works.send),
        (say!("mail inside the house"), works.internal),
        (say!("log in and read"), works.read),
    ];
    let lines: Vec<String> =
        each.into_iter().map(|(name, verdict)| format!("{} {name}", mark(verdict))).collect();
    let mut fields = vec![field(say!("What works"), lines.join("\n"))];
    if let Some(cause) = last.cause {
        fields.push(field(say!("Likely cause"), format!("{}: {}", cause.name(), cause.meaning())));
    }
    if !examined.what_to_do.is_empty() {
        let steps = examined.what_to_do.iter().zip(1..).map(|(step, number)| say!("{number}. {step}"));
        fields.push(field(say!("What to do next"), steps.collect::<Vec<_>>().join("\n")));
    }
    fields.extend(where_it_was_seen(&examined.findings));
    let block = Block {
        title: title(last),
        text: last.summary.clone(),
        fields,
        footer: say!("checked {}", last.at),
        tone: tone(last.verdict),
    };
    let evidence = File { name: format!("check-{}.json", last.service), content: examined.evidence.clone() };
    let buttons = incident.map(|incident| vec![button(incident, watchpost::button::Action::Check)]);
    Message {
        block: Some(block),
        files: vec![evidence],
        buttons: buttons.into_iter().collect(),
        silent: true,
        ..Message::default()
    }
}

/// What was seen, each once, with all the places where it was. The worst come first, and the file has all of it.
fn where_it_was_seen(findings: &[(String, String)]) -> Vec<Field> {
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    for (target, what) in findings {
        match seen.iter_mut().find(|(known, _)| known == what) {
            Some((_, targets)) => targets.push(target),
            None => seen.push((what, vec![target])),
        }
    }
    seen.iter().take(5).map(|(what, targets)| field(what, targets.join("\n"))).collect()
}

fn title(last: &LastAssessment) -> String {
    match last.verdict {
        Verdict::Ok => say!("{} works", last.service),
        Verdict::Degraded => say!("{} works with limits", last.service),
        Verdict::Down => say!("{} does not work", last.service),
        Verdict::Unknown => say!("{}: that cannot be known from here", last.service),
    }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Degraded => Tone::Warning,
        Verdict::Down => Tone::Bad,
        Verdict::Unknown => Tone::Unknown,
    }
}

fn field(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, short: false }
}
