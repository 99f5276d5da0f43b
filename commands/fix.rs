//! `/fix text [eta]`: something is done about it, with `[Start]`, `[Done]`, `[Failed]` and `[Rolled back]`.
//!
//! 1. The words say what sort of thing it is and how risky. Low risk needs nobody; what is risky waits for a second
//!    person, or for a reason why nobody else is asked.
//! 2. `[Done]` starts the proof, whose first round is answered here within half a minute ([`check::prove`]).
//! 3. Where it does not work, the incident goes back to troubleshooting by itself, and says so.

pub mod estimate;

use poise::ChoiceParameter;
use watchpost::button::{Action, ButtonId, NotAButton};
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::action::{self, ActionEvent, ActionRequest, Risk, Step, approval, breaks};
use watchpost::incident::decide::Request;
use watchpost::incident::event::{Event, Recorded};
use watchpost::outbox::{Block, Button, Field, Message, Tone, Weight};
use watchpost::when;
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility};
use crate::check;
use crate::incident::open_incidents;

/// Do something about it: risk, way back, and the proof afterwards
#[poise::command(slash_command)]
pub(crate) async fn fix(
    context: Context<'_>,
    #[description = "What you will do: renew the certificate, reload"] text: String,
    #[description = "When it will be over: 15:30, in 20 minutes, unknown"] eta: Option<String>,
    #[description = "How to get back, if it does not help"] rollback: Option<String>,
    #[description = "How risky it is, where the words say something else"] risk: Option<RiskChoice>,
    #[description = "Which incident; that of this thread, or the only open one, where you say nothing"]
    #[autocomplete = "open_incidents"]
    incident: Option<String>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Public).await;
    let named = crate::incident::named(incident)?;
    propose(&call, named, Repair { text, eta, rollback, risk: risk.map(Into::into) }).await
}

/// A repair that is proposed.
pub(crate) struct Repair {
    pub(crate) text: String,
    pub(crate) eta: Option<String>,
    pub(crate) rollback: Option<String>,
    pub(crate) risk: Option<Risk>,
}

/// Proposes a repair.
pub(crate) async fn propose(call: &Call, named: Option<IncidentId>, repair: Repair) -> Result<(), Failure> {
    let Repair { text, eta, rollback, risk } = repair;
    let incident = call.incident(named).await?;
    let eta = eta.as_deref().map(|text| when::eta(text, call.now(), call.mind.zone)).transpose()?;
    let rollback = rollback.unwrap_or_default();
    let warnings = warnings(call, &incident, &text);
    let propose =
        ActionRequest::Propose { text: text.clone(), risk, rollback, eta, warnings, handle: handle() };
    ask_for(call, incident.id, &text, propose).await
}

/// Asks for something of which the answer is the newest proposal.
async fn ask_for(call: &Call, id: IncidentId, text: &str, request: ActionRequest) -> Result<(), Failure> {
    let outcome = call.ask(Some(id), Request::Action(request)).await;
    let outcome = outcome.map_err(|failure| failure.with_typed(text))?;
    if let Some(action) = outcome.incident.actions.last() {
        show(call, &proposed(&outcome.incident, action, &outcome.events)).await;
    }
    Ok(())
}

/// By what a proposal is approved: nobody can guess it.
fn handle() -> u64 {
    rand::random::<u64>().max(1)
}

/// How risky it is, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum RiskChoice {
    /// Nobody needs to approve.
    #[name = "low: nobody needs to approve it"]
    Low,
    /// A second person.
    #[name = "high: a second person must agree"]
    High,
}

impl From<RiskChoice> for Risk {
    fn from(choice: RiskChoice) -> Self {
        match choice {
            RiskChoice::Low => Risk::Low,
            RiskChoice::High => Risk::High,
        }
    }
}

/// What it would break, by what the last check saw.
fn warnings(call: &Call, incident: &Incident, text: &str) -> Vec<String> {
    let standing = call.mind.standing(incident.service.as_ref());
    breaks::breaks(action::Kind::guess(text), text, &standing)
}

/// `[Approve]`: the button carries the handle of what stands above it.
pub async fn approve(call: &Call, id: IncidentId, repair: Option<u64>) -> Result<(), Failure> {
    let handle = which(repair)?;
    call.reply.acknowledge(Visibility::Public).await;
    let outcome = call.ask(Some(id), Request::Action(ActionRequest::Approve { handle })).await?;
    let approved = outcome.events.iter().find_map(|recorded| match recorded.new.event {
        Event::Action(ActionEvent::Approved { number }) => Some(number),
        _ => None,
    });
    show_now(call, &outcome.incident, approved).await;
    Ok(())
}

