//! Why mail is disturbed: the fixed names of causes, and for each what it means, what users notice and what to do.
//!
//! Checks, diagnosis, updates, reviews and trends use these names and no others. A cause is added in two places: its name
//! in the list below, its texts in the file of its layer; a test holds that the two agree.

mod delivery;
mod dns;
mod greeting;
mod layer;
mod login;
mod network;
mod own;
mod policy;
mod storage;
mod tls;
mod user;

pub use layer::Layer;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use watchpost_texts::{said, say};

/// Declares the causes and their names in one list.
macro_rules! causes {
    ($($variant:ident $name:literal)+) => {
        /// Why mail is disturbed. In files, in events and on screens a cause is written as its kebab-case name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Cause {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Cause {
            /// Every cause, in the order in which a dialogue breaks.
            pub const fn all() -> &'static [Cause] {
                &[$(Cause::$variant,)+]
            }

            /// The fixed name, kebab-case.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Cause::$variant => $name,)+
                }
            }
        }
    };
}

causes! {
    OwnNetwork "own-network"
    OwnClockWrong "own-clock-wrong"
    ProberBlocked "prober-blocked"
    ProberRateLimited "prober-rate-limited"
    ProbePasswordWrong "probe-password-wrong"

    DomainExpired "domain-expired"
    DomainExpiring "domain-expiring"
    DnsNxdomain "dns-nxdomain"
    DnsServfail "dns-servfail"
    DnsTimeout "dns-timeout"
    DnssecBroken "dnssec-broken"
    DnsChanged "dns-changed"
    ResolverDown "resolver-down"
    MxMissing "mx-missing"
    MxUnresolvable "mx-unresolvable"
    MxInvalid "mx-invalid"
    NoMailService "no-mail-service"

    HardwareFailure "hardware-failure"
    HostDown "host-down"
    ConnectionTimeout "connection-timeout"
    ConnectionRefused "connection-refused"
    ServiceStopped "service-stopped"
    Ipv6Broken "ipv6-broken"
    Ipv4Broken "ipv4-broken"
    DestinationUnreachable "destination-unreachable"

    NoBanner "no-banner"
    ClosedBeforeBanner "closed-before-banner"
    ProtocolViolation "protocol-violation"
    ServerHung "server-hung"
    ServerOverload "server-overload"
    ServerSlow "server-slow"
    ConnectionLimit "connection-limit"
    Maintenance "maintenance"
    ServerFault "server-fault"
    Configuration "configuration"
    WebmailDown "webmail-down"

    CertificateExpired "certificate-expired"
    CertificateNotYetValid "certificate-not-yet-valid"
    ClockWrong "clock-wrong"
    CertificateName "certificate-name"
    CertificateUntrusted "certificate-untrusted"
    CertificateNotReloaded "certificate-not-reloaded"
    CertificateExpiring "certificate-expiring"
    StarttlsMissing "starttls-missing"
    TlsUnavailable "tls-unavailable"
    TlsTooOld "tls-too-old"
    TlsWrongMode "tls-wrong-mode"
    TlsHandshakeFailed "tls-handshake-failed"
    TlsRequired "tls-required"
    MtaStsMismatch "mta-sts-mismatch"
    DaneMismatch "dane-mismatch"

    LoginBackendDown "login-backend-down"
    LoginBackendSlow "login-backend-slow"
    LoginRefused "login-refused"
    LoginUnencrypted "login-unencrypted"

    StorageFull "storage-full"
    StorageFault "storage-fault"
    StorageOverload "storage-overload"
    MailboxServerDown "mailbox-server-down"
    ImapDown "imap-down"
    Pop3Down "pop3-down"
    MailboxCorrupt "mailbox-corrupt"
    MailboxFull "mailbox-full"

    QueueStuck "queue-stuck"
    DeliveryStuck "delivery-stuck"
    MailboxDeliveryDown "mailbox-delivery-down"
    FilterDown "filter-down"
    DirectoryBroken "directory-broken"
    MailLoop "mail-loop"
    InboundBroken "inbound-broken"
    OutboundBroken "outbound-broken"
    DeliverySlow "delivery-slow"
    MailboxDeliverySlow "mailbox-delivery-slow"
    DeliveryExpired "delivery-expired"
    Quarantined "quarantined"
    DeliveredToJunk "delivered-to-junk"
    Greylisting "greylisting"

    RelayOpen "relay-open"
    RelayDenied "relay-denied"
    AccountCompromised "account-compromised"
    Blocklisted "blocklisted"
    ReputationLow "reputation-low"
    ReverseNameMissing "reverse-name-missing"
    MailAuthenticationMissing "mail-authentication-missing"
    MailAuthenticationFailed "mail-authentication-failed"
    SendingTooFast "sending-too-fast"
    SenderRefused "sender-refused"
    PolicyRefusal "policy-refusal"

    AddressUnknown "address-unknown"
    AddressMoved "address-moved"
    AccountSuspended "account-suspended"
    RecipientFilter "recipient-filter"
    RecipientLimit "recipient-limit"
    MessageTooBig "message-too-big"
    MessageMalformed "message-malformed"
    MessageJudgedSpam "message-judged-spam"
    MessageJudgedMalware "message-judged-malware"
    ClientSettings "client-settings"
    ClientNetwork "client-network"
}

