//! `[Checklist]`: the components one by one. What a check saw stands there already; the rest is for people.

use watchpost::button::{Action, ButtonId, NotAButton};
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::checklist::{ChecklistRequest, LineNow, State, mark};
use watchpost::incident::decide::Request;
use watchpost::outbox::{Block, Button, Field, Message, Weight};
use watchpost::policy::Policy;
use watchpost::refusal::Refusal;
use watchpost::sop::{Line, Procedure};
use watchpost_texts::say;

use super::in_memory;
use crate::bot::forms::{self, Filled};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility, moment};

/// Shows all lines, with a list to choose one from.
pub async fn show(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let procedure = &call.mind.desk.policy().procedure;
    let list = ButtonId::new(Action::Line, id).to_string();
    let choices: Vec<(String, String, String)> = procedure
        .lines
        .iter()
        .map(|line| {
            let shown = format!("{}: {}", line.name, mark(incident.checklist.state(&line.key)));
            (line.key.clone(), shown, seen(&incident, line))
        })
        .collect();
    let message =
        Rendered::of(&overview(&incident, procedure)).choosing(list, say!("Look at a component"), &choices);
    call.reply.show(message, Visibility::Private).await;
    Ok(())
}

/// A line was chosen.
pub async fn line(call: &Call, id: IncidentId, key: Option<&str>) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let policy = call.mind.desk.policy();
    let line = key.and_then(|key| policy.procedure.line(key)).ok_or(Failure::Button(NotAButton::Unknown))?;
    call.tell(&detail(&incident, line, &policy)).await;
    Ok(())
}

/// `[I look at it]`.
pub async fn look(call: &Call, id: IncidentId, number: Option<u64>) -> Result<(), Failure> {
    let line = which(call, number)?;
    carry_out(call, id, &line, ChecklistRequest::Take { line: line.key.clone() }).await
}

/// `[Open again]`.
pub async fn open_again(call: &Call, id: IncidentId, number: Option<u64>) -> Result<(), Failure> {
    let line = which(call, number)?;
    let mark = ChecklistRequest::Mark { line: line.key.clone(), state: State::Open, seen: String::new() };
    carry_out(call, id, &line, mark).await
}

/// `[Finding]` and `[Ruled out]` ask what was seen.
pub async fn open_form(
    call: &Call,
    id: IncidentId,
    action: Action,
    number: Option<u64>,
) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    if !incident.phase.is_open() {
        return Err(Refusal::Over { id, phase: incident.phase }.into());
    }
    let line = which(call, number)?;
    let why = match action {
        Action::LineFinding => {
            super::why(say!("What is wrong there?"), say!("587 on node 2 serves the old certificate"))
        }
        _ => super::why(say!("What shows that it is not this?"), say!("Both resolvers answer the same")),
    };
    let form = ButtonId { action, incident: id, repair: number };
    call.reply.form(forms::form_of(form, &format!("{id}: {}", line.name), vec![why])).await;
    Ok(())
}

/// The form of `[Finding]` was sent.
pub async fn found(
    call: &Call,
    id: IncidentId,
    number: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    say(call, id, number, State::Finding, filled).await
}

/// The form of `[Ruled out]` was sent.
pub async fn ruled_out(
    call: &Call,
    id: IncidentId,
    number: Option<u64>,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    say(call, id, number, State::RuledOut, filled).await
}

async fn say(
    call: &Call,
    id: IncidentId,
    number: Option<u64>,
    state: State,
    filled: Filled<'_>,
) -> Result<(), Failure> {
    let line = which(call, number)?;
    let seen = filled.text("why");
    let mark = ChecklistRequest::Mark { line: line.key.clone(), state, seen: seen.clone() };
    carry_out(call, id, &line, mark).await.map_err(|failure| failure.with_typed(&seen))
}

async fn carry_out(
    call: &Call,
    id: IncidentId,
    line: &Line,
    request: ChecklistRequest,
) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let outcome = call.ask(Some(id), Request::Checklist(request)).await?;
    call.tell(&detail(&outcome.incident, line, &call.mind.desk.policy())).await;
    Ok(())
}

