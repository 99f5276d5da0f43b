//! Whole assessments of a mail service in this process, healthy and under each fault that it has.

mod proof;

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use secrecy::SecretString;
use watchpost_lab::{Fault, Host, Lab, LabOptions, Place, Service as Port, Switch};

use super::*;
use crate::cause::Cause;
use crate::service::{
    Account, Elsewhere, Endpoint, HostName, LoginMethod, Mailbox, Protocol, Registry, Service, TlsMode,
    WebPage, authorities_from_pem,
};

/// A delay that is longer than what is called slow, and short enough for a test.
fn options() -> LabOptions {
    LabOptions { delay: Duration::from_millis(600), ..LabOptions::default() }
}

fn host(lab: &Lab, host: Host) -> HostName {
    HostName::parse(&lab.host_name(host)).unwrap()
}

fn endpoint(lab: &Lab, at: Host, port: Port, protocol: Protocol, tls: TlsMode) -> Endpoint {
    Endpoint { protocol, host: host(lab, at), port: lab.endpoint(at, port).unwrap().port(), tls }
}

fn account(lab: &Lab, name: &str) -> Account {
    let account = lab.account(name).unwrap();
    Account {
        mailbox: Mailbox::parse(&account.address).unwrap(),
        login: account.address.clone(),
        secret: SecretString::from(account.password.clone()),
        method: LoginMethod::Password,
    }
}

/// The lab as a service of the configuration, with short limits.
pub(crate) fn service(lab: &Lab) -> Service {
    use TlsMode::{Implicit, Starttls};
    let mut service = Service::new("lab", HostName::parse(lab.domain()).unwrap());
    service.incoming.port = lab.endpoint(Host::Mail, Port::Mx).unwrap().port();
    service.endpoints = vec![
        endpoint(lab, Host::Mail, Port::Submission, Protocol::Submission, Starttls),
        endpoint(lab, Host::Mail, Port::Submissions, Protocol::Submission, Implicit),
        endpoint(lab, Host::Mail, Port::Imap, Protocol::Imap, Starttls),
        endpoint(lab, Host::Mail, Port::Imaps, Protocol::Imap, Implicit),
        endpoint(lab, Host::Mail, Port::Pop3, Protocol::Pop3, Starttls),
    ];
    service.resolvers = vec![lab.dns()];
    service.allow = ["127.0.0.0/8", "::1/128", "192.0.2.25/32"].map(|net| net.parse().unwrap()).to_vec();
    service.allow_ports = lab.endpoints().iter().map(|endpoint| endpoint.address.port()).collect();
    service.authorities = authorities_from_pem(lab.ca_pem().as_bytes()).unwrap();
    service.probe = Some(account(lab, "probe"));
    service.foreign_recipient = Some(Mailbox::parse("echo@outside.example").unwrap());
    service.outbound = vec![lab.outbound()];
    service.blocklists = vec![HostName::parse(&lab.blocklist()).unwrap()];
    let (short, whole) = (Duration::from_millis(1200), Duration::from_millis(6000));
    let limits = &mut service.limits;
    (limits.connect, limits.greeting, limits.reply, limits.whole) = (short, short, short, whole);
    (limits.delivery_wait, limits.slow_reply) = (Duration::from_millis(1000), Duration::from_millis(500));
    service
}

/// The lab's other organisation as the provider of a second mailbox.
pub(crate) fn elsewhere(lab: &Lab) -> Elsewhere {
    Elsewhere {
        account: account(lab, "echo"),
        submission: endpoint(lab, Host::Outside, Port::Submissions, Protocol::Submission, TlsMode::Implicit),
        imap: endpoint(lab, Host::Outside, Port::Imaps, Protocol::Imap, TlsMode::Implicit),
    }
}

async fn assess(service: &Service, set: Set) -> Assessment {
    Prober::default().assess(service, set, chrono::Utc::now(), &Silent).await
}

/// What is wrong, each in a line.
fn wrong(assessment: &Assessment) -> String {
    let wrong = assessment.findings.iter().filter(|finding| finding.cause.is_some());
    let line = |f: &Finding| {
        let facts: Vec<String> = f.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let facts: String =
            facts.into_iter().filter(|fact| !fact.starts_with("cert")).collect::<Vec<_>>().join("; ");
        let facts: String = facts.chars().take(300).collect();
        format!("    {} {} {:?} {:?} {facts}\n", f.check, f.target, f.verdict, f.cause.map(Cause::name))
    };
    wrong.map(line).collect()
}

