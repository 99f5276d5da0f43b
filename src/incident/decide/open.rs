//! Step 1: an incident begins. One line is enough; everything else has a default.

use watchpost_texts::say;

use super::{Context, Decided, Declaration, TITLE_LIMIT, line};
use crate::incident::Severity;
use crate::incident::event::Event;
use crate::refusal::Refusal;

pub(super) fn declare(said: Declaration, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let policy = context.policy;
    if !policy.guilds.contains_key(&said.guild) {
        return Err(Refusal::UnknownGuild);
    }
    let title = line(&said.text.replace(['\r', '\n'], " "), TITLE_LIMIT)?;
    let service = match &said.service {
        Some(name) if !policy.services.contains(name) => {
            return Err(Refusal::NoSuchService { asked: name.0.clone(), known: policy.services.clone() });
        }
        Some(name) => Some(name.clone()),
        // The only service is meant.
        None => (policy.services.len() == 1).then(|| policy.services[0].clone()),
    };
    if said.since.is_some_and(|since| since > context.now) {
        return Err(Refusal::WrongTime(say!("lies in the future").to_owned()));
    }
    let event = Event::Declared {
        guild: said.guild,
        title,
        service,
        // When unsure, the higher: SEV2 until somebody or an assessment knows better.
        severity: said.severity.unwrap_or(Severity::Sev2),
        since: said.since,
        drill: said.drill,
        procedure: Some(policy.procedure.named()),
    };
    Ok(vec![Decided::now(context, event)])
}
