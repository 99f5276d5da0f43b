//! The IMAP dialogue, played from tables.

use proptest::prelude::*;
use secrecy::SecretString;

use super::plan::{ImapPlan, Mailbox};
use super::search::{Found, Wanted};
use super::*;
use crate::protocol::smtp::plan::Credentials;

fn plan(tls: TlsMode, mailbox: Mailbox) -> ImapPlan {
    let secret = SecretString::from("hun\"ter2");
    let login = Some(Credentials { login: "probe".into(), secret, method: LoginMethod::Password });
    ImapPlan { tls, login, mailbox }
}

struct Played {
    sent: String,
    record: ImapRecord,
    fault: Option<ProtocolFault>,
    done: bool,
}

fn play(plan: ImapPlan, trusted: bool, server: &[&str]) -> Played {
    let mut dialogue = ImapDialogue::new(plan);
    let mut played = Played { sent: String::new(), record: ImapRecord::default(), fault: None, done: false };
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
                Step::StartTls => dialogue.secured(trusted, at * 10),
                Step::Pause(_) | Step::Hold => dialogue.woken(at * 10),
                Step::Read => break,
                Step::Done => {
                    played.done = true;
                    break;
                }
            }
        }
    }
    played.sent = played.sent.replace("\r\n", "\n");
    played.record = dialogue.into_record();
    played
}

#[track_caller]
fn check(plan: ImapPlan, server: &[&str], sent: &str) -> ImapRecord {
    let played = play(plan, true, server);
    assert_eq!((played.sent.as_str(), played.fault), (sent, None));
    assert!(played.done, "the dialogue must end");
    played.record
}

#[test]
fn starttls_login_examine_quota() {
    let server = [
        "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n",
        "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nw1 OK\r\n",
        "w2 OK begin\r\n",
        "* CAPABILITY IMAP4rev1 QUOTA\r\nw3 OK\r\n",
        "w4 OK in\r\n",
        "* OK [UIDNEXT 7] next\r\nw5 OK [READ-ONLY] open\r\n",
        "* QUOTA \"u\" (STORAGE 10 512)\r\nw6 OK\r\n",
        "* BYE\r\nw7 OK\r\n",
    ];
    let sent = "w1 CAPABILITY\nw2 STARTTLS\nw3 CAPABILITY\nw4 LOGIN \"probe\" \"hun\\\"ter2\"\nw5 EXAMINE INBOX\n\
                w6 GETQUOTAROOT INBOX\nw7 LOGOUT\n";
    let record = check(plan(TlsMode::Starttls, Mailbox::Examine), &server, sent);
    assert_eq!((record.quota, record.uid_next, record.bye), (Some((10, 512)), Some(7), None));
    assert!(!record.transcript.to_string().contains("ter2"));
}

#[test]
fn no_secret_without_verified_tls() {
    let offers = "* CAPABILITY IMAP4rev1\r\nw1 OK\r\n";
    let clear = play(plan(TlsMode::Starttls, Mailbox::Examine), true, &["* OK hi\r\n", offers]);
    assert_eq!(clear.sent, "w1 CAPABILITY\nw2 LOGOUT\n");
    let untrusted = play(plan(TlsMode::Implicit, Mailbox::Examine), false, &["* OK hi\r\n", offers]);
    assert_eq!(untrusted.record.login_skipped, Some(LoginSkipped::CertificateNotGood));
    let preauth = play(plan(TlsMode::Starttls, Mailbox::Examine), true, &["* PREAUTH hi\r\n"]);
    assert_eq!(preauth.sent, "w1 LOGOUT\n");
}

#[test]
fn injected_clear_text_is_refused() {
    let server =
        ["* OK hi\r\n", "* CAPABILITY STARTTLS\r\nw1 OK\r\n", "w2 OK go\r\n* CAPABILITY AUTH=PLAIN\r\n"];
    let played = play(plan(TlsMode::Starttls, Mailbox::Closed), true, &server);
    assert_eq!(played.fault, Some(ProtocolFault::ClearTextBehindStartTls));
}

