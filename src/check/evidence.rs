//! The table *evidence, likely cause*: what is seen in a dialogue, and what is concluded from it. A row is played without
//! sockets, judged by the check that would hold the dialogue, and diagnosed.

mod mail;
mod rows;

use std::net::{IpAddr, SocketAddr};

use chrono::{DateTime, TimeDelta, Utc};
use watchpost_texts::{say, to_say};

use super::finding::{Assessment, Finding, Path, Verdict};
use super::memory::Memory;
use super::round::{Exchangers, Round};
use super::{Set, imap, mx, smtp_relay, submission};
use crate::cause::Cause;
use crate::diagnose::diagnose;
use crate::explain::explain;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox as Open};
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Credentials, Plan, Role, TlsPlan, Transaction};
use crate::protocol::{Dialogue, Phase, Step};
use crate::resolve::DnsFault;
use crate::service::{Account, HostName, LoginMethod, Mailbox, Service, TlsMode};
use crate::transport::{Certificate, Connection, Ending, Target, TlsRecord, Transport, vet};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn service() -> Service {
    let mut service = Service::new("acme", HostName::parse("example.org").unwrap());
    service.allow = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    service
}

fn target(address: &str, port: u16, tls: TlsMode) -> Target {
    let address = vet(address.parse::<IpAddr>().unwrap(), port, &service()).unwrap();
    Target { address, host: HostName::parse("mail.example.org").unwrap(), tls }
}

/// A certificate that ends after so many days, and is for the right host or not.
fn tls(days: i64, name_matches: bool) -> TlsRecord {
    let certificate = Certificate {
        not_before: now() - TimeDelta::days(60),
        not_after: now() + TimeDelta::days(days),
        names: vec!["mail.example.org".into()],
        issuer: "CN=Example".into(),
        fingerprint: "00".into(),
        key_fingerprint: "11".into(),
        trusted: true,
        name_matches,
    };
    TlsRecord { version: Some("TLS 1.3"), certificate: Some(certificate), millis: 5 }
}

/// Plays the server's lines, one for each command or group of commands, `|` between lines of one answer. Where they end
/// the server says nothing more, and the conversation ends so.
fn play(dialogue: &mut dyn Dialogue, lines: &[&str], end: Ending, tls: TlsRecord) -> Connection {
    let mut lines = lines.iter();
    let (mut ending, mut begun_tls) = (end, None);
    for at in 0..200 {
        match dialogue.step() {
            Step::Send(_) | Step::Pause(_) | Step::Hold => {}
            Step::StartTls => {
                begun_tls = Some(tls.clone());
                dialogue.secured(true, at);
            }
            Step::Done => {
                ending = Ending::Finished;
                break;
            }
            Step::Read => {
                let Some(line) = lines.next() else {
                    // The transport forgives how somebody hangs up: everything is known by then.
                    let at_the_end = dialogue.phase() == Phase::Quit;
                    ending = if at_the_end { Ending::Finished } else { ending };
                    break;
                };
                let bytes = format!("{}\r\n", line.replace('|', "\r\n"));
                if let Err(fault) = dialogue.receive(bytes.as_bytes(), at) {
                    ending = Ending::Broken(fault);
                    break;
                }
            }
        }
    }
    Connection { ending, phase: dialogue.phase(), connected: Some(1), tls: begun_tls, millis: 20 }
}

