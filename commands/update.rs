//! `/update`: tell stakeholders. Shows what was sent where and when the next word is due; the facts are written once, and
//! the texts of all audiences follow from them.

#![allow(clippy::too_many_arguments, reason = "a command has one parameter for each of its options")]

pub mod follow;
pub mod telephones;
pub mod texts;

use watchpost::button::{Action, Text};
use watchpost::clock::UtcMs;
use watchpost::desk::plan::would_read;
use watchpost::due;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::{News, Request};
use watchpost::incident::event::{Event, Recorded};
use watchpost::incident::telling::{Draft, TellingRequest};
use watchpost::incident::{Eta, Facts, Incident, Told};
use watchpost::outbox::{Block, Field, Message, Tone};
use watchpost::policy::Policy;
use watchpost::update::fate::Fate;
use watchpost::{timeline, when};
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, moment};
use crate::incident::{button, in_memory, open_incidents};

/// Tell stakeholders, or see what they were told and when the next word is due
#[poise::command(slash_command)]
pub(crate) async fn update(
    context: Context<'_>,
    #[description = "One sentence of news. Leave everything out to see what was sent"] sentence: Option<
        String,
    >,
    #[description = "What people notice: phones and mail programs cannot send"] impact: Option<String>,
    #[description = "What to use meanwhile: webmail works, send there"] instead: Option<String>,
    #[description = "When it will be over: 15:30, in 20 minutes, 15:00-16:00, unknown"] eta: Option<String>,
    #[description = "An earlier text was wrong: goes out at once"] correction: Option<bool>,
    #[description = "What happens to mail, where you know it better than the probes"] mail: Option<MailFate>,
    #[description = "What management has to decide; - takes it away"] decision: Option<String>,
    #[description = "Only show what everybody would read; [Send] sends it"] preview: Option<bool>,
    #[description = "Which incident; that of this thread, or the only open one, where you say nothing"]
    #[autocomplete = "open_incidents"]
    incident: Option<String>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let named = crate::incident::named(incident)?;
    let typed = Typed { sentence, impact, instead, eta, mail: mail.map(MailFate::fate), decision };
    let correction = correction == Some(true);
    if preview == Some(true) {
        let incident = call.incident(named).await?;
        return draft(&call, &incident, typed, correction).await;
    }
    say_or_show(&call, named, typed, correction).await
}

/// Says what was typed; without anything typed, shows what was said.
pub(crate) async fn say_or_show(
    call: &Call,
    named: Option<IncidentId>,
    typed: Typed,
    correction: bool,
) -> Result<(), Failure> {
    let incident = call.incident(named).await?;
    if typed.is_empty() && !correction {
        call.tell(&overview(&incident, &call.mind.desk.policy())).await;
        return Ok(());
    }
    send(call, &incident, typed, correction).await
}

/// What happens to mail, as it is chosen.
#[derive(Debug, Clone, Copy, poise::ChoiceParameter)]
pub enum MailFate {
    /// The probes say it.
    #[name = "what the probes say"]
    AsMeasured,
    /// It waits.
    #[name = "it comes late"]
    Late,
    /// It goes back.
    #[name = "it goes back to its senders"]
    Bounced,
    /// It is gone.
    #[name = "some of it is lost"]
    Lost,
    /// It has not left.
    #[name = "it stays on people's devices"]
    OnDevice,
}

impl MailFate {
    fn fate(self) -> Option<Fate> {
        match self {
            MailFate::AsMeasured => None,
            MailFate::Late => Some(Fate::Delayed),
            MailFate::Bounced => Some(Fate::Bounced),
            MailFate::Lost => Some(Fate::Lost),
            MailFate::OnDevice => Some(Fate::OnDevice),
        }
    }
}

/// `[Tell stakeholders]`: the form, filled with what they were told last.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let title = say!("Tell stakeholders of {id}");
    call.reply.form(forms::form(Action::Tell, id, &title, inputs(&incident))).await;
    Ok(())
}

/// The form of `[Tell stakeholders]` was sent.
pub async fn tell(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    filled_in(call, id, filled, false).await
}

/// The form of `[Correct]` was sent.
pub async fn correct(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    filled_in(call, id, filled, true).await
}

async fn filled_in(call: &Call, id: IncidentId, filled: Filled<'_>, correction: bool) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let incident = call.incident(Some(id)).await?;
    let eta = filled.text("eta");
    let typed = Typed {
        sentence: Some(filled.text("sentence")),
        impact: Some(filled.text("impact")),
        instead: Some(filled.text("instead")),
        eta: Some(eta).filter(|eta| !eta.is_empty()),
        mail: None,
        decision: None,
    };
    // A correction must not wait for another click.
    if correction {
        return send(call, &incident, typed, true).await;
    }
    draft(call, &incident, typed, false).await
}

/// `[Correct]`: the same form; what is sent goes out at once.
pub async fn open_correction(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let title = say!("Correct what was told of {id}");
    call.reply.form(forms::form(Action::Correct, id, &title, inputs(&incident))).await;
    Ok(())
}

