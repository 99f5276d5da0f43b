//! What happened to mail: delayed, sent back, lost, still on devices. Said from the checks and the reports; what is not
//! known is said to be unknown, and nothing is guessed.

use crate::check::Verdict;
use crate::config::Texts;
use crate::incident::Incident;
use crate::report::Symptom;

/// What happened to mail, for the last word to these readers.
pub fn sentences(incident: &Incident, texts: Texts) -> Vec<String> {
    match texts {
        Texts::Users => users(incident),
        Texts::Management => management(incident),
        Texts::Partners => partners(incident),
    }
}

/// What a way of the mail went through, by the worst that a check said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Unhurt,
    Hurt,
    NotKnown,
}

fn way(incident: &Incident, verdict: Verdict) -> Way {
    match verdict {
        _ if !incident.proof.checked => Way::NotKnown,
        Verdict::Ok => Way::Unhurt,
        Verdict::Degraded | Verdict::Down => Way::Hurt,
        Verdict::Unknown => Way::NotKnown,
    }
}

fn incoming(incident: &Incident) -> Way {
    way(incident, incident.proof.worst.receive)
}

fn outgoing(incident: &Incident) -> Way {
    way(incident, incident.proof.worst.send)
}

/// For how many people reports told so.
fn told(incident: &Incident, symptom: Symptom) -> u32 {
    let of_it = incident.reports.iter().filter(|report| report.symptom == symptom);
    of_it.map(|report| report.people).sum()
}

fn users(incident: &Incident) -> Vec<String> {
    let mut said = Vec::new();
    match outgoing(incident) {
        Way::Unhurt => {}
        _ => said.push("Check your outbox; press Send if mail remains there.".to_owned()),
    }
    match incoming(incident) {
        Way::Unhurt => said.push("Mail to you arrived all the time.".to_owned()),
        Way::Hurt => said.push(
            "Mail to you was held up and comes in by itself; whether some was sent back is not known."
                .to_owned(),
        ),
        Way::NotKnown => said.push("Whether mail to you was held up is not known.".to_owned()),
    }
    if told(incident, Symptom::Bounced) > 0 {
        said.push("Mail that came back to you was not delivered: send it again.".to_owned());
    }
    said
}

fn management(incident: &Incident) -> Vec<String> {
    let incoming = match incoming(incident) {
        Way::Unhurt => "Incoming mail was not affected",
        Way::Hurt => "Incoming mail was delayed; whether some was sent back is unknown",
        Way::NotKnown => "Whether incoming mail was delayed is unknown",
    };
    let outgoing = match outgoing(incident) {
        Way::Unhurt => "outgoing mail was not affected",
        _ => "unsent mail stayed on devices, number unknown",
    };
    let mut said = vec![format!("{incoming}; {outgoing}.")];
    let count = |symptom, words: &str| {
        let people = told(incident, symptom);
        (people > 0).then(|| format!("{people} {words}."))
    };
    said.extend(count(Symptom::Bounced, "reported mail that came back"));
    said.extend(count(Symptom::Delayed, "reported mail that came late"));
    said.push("No loss of mail is known.".to_owned());
    said
}

fn partners(incident: &Incident) -> Vec<String> {
    let said = match incoming(incident) {
        Way::Unhurt => "Your mail arrived.",
        Way::Hurt => {
            "Mail to us was held up and arrives by itself; if an error came back to you, send it again."
        }
        Way::NotKnown => {
            "Whether mail to us was held up is not known; if an error came back to you, send it again."
        }
    };
    vec![said.to_owned()]
}
