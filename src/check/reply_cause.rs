//! From a refusal to its cause: RFC 3463 and RFC 5248 for SMTP, RFC 5530 for IMAP, then the words of common servers.

use super::finding::Verdict;
use crate::cause::Cause;
use crate::protocol::Phase;
use crate::protocol::imap::response::Status;
use crate::protocol::smtp::reply::{Reply, ReplyClass};

/// What a refusal in this phase means. `None` for a reply that refuses nothing.
pub(super) fn of_smtp(phase: Phase, reply: &Reply) -> Option<(Verdict, Cause)> {
    if matches!(reply.class(), ReplyClass::Done | ReplyClass::GoOn) {
        return None;
    }
    if reply.code == 421 || phase == Phase::Greeting {
        return Some(of_closing(phase, reply));
    }
    match phase {
        Phase::StartTls => Some((Verdict::Degraded, Cause::TlsUnavailable)),
        Phase::Login => Some(of_login(reply)),
        _ => of_status(reply).or_else(|| of_words(reply)).or(Some(of_class(reply))),
    }
}

/// 421, or anything but 220 at the greeting.
fn of_closing(phase: Phase, reply: &Reply) -> (Verdict, Cause) {
    const TOO_MANY: [&str; 5] =
        ["too many", "connection rate", "concurrent", "rate limit", "connection limit"];
    if reply.says(&TOO_MANY) || reply.status() == (4, 7, 0) {
        return (Verdict::Unknown, Cause::ProberRateLimited);
    }
    if blocks_us(reply) {
        return (Verdict::Unknown, Cause::ProberBlocked);
    }
    if reply.says(&["maintenance", "shutting down"]) {
        return (Verdict::Down, Cause::Maintenance);
    }
    match (phase, reply.class()) {
        // RFC 7504 and RFC 5321 section 3.1: 521 or 554 in place of a greeting, there is no mail service.
        (Phase::Greeting, ReplyClass::Refused) => (Verdict::Down, Cause::NoMailService),
        _ => (Verdict::Down, Cause::ServerOverload),
    }
}

/// RFC 4954 section 6.
fn of_login(reply: &Reply) -> (Verdict, Cause) {
    match reply.code {
        535 if reply.says(&["temporar", "try again"]) => (Verdict::Down, Cause::LoginBackendDown),
        535 => (Verdict::Unknown, Cause::ProbePasswordWrong),
        432 | 451 | 454 => (Verdict::Down, Cause::LoginBackendDown),
        530 | 538 => (Verdict::Down, Cause::TlsRequired),
        _ => (Verdict::Down, Cause::LoginRefused),
    }
}

/// By the enhanced status code, where it is clear enough.
fn of_status(reply: &Reply) -> Option<(Verdict, Cause)> {
    let (_, subject, detail) = reply.status();
    let found = match (reply.class(), subject, detail) {
        (ReplyClass::Later, _, _) if reply.says(&["greylist", "graylist", "grey-list"]) => {
            (Verdict::Ok, Cause::Greylisting)
        }
        (ReplyClass::Refused, 1, 1..=6) => (Verdict::Degraded, Cause::AddressUnknown),
        (_, 2, 1) => (Verdict::Degraded, Cause::AccountSuspended),
        (_, 2, 2) => (Verdict::Degraded, Cause::MailboxFull),
        (_, 3, 1) => (Verdict::Down, Cause::StorageFull),
        (_, 3, 2) => (Verdict::Down, Cause::Maintenance),
        (_, 3, 5) => (Verdict::Down, Cause::Configuration),
        (ReplyClass::Later, 3, 0) => (Verdict::Down, Cause::DirectoryBroken),
        (_, 4, 6) => (Verdict::Down, Cause::MailLoop),
        (_, 7, _) => return Some(of_policy(reply)),
        _ => return None,
    };
    Some(found)
}

/// x.7.y: policy, which is about us as often as about the service.
fn of_policy(reply: &Reply) -> (Verdict, Cause) {
    if blocks_us(reply) {
        return (Verdict::Unknown, Cause::ProberBlocked);
    }
    if reply.says(&["relay"]) {
        return (Verdict::Down, Cause::RelayDenied);
    }
    if reply.says(&["service unavailable", "milter", "content filter", "scanner"]) {
        return (Verdict::Down, Cause::FilterDown);
    }
    if reply.says(&["internal error", "temporary failure", "lookup"]) {
        return (Verdict::Down, Cause::DirectoryBroken);
    }
    match reply.class() {
        ReplyClass::Later if reply.says(&["try again", "later", "wait", "deferred"]) => {
            (Verdict::Ok, Cause::Greylisting)
        }
        ReplyClass::Later => (Verdict::Degraded, Cause::ServerFault),
        _ => (Verdict::Unknown, Cause::PolicyRefusal),
    }
}