/// `[Refuse]`, `[Failed]`, and `[Start]` of what nobody else has approved ask why.
pub async fn open_why_form(
    call: &Call,
    id: IncidentId,
    action: Action,
    repair: Option<u64>,
) -> Result<(), Failure> {
    which(repair)?;
    let (title, label, hint) = match action {
        Action::RefuseAction => (
            say!("Do not agree"),
            say!("Why not?"),
            say!("Node 1 has the same fault: reading would stop for all"),
        ),
        Action::Failed => (
            say!("It did not help"),
            say!("What happened?"),
            say!("587 on the second node still serves the old certificate"),
        ),
        _ => (
            say!("Start without a second person"),
            say!("Why does nobody else look at it?"),
            say!("Nobody answers, and mail is down for all"),
        ),
    };
    let form = ButtonId { action, incident: id, repair };
    call.reply.form(forms::form_of(form, title, vec![why(label, hint)])).await;
    Ok(())
}

/// The form that asked why was sent.
pub async fn why_given(
    call: &Call,
    id: IncidentId,
    action: Action,
    repair: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let (number, why) = (which(repair)?, filled.text("why"));
    let request = match action {
        Action::RefuseAction => ActionRequest::Refuse { number, why },
        Action::Failed => ActionRequest::Fail { number, why },
        _ => ActionRequest::Start { number, alone_because: Some(why) },
    };
    carry_out(call, id, number, request).await
}

/// `[Change]`: the form begins with what was proposed.
pub async fn open_change_form(call: &Call, id: IncidentId, repair: Option<u64>) -> Result<(), Failure> {
    let number = which(repair)?;
    let incident = crate::incident::in_memory(call, id)?;
    let action = incident.actions.iter().find(|action| action.number == number);
    let action = action.ok_or(Failure::Button(NotAButton::Unknown))?;
    let text = Input {
        name: "text",
        filled: action.text.clone(),
        ..why(say!("What will be done?"), say!("restart node 2"))
    };
    let rollback = Input {
        name: "rollback",
        filled: action.rollback.clone(),
        need: Need::Optional,
        ..why(say!("How to get back"), say!("start the old process"))
    };
    let id = ButtonId { action: Action::ChangeAction, incident: id, repair };
    call.reply.form(forms::form_of(id, say!("Change it: an approval is void"), vec![text, rollback])).await;
    Ok(())
}

/// The form of `[Change]` was sent: it is proposed anew, under a number of its own.
pub async fn change(
    call: &Call,
    id: IncidentId,
    repair: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let number = which(repair)?;
    call.reply.acknowledge(Visibility::Public).await;
    let incident = call.incident(Some(id)).await?;
    let (text, rollback) = (filled.text("text"), filled.text("rollback"));
    let warnings = warnings(call, &incident, &text);
    let request = ActionRequest::Change { number, text: text.clone(), rollback, warnings, handle: handle() };
    ask_for(call, id, &text, request).await
}

/// `[Start]`: what is risky and not approved needs a reason, which is asked for. Where the approval is over, it is asked
/// for anew.
pub async fn start(call: &Call, id: IncidentId, repair: Option<u64>) -> Result<(), Failure> {
    let number = which(repair)?;
    let incident = crate::incident::in_memory(call, id)?;
    let action = incident.actions.iter().find(|action| action.number == number);
    if action.is_some_and(|action| approval::is_over(action, call.now())) {
        return ask_again(call, id, number).await;
    }
    if action.is_some_and(|action| action.risk == Risk::High && action.step == Step::Proposed) {
        return open_why_form(call, id, Action::Start, repair).await;
    }
    carry_out(call, id, number, ActionRequest::Start { number, alone_because: None }).await
}

/// More than ten minutes have passed since it was approved, and much can change in that time.
async fn ask_again(call: &Call, id: IncidentId, number: u64) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Public).await;
    let request = ActionRequest::AskAgain { number, handle: handle() };
    let outcome = call.ask(Some(id), Request::Action(request)).await?;
    if let Some(action) = outcome.incident.actions.iter().find(|action| action.number == number) {
        let message = proposed(&outcome.incident, action, &outcome.events);
        let text =
            say!("The approval is more than ten minutes old and holds no more. Asked anew:").to_owned();
        show(call, &Message { text, ..message }).await;
    }
    Ok(())
}

