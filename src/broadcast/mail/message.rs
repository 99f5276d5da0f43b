//! The mail itself: what it says, and the headers by which programs sort, thread and do not answer it.

use std::fmt::Write as _;

use chrono_tz::Tz;
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use sha2::{Digest as _, Sha256};
use watchpost_texts::say;

use super::super::words;
use crate::clock::UtcMs;
use crate::config::{Config, Relay};
use crate::outbox::{Item, Purpose};
use crate::service::Mailbox;

/// RFC 5322 section 2.1.1 allows 998 octets; more than this no mail program shows.
const LONGEST_SUBJECT: usize = 120;

/// What all mails of a destination have in common.
pub(super) struct Letterhead {
    from: Mailbox,
    reply_to: Mailbox,
    organisation: String,
    page: Option<String>,
    zone: Tz,
}

impl Letterhead {
    pub(super) fn of(relay: &Relay, config: &Config) -> Self {
        Letterhead {
            from: relay.from.clone(),
            reply_to: relay.reply_to.clone().unwrap_or_else(|| relay.from.clone()),
            organisation: config.organisation.name.clone(),
            page: config.web.public_url.as_ref().map(|url| url.as_str().to_owned()),
            zone: config.organisation.time_zone,
        }
    }
}

/// The mail as bytes, with CRLF line ends.
pub(super) fn write(item: &Item, head: &Letterhead, now: UtcMs) -> Vec<u8> {
    let (title, text) = words(item, head.zone);
    let (from, reply_to) = (head.from.to_string(), head.reply_to.to_string());
    let mut mail = MessageBuilder::new()
        .from((one_line(&head.organisation), from))
        .reply_to(reply_to.clone())
        // RFC 5322 section 3.4: a group without members; no reader sees another.
        .header("To", Raw::new("undisclosed-recipients:;"))
        .subject(subject(item, &title))
        .date(Date::new(now.seconds()))
        .message_id(message_id(&item.key.0, head))
        // RFC 3834 section 5: nobody's holiday notice answers.
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        // RFC 2369 section 3.2. The people who answer this mailbox take readers out of the configuration.
        .header("List-Unsubscribe", Raw::new(format!("<mailto:{reply_to}?subject=unsubscribe>")))
        .text_body(body(item, &text, head));
    if let Some((first, before)) = thread(item) {
        // RFC 5322 section 3.6.4. Where the one before never came, the first still ties them together.
        mail = mail.in_reply_to(message_id(&before, head));
        let chain = if first == before { vec![first] } else { vec![first, before] };
        mail = mail.references(chain.iter().map(|key| message_id(key, head)).collect::<Vec<_>>());
    }
    mail.write_to_vec().unwrap_or_default()
}

/// The incident stands in front, so that a mailbox can be searched for it.
fn subject(item: &Item, title: &str) -> String {
    let whole = match item.incident {
        Some(id) => say!("[{id}] {title}"),
        None => title.to_owned(),
    };
    one_line(&whole).chars().take(LONGEST_SUBJECT).collect()
}

/// Without what could end a header, or turn the direction of reading.
fn one_line(text: &str) -> String {
    let kept = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    kept.filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn body(item: &Item, text: &str, head: &Letterhead) -> String {
    let mut body = format!("{}\n", text.trim_end());
    for field in item.message.block.iter().flat_map(|block| &block.fields) {
        // Writing to a string cannot fail.
        let _ = write!(body, "\n{}: {}\n", field.name, field.value);
    }
    if let Some(page) = &head.page {
        let _ = write!(body, "{}", say!("\nThe newest word always stands here: {page}\n"));
    }
    let footer = item.message.block.as_ref().map(|block| one_line(&block.footer)).unwrap_or_default();
    let _ = write!(
        body,
        "{}",
        say!(
            "\n-- \n{}\n{footer}\nTo hear no more of this, answer with the word unsubscribe.\n",
            one_line(&head.organisation)
        )
    );
    body.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// The same whenever the same thing is said.
fn message_id(key: &str, head: &Letterhead) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let id = digest.iter().take(16).fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    });
    format!("{id}.watchpost@{}", head.from.domain())
}

/// The keys of the first word to this audience and of the one before this one; none where this is the first.
fn thread(item: &Item) -> Option<(String, String)> {
    let Purpose::Update { audience, number, destination } = &item.purpose else { return None };
    let before = number.checked_sub(1).filter(|before| *before > 0)?;
    let key = |number| Some(format!("{}/update/{audience}/{number}/{destination}", item.incident?));
    Some((key(1)?, key(before)?))
}