#[test]
fn a_refused_login_keeps_its_code() {
    let server = ["* OK hi\r\n", "w1 OK\r\n", "w2 NO [UNAVAILABLE] Temporary\r\n", "w3 OK\r\n"];
    let sent = "w1 CAPABILITY\nw2 LOGIN \"probe\" \"hun\\\"ter2\"\nw3 LOGOUT\n";
    let record = check(plan(TlsMode::Implicit, Mailbox::Examine), &server, sent);
    assert_eq!(record.reply(Phase::Login).expect("a reply").code_word(), Some("UNAVAILABLE"));
}

const FETCH: &str = "UID FETCH 11:* (UID INTERNALDATE BODY.PEEK[HEADER])";
const OTHER: &str = "* 1 FETCH (UID 30 BODY[HEADER] {8}\r\nA: b\r\n\r\n)\r\n";
const OURS: &str = "* 2 FETCH (UID 31 INTERNALDATE \"23-Nov-2026 17:00:00 +0000\" BODY[HEADER] {12}\r\nA: tok-2\r\n\r\n)\r\n";
const EARLIER: &str = "* 3 FETCH (UID 32 BODY[HEADER] {12}\r\nA: tok-1\r\n\r\n)\r\n";
const BEGIN: &str = "w1 CAPABILITY\nw2 LOGIN \"probe\" \"hun\\\"ter2\"\nw3 SELECT INBOX\n";
const OPEN: [&str; 4] = ["* OK hi\r\n", "w1 OK\r\n", "w2 OK\r\n", "* OK [UIDNEXT 31] x\r\nw3 OK\r\n"];

fn searching(wait: u64) -> ImapPlan {
    let wanted = Wanted { token: "tok-2".into(), earlier: vec!["tok-1".into()], wait, handed_in: None };
    plan(TlsMode::Implicit, Mailbox::Search(wanted))
}

/// A mailbox that is opened before the mail is handed in; what is known of that when it is asked again.
fn holding(handed_in: Option<bool>) -> ImapPlan {
    let news = News::default();
    handed_in.into_iter().for_each(|taken| news.set(taken).unwrap());
    let (token, earlier) = ("tok-2".into(), Vec::new());
    let wanted = Wanted { token, earlier, wait: 1000, handed_in: Some(news) };
    plan(TlsMode::Implicit, Mailbox::Search(wanted))
}

#[test]
fn a_mailbox_that_is_open_early_waits_for_the_mail() {
    let found = format!("{OURS}w5 OK\r\n");
    let server = ["w4 OK\r\n", &found, "w6 OK\r\n", "w7 OK\r\n", "w8 OK\r\n"];
    let sent = format!(
        "{BEGIN}w4 NOOP\nw5 {FETCH}\nw6 UID STORE 31 +FLAGS.SILENT (\\Deleted)\nw7 UID EXPUNGE 31\nw8 LOGOUT\n"
    );
    let record = check(holding(Some(true)), &[&OPEN[..], &server].concat(), &sent);
    assert!(record.found.mail.is_some() && record.found.deleted);
    // Nobody took the mail: there is nothing to look for.
    check(holding(Some(false)), &[&OPEN[..], &["w4 OK\r\n"]].concat(), &format!("{BEGIN}w4 LOGOUT\n"));
}

