//! The lab in a time of its own: everything with a date follows the clock that was handed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use watchpost_lab::{Clock, Fault, Host, Lab, LabOptions, Place, Service, Switch};

use crate::client::{Client, await_mail, reader, send, sender};

/// Monday, 1 March 2027, 12:00:00 UTC.
const NOON_MS: i64 = 1_803_902_400_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

struct Stepped {
    lab: Lab,
    now_ms: Arc<AtomicI64>,
}

impl Stepped {
    async fn start() -> Self {
        let now_ms = Arc::new(AtomicI64::new(NOON_MS));
        let shared = Arc::clone(&now_ms);
        let clock = Clock::new(move || shared.load(Ordering::SeqCst));
        let lab = Lab::start(LabOptions { clock, ..LabOptions::default() }).await.expect("the lab starts");
        Self { lab, now_ms }
    }

    fn step(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// Sends a mail from outside to bob.
    async fn send(&self, subject: &str) {
        let mut smtp = sender(&self.lab, "echo").await;
        assert!(send(&mut smtp, "echo@outside.example", "bob@lab.example", subject).await.starts_with("250"));
    }

    /// Waits until a mail in the queue was tried so often.
    async fn await_attempts(&self, attempts: u32) {
        for _ in 0..500 {
            if self.lab.status().queue.mails.iter().any(|mail| mail.attempts >= attempts) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no mail was tried {attempts} times: {:?}", self.lab.status().queue);
    }

    /// The error of a TLS handshake with IMAP, or nothing.
    async fn handshake(&self) -> String {
        let address = self.lab.endpoint(Host::Mail, Service::Imaps).expect("the service");
        let client = Client::connect(address).await.expect("open");
        client
            .secure(&self.lab, "mail.lab.example")
            .await
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }
}

#[tokio::test]
async fn mail_carries_the_dates_of_the_clock() {
    let stepped = Stepped::start().await;
    stepped.send("dated").await;
    let mail = await_mail(&stepped.lab, "bob", "INBOX", "Subject: dated").await;
    assert_eq!(mail.matches("\tMon, 01 Mar 2027 12:00:00 +0000").count(), 3, "{mail}");
    let mut imap = reader(&stepped.lab, "bob").await;
    imap.command("EXAMINE INBOX").await;
    assert!(imap.command("FETCH 1 INTERNALDATE").await.contains("\"01-Mar-2027 12:00:00 +0000\""));
    for (criterion, expected) in [("SINCE 1-Mar-2027", "* SEARCH 1"), ("SINCE 2-Mar-2027", "* SEARCH\n")] {
        assert!(imap.command(&format!("SEARCH {criterion}")).await.contains(expected), "{criterion}");
    }
}

#[tokio::test]
async fn certificates_run_out_by_themselves() {
    let stepped = Stepped::start().await;
    stepped.step(89 * DAY_MS);
    assert_eq!(stepped.handshake().await, "");
    stepped.lab.switch(Fault::CertSoon, Switch::On).await;
    assert_eq!(stepped.handshake().await, "");
    stepped.step(2 * DAY_MS + MINUTE_MS);
    assert!(stepped.handshake().await.contains("expired"));
    stepped.lab.clear().await;
    assert!(stepped.handshake().await.contains("expired"), "the good one was valid for 90 days");
}

#[tokio::test]
async fn greylisting_lets_a_mail_in_after_a_minute() {
    let stepped = Stepped::start().await;
    stepped.lab.switch(Fault::Greylist, Switch::On).await;
    stepped.send("patient").await;
    stepped.await_attempts(1).await;
    stepped.step(MINUTE_MS / 2);
    stepped.await_attempts(2).await;
    stepped.step(MINUTE_MS / 2);
    await_mail(&stepped.lab, "bob", "INBOX", "Subject: patient").await;
}

#[tokio::test]
async fn held_mail_arrives_late_and_shows_where_it_was() {
    let stepped = Stepped::start().await;
    stepped.lab.switch(Fault::MailLate, Switch::On).await;
    stepped.send("held").await;
    stepped.await_attempts(1).await;
    stepped.step(MINUTE_MS);
    let mail = await_mail(&stepped.lab, "bob", "INBOX", "Subject: held").await;
    let dates: Vec<_> = mail.lines().filter_map(|line| line.strip_prefix("\tMon, 01 Mar 2027 ")).collect();
    assert_eq!(dates, ["12:01:00 +0000", "12:00:00 +0000", "12:00:00 +0000"]);
}

#[tokio::test]
async fn the_sender_hears_after_hours_that_a_mail_is_late_and_after_days_that_it_is_lost() {
    let stepped = Stepped::start().await;
    stepped.lab.switch(Fault::SmtpStopped, Switch::On).await;
    stepped.send("waiting").await;
    stepped.await_attempts(1).await;
    stepped.step(4 * 60 * MINUTE_MS);
    let notice = await_mail(&stepped.lab, "echo", "INBOX", "Action: delayed").await;
    assert!(
        notice.contains("Status: 4.4.1") && notice.contains("Original-Envelope-Id: mark-waiting"),
        "{notice}"
    );
    stepped.step(5 * DAY_MS);
    let notice = await_mail(&stepped.lab, "echo", "INBOX", "Action: failed").await;
    assert!(notice.contains("Status: 4.4.7") && notice.contains("Message expired"), "{notice}");
    assert_eq!(stepped.lab.status().queue.length, 0);
}

#[tokio::test]
async fn the_age_of_the_queue_is_told_by_the_clock() {
    let stepped = Stepped::start().await;
    stepped.lab.switch_at(Fault::StuckDelivery, Place::host(Host::Mail), Switch::On).await;
    stepped.send("old").await;
    stepped.await_attempts(1).await;
    stepped.step(7 * MINUTE_MS);
    assert_eq!(stepped.lab.status().queue.oldest_age_ms, Some(7 * MINUTE_MS));
}