/// Whether the refusal is of our own address, so that it says nothing about others.
fn blocks_us(reply: &Reply) -> bool {
    const OURS: [&str; 11] = [
        "your address",
        "client host",
        "your ip",
        "your host",
        "blocked using",
        "blacklist",
        "blocklist",
        "block list",
        "dnsbl",
        "reverse dns",
        "reverse hostname",
    ];
    reply.says(&OURS)
}

/// By the words, for servers without enhanced codes.
fn of_words(reply: &Reply) -> Option<(Verdict, Cause)> {
    let table: [(&[&str], Verdict, Cause); 8] = [
        (
            &["insufficient system storage", "out of space", "no space left", "disk full"],
            Verdict::Down,
            Cause::StorageFull,
        ),
        (
            &["mailbox full", "mailbox is full", "over quota", "quota exceeded"],
            Verdict::Degraded,
            Cause::MailboxFull,
        ),
        (&["lookup failure", "lookup error", "directory"], Verdict::Down, Cause::DirectoryBroken),
        (
            &["user unknown", "no such user", "unknown user", "does not exist"],
            Verdict::Degraded,
            Cause::AddressUnknown,
        ),
        (
            &["relay access denied", "relaying denied", "not permitted to relay"],
            Verdict::Down,
            Cause::RelayDenied,
        ),
        (&["too many"], Verdict::Unknown, Cause::ProberRateLimited),
        (&["queue file write error"], Verdict::Down, Cause::StorageFault),
        (&["configuration"], Verdict::Down, Cause::Configuration),
    ];
    let hit = table.iter().find(|(words, _, _)| reply.says(words));
    hit.map(|(_, verdict, cause)| (*verdict, *cause))
        .or_else(|| blocks_us(reply).then_some((Verdict::Unknown, Cause::ProberBlocked)))
}

/// By the first digit alone.
fn of_class(reply: &Reply) -> (Verdict, Cause) {
    match reply.class() {
        ReplyClass::Later => (Verdict::Degraded, Cause::ServerFault),
        _ => (Verdict::Degraded, Cause::PolicyRefusal),
    }
}

