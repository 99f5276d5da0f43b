//! FETCH (RFC 9051 §6.4.5): what is asked of each mail, and how it is written.

use super::parse::Token;
use crate::clock::imap_date;
use crate::mailbox::{Stored, fields, header_end};

/// One item of a FETCH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Uid,
    Flags,
    InternalDate,
    Size,
    Body { section: Section, peek: bool, part: Option<(usize, usize)>, name: String },
}

/// A part of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Whole,
    Header,
    Text,
    /// These fields, or with `true` all but these.
    Fields(Vec<String>, bool),
}

/// Reads the items after the set of numbers; `None` for what this server does not have.
pub(super) fn parse(tokens: &[Token]) -> Option<Vec<Item>> {
    let words = match tokens {
        [Token::Open, inner @ .., Token::Close] => inner,
        [_] => tokens,
        _ => return None,
    };
    let items = words.iter().map(|token| match token {
        Token::Word(word) => item(word),
        _ => None,
    });
    items.collect::<Option<Vec<_>>>().map(|items| items.concat()).filter(|items| !items.is_empty())
}

fn item(word: &str) -> Option<Vec<Item>> {
    let body = |section, peek, name: &str| Item::Body { section, peek, part: None, name: name.to_owned() };
    Some(match word.to_ascii_uppercase().as_str() {
        "UID" => vec![Item::Uid],
        "FLAGS" => vec![Item::Flags],
        "INTERNALDATE" => vec![Item::InternalDate],
        "RFC822.SIZE" => vec![Item::Size],
        "RFC822" => vec![body(Section::Whole, false, "RFC822")],
        "RFC822.HEADER" => vec![body(Section::Header, true, "RFC822.HEADER")],
        "RFC822.TEXT" => vec![body(Section::Text, false, "RFC822.TEXT")],
        "FAST" => vec![Item::Flags, Item::InternalDate, Item::Size],
        upper => vec![bracketed(upper)?],
    })
}

/// Reads `BODY[section]<from.length>` and `BODY.PEEK[…]`, in capitals.
fn bracketed(word: &str) -> Option<Item> {
    let (peek, rest) = match word.strip_prefix("BODY.PEEK[") {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix("BODY[")?),
    };
    let (inside, after) = rest.rsplit_once(']')?;
    let section = match inside {
        "" => Section::Whole,
        "HEADER" => Section::Header,
        "TEXT" => Section::Text,
        _ => field_names(inside)?,
    };
    let part = if after.is_empty() { None } else { Some(partial(after)?) };
    // The answer names the section without PEEK, and of a part only where it begins (RFC 9051 §7.5.2).
    let origin = part.map(|(from, _)| format!("<{from}>")).unwrap_or_default();
    Some(Item::Body { section, peek, part, name: format!("BODY[{inside}]{origin}") })
}

fn field_names(inside: &str) -> Option<Section> {
    let (rest, all_but) = match inside.strip_prefix("HEADER.FIELDS.NOT (") {
        Some(rest) => (rest, true),
        None => (inside.strip_prefix("HEADER.FIELDS (")?, false),
    };
    let names =
        rest.strip_suffix(')')?.split_ascii_whitespace().map(|name| name.trim_matches('"').to_owned());
    Some(Section::Fields(names.collect(), all_but))
}

fn partial(after: &str) -> Option<(usize, usize)> {
    let (from, length) = after.strip_prefix('<')?.strip_suffix('>')?.split_once('.')?;
    Some((from.parse().ok()?, length.parse().ok()?))
}

/// Whether answering marks the mail as seen.
pub(super) fn marks_seen(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item, Item::Body { peek: false, .. }))
}

/// Writes `* n FETCH (…)` for the mail at this position.
pub(super) fn write(position: u32, mail: &Stored, items: &[Item]) -> Vec<u8> {
    let mut out = format!("* {position} FETCH (").into_bytes();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        write_item(&mut out, mail, item);
    }
    out.extend_from_slice(b")\r\n");
    out
}

