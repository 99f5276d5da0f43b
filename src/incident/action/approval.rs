//! The second person's word: for exactly what they saw, once, and for a short time.
//!
//! 1. Each proposal has a handle, a number that nobody can guess; it stands on its *Approve* button and nowhere else.
//! 2. Approving uses the handle up. What is changed is a proposal of its own with a handle of its own, so that no old
//!    button approves what nobody has seen.
//! 3. After ten minutes an approval is over; it is asked for anew, with another handle.

use std::time::Duration;

use watchpost_texts::{say, to_say};

use super::decide::{find, ring};
use super::{Action, ActionEvent, Step};
use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::incident::decide::{Context, Decided};
use crate::incident::event::Event;
use crate::person::Actor;
use crate::refusal::Refusal;

/// How long an approval holds: what was true when it was given may not be true later.
pub const APPROVAL_HOLDS: Duration = Duration::from_secs(600);

/// Whoever proposed it cannot be the second person.
pub(super) fn approve(
    incident: &Incident,
    handle: u64,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let action = incident.actions.iter().find(|action| action.handle == Some(handle));
    let action = action.ok_or_else(|| Refusal::NothingNew(USED_UP.to_owned()))?;
    find(incident, action.number, &[Step::Proposed])?;
    let same =
        matches!((action.by.person(), context.actor.person()), (Some(by), Some(now)) if by.id == now.id);
    if same {
        return Err(Refusal::NeedsSecondPerson);
    }
    let approved = ActionEvent::Approved { number: action.number };
    Ok(vec![Decided::now(context, Event::Action(approved))])
}

const USED_UP: &str = to_say!(
    "this button was used, or what it stood for was changed. The newest proposal has a button of its own"
);

/// Asks anew; an approval that still holds stays.
pub(super) fn ask_again(
    incident: &Incident,
    number: u64,
    handle: u64,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed, Step::Approved])?;
    if approved(action, context.now) {
        return Err(Refusal::NothingNew(say!("“{}” is approved already", action.text)));
    }
    let mut events = vec![Decided::now(context, Event::Action(ActionEvent::Asked { number, handle }))];
    events.extend(ring(incident, number, context));
    Ok(events)
}

pub(super) fn apply(actions: &mut [Action], event: &ActionEvent, by: &Actor, at: UtcMs) {
    let (number, handle) = match event {
        ActionEvent::Approved { number } => (*number, None),
        ActionEvent::Asked { number, handle } => (*number, Some(*handle)),
        _ => return,
    };
    if let Some(action) = actions.iter_mut().find(|action| action.number == number) {
        action.handle = handle;
        (action.step, action.approved) = match handle {
            None => (Step::Approved, Some((by.clone(), at))),
            Some(_) => (Step::Proposed, None),
        };
    }
}

/// Whether a second person agreed, a short time ago.
pub(super) fn approved(action: &Action, now: UtcMs) -> bool {
    let given = action.approved.as_ref().map(|(_, at)| *at);
    action.step == Step::Approved && given.is_some_and(|at| now <= at + APPROVAL_HOLDS)
}

/// Whether it was approved, and too long ago.
pub fn is_over(action: &Action, now: UtcMs) -> bool {
    action.step == Step::Approved && !approved(action, now)
}
