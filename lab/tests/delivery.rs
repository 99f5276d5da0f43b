//! Mail from end to end, with nothing wrong.

use watchpost_lab::{Fault, Host, Lab, LabOptions, Ports, Service, Switch};

use crate::client::{Client, await_mail, page, reader, send, sender};

async fn lab() -> Lab {
    Lab::start(LabOptions::default()).await.expect("the lab starts")
}

#[tokio::test]
async fn submitted_mail_is_found_by_imap_with_every_hop_on_it() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "alice").await;
    let reply = send(&mut smtp, "alice@lab.example", "bob@lab.example", "hello").await;
    assert!(reply.starts_with("250 2.0.0 Ok: queued as "), "{reply}");
    let mail = await_mail(&lab, "bob", "INBOX", "Subject: hello").await;
    for part in [
        "Return-Path: <alice@lab.example>",
        "Delivered-To: bob@lab.example",
        "by store.lab.example with LMTP id",
        "Received: from client.lab.example ([127.0.0.1])",
        "by mail.lab.example with ESMTPSA id",
        "for <bob@lab.example>;",
        "\n.dot\n",
    ] {
        assert!(mail.contains(part), "{part} is missing:\n{mail}");
    }
}

#[tokio::test]
async fn mail_from_outside_comes_in_and_an_answer_goes_out() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "echo").await;
    assert!(send(&mut smtp, "echo@outside.example", "probe@lab.example", "inbound").await.starts_with("250"));
    let mail = await_mail(&lab, "probe", "INBOX", "Subject: inbound").await;
    assert!(mail.contains("Received: from mx.outside.example") && mail.contains("with ESMTPS id"), "{mail}");
    let mut smtp = sender(&lab, "probe").await;
    assert!(
        send(&mut smtp, "probe@lab.example", "echo@outside.example", "outbound").await.starts_with("250")
    );
    await_mail(&lab, "echo", "INBOX", "Subject: outbound").await;
}

#[tokio::test]
async fn mail_to_the_backup_reaches_the_mailbox_through_mail() {
    let lab = lab().await;
    let mut smtp = Client::to_host(&lab, Host::Backup, Service::Mx).await;
    assert!(smtp.reply().await.starts_with("220 mx2.lab.example"));
    smtp.say("EHLO there.example").await;
    assert!(send(&mut smtp, "", "bob@lab.example", "round").await.starts_with("250"));
    let mail = await_mail(&lab, "bob", "INBOX", "Subject: round").await;
    assert!(
        mail.contains("by mx2.lab.example with ESMTP ") && mail.contains("Received: from mx2.lab.example"),
        "{mail}"
    );
}

#[tokio::test]
async fn what_cannot_be_delivered_comes_back_with_its_mark() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "alice").await;
    assert!(send(&mut smtp, "alice@lab.example", "nobody@outside.example", "lost").await.starts_with("250"));
    let bounce = await_mail(&lab, "alice", "INBOX", "Original-Envelope-Id: mark-lost").await;
    for part in [
        "Return-Path: <>",
        "report-type=delivery-status",
        "Action: failed",
        "Status: 5.1.1",
        "Final-Recipient: rfc822; nobody@outside.example",
        "Diagnostic-Code: smtp; 550 5.1.1",
        "Message-ID: <lost@client>",
    ] {
        assert!(bounce.contains(part), "{part} is missing:\n{bounce}");
    }
}

