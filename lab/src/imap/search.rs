//! SEARCH (RFC 9051 §6.4.4): the criteria, and which mail fits them.

use chrono::{DateTime, NaiveDate};

use super::numbers::Numbers;
use super::parse::Token;
use crate::mailbox::{Stored, fields};

/// How deep NOT, OR and parentheses may be nested.
const MOST_DEPTH: usize = 16;

/// What a mail must fulfil.
#[derive(Clone, Debug)]
pub(super) enum Criterion {
    All,
    None,
    Uids(Numbers),
    Positions(Numbers),
    /// Arrived on this day or later.
    Since(NaiveDate),
    /// Arrived before this day.
    Before(NaiveDate),
    On(NaiveDate),
    Header(String, String),
    /// Anywhere in the mail.
    Text(String),
    Flag(String),
    NoFlag(String),
    Larger(usize),
    Smaller(usize),
    Not(Box<Criterion>),
    Or(Box<Criterion>, Box<Criterion>),
    Every(Vec<Criterion>),
}

/// Reads the criteria after SEARCH. `highest` is what `*` stands for: (position, UID).
pub(super) fn parse(tokens: &[Token], highest: (u32, u32)) -> Option<Criterion> {
    let mut reader = Reader { tokens: tokens.iter(), highest, depth: 0 };
    if let [Token::Word(word), _, ..] = tokens
        && word.eq_ignore_ascii_case("CHARSET")
    {
        reader.tokens.nth(1);
    }
    let mut every = Vec::new();
    while !reader.tokens.as_slice().is_empty() {
        every.push(reader.criterion()?);
    }
    (!every.is_empty()).then_some(Criterion::Every(every))
}

struct Reader<'a> {
    tokens: std::slice::Iter<'a, Token>,
    highest: (u32, u32),
    depth: usize,
}

impl Reader<'_> {
    fn criterion(&mut self) -> Option<Criterion> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        let found = match self.tokens.next()? {
            Token::Open => self.group(),
            Token::Word(word) => self.key(&word.to_ascii_uppercase()),
            Token::Text(_) | Token::Close => None,
        };
        self.depth -= 1;
        found
    }

    fn group(&mut self) -> Option<Criterion> {
        let mut every = Vec::new();
        while self.tokens.as_slice().first()? != &Token::Close {
            every.push(self.criterion()?);
        }
        self.tokens.next();
        Some(Criterion::Every(every))
    }

    fn key(&mut self, key: &str) -> Option<Criterion> {
        Some(match key {
            "ALL" | "OLD" => Criterion::All,
            // Nothing is \Recent here: the flag is gone from RFC 9051.
            "NEW" | "RECENT" => Criterion::None,
            "UID" => Criterion::Uids(Numbers::parse(&self.text()?, self.highest.1)?),
            "SINCE" | "SENTSINCE" => Criterion::Since(self.day()?),
            "BEFORE" | "SENTBEFORE" => Criterion::Before(self.day()?),
            "ON" | "SENTON" => Criterion::On(self.day()?),
            "HEADER" => Criterion::Header(self.text()?, self.text()?),
            "SUBJECT" | "FROM" | "TO" | "CC" | "BCC" => Criterion::Header(key.to_owned(), self.text()?),
            "TEXT" | "BODY" => Criterion::Text(self.text()?),
            "SEEN" | "DELETED" | "FLAGGED" | "ANSWERED" | "DRAFT" => Criterion::Flag(format!("\\{key}")),
            "UNSEEN" | "UNDELETED" | "UNFLAGGED" | "UNANSWERED" | "UNDRAFT" => {
                Criterion::NoFlag(format!("\\{}", key.trim_start_matches("UN")))
            }
            "KEYWORD" => Criterion::Flag(self.text()?),
            "UNKEYWORD" => Criterion::NoFlag(self.text()?),
            "LARGER" => Criterion::Larger(self.text()?.parse().ok()?),
            "SMALLER" => Criterion::Smaller(self.text()?.parse().ok()?),
            "NOT" => Criterion::Not(Box::new(self.criterion()?)),
            "OR" => Criterion::Or(Box::new(self.criterion()?), Box::new(self.criterion()?)),
            set => Criterion::Positions(Numbers::parse(set, self.highest.0)?),
        })
    }

    fn text(&mut self) -> Option<String> {
        self.tokens.next()?.text()
    }

    fn day(&mut self) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(&self.text()?, "%d-%b-%Y").ok()
    }
}

