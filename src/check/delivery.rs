//! A probe mail of our own, handed in like any other and looked for in the mailbox: the only proof that mail moves.
//!
//! 1. A signed token goes into the header and the subject.
//! 2. The mail is handed in at the first submission place that takes it.
//! 3. It is looked for by IMAP until [`crate::service::Limits::delivery_wait`] is over, and deleted; no other mail is touched.
//! 4. Refused: the refusal says why. Taken and not there: the mail is held between the queue and the mailbox.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use tokio::time::Instant;

use super::finding::{Finding, Path, Verdict};
use super::judge::broken;
use super::logins::Turn;
use super::reply_cause::of_smtp;
use super::round::{Round, millis_since};
use super::{Check, Need, Set, submission};
use crate::cause::Cause;
use crate::protocol::Phase;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox};
use crate::protocol::imap::record::ImapRecord;
use crate::protocol::imap::search::Wanted;
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Credentials, Role, Transaction};
use crate::protocol::smtp::record::SmtpRecord;
use crate::service::{Account, Protocol};
use crate::transport::{Connection, Target};

pub(super) const CHECK: Check = Check {
    name: "delivery",
    asks: "Does a mail that is handed in reach the mailbox?",
    set: Set::Functional,
    needs: Need::ProbeAccount,
    run,
};

/// How long handing in may take: a slow server is slow here as well, and that is not the question.
const HAND_IN: Duration = Duration::from_secs(60);

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        match &round.service.probe {
            Some(account) => vec![probe(round, account).await],
            None => Vec::new(),
        }
    }
    .boxed()
}

