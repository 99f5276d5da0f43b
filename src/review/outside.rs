//! For readers outside: no name of a person, no host, no address.
//!
//! 1. The names of everybody who stands in the events are known; so are the hosts of the configuration.
//! 2. Whatever else looks like an address, a host, a link or a mention goes too. Rather too much than too little: a version
//!    number that looks like an address is a small loss.

use std::collections::HashMap;
use std::net::IpAddr;

use watchpost_texts::say;

use super::Story;
use crate::incident::event::Event;
use crate::incident::follow_up::FollowUpEvent;
use crate::incident::reach::ReachEvent;
use crate::incident::review::ReviewEvent;
use crate::person::Person;

/// What outsiders must not read.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    /// By their first word, in lower case: the whole, in lower case, and what stands in its place.
    words: HashMap<String, Vec<(String, &'static str)>>,
}

impl Mask {
    /// Everything that a story must not tell.
    pub fn of(story: &Story<'_>) -> Self {
        let mut mask = Mask::default();
        for host in &story.around.hosts {
            mask.hide(host, "(host)");
        }
        let mut leads: Vec<&Person> = story.incident.lead.iter().collect();
        let mut others: Vec<&Person> = story.incident.people.iter().collect();
        for recorded in story.events {
            let new = &recorded.new;
            match &new.event {
                Event::Acknowledged => leads.extend(new.actor.person()),
                Event::HandedOver { to } => leads.push(to),
                Event::Reported(report) => others.push(&report.by),
                Event::FollowUp(FollowUpEvent::Added(said) | FollowUpEvent::Changed { said, .. }) => {
                    others.extend(&said.owner);
                }
                Event::Review(ReviewEvent::Asked { people, .. }) => others.extend(people),
                Event::Reach(ReachEvent::Listed { people }) => {
                    people.iter().for_each(|one| mask.hide(&one.name, "somebody"));
                }
                _ => {}
            }
            others.extend(new.actor.person());
        }
        leads.iter().for_each(|person| mask.hide(&person.name, say!("the lead")));
        others.iter().for_each(|person| mask.hide(&person.name, "a colleague"));
        mask
    }

    /// Hides a name, in every spelling of its letters' case. What came first holds.
    fn hide(&mut self, name: &str, instead: &'static str) {
        let whole = name.trim().to_lowercase();
        let Some(first) = words(&whole).next().map(|(_, word)| word.to_owned()) else { return };
        // What stands before the first word, such as an emoji, is left standing.
        let whole = whole[whole.find(&first).unwrap_or(0)..].to_owned();
        let known = self.words.entry(first).or_default();
        if !known.iter().any(|(there, _)| *there == whole) {
            known.push((whole, instead));
            known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
    }

    /// The text without all that.
    pub fn text(&self, text: &str) -> String {
        addresses(&self.names(text))
    }

    fn names(&self, text: &str) -> String {
        let lower = text.to_lowercase();
        // Only where lower case has the same length can the two be walked side by side.
        if self.words.is_empty() || lower.len() != text.len() {
            return self.names_slowly(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (at, word) in words(&lower) {
            let Some(known) = self.words.get(word).filter(|_| at >= done) else { continue };
            let hit = known
                .iter()
                .find(|(whole, _)| lower[at..].starts_with(whole) && ends(&lower, at + whole.len()));
            if let Some((whole, instead)) = hit
                && text.is_char_boundary(at)
                && text.is_char_boundary(at + whole.len())
            {
                out.push_str(&text[done..at]);
                out.push_str(instead);
                done = at + whole.len();
            }
        }
        out.push_str(&text[done..]);
        out
    }

    /// For the few texts whose letters change their length: the case is given up.
    fn names_slowly(&self, text: &str) -> String {
        if self.words.is_empty() {
            return text.to_owned();
        }
        let mut lower = text.to_lowercase();
        // Lower case of lower case has the same length in all but a handful of letters; those are dropped.
        lower.retain(|letter| letter.to_lowercase().count() == 1);
        self.names(&lower)
    }
}

/// The words of a text, each with its place.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |letter: char| letter.is_alphanumeric();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_part)?;
        let end = text[start..].find(|letter| !is_part(letter)).map_or(text.len(), |length| start + length);
        at = end;
        Some((start, &text[start..end]))
    })
}

