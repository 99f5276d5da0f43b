//! `/report`: open to everybody. Mail does not work: say so, and hear what is known.
//!
//! 1. At most three answers are asked for; none but the symptom is needed.
//! 2. Where an incident is open, the report is counted on its card and never posted. Where none is, it waits, and enough
//!    of them propose one ([`proposed`]).
//! 3. The answer is private: what is known, and what to use meanwhile. An error text is explained.

pub mod answer;
pub mod proposed;

use poise::ChoiceParameter;
use watchpost::clock::UtcMs;
use watchpost::desk::Reported;
use watchpost::explain::mask_addresses;
use watchpost::incident::{Incident, Verdict};
use watchpost::outbox::Message;
use watchpost::person::Personal;
use watchpost::policy::Policy;
use watchpost::report::{self, Report};
use watchpost::update;
use watchpost_texts::say;

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
    let policy = call.mind.desk.policy();
    let partner = text.as_deref().and_then(|text| report::partner(text, &policy.hosts));
    let kept = |text: &str, most: usize| mask_addresses(text).chars().take(most).collect::<String>();
    let report = Report {
        at: call.now(),
        symptom: symptom.into(),
        client: client.map(Into::into),
        site: site.map(|site| kept(&site, SITE)),
        domain: partner,
        service: None,
        text: text.map(|text| Personal { of: by.id, text: kept(&text, TEXT) }),
        people: people(count.as_deref())?,
        by,
    };
    let explained =
        explained.filter(|explained| explained.reason.is_some()).map(|explained| explained.explanation);
    match call.report(report).await? {
        Reported::Known(incident) => call.tell(&known(&incident, &policy, explained, call.now())).await,
        Reported::Waiting { people, proposed } => call.tell(&waits(people, proposed, explained)).await,
    }
    Ok(())
}

/// A number that was typed. Discord's own number options come from poise with limits that Discord's description refuses.
fn people(typed: Option<&str>) -> Result<u32, Failure> {
    let Some(typed) = typed else { return Ok(1) };
    let number = typed.trim().parse::<u32>().ok().filter(|number| (1..=PEOPLE).contains(number));
    number.ok_or_else(|| Failure::Unreadable(typed.chars().take(20).collect()))
}

/// "Known since 02:10 (INC-42). Reading works. Until then use …; we shall ask you whether it works."
fn known(incident: &Incident, policy: &Policy, explained: Option<String>, now: UtcMs) -> Message {
    let since = say!("Known since <t:{}:t> ({}). You are counted.", incident.began().seconds(), incident.id);
    // As in the texts: only what its owner has confirmed lately, and whose probes are green.
    let instead = Some(update::instead(incident, policy, now)).filter(|instead| !instead.is_empty());
    let instead = instead.map(|instead| say!("Until then: {instead}"));
    let asks = say!("We shall ask you whether it works.").to_owned();
    let parts = [Some(since), works(incident), instead, explained, Some(asks)];
    Message::text(parts.into_iter().flatten().map(|part| full_stop(&part)).collect::<Vec<_>>().join(" "))
}

/// What still works, in words for everybody; nothing where nothing was measured.
fn works(incident: &Incident) -> Option<String> {
    let works = incident.assessment.as_ref()?.capabilities;
    let each = [("reading", works.read), ("sending", works.send), ("receiving", works.receive)];
    let good: Vec<&str> =
        each.into_iter().filter(|(_, verdict)| *verdict == Verdict::Ok).map(|(name, _)| name).collect();
    let verb = if good.len() == 1 { "works" } else { "work" };
    let mut text = format!("{} {verb}.", good.join(" and "));
    text.get_mut(..1)?.make_ascii_uppercase();
    (!good.is_empty()).then_some(text)
}

fn full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', ')']) { text.to_owned() } else { format!("{text}.") }
}

/// Nothing is open: the report waits, and enough of them propose an incident.
fn waits(people: u32, proposed: bool, explained: Option<String>) -> Message {
    let others = match people {
        0 | 1 => say!("You are the first to say so in the last hour.").to_owned(),
        several => say!("{several} people said so in the last hour."),
    };
    let next = match proposed {
        true => say!("The people who answer for mail have been called to look at it."),
        false => {
            say!(
                "It is noted; if more people say so, somebody is called. Is it urgent? Tell your help desk as well."
            )
        }
    };
    let parts: Vec<String> =
        [Some(say!("Thank you. {others} {next}")), explained].into_iter().flatten().collect();
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