#[tokio::test]
async fn smtp_refuses_what_it_must() {
    let lab = lab().await;
    let mut smtp = Client::to(&lab, Service::Mx).await;
    smtp.reply().await;
    for (line, expected) in [
        ("MAIL FROM:<a@b.example>", "503 5.5.1"),
        ("EHLO a.example", "250 DSN"),
        ("RCPT TO:<bob@lab.example>", "503 5.5.1"),
        ("AUTH PLAIN AGEAYg==", "503 5.5.1"),
        ("MAIL FROM:<a@b.example> SIZE=99999999", "552 5.3.4"),
        ("MAIL FROM:<a@b.example>", "250 2.1.0"),
        ("MAIL FROM:<a@b.example>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("RCPT TO:<nobody@lab.example>", "550 5.1.1"),
        ("RCPT TO:<a@elsewhere.example>", "554 5.7.1"),
        ("RCPT TO:<postmaster>", "250 2.1.5"),
        ("RCPT TO:<bob@LAB.example>", "250 2.1.5"),
        ("VRFY bob", "252"),
        ("WISH", "500"),
        ("RSET", "250"),
        ("DATA", "503"),
        ("STARTTLS", "220 2.0.0"),
    ] {
        let reply = smtp.say(line).await;
        assert!(reply.starts_with(expected), "{line}: {reply}");
    }
    let mut smtp = smtp.secure(&lab, "mail.lab.example").await.expect("TLS");
    assert!(smtp.say("MAIL FROM:<>").await.starts_with("503"), "TLS makes the server forget the greeting");
    assert!(smtp.say("QUIT").await.starts_with("221"));
    assert_eq!(smtp.rest().await, "");
}

#[tokio::test]
async fn submission_wants_tls_then_a_login() {
    let lab = lab().await;
    let mut smtp = Client::to(&lab, Service::Submission).await;
    smtp.reply().await;
    assert!(smtp.say("EHLO a.example").await.starts_with("250"));
    assert!(smtp.say("AUTH LOGIN").await.starts_with("538 5.7.11"));
    assert!(smtp.say("STARTTLS").await.starts_with("220"));
    let mut smtp = smtp.secure(&lab, "mail.lab.example").await.expect("TLS");
    smtp.say("EHLO a.example").await;
    assert!(smtp.say("MAIL FROM:<a@lab.example>").await.starts_with("530 5.7.0"));
    assert!(smtp.say("AUTH PLAIN AHByb2JlAHdyb25n").await.starts_with("535 5.7.8"));
    assert_eq!(smtp.say("AUTH LOGIN").await, "334 VXNlcm5hbWU6");
    assert_eq!(smtp.say("cHJvYmU=").await, "334 UGFzc3dvcmQ6");
    assert!(smtp.say("cHJvYmUtcGFzc3dvcmQ=").await.starts_with("235"));
    assert!(smtp.say("MAIL FROM:<probe@lab.example>").await.starts_with("250"));
}

#[tokio::test]
async fn imap_does_what_a_probe_needs() {
    let lab = lab().await;
    let mut imap = Client::to(&lab, Service::Imap).await;
    let greeting = imap.hear().await;
    assert!(greeting.contains("STARTTLS LOGINDISABLED"), "{greeting}");
    assert!(imap.command("LOGIN probe probe-password").await.contains("NO [PRIVACYREQUIRED]"));
    assert!(imap.command("STARTTLS").await.starts_with("t OK"));
    let mut imap = imap.secure(&lab, "mail.lab.example").await.expect("TLS");
    let mail = "From: a\r\nSubject: kept\r\n\r\nbody\r\n";
    for (command, expected) in [
        ("LOGIN probe wrong".to_owned(), "t NO [AUTHENTICATIONFAILED]"),
        ("AUTHENTICATE PLAIN AHByb2JlAHByb2JlLXBhc3N3b3Jk".to_owned(), "t OK"),
        ("LIST \"\" \"*\"".to_owned(), "* LIST (\\HasNoChildren \\Junk) \"/\" \"Junk\""),
        ("GETQUOTAROOT INBOX".to_owned(), "* QUOTA \"User quota\" (STORAGE 0 20480)"),
        ("APPEND INBOX (\\Seen) {99999999}".to_owned(), "* BYE [TOOBIG]"),
    ] {
        imap.tell(&format!("t {command}\r\n")).await;
        let answer = if expected.contains("BYE") { imap.rest().await } else { imap.until("t ").await };
        assert!(answer.contains(expected), "{command}: {answer}");
    }
    let mut imap = reader(&lab, "probe").await;
    imap.tell(&format!("t APPEND INBOX (\\Seen) {{{}}}\r\n", mail.len())).await;
    assert_eq!(imap.hear().await, "+ Go on");
    imap.tell(&format!("{mail}\r\n")).await;
    assert!(imap.until("t ").await.contains("APPENDUID"));
    for (command, expected) in [
        ("STATUS INBOX (MESSAGES UNSEEN UIDNEXT)", "* STATUS \"INBOX\" (MESSAGES 1 UNSEEN 0 UIDNEXT 2)"),
        ("UID SEARCH ALL", "t BAD Open a folder first"),
        ("EXAMINE inbox", "t OK [READ-ONLY]"),
        ("UID STORE 1 +FLAGS (\\Deleted)", "t NO [READ-ONLY]"),
        ("SELECT INBOX", "t OK [READ-WRITE]"),
        ("UID SEARCH HEADER Subject kept", "* SEARCH 1"),
        ("UID FETCH 1 (FLAGS RFC822.SIZE)", "* 1 FETCH (UID 1 FLAGS (\\Seen) RFC822.SIZE 32)"),
        ("UID STORE 1 +FLAGS (\\Deleted)", "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen))"),
        ("UID EXPUNGE 2:9", "t OK"),
        ("UID EXPUNGE 1", "* 1 EXPUNGE"),
        ("UID SEARCH ALL", "* SEARCH\n"),
        ("SELECT Nowhere", "t NO [NONEXISTENT]"),
        ("LOGOUT", "* BYE"),
    ] {
        let answer = imap.command(command).await;
        assert!(answer.contains(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn pop3_shows_and_deletes_mail() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "alice").await;
    send(&mut smtp, "alice@lab.example", "bob@lab.example", "pop").await;
    await_mail(&lab, "bob", "INBOX", "Subject: pop").await;
    let mut pop = Client::to(&lab, Service::Pop3s).await;
    assert!(pop.hear().await.starts_with("+OK"));
    for (line, expected) in [
        ("STAT", "-ERR"),
        ("USER bob", "+OK"),
        ("PASS wrong", "-ERR [AUTH]"),
        ("USER bob", "+OK"),
        ("PASS bob-password", "+OK"),
        ("STAT", "+OK 1 "),
        ("UIDL 1", "+OK 1 1"),
        ("DELE 2", "-ERR"),
    ] {
        let reply = pop.say(line).await;
        assert!(reply.starts_with(expected), "{line}: {reply}");
    }
    pop.tell("TOP 1 0\r\n").await;
    let top = pop.until(".").await;
    assert!(top.contains("Subject: pop") && !top.contains("dot"), "{top}");
    pop.tell("RETR 1\r\n").await;
    assert!(pop.until("..dot").await.contains("Subject: pop"), "a line that begins with a dot is stuffed");
    assert_eq!(pop.hear().await, ".");
    assert!(pop.say("DELE 1").await.starts_with("+OK"));
    assert!(pop.say("QUIT").await.starts_with("+OK"));
    assert!(pop.rest().await.is_empty());
    let inbox = lab.status().mailboxes.into_iter().find(|mailbox| mailbox.address == "bob@lab.example");
    assert_eq!(inbox.expect("bob's mailbox").folders[0], ("INBOX".to_owned(), 0));
}

#[tokio::test]
async fn managesieve_greets_secures_and_logs_in() {
    let lab = lab().await;
    let mut sieve = Client::to(&lab, Service::Sieve).await;
    let greeting = sieve.until("OK").await;
    assert!(greeting.contains("\"STARTTLS\"") && greeting.contains("\"SASL\" \"\""), "{greeting}");
    assert!(
        sieve
            .say("AUTHENTICATE \"PLAIN\" \"AGJvYgBib2ItcGFzc3dvcmQ=\"")
            .await
            .starts_with("NO (ENCRYPT-NEEDED)")
    );
    assert!(sieve.say("STARTTLS").await.starts_with("OK"));
    let mut sieve = sieve.secure(&lab, "mail.lab.example").await.expect("TLS");
    assert!(
        sieve.until("OK").await.contains("\"SASL\" \"PLAIN XOAUTH2\""),
        "capabilities come again after TLS"
    );
    assert!(sieve.say("LISTSCRIPTS").await.starts_with("NO"));
    assert!(sieve.say("AUTHENTICATE \"PLAIN\" \"AGJvYgB3cm9uZw==\"").await.starts_with("NO"));
    assert!(sieve.say("AUTHENTICATE \"PLAIN\" {24+}\r\nAGJvYgBib2ItcGFzc3dvcmQ=").await.starts_with("OK"));
    assert!(sieve.say("LISTSCRIPTS").await.starts_with("OK"));
    assert!(sieve.say("LOGOUT").await.starts_with("OK"));
}

#[tokio::test]
async fn an_address_of_each_family_is_served() {
    let addresses = ["127.0.0.31", "::1"].map(|address| address.parse().expect("an address"));
    let options = LabOptions { addresses: addresses.to_vec(), ..LabOptions::default() };
    let lab = Lab::start(options).await.expect("the lab starts");
    let at: Vec<_> =
        lab.endpoints().iter().filter(|at| (at.host, at.service) == (Host::Mail, Service::Mx)).collect();
    assert_eq!((at.len(), at[0].address.port()), (2, at[1].address.port()));
    for at in at {
        assert!(Client::connect(at.address).await.expect("open").reply().await.starts_with("220"), "{at}");
    }
}

#[tokio::test]
async fn options_that_cannot_work_are_refused_in_words() {
    let address = |text: &str| vec![text.parse().expect("an address")];
    let refusal = async |options| Lab::start(options).await.expect_err("refused").to_string();
    let none = LabOptions { addresses: vec![], ..LabOptions::default() };
    assert!(refusal(none).await.contains("no address"));
    let public = LabOptions { addresses: address("192.0.2.1"), ..LabOptions::default() };
    assert!(refusal(public).await.contains("not a loopback address"));
    let twice = LabOptions { addresses: address("127.0.0.2"), ..LabOptions::default() };
    assert!(refusal(twice).await.contains("twice"));
    let base = LabOptions { ports: Ports::Base(65_000), ..LabOptions::default() };
    assert!(refusal(base).await.contains("too high"));
    let lab = lab().await;
    let port = lab.dns().port().checked_sub(Service::Dns.well_known_port()).expect("a high port");
    let taken = LabOptions { ports: Ports::Base(port), ..LabOptions::default() };
    assert!(refusal(taken).await.contains("cannot listen"));
}

#[tokio::test]
async fn the_web_server_has_its_pages() {
    let lab = lab().await;
    let port = |service| lab.endpoint(Host::Mail, service).expect("the service").port();
    let imaps = format!("<port>{}</port>", port(Service::Imaps));
    let submissions = format!("<Port>{}</Port>", port(Service::Submissions));
    for (host, path, expected) in [
        ("webmail", "/", "<h1>Lab webmail</h1>"),
        ("mta-sts", "/.well-known/mta-sts.txt", "mx: mail.lab.example\r\nmx: mx2.lab.example\r\n"),
        ("webmail", "/.well-known/mta-sts.txt", "404 Not Found"),
        ("webmail", "/owa/healthcheck.htm", "200 OK<br/>MAIL.LAB.EXAMPLE"),
        ("webmail", "/Microsoft-Server-ActiveSync/healthcheck.htm", "200 OK<br/>"),
        ("autoconfig", "/mail/config-v1.1.xml?emailaddress=a%40lab.example", imaps.as_str()),
        ("autodiscover", "/autodiscover/autodiscover.xml", submissions.as_str()),
        ("rdap", "/domain/lab.example", "\"eventAction\":\"expiration\""),
        ("rdap", "/domain/other.example", "404 Not Found"),
    ] {
        let page = page(&lab, &format!("{host}.lab.example"), path).await;
        assert!(page.contains(expected), "{host}{path}: {page}");
    }
}

#[tokio::test]
async fn the_status_can_be_written_as_json() {
    let lab = lab().await;
    lab.switch(Fault::SmtpStopped, Switch::On).await;
    let status = serde_json::to_value(lab.status()).expect("JSON");
    assert_eq!(status["faults"][0]["name"], "smtp-stopped");
    assert_eq!(status["queue"]["length"], 0);
    assert_eq!(status["mailboxes"].as_array().map(Vec::len), Some(7));
    let listeners = status["listeners"].as_array().expect("a list");
    let closed =
        listeners.iter().filter(|at| at["open"] == false).map(|at| at["service"].as_str().expect("a name"));
    assert_eq!(closed.collect::<Vec<_>>(), ["mx", "mx", "submission", "submissions"]);
    assert!(!status.to_string().contains("-password"));
}

#[tokio::test]
async fn nobody_is_told_about_a_bounce_that_cannot_be_delivered() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "alice").await;
    assert!(send(&mut smtp, "", "nobody@outside.example", "bounce").await.starts_with("250"));
    // A mail that can be delivered, sent after it, shows that the first is done with.
    assert!(send(&mut smtp, "alice@lab.example", "bob@lab.example", "after").await.starts_with("250"));
    await_mail(&lab, "bob", "INBOX", "Subject: after").await;
    let status = lab.status();
    assert_eq!(status.queue.length, 0, "{:?}", status.queue);
    let mails = |name: &str| {
        let mailbox = status.mailboxes.iter().find(|mailbox| mailbox.address.starts_with(name));
        mailbox.expect("a mailbox").folders.iter().map(|(_, count)| count).sum::<usize>()
    };
    assert_eq!((mails("alice"), mails("bob"), mails("postmaster")), (0, 1, 0));
}

#[tokio::test]
async fn reading_marks_a_mail_as_seen_and_peeking_does_not() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "alice").await;
    send(&mut smtp, "alice@lab.example", "bob@lab.example", "seen").await;
    await_mail(&lab, "bob", "INBOX", "Subject: seen").await;
    let mut imap = reader(&lab, "bob").await;
    for (open, command, expected) in [
        ("SELECT", "FETCH 1 BODY.PEEK[]", "FLAGS ()"),
        ("EXAMINE", "FETCH 1 BODY[]", "FLAGS ()"),
        ("SELECT", "FETCH 1 RFC822.HEADER", "FLAGS ()"),
        ("SELECT", "FETCH 1 BODY[TEXT]", "FLAGS (\\Seen)"),
    ] {
        imap.command(&format!("{open} INBOX")).await;
        imap.command(command).await;
        let flags = imap.command("FETCH 1 FLAGS").await;
        assert!(flags.contains(expected), "{open}, {command}: {flags}");
    }
}

#[tokio::test]
async fn a_stopped_lab_leaves_its_ports() {
    let first = lab().await;
    let taken: Vec<_> = first.endpoints().iter().map(|at| at.address).collect();
    let mut open = Client::to(&first, Service::Mx).await;
    open.reply().await;
    first.stop().await;
    assert_eq!(open.rest().await, "");
    for address in taken {
        assert!(tokio::net::TcpListener::bind(address).await.is_ok(), "{address} is still taken");
    }
}
