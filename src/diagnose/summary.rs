//! One or two calm sentences: what it means for people, why, what still works, what next.

use crate::check::{Assessment, Capability, Verdict};

/// The summary of an assessment.
pub(super) fn summary(assessment: &Assessment) -> String {
    let Some(cause) = assessment.cause else {
        return match assessment.verdict {
            Verdict::Ok => "Everything that was checked works.".to_owned(),
            _ => "Not everything could be checked from here.".to_owned(),
        };
    };
    let mut text = lost(assessment);
    if !text.is_empty() {
        text.push_str(": ");
    }
    text.push_str(&uncapitalised(&without_stop(cause.meaning()), !text.is_empty()));
    text.push('.');
    if let Some(works) = works(assessment) {
        text.push(' ');
        text.push_str(&works);
    }
    if let Some(step) = assessment.what_to_do.first().filter(|_| assessment.verdict != Verdict::Ok) {
        text.push_str(" Next: ");
        text.push_str(&uncapitalised(step, true));
        text.push_str(" /check shows when it is good.");
    }
    text
}

/// What people cannot do, or cannot rely on; empty where nothing is lost.
fn lost(assessment: &Assessment) -> String {
    let with = |wanted: Verdict| -> Vec<&'static str> {
        let each = assessment.capabilities.each();
        each.into_iter()
            .filter(|(_, verdict)| *verdict == wanted)
            .map(|(capability, _)| words(capability))
            .collect()
    };
    let (down, hurt) = (with(Verdict::Down), with(Verdict::Degraded));
    match (down.as_slice(), hurt.as_slice()) {
        ([], []) if assessment.verdict == Verdict::Unknown => {
            "It is not known from here how the service is".to_owned()
        }
        ([], []) => String::new(),
        ([], hurt) => format!("{} may be slow or fail for some", capitalised(&joined(hurt))),
        (down, _) if down.len() == 4 => "Mail is down".to_owned(),
        (down, _) => {
            format!("{} {} not work", capitalised(&joined(down)), if down.len() == 1 { "does" } else { "do" })
        }
    }
}

fn works(assessment: &Assessment) -> Option<String> {
    if !matches!(assessment.verdict, Verdict::Down | Verdict::Degraded) {
        return None;
    }
    let each = assessment.capabilities.each();
    let fine: Vec<&str> = each
        .into_iter()
        .filter(|(_, verdict)| *verdict == Verdict::Ok)
        .map(|(capability, _)| words(capability))
        .collect();
    match fine.len() {
        0 => None,
        4 => Some("Receiving, sending and reading work.".to_owned()),
        1 => Some(format!("{} works.", capitalised(&joined(&fine)))),
        _ => Some(format!("{} work.", capitalised(&joined(&fine)))),
    }
}

fn words(capability: Capability) -> &'static str {
    match capability {
        Capability::Receive => "receiving from outside",
        Capability::Send => "sending",
        Capability::Internal => "mail among colleagues",
        Capability::Read => "logging in and reading",
    }
}

fn joined(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn without_stop(text: &str) -> String {
    text.trim_end_matches('.').to_owned()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Lower-cases the first letter within a sentence, unless the first word is a name like `MX` or `IMAP`.
fn uncapitalised(text: &str, within: bool) -> String {
    let is_name =
        text.split([' ', '-']).next().is_some_and(|word| word.chars().skip(1).any(char::is_uppercase));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if within && !is_name => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
