//! From what is known of a failure to its reason.
//!
//! 1. The words of the remote server count before those of the program that reports them.
//! 2. Each reason collects the weight of its strongest statement, of the status, of the reply and of the command.
//! 3. The heaviest wins. “No such user” said after the address had been taken becomes `filtered`.

use super::{
    codes::{Codes, find_codes, reply_says, status_says},
    pattern::{Pattern, Text},
    reason::Reason,
    rules::{Statement, statements},
    words::words,
};
use crate::cause::Cause;
use std::{cmp::Reverse, collections::HashMap, sync::LazyLock};

/// The command that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// EHLO or HELO.
    Hello,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA and the message.
    Data,
}

/// What is known of one failure.
#[derive(Clone, Debug, Default)]
pub struct Evidence<'a> {
    /// The words of the reply or of the bounce.
    pub text: &'a str,
    /// The codes of the reply.
    pub codes: Codes,
    /// The command that was refused, if it is known.
    pub command: Option<Command>,
}

impl<'a> Evidence<'a> {
    /// All that a text says of itself: its words, its codes and the command that it names.
    pub fn of_text(text: &'a str) -> Self {
        Evidence { text, codes: find_codes(text), command: command_in(&words(text)) }
    }
}

/// How reporting programs name the command that was refused.
static COMMANDS: LazyLock<Vec<(Command, Pattern)>> = LazyLock::new(|| {
    [
        (Command::Data, "end of data"),
        (Command::Data, "after|to|final|during|for data|text|body"),
        (Command::Data, "after i sent the message"),
        (Command::Recipient, "after|to|our|for|during rcpt"),
        (Command::Recipient, "does not like recipient"),
        (Command::Mail, "after|to|our|for|during mail from"),
        (Command::Mail, "does not like sender"),
        (Command::Hello, "after|to|our|for|during helo|ehlo"),
        (Command::Hello, "after|to initial connection"),
        (Command::Recipient, "rcpt to"),
    ]
    .map(|(command, pattern)| (command, Pattern::new(pattern)))
    .into()
});

fn command_in(words: &[String]) -> Option<Command> {
    let text = Text::plain(words);
    COMMANDS.iter().find(|(_, pattern)| pattern.is_in(&text)).map(|(command, _)| *command)
}

/// What was concluded from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The reason, in the vocabulary of bounces.
    pub reason: Reason,
    /// The cause, in the vocabulary of outages.
    pub cause: Cause,
}

/// Codes that weigh no more are hints.
const HINT: u8 = 3;

/// What weighs less is a guess, and is not told.
const LEAST_WEIGHT: u16 = 3;

/// “Address rejected” alone weighs less than this: it does not say that the address is unknown.
const CLEAR_WORDS: u8 = 6;

/// Concludes the reason. `None` when nothing speaks for any.
pub fn judge(evidence: &Evidence<'_>) -> Option<Judgement> {
    judge_with_weight(evidence).map(|(judgement, _)| judgement)
}

/// Concludes the reason, and how much speaks for it: 10 and more is beyond doubt.
pub(super) fn judge_with_weight(evidence: &Evidence<'_>) -> Option<(Judgement, u16)> {
    let said = what_is_said(&words(evidence.text));
    let mut weights: HashMap<Reason, u16> = HashMap::new();
    for statement in strongest(&said).into_values() {
        *weights.entry(statement.reason).or_default() += u16::from(statement.weight);
    }
    let codes = [status_says(&evidence.codes), reply_says(&evidence.codes), command_says(evidence)];
    for (reason, weight) in codes.into_iter().flatten() {
        let held = weights.entry(reason).or_default();
        // A hint decides when nothing else is known; it adds nothing to what words say.
        *held = if weight <= HINT { (*held).max(u16::from(weight)) } else { *held + u16::from(weight) };
    }
    let (reason, weight) = weights.into_iter().max_by_key(|(reason, weight)| (*weight, Reverse(*reason)))?;
    (weight >= LEAST_WEIGHT).then(|| (conclude(reason, &said, evidence), weight))
}