/// `[Done]`: the proof begins at once.
pub async fn done(call: &Call, id: IncidentId, repair: Option<u64>) -> Result<(), Failure> {
    let number = which(repair)?;
    call.reply.acknowledge(Visibility::Public).await;
    let outcome = call.ask(Some(id), Request::Action(ActionRequest::Done { number })).await?;
    if outcome.incident.service.is_none() {
        let text = say!(
            "Done. No service is named, so nothing can be proved by itself: try it by hand; the lead closes it with the reason."
        );
        show(call, &Message::text(text)).await;
        return Ok(());
    }
    check::prove::after_repair(call, id, number).await
}

/// `[Rolled back]`.
pub async fn roll_back(call: &Call, id: IncidentId, repair: Option<u64>) -> Result<(), Failure> {
    let number = which(repair)?;
    carry_out(call, id, number, ActionRequest::RollBack { number }).await
}

pub(crate) async fn carry_out(
    call: &Call,
    id: IncidentId,
    number: u64,
    request: ActionRequest,
) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Public).await;
    let outcome = call.ask(Some(id), Request::Action(request)).await?;
    show_now(call, &outcome.incident, Some(number)).await;
    Ok(())
}

async fn show_now(call: &Call, incident: &Incident, number: Option<u64>) {
    if let Some(action) = incident.actions.iter().find(|action| Some(action.number) == number) {
        show(call, &now(incident, action)).await;
    }
}

async fn show(call: &Call, message: &Message) {
    call.reply.show(Rendered::of(message), Visibility::Public).await;
}

fn which(repair: Option<u64>) -> Result<u64, Failure> {
    repair.ok_or(Failure::Button(NotAButton::Unknown))
}

fn why(label: &'static str, hint: &'static str) -> Input {
    Input { name: "why", label, hint, filled: String::new(), room: Room::Lines, need: Need::Required }
}

fn proposed(incident: &Incident, action: &action::Action, events: &[Recorded]) -> Message {
    let text = match action.risk {
        Risk::Low => say!("Low risk, nobody needs to approve. Done checks every address by itself."),
        Risk::High => {
            say!("Risky: a second person approves, or you start it with a reason if you are alone.")
        }
    };
    let mut fields = vec![field(say!("What it may break"), action.kind.effect())];
    if !action.warnings.is_empty() {
        fields.push(field(say!("What this would break"), &action.warnings.join("\n")));
    }
    if !action.rollback.is_empty() {
        fields.push(field(say!("Way back"), &action.rollback));
    }
    if action.risk == Risk::High && incident.calls.running.is_some() {
        fields.push(field(say!("Second person"), say!("They are being called.")));
    }
    fields.extend(estimate::told(events).map(|told| field(say!("Expected end"), &told)));
    let cause = incident.assessment.as_ref().and_then(|last| last.cause);
    let never = cause.map(|cause| cause.never().join("\n")).filter(|never| !never.is_empty());
    fields.extend(never.map(|never| field("Never", &never)));
    let block = Block {
        title: action.text.clone(),
        text: text.to_owned(),
        fields,
        footer: say!("{} · repair {}", incident.id, action.number),
        tone: Tone::Plain,
    };
    Message { block: Some(block), buttons: vec![buttons(incident, action)], ..Message::default() }
}

fn now(incident: &Incident, action: &action::Action) -> Message {
    let text = say!("“{}” is {}.", action.text, action.step.name());
    Message { buttons: vec![buttons(incident, action)], ..Message::text(text) }
}

/// The next steps of a repair, the likeliest first.
fn buttons(incident: &Incident, action: &action::Action) -> Vec<Button> {
    let actions: &[Action] = match (action.step, action.risk) {
        (Step::Proposed, Risk::High) => {
            &[Action::Approve, Action::RefuseAction, Action::Start, Action::ChangeAction]
        }
        (Step::Proposed, Risk::Low) => &[Action::Done, Action::Start, Action::Failed, Action::ChangeAction],
        (Step::Approved, _) => &[Action::Start, Action::ChangeAction],
        (Step::Started, _) => &[Action::Done, Action::Failed, Action::RollBack],
        (Step::Done | Step::Failed, _) => &[Action::RollBack],
        (Step::Refused | Step::RolledBack | Step::Changed, _) => &[],
    };
    let button = |(place, of): (usize, &Action)| {
        let repair = if *of == Action::Approve { action.handle } else { Some(action.number) };
        Button {
            label: of.label().to_owned(),
            action: ButtonId { action: *of, incident: incident.id, repair }.to_string(),
            weight: if place == 0 { Weight::Primary } else { Weight::Secondary },
        }
    };
    actions.iter().enumerate().map(button).collect()
}

fn field(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned(), short: false }
}