#[tokio::test]
async fn a_healthy_service_is_ok_in_every_way() {
    let lab = Lab::start(options()).await.unwrap();
    let mut service = service(&lab);
    service.elsewhere = Some(elsewhere(&lab));
    let found = assess(&service, Set::Full).await;
    assert_eq!((found.verdict, found.cause), (Verdict::Ok, None), "\n{}", wrong(&found));
    let can = found.capabilities.each().map(|(_, verdict)| verdict);
    assert_eq!(can, [Verdict::Ok; 4]);
    for check in ["delivery", "inbound", "outbound"] {
        let mail = found.findings.iter().find(|finding| finding.check == check).unwrap();
        assert_eq!(
            (mail.verdict, mail.facts.get("found"), mail.facts.get("deleted")),
            (Verdict::Ok, Some("yes"), Some("yes")),
            "{mail:?}"
        );
    }
}

/// How many labs go through the table side by side: more would make all of them slow, and slowness is a finding.
const SIDE_BY_SIDE: usize = 6;

/// What a correct diagnosis says under each fault, as the lab itself has it.
const CAUSES: &str = include_str!("../../lab/causes.tsv");

#[tokio::test]
async fn each_fault_of_the_lab_has_its_verdict_and_cause() {
    let mut rows: Vec<Row> = CAUSES.lines().filter_map(Row::read).collect();
    assert_eq!(rows.len(), Fault::all().count(), "a line for each fault");
    // The longest goes first, and whoever is done takes the next: nobody waits at the end.
    rows.sort_by_key(|row| row.fault != Fault::Slow);
    let (rows, next) = (&rows, &AtomicUsize::new(0));
    let labs = (0..SIDE_BY_SIDE).map(|_| async move {
        let lab = Lab::start(options()).await.unwrap();
        let mut different = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            different.extend(difference(&lab, row).await);
        }
        different
    });
    let different: Vec<String> = join_all(labs).await.into_iter().flatten().collect();
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
}

/// A line of the lab's table.
struct Row {
    fault: Fault,
    verdicts: Vec<&'static str>,
    causes: Vec<&'static str>,
    affected: &'static str,
    needs: &'static str,
}

impl Row {
    /// `None` for the head and for remarks.
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let fault = Fault::by_name(fields.next()?)?;
        let mut list = || fields.next().map(|field| field.split('|').collect());
        let (verdicts, causes) = (list()?, list()?);
        let affected = fields.next()?;
        Some(Self { fault, verdicts, causes, affected, needs: fields.next()? })
    }
}

/// Switches one fault on for one assessment, and says where that differs from the table.
async fn difference(lab: &Lab, row: &Row) -> Option<String> {
    lab.switch(row.fault, Switch::On).await;
    let mut service = service(lab);
    equip(&mut service, lab, row.needs);
    if row.fault == Fault::Slow {
        // Slow is not silent, also on a machine that has much to do.
        let (long, whole) = (Duration::from_secs(8), Duration::from_secs(40));
        (service.limits.greeting, service.limits.reply, service.limits.whole) = (long, long, whole);
    }
    let found = assess(&service, Set::Full).await;
    lab.clear().await;
    let cause = found.cause.map_or("-", Cause::name);
    let as_told = row.verdicts.contains(&found.verdict.word()) && row.causes.contains(&cause);
    let hurt = if NOT_SEEN.contains(&row.fault) { row.affected.to_owned() } else { hurt(&found) };
    let as_told = as_told && hurt == row.affected;
    let told = format!("{} {}, hurting {}", row.verdicts.join("|"), row.causes.join("|"), row.affected);
    (!as_told).then(|| {
        let found_word = found.verdict.word();
        format!("{:?}: {found_word} {cause}, hurting {hurt}, not {told}\n{}", row.fault, wrong(&found))
    })
}

/// The capabilities that are lost or hurt, as the table writes them.
fn hurt(found: &Assessment) -> String {
    let can = found.capabilities;
    let each = [("receive", can.receive), ("send", can.send), ("internal", can.internal), ("read", can.read)];
    let hurt = each.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Down | Verdict::Degraded));
    let hurt: Vec<&str> = hurt.map(|(name, _)| *name).collect();
    if hurt.is_empty() { "-".to_owned() } else { hurt.join(",") }
}