/// What a NO, BAD or BYE means, by its response code.
pub(super) fn of_imap(phase: Phase, status: &Status) -> (Verdict, Cause) {
    match status.code_word() {
        Some("UNAVAILABLE" | "SERVERBUG" | "CONTACTADMIN") if phase == Phase::Login => {
            (Verdict::Down, Cause::LoginBackendDown)
        }
        Some("UNAVAILABLE" | "SERVERBUG" | "CONTACTADMIN") if phase == Phase::Greeting => {
            (Verdict::Down, Cause::ServerOverload)
        }
        Some("AUTHENTICATIONFAILED" | "EXPIRED") => (Verdict::Unknown, Cause::ProbePasswordWrong),
        Some("AUTHORIZATIONFAILED" | "NOPERM") => (Verdict::Down, Cause::LoginRefused),
        Some("PRIVACYREQUIRED") => (Verdict::Down, Cause::TlsRequired),
        Some("LIMIT") => (Verdict::Degraded, Cause::ConnectionLimit),
        Some("OVERQUOTA") => (Verdict::Degraded, Cause::MailboxFull),
        Some("CORRUPTION") => (Verdict::Down, Cause::MailboxCorrupt),
        Some("UNAVAILABLE" | "SERVERBUG" | "INUSE") => (Verdict::Down, Cause::StorageFault),
        _ if phase == Phase::Login => (Verdict::Unknown, Cause::ProbePasswordWrong),
        _ if phase == Phase::Mailbox => (Verdict::Down, Cause::StorageFault),
        _ => (Verdict::Down, Cause::ServerOverload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::smtp::reply::ReplyReader;

    #[track_caller]
    fn check(phase: Phase, line: &str, expected: Option<(Verdict, Cause)>) {
        let bytes = format!("{line}\r\n");
        let reply =
            ReplyReader::default().next_reply(&mut bytes.as_bytes()).expect("a reply").expect("a whole one");
        assert_eq!(of_smtp(phase, &reply), expected, "{line}");
    }

    #[test]
    fn evidence_and_cause_over_smtp() {
        use Verdict::{Degraded, Down, Ok, Unknown};
        let to = Phase::Recipient;
        check(to, "250 2.1.5 Ok", None);
        check(to, "452 4.3.1 Insufficient system storage", Some((Down, Cause::StorageFull)));
        check(to, "452 Insufficient system storage", Some((Down, Cause::StorageFull)));
        check(to, "452 4.2.2 Mailbox is full", Some((Degraded, Cause::MailboxFull)));
        check(to, "552 5.2.2 Mailbox is full", Some((Degraded, Cause::MailboxFull)));
        check(to, "451 4.3.0 Temporary lookup failure", Some((Down, Cause::DirectoryBroken)));
        check(to, "451 4.3.5 Server configuration problem", Some((Down, Cause::Configuration)));
        check(to, "451 4.7.1 Service unavailable - try again later", Some((Down, Cause::FilterDown)));
        check(to, "450 4.2.0 Greylisted, see http://postgrey.example", Some((Ok, Cause::Greylisting)));
        check(
            to,
            "450 4.7.1 Recipient address rejected: Temporary internal error",
            Some((Down, Cause::DirectoryBroken)),
        );
        check(to, "450 4.7.1 Please try again", Some((Ok, Cause::Greylisting)));
        check(to, "550 5.1.1 User unknown", Some((Degraded, Cause::AddressUnknown)));
        check(to, "554 5.7.1 Relay access denied", Some((Down, Cause::RelayDenied)));
        check(
            to,
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using dnsbl.example",
            Some((Unknown, Cause::ProberBlocked)),
        );
        check(to, "421 4.3.2 System not accepting messages", Some((Down, Cause::ServerOverload)));
        check(to, "554 5.4.6 Too many hops", Some((Down, Cause::MailLoop)));
        check(
            Phase::Greeting,
            "421 4.7.0 mail Error: too many connections from 192.0.2.1",
            Some((Unknown, Cause::ProberRateLimited)),
        );
        check(Phase::Greeting, "421 4.3.2 Shutting down", Some((Down, Cause::Maintenance)));
        check(
            Phase::Greeting,
            "554 5.7.1 Connections from your address are blocked",
            Some((Unknown, Cause::ProberBlocked)),
        );
        check(Phase::Greeting, "554 5.7.1 no mail service here", Some((Down, Cause::NoMailService)));
        check(Phase::StartTls, "454 4.7.0 TLS not available", Some((Degraded, Cause::TlsUnavailable)));
        check(
            Phase::Login,
            "535 5.7.8 Error: authentication failed",
            Some((Unknown, Cause::ProbePasswordWrong)),
        );
        check(
            Phase::Login,
            "454 4.7.0 Temporary authentication failure",
            Some((Down, Cause::LoginBackendDown)),
        );
        check(Phase::Login, "538 5.7.11 Encryption required", Some((Down, Cause::TlsRequired)));
    }

    #[track_caller]
    fn check_imap(phase: Phase, line: &str, expected: (Verdict, Cause)) {
        assert_eq!(of_imap(phase, &Status::read(line).expect("a status")), expected, "{line}");
    }

    #[test]
    fn evidence_and_cause_over_imap() {
        use Verdict::{Degraded, Down, Unknown};
        check_imap(Phase::Login, "NO [UNAVAILABLE] Temporary failure", (Down, Cause::LoginBackendDown));
        check_imap(Phase::Login, "NO [AUTHENTICATIONFAILED] Wrong", (Unknown, Cause::ProbePasswordWrong));
        check_imap(Phase::Login, "NO [LIMIT] Too many", (Degraded, Cause::ConnectionLimit));
        check_imap(Phase::Mailbox, "NO [CORRUPTION] index", (Down, Cause::MailboxCorrupt));
        check_imap(Phase::Mailbox, "NO [SERVERBUG] Internal error", (Down, Cause::StorageFault));
        check_imap(Phase::Greeting, "BYE [UNAVAILABLE] Too many", (Down, Cause::ServerOverload));
        check_imap(Phase::Greeting, "BYE later", (Down, Cause::ServerOverload));
    }
}
