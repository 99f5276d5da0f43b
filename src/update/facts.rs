//! What is known of an incident at this moment, as the sentences that texts are made of.
//!
//! Nothing is guessed: where nothing is known the sentence is empty, and its line is left out. What was measured holds
//! for half an hour; after that no text says that something works.

use std::time::Duration;

use watchpost_texts::say;

use super::face::Face;
use super::fate::{Fate, Fates};
use super::language::Language;
use super::{Moment, Said};
use crate::cause::{Cause, Layer};
use crate::clock::UtcMs;
use crate::config::Texts;
use crate::incident::event::UpdateKind;
use crate::incident::{Capabilities, Eta, Incident, Told, Verdict};
use crate::policy::{Audience, People, Policy};

/// How long an assessment counts as green.
const GREEN_FOR: Duration = Duration::from_secs(30 * 60);

/// Everything that a text may be made of, and what it rests on.
pub(super) struct Known<'k> {
    pub incident: &'k Incident,
    pub audience: &'k Audience,
    pub kind: UpdateKind,
    pub moment: &'k Moment,
    pub policy: &'k Policy,
    pub language: &'k Language,
    pub face: Face,
}

impl Known<'_> {
    pub(super) fn word(&self, name: &str) -> String {
        self.language.word(name, &[])
    }

    pub(super) fn time(&self, at: UtcMs) -> String {
        self.face.show(at, self.moment.now, self.policy.zone)
    }

    fn told(&self) -> Option<&Told> {
        self.incident.told.get(&self.audience.name)
    }

    /// What was measured, while that is fresh.
    fn measured(&self) -> Capabilities {
        let fresh = |at: UtcMs| self.moment.now.since(at) <= GREEN_FOR;
        let last = self.incident.assessment.as_ref();
        last.filter(|last| fresh(last.at)).map(|last| last.capabilities).unwrap_or_default()
    }

    /// What was hurt at any time: what the end has to be told about.
    fn hurt(&self) -> Capabilities {
        self.incident.telling.hurt
    }

    /// What the reader notices, without a full stop.
    pub(super) fn impact(&self) -> String {
        let cause = self.incident.assessment.as_ref().and_then(|last| last.cause);
        let works = self.incident.assessment.as_ref().is_some_and(|last| last.verdict == Verdict::Ok);
        // Of what is over, what it was.
        if let Some(told) = self.told().filter(|told| works && !told.said.impact.is_empty())
            && self.incident.facts.impact.is_empty()
        {
            return told.said.impact.clone();
        }
        let impact = match self.incident.facts.impact.trim() {
            "" => self.measured_impact(cause),
            written => written.to_owned(),
        };
        match impact.trim_end_matches(['.', '!']) {
            "" => self.word("impact_unknown"),
            said => said.to_owned(),
        }
    }

    /// What the cause means to readers. Where all but one thing works, that one says it better than the cause can.
    fn measured_impact(&self, cause: Option<Cause>) -> String {
        let last = self.incident.assessment.as_ref().map(|last| last.capabilities).unwrap_or_default();
        let connecting = |cause: Cause| {
            matches!(cause.layer(), Layer::Network | Layer::Greeting | Layer::Tls | Layer::Login)
        };
        match (last.receive, last.send, last.read) {
            _ if !cause.is_some_and(connecting) => {}
            (Verdict::Ok, Verdict::Down, Verdict::Ok) => return self.word("impact_send"),
            (Verdict::Down, Verdict::Ok, Verdict::Ok) => return self.word("impact_receive"),
            (Verdict::Ok, Verdict::Ok, Verdict::Down) => return self.word("impact_read"),
            _ => {}
        }
        cause.map(|cause| first_sentence(&self.language.notices(cause)).to_owned()).unwrap_or_default()
    }

    /// What was measured and found good.
    pub(super) fn works(&self) -> String {
        let measured = self.measured();
        let each = [(measured.read, "read"), (measured.receive, "receive"), (measured.send, "send")];
        let good: Vec<String> = each
            .iter()
            .filter(|(verdict, _)| *verdict == Verdict::Ok)
            .map(|(_, name)| self.word(name))
            .collect();
        let checked = match (self.kind, &self.incident.assessment) {
            (UpdateKind::Holding | UpdateKind::HoldingUnacknowledged, Some(last)) => {
                self.language.word("checked", &[("at", &self.time(last.at))])
            }
            _ => String::new(),
        };
        match good.as_slice() {
            [one] => self.language.word("works_one", &[("one", &big(one)), ("checked", &checked)]),
            [one, two] => {
                self.language.word("works_two", &[("one", &big(one)), ("two", two), ("checked", &checked)])
            }
            _ => String::new(),
        }
    }

    /// What to use meanwhile: what a person wrote, or the first alternative that holds for this audience.
    pub(super) fn instead(&self) -> String {
        let written = self.incident.facts.instead.trim();
        if !written.is_empty() {
            return full_stop(written);
        }
        let measured = self.measured();
        let holds =
            self.policy.alternatives.iter().find(|one| one.holds(self.audience, &measured, self.moment.now));
        holds.map(|one| full_stop(&one.text)).unwrap_or_default()
    }

    pub(super) fn advice(&self) -> String {
        let cause = self.incident.assessment.as_ref().and_then(|last| last.cause);
        match cause {
            Some(cause) => self.language.advice(cause),
            None if self.incident.facts.impact.is_empty() => self.word("finding_out"),
            None => String::new(),
        }
    }

    fn fates(&self) -> Fates {
        let cause = self.incident.assessment.as_ref().and_then(|last| last.cause);
        Fates::of(self.measured(), cause, self.incident.facts.mail)
    }

    /// What happens to mail, for these readers.
    pub(super) fn mail(&self) -> String {
        match self.audience.texts {
            Texts::Partners => self.mail_of_partners(),
            Texts::Users | Texts::Management => self.mail_of_users(),
        }
    }

    fn mail_of_users(&self) -> String {
        let fates = self.fates();
        // Said by the advice already.
        let advice = self.advice();
        let outgoing =
            fates.outgoing.filter(|_| !advice.contains("outbox") && !advice.contains("waiting mail"));
        let incoming = match fates.incoming {
            None | Some(Fate::OnDevice) => "",
            // "Receiving works" says it.
            Some(Fate::Arrives) => "",
            Some(Fate::Delayed) => "users_in_delayed",
            Some(Fate::Bounced) => "users_in_bounced",
            Some(Fate::Lost) => "users_in_lost",
        };
        let outgoing = match outgoing {
            None | Some(Fate::Arrives) => "",
            Some(Fate::Delayed) => "users_out_delayed",
            Some(Fate::Bounced) => "users_out_bounced",
            Some(Fate::Lost) => "users_out_lost",
            Some(Fate::OnDevice) => "users_out_device",
        };
        self.sentences(&[incoming, outgoing])
    }

    fn mail_of_partners(&self) -> String {
        let fates = self.fates();
        let outgoing = match (fates.outgoing, fates.incoming) {
            (Some(Fate::Arrives) | None, Some(Fate::Arrives)) => "partners_disturbed",
            (Some(Fate::Arrives) | None, _) => "",
            (Some(_), _) => "partners_out",
        };
        let incoming = match fates.incoming {
            None | Some(Fate::OnDevice) => return self.word("partners_unknown"),
            Some(Fate::Arrives) => "partners_in_arrives",
            Some(Fate::Delayed) => "partners_in_delayed",
            Some(Fate::Bounced) => "partners_in_bounced",
            Some(Fate::Lost) => "partners_in_lost",
        };
        self.sentences(&[outgoing, incoming])
    }

    pub(super) fn sentences(&self, words: &[&str]) -> String {
        let said: Vec<String> =
            words.iter().filter(|name| !name.is_empty()).map(|name| self.word(name)).collect();
        said.join(" ")
    }

    /// The estimate as a sentence; one that was told and no longer holds is taken back.
    pub(super) fn eta(&self) -> String {
        let before = self.told().map(|told| told.said.eta);
        match self.standing_eta() {
            Eta::At(at) => self.language.word("eta_at", &[("at", &self.time(at))]),
            Eta::Between(from, to) => {
                self.language.word("eta_between", &[("from", &self.time(from)), ("to", &self.time(to))])
            }
            Eta::Unknown => match (self.incident.eta, before) {
                (Eta::At(at) | Eta::Between(_, at), _) => {
                    self.language.word("eta_passed", &[("at", &self.time(at))])
                }
                (Eta::Unknown, Some(Eta::At(at) | Eta::Between(_, at))) => {
                    self.language.word("eta_withdrawn", &[("at", &self.time(at))])
                }
                (Eta::Unknown, _) => self.word("eta_unknown"),
            },
        }
    }

    /// The estimate, unless its time has passed.
    fn standing_eta(&self) -> Eta {
        match self.incident.eta {
            Eta::At(at) | Eta::Between(_, at) if at < self.moment.now => Eta::Unknown,
            eta => eta,
        }
    }

    /// Whether the estimate is worth a sentence where nothing is new.
    pub(super) fn eta_known(&self) -> bool {
        self.incident.eta != Eta::Unknown
    }

    /// The one free sentence, where these readers have not read it yet.
    pub(super) fn news(&self) -> String {
        let sentence = &self.incident.facts.sentence;
        let old = self.told().is_some_and(|told| told.said.news == *sentence);
        if old && self.kind != UpdateKind::Correction { String::new() } else { full_stop(sentence) }
    }

    /// What this text rests on, kept with it.
    pub(super) fn said(&self) -> Said {
        Said {
            impact: self.impact(),
            mail: self.mail(),
            eta: self.standing_eta(),
            news: self.incident.facts.sentence.clone(),
        }
    }

    /// What the last text said and this one says otherwise.
    pub(super) fn was(&self) -> String {
        let Some(told) = self.told() else { return String::new() };
        let (before, now) = match self.audience.texts {
            Texts::Partners => (&told.said.mail, self.mail()),
            Texts::Users | Texts::Management => (&told.said.impact, self.impact()),
        };
        let before = before.trim_end_matches('.');
        if before.is_empty() || before == now.trim_end_matches('.') {
            String::new()
        } else {
            before.to_owned()
        }
    }

    /// What the readers read of earlier does not hold any more.
    pub(super) fn impact_changed(&self) -> bool {
        self.told().is_none_or(|told| told.said.impact != self.impact())
    }

    /// What is meant by "… works again".
    pub(super) fn subject(&self) -> String {
        let hurt = self.hurt();
        let each = [(hurt.send, "send"), (hurt.receive, "receive"), (hurt.read, "read")];
        let bad: Vec<&str> = each
            .iter()
            .filter(|(verdict, _)| matches!(verdict, Verdict::Down | Verdict::Degraded))
            .map(|(_, name)| *name)
            .collect();
        match bad.as_slice() {
            [one] => big(&self.word(one)),
            _ => big(&self.word("all")),
        }
    }

    /// Since when it works, where that was said before the end.
    pub(super) fn works_since(&self) -> Option<UtcMs> {
        let now =
            (self.kind == UpdateKind::Works).then_some(self.moment.works_since.unwrap_or(self.moment.now));
        now.or(self.moment.works_since).or(self.incident.telling.works_since).or(self
            .incident
            .proof
            .proved
            .map(|proved| proved.since))
    }

    /// How many people, as far as the configuration says.
    fn people(&self) -> String {
        let service = self.incident.service.as_ref().and_then(|service| self.policy.people.get(service));
        match service {
            Some(People { count: Some(count), label }) => {
                self.language.word("people", &[("count", &count.to_string()), ("label", label)])
            }
            _ => self.word("people_unknown"),
        }
    }

    /// The impact in people and capabilities.
    pub(super) fn reach(&self) -> String {
        let people = self.people();
        let written = self.incident.facts.impact.trim();
        let count = if people.contains(|letter: char| letter.is_ascii_digit()) {
            format!(" ({people})")
        } else {
            String::new()
        };
        if !written.is_empty() {
            return format!("{}{count}", small(written.trim_end_matches('.')));
        }
        let hurt = if self.incident.phase.is_open() { self.measured() } else { self.hurt() };
        let each = [("send", hurt.send), ("receive", hurt.receive), ("read", hurt.read)];
        let cannot: Vec<String> = each
            .iter()
            .filter_map(|(name, verdict)| match verdict {
                Verdict::Down => Some(self.word(&format!("cannot_{name}"))),
                Verdict::Degraded => Some(self.word(&format!("late_{name}"))),
                Verdict::Ok | Verdict::Unknown => None,
            })
            .collect();
        match cannot.as_slice() {
            [] => format!("{}{count}", small(&self.impact())),
            all => format!("{people} {}", listed(all, &self.word("and"))),
        }
    }
}

/// "a", "a and b", "a, b and c".
fn listed(all: &[String], and: &str) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => say!("{} {and} {last}", most.join(", ")),
    }
}

pub(super) fn full_stop(sentence: &str) -> String {
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.ends_with(['.', '!', '?', ':', '…']) {
        sentence.to_owned()
    } else {
        format!("{sentence}.")
    }
}

/// The first sentence, with its full stop.
pub(super) fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| &text[..=first.len()])
}

/// With a capital letter.
pub(super) fn big(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Without a capital letter, except where the word is written in capitals.
pub(super) fn small(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || " -".contains(second) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
