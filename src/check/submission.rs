//! The submission ports, 587 and 465: TLS, certificate, login with the probe account, and a recipient outside.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::judge::{Clients, broken, certificate, describe, slow};
use super::logins::{Turn, paused, untried};
use super::reply_cause::of_smtp;
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::Phase;
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Credentials, Plan, Role, TlsPlan, Transaction};
use crate::protocol::smtp::record::{LoginSkipped, SmtpRecord};
use crate::service::{Account, Protocol, TlsMode};
use crate::transport::{Connection, Target};

pub(super) const CHECK: Check = Check {
    name: "submission",
    asks: to_say!("Can people hand in mail?"),
    set: Set::Fast,
    needs: Need::Nothing,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let places = round.endpoint_places(Protocol::Submission).await;
        let targets: Vec<Target> = places.into_iter().flatten().collect();
        let found = join_all(targets.iter().map(|target| probe(round, target))).await;
        found.into_iter().flatten().collect()
    }
    .boxed()
}

async fn probe(round: &Round<'_>, target: &Target) -> Vec<Finding> {
    let account = round.service.probe.as_ref().filter(|_| round.set.asks_as_people());
    let Some(account) = account else {
        return look(round, target, None).await.0;
    };
    if let Some(until) = round.memory.paused_until(&account.login, round.now) {
        return paused(look(round, target, None).await.0, until);
    }
    match round.smtp_logins.turn().await {
        Turn::First(first) => {
            let (found, refused) = look(round, target, Some(account)).await;
            first.report(refused);
            found
        }
        Turn::Free => look(round, target, Some(account)).await.0,
        Turn::Refused => {
            untried(look(round, target, None).await.0, say!("the password was refused a moment ago"))
        }
    }
}

/// One dialogue; the second value says that the password was refused.
async fn look(round: &Round<'_>, target: &Target, account: Option<&Account>) -> (Vec<Finding>, bool) {
    let mut dialogue = SmtpDialogue::new(plan(round, target, account));
    let connection = round.converse(target, &mut dialogue).await;
    let record = dialogue.into_record();
    let refused = record.reply(Phase::Login).is_some_and(|reply| reply.code == 535);
    (judge(round, target, &connection, record), refused)
}

pub(super) fn plan(round: &Round<'_>, target: &Target, account: Option<&Account>) -> Plan {
    let tls = match target.tls {
        TlsMode::Starttls => TlsPlan::Required,
        TlsMode::Implicit => TlsPlan::Already,
    };
    let foreign = round.service.foreign_recipient.as_ref();
    let transactions = match (account, foreign) {
        (Some(account), Some(foreign)) => vec![Transaction {
            sender: Some(account.mailbox.clone()),
            recipients: vec![(Role::Foreign, foreign.clone())],
            message: None,
            envelope_id: None,
        }],
        _ => Vec::new(),
    };
    Plan { helo: round.helo(target), tls, login: account.map(Credentials::from), transactions }
}

pub(super) fn judge(
    round: &Round<'_>,
    target: &Target,
    connection: &Connection,
    record: SmtpRecord,
) -> Vec<Finding> {
    let new = || Finding::at(CHECK.name, target, Path::Outgoing);
    let mut main = describe(new(), connection);
    tell(&mut main, &record);
    let mut more = Vec::new();
    for (verdict, cause) in causes(round, connection, &record) {
        if main.cause.is_none() {
            main = main.judged(verdict, cause);
        } else {
            more.push(new().judged(verdict, cause));
        }
    }
    main.transcript = Some(record.transcript);
    more.insert(0, main);
    more
}

fn tell(finding: &mut Finding, record: &SmtpRecord) {
    finding.facts.add("answered", record.phases());
    for (name, phase) in [("greeting", Phase::Greeting), ("login", Phase::Login)] {
        if let Some(reply) = record.reply(phase) {
            finding.facts.add(name, reply);
        }
    }
    if let Some(hello) = &record.hello {
        finding.facts.add("offers", hello.summary());
    }
    if let Some(reply) = record.recipient(Role::Foreign) {
        finding.facts.add(Role::Foreign.words(), reply);
    }
}

/// Everything that is wrong, in the order in which the dialogue goes.
fn causes(round: &Round<'_>, connection: &Connection, record: &SmtpRecord) -> Vec<(Verdict, Cause)> {
    let mut causes = Vec::new();
    causes.extend(broken(connection));
    for phase in [Phase::Greeting, Phase::Hello] {
        causes.extend(record.reply(phase).and_then(|reply| of_smtp(phase, reply)));
    }
    causes.extend(of_offers(record));
    causes.extend(record.reply(Phase::StartTls).and_then(|reply| of_smtp(Phase::StartTls, reply)).map(worst));
    let seen = connection.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    causes
        .extend(seen.and_then(|seen| certificate(seen, Clients::Programs, round.now, &round.service.limits)));
    for phase in [Phase::Login, Phase::Sender, Phase::Recipient] {
        causes.extend(record.reply(phase).and_then(|reply| of_smtp(phase, reply)));
    }
    if slow(&record.waits(), &round.service.limits) {
        causes.push((Verdict::Degraded, Cause::ServerSlow));
    }
    causes
}

/// Without TLS nobody can hand in mail here.
fn worst((_, cause): (Verdict, Cause)) -> (Verdict, Cause) {
    (Verdict::Down, cause)
}

fn of_offers(record: &SmtpRecord) -> Option<(Verdict, Cause)> {
    if let Some(hello) = &record.clear_hello {
        if !hello.offers("STARTTLS") {
            return Some((Verdict::Down, Cause::StarttlsMissing));
        }
        if !hello.logins().is_empty() {
            return Some((Verdict::Degraded, Cause::LoginUnencrypted));
        }
    }
    match record.login_skipped {
        Some(LoginSkipped::NotOffered) => Some((Verdict::Down, Cause::LoginRefused)),
        // The certificate has its own line.
        Some(LoginSkipped::CertificateNotGood | LoginSkipped::NoTls) | None => None,
    }
}
