//! What a person writes must not carry to outsiders what they may not see: hosts, addresses, names of people.

use crate::incident::{Facts, Incident};
use crate::policy::Policy;

/// The first thing in the facts that users and partners must not read; none where there is nothing of the sort.
pub fn betrays(facts: &Facts, incident: &Incident, policy: &Policy) -> Option<String> {
    let names = incident.lead.iter().map(|lead| lead.name.as_str()).chain(incident.telling.people());
    let names: Vec<&str> =
        names.chain(policy.responders.iter().map(|one| one.person.name.as_str())).collect();
    [&facts.impact, &facts.instead, &facts.sentence]
        .into_iter()
        .find_map(|text| in_text(text, &names, policy))
}

fn in_text(text: &str, names: &[&str], policy: &Policy) -> Option<String> {
    text.split(|letter: char| letter.is_whitespace() || "()[]<>\"“”,;".contains(letter))
        .map(|word| word.trim_matches(|letter: char| ".:!?'".contains(letter)))
        .find(|word| is_host(word, policy) || is_address(word) || is_name(word, names))
        .map(|word| word.chars().take(60).collect())
}

/// A host of a watched service, alone or with a port. A web address is meant for readers.
fn is_host(word: &str, policy: &Policy) -> bool {
    let word = word.to_lowercase();
    let host = word.split_once(':').map_or(word.as_str(), |(host, _)| host);
    policy.hosts.iter().any(|known| known == host)
}

/// An IPv4 or IPv6 address, alone or with a port.
fn is_address(word: &str) -> bool {
    let four = word.split_once(':').map_or(word, |(host, _)| host);
    four.parse::<std::net::Ipv4Addr>().is_ok()
        || (word.matches(':').count() >= 2
            && word.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().is_ok())
}

/// Names of three letters and more, written as names are: "will" is a word, "Will" and "@will" are somebody.
fn is_name(word: &str, names: &[&str]) -> bool {
    let written_so = word.starts_with('@') || word.starts_with(char::is_uppercase);
    let word = word.trim_start_matches('@');
    written_so && word.chars().count() >= 3 && names.iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// What is typed, without what cannot be seen or turns a line around, on one line.
pub fn clean(text: &str) -> String {
    let seen: String = text
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !letter.is_control() && !is_hidden(*letter))
        .collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks of direction and letters without a shape.
fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{IncidentId, PersonId};
    use crate::person::Person;

    fn said(text: &str) -> Option<String> {
        let mut incident = Incident::unborn(IncidentId(1));
        incident.lead = Some(Person { id: PersonId(1), name: "ana".into() });
        let policy = Policy { hosts: vec!["mx1.example.org".into()], ..Policy::default() };
        betrays(&Facts { sentence: text.into(), ..Facts::default() }, &incident, &policy)
    }

    #[test]
    fn hosts_addresses_and_names_are_seen() {
        assert_eq!(said("We restart mx1.example.org:587 now"), Some("mx1.example.org:587".into()));
        assert_eq!(said("192.0.2.7 does not answer"), Some("192.0.2.7".into()));
        assert_eq!(said("the node (2001:db8::7) is back"), Some("2001:db8::7".into()));
        assert_eq!(said("Ana works on it."), Some("Ana".into()));
        for fine in [
            "Use https://webmail.example.org/",
            "Since 02:10 phones cannot send.",
            "Analysis goes on",
            "Version 1.2.3",
        ] {
            assert_eq!(said(fine), None, "{fine}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(clean("a\r\nSubject: b\u{202e}c\u{200b}\u{7}"), "a Subject: bc");
        assert_eq!(clean("  x  "), "x");
    }
}
