//! `[Hand over]`: the lead goes to somebody else, with a brief that everybody in the thread reads.

use watchpost::button::{Action, ButtonId};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::action::Step;
use watchpost::incident::decide::Request;
use watchpost::outbox::{Block, Field, Message};
use watchpost::person::{Asker, Person};
use watchpost::policy::Policy;
use watchpost::{due, timeline};
use watchpost_texts::say;

use super::in_memory;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility, moment};

/// Entries that the brief repeats.
const LAST_ENTRIES: usize = 5;

/// Asks to whom.
pub async fn ask(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    let message =
        Message::text(say!("Who leads {id} from now on? They are called, with a brief of where it stands."));
    let list = ButtonId::new(Action::HandOver, id).to_string();
    let asked = Rendered::of(&message).choosing_a_person(list, say!("Who leads from now on"));
    call.reply.show(asked, Visibility::Private).await;
    Ok(())
}

/// Somebody was chosen.
pub async fn to(call: &Call, id: IncidentId, chosen: Result<Asker, Failure>) -> Result<(), Failure> {
    let chosen = chosen?;
    call.may_also(&chosen, Capability::Lead).map_err(|failure| match failure {
        Failure::Denied(denied) => Failure::CannotLead { name: chosen.person.name.clone(), denied },
        other => other,
    })?;
    let outcome = call.ask(Some(id), Request::HandOver { to: chosen.person.clone() }).await?;
    let brief = brief(&outcome.incident, &call.mind.desk.policy(), chosen.person);
    call.reply.show(Rendered::of(&brief), Visibility::Public).await;
    Ok(())
}

/// Where it stands, who was told what, what comes next.
fn brief(incident: &Incident, policy: &Policy, to: Person) -> Message {
    let summary = incident
        .assessment
        .as_ref()
        .map_or(say!("It has not been checked yet."), |last| last.summary.as_str());
    let since = moment(incident.began());
    let mut fields = vec![
        field("State", say!("{}, {}, since {since}\n{summary}", incident.severity, incident.phase)),
        field("Told", told(incident, policy)),
    ];
    let open = incident
        .actions
        .iter()
        .filter(|action| matches!(action.step, Step::Proposed | Step::Approved | Step::Started));
    let open: Vec<String> = open.map(|action| format!("{} ({})", action.text, action.step.name())).collect();
    fields
        .push(field(say!("Open actions"), if open.is_empty() { "none".to_owned() } else { open.join("\n") }));
    if let Some(cause) = incident.cause_entry() {
        fields.push(field("Cause", cause.text.clone()));
    }
    let suspects: Vec<&str> = incident.suspects().map(|entry| entry.text.as_str()).collect();
    if !suspects.is_empty() {
        fields.push(field("Suspects", suspects.join("\n")));
    }
    let checklist = incident.checklist.summary(&policy.procedure, incident.confirmed.is_some());
    if !checklist.is_empty() {
        fields.push(field("Checklist", checklist));
    }
    if let Some(writer) = &incident.communications {
        fields.push(field(say!("Writes the updates"), writer.name.clone()));
    }
    let from = incident.entries.len().saturating_sub(LAST_ENTRIES);
    let entry = |entry: &watchpost::incident::Entry| {
        format!("{} {}: {} ({})", moment(entry.at), entry.by, entry.text, timeline::entry_kind(entry.kind))
    };
    let last: Vec<String> = incident.entries[from..].iter().map(entry).collect();
    if !last.is_empty() {
        fields.push(field(say!("Last entries"), last.join("\n")));
    }
    let block = Block {
        title: say!("{}: {} leads", incident.id, to.name),
        text: incident.title.clone(),
        fields,
        ..Block::default()
    };
    Message {
        block: Some(block),
        pings_people: vec![to.id],
        ..Message::text(say!("<@{}> you lead now.", to.id))
    }
}

fn told(incident: &Incident, policy: &Policy) -> String {
    let due = due::updates(incident, policy);
    let line = |audience: &watchpost::policy::Audience| {
        let so_far = incident.told.get(&audience.name).map_or_else(
            || say!("nothing yet").to_owned(),
            |told| say!("update {} {}", told.number, moment(told.at)),
        );
        let next = due.get(&audience.name).map(|at| say!(", next by {}", moment(*at))).unwrap_or_default();
        format!("{}: {so_far}{next}", audience.name)
    };
    let lines: Vec<String> = policy.audiences.iter().map(line).collect();
    if lines.is_empty() { say!("No audience is configured.").to_owned() } else { lines.join("\n") }
}

fn field(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, short: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::ids::PersonId;

    #[test]
    fn the_brief_calls_the_new_lead_and_nobody_else() {
        let incident = Incident::unborn(IncidentId(1));
        let ben = Person { id: PersonId(7), name: "ben".to_owned() };
        let brief = brief(&incident, &Policy::default(), ben);
        assert_eq!(brief.pings_people, [PersonId(7)]);
        assert!(brief.pings.is_empty() && brief.text == "<@7> you lead now.");
    }
}