#[test]
fn only_our_own_mails_are_deleted() {
    // After the first look there is a pause, a NOOP, and a second look.
    let second_look = format!("{OTHER}{OURS}{EARLIER}w6 OK\r\n");
    let server =
        ["w4 OK\r\n", "w5 OK\r\n", &second_look, "w7 OK\r\n", "* 2 EXPUNGE\r\nw8 OK\r\n", "w9 OK\r\n"];
    let sent = format!(
        "{BEGIN}w4 {FETCH}\nw5 NOOP\nw6 {FETCH}\nw7 UID STORE 31,32 +FLAGS.SILENT (\\Deleted)\n\
         w8 UID EXPUNGE 31,32\nw9 LOGOUT\n"
    );
    let record = check(searching(1000), &[&OPEN[..], &server].concat(), &sent);
    let mail = record.found.mail.expect("the mail");
    assert_eq!((mail.in_junk, mail.header.as_slice()), (false, &b"A: tok-2\r\n\r\n"[..]));
    assert_eq!(mail.internal_date.as_deref(), Some("23-Nov-2026 17:00:00 +0000"));
    assert_eq!((record.found.late, record.found.deleted), (vec!["tok-1".to_owned()], true));
}

#[test]
fn when_the_time_is_over_the_junk_mailbox_is_looked_into() {
    let in_junk = format!("{OURS}w7 OK\r\n");
    let server = [
        "w4 OK\r\n",
        "* LIST (\\Junk) \"/\" Spam\r\nw5 OK\r\n",
        "* OK [UIDNEXT 31] x\r\nw6 OK\r\n",
        &in_junk,
        "w8 OK\r\n",
        "w9 NO no such command\r\n",
        "w10 OK\r\n",
    ];
    let sent = format!(
        "{BEGIN}w4 {FETCH}\nw5 LIST \"\" \"*\"\nw6 SELECT Spam\nw7 {FETCH}\n\
         w8 UID STORE 31 +FLAGS.SILENT (\\Deleted)\nw9 UID EXPUNGE 31\nw10 LOGOUT\n"
    );
    let record = check(searching(0), &[&OPEN[..], &server].concat(), &sent);
    assert!(record.found.mail.expect("the mail").in_junk);
    assert!(!record.found.deleted, "a server without UIDPLUS keeps it");
}

#[test]
fn a_bounce_of_our_own_mail_is_read_and_deleted() {
    let header =
        "* 1 FETCH (UID 31 BODY[HEADER] {34}\r\nContent-Type: multipart/report\r\n\r\n)\r\nw4 OK\r\n";
    let report = "* 1 FETCH (UID 31 BODY[]<0> {25}\r\nStatus: 5.1.1 for tok-2\r\n)\r\nw5 OK\r\n";
    let server = [header, report, "w6 OK\r\n", "w7 OK\r\n", "w8 OK\r\n"];
    let sent = format!(
        "{BEGIN}w4 {FETCH}\nw5 UID FETCH 31 (UID BODY.PEEK[]<0.16384>)\nw6 UID STORE 31 +FLAGS.SILENT (\\Deleted)\n\
         w7 UID EXPUNGE 31\nw8 LOGOUT\n"
    );
    let record = check(searching(1000), &[&OPEN[..], &server].concat(), &sent);
    assert!(record.found.mail.is_none());
    assert!(record.found.bounce.is_some_and(|report| report.starts_with(b"Status: 5.1.1")));
}

#[test]
fn a_search_without_result_ends() {
    let server = ["w4 OK\r\n", "w5 OK\r\n", "w6 OK\r\n"];
    let sent = format!("{BEGIN}w4 {FETCH}\nw5 LIST \"\" \"*\"\nw6 LOGOUT\n");
    let record = check(searching(0), &[&OPEN[..], &server].concat(), &sent);
    assert_eq!(record.found, Found::default());
}

proptest! {
    #[test]
    fn any_server_ends_or_waits(
        server in prop::collection::vec("(\\* |\\+ |w[1-9] )?(OK|NO|BAD|BYE|CAPABILITY|1 FETCH)?[ -~]{0,12}(\r\n)?", 0..40),
    ) {
        let lines: Vec<&str> = server.iter().map(String::as_str).collect();
        let played = play(searching(100), true, &lines);
        prop_assert!(played.sent.lines().count() < 80);
    }
}
