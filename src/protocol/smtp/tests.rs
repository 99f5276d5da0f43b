//! The SMTP dialogue, played from tables.

use proptest::prelude::*;
use secrecy::SecretString;

use super::plan::{Credentials, Plan, Role, TlsPlan, Transaction};
use super::record::LoginSkipped;
use super::*;
use crate::service::{LoginMethod, Mailbox};

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).expect("a mailbox")
}

fn plan(tls: TlsPlan) -> Plan {
    Plan { helo: "watch.example.net".into(), tls, login: None, transactions: vec![] }
}

fn with_login(tls: TlsPlan) -> Plan {
    let secret = SecretString::from("hunter2");
    Plan {
        login: Some(Credentials { login: "probe".into(), secret, method: LoginMethod::Password }),
        ..plan(tls)
    }
}

fn asking(recipients: &[(Role, &str)], message: Option<&str>) -> Transaction {
    Transaction {
        sender: None,
        recipients: recipients.iter().map(|(role, text)| (*role, mailbox(text))).collect(),
        message: message.map(|text| text.as_bytes().to_vec()),
        envelope_id: None,
    }
}

struct Played {
    sent: String,
    record: SmtpRecord,
    fault: Option<ProtocolFault>,
    done: bool,
}

/// Plays what the server says, one entry after each wait; `trusted` is what the certificate is worth.
fn play(plan: Plan, trusted: bool, server: &[&str]) -> Played {
    let mut dialogue = SmtpDialogue::new(plan);
    let mut played = Played { sent: String::new(), record: SmtpRecord::default(), fault: None, done: false };
    if dialogue.under_tls {
        dialogue.secured(trusted, 0);
    }
    for (at, said) in (1..).zip(server) {
        if let Err(fault) = dialogue.receive(said.as_bytes(), at * 10) {
            played.fault = Some(fault);
            break;
        }
        loop {
            match dialogue.step() {
                Step::Send(bytes) => played.sent.push_str(&String::from_utf8_lossy(&bytes)),
                Step::StartTls => {
                    played.sent.push_str("<tls>\n");
                    dialogue.secured(trusted, at * 10);
                }
                Step::Done => {
                    played.done = true;
                    break;
                }
                Step::Read | Step::Pause(_) | Step::Hold => break,
            }
        }
    }
    played.sent = played.sent.replace("\r\n", "\n");
    played.record = dialogue.into_record();
    played
}

#[track_caller]
fn check(plan: Plan, server: &[&str], sent: &str) -> SmtpRecord {
    let played = play(plan, true, server);
    assert_eq!((played.sent.as_str(), played.fault), (sent, None));
    assert!(played.done, "the dialogue must end");
    played.record
}

const BYE: &str = "221 bye\r\n";

#[test]
fn starttls_forgets_what_was_offered_before() {
    let server = [
        "220-wait\r\n220 mail\r\n",
        "250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n",
        "220 go\r\n",
        "250-mail\r\n250 SIZE\r\n",
        BYE,
    ];
    let sent = "EHLO watch.example.net\nSTARTTLS\n<tls>\nEHLO watch.example.net\nQUIT\n";
    let record = check(plan(TlsPlan::WhereOffered), &server, sent);
    assert!(record.hello.expect("offers").logins().is_empty());
    assert_eq!(record.clear_hello.expect("offers").logins(), ["PLAIN"]);
}

#[test]
fn clear_text_behind_starttls_is_refused_and_named() {
    let server = ["220 mail\r\n", "250-mail\r\n250 STARTTLS\r\n", "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n"];
    let played = play(with_login(TlsPlan::Required), true, &server);
    assert_eq!(played.fault, Some(ProtocolFault::ClearTextBehindStartTls));
    assert!(!played.sent.contains("AUTH"));
}

#[test]
fn nothing_is_said_to_a_server_that_does_not_greet() {
    check(plan(TlsPlan::WhereOffered), &["554 no service here\r\n", BYE], "QUIT\n");
    check(plan(TlsPlan::WhereOffered), &["421 4.7.0 too many connections\r\n"], "");
}

#[test]
fn helo_is_tried_only_where_ehlo_is_not_known() {
    let record = check(
        plan(TlsPlan::WhereOffered),
        &["220 m\r\n", "502 what\r\n", "250 m\r\n", BYE],
        "EHLO watch.example.net\nHELO watch.example.net\nQUIT\n",
    );
    assert!(record.clear_hello.is_some());
    check(
        plan(TlsPlan::WhereOffered),
        &["220 m\r\n", "550 your name\r\n", BYE],
        "EHLO watch.example.net\nQUIT\n",
    );
}

#[test]
fn a_login_goes_only_over_verified_tls() {
    let offers = "250-m\r\n250 AUTH PLAIN\r\n";
    let sent = "EHLO watch.example.net\nAUTH PLAIN AHByb2JlAGh1bnRlcjI=\nQUIT\n";
    check(with_login(TlsPlan::Already), &["220 m\r\n", offers, "235 2.7.0 in\r\n", BYE], sent);

    let untrusted = play(with_login(TlsPlan::Already), false, &["220 m\r\n", offers, BYE]);
    assert_eq!(untrusted.record.login_skipped, Some(LoginSkipped::CertificateNotGood));
    let clear = play(with_login(TlsPlan::WhereOffered), true, &["220 m\r\n", offers, BYE]);
    assert_eq!(clear.record.login_skipped, Some(LoginSkipped::NoTls));
    let stripped = play(with_login(TlsPlan::Required), true, &["220 m\r\n", offers, BYE]);
    assert!(![untrusted.sent, clear.sent, stripped.sent].concat().contains("AUTH"));
}

