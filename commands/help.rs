//! `/help`: the next step for the phase one is in. For somebody at three in the morning who knows no command.

use watchpost::card;
use watchpost::incident::{Incident, Phase};
use watchpost::outbox::{Block, Field, Message};
use watchpost_texts::{said, say, to_say};

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;

/// What to do next
#[poise::command(slash_command)]
pub(crate) async fn help(context: Context<'_>) -> Result<(), Failure> {
    // Answered from memory, so that one request is enough.
    let call = Call::of(context);
    let may_read = call.may(watchpost::capability::Capability::Read).is_ok();
    let incident = if may_read { call.incident(None).await.ok() } else { None };
    let message = match (may_read, incident) {
        (false, _) => for_everybody(),
        (true, None) => nothing_open(),
        (true, Some(incident)) => next_step(&incident),
    };
    call.tell(&message).await;
    Ok(())
}

fn for_everybody() -> Message {
    Message::text(say!(
        "I watch the mail service and tell you here when something is wrong with it, what to use meanwhile, and when it \
         works again. Is your mail not working, and nothing stands here about it? Tell your help desk."
    ))
}

fn nothing_open() -> Message {
    let block = Block {
        title: say!("Nothing is open here").to_owned(),
        text: say!("Is something wrong? Check first if you have a minute; declare at once if you have not.")
            .to_owned(),
        fields: vec![
            field("/check", say!("Is it really broken, what exactly, and what now. About 20 seconds.")),
            field(
                say!("/incident text"),
                say!("Declares: opens a thread, calls the others, starts the clock of the updates."),
            ),
            field(
                "/timeline",
                say!("What was recorded of an incident that is over: name it, such as INC-42."),
            ),
        ],
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

fn next_step(incident: &Incident) -> Message {
    let (step, others) = advice(incident);
    let block = Block {
        title: say!("{} is {}", incident.id, incident.phase),
        text: say!("Next: {step}", step = said(step)),
        fields: others.iter().map(|(name, what)| field(said(name), said(what))).collect(),
        ..Block::default()
    };
    Message { block: Some(block), buttons: vec![card::buttons(incident)], ..Message::default() }
}

/// A command or button, and what it is good for.
type Advice = (&'static str, &'static str);

/// The one next step, and what else may help now.
fn advice(incident: &Incident) -> (&'static str, &'static [Advice]) {
    if incident.phase.is_open() && incident.lead.is_none() {
        return (
            to_say!("somebody takes it. Press I have it, if that is you."),
            &[(
                to_say!("Not you?"),
                to_say!("Call the one whose turn it is; the texts go out by themselves meanwhile."),
            )],
        );
    }
    match incident.phase {
        Phase::Investigating => (
            to_say!(
                "find the cause. Check again shows what works and what does not; write down what you find with /log."
            ),
            &[
                (
                    to_say!("/log text kind: suspect"),
                    to_say!("What it could be; with kind: ruled out, what it was not."),
                ),
                (
                    to_say!("Checklist"),
                    to_say!(
                        "The components one by one: what a check saw, and what to type where none looks."
                    ),
                ),
                (
                    to_say!("It is the cause"),
                    to_say!("A button under what was logged: the texts then say that the cause is known."),
                ),
                (
                    to_say!("More…"),
                    to_say!("Recent changes, who outside can help, how bad it is, who leads."),
                ),
                (
                    to_say!("/update"),
                    to_say!("When readers should know something new, or when it will be over."),
                ),
            ],
        ),
        Phase::Identified => (
            to_say!("repair it with /fix, and tell when it will be over: /update eta: 15:30."),
            &[
                (
                    to_say!("/fix text"),
                    to_say!(
                        "Says how risky it is and what it would break; a second person is called where one must agree."
                    ),
                ),
                (
                    to_say!("/log text kind: change"),
                    to_say!("Each change that you make, so that it can be taken back."),
                ),
            ],
        ),
        Phase::Fixing => (
            to_say!("finish the repair, then press Done on it: the proof begins by itself."),
            &[(to_say!("/update"), to_say!("When the expected end moves."))],
        ),
        Phase::Verifying => (
            to_say!("let the proof run: the card counts its rounds. When it is green, Close."),
            &[
                (to_say!("/check prove: True"), to_say!("Begins the proof, if none is running.")),
                (
                    to_say!("Close"),
                    to_say!(
                        "Asks what was done; whoever was told hears the last word. Refused until it is proved."
                    ),
                ),
            ],
        ),
        Phase::Resolved | Phase::Reviewed => (
            to_say!("prepare the review: /timeline with format: Markdown has everything."),
            &[
                (
                    to_say!("/log text kind: follow-up"),
                    to_say!("What is to be done so that it does not come again."),
                ),
                (to_say!("Reopen"), to_say!("If it was not over.")),
            ],
        ),
    }
}

fn field(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned(), short: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use watchpost::ids::{IncidentId, PersonId};
    use watchpost::person::Person;

    #[test]
    fn every_phase_has_a_next_step_of_its_own() {
        let mut incident = Incident::unborn(IncidentId(1));
        let unled = advice(&incident).0;
        incident.lead = Some(Person { id: PersonId(1), name: "ana".into() });
        let phases =
            [Phase::Investigating, Phase::Identified, Phase::Fixing, Phase::Verifying, Phase::Resolved];
        let steps: BTreeSet<&str> = phases
            .into_iter()
            .map(|phase| {
                incident.phase = phase;
                advice(&incident).0
            })
            .chain([unled])
            .collect();
        assert_eq!(steps.len(), phases.len() + 1);
    }

    #[test]
    fn only_commands_that_exist_are_named() {
        let known: Vec<String> = crate::all().iter().map(crate::Entry::name).collect();
        let texts = [nothing_open(), for_everybody()].map(|message| format!("{message:?}")).join(" ");
        for word in texts.split(['/', '"']).skip(1).filter(|word| word.starts_with(char::is_lowercase)) {
            let name = word.split(|letter: char| !letter.is_ascii_lowercase()).next().unwrap_or_default();
            if texts.contains(&format!("/{name}")) {
                assert!(known.iter().any(|known| known == name), "/{name}");
            }
        }
    }
}
