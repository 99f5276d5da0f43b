//! `[More…]`: how bad it is, where the procedure is, who leads. What is seldom needed stands here, not on the card.

use watchpost::button::{Action, ButtonId};
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::{Incident, Phase, Severity, suggest};
use watchpost::outbox::{Block, Button, Field, Message, Weight};
use watchpost::refusal::Refusal;
use watchpost_texts::say;

use super::{in_memory, why};
use crate::bot::forms::{self, Filled};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// The phases that a person sets; the end has a form of its own.
const PHASES: [Phase; 4] = [Phase::Investigating, Phase::Identified, Phase::Fixing, Phase::Verifying];

/// Shows what can be changed.
pub async fn show(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    call.tell(&choices(&incident)).await;
    Ok(())
}

/// A severity or a phase was chosen: asks why.
pub async fn open_form(call: &Call, id: IncidentId, action: Action) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    if !incident.phase.is_open() {
        return Err(Refusal::Over { id, phase: incident.phase }.into());
    }
    let why = match action {
        Action::Severity(_) => why(say!("Why is it as bad as that?"), say!("Two more sites cannot send")),
        _ => why(say!("What shows it?"), say!("The renewal timer has been failing since 12 October")),
    };
    call.reply.form(forms::form(action, id, &format!("{id}: {}", action.label()), vec![why])).await;
    Ok(())
}

/// How bad it is was judged anew.
pub async fn judge(call: &Call, id: IncidentId, to: Severity, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let why = filled.text("why");
    let request = Request::SetSeverity { to, why: why.clone() };
    call.ask(Some(id), request).await.map_err(|failure| failure.with_typed(&why))?;
    let text = say!("{id} is {to} now: {}. How often stakeholders hear follows from that.", to.meaning());
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// The procedure goes on, or back.
pub async fn step(call: &Call, id: IncidentId, to: Phase, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let why = filled.text("why");
    let request = Request::SetPhase { to, why: why.clone() };
    call.ask(Some(id), request).await.map_err(|failure| failure.with_typed(&why))?;
    call.tell(&Message::text(say!("{id} is {to} now. /help says what comes next."))).await;
    Ok(())
}

fn choices(incident: &Incident) -> Message {
    let meaning = |severity: Severity| format!("{severity}: {}", severity.meaning());
    let severities = Severity::ALL.map(meaning).join("\n");
    let block = Block {
        title: say!("{} is {} and {}", incident.id, incident.severity, incident.phase),
        text: match suggest::words(incident) {
            Some(words) => say!("What asks for a reason stands with it in the timeline. {words}."),
            None => say!("What asks for a reason stands with it in the timeline.").to_owned(),
        },
        fields: vec![Field {
            name: say!("When unsure, the higher").to_owned(),
            value: severities,
            short: false,
        }],
        ..Block::default()
    };
    let severities = Severity::ALL.into_iter().filter(|severity| *severity != incident.severity);
    let phases = PHASES.into_iter().filter(|phase| *phase != incident.phase);
    let buttons = vec![
        severities.map(|severity| button(incident.id, Action::Severity(severity))).collect(),
        phases.map(|phase| button(incident.id, Action::Phase(phase))).collect(),
        vec![
            button(incident.id, Action::HandOver),
            button(incident.id, Action::Call),
            button(incident.id, Action::Communications),
            button(incident.id, Action::Timeline),
            button(incident.id, Action::Follow),
        ],
        related(incident),
    ];
    Message { block: Some(block), buttons, ..Message::default() }
}

/// Other incidents, who sees it, who outside can help, what was changed.
fn related(incident: &Incident) -> Vec<Button> {
    let restriction: &[Action] =
        if incident.is_restricted() { &[Action::LetIn, Action::Unrestrict] } else { &[Action::Restrict] };
    let actions = [Action::Contacts, Action::Changes, Action::Link].iter().chain(restriction);
    actions.map(|action| button(incident.id, *action)).collect()
}

fn button(incident: IncidentId, action: Action) -> Button {
    Button {
        label: action.label().to_owned(),
        action: ButtonId::new(action, incident).to_string(),
        weight: Weight::Secondary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_so_already_is_not_offered() {
        let incident = Incident::unborn(IncidentId(1));
        let labels: Vec<String> = choices(&incident).buttons.concat().into_iter().map(|b| b.label).collect();
        assert_eq!(
            labels,
            [
                "SEV1",
                "SEV2",
                "SEV4",
                "Cause known",
                "Being repaired",
                "Seems to work",
                "Hand over",
                "Call the next",
                "I write the updates",
                "Timeline",
                "Tell me",
                "Contacts",
                "Recent changes",
                "Link or duplicate",
                "Restrict"
            ]
        );
    }
}