#[test]
fn login_by_login_answers_each_challenge_and_ends() {
    let server = [
        "220 m\r\n",
        "250-m\r\n250 AUTH LOGIN\r\n",
        "334 VXNlcm5hbWU6\r\n",
        "334 UGFzc3dvcmQ6\r\n",
        "334 more\r\n",
        "501 cancelled\r\n",
        BYE,
    ];
    let sent = "EHLO watch.example.net\nAUTH LOGIN\ncHJvYmU=\naHVudGVyMg==\n*\nQUIT\n";
    let record = check(with_login(TlsPlan::Already), &server, sent);
    assert!(!record.transcript.to_string().contains("aHVudGVyMg"));
}

#[test]
fn recipients_are_asked_one_by_one_or_in_a_group() {
    let asked = || asking(&[(Role::Probe, "probe@a.example"), (Role::Unknown, "nobody@a.example")], None);
    let one_by_one = Plan { transactions: vec![asked()], ..plan(TlsPlan::WhereOffered) };
    let server = ["220 m\r\n", "250 m\r\n", "250 ok\r\n", "250 ok\r\n", "550 5.1.1 no\r\n", BYE];
    let sent =
        "EHLO watch.example.net\nMAIL FROM:<>\nRCPT TO:<probe@a.example>\nRCPT TO:<nobody@a.example>\nQUIT\n";
    let record = check(one_by_one, &server, sent);
    assert_eq!(record.recipient(Role::Unknown).expect("a reply").code, 550);

    let group = Plan { transactions: vec![asked(), asked()], ..plan(TlsPlan::WhereOffered) };
    let replies = "250 ok\r\n452 4.3.1 full\r\n550 5.1.1 no\r\n";
    let server = ["220 m\r\n", "250-m\r\n250 PIPELINING\r\n", replies, "250 reset\r\n", replies, BYE];
    let lines = "MAIL FROM:<>\nRCPT TO:<probe@a.example>\nRCPT TO:<nobody@a.example>\n";
    let record = check(group, &server, &format!("EHLO watch.example.net\n{lines}RSET\n{lines}QUIT\n"));
    assert_eq!(record.recipient(Role::Probe).expect("a reply").status(), (4, 3, 1));
}

#[test]
fn a_message_is_dot_stuffed_and_sent_only_if_a_recipient_was_taken() {
    let sending = || {
        let transaction = asking(&[(Role::Probe, "probe@a.example")], Some("A: b\r\n\r\n.x\r\n"));
        Plan { transactions: vec![transaction], ..plan(TlsPlan::WhereOffered) }
    };
    let server =
        ["220 m\r\n", "250 m\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 2.0.0 queued\r\n", BYE];
    let envelope = "EHLO watch.example.net\nMAIL FROM:<>\nRCPT TO:<probe@a.example>\n";
    let sent = format!("{envelope}DATA\nA: b\n\n..x\n.\nQUIT\n");
    let record = check(sending(), &server, &sent);
    assert_eq!(record.reply(Phase::Message).expect("a reply").code, 250);
    let refused = ["220 m\r\n", "250 m\r\n", "250 ok\r\n", "450 4.2.0 greylisted\r\n", BYE];
    check(sending(), &refused, &format!("{envelope}QUIT\n"));
}

#[test]
fn dsn_is_asked_for_only_where_it_is_offered() {
    let mut transaction = asking(&[(Role::Probe, "probe@a.example")], None);
    transaction.envelope_id = Some("abc".into());
    let wanted = Plan { transactions: vec![transaction], ..plan(TlsPlan::WhereOffered) };
    let played = play(wanted.clone(), true, &["220 m\r\n", "250-m\r\n250 DSN\r\n", "250 ok\r\n"]);
    assert!(
        played
            .sent
            .ends_with("MAIL FROM:<> RET=HDRS ENVID=abc\nRCPT TO:<probe@a.example> NOTIFY=FAILURE,DELAY\n")
    );
    assert!(play(wanted, true, &["220 m\r\n", "250 m\r\n"]).sent.ends_with("MAIL FROM:<>\n"));
}

proptest! {
    #[test]
    fn any_server_ends_or_waits(
        server in prop::collection::vec("(220|250|354|334|421|450|550|2|x)[- ]?[ -~]{0,12}(\r\n)?", 0..40),
    ) {
        let transaction = asking(&[(Role::Probe, "p@a.example"), (Role::Foreign, "q@b.example")], Some("a"));
        let plan = Plan { transactions: vec![transaction], ..with_login(TlsPlan::WhereOffered) };
        let lines: Vec<&str> = server.iter().map(String::as_str).collect();
        let played = play(plan, true, &lines);
        // Whatever the server says, each command is one line, and there is an end to them.
        prop_assert!(played.sent.len() < 2000);
    }
}
