//! `/update`: tell stakeholders. Shows what was sent where and when the next word is due; the facts are written once, and
//! the texts of all audiences follow from them.

pub mod follow;

use watchpost::button::Action;
use watchpost::due;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::{News, Request};
use watchpost::incident::event::{Event, Recorded};
use watchpost::incident::{Eta, Facts, Incident, Told};
use watchpost::outbox::{Block, Field, Message, Tone};
use watchpost::policy::Policy;
use watchpost::{timeline, when};

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, moment};
use crate::incident::{button, in_memory};

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
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let typed = Typed { sentence, impact, instead, eta };
    say_or_show(&call, None, typed, correction == Some(true)).await
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

/// `[Tell stakeholders]`: the form, filled with what they were told last.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let title = format!("Tell stakeholders of {id}");
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
    };
    send(call, &incident, typed, correction).await
}

/// `[Correct]`: the same form; what is sent goes out at once.
pub async fn open_correction(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let title = format!("Correct what was told of {id}");
    call.reply.form(forms::form(Action::Correct, id, &title, inputs(&incident))).await;
    Ok(())
}

/// What was typed of the news.
pub(crate) struct Typed {
    pub(crate) sentence: Option<String>,
    pub(crate) impact: Option<String>,
    pub(crate) instead: Option<String>,
    pub(crate) eta: Option<String>,
}

impl Typed {
    fn is_empty(&self) -> bool {
        [&self.sentence, &self.impact, &self.instead, &self.eta].into_iter().all(Option::is_none)
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
    let facts = &incident.facts;
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
            "What people notice",
            "Phones and mail programs cannot send",
            &facts.impact,
            Room::Lines,
        ),
        input("instead", "What to use meanwhile", "Webmail works; send there", &facts.instead, Room::Lines),
        input(
            "sentence",
            "One sentence of news",
            "We are renewing the certificate",
            &facts.sentence,
            Room::Lines,
        ),
        input("eta", "When it will be over", "15:30, in 20 minutes, 15:00-16:00, unknown", "", Room::Line),
    ]
}

/// What has gone out, in the words that were sent.
fn sent(incident: &Incident, events: &[Recorded]) -> Message {
    let texts: Vec<Field> = events
        .iter()
        .filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { audience, kind, text, next, .. } => {
                let next = next.map(|next| format!("\nNext word by {}.", moment(next))).unwrap_or_default();
                Some(field(
                    &format!("{audience} ({})", timeline::update_kind(*kind)),
                    format!("{text}{next}"),
                ))
            }
            _ => None,
        })
        .collect();
    let title = if texts.is_empty() { "Recorded; nobody is to be told" } else { "On its way" };
    let text = match (incident.drill, texts.is_empty()) {
        (true, _) => "A drill: these texts stand in the thread and reach no stakeholder.",
        (_, true) => "No audience is configured for this.",
        _ => "The card and /update show where each text has arrived.",
    };
    let block = Block { title: title.to_owned(), text: text.to_owned(), fields: texts, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

/// What was sent where, and when the next word is due.
fn overview(incident: &Incident, policy: &Policy) -> Message {
    let due = due::updates(incident, policy);
    let fields = policy.audiences.iter().map(|audience| {
        let told = incident.told.get(&audience.name).map_or_else(|| "Not told yet.".to_owned(), told);
        let next = match due.get(&audience.name) {
            Some(at) => format!("Next word by {}.", moment(*at)),
            None => "Hears only of changes.".to_owned(),
        };
        field(audience.name.as_str(), format!("{told}\n{next}"))
    });
    let block = Block {
        title: format!("{}: who was told what", incident.id),
        text: format!("Expected end: {}.", eta(incident.eta)),
        fields: fields.collect(),
        tone: Tone::Plain,
        footer: "What is due goes out by itself, also if nobody writes it.".to_owned(),
    };
    let buttons =
        if incident.phase.is_open() { vec![vec![button(incident, Action::Tell)]] } else { Vec::new() };
    Message { block: Some(block), buttons, ..Message::default() }
}

fn told(told: &Told) -> String {
    let names = |destinations: &[watchpost::ids::DestinationName]| {
        destinations.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("{} {}: {}", timeline::update_kind(told.kind), moment(told.at), told.text);
    if !told.delivered.is_empty() {
        text.push_str(&format!("\nArrived: {}.", names(&told.delivered)));
    }
    if !told.undelivered.is_empty() {
        text.push_str(&format!("\nDid not arrive: {}.", names(&told.undelivered)));
    }
    text
}

fn eta(eta: Eta) -> String {
    match eta {
        Eta::Unknown => "unknown".to_owned(),
        Eta::At(at) => moment(at),
        Eta::Between(from, to) => format!("between {} and {}", moment(from), moment(to)),
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
        let before = Facts { impact: "phones".into(), instead: "webmail".into(), sentence: "old".into() };
        let typed =
            Typed { sentence: Some(" new ".into()), impact: None, instead: Some(String::new()), eta: None };
        let after = typed.facts(&before);
        assert_eq!(after, Facts { impact: "phones".into(), instead: String::new(), sentence: "new".into() });
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
