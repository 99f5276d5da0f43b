//! Earlier incidents that are like one: same cause, same layer, same service, same symptoms, same words.

use std::collections::BTreeSet;

use watchpost_texts::say;

use super::fixed_by;
use crate::incident::Incident;
use crate::incident::event::EntryKind;
use crate::review::around::Like;

/// Less than this is chance: the same service alone, or one word.
const ENOUGH: u32 = 3;
/// More than this is no help.
const SHOWN: usize = 3;
/// Words that stand in every incident.
const EMPTY: [&str; 14] = [
    "mail", "email", "cannot", "with", "from", "that", "this", "have", "does", "work", "works", "nobody",
    "some", "users",
];

/// What is like it, the most like first, the newer of two first.
pub fn similar(of: &Incident, past: &[Incident]) -> Vec<Like> {
    let mut found: Vec<(u32, &Incident, Vec<String>)> = past
        .iter()
        .filter(|other| other.id < of.id && other.guild == of.guild && !other.drill)
        .filter_map(|other| {
            let (score, because) = compare(of, other);
            (score >= ENOUGH).then_some((score, other, because))
        })
        .collect();
    found.sort_by_key(|(score, other, _)| std::cmp::Reverse((*score, other.id)));
    let like = |(_, other, because): (u32, &Incident, Vec<String>)| Like {
        id: other.id,
        title: other.title.clone(),
        began: other.began(),
        because,
        fixed_by: fixed_by(other),
    };
    found.into_iter().take(SHOWN).map(like).collect()
}

fn compare(of: &Incident, other: &Incident) -> (u32, Vec<String>) {
    let (mut score, mut because) = (0, Vec::new());
    let mut add = |points: u32, reason: String| {
        score += points;
        because.push(reason);
    };
    match (of.cause(), other.cause()) {
        (Some(one), Some(two)) if one == two => add(4, say!("cause {}", one.name())),
        (Some(one), Some(two)) if one.layer() == two.layer() => {
            add(2, format!("component {:?}", one.layer()).to_lowercase());
        }
        _ => {}
    }
    if of.service.is_some() && of.service == other.service {
        add(1, "service".to_owned());
    }
    let symptoms =
        |incident: &Incident| incident.reports.iter().map(|report| report.symptom).collect::<BTreeSet<_>>();
    for symptom in symptoms(of).intersection(&symptoms(other)) {
        add(1, symptom.label().to_owned());
    }
    for word in words(of).intersection(&words(other)).take(3) {
        add(1, format!("“{word}”"));
    }
    if let Some(word) = changes(of).intersection(&changes(other)).next() {
        add(2, say!("a change of “{word}” before"));
    }
    (score, because)
}

fn words(incident: &Incident) -> BTreeSet<String> {
    letters(&incident.title)
}

fn changes(incident: &Incident) -> BTreeSet<String> {
    let changes = incident.entries.iter().filter(|entry| entry.kind == EntryKind::Change);
    changes.flat_map(|entry| letters(&entry.text)).collect()
}

/// The words of a text that say something.
fn letters(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| word.chars().count() >= 4 && !EMPTY.contains(word)).map(str::to_owned).collect()
}
