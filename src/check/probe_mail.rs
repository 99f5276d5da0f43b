//! A probe mail of our own: handed in like any other, looked for in a mailbox, deleted. The only proof that mail moves.
//!
//! 1. A signed token goes into header and subject.
//! 2. The mail is handed in at the first place that takes it; after the final dot never a second time.
//! 3. Meanwhile the mailbox is opened, unless somebody else still has that place; as soon as the mail is taken,
//!    it is looked for by IMAP until [`crate::service::Limits::delivery_wait`] is over, then in the
//!    junk mailbox.
//! 4. What has not arrived is remembered: a mail that comes in a later run is late, not lost.

use std::time::Duration;

use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use tokio::time::Instant;
use watchpost_texts::say;

use super::finding::Verdict;
use super::judge::broken;
use super::logins::{LoginGate, Turn};
use super::reply_cause::of_smtp;
use super::round::{Round, millis_since};
use super::{delivery, imap, submission};
use crate::cause::Cause;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox};
use crate::protocol::imap::search::{Found, Wanted};
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Credentials, Role, TlsPlan, Transaction};
use crate::protocol::smtp::record::SmtpRecord;
use crate::protocol::{News, Phase};
use crate::service::{self, Account, TlsMode};
use crate::transport::{Connection, Ending, Target, TlsVersions};

/// Who sends a probe mail.
pub(super) enum Sender<'a> {
    /// One of our accounts, which logs in.
    Account(&'a Account),
    /// Nobody whom the service knows: the mailbox stands in the mail, and the envelope names no sender.
    Stranger(service::Mailbox),
}

impl Sender<'_> {
    fn mailbox(&self) -> &service::Mailbox {
        match self {
            Self::Account(account) => &account.mailbox,
            Self::Stranger(mailbox) => mailbox,
        }
    }

    fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            Self::Stranger(_) => None,
        }
    }
}

/// From whom to whom a probe mail goes.
pub(super) struct Way<'a> {
    /// The check that asks; outstanding mails are kept for each.
    pub check: &'static str,
    /// Who sends.
    pub from: Sender<'a>,
    /// Where it is handed in.
    pub hand_in: Vec<Target>,
    /// Guards the sender's logins.
    pub senders: &'a LoginGate,
    /// Who receives.
    pub to: &'a Account,
    /// Where it is looked for.
    pub look: Vec<Target>,
    /// Guards the receiver's logins.
    pub receivers: &'a LoginGate,
    /// How many bytes are attached; usually none.
    pub attachment: u32,
    /// Where the sender reads his mail, for a report that it was refused; empty where both are the same mailbox.
    pub reports: Vec<Target>,
}

