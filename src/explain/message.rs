//! Takes a pasted mail apart: headers, delivery status, words.
//!
//! mail-parser keeps a message inside a message as a tree, and a text of one mebibyte can hold 30,000 levels: more than a
//! stack. So a text with too many content types is not parsed, and mail-parser is not shown transfer encodings, in which
//! further levels could hide; `part` decodes the few parts that are read.

mod part;

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MimeHeaders, PartType};
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
        let parser = MessageParser::default().ignore_header(HeaderName::ContentTransferEncoding);
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
    let names_failed = mail.header("X-Failed-Recipients").is_some();
    let from = mail
        .from()
        .and_then(|from| from.first())
        .and_then(|address| address.address())
        .unwrap_or_default()
        .to_lowercase();
    let is_from_daemon =
        ["mailer-daemon", "postmaster", "mailerdaemon"].iter().any(|name| from.starts_with(name));
    let is_automatic = matches!(mail.header("Auto-Submitted"), Some(HeaderValue::Text(text)) if text.contains("auto-replied"));
    has_no_sender || is_report || names_failed || is_from_daemon || is_automatic
}