/// What is known about a cause: the row of the one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The cause that this row is about.
    pub cause: Cause,
    /// For responders: what is broken. One sentence, may name protocols and software.
    pub meaning: &'static str,
    /// For everybody: what a user notices. Names no protocol and no host.
    pub users: &'static str,
    /// For responders: the next steps, in order.
    pub what_to_do: &'static [&'static str],
    /// For responders: what never to do, because it makes things worse. May be empty.
    pub never: &'static [&'static str],
    /// For everybody: what to do and what not to do meanwhile. Names no protocol and no host.
    pub advice: &'static str,
}

/// The table: one slice for each layer, in the order of the layers.
const TABLE: [(Layer, &[Entry]); 10] = [
    (Layer::Own, own::ENTRIES),
    (Layer::Dns, dns::ENTRIES),
    (Layer::Network, network::ENTRIES),
    (Layer::Greeting, greeting::ENTRIES),
    (Layer::Tls, tls::ENTRIES),
    (Layer::Login, login::ENTRIES),
    (Layer::Storage, storage::ENTRIES),
    (Layer::Delivery, delivery::ENTRIES),
    (Layer::Policy, policy::ENTRIES),
    (Layer::User, user::ENTRIES),
];

impl Cause {
    fn row(self) -> (Layer, &'static Entry) {
        TABLE
            .iter()
            .flat_map(|(layer, entries)| entries.iter().map(move |entry| (*layer, entry)))
            .find(|(_, entry)| entry.cause == self)
            .expect("the test every_cause_has_one_row holds this")
    }

    /// Everything that the table says about this cause.
    pub fn entry(self) -> &'static Entry {
        self.row().1
    }

    /// The layer that is broken. Of two causes the one on the lower layer is the root.
    pub fn layer(self) -> Layer {
        self.row().0
    }

    /// For responders: what is broken.
    pub fn meaning(self) -> &'static str {
        said(self.entry().meaning)
    }

    /// For everybody: what a user notices.
    pub fn users(self) -> &'static str {
        said(self.entry().users)
    }

    /// For responders: the next steps, in order.
    pub fn what_to_do(self) -> Vec<&'static str> {
        self.entry().what_to_do.iter().map(|step| said(step)).collect()
    }

    /// For responders: what never to do.
    pub fn never(self) -> Vec<&'static str> {
        self.entry().never.iter().map(|step| said(step)).collect()
    }

    /// For everybody: what to do and what not to do meanwhile.
    pub fn advice(self) -> &'static str {
        said(self.entry().advice)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is not among the causes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}", say!("there is no cause named “{0}”: write one of the fixed names, for example “certificate-expired” or “host-down”", _0))]
pub struct UnknownCause(String);

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Cause::all()
            .iter()
            .find(|cause| cause.name() == name)
            .copied()
            .ok_or_else(|| UnknownCause(name.chars().take(60).collect()))
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