/// How handing in went.
enum HandedIn {
    /// Taken, with the server's last words.
    Taken(String),
    /// Refused for this reason.
    Refused(Verdict, Cause, String),
    /// It could not be tried.
    Impossible(&'static str),
}

async fn probe(round: &Round<'_>, account: &Account) -> Finding {
    let begun = Instant::now();
    let finding = Finding::ok(CHECK.name, &account.mailbox, Path::Delivery);
    if round.memory.paused_until(&account.login, round.now).is_some() {
        return unknown(finding, "no login is tried for now");
    }
    let token = round.memory.key.token();
    let taken = match hand_in(round, account, &token).await {
        HandedIn::Taken(words) => words,
        HandedIn::Impossible(why) => return unknown(finding, why),
        HandedIn::Refused(verdict, cause, words) => {
            return finding.took(millis_since(begun)).fact("refused", words).judged(verdict, cause);
        }
    };
    let finding = finding.fact("taken", taken).fact("handed in after", format!("{} ms", millis_since(begun)));
    let finding = match look_for(round, account, &token).await {
        None => unknown(finding, "no IMAP place lets us look"),
        Some(record) => judge_found(finding, &record),
    };
    finding.took(millis_since(begun))
}

fn unknown(mut finding: Finding, why: &str) -> Finding {
    finding.verdict = Verdict::Unknown;
    finding.fact("not known", why)
}

fn judge_found(finding: Finding, record: &ImapRecord) -> Finding {
    match &record.found {
        Some(found) => {
            let finding =
                finding.fact("found", "yes").fact("deleted", if found.deleted { "yes" } else { "no" });
            match &found.internal_date {
                Some(date) => finding.fact("in the mailbox at", date),
                None => finding,
            }
        }
        None => finding.fact("found", "no").judged(Verdict::Down, Cause::DeliveryStuck),
    }
}

/// Tries the submission places in order until one takes the mail or refuses it; only a broken connection goes on to
/// the next, and never after the final dot: the mail might have been taken.
async fn hand_in(round: &Round<'_>, account: &Account, token: &str) -> HandedIn {
    let mut last = HandedIn::Impossible("no submission port is configured");
    let begun = Instant::now();
    for target in round.endpoint_places(Protocol::Submission).await.into_iter().flatten() {
        if begun.elapsed() > round.service.limits.whole {
            break; // The check `submission` tells what is wrong with each place.
        }
        // The check `submission` logs in first; where its password was refused, no other login follows.
        let first = match round.smtp_logins.turn().await {
            Turn::Refused => return HandedIn::Impossible("the probe account cannot log in"),
            Turn::First(first) => Some(first),
            Turn::Free => None,
        };
        let mut plan = submission::plan(round, &target, Some(account));
        plan.transactions = vec![transaction(round, account, token)];
        let mut dialogue = SmtpDialogue::new(plan);
        let connection = round.converse_long(&target, &mut dialogue, HAND_IN).await;
        let record = dialogue.into_record();
        if let Some(first) = first {
            first.report(record.reply(Phase::Login).is_some_and(|reply| reply.code == 535));
        }
        last = judge_hand_in(&connection, &record);
        if !matches!(last, HandedIn::Impossible(_)) {
            return last;
        }
    }
    last
}

fn judge_hand_in(connection: &Connection, record: &SmtpRecord) -> HandedIn {
    if let Some(reply) = record.reply(Phase::Message).filter(|reply| reply.is_done()) {
        return HandedIn::Taken(reply.to_string());
    }
    for phase in [Phase::Sender, Phase::Recipient, Phase::Data, Phase::Message] {
        let refusal = record.reply(phase).and_then(|reply| Some((of_smtp(phase, reply)?, reply)));
        if let Some(((verdict, cause), reply)) = refusal {
            return HandedIn::Refused(verdict, cause, reply.to_string());
        }
    }
    match (broken(connection), connection.phase) {
        (Some((verdict, cause)), Phase::Sender | Phase::Recipient | Phase::Data | Phase::Message) => {
            HandedIn::Refused(verdict, cause, connection.ending.to_string())
        }
        _ => HandedIn::Impossible("no submission port takes a login"),
    }
}

fn transaction(round: &Round<'_>, account: &Account, token: &str) -> Transaction {
    Transaction {
        sender: Some(account.mailbox.clone()),
        recipients: vec![(Role::Probe, account.mailbox.clone())],
        message: Some(message(round, account, token)),
        envelope_id: token.split('.').next().map(str::to_owned),
    }
}

/// RFC 3834 section 5: marked as automatic, so that nobody's holiday notice answers.
fn message(round: &Round<'_>, account: &Account, token: &str) -> Vec<u8> {
    let mailbox = account.mailbox.to_string();
    let id = token.split('.').next().unwrap_or_default();
    let built = MessageBuilder::new()
        .from(("Watchpost", mailbox.as_str()))
        .to(mailbox.as_str())
        .subject(format!("Watchpost probe {token}"))
        .date(Date::new(round.now.timestamp()))
        .message_id(format!("{id}.watchpost@{}", account.mailbox.domain()))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .header("X-Watchpost-Probe", Raw::new(token))
        .text_body("A probe of Watchpost: it shows that mail moves, and is deleted at once.\r\n");
    built.write_to_vec().unwrap_or_default()
}

/// Looks by IMAP at the first place that lets us in. `None`: none does.
async fn look_for(round: &Round<'_>, account: &Account, token: &str) -> Option<ImapRecord> {
    let wait = round.service.limits.delivery_wait;
    for target in implicit_first(round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect())
    {
        let first = match round.imap_logins.turn().await {
            Turn::Refused => return None,
            Turn::First(first) => Some(first),
            Turn::Free => None,
        };
        // Whoever waits for the first login must not wait for our mail too.
        if let Some(first) = first {
            first.report(false);
        }
        let until = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let wanted = Wanted { token: token.to_owned(), until };
        let plan = ImapPlan {
            tls: target.tls,
            login: Some(Credentials::from(account)),
            mailbox: Mailbox::Search(wanted),
        };
        let mut dialogue = ImapDialogue::new(plan);
        round.converse_long(&target, &mut dialogue, wait + HAND_IN).await;
        let record = dialogue.into_record();
        if record.uid_next.is_some() || record.found.is_some() {
            return Some(record);
        }
    }
    None
}

/// One connection less to set up, and the check `imap` begins with the others.
fn implicit_first(mut places: Vec<Target>) -> Vec<Target> {
    places.sort_by_key(|target| target.tls == crate::service::TlsMode::Starttls);
    places
}