fn which(call: &Call, number: Option<u64>) -> Result<Line, Failure> {
    let procedure = &call.mind.desk.policy().procedure;
    let line = number.and_then(|number| procedure.line_numbered(number));
    line.cloned().ok_or(Failure::Button(NotAButton::Unknown))
}

fn overview(incident: &Incident, procedure: &Procedure) -> Message {
    let known = incident.cause_entry();
    // Once the cause is known the rest is folded away; the list still has every line.
    let shown = |state: &State| known.is_none() || matches!(state, State::Finding | State::Consequence(_));
    let lines = incident.checklist.with(procedure, shown);
    let folded = procedure.lines.len() - lines.len();
    let each = lines.iter().map(|line| {
        let seen = Some(seen(incident, line)).filter(|seen| !seen.is_empty());
        let seen = seen.map(|seen| format!(" ({seen})")).unwrap_or_default();
        format!("{}: {}{seen}", mark(incident.checklist.state(&line.key)), line.name)
    });
    let mut text: Vec<String> = each.collect();
    if let Some(cause) = known {
        text.push(say!("The cause is known: {}. The other {folded} lines are folded away.", cause.text));
    }
    let block = Block {
        title: say!("{}: the components", incident.id),
        text: text.join("\n"),
        footer: say!("procedure {}", procedure.version),
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

fn seen(incident: &Incident, line: &Line) -> String {
    let Some(now) = incident.checklist.lines.get(&line.key) else { return String::new() };
    match (&now.state, now.seen.as_str()) {
        (State::Consequence(of), _) => say!("follows from {of}"),
        (State::Running, _) => now.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
        (_, seen) => seen.to_owned(),
    }
}

fn detail(incident: &Incident, line: &Line, policy: &Policy) -> Message {
    let state = incident.checklist.state(&line.key);
    let now = incident.checklist.lines.get(&line.key);
    let mut fields = vec![field(say!("Type, and look for"), &line.look)];
    fields.extend(now.map(|now| field(say!("So far"), &so_far(now))));
    let needs: Vec<&str> = line
        .needs
        .iter()
        .filter_map(|key| policy.procedure.line(key))
        .map(|line| line.name.as_str())
        .collect();
    if !needs.is_empty() {
        fields.push(field("Needs", &needs.join(", ")));
    }
    let files = now.map(|now| now.evidence.iter().map(|file| file.name.as_str()).collect::<Vec<_>>());
    let files = files.filter(|files| !files.is_empty());
    fields
        .extend(files.map(|files| field(say!("Evidence (/timeline format: kept files)"), &files.join(", "))));
    let block = Block {
        title: format!("{}: {}", line.name, mark(state)),
        text: match line.checks.as_slice() {
            [] => say!("No check looks at this: a person must.").to_owned(),
            checks => say!("Looked at by itself with each check ({}).", checks.join(", ")),
        },
        fields,
        footer: say!("{} · procedure {}", incident.id, policy.procedure.version),
        ..Block::default()
    };
    let buttons = if incident.phase.is_open() { buttons(incident.id, line, state) } else { Vec::new() };
    Message { block: Some(block), copy: line.commands(), buttons: vec![buttons], ..Message::default() }
}

fn so_far(now: &LineNow) -> String {
    let owner = now.owner.as_ref().map(|owner| say!("{owner} looks at it. ")).unwrap_or_default();
    let seen = if now.seen.is_empty() { String::new() } else { format!("{} ", now.seen) };
    format!("{owner}{seen}({}, {})", now.by, moment(now.at))
}

fn buttons(incident: IncidentId, line: &Line, state: &State) -> Vec<Button> {
    let all = [
        (Action::Look, State::Running),
        (Action::LineFinding, State::Finding),
        (Action::LineRuledOut, State::RuledOut),
        (Action::LineOpen, State::Open),
    ];
    let offered = all.into_iter().filter(|(action, leads_to)| {
        leads_to != state && (*action != Action::LineOpen || *state != State::Open)
    });
    offered
        .map(|(action, _)| Button {
            label: action.label().to_owned(),
            action: ButtonId { action, incident, repair: Some(line.number()) }.to_string(),
            weight: Weight::Secondary,
        })
        .collect()
}

fn field(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned(), short: false }
}
