//! Port 25 of every MX host: greeting, EHLO, STARTTLS, certificate, and which recipients are taken.
//!
//! Each address is judged by itself; [`crate::diagnose`] judges the set, because senders try one after the other.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::judge::{Clients, broken, certificate, describe, slow};
use super::reply_cause::of_smtp;
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::Phase;
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Plan, Role, TlsPlan, Transaction};
use crate::protocol::smtp::record::SmtpRecord;
use crate::service::Mailbox;
use crate::transport::{Connection, Target};

pub(super) const CHECK: Check = Check {
    name: "smtp-relay",
    asks: to_say!("Do the MX hosts take mail from outside, and only for the domain?"),
    set: Set::Fast,
    needs: Need::Nothing,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let places = round.incoming_places().await;
        let targets: Vec<Target> = places.into_iter().flatten().collect();
        let found = join_all(targets.iter().map(|target| probe(round, target))).await;
        found.into_iter().flatten().collect()
    }
    .boxed()
}

async fn probe(round: &Round<'_>, target: &Target) -> Vec<Finding> {
    let transactions = if round.set.asks_as_people() { questions(round) } else { Vec::new() };
    let plan = Plan { helo: round.helo(target), tls: TlsPlan::WhereOffered, login: None, transactions };
    let mut dialogue = SmtpDialogue::new(plan);
    let connection = round.converse(target, &mut dialogue).await;
    judge(round, target, &connection, dialogue.into_record())
}

/// Our own mailbox, postmaster, a name that nobody has, and a stranger: named with the empty sender, never mailed.
fn questions(round: &Round<'_>) -> Vec<Transaction> {
    let domain = &round.service.domain;
    let mut recipients = Vec::new();
    if let Some(probe) = &round.service.probe {
        recipients.push((Role::Probe, probe.mailbox.clone()));
    }
    // RFC 5321 section 4.5.1: every domain takes mail for postmaster.
    recipients
        .extend(Mailbox::at("postmaster", domain.clone()).ok().map(|mailbox| (Role::Postmaster, mailbox)));
    recipients.extend(Mailbox::at(NOBODY, domain.clone()).ok().map(|mailbox| (Role::Unknown, mailbox)));
    if let (Some(foreign), false) = (&round.service.foreign_recipient, round.service.inside_trusted_network) {
        recipients.push((Role::Foreign, foreign.clone()));
    }
    vec![Transaction { sender: None, recipients, message: None, envelope_id: None }]
}

/// A name that nobody has.
const NOBODY: &str = "watchpost-nobody-has-this-name";

pub(super) fn judge(
    round: &Round<'_>,
    target: &Target,
    connection: &Connection,
    record: SmtpRecord,
) -> Vec<Finding> {
    let new = || Finding::at(CHECK.name, target, Path::Incoming);
    let mut findings = Vec::new();
    let mut main = describe(new(), connection);
    tell(&mut main, &record);
    for (verdict, cause) in causes(round, connection, &record) {
        if main.cause.is_none() {
            main = main.judged(verdict, cause);
        } else {
            findings.push(new().judged(verdict, cause));
        }
    }
    main.transcript = Some(record.transcript);
    findings.insert(0, main);
    findings
}

fn tell(finding: &mut Finding, record: &SmtpRecord) {
    finding.facts.add("answered", record.phases());
    if let Some(greeting) = record.reply(Phase::Greeting) {
        finding.facts.add("greeting", greeting);
    }
    if let Some(hello) = &record.hello {
        finding.facts.add("offers", hello.summary());
    }
    for role in [Role::Probe, Role::Postmaster, Role::Unknown, Role::Foreign] {
        if let Some(reply) = record.recipient(role) {
            finding.facts.add(role.words(), reply);
        }
    }
}

/// Everything that is wrong, in the order in which the dialogue goes.
fn causes(round: &Round<'_>, connection: &Connection, record: &SmtpRecord) -> Vec<(Verdict, Cause)> {
    let mut causes = Vec::new();
    causes.extend(broken(connection));
    causes.extend(record.reply(Phase::Greeting).and_then(|reply| of_smtp(Phase::Greeting, reply)));
    causes.extend(record.reply(Phase::Hello).and_then(|reply| of_smtp(Phase::Hello, reply)));
    if let Some(hello) = record.clear_hello.as_ref().filter(|hello| !hello.offers("STARTTLS")) {
        causes.push((Verdict::Degraded, Cause::StarttlsMissing));
        // RFC 4954 section 4: a password in clear text is anybody's.
        causes.extend((!hello.logins().is_empty()).then_some((Verdict::Degraded, Cause::LoginUnencrypted)));
    }
    causes.extend(record.reply(Phase::StartTls).and_then(|reply| of_smtp(Phase::StartTls, reply)));
    let seen = connection.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    causes
        .extend(seen.and_then(|seen| certificate(seen, Clients::Servers, round.now, &round.service.limits)));
    causes.extend(of_recipients(record));
    if slow(&record.waits(), &round.service.limits) {
        causes.push((Verdict::Degraded, Cause::ServerSlow));
    }
    causes
}

