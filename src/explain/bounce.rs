//! From a bounce, or from the words of one reply, to what decided.
//!
//! 1. A delivery status (RFC 3464) counts before the words around it.
//! 2. Without one, the words are cut before the returned message, and each paragraph is judged for itself; the one that
//!    says most decides. The introductions of the common servers say nothing and are left out.

use super::{
    Fate, Recipient,
    clean::{LONGEST_NAME, clean},
    codes::{Codes, find_codes},
    delivery_status::{self, Status},
    judge::{Command, Evidence, Judgement, judge_with_weight},
    message::Paste,
    pattern::{Pattern, Text},
    words::words,
};
use std::sync::LazyLock;

/// At most so many recipients are shown.
const MOST_SHOWN: usize = 20;

/// At most so many paragraphs of a free form are judged.
const MOST_PARAGRAPHS: usize = 40;

/// A paragraph that weighs so much speaks for itself; otherwise the whole text is judged.
const CLEAR: u16 = 8;

/// What was found in a bounce.
#[derive(Debug, Default)]
pub(super) struct Bounce {
    pub(super) judgement: Option<Judgement>,
    pub(super) codes: Codes,
    pub(super) fate: Fate,
    /// The words that decided.
    pub(super) said: String,
    pub(super) recipients: Vec<Recipient>,
    /// Whether it was a mail or a delivery status, and not one pasted reply.
    pub(super) is_notice: bool,
}

/// Reads a bounce or a reply. `None` when the text is a mail that is no notice, or says nothing.
pub(super) fn read(paste: &Paste) -> Option<Bounce> {
    let of_part = delivery_status::read(&paste.delivery_status);
    let statuses = if of_part.is_empty() { delivery_status::read(&paste.words) } else { of_part };
    if !statuses.is_empty() {
        return Some(of_statuses(&statuses, &paste.words));
    }
    let is_ordinary_mail = paste.is_mail && !paste.is_notice;
    if is_ordinary_mail || paste.words.trim().is_empty() {
        return None;
    }
    Some(Bounce { is_notice: paste.is_mail, ..of_words(&paste.words) })
}

fn of_statuses(statuses: &[Status], words: &str) -> Bounce {
    let mut all: Vec<Bounce> = statuses.iter().map(|status| of_status(status, words)).collect();
    let recipients = statuses.iter().zip(&all).take(MOST_SHOWN).map(|(status, bounce)| Recipient {
        address: clean(&status.recipient, LONGEST_NAME),
        fate: bounce.fate,
        reason: bounce.judgement.map(|judgement| judgement.reason),
        status: bounce.codes.status.clone(),
    });
    let recipients = recipients.collect();
    // The worst fate decides; of equal ones the first. max_by_key returns the last of equals.
    let worst = (0..all.len()).rev().max_by_key(|place| all[*place].fate).unwrap_or(0);
    Bounce { recipients, is_notice: true, ..all.swap_remove(worst) }
}

fn of_status(status: &Status, words: &str) -> Bounce {
    let found = if status.diagnostic.is_empty() { of_words(words) } else { of_diagnostic(status, words) };
    let fate = status.fate();
    let judgement = found.judgement.filter(|_| fate != Fate::Delivered);
    // The remote server's own code is finer than the report's, which is often x.0.0.
    let said = Some(found.codes.status).filter(|_| !status.diagnostic.is_empty()).flatten();
    let codes = Codes { status: said.or_else(|| status.status.clone()), ..found.codes };
    Bounce { judgement, fate, codes, ..found }
}

/// What the remote server said, and where that says nothing, what the words around it say.
fn of_diagnostic(status: &Status, words: &str) -> Bounce {
    let mut evidence = Evidence::of_text(&status.diagnostic);
    let around = before_returned_message(words);
    evidence.command = evidence.command.or_else(|| Evidence::of_text(around).command);
    if evidence.codes.status.is_none() {
        evidence.codes.status.clone_from(&status.status);
    }
    let judged = judge_with_weight(&evidence)
        .or_else(|| judge_with_weight(&Evidence { text: around, ..evidence.clone() }));
    Bounce {
        judgement: judged.map(|(judgement, _)| judgement),
        said: status.diagnostic.clone(),
        codes: evidence.codes,
        ..Bounce::default()
    }
}

/// A free form, or one reply.
fn of_words(words: &str) -> Bounce {
    let words = before_returned_message(words);
    let transcript_command = command_of_transcript(words);
    let fate_of_notice = fate_in(words);
    let judge_one = |text: &str| judge_paragraph(text, transcript_command);
    // The first of the heaviest decides.
    let heaviest = paragraphs(words)
        .filter_map(|text| judge_one(&text))
        .reduce(|best, other| if other.0 > best.0 { other } else { best });
    let of_all = || judge_one(words);
    let found = heaviest.filter(|(weight, _)| *weight >= CLEAR).or_else(of_all);
    let unclear = || Bounce { codes: find_codes(words), said: words.to_owned(), ..Bounce::default() };
    let mut bounce = found.map_or_else(unclear, |(_, bounce)| bounce);
    bounce.fate = fate_of_notice.unwrap_or_else(|| fate_of_class(&bounce.codes));
    bounce
}

