//! Takes a pasted mail apart: headers, delivery status, words.
//!
//! mail-parser keeps a message inside a message as a tree, and a text of one mebibyte can hold 30,000 levels: more than a
//! stack. So a text with too many content types is not parsed, and mail-parser is not shown transfer encodings, in which
//! further levels could hide; `part` decodes the few parts that are read.

mod part;

use mail_parser::{HeaderName, Message, MessageParser, MimeHeaders, PartType};
use std::panic::catch_unwind;

/// Names of headers by which a pasted text is known as a mail.
const KNOWN_HEADERS: &[&str] = &[
    "received",
    "return-path",
    "delivered-to",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "content-type",
    "mime-version",
    "x-failed-recipients",
    "authentication-results",
    "arc-seal",
    "dkim-signature",
    "x-received",
];

/// At most so many lines are looked at to see whether a text is a mail.
const LINES_TO_KNOW: usize = 60;

/// At most so many Received headers are read (RFC 5321 section 6.3 demands that loops end by 100).
const MOST_RECEIVED: usize = 100;

/// A mail with more content types is not taken apart. A bounce has about five.
const MOST_CONTENT_TYPES: usize = 100;

/// At most so many bytes of readable text are kept; a reason stands near the beginning.
const MOST_WORDS: usize = 64 * 1024;

/// A pasted text, taken apart.
#[derive(Debug, Default)]
pub(super) struct Paste {
    /// The Received headers of the mail that is in question, the newest first.
    pub(super) received: Vec<String>,
    /// The machine-readable part of a bounce.
    pub(super) delivery_status: String,
    /// What people read.
    pub(super) words: String,
    /// Whether the headers are those of an automatic notice about another mail.
    pub(super) is_notice: bool,
    /// Whether it was a mail at all.
    pub(super) is_mail: bool,
}

/// Takes `text` apart. A text that is no mail is all words.
pub(super) fn read(text: &str) -> Paste {
    let text = text.trim_start();
    let paste = looks_like_mail(text).then(|| read_mail(text)).flatten();
    paste.unwrap_or_else(|| Paste { words: text.to_owned(), ..Paste::default() })
}

fn read_mail(text: &str) -> Option<Paste> {
    let content_types = text.to_ascii_lowercase().matches("content-type").count();
    if content_types > MOST_CONTENT_TYPES {
        return None;
    }
    // mail-parser does arithmetic on places in the text that a hostile one may upset; then the text is only words.
    catch_unwind(|| {
        let parser =
            MessageParser::new().with_minimal_headers().ignore_header(HeaderName::ContentTransferEncoding);
        parser.parse(text.as_bytes()).map(|mail| take_apart(&mail))
    })
    .ok()
    .flatten()
}

/// A mail begins with a header and has two that are known; a lone Received header counts too.
fn looks_like_mail(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let first_is_header = first.starts_with("From ") || header_name(first).is_some();
    let is_known = |line: &&str| header_name(line).is_some_and(|name| KNOWN_HEADERS.contains(&name.as_str()));
    let known = text.lines().take(LINES_TO_KNOW).filter(is_known).count();
    first_is_header && (known >= 2 || header_name(first).is_some_and(|name| name == "received"))
}

/// The name of the header that begins `line` (RFC 5322 section 2.2).
fn header_name(line: &str) -> Option<String> {
    let (name, _) = line.split_once(':')?;
    let is_name =
        !name.is_empty() && name.len() <= 60 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_name.then(|| name.to_ascii_lowercase())
}

fn take_apart(mail: &Message<'_>) -> Paste {
    let mut paste = Paste { is_mail: true, is_notice: is_notice(mail), ..Paste::default() };
    let mut of_returned = Vec::new();
    for part in &mail.parts {
        match &part.body {
            PartType::Message(returned) => of_returned = received(returned),
            PartType::Multipart(_) => {}
            _ if part.is_content_type("message", "delivery-status") => {
                paste.delivery_status = part::text(mail, part);
            }
            _ if part.is_content_type("text", "rfc822-headers") => {
                of_returned = received_in(&part::text(mail, part));
            }
            PartType::Text(_) | PartType::Html(_) if paste.words.len() < MOST_WORDS => {
                paste.words.push_str(&part::text(mail, part));
                paste.words.push_str("\n\n");
            }
            _ => {}
        }
    }
    paste.words.truncate(paste.words.floor_char_boundary(MOST_WORDS));
    paste.received = if of_returned.is_empty() { received(mail) } else { of_returned };
    paste
}

fn received_in(headers: &str) -> Vec<String> {
    MessageParser::default().parse_headers(headers.as_bytes()).as_ref().map(received).unwrap_or_default()
}

fn received(mail: &Message<'_>) -> Vec<String> {
    mail.headers_raw()
        .filter(|(name, _)| name.eq_ignore_ascii_case("received"))
        .map(|(_, value)| value.to_owned())
        .take(MOST_RECEIVED)
        .collect()
}

/// A notice has no sender (RFC 5321 section 4.5.5), is a report (RFC 6522) or says who failed.
fn is_notice(mail: &Message<'_>) -> bool {
    let has_no_sender = mail.header_raw("Return-Path").is_some_and(|path| path.trim() == "<>");
    let is_report = mail.content_type().is_some_and(|kind| kind.c_subtype.as_deref() == Some("report"));
    let names_failed = mail.header_raw("X-Failed-Recipients").is_some();
    let from = mail
        .from()
        .and_then(|from| from.first())
        .and_then(|address| address.address())
        .unwrap_or_default()
        .to_lowercase();
    let is_from_daemon =
        ["mailer-daemon", "postmaster", "mailerdaemon"].iter().any(|name| from.starts_with(name));
    let is_automatic = mail.header_raw("Auto-Submitted").is_some_and(|value| value.contains("auto-replied"));
    has_no_sender || is_report || names_failed || is_from_daemon || is_automatic
}
#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nMIME-Version: 1.0\n\
        Content-Type: multipart/report; boundary=b\n\n";

    #[test]
    fn transfer_encoding_character_set_and_markup_are_undone() {
        let base64 = "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nUG9zdGZhY2gg/GJlcnZvbGw=\n";
        let quoted = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>mail=\nbox <b>f=75ll</b></p>\n";
        let paste = read(&format!("{HEAD}--b\n{base64}\n--b\n{quoted}\n--b--\n"));
        assert!(paste.is_mail && paste.is_notice);
        assert!(paste.words.contains("Postfach übervoll"), "{paste:?}");
        assert!(paste.words.contains("mailbox full"), "{paste:?}");
    }

    #[test]
    fn the_way_of_the_returned_message_counts() {
        let returned =
            "Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0000\nSubject: x\n\nSpam and viruses.\n";
        for kind in ["message/rfc822", "text/rfc822-headers"] {
            let mail = format!(
                "Received: outer\n{HEAD}--b\n\nwords\n--b\nContent-Type: {kind}\n\n{returned}\n--b--\n"
            );
            let paste = read(&mail);
            assert_eq!(paste.received.len(), 1, "{paste:?}");
            assert!(paste.received[0].contains("from a by b"), "{paste:?}");
            assert!(!paste.words.contains("viruses"), "{paste:?}");
        }
    }

    #[test]
    fn an_ordinary_mail_is_no_notice() {
        let paste =
            read("From: Anna <anna@example.org>\nTo: berta@example.org\nSubject: lunch\n\nUser unknown?\n");
        assert!(paste.is_mail && !paste.is_notice);
        assert!(!read("No such user here\n").is_mail);
    }
}