/// What a check makes of a dialogue.
fn with_round<T>(work: impl FnOnce(&Round<'_>) -> T) -> T {
    let (service, memory, transport) = (service(), Memory::default(), Transport::default());
    let of_service = memory.of("acme");
    let round = Round::new(&service, Set::Full, now(), (&of_service, &memory.key), &transport, &[]);
    work(&round)
}

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

const HELLO: [&str; 4] = [
    to_say!("220 mail ESMTP"),
    to_say!("250-mail|250-PIPELINING|250 STARTTLS"),
    "220 go",
    to_say!("250-mail|250-AUTH PLAIN|250 PIPELINING"),
];

/// Port 25 after a good beginning: replies to MAIL and to RCPT for the probe, postmaster, nobody and a stranger.
fn relay(replies: &str) -> Vec<Finding> {
    let lines: Vec<&str> = HELLO.into_iter().chain([replies, "221 bye"]).collect();
    relay_at("192.0.2.1", &lines, Ending::Timeout, tls(60, true))
}

fn relay_at(address: &str, lines: &[&str], end: Ending, tls: TlsRecord) -> Vec<Finding> {
    let roles = [Role::Probe, Role::Postmaster, Role::Unknown, Role::Foreign];
    let names = ["probe@example.org", "postmaster@example.org", "nobody@example.org", "you@example.net"];
    let recipients = roles.into_iter().zip(names.map(mailbox)).collect();
    let transactions = vec![Transaction { sender: None, recipients, message: None, envelope_id: None }];
    let plan =
        Plan { helo: "watch.example.net".into(), tls: TlsPlan::WhereOffered, login: None, transactions };
    let mut dialogue = SmtpDialogue::new(plan);
    let connection = play(&mut dialogue, lines, end, tls);
    let target = target(address, 25, TlsMode::Starttls);
    with_round(|round| smtp_relay::judge(round, &target, &connection, dialogue.into_record()))
}

fn account() -> Account {
    Account {
        mailbox: mailbox("probe@example.org"),
        login: "probe".into(),
        secret: secrecy::SecretString::from("secret"),
        method: LoginMethod::Password,
    }
}

/// Port 587 after a good beginning: the reply to the login, and what comes then.
fn submit(replies: &[&str]) -> Vec<Finding> {
    let lines: Vec<&str> = HELLO.into_iter().chain(replies.iter().copied()).chain(["221 bye"]).collect();
    submit_with(&lines, Ending::Timeout, tls(60, true))
}

fn submit_with(lines: &[&str], end: Ending, tls: TlsRecord) -> Vec<Finding> {
    let login = Some(Credentials::from(&account()));
    let plan = Plan { helo: "w".into(), tls: TlsPlan::Required, login, transactions: vec![] };
    let mut dialogue = SmtpDialogue::new(plan);
    let connection = play(&mut dialogue, lines, end, tls);
    let target = target("192.0.2.1", 587, TlsMode::Starttls);
    with_round(|round| submission::judge(round, &target, &connection, dialogue.into_record()))
}

const IMAP_HELLO: [&str; 5] = [
    to_say!("* OK ready"),
    to_say!("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED|w1 OK"),
    to_say!("w2 OK go"),
    to_say!("* CAPABILITY IMAP4rev1|w3 OK"),
    to_say!("w4 OK in"),
];

fn read(lines: &[&str], end: Ending) -> Vec<Finding> {
    let login = Some(Credentials::from(&account()));
    let plan = ImapPlan { tls: TlsMode::Starttls, login, mailbox: Open::Examine };
    let mut dialogue = ImapDialogue::new(plan);
    let connection = play(&mut dialogue, lines, end, tls(60, true));
    let target = target("192.0.2.1", 143, TlsMode::Starttls);
    with_round(|round| imap::judge(round, &target, &connection, dialogue.into_record()))
}

/// IMAP up to the login, then this.
fn read_then(count: usize, replies: &[&str]) -> Vec<Finding> {
    let lines: Vec<&str> = IMAP_HELLO.into_iter().take(count).chain(replies.iter().copied()).collect();
    read(&lines, Ending::Timeout)
}

const ALL_TAKEN: &str = to_say!("250 ok|250 ok|250 ok|550 5.1.1 no|554 5.7.1 Relay access denied");

fn relay_good() -> Vec<Finding> {
    relay(ALL_TAKEN)
}

fn submit_good() -> Vec<Finding> {
    submit(&["235 2.7.0 in"])
}

fn read_good() -> Vec<Finding> {
    read_then(5, &[say!("w5 OK [READ-ONLY] open"), say!("* BYE|w6 OK bye")])
}

fn aside(check: &'static str, path: Path, verdict: Verdict, cause: Cause) -> Finding {
    Finding::ok(check, "example.org", path).judged(verdict, cause)
}

/// Connections that nobody answers, or refuses, at these ports.
fn dead(address: &str, ports: &[u16], ending: &Ending) -> Vec<Finding> {
    let lines: [&str; 0] = [];
    let mut findings = Vec::new();
    for port in ports {
        let found = match port {
            25 => relay_at(address, &lines, ending.clone(), tls(60, true)),
            587 => submit_with(&lines, ending.clone(), tls(60, true)),
            _ => read(&lines, ending.clone()),
        };
        findings.extend(found.into_iter().map(|mut finding| {
            let host = HostName::parse("mail.example.org").unwrap();
            finding.at = Some((host, SocketAddr::new(address.parse().unwrap(), *port)));
            finding.target = say!("mail.example.org {address}:{port}");
            finding
        }));
    }
    findings
}

fn assess(parts: Vec<Vec<Finding>>) -> Assessment {
    diagnose(&service(), parts.into_iter().flatten().collect(), 1)
}

#[track_caller]
fn row(number: u8, parts: Vec<Vec<Finding>>, verdict: Verdict, cause: Cause) {
    let found = assess(parts);
    assert_eq!((found.verdict, found.cause), (verdict, Some(cause)), "row {number}: {:#?}", found.findings);
}

/// A row of texts: bounces and queues, read by `explain`.
#[track_caller]
fn text(number: u8, text: &str, cause: Cause) {
    assert_eq!(explain(text, now()).cause, Some(cause), "row {number}: {text}");
}

fn mx_finding(set: &Exchangers) -> Finding {
    mx::judge(Finding::ok("mx", "example.org", Path::Names), set, true)
}

/// The rows are numbered as in the table; none may be left out.
#[test]
fn all_forty_rows_are_played() {
    let played = [include_str!("evidence/rows.rs"), include_str!("evidence/mail.rs")].concat();
    let missing: Vec<u8> = (1..=40)
        .filter(|number| {
            let marks = ["row(", "row(\n        ", "text(", "text(\n        "];
            let called = marks.iter().any(|mark| played.contains(&format!("{mark}{number},")));
            !called && !played.contains(&format!("\"row {number}\""))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