/// Shows what everybody would read; [Send] sends it.
async fn draft(call: &Call, incident: &Incident, typed: Typed, correction: bool) -> Result<(), Failure> {
    let eta = typed.eta.as_deref().map(|text| when::eta(text, call.now(), call.mind.zone)).transpose()?;
    let facts = typed.facts(&incident.facts);
    let draft = Draft { facts, eta, correction, ..Draft::default() };
    let request = Request::Telling(TellingRequest::Draft(Box::new(draft)));
    let outcome = call.ask(Some(incident.id), request).await;
    let outcome = outcome.map_err(|failure| failure.with_typed(&typed.all()))?;
    call.tell(&preview(&outcome.incident, &call.mind.desk.policy(), call.now())).await;
    Ok(())
}

/// What everybody would read.
fn preview(incident: &Incident, policy: &Policy, now: UtcMs) -> Message {
    let Some(open) = &incident.telling.draft else { return Message::default() };
    let block = Block {
        title: say!("Nobody was told yet. This would be sent:").to_owned(),
        text: String::new(),
        fields: would_read(incident, &open.draft, policy, now),
        footer: say!("One set of facts; every text follows from it.").to_owned(),
        tone: Tone::Plain,
    };
    let buttons = [Action::Text(Text::Send), Action::Tell, Action::Text(Text::Drop)];
    let buttons = vec![buttons.map(|action| button(incident, action)).to_vec()];
    Message { block: Some(block), buttons, ..Message::default() }
}

/// What was typed; what was not typed stays as it is.
#[derive(Default)]
pub(crate) struct Typed {
    pub(crate) sentence: Option<String>,
    pub(crate) impact: Option<String>,
    pub(crate) instead: Option<String>,
    pub(crate) eta: Option<String>,
    /// What happens to mail; the inner none: what the probes say.
    pub(crate) mail: Option<Option<Fate>>,
    pub(crate) decision: Option<String>,
}

impl Typed {
    fn is_empty(&self) -> bool {
        let texts = [&self.sentence, &self.impact, &self.instead, &self.eta, &self.decision];
        texts.into_iter().all(Option::is_none) && self.mail.is_none()
    }

    fn all(&self) -> String {
        let texts = [&self.impact, &self.instead, &self.sentence, &self.eta];
        texts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n\n")
    }

    fn facts(&self, before: &Facts) -> Facts {
        let new = |typed: &Option<String>, old: &String| {
            typed.as_ref().map_or_else(|| old.clone(), |typed| typed.trim().to_owned())
        };
        Facts {
            impact: new(&self.impact, &before.impact),
            instead: new(&self.instead, &before.instead),
            sentence: new(&self.sentence, &before.sentence),
            mail: self.mail.unwrap_or(before.mail),
            decision: new(&self.decision, &before.decision).trim_matches('-').to_owned(),
        }
    }
}

async fn send(call: &Call, incident: &Incident, typed: Typed, correction: bool) -> Result<(), Failure> {
    let eta = typed.eta.as_deref().map(|text| when::eta(text, call.now(), call.mind.zone)).transpose()?;
    let news = News { facts: Some(typed.facts(&incident.facts)), eta, only: None, correction };
    let outcome = call.ask(Some(incident.id), Request::Tell(news)).await;
    let outcome = outcome.map_err(|failure| failure.with_typed(&typed.all()))?;
    call.tell(&sent(&outcome.incident, &outcome.events)).await;
    Ok(())
}

fn inputs(incident: &Incident) -> Vec<Input> {
    // Who edits a draft goes on where it ends.
    let drafted = incident.telling.draft.as_ref().filter(|open| open.draft.held.is_empty());
    let facts = drafted.map_or(&incident.facts, |open| &open.draft.facts);
    let input = |name, label, hint, filled: &str, room| Input {
        name,
        label,
        hint,
        filled: filled.to_owned(),
        room,
        need: Need::Optional,
    };
    vec![
        input(
            "impact",
            say!("What people notice"),
            say!("Phones and mail programs cannot send"),
            &facts.impact,
            Room::Lines,
        ),
        input(
            "instead",
            say!("What to use meanwhile"),
            say!("Webmail works; send there"),
            &facts.instead,
            Room::Lines,
        ),
        input(
            "sentence",
            say!("One sentence of news"),
            say!("We are renewing the certificate"),
            &facts.sentence,
            Room::Lines,
        ),
        input(
            "eta",
            say!("When it will be over"),
            "15:30, in 20 minutes, 15:00-16:00, unknown",
            "",
            Room::Line,
        ),
    ]
}

