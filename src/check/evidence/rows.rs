//! The rows about names, the network, greetings, acceptance, encryption, login and reading.

use watchpost_texts::{say, to_say};

use super::*;
use crate::check::{ASKED_AGAIN, web};
use crate::service::WebPage;
use crate::transport::web::Page;

#[test]
fn names() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok, Unknown};
    let resolver = |verdict| vec![aside("resolver", Path::Aside, verdict, ResolverDown)];
    row(1, vec![resolver(Degraded), relay_good(), submit_good(), read_good()], Degraded, ResolverDown);
    let sound = assess(vec![resolver(Degraded), relay_good(), submit_good(), read_good()]);
    assert!(sound.capabilities.each().iter().all(|(_, verdict)| *verdict == Ok), "no alarm on mail");
    row(1, vec![resolver(Unknown)], Unknown, ResolverDown);
    let fail = Exchangers::Fault(DnsFault::ServerFailure, vec![]);
    let bogus = mx_finding(&fail).judged(Down, DnssecBroken);
    let address = aside("address", Path::Incoming, Down, DnsServfail);
    row(2, vec![vec![bogus, address.clone()]], Down, DnssecBroken);
    row(2, vec![vec![mx_finding(&fail), address]], Down, DnsServfail);
    let gone = || mx_finding(&Exchangers::Fault(DnsFault::NoSuchName, vec![]));
    row(3, vec![vec![gone()]], Down, DnsNxdomain);
    let expired = aside("registration", Path::Aside, Down, DomainExpired);
    row(3, vec![vec![gone(), expired]], Down, DomainExpired);
    let changed = || {
        let records = Exchangers::Records(vec![(10, "evil.example".into())]);
        vec![mx_finding(&records).fact(to_say!("mx was"), "10 mail.example.org.")]
    };
    row(4, vec![changed(), relay_good(), submit_good(), read_good()], Ok, DnsChanged);
    let refused = assess(vec![
        changed(),
        relay(say!("250 ok|554 5.7.1 Relay access denied|554 5.7.1 Relay access denied|554 no|554 no")),
    ]);
    assert_eq!((refused.cause, refused.independent), (Some(RelayDenied), vec![DnsChanged]), "row 4");
}

#[test]
fn network_and_greeting() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok, Unknown};
    let (v4, v6) = ("192.0.2.1", "2001:db8::1");
    row(5, vec![dead(v4, &[25, 587], &Ending::Refused), read_good()], Down, ConnectionRefused);
    row(6, vec![dead(v4, &[25, 587, 143], &Ending::ConnectTimeout)], Down, HostDown);
    row(
        7,
        vec![relay_good(), dead(v6, &[25], &Ending::ConnectTimeout), submit_good(), read_good()],
        Degraded,
        Ipv6Broken,
    );
    row(
        8,
        vec![relay_at(v4, &[], Ending::Timeout, tls(60, true)), submit_good(), read_good()],
        Degraded,
        NoBanner,
    );
    let silent: Vec<Finding> = relay_at(v4, &[], Ending::Timeout, tls(60, true));
    let silent = silent.into_iter().map(|f| f.fact(ASKED_AGAIN, say!("silent as well"))).collect();
    row(8, vec![silent, submit_good(), read_good()], Down, NoBanner);
    row(
        9,
        vec![relay_at(v4, &[], Ending::Closed, tls(60, true)), submit_good(), read_good()],
        Down,
        ClosedBeforeBanner,
    );
    let greeted =
        |line| vec![relay_at(v4, &[line], Ending::Closed, tls(60, true)), submit_good(), read_good()];
    row(10, greeted(say!("421 4.3.2 Service not available")), Down, ServerOverload);
    row(10, greeted(say!("421 mail too many connections")), Unknown, ProberRateLimited);
    row(11, greeted(say!("421 4.7.0 Try again later")), Unknown, ProberRateLimited);
    row(12, greeted(say!("521 5.3.2 mail does not accept mail")), Down, NoMailService);
    row(12, greeted(say!("554 5.7.1 Your address is on our blocklist")), Unknown, ProberBlocked);
    let control = aside("network", Path::Aside, Unknown, OwnNetwork);
    let mut control = control;
    control.at = Some((HostName::parse("example.com").unwrap(), "198.51.100.1:25".parse().unwrap()));
    row(
        37,
        vec![vec![control], dead(v4, &[25], &Ending::ConnectTimeout), submit_good(), read_good()],
        Unknown,
        OwnNetwork,
    );
    assert_eq!(
        assess(vec![relay_good(), submit_good(), read_good()]).verdict,
        Ok,
        "and nothing is wrong where nothing is"
    );
}

