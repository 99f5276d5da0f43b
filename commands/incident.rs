//! `/incident [text]`: declare with one line; without text, the incident of this thread or the only open one.
//!
//! Everything that is not the one line has a default, and can be changed later by a button on the card.

pub mod call;
pub mod checklist;
pub mod hand_over;
pub mod link;
pub mod more;
pub mod outside;
pub mod restrict;
pub mod role;

use std::sync::Arc;

use poise::ChoiceParameter;
use serenity::builder::CreateAutocompleteResponse;
use watchpost::button::{Action, ButtonId};
use watchpost::card;
use watchpost::ids::{IncidentId, PersonId, ServiceName};
use watchpost::incident::decide::{Declaration, Request};
use watchpost::incident::{Incident, Severity};
use watchpost::outbox::{Block, Field, Message, Tone};
use watchpost::person::{Actor, Person};
use watchpost::policy::Policy;
use watchpost::refusal::Refusal;
use watchpost::{due, timeline};
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::framework::reply::{suggestion, suggestions};
use crate::bot::rendering::{Visibility, moment};
use crate::check;

/// How bad it is, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum SeverityChoice {
    /// Worst.
    #[name = "SEV1: no mail in or out, for all"]
    Sev1,
    /// The default.
    #[name = "SEV2: one direction, one site, or long delays"]
    Sev2,
    /// There is a way around.
    #[name = "SEV3: works worse than it should, or there is a way around it"]
    Sev3,
    /// Nobody notices yet.
    #[name = "SEV4: planned work, or something that nobody notices yet"]
    Sev4,
}

/// Declare an incident with one line, or show the one that is open
#[poise::command(slash_command)]
pub(crate) async fn incident(
    context: Context<'_>,
    #[description = "What is wrong, in one line. Leave it out to see the open incident"] text: Option<String>,
    #[description = "Which mail service"]
    #[autocomplete = "services"]
    service: Option<String>,
    #[description = "How bad it is; SEV2 where you say nothing"] severity: Option<SeverityChoice>,
    #[description = "A rehearsal: reaches no stakeholder"] drill: Option<bool>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let Some(text) = text else { return show(&call).await };
    let said = Declaration {
        guild: call.guild()?,
        text: text.clone(),
        service: service.map(ServiceName),
        severity: severity.map(Severity::from),
        since: None,
        drill: drill == Some(true),
    };
    declare(&call, said).await.map_err(|failure| failure.with_typed(&text))
}

/// The configured services, for the option of that name. Answered from memory.
pub async fn services(context: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let typed = typed.to_lowercase();
    let policy = context.data().desk.policy();
    let names = policy.services.iter().map(ServiceName::as_str);
    let fitting = names.filter(|name| name.to_lowercase().contains(&typed));
    CreateAutocompleteResponse::new().set_choices(suggestions(fitting.map(|name| suggestion(name, name))))
}

/// The open incidents of the server, for an option that names one. Answered from memory.
pub async fn open_incidents(context: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let guild = context.guild_id().map(|guild| watchpost::ids::GuildId(guild.get()));
    let actor = Actor::Person(Person { id: PersonId(context.author().id.get()), name: String::new() });
    let open = guild.map(|guild| context.data().desk.open_for(&actor, guild)).unwrap_or_default();
    let typed = typed.to_lowercase();
    let shown = open.iter().map(|incident| (incident.id.to_string(), one_line(incident)));
    let fitting = shown.filter(|(_, line)| line.to_lowercase().contains(&typed));
    CreateAutocompleteResponse::new()
        .set_choices(suggestions(fitting.map(|(id, line)| suggestion(&line, &id))))
}

/// Declares, and has the service checked.
pub(crate) async fn declare(call: &Call, said: Declaration) -> Result<(), Failure> {
    let outcome = call.ask(None, Request::Declare(said)).await?;
    let policy = call.mind.desk.policy();
    call.tell(&declared(&outcome.incident, &policy)).await;
    check::in_background(&call.mind, &outcome.incident);
    Ok(())
}

