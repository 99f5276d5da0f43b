//! What is said about changes of the procedure, and the messages about them.

use watchpost_texts::say;

use super::{Changes, ProcedureEvent, Proposal};
use crate::button::{Action, ButtonId, ReviewStep};
use crate::clock::UtcMs;
use crate::ids::IncidentId;
use crate::outbox::{Block, Button, File, Item, ItemKey, Message, Place, Post, Purpose, Weight};
use crate::policy::Policy;
use crate::sop::difference::difference;

/// Lines of a piece that are shown in a message.
const SHOWN: usize = 1_200;

/// What happened, in words.
pub fn sentence(event: &ProcedureEvent) -> String {
    match event {
        ProcedureEvent::Proposed(said) => {
            say!("A change of the procedure was proposed in the review of {}: {}", said.incident, said.why)
        }
        ProcedureEvent::Accepted { number, version, .. } => {
            say!("Proposal {number} was accepted; the procedure “{version}” is followed now.")
        }
        ProcedureEvent::Refused { number, why } => say!("Proposal {number} was refused: {why}"),
    }
}

/// A proposal in one line, for the document.
pub fn proposal_text(proposal: &Proposal) -> String {
    let said = &proposal.said;
    let old = if said.old.is_empty() { "nothing".to_owned() } else { format!("“{}”", flat(&said.old)) };
    let became = proposal.became.as_deref().unwrap_or(say!("waits for a second person"));
    say!(
        "Proposal {} by {}: {old} becomes “{}”, because: {}. It {became}.",
        proposal.number,
        proposal.by,
        flat(&said.new),
        said.why.trim_end_matches('.')
    )
    .replace("It accepted", "It was accepted")
    .replace("It refused", "It was refused")
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What must leave because of an event: into the thread of the review, else where alarms go.
pub fn items(
    after: &Changes,
    event: &ProcedureEvent,
    version: u64,
    policy: &Policy,
    now: UtcMs,
) -> Vec<Item> {
    let number = match event {
        ProcedureEvent::Proposed(_) => version,
        ProcedureEvent::Accepted { number, .. } | ProcedureEvent::Refused { number, .. } => *number,
    };
    let Some(proposal) = after.get(number) else { return Vec::new() };
    let operations = policy.guilds.get(&proposal.said.guild).map(|guild| guild.operations);
    let Some(place) = proposal.said.place.or(operations) else { return Vec::new() };
    let message = match event {
        ProcedureEvent::Proposed(_) => asked(proposal),
        ProcedureEvent::Accepted { text, version, .. } => Message {
            files: vec![File { name: "procedure.toml".to_owned(), content: text.clone() }],
            ..Message::text(say!(
                "The procedure is “{version}” from now on, because of proposal {number}. What runs already keeps the name of the version that it began with. The whole text is in the file; `watchpost sop diff` shows what changed."
            ))
        },
        ProcedureEvent::Refused { why, .. } => {
            Message::text(say!("Proposal {number} was refused: {why}. The procedure stays as it is."))
        }
    };
    let key = format!("procedure/{number}/{version}");
    vec![Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: None,
        purpose: Purpose::Notice,
        place: Place::Channel(place),
        post: Post::New,
        message,
        due: now,
    }]
}

/// The question to a second person.
fn asked(proposal: &Proposal) -> Message {
    let said = &proposal.said;
    let changes: String = difference(&said.old, &said.new).chars().take(SHOWN).collect();
    let block = Block {
        title: say!("Proposal {}: change the procedure", proposal.number),
        text: say!("{changes}\nWhy: {}", said.why),
        footer: say!(
            "A line with - goes, a line with + comes. Somebody else than who proposed it accepts it."
        )
        .to_owned(),
        ..Block::default()
    };
    let buttons = [(ReviewStep::Accept, Weight::Primary), (ReviewStep::NotAccept, Weight::Secondary)];
    let buttons = buttons.map(|(step, weight)| button(said.incident, step, proposal.number, weight));
    Message { block: Some(block), buttons: vec![buttons.to_vec()], ..Message::default() }
}

fn button(incident: IncidentId, step: ReviewStep, number: u64, weight: Weight) -> Button {
    let action = Action::Review(step);
    let id = ButtonId { action, incident, repair: Some(number) };
    Button { label: action.label().to_owned(), action: id.to_string(), weight }
}
