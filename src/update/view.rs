//! What a template may see. Users and partners have a view without a field for hosts, names, causes or severity: what is
//! not there cannot be written by mistake, in a template of ours or of an organisation.

use serde::Serialize;

use super::facts::{Known, full_stop};
use crate::config::{Hidden, Texts};
use crate::incident::event::UpdateKind;

/// What users, partners and own audiences of their sort may see. Times are written already; what is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Reader {
    /// The incident's number, `INC-42`.
    pub incident: String,
    /// Whose mail it is.
    pub tone: &'static str,
    /// What the reader notices, without a full stop.
    pub impact: String,
    /// Whether that is new to this reader.
    pub impact_changed: bool,
    /// What the last text said and this one says otherwise.
    pub was: String,
    /// Since when.
    pub since: String,
    /// What was measured and found good.
    pub works: String,
    /// What to use meanwhile.
    pub instead: String,
    /// What happens to mail.
    pub mail: String,
    /// What to do and what not to do.
    pub advice: String,
    /// The one free sentence.
    pub news: String,
    /// When it will be over, as a sentence.
    pub eta: String,
    /// Whether an estimate was ever given.
    pub eta_known: bool,
    /// When the next word comes.
    pub next: String,
    /// What works again: "Sending", or "E-mail" where several things were hurt.
    pub subject: String,
    /// Since when it works.
    pub works_since: String,
    /// When that was proved.
    pub proved: String,
    /// When it ended; empty while it lasts.
    pub over: String,
    /// How long it lasted.
    pub lasted: String,
    /// What is left to do after the end.
    pub after: String,
}

/// What management may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Management {
    #[serde(flatten)]
    pub reader: Reader,
    /// `SEV2`; empty where it is hidden.
    pub severity: String,
    /// The impact in people and capabilities, without a full stop.
    pub reach: String,
    /// Why it broke; empty where it is hidden or unknown.
    pub cause: String,
    /// Who leads, as a sentence.
    pub lead: String,
    /// What management has to decide, or that it need not.
    pub decision: String,
    /// What mail was hurt.
    pub aftermath: String,
}

/// The view of one audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum View {
    Reader(Box<Reader>),
    Management(Box<Management>),
}

impl View {
    pub(super) fn of(known: &Known<'_>) -> Self {
        match known.audience.texts {
            Texts::Users | Texts::Partners => View::Reader(Box::new(reader(known))),
            Texts::Management => View::Management(Box::new(management(known))),
        }
    }
}

fn reader(known: &Known<'_>) -> Reader {
    let (incident, moment) = (known.incident, known.moment);
    let time = |at: Option<crate::clock::UtcMs>| at.map(|at| known.time(at)).unwrap_or_default();
    let end = (!incident.phase.is_open()).then(|| incident.resolved_at.unwrap_or(moment.now));
    let end = end.or((known.kind == UpdateKind::Resolution).then_some(moment.now));
    let works_since = known.works_since();
    // Not on somebody's word.
    let proved = end.and(incident.proof.proved).map(|proved| proved.at);
    let minutes = works_since.or(end).unwrap_or(moment.now).since(incident.began()).as_secs() / 60;
    Reader {
        incident: incident.id.to_string(),
        tone: known.audience.tone.word(),
        impact: known.impact(),
        impact_changed: known.impact_changed(),
        was: known.was(),
        since: known.time(incident.began()),
        works: known.works(),
        instead: known.instead(),
        mail: known.mail(),
        advice: known.advice(),
        news: known.news(),
        eta: known.eta(),
        eta_known: known.eta_known(),
        next: time(moment.next),
        subject: known.subject(),
        works_since: time(works_since),
        proved: time(proved),
        over: time(end.map(|end| works_since.unwrap_or(end))),
        lasted: format!("{} h {:02}", minutes / 60, minutes % 60),
        after: known.after(),
    }
}

fn management(known: &Known<'_>) -> Management {
    let incident = known.incident;
    let hides = |what: Hidden| known.audience.hides.contains(&what);
    let cause = incident.assessment.as_ref().and_then(|last| last.cause).filter(|_| !hides(Hidden::Cause));
    let lead = match &incident.lead {
        None => known.word("lead_none"),
        Some(_) if hides(Hidden::People) => known.word("lead_hidden"),
        Some(lead) => known.language.word("lead", &[("name", &lead.name)]),
    };
    let decision = match incident.facts.decision.trim() {
        "" => known.word("decision_none"),
        what => full_stop(&known.language.word("decision", &[("what", what)])),
    };
    Management {
        reader: reader(known),
        severity: if hides(Hidden::Severity) { String::new() } else { incident.severity.to_string() },
        reach: known.reach(),
        cause: cause.map(|cause| full_stop(cause.meaning())).unwrap_or_default(),
        lead,
        decision,
        aftermath: known.aftermath(),
    }
}