pub(crate) async fn show(call: &Call) -> Result<(), Failure> {
    match call.incident(None).await {
        Ok(incident) => call.tell(&card::whole(&incident, &call.mind.desk.policy())).await,
        Err(Failure::Refusal(Refusal::WhichIncident { .. })) => {
            call.tell(&several(&call.mind.desk.open_for(&call.actor()?, call.guild()?))).await;
        }
        Err(other) => return Err(other),
    }
    Ok(())
}

/// `[I have it]`.
pub async fn acknowledge(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let outcome = call.ask(Some(id), Request::Acknowledge).await?;
    call.tell(&you_have_it(&outcome.incident, &call.mind.desk.policy())).await;
    Ok(())
}

/// `[Close]`: asks what was done and how it is known.
pub async fn open_resolve_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    if !incident.phase.is_open() {
        return Err(Refusal::Over { id, phase: incident.phase }.into());
    }
    if incident.proof.proved.is_none() {
        call.tell(&check::prove::not_proved(&incident)).await;
        return Ok(());
    }
    let why = why(
        say!("What was done, and how do you know?"),
        say!("Renewed the certificate; a phone sent and received mail"),
    );
    call.reply.form(forms::form(Action::Resolve, id, &say!("Close {id}"), vec![why])).await;
    Ok(())
}

/// The form of `[Close]` was sent.
pub async fn resolve(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    close(call, id, filled.text("why")).await
}

pub(crate) async fn close(call: &Call, id: IncidentId, why: String) -> Result<(), Failure> {
    let outcome =
        call.ask(Some(id), Request::Resolve { why: why.clone() }).await.map_err(|f| f.with_typed(&why))?;
    call.tell(&closed(&outcome.incident)).await;
    Ok(())
}

/// `[Reopen]`: asks why.
pub async fn open_reopen_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let why = why(say!("What shows that it is not over?"), say!("Two people cannot send again since 08:10"));
    call.reply.form(forms::form(Action::Reopen, id, &say!("Reopen {id}"), vec![why])).await;
    Ok(())
}

/// The form of `[Reopen]` was sent.
pub async fn reopen(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    open_again(call, id, filled.text("why")).await
}

pub(crate) async fn open_again(call: &Call, id: IncidentId, why: String) -> Result<(), Failure> {
    let outcome =
        call.ask(Some(id), Request::Reopen { why: why.clone() }).await.map_err(|f| f.with_typed(&why))?;
    call.tell(&reopened(&outcome.incident)).await;
    check::in_background(&call.mind, &outcome.incident);
    Ok(())
}

/// The incident that was named in an option.
pub fn named(incident: Option<String>) -> Result<Option<IncidentId>, Failure> {
    let named = incident.map(|text| text.parse::<IncidentId>()).transpose();
    named.map_err(|wrong| Failure::Unreadable(wrong.0))
}

/// The incident, where it can be had without waiting: a form cannot be deferred.
pub fn in_memory(call: &Call, id: IncidentId) -> Result<Arc<Incident>, Failure> {
    let guild = call.guild()?;
    let actor = call.actor()?;
    let found = call.mind.desk.incident(id);
    let found = found.filter(|incident| incident.guild == guild && incident.admits(&actor));
    found.ok_or_else(|| Refusal::NoSuchIncident(id).into())
}

/// The one input of a form that asks why.
pub(crate) fn why(label: &'static str, hint: &'static str) -> Input {
    Input { name: "why", label, hint, filled: String::new(), room: Room::Lines, need: Need::Required }
}

fn declared(incident: &Incident, policy: &Policy) -> Message {
    let id = incident.id;
    let place =
        policy.guilds.get(&incident.guild).map(|guild| say!(" Its thread opens in <#{}>.", guild.operations));
    let first = due::updates(incident, policy).into_values().min();
    let first = match (incident.drill, first) {
        (true, _) => say!(" It is a drill: no stakeholder is told.").to_owned(),
        (false, Some(at)) => {
            say!(" Stakeholders hear the first word by {}, also if nobody writes it.", moment(at))
        }
        (false, None) => String::new(),
    };
    let checking = incident.service.as_ref().map(|service| say!(" {service} is being checked now."));
    let text = say!(
        "{id} is declared as {}: {}.{}{first}{}",
        incident.severity,
        incident.title.trim_end_matches('.'),
        place.unwrap_or_default(),
        checking.unwrap_or_default(),
    );
    Message { buttons: vec![card::buttons(incident)], ..Message::text(text) }
}

