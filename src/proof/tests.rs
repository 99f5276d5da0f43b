//! From findings to cells, as a table of what a reader must be told.

use super::*;
use crate::cause::Cause;
use crate::check::{Finding, Path};
use crate::service::{HostName, TlsMode};
use crate::transport::{Target, vet};

/// What `[service.main]` with two nodes gives.
fn service() -> Service {
    let mut service = Service::new("main", HostName::parse("example.org").expect("a name"));
    service.allow = vec!["127.0.0.0/8".parse().expect("a net")];
    service
}

fn at(check: &'static str, address: &str, path: Path) -> Finding {
    let socket: std::net::SocketAddr = address.parse().expect("an address");
    let address = vet(socket.ip(), socket.port(), &service()).expect("allowed");
    let host = HostName::parse("mail.example.org").expect("a name");
    Finding::at(check, &Target { address, host, tls: TlsMode::Starttls }, path)
}

fn journey(check: &'static str) -> Finding {
    Finding::ok(check, "probe@example.org", Path::Delivery).fact("found", "yes")
}

fn only(cell: Cell, findings: &[Finding]) -> Measured {
    measure(std::slice::from_ref(&cell), findings).remove(0)
}

#[test]
fn one_port_of_one_node_makes_it_red_and_is_named() {
    let expired =
        at("submission", "127.0.0.2:587", Path::Outgoing).judged(Verdict::Down, Cause::CertificateExpired);
    let findings = [
        at("submission", "127.0.0.1:465", Path::Outgoing),
        at("submission", "127.0.0.2:465", Path::Outgoing),
        at("submission", "127.0.0.1:587", Path::Outgoing),
        expired,
    ];
    let measured = only(Cell::Submission, &findings);
    assert_eq!((measured.state, measured.lasting), (State::Red, true));
    insta::assert_snapshot!(measured.why, @"465 is good; 587 on mail.example.org (127.0.0.2): the certificate has expired");
}

#[test]
fn what_was_not_measured_is_never_green() {
    let good = || at("imap", "127.0.0.1:993", Path::Reading);
    let blind = good().judged(Verdict::Unknown, Cause::OwnNetwork);
    let refused = good().judged(Verdict::Unknown, Cause::ProbePasswordWrong);
    let slow = good().judged(Verdict::Down, Cause::ConnectionTimeout);
    let table = [
        (vec![], State::Unmeasured, false),
        (vec![good()], State::Green, false),
        (vec![blind.clone()], State::Unmeasured, false),
        // Our own network has no way to one address; the other answers.
        (vec![good(), blind], State::Green, false),
        (vec![good(), refused], State::Unmeasured, false),
        (vec![good(), slow], State::Red, false),
        (vec![good().judged(Verdict::Degraded, Cause::ServerSlow)], State::Amber, false),
        (vec![good().judged(Verdict::Down, Cause::ConnectionRefused)], State::Red, true),
    ];
    for (findings, state, lasting) in table {
        let measured = only(Cell::Imap, &findings);
        assert_eq!((measured.state, measured.lasting), (state, lasting), "{findings:?}");
    }
}

#[test]
fn the_ways_that_cannot_be_measured_say_why() {
    for (cell, why) in [
        (Cell::In, "no mailbox at another provider is configured"),
        (Cell::Internal, "no probe mailbox is configured"),
        (Cell::Attachment, "only tried in a proof"),
        (Cell::Delay, "no mail arrived to be timed"),
        (Cell::Manual("my phone sends".to_owned()), "a person ticks it"),
    ] {
        assert_eq!(only(cell, &[]).why, why);
    }
}

#[test]
fn late_mail_is_red_for_the_delay_and_may_pass() {
    let late = journey("delivery").took(42_000).judged(Verdict::Degraded, Cause::DeliverySlow);
    let measured = only(Cell::Delay, &[journey("inbound"), late]);
    assert_eq!((measured.state, measured.lasting), (State::Red, false));
    assert_eq!(measured.why, "delivery took 42 s");
    assert_eq!(only(Cell::Delay, &[journey("delivery")]).state, State::Green);
}

#[test]
fn each_store_has_a_cell_of_its_own() {
    let of = |address: &'static str| Finding::ok("stores", address, Path::Aside).fact("mailbox", address);
    let down = of("b@example.org").judged(Verdict::Down, Cause::MailboxServerDown);
    let findings = [of("a@example.org"), down];
    let cells = [Cell::Mailbox("a@example.org".to_owned()), Cell::Mailbox("b@example.org".to_owned())];
    let states: Vec<State> = measure(&cells, &findings).into_iter().map(|measured| measured.state).collect();
    assert_eq!(states, [State::Green, State::Red]);
}

#[test]
fn the_matrix_comes_from_the_service() {
    let text = r#"
[organisation]
name = "Example"
[service.main]
domain = "example.org"
host = "mail.example.org"
pop3 = ["mail.example.org:995"]
attachment_kib = 1024
manual_proof = ["my phone sends"]
blocklists = ["zen.example.net"]
[service.main.probe]
address = "probe@example.org"
password_env = "PASSWORD"
[[service.main.store_probe]]
address = "north@example.org"
password_env = "PASSWORD"
[[service.main.web]]
name = "webmail"
url = "https://webmail.example.org/"
"#;
    let environment = crate::config::Environment::from_iter([("PASSWORD", "secret")]);
    let config = Config::parse(std::path::Path::new("watchpost.toml"), text, &environment).expect("sound");
    let rules = Rules::of(&config);
    let names: Vec<String> = rules.cells_of(Some(&"main".into())).iter().map(Cell::to_string).collect();
    insta::assert_snapshot!(names.join("; "), @"mail servers outside get in; mail from another provider arrives; log in and hand in mail; mail to another provider arrives; mail inside the house; read by IMAP; fetch by POP3; north@example.org; webmail; large attachment; mail arrives in time; on no blocklist; my phone sends");
    assert_eq!((rules.rounds, rules.lasts.as_secs(), rules.watch.as_secs()), (3, 600, 86_400));
    assert_eq!(rules.cells_of(Some(&"other".into())), []);
}