fn write_item(out: &mut Vec<u8>, mail: &Stored, item: &Item) {
    match item {
        Item::Uid => out.extend_from_slice(format!("UID {}", mail.uid).as_bytes()),
        Item::Flags => out.extend_from_slice(flags(mail).as_bytes()),
        Item::InternalDate => {
            out.extend_from_slice(format!("INTERNALDATE \"{}\"", imap_date(mail.arrived_ms)).as_bytes());
        }
        Item::Size => out.extend_from_slice(format!("RFC822.SIZE {}", mail.raw.len()).as_bytes()),
        Item::Body { section, part, name, .. } => {
            let whole = content(mail, section);
            let (from, length) = part.unwrap_or((0, whole.len()));
            let from = from.min(whole.len());
            let bytes = &whole[from..from.saturating_add(length).min(whole.len())];
            out.extend_from_slice(format!("{name} {{{}}}\r\n", bytes.len()).as_bytes());
            out.extend_from_slice(bytes);
        }
    }
}

/// `FLAGS (…)` of a mail.
pub(super) fn flags(mail: &Stored) -> String {
    format!("FLAGS ({})", mail.flags.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
}

fn content(mail: &Stored, section: &Section) -> Vec<u8> {
    match section {
        Section::Whole => mail.raw.to_vec(),
        Section::Header => mail.header().to_vec(),
        Section::Text => mail.raw[header_end(&mail.raw)..].to_vec(),
        Section::Fields(names, all_but) => {
            let named = |own: &str| names.iter().any(|name| name.eq_ignore_ascii_case(own));
            let chosen = fields(mail.header()).into_iter().filter(|(own, _)| named(own) != *all_but);
            let mut out: Vec<u8> = chosen.flat_map(|(_, field)| field).collect();
            // RFC 9051 §6.4.5: the empty line after the header belongs to it.
            out.extend_from_slice(b"\r\n");
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tokens;
    use super::*;

    #[track_caller]
    fn check(items: &str, expected: Option<&str>) {
        let mail = Stored {
            uid: 7,
            flags: ["\\Seen".to_owned()].into(),
            arrived_ms: 1_790_000_000_000,
            raw: b"A: 1\r\nB: 2\r\n\tmore\r\nC: 3\r\n\r\nbody\r\n".to_vec().into(),
        };
        let parsed = parse(&tokens(items.as_bytes()).expect("tokens"));
        let written = parsed.map(|items| String::from_utf8(write(2, &mail, &items)).expect("text"));
        assert_eq!(written.as_deref(), expected, "{items}");
    }

    #[test]
    fn items_are_written() {
        check("UID", Some("* 2 FETCH (UID 7)\r\n"));
        check("(UID FLAGS)", Some("* 2 FETCH (UID 7 FLAGS (\\Seen))\r\n"));
        check("INTERNALDATE", Some("* 2 FETCH (INTERNALDATE \"21-Sep-2026 14:13:20 +0000\")\r\n"));
        check("RFC822.SIZE", Some("* 2 FETCH (RFC822.SIZE 33)\r\n"));
        check("BODY.PEEK[TEXT]", Some("* 2 FETCH (BODY[TEXT] {6}\r\nbody\r\n)\r\n"));
        check("BODY[TEXT]<1.2>", Some("* 2 FETCH (BODY[TEXT]<1> {2}\r\nod)\r\n"));
        check("BODY[TEXT]<99.2>", Some("* 2 FETCH (BODY[TEXT]<99> {0}\r\n)\r\n"));
        let fields = "BODY.PEEK[HEADER.FIELDS (b Missing)]";
        check(fields, Some("* 2 FETCH (BODY[HEADER.FIELDS (B MISSING)] {15}\r\nB: 2\r\n\tmore\r\n\r\n)\r\n"));
        check("BODY.PEEK[1.MIME]", None);
        check("WISH", None);
        check("()", None);
    }
}