fn of_recipients(record: &SmtpRecord) -> Vec<(Verdict, Cause)> {
    if let Some(refused) = record.reply(Phase::Sender).and_then(|reply| of_smtp(Phase::Sender, reply)) {
        return vec![refused]; // Nobody can be named then, and the 503 that follow say nothing.
    }
    let of = |role| record.recipient(role).and_then(|reply| of_smtp(Phase::Recipient, reply));
    let taken = |role| record.recipient(role).is_some_and(|reply| reply.is_done());
    let mut causes = Vec::new();
    match of(Role::Probe) {
        // One mailbox alone: a matter of that mailbox, if postmaster is taken.
        Some((_, Cause::AddressUnknown))
            if !taken(Role::Postmaster) && record.recipient(Role::Postmaster).is_some() =>
        {
            causes.push((Verdict::Down, Cause::DirectoryBroken));
        }
        found => causes.extend(found),
    }
    if of(Role::Probe).is_none() {
        causes.extend(of(Role::Postmaster).filter(|(_, cause)| *cause != Cause::Greylisting));
    }
    if taken(Role::Foreign) {
        causes.push((Verdict::Degraded, Cause::RelayOpen));
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Dialogue;

    /// Plays a server that answers the group of recipients with these lines.
    #[track_caller]
    fn check(replies: &str, expected: &[(Verdict, Cause)]) {
        let mailbox = |text: &str| Mailbox::parse(text).expect("a mailbox");
        let recipients = vec![
            (Role::Probe, mailbox("probe@a.example")),
            (Role::Postmaster, mailbox("postmaster@a.example")),
            (Role::Unknown, mailbox("nobody@a.example")),
            (Role::Foreign, mailbox("you@b.example")),
        ];
        let transactions = vec![Transaction { sender: None, recipients, message: None, envelope_id: None }];
        let plan = Plan { helo: "a.example".into(), tls: TlsPlan::WhereOffered, login: None, transactions };
        let mut dialogue = SmtpDialogue::new(plan);
        let said = format!("220 m\r\n250-m\r\n250 PIPELINING\r\n{}\r\n", replies.replace('|', "\r\n"));
        for line in said.split_inclusive('\n') {
            dialogue.receive(line.as_bytes(), 1).expect("valid");
        }
        assert_eq!(of_recipients(&dialogue.into_record()), expected, "{replies}");
    }

    #[test]
    fn what_the_recipients_say() {
        use Verdict::{Degraded, Down, Ok, Unknown};
        check("250 ok|250 ok|250 ok|550 5.1.1 no|554 5.7.1 Relay access denied", &[]);
        check("250 ok|250 ok|250 ok|550 5.1.1 no|250 ok", &[(Degraded, Cause::RelayOpen)]);
        check("452 4.3.1 full|503 no|503 no|503 no|503 no", &[(Down, Cause::StorageFull)]);
        check("250 ok|552 5.2.2 full|250 ok|550 no|554 no", &[(Degraded, Cause::MailboxFull)]);
        check("250 ok|550 5.1.1 no|250 ok|550 5.1.1 no|554 no", &[(Degraded, Cause::AddressUnknown)]);
        check("250 ok|550 5.1.1 no|550 5.1.1 no|550 5.1.1 no|554 no", &[(Down, Cause::DirectoryBroken)]);
        check("250 ok|450 4.2.0 Greylisted|450 4.2.0 Greylisted|550 no|554 no", &[(Ok, Cause::Greylisting)]);
        check(
            "250 ok|554 5.7.1 Client host blocked|554 5.7.1 Client host blocked|554 no|554 no",
            &[(Unknown, Cause::ProberBlocked)],
        );
        check("250 ok|250 ok|550 5.1.1 no|550 no|554 no", &[(Degraded, Cause::AddressUnknown)]);
    }
}
