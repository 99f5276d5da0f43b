//! From the end of a connection, and from its certificate, to verdict and cause.

use chrono::{DateTime, Utc};
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Verdict};
use crate::cause::Cause;
use crate::protocol::{Phase, ProtocolFault};
use crate::service::Limits;
use crate::transport::{Certificate, CertificateFlaw, Connection, Ending, TlsFault};

/// Who connects to a port: that decides what a bad certificate is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clients {
    /// Other mail servers, which take TLS as it comes (RFC 7435).
    Servers,
    /// People's programs, which refuse.
    Programs,
}

/// What a connection that did not come to its end says. `None` if it did.
pub(super) fn broken(connection: &Connection) -> Option<(Verdict, Cause)> {
    let down = |cause| Some((Verdict::Down, cause));
    match (&connection.ending, connection.phase) {
        (Ending::Finished, _) => None,
        (Ending::Own(_), _) => Some((Verdict::Unknown, Cause::OwnNetwork)),
        (Ending::Refused, _) => down(Cause::ConnectionRefused),
        (Ending::Unreachable, _) => down(Cause::DestinationUnreachable),
        (Ending::ConnectTimeout, _) => down(Cause::ConnectionTimeout),
        (Ending::Broken(ProtocolFault::TlsWhereClearText), _) => down(Cause::TlsWrongMode),
        (Ending::Broken(_) | Ending::TooMuch, _) => down(Cause::ProtocolViolation),
        (Ending::Tls(fault), _) => down(of_tls(fault)),
        (Ending::Timeout, Phase::Greeting) => down(Cause::NoBanner),
        (Ending::Closed, Phase::Greeting | Phase::Connect) => down(Cause::ClosedBeforeBanner),
        // RCPT asks the directory and the policy services: who hangs there waits for one of them.
        (Ending::Timeout, Phase::Sender | Phase::Recipient) => down(Cause::DirectoryBroken),
        (Ending::Timeout, Phase::Login) => down(Cause::LoginBackendSlow),
        (Ending::Closed, Phase::Login) => down(Cause::LoginBackendDown),
        (Ending::Timeout, Phase::Mailbox) => down(Cause::StorageOverload),
        (Ending::Timeout, Phase::Data | Phase::Message) => down(Cause::FilterDown),
        (Ending::Timeout, _) => down(Cause::ServerHung),
        (Ending::Closed, _) => down(Cause::ServerFault),
    }
}

fn of_tls(fault: &TlsFault) -> Cause {
    match fault {
        TlsFault::TooOld => Cause::TlsTooOld,
        TlsFault::ClearText => Cause::TlsWrongMode,
        TlsFault::Closed | TlsFault::Failed(_) | TlsFault::Twice => Cause::TlsHandshakeFailed,
    }
}

/// What a certificate says, as a verdict for these clients. `None` if it is good for long.
pub(super) fn certificate(
    certificate: &Certificate,
    clients: Clients,
    now: DateTime<Utc>,
    limits: &Limits,
) -> Option<(Verdict, Cause)> {
    let Some(flaw) = certificate.flaw(now) else {
        let left = (certificate.not_after - now).to_std().unwrap_or_default();
        return (left < limits.certificate_warning)
            .then_some((Verdict::Degraded, Cause::CertificateExpiring));
    };
    let cause = match flaw {
        CertificateFlaw::Expired => Cause::CertificateExpired,
        CertificateFlaw::NotYetValid => Cause::CertificateNotYetValid,
        CertificateFlaw::Untrusted => Cause::CertificateUntrusted,
        CertificateFlaw::Name => Cause::CertificateName,
    };
    let verdict = match clients {
        Clients::Servers => Verdict::Degraded,
        Clients::Programs => Verdict::Down,
    };
    Some((verdict, cause))
}

/// Writes what is known of the connection into a finding.
pub(super) fn describe(mut finding: Finding, connection: &Connection) -> Finding {
    finding.millis = connection.millis;
    if let Some(connected) = connection.connected {
        finding.facts.add(to_say!("connected after"), say!("{connected} ms"));
    }
    if connection.ending != Ending::Finished {
        finding.facts.add("ended", say!("{} at {}", connection.ending, connection.phase.words()));
    }
    let Some(tls) = &connection.tls else {
        return finding;
    };
    if let Some(version) = tls.version {
        finding.facts.add("tls", version);
    }
    if let Some(certificate) = &tls.certificate {
        finding.facts.add(to_say!("certificate for"), certificate.names.join(", "));
        finding.facts.add(to_say!("certificate from"), certificate.not_before.format("%Y-%m-%d %H:%M UTC"));
        finding.facts.add(to_say!("certificate until"), certificate.not_after.format("%Y-%m-%d %H:%M UTC"));
        finding.facts.add(to_say!("certificate issuer"), &certificate.issuer);
        finding.facts.add(to_say!("certificate sha256"), &certificate.fingerprint);
    }
    finding
}

/// Whether most replies were slow: half of them at least, and no fewer than two. One slow reply may be a tarpit or a
/// look-up; a slow greeting alone is often meant so.
pub(super) fn slow(waits: &[u64], limits: &Limits) -> bool {
    let limit = u64::try_from(limits.slow_reply.as_millis()).unwrap_or(u64::MAX);
    let slow = waits.iter().filter(|wait| **wait >= limit).count();
    slow >= 2 && slow * 2 >= waits.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_end(ending: Ending, phase: Phase, expected: Option<(Verdict, Cause)>) {
        let connection = Connection { ending, phase, connected: Some(1), tls: None, millis: 2 };
        assert_eq!(broken(&connection), expected);
    }

    #[test]
    fn where_a_dialogue_breaks_says_why() {
        let down = |cause| Some((Verdict::Down, cause));
        check_end(Ending::Finished, Phase::Quit, None);
        check_end(Ending::Refused, Phase::Connect, down(Cause::ConnectionRefused));
        check_end(Ending::ConnectTimeout, Phase::Connect, down(Cause::ConnectionTimeout));
        check_end(
            Ending::Own(std::io::ErrorKind::NetworkUnreachable),
            Phase::Connect,
            Some((Verdict::Unknown, Cause::OwnNetwork)),
        );
        check_end(Ending::Timeout, Phase::Greeting, down(Cause::NoBanner));
        check_end(Ending::Closed, Phase::Greeting, down(Cause::ClosedBeforeBanner));
        check_end(Ending::Broken(ProtocolFault::NotAReply), Phase::Greeting, down(Cause::ProtocolViolation));
        check_end(
            Ending::Broken(ProtocolFault::TlsWhereClearText),
            Phase::Greeting,
            down(Cause::TlsWrongMode),
        );
        check_end(Ending::Tls(TlsFault::TooOld), Phase::Handshake, down(Cause::TlsTooOld));
        check_end(Ending::Tls(TlsFault::ClearText), Phase::Handshake, down(Cause::TlsWrongMode));
        check_end(Ending::Timeout, Phase::Recipient, down(Cause::DirectoryBroken));
        check_end(Ending::Timeout, Phase::Login, down(Cause::LoginBackendSlow));
        check_end(Ending::Closed, Phase::Login, down(Cause::LoginBackendDown));
        check_end(Ending::Timeout, Phase::Hello, down(Cause::ServerHung));
    }

    #[test]
    fn slow_is_more_than_one_slow_reply() {
        let limits = Limits::default();
        assert!(!slow(&[], &limits));
        assert!(!slow(&[4000], &limits));
        assert!(!slow(&[4000, 1, 1, 1, 4000], &limits));
        assert!(slow(&[2000, 2000, 3], &limits));
    }
}
