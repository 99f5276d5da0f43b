//! One or two calm sentences: what it means for people, why, what still works, what next.

use watchpost_texts::{say, to_say};

use crate::cause::Cause;
use crate::check::{Assessment, Capability, Finding, Verdict};

/// The summary of an assessment.
pub(super) fn summary(assessment: &Assessment) -> String {
    let Some(cause) = assessment.cause else {
        return match assessment.verdict {
            Verdict::Ok => say!("Everything that was checked works.").to_owned(),
            _ => say!("Not everything could be checked from here.").to_owned(),
        };
    };
    let lost = lost(assessment);
    let why = why(assessment, cause);
    let mut text = match lost.as_str() {
        "" => capitalised(&why),
        lost => format!("{lost}: {}", within(&why)),
    };
    text.push('.');
    if let Some(works) = works(assessment) {
        text.push(' ');
        text.push_str(&works);
    }
    if let Some(step) = assessment.what_to_do.first().filter(|_| assessment.verdict != Verdict::Ok) {
        text.push_str(" Next: ");
        text.push_str(&within(step));
        text.push_str(say!(" /check shows when it is good."));
    }
    text
}

/// The cause with the host and the date that it is about, where it is about one; else what the table says.
fn why(assessment: &Assessment, cause: Cause) -> String {
    let with_cause = || assessment.findings.iter().filter(|finding| finding.cause == Some(cause));
    let Some((finding, host)) = with_cause().find_map(|f| f.at.as_ref().map(|(host, _)| (f, host))) else {
        return cause.meaning().trim_end_matches('.').to_owned();
    };
    let fact = |name| finding.facts.get(name).unwrap_or(say!("another name"));
    match cause {
        Cause::CertificateExpired => {
            say!("the certificate of {host} expired on {}", fact(to_say!("certificate until")))
        }
        Cause::CertificateExpiring => {
            say!("the certificate of {host} expires on {}", fact(to_say!("certificate until")))
        }
        Cause::CertificateNotYetValid => {
            say!("the certificate of {host} is valid only from {}", fact(to_say!("certificate from")))
        }
        Cause::CertificateName => {
            say!("the certificate of {host} is for {}", fact(to_say!("certificate for")))
        }
        Cause::CertificateUntrusted => {
            say!("no trusted authority stands behind the certificate of {host}")
        }
        Cause::ConnectionRefused => say!("{host} refuses connections on {}", ports(with_cause())),
        Cause::ConnectionTimeout => say!("{host} does not answer on {}", ports(with_cause())),
        Cause::HostDown => say!("{host} does not answer on any port"),
        Cause::NoBanner => {
            say!("{host} takes connections on {} and does not say a word", ports(with_cause()))
        }
        other => other.meaning().trim_end_matches('.').to_owned(),
    }
}

/// `port 25`, or `ports 25, 465 and 587`.
fn ports<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut ports: Vec<u16> =
        findings.filter_map(|f| f.at.as_ref().map(|(_, address)| address.port())).collect();
    ports.sort_unstable();
    ports.dedup();
    let shown: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    say!("port{} {}", if shown.len() == 1 { "" } else { "s" }, joined(&shown))
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
            say!("It is not known from here how the service is").to_owned()
        }
        ([], []) => String::new(),
        ([], hurt) => say!("{} may be slow or fail for some", capitalised(&joined(hurt))),
        (down, _) if down.len() == 4 => say!("Mail is down").to_owned(),
        ([one], _) => say!("{} does not work", capitalised(one)),
        (down, _) => say!("{} do not work", capitalised(&joined(down))),
    }
}

fn works(assessment: &Assessment) -> Option<String> {
    if !matches!(assessment.verdict, Verdict::Down | Verdict::Degraded) {
        return None;
    }
    let each = assessment.capabilities.each().into_iter();
    let fine: Vec<&str> = each
        .filter(|(_, verdict)| *verdict == Verdict::Ok)
        .map(|(capability, _)| words(capability))
        .collect();
    match fine.as_slice() {
        [] => None,
        [one] => Some(say!("{} works.", capitalised(one))),
        all if all.len() == 4 => Some(say!("Receiving, sending and reading work.").to_owned()),
        some => Some(say!("{} work.", capitalised(&joined(some)))),
    }
}

fn words(capability: Capability) -> &'static str {
    match capability {
        Capability::Receive => say!("receiving from outside"),
        Capability::Send => "sending",
        Capability::Internal => say!("mail among colleagues"),
        Capability::Read => "reading",
    }
}

fn joined(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => say!("{} and {last}", first.join(", ")),
    }
}

fn capitalised(text: &str) -> String {
    let is_host = text.split(' ').next().is_some_and(|word| word.contains('.'));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !is_host => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// The text within a sentence: the first letter is small, unless the first word is a name like `MX` or `IMAP`.
fn within(text: &str) -> String {
    let is_name =
        text.split([' ', '-']).next().is_some_and(|word| word.chars().skip(1).any(char::is_uppercase));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !is_name => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