fn you_have_it(incident: &Incident, policy: &Policy) -> Message {
    let next = due::updates(incident, policy).into_iter().min_by_key(|(_, at)| *at);
    let next = match next {
        Some((audience, at)) if !incident.told.contains_key(&audience) => {
            say!(" The first text goes to {audience} at {}.", moment(at))
        }
        Some((audience, at)) => say!(" The next text goes to {audience} at {}.", moment(at)),
        None => String::new(),
    };
    let text = say!("You lead {} and write the updates until you hand over.{next}", incident.id);
    Message { buttons: vec![card::buttons(incident)], ..Message::text(text) }
}

pub(crate) fn closed(incident: &Incident) -> Message {
    let told = incident.told.len();
    let last_word = match told {
        0 => say!("Nobody was told that it began, so nobody is told that it ended.").to_owned(),
        1 => say!("The last word goes to the audience that was told.").to_owned(),
        several => say!("The last word goes to the {several} audiences that were told."),
    };
    let watched = incident.proof.watched.map(|watched| {
        say!(" It is watched until {}; the same trouble offers to reopen it.", moment(watched.until))
    });
    let asked = incident.proof.ask_at.map(|at| say!(" Who reported is asked at {}.", moment(at)));
    Message::text(say!(
        "{} is closed. {last_word}{}{} /timeline has the record for the review.",
        incident.id,
        watched.unwrap_or_default(),
        asked.unwrap_or_default()
    ))
}

fn reopened(incident: &Incident) -> Message {
    Message::text(say!(
        "{} is open again; whoever was told that mail works hears that it does not.",
        incident.id
    ))
}

fn several(open: &[Arc<Incident>]) -> Message {
    let field = |incident: &Arc<Incident>| Field {
        name: incident.id.to_string(),
        value: match incident.home.thread {
            Some(thread) => format!("{} <#{thread}>", one_line(incident)),
            None => one_line(incident),
        },
        short: false,
    };
    let block = Block {
        title: say!("{} incidents are open", open.len()),
        text: say!("Use a command in the thread of the one that you mean, or name it.").to_owned(),
        fields: open.iter().map(field).collect(),
        tone: Tone::Bad,
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

/// An incident in a list.
pub fn one_line(incident: &Incident) -> String {
    let drill = if incident.drill { "DRILL · " } else { "" };
    format!("{drill}{} · {} · {} · {}", incident.id, incident.severity, incident.phase, incident.title)
}

/// The button of an action, as the card has it.
pub fn button(incident: &Incident, action: Action) -> watchpost::outbox::Button {
    watchpost::outbox::Button {
        label: action.label().to_owned(),
        action: ButtonId::new(action, incident.id).to_string(),
        weight: watchpost::outbox::Weight::Primary,
    }
}

/// The last events, a line each, newest last.
pub fn last_lines(events: &[watchpost::incident::event::Recorded], most: usize) -> String {
    let from = events.len().saturating_sub(most);
    let line = |recorded: &watchpost::incident::event::Recorded| {
        format!("<t:{}:t> {}", recorded.new.happened_at.seconds(), timeline::sentence(&recorded.new))
    };
    events[from..].iter().map(line).collect::<Vec<_>>().join("\n")
}

impl From<SeverityChoice> for Severity {
    fn from(choice: SeverityChoice) -> Self {
        match choice {
            SeverityChoice::Sev1 => Severity::Sev1,
            SeverityChoice::Sev2 => Severity::Sev2,
            SeverityChoice::Sev3 => Severity::Sev3,
            SeverityChoice::Sev4 => Severity::Sev4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choices_say_what_the_severities_mean() {
        for (choice, severity) in SeverityChoice::list().iter().zip(Severity::ALL) {
            assert_eq!(choice.name, format!("{severity}: {}", severity.meaning()));
        }
    }

    #[test]
    fn the_end_is_told_to_those_who_heard_of_the_beginning() {
        let incident = Incident::unborn(IncidentId(4));
        assert!(closed(&incident).text.starts_with("INC-4 is closed. Nobody was told"));
        assert_eq!(one_line(&incident), "INC-4 · SEV3 · investigating · ");
    }
}
