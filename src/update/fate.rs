//! What happens to mail while it is disturbed: the question that readers ask first.
//!
//! "Arrives" is said only while the probes that receive are green. What only a person can know (that mail is lost) is
//! said where a person has written it into the facts.

use serde::{Deserialize, Serialize};

use crate::cause::{Cause, Layer};
use crate::incident::{Capabilities, Verdict};

/// What happens to a mail, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// It waits and comes later.
    Delayed,
    /// It has not left the device on which it was written.
    OnDevice,
    /// It goes back to its sender.
    Bounced,
    /// It is gone.
    Lost,
}

/// What happens to mail to the readers, and from them; none where that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fates {
    pub incoming: Option<Fate>,
    pub outgoing: Option<Fate>,
}

impl Fates {
    /// What was measured, and over it what a person has written.
    pub(super) fn of(measured: Capabilities, cause: Option<Cause>, written: Option<Fate>) -> Self {
        let mut fates =
            Fates { incoming: incoming(measured.receive, cause), outgoing: outgoing(measured.send, cause) };
        match written {
            Some(Fate::OnDevice) => fates.outgoing = written,
            // Never against the probes.
            Some(Fate::Arrives) | None => {}
            Some(_) => fates.incoming = written,
        }
        fates
    }
}

/// What happened to mail at its worst: what the end has to speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worst {
    /// To the readers.
    pub incoming: Option<Fate>,
    /// From them.
    pub outgoing: Option<Fate>,
}

impl Worst {
    /// With one more measurement.
    #[must_use]
    pub fn and(self, measured: Capabilities, cause: Option<Cause>) -> Self {
        let now = Fates::of(measured, cause, None);
        Worst { incoming: self.incoming.max(now.incoming), outgoing: self.outgoing.max(now.outgoing) }
    }
}

fn incoming(receive: Verdict, cause: Option<Cause>) -> Option<Fate> {
    match receive {
        Verdict::Ok => Some(Fate::Arrives),
        Verdict::Unknown => None,
        Verdict::Down | Verdict::Degraded if cause.is_some_and(refuses_for_good) => Some(Fate::Bounced),
        Verdict::Down | Verdict::Degraded => Some(Fate::Delayed),
    }
}

/// Answers of 5xx and names that do not exist: senders do not try again (RFC 5321 §4.2.1).
fn refuses_for_good(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::DirectoryBroken
            | Cause::RelayDenied
            | Cause::DomainExpired
            | Cause::DnsNxdomain
            | Cause::NoMailService
            | Cause::AddressUnknown
            | Cause::AccountSuspended
            | Cause::MailLoop
    )
}

fn outgoing(send: Verdict, cause: Option<Cause>) -> Option<Fate> {
    let cause = match send {
        Verdict::Ok => return Some(Fate::Arrives),
        Verdict::Unknown => return None,
        Verdict::Degraded => return Some(Fate::Delayed),
        Verdict::Down => cause?,
    };
    match (cause, cause.layer()) {
        // Taken from the reader, and stuck behind.
        (Cause::ResolverDown | Cause::OutboundBroken | Cause::DestinationUnreachable, _)
        | (_, Layer::Delivery) => Some(Fate::Delayed),
        (_, Layer::Policy) => Some(Fate::Bounced),
        // Never taken from the reader.
        (_, Layer::Dns | Layer::Network | Layer::Greeting | Layer::Tls | Layer::Login | Layer::Storage) => {
            Some(Fate::OnDevice)
        }
        (_, Layer::Own | Layer::User) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fates(
        receive: Verdict,
        send: Verdict,
        cause: Option<Cause>,
        written: Option<Fate>,
    ) -> (Option<Fate>, Option<Fate>) {
        let measured = Capabilities { receive, send, ..Capabilities::default() };
        let fates = Fates::of(measured, cause, written);
        (fates.incoming, fates.outgoing)
    }

    #[test]
    fn what_happens_to_mail() {
        use Fate::{Arrives, Bounced, Delayed, Lost, OnDevice};
        use Verdict::{Degraded, Down, Ok, Unknown};
        let expired = Some(Cause::CertificateExpired);
        assert_eq!(fates(Ok, Down, expired, None), (Some(Arrives), Some(OnDevice)));
        assert_eq!(fates(Ok, Down, Some(Cause::ResolverDown), None), (Some(Arrives), Some(Delayed)));
        assert_eq!(fates(Ok, Down, Some(Cause::Blocklisted), None), (Some(Arrives), Some(Bounced)));
        assert_eq!(fates(Down, Unknown, Some(Cause::DirectoryBroken), None), (Some(Bounced), None));
        assert_eq!(fates(Degraded, Degraded, None, None), (Some(Delayed), Some(Delayed)));
        assert_eq!(fates(Unknown, Unknown, None, None), (None, None), "nothing is guessed");
        assert_eq!(fates(Unknown, Down, None, Some(Lost)), (Some(Lost), None), "a person knows it");
        assert_eq!(
            fates(Unknown, Ok, None, Some(Arrives)),
            (None, Some(Arrives)),
            "never against the probes"
        );
    }
}
