//! What was believed at a moment, and what a user saw then: a review that knows the end judges unfairly without it.

use watchpost_texts::say;

use super::Story;
use crate::clock::UtcMs;
use crate::config::Texts;
use crate::ids::AudienceName;
use crate::incident::event::{EntryKind, Event};
use crate::incident::milestone::Milestone;
use crate::incident::{Eta, Incident, Phase};

/// What was believed, and seen, from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belief {
    /// Since when.
    pub at: UtcMs,
    /// Where the procedure was, and what was thought to be the cause.
    pub believed: String,
    /// When it was expected to be over.
    pub expected: Eta,
    /// Whether mail worked then, as is known now.
    pub was: &'static str,
    /// The text that users had before them.
    pub seen: String,
}

/// One for each change of belief. Every event is applied once.
pub fn beliefs(story: &Story<'_>) -> Vec<Belief> {
    let mut incident = Incident::unborn(story.incident.id);
    let mut beliefs: Vec<Belief> = Vec::new();
    let mut thought = None;
    for recorded in story.events {
        if let Event::Logged { kind, text } = &recorded.new.event {
            match kind {
                EntryKind::Cause | EntryKind::Suspect => thought = Some(text.as_str()),
                EntryKind::RuledOut => thought = None,
                _ => {}
            }
        }
        let wrote = matches!(recorded.new.event, Event::Amended(_) | Event::FollowUp(_) | Event::Review(_));
        incident = incident.apply(recorded);
        if wrote {
            continue;
        }
        let now = belief(&incident, thought, recorded.recorded_at, story);
        let same = beliefs.last().is_some_and(|last| {
            last.believed == now.believed && last.expected == now.expected && last.seen == now.seen
        });
        match beliefs.last_mut() {
            Some(_) if same => {}
            // Several events of one moment are one change.
            Some(last) if last.at == now.at => *last = now,
            _ => beliefs.push(now),
        }
    }
    beliefs
}

fn belief(incident: &Incident, thought: Option<&str>, at: UtcMs, story: &Story<'_>) -> Belief {
    let checked =
        incident.assessment.as_ref().and_then(|last| last.cause).map(|cause| cause.name().to_owned());
    let cause = match (thought, incident.phase) {
        (_, Phase::Resolved | Phase::Reviewed) => String::new(),
        (Some(text), _) => format!(": {text}"),
        (None, _) => checked.map(|cause| format!(": {cause}")).unwrap_or_default(),
    };
    Belief {
        at,
        believed: format!("{}, {}{cause}", incident.severity, incident.phase),
        expected: incident.eta,
        was: truth(at, story),
        seen: seen(incident, story),
    }
}

/// Whether mail worked at a moment, as the milestones have it now.
fn truth(at: UtcMs, story: &Story<'_>) -> &'static str {
    let milestones = &story.incident.milestones;
    let past = |which| milestones.at(which).is_some_and(|moment| moment <= at);
    match (past(Milestone::Verified), past(Milestone::Mitigated), past(Milestone::ImpactStart)) {
        (true, ..) => say!("mail worked"),
        (_, true, _) => say!("mail worked, not proved yet"),
        (_, _, true) => say!("mail did not work"),
        _ => say!("mail still worked"),
    }
}

/// The last text to users; audiences of users read the words for users.
fn seen(incident: &Incident, story: &Story<'_>) -> String {
    let of_users = |name: &AudienceName| {
        story.around.texts.get(name).map_or(name.as_str() == "users", |texts| *texts == Texts::Users)
    };
    let told = incident.told.iter().filter(|(name, _)| of_users(name)).max_by_key(|(_, told)| told.at);
    told.map_or_else(|| "nothing".to_owned(), |(_, told)| told.text.clone())
}