/// Faults of which the table knows more than can be seen from outside, or less: who cannot log in cannot see that mail is
/// not delivered, a mail that nobody takes is not delivered to colleagues either, and the certificate of a host is not for
/// its alias.
const NOT_SEEN: [Fault; 7] = [
    Fault::MxCname,
    Fault::DovecotDown,
    Fault::AuthTempfail,
    Fault::StoreFull,
    Fault::DirectoryBroken,
    Fault::HugeLiteral,
    Fault::LateBanner,
];

/// What the checks must be given for the fault to be seen at all.
fn equip(service: &mut Service, lab: &Lab, needs: &str) {
    let https = lab.endpoint(Host::Mail, Port::Https).unwrap().port();
    let page = |name: &str| format!("https://{name}.{}:{https}/", lab.domain());
    match needs {
        "outside" => service.elsewhere = Some(elsewhere(lab)),
        "token" => {
            let probe = service.probe.as_mut().unwrap();
            probe.method = LoginMethod::Xoauth2;
            probe.secret = SecretString::from(lab.account("probe").unwrap().token.clone());
        }
        "rdap" => service.registry = Some(Registry::At(page("rdap"))),
        "webmail" => {
            let (name, url) = ("webmail".to_owned(), page("webmail"));
            service.web = vec![WebPage { name, url, status: 200, text: Some("Log in".into()) }];
        }
        "policy" => service.https_port = https,
        _ => {}
    }
    service.dkim_selectors = vec!["lab".to_owned()];
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_the_configuration_does_not_allow() {
    let lab = Lab::start(options()).await.unwrap();
    let mut service = service(&lab);
    service.allow = vec![];
    let found = assess(&service, Set::Full).await;
    let connected = found.findings.iter().any(|finding| finding.facts.get("connected after").is_some());
    assert!(!connected, "{:#?}", found.findings);
    let refused = found.findings.iter().find_map(|finding| finding.facts.get("not connected to"));
    let loopback = IpAddr::from([127, 0, 0, 1]);
    assert!(
        refused.is_some_and(|why| why.contains(&format!("{loopback} is not a public address"))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_report_that_comes_back_says_why() {
    let lab = Lab::start(options()).await.unwrap();
    lab.switch(Fault::OutboundRejected, Switch::On).await;
    let mut service = service(&lab);
    service.elsewhere = Some(elsewhere(&lab));
    let found = assess(&service, Set::Functional).await;
    let outbound = found.findings.iter().find(|finding| finding.check == "outbound").unwrap();
    assert_eq!(outbound.facts.get("found"), Some("no, a report came back"), "{outbound:?}");
    assert!(outbound.facts.get("status").is_some_and(|status| status == "5.7.26"), "{outbound:?}");
    assert_eq!(found.cause, Some(Cause::MailAuthenticationFailed), "\n{}", wrong(&found));
    assert_eq!((found.capabilities.send, found.capabilities.receive), (Verdict::Down, Verdict::Ok));
}

#[tokio::test]
async fn a_server_that_greets_late_is_asked_behind_the_run_and_known_in_the_next() {
    let lab = Lab::start(options()).await.unwrap();
    lab.switch(Fault::LateBanner, Switch::On).await;
    let (prober, service) = (Prober::default(), service(&lab));
    let now = chrono::Utc::now();
    let first = prober.assess(&service, Set::Fast, now, &Silent).await;
    // People's ports greet, so port 25 is not called down before it was asked with patience.
    assert_eq!(
        (first.verdict, first.cause),
        (Verdict::Degraded, Some(Cause::NoBanner)),
        "\n{}",
        wrong(&first)
    );
    let silent =
        first.findings.iter().find_map(|f| f.at.as_ref().filter(|_| f.cause == Some(Cause::NoBanner)));
    let (_, address) = silent.unwrap();
    while !matches!(prober.memory().of(&service.name).patience(*address), Some(patience::Patience::Greets(_)))
    {
        tokio::task::yield_now().await;
    }
    let second = prober.assess(&service, Set::Fast, now, &Silent).await;
    let told = second.findings.iter().any(|finding| finding.facts.get("greets after").is_some());
    assert!(told, "\n{}", wrong(&second));
}

#[tokio::test]
async fn what_changed_since_the_service_last_worked_stands_beside_the_fault() {
    let lab = Lab::start(options()).await.unwrap();
    let (prober, service) = (Prober::default(), service(&lab));
    let now = chrono::Utc::now();
    assert_eq!(prober.assess(&service, Set::Fast, now, &Silent).await.verdict, Verdict::Ok);
    lab.switch(Fault::MxDead, Switch::On).await;
    let found = prober.assess(&service, Set::Fast, now, &Silent).await;
    assert_eq!(found.cause, Some(Cause::ConnectionRefused));
    let mx = found.findings.iter().find(|finding| finding.check == "mx").unwrap();
    assert!(
        mx.facts.get("mx was").is_some_and(|was| was.starts_with("10 mail.lab.example")),
        "{:?}",
        mx.facts
    );
}

/// Two faults of different layers at once: the worse one on top, the other beside it, unless it follows.
const PAIRS: [(Fault, Fault, Cause, Cause); 7] = [
    (Fault::CertificateExpired, Fault::Dnsbl, Cause::CertificateExpired, Cause::Blocklisted),
    (Fault::ImapDown, Fault::SpfMissing, Cause::ImapDown, Cause::MailAuthenticationMissing),
    (Fault::QueueFull, Fault::PtrMissing, Cause::StorageFull, Cause::ReverseNameMissing),
    (Fault::ImapDown, Fault::OpenRelay, Cause::ImapDown, Cause::RelayOpen),
    (Fault::WrongPassword, Fault::MxMissing, Cause::MxMissing, Cause::ProbePasswordWrong),
    (Fault::TlsOld, Fault::ImapDown, Cause::TlsTooOld, Cause::ImapDown),
    (Fault::AuthDown, Fault::DkimRevoked, Cause::LoginBackendDown, Cause::MailAuthenticationFailed),
];

#[tokio::test]
async fn two_faults_at_once_are_both_named() {
    let lab = Lab::start(options()).await.unwrap();
    let mut different = Vec::new();
    for (one, other, first, second) in PAIRS {
        lab.switch(one, Switch::On).await;
        lab.switch(other, Switch::On).await;
        let mut service = service(&lab);
        service.dkim_selectors = vec!["lab".to_owned()];
        let found = assess(&service, Set::Full).await;
        lab.clear().await;
        let both = [found.cause].into_iter().flatten().chain(found.independent.iter().copied());
        let both: Vec<Cause> = both.collect();
        // A script reads the same as a person.
        let json = serde_json::to_value(&found).unwrap();
        let names: Vec<&str> = found.independent.iter().map(|cause| cause.name()).collect();
        assert_eq!(json["independent"], serde_json::json!(names));
        if both.first() != Some(&first) || !both.contains(&second) {
            different.push(format!("{one:?} and {other:?}: {both:?}\n{}", wrong(&found)));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Heavy: `cargo test -p watchpost --lib a_healthy_service_a_hundred_times -- --ignored`
#[tokio::test]
#[ignore = "a measurement: a hundred full assessments"]
async fn a_healthy_service_a_hundred_times_is_never_accused() {
    let lab = Lab::start(options()).await.unwrap();
    let mut service = service(&lab);
    service.elsewhere = Some(elsewhere(&lab));
    service.dkim_selectors = vec!["lab".to_owned()];
    let prober = Prober::default();
    for number in 0..100 {
        let found = prober.assess(&service, Set::Full, chrono::Utc::now(), &Silent).await;
        let above = found.findings.iter().any(|finding| finding.verdict != Verdict::Ok);
        assert!(!above, "run {number}\n{}", wrong(&found));
    }
}

#[tokio::test]
async fn a_clock_of_our_own_that_is_wrong_accuses_no_certificate() {
    let lab = Lab::start(options()).await.unwrap();
    let mut service = service(&lab);
    let https = lab.endpoint(Host::Mail, Port::Https).unwrap().port();
    service.https_port = https;
    service.control_hosts = vec![(HostName::parse(&format!("webmail.{}", lab.domain())).unwrap(), https)];
    let later = chrono::Utc::now() + chrono::TimeDelta::days(200);
    let found = Prober::default().assess(&service, Set::Hygiene, later, &Silent).await;
    assert_eq!(found.cause, Some(Cause::OwnClockWrong), "\n{}", wrong(&found));
    assert_eq!(found.verdict, Verdict::Unknown, "\n{}", wrong(&found));
    let right = Prober::default().assess(&service, Set::Hygiene, chrono::Utc::now(), &Silent).await;
    assert_eq!((right.verdict, right.cause), (Verdict::Ok, None), "\n{}", wrong(&right));
}

#[tokio::test]
async fn a_name_server_that_is_silent_is_named_while_the_others_answer() {
    let lab = Lab::start(options()).await.unwrap();
    let mut service = service(&lab);
    service.name_server_port = lab.dns().port();
    service.resolvers = vec![lab.endpoint(Host::Backup, Port::Dns).unwrap()];
    let well = assess(&service, Set::Hygiene).await;
    assert_eq!(well.cause, None, "\n{}", wrong(&well));
    lab.switch_at(Fault::DnsHung, Place::host(Host::Mail), Switch::On).await;
    let found = assess(&service, Set::Hygiene).await;
    assert_eq!(found.cause, Some(Cause::DnsTimeout), "\n{}", wrong(&found));
    let told = found.findings.iter().find_map(|finding| finding.facts.get("does not answer"));
    assert!(told.is_some_and(|told| told.starts_with("ns.lab.example ")), "{told:?}");
}

#[tokio::test]
async fn a_mail_that_a_stranger_hands_in_is_found() {
    let lab = Lab::start(options()).await.unwrap();
    let mut service = service(&lab);
    (service.loop_by_mx, service.helo) = (true, Some(HostName::parse("watch.outside.example").unwrap()));
    let found = Prober::default().assess_only(&service, &["by-mx"], chrono::Utc::now(), &Silent).await;
    let mail = found.findings.iter().find(|finding| finding.check == "by-mx").unwrap();
    assert_eq!((mail.verdict, mail.facts.get("found")), (Verdict::Ok, Some("yes")), "{mail:?}");
    assert_eq!(found.findings.len(), 1, "only the check that was named ran");
}

/// A SOCKS proxy that leads to this place whatever it is asked for, or refuses everything.
async fn second_place(leads_to: Option<std::net::SocketAddr>) -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut asked = [0; 10];
            client.read_exact(&mut asked[..3]).await.unwrap();
            client.write_all(&[5, 0]).await.unwrap();
            client.read_exact(&mut asked).await.unwrap();
            let Some(place) = leads_to else {
                client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
                continue;
            };
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            let mut server = tokio::net::TcpStream::connect(place).await.unwrap();
            // The client hangs up as soon as it has heard the greeting.
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
    });
    address
}

#[tokio::test]
async fn what_a_second_place_reaches_is_not_down() {
    let lab = Lab::start(options()).await.unwrap();
    let mx = lab.endpoint(Host::Mail, Port::Mx).unwrap();
    let mut service = service(&lab);
    // Nobody listens at that address: from here the host refuses.
    let host = HostName::parse("mx.lab.example").unwrap();
    service.incoming.fixed_hosts = vec![host.clone()];
    service.fixed_addresses = [(host, vec![IpAddr::from([127, 0, 0, 99])])].into();
    service.endpoints.clear();
    assert_eq!(assess(&service, Set::Fast).await.cause, Some(Cause::ConnectionRefused));
    service.vantage = Some(second_place(None).await);
    let down = assess(&service, Set::Fast).await;
    assert_eq!(
        (down.verdict, down.cause),
        (Verdict::Down, Some(Cause::ConnectionRefused)),
        "\n{}",
        wrong(&down)
    );
    let told = down.findings.iter().find_map(|finding| finding.facts.get(vantage::SEEN));
    assert_eq!(told, Some("connection refused"));
    service.vantage = Some(second_place(Some(mx)).await);
    let banned = assess(&service, Set::Fast).await;
    let found = (banned.verdict, banned.cause, banned.capabilities.receive);
    assert_eq!(
        found,
        (Verdict::Unknown, Some(Cause::ProberBlocked), Verdict::Unknown),
        "\n{}",
        wrong(&banned)
    );
}