/// How a probe mail fared.
pub(super) enum Journey {
    /// It was not taken.
    Refused(Verdict, Cause, String),
    /// It was taken, and this was found in the end.
    Looked { taken: String, handed_in: u64, found: Box<Found>, late: Vec<i64> },
    /// It was taken, and nobody lets us look; why, where the peer does not keep to its protocol.
    Unseen { taken: String, broken: Option<(Verdict, Cause)> },
    /// It could not be tried.
    Impossible(&'static str),
}

/// What was found, or what is wrong with the protocol where it was looked for, if it is that.
type Looked = Result<Found, Option<(Verdict, Cause)>>;

/// So long a mailbox that was opened for a mail that nobody took has for its goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// Sends a probe mail on its way and follows it.
pub(super) async fn travel(round: &Round<'_>, way: &Way<'_>) -> Journey {
    let begun = Instant::now();
    let paused = |account: &Account| round.memory.paused_until(&account.login, round.now).is_some();
    if way.from.account().is_some_and(paused) {
        return Journey::Impossible(say!("no login is tried for now"));
    }
    let (token, news) = (round.key.token(), News::default());
    let handing_in = async {
        let taken = hand_in(round, way, &token).await;
        if way.check == delivery::CHECK.name {
            let _ = round.handed_in.set(());
        }
        // Nobody else sets it.
        let _ = news.set(taken.is_ok());
        taken.map(|taken| (taken, millis_since(begun)))
    };
    let (taken, looked) = tokio::join!(handing_in, look(round, way, &token, &news));
    let (taken, handed_in) = match taken {
        Ok(taken) => taken,
        Err(journey) => return journey,
    };
    let mut found = match looked {
        Ok(found) => found,
        Err(broken) => {
            round.memory.expect_mail(way.check, &token, round.now);
            return Journey::Unseen { taken, broken };
        }
    };
    if found.mail.is_none() && found.bounce.is_none() {
        found.bounce = look_for_report(round, way, &token).await;
    }
    if found.mail.is_none() && found.bounce.is_none() {
        round.memory.expect_mail(way.check, &token, round.now);
    }
    let late = round.memory.arrived(way.check, &found.late, round.now);
    Journey::Looked { taken, handed_in, found: Box::new(found), late }
}

/// Tries the places in order until one takes the mail or refuses it; only a broken connection goes on to the next.
async fn hand_in(round: &Round<'_>, way: &Way<'_>, token: &str) -> Result<String, Journey> {
    let mut last = Journey::Impossible(say!("no submission port is configured"));
    let begun = Instant::now();
    for target in &way.hand_in {
        if begun.elapsed() > round.service.limits.whole {
            break; // The check `submission` tells what is wrong with each place.
        }
        let first = match way.senders.turn().await {
            Turn::Refused => return Err(Journey::Impossible(say!("the probe account cannot log in"))),
            Turn::First(first) => Some(first),
            Turn::Free => None,
        };
        let mut plan = submission::plan(round, target, way.from.account());
        if way.from.account().is_none() {
            plan.tls = TlsPlan::WhereOffered;
        }
        plan.transactions = vec![transaction(round, way, token)];
        let mut dialogue = SmtpDialogue::new(plan);
        let Some(connection) = round.converse_again(target, &mut dialogue, TlsVersions::Both).await else {
            // It came to no end a moment ago; the check `submission` tells why.
            last = Journey::Impossible(say!("no submission port takes a login"));
            continue;
        };
        let record = dialogue.into_record();
        if let Some(first) = first {
            first.report(record.reply(Phase::Login).is_some_and(|reply| reply.code == 535));
        }
        match judge_hand_in(&connection, &record) {
            Err(Journey::Impossible(why)) => last = Journey::Impossible(why),
            told => return told,
        }
    }
    Err(last)
}

fn judge_hand_in(connection: &Connection, record: &SmtpRecord) -> Result<String, Journey> {
    if let Some(reply) = record.reply(Phase::Message).filter(|reply| reply.is_done()) {
        return Ok(reply.to_string());
    }
    for phase in [Phase::Sender, Phase::Recipient, Phase::Data, Phase::Message] {
        let refusal = record.reply(phase).and_then(|reply| Some((of_smtp(phase, reply)?, reply)));
        if let Some(((verdict, cause), reply)) = refusal {
            return Err(Journey::Refused(verdict, cause, reply.to_string()));
        }
    }
    match (broken(connection), connection.phase) {
        (Some((verdict, cause)), Phase::Sender | Phase::Recipient | Phase::Data | Phase::Message) => {
            Err(Journey::Refused(verdict, cause, connection.ending.to_string()))
        }
        _ => Err(Journey::Impossible(say!("no submission port takes a login"))),
    }
}

fn transaction(round: &Round<'_>, way: &Way<'_>, token: &str) -> Transaction {
    Transaction {
        sender: way.from.account().map(|account| account.mailbox.clone()),
        recipients: vec![(Role::Probe, way.to.mailbox.clone())],
        message: Some(message(round, way, token)),
        envelope_id: token.split('.').next().map(str::to_owned),
    }
}

/// RFC 3834 section 5: marked as automatic, so that nobody's holiday notice answers.
fn message(round: &Round<'_>, way: &Way<'_>, token: &str) -> Vec<u8> {
    let (from, to) = (way.from.mailbox().to_string(), way.to.mailbox.to_string());
    let id = token.split('.').next().unwrap_or_default();
    let built = MessageBuilder::new()
        .from(("Watchpost", from.as_str()))
        .to(to.as_str())
        // Some providers rewrite Message-ID and strip X- headers; the subject stays.
        .subject(say!("Watchpost probe {token}"))
        .date(Date::new(round.now.timestamp()))
        .message_id(format!("{id}.watchpost@{}", way.from.mailbox().domain()))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .header("X-Watchpost-Probe", Raw::new(token))
        .text_body(say!("A probe of Watchpost: it shows that mail moves, and is deleted at once.\r\n"));
    let built = match usize::try_from(way.attachment) {
        Ok(bytes) if bytes > 0 => {
            built.attachment("application/octet-stream", "watchpost-probe.bin", vec![b'w'; bytes])
        }
        _ => built,
    };
    built.write_to_vec().unwrap_or_default()
}

fn wait_millis(round: &Round<'_>) -> u64 {
    u64::try_from(round.service.limits.delivery_wait.as_millis()).unwrap_or(u64::MAX)
}

/// Opens the mailbox while the mail is handed in, looks for it when it was, and leaves off soon when it was not.
async fn look(round: &Round<'_>, way: &Way<'_>, token: &str, news: &News) -> Looked {
    if way.check == delivery::CHECK.name {
        // Nobody who only logs in there shall have to wait for our mail; the other ways come after this one.
        tokio::select! { _ = news.wait() => {}, () = round.until_over(imap::CHECK.name) => {} }
    } else {
        news.wait().await;
    }
    if news.get() == Some(&false) {
        return Err(None);
    }
    let not_taken = async {
        if *news.wait().await {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(FAREWELL).await;
    };
    let earlier = round.memory.outstanding(way.check, round.now);
    let (token, handed_in) = (token.to_owned(), Some(News::clone(news)));
    let wanted = Wanted { token, earlier, wait: wait_millis(round), handed_in };
    tokio::select! {
        looked = look_for(round, way.to, way.receivers, &way.look, wanted) => looked,
        () = not_taken => Err(None),
    }
}

/// A report about this mail in the sender's mailbox, looked for once: the time to wait has passed already.
async fn look_for_report(round: &Round<'_>, way: &Way<'_>, token: &str) -> Option<Vec<u8>> {
    let wanted = Wanted { token: token.to_owned(), earlier: Vec::new(), wait: 0, handed_in: None };
    look_for(round, way.from.account()?, way.senders, &way.reports, wanted).await.ok()?.bounce
}

/// Looks by IMAP at the first place that lets us in. Otherwise what is wrong with the protocol there, if it is that.
async fn look_for(
    round: &Round<'_>,
    account: &Account,
    gate: &LoginGate,
    places: &[Target],
    wanted: Wanted,
) -> Looked {
    let mut places = places.to_vec();
    // TLS from the first byte saves two round trips.
    places.sort_by_key(|target| target.tls == TlsMode::Starttls);
    for target in &places {
        match gate.turn().await {
            Turn::Refused => return Err(None),
            // Whoever waits for the first login must not wait for our mail too.
            Turn::First(first) => first.report(false),
            Turn::Free => {}
        }
        let mailbox = Mailbox::Search(wanted.clone());
        let plan = ImapPlan { tls: target.tls, login: Some(Credentials::from(account)), mailbox };
        let mut dialogue = ImapDialogue::new(plan);
        let connection = round.converse_again(target, &mut dialogue, TlsVersions::Both).await;
        let record = dialogue.into_record();
        if record.found.mail.is_some() || record.found.bounce.is_some() {
            return Ok(record.found);
        }
        if let Some(Ending::Broken(_) | Ending::TooMuch) = connection.as_ref().map(|c| &c.ending) {
            return Err(connection.as_ref().and_then(broken));
        }
        if record.uid_next.is_some() {
            return Ok(record.found);
        }
    }
    Err(None)
}