impl Criterion {
    /// Whether the mail at this position (from 1) fits.
    pub(super) fn fits(&self, position: u32, mail: &Stored) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Uids(set) => set.contains(mail.uid),
            Self::Positions(set) => set.contains(position),
            Self::Since(day) => arrival_day(mail) >= *day,
            Self::Before(day) => arrival_day(mail) < *day,
            Self::On(day) => arrival_day(mail) == *day,
            Self::Header(name, part) => has_header(mail, name, part),
            Self::Text(part) => contains(&mail.raw, part),
            Self::Flag(flag) => has_flag(mail, flag),
            Self::NoFlag(flag) => !has_flag(mail, flag),
            Self::Larger(bytes) => mail.raw.len() > *bytes,
            Self::Smaller(bytes) => mail.raw.len() < *bytes,
            Self::Not(one) => !one.fits(position, mail),
            Self::Or(one, other) => one.fits(position, mail) || other.fits(position, mail),
            Self::Every(all) => all.iter().all(|one| one.fits(position, mail)),
        }
    }
}

fn arrival_day(mail: &Stored) -> NaiveDate {
    DateTime::from_timestamp_millis(mail.arrived_ms).unwrap_or_default().date_naive()
}

fn has_flag(mail: &Stored, flag: &str) -> bool {
    mail.flags.iter().any(|own| own.eq_ignore_ascii_case(flag))
}

/// Whether a field of this name holds this part; an empty part asks only whether the field is there.
fn has_header(mail: &Stored, name: &str, part: &str) -> bool {
    let fits = |(own, field): &(String, Vec<u8>)| {
        own.eq_ignore_ascii_case(name) && contains(&field[own.len() + 1..], part)
    };
    fields(mail.header()).iter().any(fits)
}

/// Whether the text holds the part, in any case of ASCII letters.
fn contains(text: &[u8], part: &str) -> bool {
    let part = part.as_bytes();
    part.is_empty() || text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::super::parse::tokens;
    use super::*;

    fn mail(uid: u32, day: u32, seen: bool) -> Stored {
        let raw = format!("Subject: probe {uid}\r\n folded Token{uid}\r\nX-Other:\r\n\r\nBody {uid}\r\n");
        Stored {
            uid,
            flags: seen.then(|| "\\Seen".to_owned()).into_iter().collect(),
            arrived_ms: i64::from(day) * 86_400_000,
            raw: raw.into_bytes().into(),
        }
    }

    #[track_caller]
    fn check(criteria: &str, expected: Option<&[u32]>) {
        // 1 to 3 January 1970; the UIDs are 10, 20, 30.
        let mails = [mail(10, 0, true), mail(20, 1, false), mail(30, 2, false)];
        let parsed = parse(&tokens(criteria.as_bytes()).expect("tokens"), (3, 30));
        let found = parsed.map(|criterion| {
            let fitting = (1..).zip(&mails).filter(|(position, mail)| criterion.fits(*position, mail));
            fitting.map(|(_, mail)| mail.uid).collect::<Vec<_>>()
        });
        assert_eq!(found.as_deref(), expected, "{criteria}");
    }

    #[test]
    fn criteria_find_their_mail() {
        check("ALL", Some(&[10, 20, 30]));
        check("UID 20:*", Some(&[20, 30]));
        check("UID 40:*", Some(&[30]));
        check("2", Some(&[20]));
        check("SINCE 2-Jan-1970", Some(&[20, 30]));
        check("BEFORE 2-Jan-1970", Some(&[10]));
        check("ON 02-Jan-1970", Some(&[20]));
        check("HEADER Subject \"token20\"", Some(&[20]));
        check("HEADER X-Other \"\"", Some(&[10, 20, 30]));
        check("HEADER X-Missing \"\"", Some(&[]));
        check("SUBJECT PROBE UNSEEN", Some(&[20, 30]));
        check("TEXT \"body 30\"", Some(&[30]));
        check("NOT SEEN", Some(&[20, 30]));
        check("OR SEEN (UNSEEN ON 3-Jan-1970)", Some(&[10, 30]));
        check("CHARSET UTF-8 SEEN", Some(&[10]));
        check("LARGER 1000", Some(&[]));
        check("", None);
        check("HEADER Subject", None);
        check("SINCE yesterday", None);
        check("(SEEN", None);
        check("WISH", None);
        check(&"NOT ".repeat(40), None);
    }
}