/// What has gone out, in the words that were sent.
fn sent(incident: &Incident, events: &[Recorded]) -> Message {
    let texts: Vec<Field> = events
        .iter()
        .filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { audience, kind, text, next, .. } => {
                let next = next.map(|next| say!("\nNext word by {}.", moment(next))).unwrap_or_default();
                Some(field(
                    &format!("{audience} ({})", timeline::update_kind(*kind)),
                    format!("{text}{next}"),
                ))
            }
            _ => None,
        })
        .collect();
    let title = if texts.is_empty() { say!("Recorded; nobody is told at once") } else { say!("On its way") };
    let text = match (incident.drill, texts.is_empty()) {
        (true, _) => say!("A drill: these texts stand in the thread and reach no stakeholder.").to_owned(),
        (_, true) if incident.told.is_empty() => say!("No audience is configured for this.").to_owned(),
        (_, true) => {
            say!("Everybody was told something a moment ago; this follows ten minutes after it.").to_owned()
        }
        _ => say!("The card and /update show where each text has arrived.").to_owned(),
    };
    let text = [Some(text), texts::waits(incident)].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let block = Block { title: title.to_owned(), text, fields: texts, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

/// What was sent where, and when the next word is due.
fn overview(incident: &Incident, policy: &Policy) -> Message {
    let due = due::updates(incident, policy);
    let fields = policy.audiences.iter().map(|audience| {
        let told = incident.told.get(&audience.name).map_or_else(|| say!("Not told yet.").to_owned(), told);
        let next = match due.get(&audience.name) {
            Some(at) => say!("Next word by {}.", moment(*at)),
            None => say!("Hears only of changes.").to_owned(),
        };
        field(audience.name.as_str(), say!("{told}\n{next}"))
    });
    let block = Block {
        title: say!("{}: who was told what", incident.id),
        text: standing(incident),
        fields: fields.collect(),
        tone: Tone::Plain,
        footer: say!("What is due goes out by itself, also if nobody writes it.").to_owned(),
    };
    let pause = if incident.telling.paused.is_some() { Text::Continue } else { Text::Pause };
    let slow = incident.phase.is_open() && !incident.telling.slow && incident.telling.updates.len() > 1;
    let open: &[Action] = if incident.phase.is_open() { &[Action::Tell, Action::Text(pause)] } else { &[] };
    let slow: &[Action] = if slow { &[Action::Text(Text::Slow)] } else { &[] };
    let calls: &[Action] = if incident.reach.calls.is_empty() { &[] } else { &[Action::Telephones] };
    let all = open.iter().chain(slow).chain(&[Action::Text(Text::History)]).chain(calls);
    let buttons = vec![all.map(|action| button(incident, *action)).collect()];
    Message { block: Some(block), buttons, ..Message::default() }
}

/// The estimate, and whether something keeps texts back.
fn standing(incident: &Incident) -> String {
    let eta = say!("Expected end: {}.", eta(incident.eta));
    let paused = incident.telling.paused.as_ref().map(|pause| {
        say!("PAUSED since {} by {}: {}. Nothing goes out by itself.", moment(pause.at), pause.by, pause.why)
    });
    let slow = incident.telling.slow.then(|| say!("Texts come half as often.").to_owned());
    [Some(eta), paused, slow, to_call(incident), texts::waits(incident)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}

/// How many people are still to be called.
fn to_call(incident: &Incident) -> Option<String> {
    let open = incident.reach.calls.iter().filter(|one| one.reached.is_none()).count();
    (open > 0).then(|| say!("To be called by telephone: {open}. [Whom to call] has the numbers."))
}

fn told(told: &Told) -> String {
    let names = |destinations: &[watchpost::ids::DestinationName]| {
        destinations.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("{} {}: {}", timeline::update_kind(told.kind), moment(told.at), told.text);
    if !told.delivered.is_empty() {
        text.push_str(&say!("\nArrived: {}.", names(&told.delivered)));
    }
    if !told.undelivered.is_empty() {
        text.push_str(&say!("\nDid not arrive: {}.", names(&told.undelivered)));
    }
    text
}

fn eta(eta: Eta) -> String {
    match eta {
        Eta::Unknown => "unknown".to_owned(),
        Eta::At(at) => moment(at),
        Eta::Between(from, to) => say!("between {} and {}", moment(from), moment(to)),
    }
}

fn field(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, short: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_typed_stays_as_it_was() {
        let facts = |impact: &str, instead: &str, sentence: &str| Facts {
            impact: impact.into(),
            instead: instead.into(),
            sentence: sentence.into(),
            ..Facts::default()
        };
        let typed = Typed {
            sentence: Some(" new ".into()),
            impact: None,
            instead: Some(String::new()),
            eta: None,
            mail: None,
            decision: None,
        };
        assert_eq!(typed.facts(&facts("phones", "webmail", "old")), facts("phones", "", "new"));
    }

    #[test]
    fn the_form_begins_with_what_was_told_last() {
        let mut incident = Incident::unborn(IncidentId(1));
        incident.facts.impact = "phones cannot send".to_owned();
        let inputs = inputs(&incident);
        assert!(inputs.len() <= 5, "a form has at most five inputs");
        assert_eq!(inputs[0].filled, "phones cannot send");
    }
}