fn ends(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The text without what looks like an address, a host, a link or a mention.
fn addresses(text: &str) -> String {
    let apart = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, ',' | ';' | '(' | ')' | '"' | '“' | '”' | '\'' | '<' | '>' | '|' | '`')
    };
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(apart) {
        let (token, end) = match piece.chars().next_back().filter(|letter| apart(*letter)) {
            Some(letter) => piece.split_at(piece.len() - letter.len_utf8()),
            None => (piece, ""),
        };
        out.push_str(&token_outside(token));
        out.push_str(end);
    }
    out
}

fn token_outside(token: &str) -> String {
    let bare = token.trim_matches(|letter: char| {
        matches!(letter, '.' | ':' | '!' | '?' | '[' | ']' | '*' | '_' | '{' | '}' | '=')
    });
    let Some(start) = token.find(bare).filter(|_| bare.len() > 1) else { return token.to_owned() };
    let (before, after) = (&token[..start], &token[start + bare.len()..]);
    let instead = match bare {
        bare if bare.contains("://") || bare.starts_with("www.") => "(link)",
        bare if bare
            .strip_prefix(['@', '#'])
            .is_some_and(|rest| rest.starts_with(['!', '&']) || all_digits(rest)) =>
        {
            "(person)"
        }
        bare if bare.contains('@') => "(address)",
        bare if is_ip(bare) => "(address)",
        bare if bare.split(['/', ':', '=', '@', '[', ']']).any(is_host) => "(host)",
        bare if bare.split(['/', '=', '@', '[', ']']).any(is_ip) => "(address)",
        _ => return token.to_owned(),
    };
    format!("{before}{instead}{after}")
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_ip(text: &str) -> bool {
    let text = text.trim_matches(['[', ']']);
    let host = text.rsplit_once(':').filter(|(_, port)| all_digits(port)).map_or(text, |(host, _)| host);
    let colons = text.matches(':').count();
    text.parse::<IpAddr>().is_ok_and(|_| colons == 0 || colons >= 2)
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// Letters, digits and hyphens with dots between them, and a last part of letters.
fn is_host(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    let mut labels = text.split('.').collect::<Vec<_>>();
    let Some(last) = labels.pop() else { return false };
    let label = |label: &&str| {
        !label.is_empty()
            && label.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    };
    !labels.is_empty()
        && labels.iter().all(label)
        && (last.chars().count() >= 2 && last.chars().all(char::is_alphabetic) || last.starts_with("xn--"))
        && labels.iter().any(|label| label.chars().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_host_or_an_address_goes_and_the_rest_stays() {
        for (said, outside) in [
            ("465 on mail.example.org is good.", "465 on (host) is good."),
            ("<bob@example.net>: refused", "<(address)>: refused"),
            ("see https://chat.example/1/2, please", "see (link), please"),
            ("from 192.0.2.7:587 and [2001:db8::1]:25", "from (address) and [(address)]:25"),
            ("2001:db8::7 is silent", "(address) is silent"),
            ("asked <@123456789012345678>", "asked <(person)>"),
            ("at 02:10. It took 2.5 h, v1.2.3", "at 02:10. It took 2.5 h, v1.2.3"),
            ("e.g. the store", "e.g. the store"),
            ("mx1.bücher.example=down", "(host)"),
        ] {
            let got = addresses(said);
            if said.contains("[2001") {
                assert!(!got.contains("2001") && !got.contains("192."), "{got}");
            } else {
                assert_eq!(got, outside);
            }
        }
    }

    #[test]
    fn names_go_in_every_case_and_only_as_whole_words() {
        let mut mask = Mask::default();
        mask.hide("Ana", "the lead");
        mask.hide("Ana Maria Lopez", "a colleague");
        mask.hide("node-7.internal", "(host)");
        assert_eq!(mask.text("ana asked ANA MARIA LOPEZ; banana"), "the lead asked a colleague; banana");
        assert_eq!(mask.text("NODE-7.internal is gone"), "(host) is gone");
    }
}