fn judge_paragraph(text: &str, transcript_command: Option<Command>) -> Option<(u16, Bounce)> {
    let mut evidence = Evidence::of_text(text);
    evidence.command = evidence.command.or(transcript_command);
    let (judgement, weight) = judge_with_weight(&evidence)?;
    let codes = evidence.codes;
    Some((weight, Bounce { judgement: Some(judgement), codes, said: text.to_owned(), ..Bounce::default() }))
}

fn fate_of_class(codes: &Codes) -> Fate {
    match codes.class() {
        Some(2) => Fate::Delivered,
        Some(4) => Fate::Delayed,
        Some(5) => Fate::Failed,
        _ => Fate::Unknown,
    }
}

/// Lines after which servers append the message that came back.
const RETURNED_BELOW: &[&str] = &[
    "below this line is a copy of the message",
    "this is a copy of the message",
    "original message ---",
    "original message follows",
    "returned message",
    "undelivered message follows",
    "message header follows",
    "original message headers",
    "original message header",
    "message headers follow",
    "the header of the original",
    "content-type: message/rfc822",
    "content-type: text/rfc822-headers",
    "the first lines of the message",
];

fn before_returned_message(words: &str) -> &str {
    let mut end = 0;
    for line in words.split_inclusive('\n') {
        let lower = line.to_lowercase();
        if end > 0 && RETURNED_BELOW.iter().any(|sign| lower.contains(sign)) {
            return &words[..end];
        }
        end += line.len();
    }
    words
}

/// Phrases of introductions: they stand in every bounce of that server, whatever the reason.
static INTRODUCTIONS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    [
        // Exim
        "created automatically by mail delivery software",
        "could not be delivered to one or more|all",
        // qmail
        "this is the qmail",
        "was not able to deliver your message",
        // Postfix
        "this is the mail system at",
        "please send mail to",
        "for further assistance",
        // Exchange, Office 365
        "generating server",
        "did not reach some or all",
        "delivery has failed to these recipients",
        // Gmail
        "delivery to the following recipient",
        "message will be retried",
        // Sendmail
        "original message was received",
        // Courier
        "this is a delivery status notification",
        "error notice",
    ]
    .map(Pattern::new)
    .into()
});

fn is_introduction(paragraph: &str) -> bool {
    let words = words(paragraph);
    INTRODUCTIONS.iter().any(|pattern| pattern.is_in(&Text::plain(&words)))
}

fn paragraphs(words: &str) -> impl Iterator<Item = String> {
    let normal = words.replace("\r\n", "\n");
    let all: Vec<String> =
        normal.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    all.into_iter().take(MOST_PARAGRAPHS).filter(|paragraph| !is_introduction(paragraph))
}

/// How notices say what becomes of the message. The first that is found decides: a server that has given up says so
/// beside the temporary code of its last attempt.
static FATES: LazyLock<Vec<(Fate, Pattern)>> = LazyLock::new(|| {
    [
        (Fate::Failed, "giving|given|gave|give up"),
        (Fate::Failed, "not going to try again"),
        (Fate::Failed, "queue too long"),
        (Fate::Failed, "failed permanently"),
        (Fate::Failed, "permanent error|failure"),
        (Fate::Failed, "permanent fatal errors"),
        (Fate::Failed, "will be deleted from queue"),
        (Fate::Failed, "retry timeout exceeded"),
        (Fate::Failed, "could not be delivered to one or more"),
        (Fate::Failed, "delivery has failed"),
        (Fate::Failed, "message expired"),
        (Fate::Failed, "envelope expired"),
        (Fate::Delayed, "warning message only"),
        (Fate::Delayed, "do not need to resend"),
        (Fate::Delayed, "has been delayed"),
        (Fate::Delayed, "will be retried"),
        (Fate::Delayed, "keep|keeps trying"),
        (Fate::Delayed, "will continue to"),
        (Fate::Delayed, "not yet been delivered"),
        (Fate::Delayed, "not been delivered yet"),
        (Fate::Delayed, "still being retried"),
        (Fate::Delayed, "delivery attempts will continue"),
    ]
    .map(|(fate, pattern)| (fate, Pattern::new(pattern)))
    .into()
});

fn fate_in(text: &str) -> Option<Fate> {
    let words = words(text);
    FATES.iter().find(|(_, pattern)| pattern.is_in(&Text::plain(&words))).map(|(fate, _)| *fate)
}

/// Sendmail's transcript of the session: the last command before the first refusal.
fn command_of_transcript(words: &str) -> Option<Command> {
    let mut last = None;
    for line in words.lines() {
        let line = line.trim();
        if let Some(sent) = line.strip_prefix(">>> ") {
            last = Some(sent.to_ascii_uppercase());
        } else if line.starts_with("<<< 4") || line.starts_with("<<< 5") {
            break;
        }
    }
    let commands = [
        ("EHLO", Command::Hello),
        ("HELO", Command::Hello),
        ("MAIL", Command::Mail),
        ("RCPT", Command::Recipient),
        ("DATA", Command::Data),
    ];
    let sent = last?;
    commands.into_iter().find(|(name, _)| sent.starts_with(name)).map(|(_, command)| command)
}