#[test]
fn acceptance() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok};
    let with = |replies: &str| vec![relay(replies), submit_good(), read_good()];
    let all = |reply: &str| say!("250 ok|{reply}|{reply}|{reply}|554 5.7.1 Relay access denied");
    row(
        13,
        with(say!("452 4.3.1 Insufficient system storage|503 no|503 no|503 no|503 no")),
        Down,
        StorageFull,
    );
    row(14, with(say!("250 ok|552 5.2.2 Mailbox full|250 ok|550 5.1.1 no|554 no")), Degraded, MailboxFull);
    row(14, with(say!("250 ok|452 4.2.2 Mailbox full|250 ok|550 5.1.1 no|554 no")), Degraded, MailboxFull);
    row(15, with(&all(say!("451 4.3.0 Temporary lookup failure"))), Down, DirectoryBroken);
    row(15, with(&all(say!("451 queue file write error"))), Down, StorageFault);
    row(16, with(&all(say!("451 4.7.1 Service unavailable - try again later"))), Down, FilterDown);
    row(17, with(&all(say!("450 4.2.0 Greylisted, come back later"))), Ok, Greylisting);
    row(
        18,
        with(say!("250 ok|550 5.1.1 User unknown|250 ok|550 5.1.1 User unknown|554 no")),
        Degraded,
        AddressUnknown,
    );
    row(18, with(&all(say!("550 5.1.1 User unknown"))), Down, DirectoryBroken);
    row(19, with(&all(say!("554 5.7.1 Relay access denied"))), Down, RelayDenied);
    row(21, with(&all(say!("554 5.4.6 Too many hops"))), Down, MailLoop);
}

#[test]
fn texts_of_bounces_and_queues() {
    use Cause::*;
    text(
        20,
        say!("550 5.7.26 Unauthenticated email from example.org is not accepted due to DMARC policy"),
        MailAuthenticationFailed,
    );
    text(
        20,
        say!("550 5.7.25 The IP address sending this message does not have a PTR record"),
        ReverseNameMissing,
    );
    text(
        20,
        say!("554 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.example"),
        Blocklisted,
    );
    text(21, say!("554 5.4.6 mail for example.org loops back to myself"), MailLoop);
    text(
        22,
        say!("450 4.4.1 connect to mx.example.net[192.0.2.9]:25: Connection timed out"),
        ConnectionTimeout,
    );
    text(22, say!("4.4.7 Message expired"), DeliveryExpired);
    text(
        23,
        say!(
            "451 4.4.3 Host or domain name not found. Name service error for name=example.net type=MX: Host not found, try again"
        ),
        ResolverDown,
    );
    text(24, say!("450 4.7.5 Server certificate not trusted"), CertificateUntrusted);
    text(40, say!("450 4.3.0 deferred transport"), QueueStuck);
}

#[test]
fn encryption_and_login() {
    use Cause::*;
    use Verdict::{Degraded, Down, Unknown};
    let no_tls = [say!("220 mail ESMTP"), say!("250-mail|250 PIPELINING"), ALL_TAKEN, "221 bye"];
    let bare = relay_at("192.0.2.1", &no_tls, Ending::Timeout, tls(60, true));
    row(25, vec![bare, submit_good(), read_good()], Degraded, StarttlsMissing);
    let refused = [
        say!("220 mail ESMTP"),
        say!("250-mail|250 STARTTLS"),
        say!("454 4.7.0 TLS not available"),
        "221 bye",
    ];
    row(
        26,
        vec![relay_good(), submit_with(&refused, Ending::Timeout, tls(60, true)), read_good()],
        Down,
        TlsUnavailable,
    );
    let good: Vec<&str> = HELLO.into_iter().chain(["235 in", "221 bye"]).collect();
    let shows =
        |certificate| vec![relay_good(), submit_with(&good, Ending::Timeout, certificate), read_good()];
    row(27, shows(tls(-1, true)), Down, CertificateExpired);
    row(27, shows(tls(60, false)), Down, CertificateName);
    row(27, shows(tls(3, true)), Degraded, CertificateExpiring);
    let wrong = vec![
        relay_good(),
        submit(&["535 5.7.8 no"]),
        read_then(4, &[say!("w4 NO [AUTHENTICATIONFAILED] no"), "w5 OK"]),
    ];
    row(28, wrong, Unknown, ProbePasswordWrong);
    let backend = vec![
        relay_good(),
        submit(&["454 4.7.0 Temporary"]),
        read_then(4, &[say!("w4 NO [UNAVAILABLE] later"), "w5 OK"]),
    ];
    row(29, backend, Down, LoginBackendDown);
    // A password file that cannot be read answers 535 like a wrong password; IMAP tells them apart.
    let unreadable = vec![
        relay_good(),
        submit(&["535 5.7.8 no"]),
        read_then(4, &[say!("w4 NO [UNAVAILABLE] later"), "w5 OK"]),
    ];
    row(29, unreadable, Down, LoginBackendDown);
}

#[test]
fn storage_and_pages() {
    use Cause::*;
    use Verdict::{Degraded, Down};
    let reading = |findings| vec![relay_good(), submit_good(), findings];
    row(30, reading(read(&[say!("* BYE [UNAVAILABLE] too busy")], Ending::Closed)), Down, ServerOverload);
    row(30, reading(read_then(4, &[say!("w4 NO [LIMIT] too many"), "w5 OK"])), Degraded, ConnectionLimit);
    row(31, reading(read_then(5, &[say!("w5 NO [CORRUPTION] index"), "w6 OK"])), Down, MailboxCorrupt);
    let page = WebPage {
        name: "webmail".into(),
        url: "https://webmail.example.org/".into(),
        status: 200,
        text: None,
    };
    let answer = Page { status: 502, text: String::new() };
    let failing = web::judge(Finding::ok("web", "webmail", Path::Aside), &page, &answer);
    let tier = assess(vec![relay_good(), submit_good(), read_good(), vec![failing]]);
    assert_eq!(
        (tier.verdict, tier.cause, tier.capabilities.read),
        (Degraded, Some(WebmailDown), Degraded),
        "row 39"
    );
}
