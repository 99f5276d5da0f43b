//! Server texts as plain words, so that rules speak of meaning and not of one product's sentence.
//!
//! 1. Addresses, hosts and links are taken out: what they contain is no statement (a mailbox may be called `spam`).
//! 2. What is left is lower-cased and cut into words; `RecipNotFound` is three words, `doesn't` is `does not`.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// At most so many words are looked at; a reason stands near the beginning, the rest is the returned message.
const MOST_WORDS: usize = 700;

/// At most so many bytes are cut into words.
const MOST_BYTES: usize = 32 * 1024;

/// Repairs a text whose UTF-8 was once read as ISO 8859-1: every character is below U+0100, and as bytes they are UTF-8.
pub(super) fn repair(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let repaired = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    repaired.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Cuts a text into lower-case words. Hosts become `@host`, addresses `@address`, numeric addresses
/// `@ip` (`@loopback` for the server itself), links `@link` and a colon with nothing before it `@blank`.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for chunk in repair(&text[..text.floor_char_boundary(MOST_BYTES)]).split_whitespace() {
        if words.len() >= MOST_WORDS {
            break;
        }
        push_chunk(&mut words, chunk);
    }
    words.truncate(MOST_WORDS);
    words
}

fn push_chunk(words: &mut Vec<String>, chunk: &str) {
    let bare = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.contains("://") || bare.starts_with("www.") {
        push_link(words, bare);
    } else if is_response_code(chunk) {
        words.push(chunk.to_lowercase());
    } else if chunk == ":" {
        words.push("@blank".to_owned());
    } else if let Some(placeholder) = address_placeholder(bare) {
        words.push(placeholder.to_owned());
    } else {
        for run in chunk.split(|c| !may_be_in_name(c)).filter(|run| !run.is_empty()) {
            push_run(words, run);
        }
    }
}

/// A code of IMAP or POP3 in its brackets (RFC 5530, RFC 2449 section 8): `[UNAVAILABLE]`, `[SYS/TEMP]`.
fn is_response_code(chunk: &str) -> bool {
    let code = chunk.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    code.is_some_and(|code| {
        code.len() >= 4 && code.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'/'))
    })
}

fn may_be_in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | '=' | '%' | '…' | '\'' | '’')
}

fn push_run(words: &mut Vec<String>, run: &str) {
    let name = run.trim_matches(['.', '-', '=', '\'']);
    if name.contains('@') {
        words.push("@address".to_owned());
    } else if let Some(placeholder) = address_placeholder(name) {
        words.push(placeholder.to_owned());
    } else if is_host(name) {
        words.push("@host".to_owned());
    } else {
        push_plain(words, name);
    }
}

/// Of a link only the name of the page's host and the key of a help page are statements (`?p=DisabledUser`).
fn push_link(words: &mut Vec<String>, link: &str) {
    let after_scheme = link.split_once("://").map_or(link, |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    words.push("@link".to_owned());
    words.push(host.to_lowercase());
    if let Some((_, key)) = after_scheme.split_once("?p=") {
        push_plain(words, key.split(['&', '#']).next().unwrap_or_default());
    }
}

/// A server that speaks to itself means its own filter or mailbox service.
fn address_placeholder(name: &str) -> Option<&'static str> {
    let address: IpAddr = name.parse().ok()?;
    let is_own = address == IpAddr::V4(Ipv4Addr::LOCALHOST) || address == IpAddr::V6(Ipv6Addr::LOCALHOST);
    Some(if is_own { "@loopback" } else { "@ip" })
}

/// A host name ends in a lower-case label of letters; `STOREDRV.Deliver` and `5.1.1` do not.
fn is_host(name: &str) -> bool {
    let Some((rest, last)) = name.rsplit_once('.') else {
        return false;
    };
    let last_fits = (2..=24).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_lowercase());
    last_fits && !rest.is_empty() && !rest.contains("..") && !rest.contains('=')
}

fn push_plain(words: &mut Vec<String>, chunk: &str) {
    let chunk = chunk.replace("'s", "").replace("’s", "").replace(['\'', '’'], "");
    if is_enhanced_status(chunk.trim_matches(|c: char| !c.is_ascii_digit())) {
        return;
    }
    let mut word = String::new();
    let mut before = ' ';
    let mut characters = chunk.chars().take(400).peekable();
    while let Some(c) = characters.next() {
        // "RecipNotFound" is three words; "rDNS" and "nullMX" are one.
        let begins_word =
            c.is_uppercase() && before.is_lowercase() && characters.peek().is_some_and(|c| c.is_lowercase());
        if !c.is_alphanumeric() || begins_word {
            push_word(words, &mut word);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    push_word(words, &mut word);
}

fn push_word(words: &mut Vec<String>, word: &mut String) {
    if word.is_empty() {
        return;
    }
    let word = std::mem::take(word);
    // "e-mail" has been cut into "e" and "mail".
    if word.starts_with("mail") && words.last().is_some_and(|last| last == "e") {
        words.pop();
        words.push(format!("e{word}"));
    } else if let Some(verb) = NEGATED.iter().find(|(short, _)| *short == word).map(|(_, verb)| verb) {
        words.push((*verb).to_owned());
        words.push("not".to_owned());
    } else {
        words.push(word);
    }
}

/// Contractions after their apostrophe was dropped.
const NEGATED: &[(&str, &str)] = &[
    ("doesnt", "does"),
    ("dont", "do"),
    ("didnt", "did"),
    ("cant", "can"),
    ("cannot", "can"),
    ("couldnt", "could"),
    ("isnt", "is"),
    ("arent", "are"),
    ("wasnt", "was"),
    ("werent", "were"),
    ("wont", "will"),
    ("hasnt", "has"),
    ("havent", "have"),
];

/// Whether `text` is an enhanced status code (RFC 3463 section 2).
pub(super) fn is_enhanced_status(text: &str) -> bool {
    let mut parts = text.split('.');
    let class = parts.next().is_some_and(|class| matches!(class, "2" | "4" | "5"));
    let fits = |part: Option<&str>| {
        part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    class && fits(parts.next()) && fits(parts.next()) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(words(text).join(" "), expected);
    }

    #[test]
    fn names_are_no_statements() {
        check("550 5.1.1 <spam@virus.example>: User unknown", "550 @address user unknown");
        check("host mx.spam.example[192.0.2.1] said: No", "host @host @ip said no");
        check("(192.0.2.1) 2001:db8::1 x", "@ip @ip x");
        check("see https://help.example/?p=DisabledUser&x=1 now", "see @link help.example disabled user now");
        check("RESOLVER.ADR.RecipNotFound; not found", "resolver adr recip not found not found");
        check("the user's mailbox", "the user mailbox");
        check("nullMX rDNS", "nullmx rdns");
        check("It doesn't exist, e-mail can't", "it does not exist email can not");
    }

    #[test]
    fn a_text_that_was_read_in_the_wrong_character_set_is_repaired() {
        assert_eq!(repair("Postfach Ã¼bervoll"), "Postfach übervoll");
        assert_eq!(repair("Postfach übervoll"), "Postfach übervoll");
    }
}
