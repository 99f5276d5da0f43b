//! `/report`: open to everybody. Mail does not work: say so, and hear what is known.
//!
//! 1. At most three answers are asked for; none but the symptom is needed.
//! 2. Where an incident is open, the report is counted on its card and never posted.
//! 3. The answer is private: what is known, and what to use meanwhile. An error text is explained.

pub mod answer;

use poise::ChoiceParameter;
use watchpost::explain::mask_addresses;
use watchpost::incident::Incident;
use watchpost::incident::decide::Request;
use watchpost::outbox::Message;
use watchpost::person::Personal;
use watchpost::refusal::Refusal;
use watchpost::report::{self, Report};

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// Longest site that is kept, in characters.
const SITE: usize = 60;
/// Longest text that is kept, in characters.
const TEXT: usize = 2_000;
/// For how many people one report can speak.
const PEOPLE: u32 = 10_000;

/// What does not work, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum Symptom {
    /// Out.
    #[name = "cannot send"]
    CannotSend,
    /// In.
    #[name = "cannot receive"]
    CannotReceive,
    /// Late.
    #[name = "delayed"]
    Delayed,
    /// Login.
    #[name = "cannot log in"]
    CannotLogIn,
    /// Back.
    #[name = "came back with an error"]
    Bounced,
    /// Else.
    #[name = "something else"]
    Else,
}

/// With which program, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum Client {
    /// Telephone.
    #[name = "phone"]
    Phone,
    /// Computer.
    #[name = "mail program"]
    Desktop,
    /// Browser.
    #[name = "webmail"]
    Webmail,
    /// By itself.
    #[name = "device or application"]
    Device,
}

/// Your mail does not work: say so, and hear what is known
#[poise::command(slash_command)]
pub(crate) async fn report(
    context: Context<'_>,
    #[description = "What does not work"] symptom: Symptom,
    #[description = "With which program"] client: Option<Client>,
    #[description = "The error text, or anything that helps"] text: Option<String>,
    #[description = "Where: your site or office"] site: Option<String>,
    #[description = "For how many people you speak, at a help desk: 10"] count: Option<String>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let by = call.person()?;
    let explained = text.as_deref().map(|text| watchpost::explain::explain(text, call.now().to_utc()));
    let kept = |text: &str, most: usize| mask_addresses(text).chars().take(most).collect::<String>();
    let report = Report {
        at: call.now(),
        symptom: symptom.into(),
        client: client.map(Into::into),
        site: site.map(|site| kept(&site, SITE)),
        service: None,
        text: text.map(|text| Personal { of: by.id, text: kept(&text, TEXT) }),
        people: people(count.as_deref())?,
        by,
    };
    let explained =
        explained.filter(|explained| explained.reason.is_some()).map(|explained| explained.explanation);
    match call.ask(None, Request::Report(Box::new(report))).await {
        Ok(outcome) => call.tell(&known(&outcome.incident, explained)).await,
        Err(Failure::Refusal(Refusal::NothingOpen)) => call.tell(&unknown(explained)).await,
        Err(Failure::Refusal(Refusal::WhichIncident { .. })) => call.tell(&several(explained)).await,
        Err(other) => return Err(other),
    }
    Ok(())
}

/// A number that was typed. Discord's own number options come from poise with limits that Discord's description refuses.
fn people(typed: Option<&str>) -> Result<u32, Failure> {
    let Some(typed) = typed else { return Ok(1) };
    let number = typed.trim().parse::<u32>().ok().filter(|number| (1..=PEOPLE).contains(number));
    number.ok_or_else(|| Failure::Unreadable(typed.chars().take(20).collect()))
}

fn known(incident: &Incident, explained: Option<String>) -> Message {
    let since =
        format!("Known since <t:{}:t> ({}). You are counted.", incident.began().seconds(), incident.id);
    let users = incident.told.values().find(|told| !told.text.is_empty());
    let said = users.map(|told| told.text.clone()).unwrap_or_default();
    let parts: Vec<String> = [Some(since), Some(said), explained].into_iter().flatten().collect();
    Message::text(parts.join("\n"))
}

fn unknown(explained: Option<String>) -> Message {
    let text = "Nothing is known of that yet, so nobody is working on it yet. Please tell your help desk: they can open an \
                incident, and you will be told here.";
    let parts: Vec<String> = [Some(text.to_owned()), explained].into_iter().flatten().collect();
    Message::text(parts.join("\n"))
}

fn several(explained: Option<String>) -> Message {
    let text = "More than one disturbance is known at the moment; the people who work on them are told in their threads.";
    let parts: Vec<String> = [Some(text.to_owned()), explained].into_iter().flatten().collect();
    Message::text(parts.join("\n"))
}

impl From<Symptom> for report::Symptom {
    fn from(symptom: Symptom) -> Self {
        match symptom {
            Symptom::CannotSend => report::Symptom::CannotSend,
            Symptom::CannotReceive => report::Symptom::CannotReceive,
            Symptom::Delayed => report::Symptom::Delayed,
            Symptom::CannotLogIn => report::Symptom::CannotLogIn,
            Symptom::Bounced => report::Symptom::Bounced,
            Symptom::Else => report::Symptom::Else,
        }
    }
}

impl From<Client> for report::Client {
    fn from(client: Client) -> Self {
        match client {
            Client::Phone => report::Client::Phone,
            Client::Desktop => report::Client::Desktop,
            Client::Webmail => report::Client::Webmail,
            Client::Device => report::Client::Device,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_what_the_mind_counts() {
        for (offered, known) in Symptom::list().iter().zip(report::Symptom::ALL) {
            assert_eq!(offered.name, known.label());
        }
        for (offered, known) in Client::list().iter().zip(report::Client::ALL) {
            assert_eq!(offered.name, known.label());
        }
    }
}
