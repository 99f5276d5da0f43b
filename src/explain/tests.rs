//! What people paste, from end to end.

use super::*;

mod hostile;

fn now() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

#[test]
fn replies_have_the_reason_that_a_careful_reader_gives() {
    let files = [
        include_str!("fixtures/replies.tsv"),
        include_str!("fixtures/replies-of-providers.tsv"),
        include_str!("fixtures/notices.tsv"),
    ];
    let rows = files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#'));
    let wrong: Vec<String> = rows
        .filter_map(|row| {
            let (reason, text) = row.split_once('\t').unwrap();
            let found = explain(text, now()).reason.map_or("none", Reason::name);
            (found != reason).then(|| format!("{reason} but found {found}: {text}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Written before the rules were looked at: what a careful reader says, also where the rules do not.
#[test]
fn replies_of_other_servers_are_mostly_understood() {
    let rows = include_str!("fixtures/replies-of-other-servers.tsv").lines();
    let rows: Vec<(&str, &str)> = rows.filter_map(|row| row.split_once('\t')).collect();
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(reason, text)| {
            let found = explain(text, now()).reason.map_or("none", Reason::name);
            (found != *reason).then(|| format!("{reason} but found {found}: {text}"))
        })
        .collect();
    assert!(
        wrong.len() * 10 <= rows.len(),
        "{} of {} differ:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

/// What must come out of a sample.
struct Expected {
    kind: Kind,
    reason: Option<Reason>,
    cause: Option<Cause>,
    fate: Fate,
    resend_useful: bool,
    codes: (Option<&'static str>, Option<&'static str>),
}

#[track_caller]
fn check(text: &str, expected: &Expected) -> Explanation {
    let found = explain(text, now());
    assert_eq!(
        (found.kind, found.reason, found.cause),
        (expected.kind, expected.reason, expected.cause),
        "{found:#?}"
    );
    assert_eq!((found.fate, found.resend_useful), (expected.fate, expected.resend_useful), "{found:#?}");
    assert_eq!((found.reply.as_deref(), found.status.as_deref()), expected.codes, "{found:#?}");
    found
}

#[test]
fn a_full_mailbox_in_a_final_bounce_is_final() {
    let expected = Expected {
        kind: Kind::Bounce,
        reason: Some(Reason::MailboxFull),
        cause: Some(Cause::MailboxFull),
        fate: Fate::Failed,
        resend_useful: true,
        codes: (Some("552"), Some("5.2.2")),
    };
    let found = check(include_str!("fixtures/postfix-mailbox-full.eml"), &expected);
    assert_eq!(found.side, Some(Side::Recipient));
    assert_eq!(found.recipients[0].address, "b…@example.org");
    let seconds = found.hops.first().and_then(|hop| hop.time).map(|time| time.timestamp() % 60);
    assert_eq!(seconds, Some(0), "the hops of the returned message count, not those of the bounce");
}

#[test]
fn a_warning_of_delay_says_do_not_resend() {
    let expected = Expected {
        kind: Kind::Bounce,
        reason: Some(Reason::NetworkError),
        cause: Some(Cause::ConnectionRefused),
        fate: Fate::Delayed,
        resend_useful: false,
        codes: (None, Some("4.4.1")),
    };
    let found = check(include_str!("fixtures/postfix-delayed.eml"), &expected);
    assert!(found.sentences().join(" ").contains("do not send it again"));
}

#[test]
fn the_worst_fate_of_several_recipients_decides() {
    let expected = Expected {
        kind: Kind::Bounce,
        reason: Some(Reason::NoRelaying),
        cause: Some(Cause::RelayDenied),
        fate: Fate::Failed,
        resend_useful: false,
        codes: (Some("550"), Some("5.7.1")),
    };
    let found = check(include_str!("fixtures/two-recipients.txt"), &expected);
    let fates: Vec<Fate> = found.recipients.iter().map(|recipient| recipient.fate).collect();
    assert_eq!(fates, [Fate::Delivered, Fate::Failed]);
}

#[test]
fn free_forms_of_the_common_servers_are_read() {
    let reply = |reason, cause, fate, resend_useful, codes| Expected {
        kind: Kind::Reply,
        reason: Some(reason),
        cause: Some(cause),
        fate,
        resend_useful,
        codes,
    };
    let blocked =
        reply(Reason::Blocked, Cause::Blocklisted, Fate::Failed, false, (Some("550"), Some("5.7.1")));
    check(include_str!("fixtures/exim-free-form.eml"), &Expected { kind: Kind::Bounce, ..blocked });
    // The server gave up after temporary failures: the bounce is final.
    let given_up =
        reply(Reason::SystemError, Cause::DirectoryBroken, Fate::Failed, true, (Some("451"), Some("4.3.0")));
    check(include_str!("fixtures/qmail-free-form.txt"), &given_up);
    let unknown =
        reply(Reason::UserUnknown, Cause::AddressUnknown, Fate::Failed, false, (Some("550"), Some("5.1.1")));
    check(include_str!("fixtures/sendmail-transcript.txt"), &unknown);
    let no_name = reply(
        Reason::RequirePtr,
        Cause::ReverseNameMissing,
        Fate::Failed,
        false,
        (Some("550"), Some("5.7.25")),
    );
    check(include_str!("fixtures/exchange-report.txt"), &no_name);
    let waits = reply(Reason::Expired, Cause::DestinationUnreachable, Fate::Delayed, false, (None, None));
    check(include_str!("fixtures/gmail-notice.txt"), &waits);
    let virus = reply(
        Reason::VirusDetected,
        Cause::MessageJudgedMalware,
        Fate::Failed,
        false,
        (Some("554"), Some("5.7.1")),
    );
    check(include_str!("fixtures/courier-notice.txt"), &virus);
}

#[test]
fn the_class_of_the_reply_decides_the_fate() {
    #[track_caller]
    fn fate(text: &str, expected: Fate) {
        assert_eq!(explain(text, now()).fate, expected, "{text}");
    }
    fate("452 4.2.2 mailbox full", Fate::Delayed);
    fate("552 5.2.2 mailbox full", Fate::Failed);
    fate("mailbox full", Fate::Unknown);
    fate("421 4.3.2 too many connections", Fate::Delayed);
    fate("451 4.3.0 temporary lookup failure. Giving up on 192.0.2.1.", Fate::Failed);
}

#[test]
fn what_is_not_said_is_not_guessed() {
    #[track_caller]
    fn check(text: &str, reason: Option<Reason>, explanation: &str) {
        let found = explain(text, now());
        assert_eq!(found.reason, reason, "{text}");
        assert!(found.explanation.starts_with(explanation), "{text}: {}", found.explanation);
    }
    check("550", None, "The server refused the message for good, and does not say why.");
    check("450 please come again", None, "The server put the message off, and does not say why.");
    check("250 2.0.0 Ok: queued as 4F1", None, "The server took the message.");
    check("550 5.7.1 Message refused", Some(Reason::PolicyViolation), "A rule of the receiver");
    check(
        "421 4.7.0",
        Some(Reason::BadReputation),
        "The receiver judges the address that our server sends from",
    );
    check("421", Some(Reason::SystemError), "The server says that it is not taking mail at the moment");
    check(
        "554 5.7.1 <a@example.org>: Recipient address rejected",
        Some(Reason::Filtered),
        "The recipient's own filter",
    );
}

#[test]
fn the_rows_of_the_evidence_table_have_their_cause() {
    #[track_caller]
    fn cause(text: &str, expected: Cause) {
        assert_eq!(explain(text, now()).cause, Some(expected), "{text}");
    }
    cause("421 4.3.2 too many connections from your host", Cause::ConnectionLimit);
    cause("452 4.3.1 Insufficient system storage", Cause::StorageFull);
    cause("452 4.2.2 over quota", Cause::MailboxFull);
    cause("451 4.3.0 temporary lookup failure", Cause::DirectoryBroken);
    cause("451 4.3.0 queue file write error", Cause::StorageFault);
    cause("451 4.7.1 milter said: content filter failed, try again", Cause::FilterDown);
    cause("451 4.7.1 Service unavailable - try again later", Cause::FilterDown);
    cause("connect to 127.0.0.1[127.0.0.1]:10024: Connection refused", Cause::FilterDown);
    cause("host 127.0.0.1[127.0.0.1] said: 451 4.5.0 all virus scanners failed", Cause::FilterDown);
    cause("connect to mx.example.org[private/lmtp]: No such file or directory", Cause::MailboxDeliveryDown);
    cause(
        "450 4.1.1 unverified address: connect to s.example.org[10.0.0.3]:24: refused",
        Cause::MailboxDeliveryDown,
    );
    cause("451 4.3.0 alias database unavailable", Cause::DirectoryBroken);
    cause("451 4.3.5 Server configuration problem", Cause::Configuration);
    cause("deferred transport", Cause::QueueStuck);
    cause("421 4.7.0 Error: too many connections from 127.0.0.1", Cause::ConnectionLimit);
    cause("mail transport unavailable", Cause::QueueStuck);
    cause("maildir delivery failed: error writing message: Disk quota exceeded", Cause::MailboxFull);
    cause("TLS is required, but was not offered by host mx.example.org", Cause::StarttlsMissing);
    cause("450 4.2.0 greylisted, come back in 5 minutes", Cause::Greylisting);
    cause("550 5.1.1 user unknown", Cause::AddressUnknown);
    cause("554 5.7.1 relay access denied", Cause::RelayDenied);
    cause("550 5.7.25 no PTR record", Cause::ReverseNameMissing);
    cause("554 5.4.6 too many hops", Cause::MailLoop);
    cause(
        "Host or domain name not found. Name service error: Host not found, try again",
        Cause::ResolverDown,
    );
    cause("4.7.5 TLSA lookup error for mx.example.org", Cause::DaneMismatch);
    cause("the MTA-STS policy of the domain does not allow this host", Cause::MtaStsMismatch);
    cause("454 4.7.0 TLS not available due to local problem", Cause::TlsUnavailable);
    cause("454 4.7.0 Temporary authentication failure", Cause::LoginBackendDown);
    cause("535 5.7.8 Error: authentication failed", Cause::LoginRefused);
    cause("a1 NO [AUTHENTICATIONFAILED] Authentication failed.", Cause::LoginRefused);
    cause("a1 NO [UNAVAILABLE] Temporary authentication failure.", Cause::LoginBackendDown);
    cause("* BYE [LIMIT] too many connections", Cause::ConnectionLimit);
    cause("a2 NO [CORRUPTION] cannot open the mailbox", Cause::MailboxCorrupt);
    cause("a3 NO [OVERQUOTA] no more room", Cause::MailboxFull);
    cause("SSL error: certificate has expired", Cause::CertificateExpired);
}

#[test]
fn headers_show_the_hop_that_held_the_message() {
    let found = explain(include_str!("fixtures/headers-slow-hop.txt"), now());
    assert_eq!(
        (found.kind, found.cause, found.fate),
        (Kind::Headers, Some(Cause::DeliverySlow), Fate::Delivered)
    );
    let delays: Vec<_> = found.hops.iter().map(|hop| hop.delay_seconds).collect();
    assert_eq!(delays, [None, Some(7800), Some(2)]);
    assert_eq!(
        found.explanation,
        "The message waited 2 h 10 min at out.sender.example before mx.example.org took it."
    );
}

fn queue_of(text: &str) -> Queue {
    explain(text, now()).queue.expect("it is a queue")
}

type Row<'a> = (u64, Option<&'a str>, Option<Cause>, Option<i64>);

fn rows(queue: &Queue) -> Vec<Row<'_>> {
    let row = |group: &'_ Group| (group.messages, group.cause, group.oldest_seconds);
    queue
        .groups
        .iter()
        .map(|group| (row(group).0, group.destination.as_deref(), row(group).1, row(group).2))
        .collect()
}

#[test]
fn the_queue_of_postfix_is_grouped() {
    let queue = queue_of(include_str!("fixtures/postqueue-p.txt"));
    assert_eq!((queue.software, queue.messages, queue.oldest_seconds), (Software::Postfix, 3, Some(86_400)));
    assert_eq!(queue.oldest_gives_up_in_seconds, Some(4 * 86_400));
    let summary = explain(include_str!("fixtures/postqueue-p.txt"), now()).explanation;
    assert!(
        summary.starts_with("3 messages wait, the oldest for 1 d. 2 of 3: The port does not answer"),
        "{summary}"
    );
    let expected = [
        (2, Some("example.org"), Some(Cause::ConnectionTimeout), Some(86_400)),
        (1, Some("example.net"), Some(Cause::MailboxFull), Some(86_400)),
        (1, Some("example.org"), None, Some(30)),
    ];
    for row in expected {
        assert!(rows(&queue).contains(&row), "{row:?} is not in {:?}", rows(&queue));
    }

    let queue = queue_of(include_str!("fixtures/postqueue-j.txt"));
    assert_eq!(queue.messages, 3);
    assert_eq!(rows(&queue)[0], (2, Some("example.org"), Some(Cause::Greylisting), Some(4 * 3600)));

    assert_eq!(queue_of("Mail queue is empty\n").messages, 0);
}

#[test]
fn the_queue_of_exim_shows_ages_and_frozen_mail() {
    let queue = queue_of(include_str!("fixtures/exim-bp.txt"));
    assert_eq!((queue.software, queue.messages, queue.oldest_seconds), (Software::Exim, 3, Some(2 * 86_400)));
    assert!(rows(&queue).contains(&(2, Some("example.org"), None, Some(3 * 3600))), "{:?}", rows(&queue));
}

#[test]
fn the_queues_of_exchange_are_read_as_table_and_as_list() {
    let queue = queue_of(include_str!("fixtures/get-queue-table.txt"));
    assert_eq!((queue.software, queue.messages), (Software::Exchange, 121));
    assert_eq!(rows(&queue)[0], (118, Some("mbx-db02"), None, None));

    let queue = queue_of(include_str!("fixtures/get-queue-list.txt"));
    assert_eq!(rows(&queue), [(42, Some("example.org"), Some(Cause::ConnectionLimit), None)]);
}

#[test]
fn logs_are_grouped_by_reason_destination_and_fate() {
    let queue = queue_of(include_str!("fixtures/mail-log-postfix.txt"));
    assert_eq!((queue.software, queue.messages, queue.oldest_seconds), (Software::Postfix, 2, Some(7260)));
    assert_eq!(queue.came_back, 1);
    let fates: Vec<_> = queue.groups.iter().map(|group| (group.fate, group.cause)).collect();
    assert!(fates.contains(&(Fate::Failed, Some(Cause::AddressUnknown))), "{fates:?}");
    assert_eq!(fates.iter().filter(|group| **group == (Fate::Delayed, Some(Cause::ResolverDown))).count(), 2);

    let queue = queue_of(include_str!("fixtures/mail-log-sendmail.txt"));
    assert_eq!(rows(&queue), [(1, Some("example.org"), Some(Cause::ConnectionTimeout), Some(26 * 3600))]);

    let queue = queue_of(include_str!("fixtures/mail-log-exim.txt"));
    let fates: Vec<_> = queue.groups.iter().map(|group| (group.fate, group.cause)).collect();
    assert!(fates.contains(&(Fate::Delayed, Some(Cause::ConnectionTimeout))), "{fates:?}");
    assert!(fates.contains(&(Fate::Failed, Some(Cause::MailboxFull))), "{fates:?}");
}

#[test]
fn what_is_no_mail_is_said_to_be_unknown() {
    for text in ["", "   \n\t", "hello, how are you?", "{\"a\": 1}", "12345"] {
        let found = explain(text, now());
        assert_eq!((found.kind, found.reason, found.fate), (Kind::Unknown, None, Fate::Unknown), "{text:?}");
        assert!(!found.explanation.is_empty() && !found.what_to_do.is_empty());
    }
}

#[test]
fn the_command_line_gets_json_or_sentences() {
    let input = b"552 5.2.2 <anna@example.org>: the mailbox is full \xff";
    let json: serde_json::Value = serde_json::from_str(&run(input, true, now())).unwrap();
    assert_eq!(json["reason"], "mailboxfull");
    assert_eq!(json["cause"], "mailbox-full");
    assert_eq!(json["fate"], "failed");
    assert_eq!(json["side"], "recipient");
    assert_eq!(json["hops"], serde_json::json!([]));
    let words = run(input, false, now());
    assert!(words.starts_with("The recipient's mailbox is full.") && words.contains("Next: "), "{words}");
}