/// From the heaviest reason to the conclusion: who was meant, and when it was said.
fn conclude(heaviest: Reason, said: &[Statement], evidence: &Evidence<'_>) -> Judgement {
    if is_about_sender(heaviest, evidence) {
        return Judgement { reason: Reason::Rejected, cause: cause_of(Reason::Rejected, said) };
    }
    let words = said
        .iter()
        .filter(|statement| statement.reason == Reason::UserUnknown)
        .map(|statement| statement.weight)
        .max();
    let is_filtered =
        heaviest == Reason::UserUnknown && words.is_some() && is_said_after_acceptance(evidence);
    match (is_filtered, words >= Some(CLEAR_WORDS)) {
        (true, true) => Judgement { reason: Reason::Filtered, cause: Cause::AddressUnknown },
        (true, false) => Judgement { reason: Reason::Filtered, cause: Cause::RecipientFilter },
        (false, _) => Judgement { reason: heaviest, cause: cause_of(heaviest, said) },
    }
}

/// The statements of the remote server's own words, or of everything where those say nothing.
fn what_is_said(words: &[String]) -> Vec<Statement> {
    let quoted = quoted_words(words);
    let of_remote = statements(quoted);
    if of_remote.is_empty() && quoted.len() < words.len() { statements(words) } else { of_remote }
}

/// Phrases after which reporting programs quote the remote server.
static QUOTES: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    [
        "response was",
        "response from the remote server was",
        "remote host said",
        "other server returned was",
        "response message",
        "@ip said",
        "@loopback said",
        "@host said",
        "remote mail|email server ~ @host @ip",
        "remote mail server ~ host @host",
    ]
    .map(Pattern::new)
    .into()
});

fn quoted_words(words: &[String]) -> &[String] {
    let text = Text::plain(words);
    let starts =
        |at: usize| QUOTES.iter().find_map(|quote| quote.length_at(&text, at).map(|length| at + length));
    let start = (0..words.len()).rev().find_map(starts).unwrap_or(0);
    if words.len() - start < 2 { words } else { &words[start..] }
}

/// The strongest statement for each reason.
fn strongest(said: &[Statement]) -> HashMap<Reason, &Statement> {
    let mut strongest: HashMap<Reason, &Statement> = HashMap::new();
    for statement in said {
        let held = strongest.entry(statement.reason).or_insert(statement);
        if statement.weight > held.weight {
            *held = statement;
        }
    }
    strongest
}

/// A refusal as soon as we say who we are is a refusal of our address, one for now a connection that did not come about;
/// one after MAIL FROM often of the sender.
fn command_says(evidence: &Evidence<'_>) -> Option<(Reason, u8)> {
    match evidence.command? {
        Command::Hello if evidence.codes.class() == Some(5) => Some((Reason::Blocked, 4)),
        Command::Hello if evidence.codes.class() == Some(4) => Some((Reason::Expired, 4)),
        Command::Mail if evidence.codes.class() == Some(5) => Some((Reason::Rejected, 2)),
        _ => None,
    }
}

fn cause_of(reason: Reason, said: &[Statement]) -> Cause {
    said.iter()
        .filter(|statement| statement.reason == reason && statement.cause.is_some())
        .max_by_key(|statement| statement.weight)
        .and_then(|statement| statement.cause)
        .unwrap_or(reason.meaning().cause)
}

/// Whether an address or domain that does not exist is the sender's: said of MAIL FROM.
fn is_about_sender(reason: Reason, evidence: &Evidence<'_>) -> bool {
    matches!(reason, Reason::UserUnknown | Reason::HostUnknown) && evidence.command == Some(Command::Mail)
}

/// Whether “no such user” is said when the address was taken before, or with a status that does not blame the
/// address (subject 2 mailbox, 7 policy): then a filter speaks. The cause stays what the words say.
fn is_said_after_acceptance(evidence: &Evidence<'_>) -> bool {
    let subject = evidence.codes.subject_and_detail().map(|(subject, _)| subject);
    let status_blames_another = matches!(subject, Some(2 | 7));
    let said_late = evidence.command == Some(Command::Data) && matches!(subject, None | Some(0));
    evidence.command != Some(Command::Recipient) && (status_blames_another || said_late)
}
