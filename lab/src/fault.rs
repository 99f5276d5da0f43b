//! What can be broken, and where each fault takes hold.
//!
//! A fault is a [`Personality`]: a name, a sentence, and an answer at one or more of the seams at which the lab asks
//! ("may I listen?", "what certificate?", "what do I answer at RCPT?"). A seam that a fault does not name stays
//! healthy. A new fault is one file in `fault/` that is called as it is, a variant of [`Fault`] and a line in `TABLE`; the
//! tests then ask for its row in the README and in their own table.

mod auth_down;
mod auth_hung;
mod auth_in_clear;
mod auth_tempfail;
mod catch_all;
mod cert_future;
mod cert_selfsigned;
mod cert_soon;
mod cert_wronghost;
mod certificate_expired;
mod client_blocked;
mod client_listed;
mod clock_skew;
mod closed_early;
mod directory_broken;
mod directory_down;
mod dkim_revoked;
mod dns_down;
mod dns_garbage;
mod dns_hung;
mod dns_servfail;
mod dnsbl;
mod dnsbl_refused;
mod dnssec_broken;
mod domain_expiring;
mod domain_gone;
mod dovecot_down;
mod drip;
mod endless_answer;
mod endless_ehlo;
mod filter_down;
mod garbage;
mod greylist;
mod halfopen;
mod host_unreachable;
mod huge_banner;
mod huge_literal;
mod hung;
mod imap_bye;
mod imap_down;
mod imap_preauth;
mod ipv6_broken;
mod junk;
mod late_banner;
mod lmtp_down;
mod login_limit;
mod lookup_failure;
mod mail_late;
mod mail_loop;
mod mail_lost;
mod mailbox_corrupt;
mod many_certificates;
mod mtasts_mismatch;
mod mx_changed;
mod mx_cname;
mod mx_dead;
mod mx_literal;
mod mx_missing;
mod mx_nxdomain;
mod mx_private;
mod no_mail_service;
mod nul_bytes;
mod null_mx;
mod open_relay;
mod outbound_blocked;
mod outbound_rejected;
mod outbound_tls_refused;
mod over_quota;
mod over_quota_temp;
mod policy_huge;
mod policy_missing;
mod port_drop;
mod postmaster_missing;
mod probe_unknown;
mod ptr_missing;
mod queue_full;
mod rate_limited;
mod relay_denied;
mod server_resolver_down;
mod shutting_down;
mod slots_used;
mod slow;
mod smtp_hung;
mod smtp_stopped;
mod spf_broken;
mod spf_missing;
mod starttls_injection;
mod starttls_missing;
mod starttls_unavailable;
mod stopped;
mod storage_full;
mod store_down;
mod store_full;
mod store_late;
mod stuck_delivery;
mod tls_old;
mod tlsa_mismatch;
mod token_expired;
mod too_many_conn;
mod webmail_down;
mod wrong_password;

use std::fmt;

use crate::group::Group;
use crate::personality::Personality;

/// Everything that can be broken, by fixed names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each fault says in `seen()` what a client meets")]
pub enum Fault {
    Stopped,
    Hung,
    CertificateExpired,
    StorageFull,
    StuckDelivery,
    SmtpStopped,
    SmtpHung,
    ImapDown,
    DovecotDown,
    PortDrop,
    HostUnreachable,
    Ipv6Broken,
    ClosedEarly,
    SlotsUsed,
    Slow,
    LateBanner,
    Garbage,
    Halfopen,
    TooManyConn,
    ShuttingDown,
    NoMailService,
    ClientBlocked,
    ClientListed,
    RateLimited,
    ImapBye,
    CertFuture,
    CertSelfsigned,
    CertSoon,
    CertWronghost,
    TlsOld,
    StarttlsMissing,
    AuthInClear,
    StarttlsUnavailable,
    TlsaMismatch,
    AuthDown,
    AuthTempfail,
    AuthHung,
    DirectoryDown,
    WrongPassword,
    TokenExpired,
    LoginLimit,
    QueueFull,
    StoreDown,
    StoreFull,
    OverQuota,
    OverQuotaTemp,
    MailboxCorrupt,
    ProbeUnknown,
    PostmasterMissing,
    DirectoryBroken,
    RelayDenied,
    OpenRelay,
    CatchAll,
    Greylist,
    LookupFailure,
    FilterDown,
    LmtpDown,
    MailLost,
    MailLoop,
    MailLate,
    StoreLate,
    Junk,
    ClockSkew,
    OutboundBlocked,
    ServerResolverDown,
    OutboundTlsRefused,
    OutboundRejected,
    Dnsbl,
    DnsblRefused,
    DnsDown,
    DnsHung,
    DnsGarbage,
    DnsServfail,
    DnssecBroken,
    DomainGone,
    DomainExpiring,
    MxMissing,
    MxDead,
    MxNxdomain,
    MxCname,
    MxLiteral,
    MxPrivate,
    MxChanged,
    NullMx,
    SpfMissing,
    SpfBroken,
    DkimRevoked,
    PtrMissing,
    MtastsMismatch,
    PolicyMissing,
    WebmailDown,
    ManyCertificates,
    StarttlsInjection,
    ImapPreauth,
    HugeBanner,
    EndlessEhlo,
    EndlessAnswer,
    HugeLiteral,
    Drip,
    NulBytes,
    PolicyHuge,
}

/// In the order of the variants of [`Fault`].
#[rustfmt::skip] // A fault is a line.
const TABLE: &[(Fault, Group, &Personality)] = &[
    (Fault::Stopped, Group::First, &stopped::PERSONALITY),
    (Fault::Hung, Group::First, &hung::PERSONALITY),
    (Fault::CertificateExpired, Group::First, &certificate_expired::PERSONALITY),
    (Fault::StorageFull, Group::First, &storage_full::PERSONALITY),
    (Fault::StuckDelivery, Group::First, &stuck_delivery::PERSONALITY),
    (Fault::SmtpStopped, Group::Network, &smtp_stopped::PERSONALITY),
    (Fault::SmtpHung, Group::Network, &smtp_hung::PERSONALITY),
    (Fault::ImapDown, Group::Network, &imap_down::PERSONALITY),
    (Fault::DovecotDown, Group::Network, &dovecot_down::PERSONALITY),
    (Fault::PortDrop, Group::Network, &port_drop::PERSONALITY),
    (Fault::HostUnreachable, Group::Network, &host_unreachable::PERSONALITY),
    (Fault::Ipv6Broken, Group::Network, &ipv6_broken::PERSONALITY),
    (Fault::ClosedEarly, Group::Network, &closed_early::PERSONALITY),
    (Fault::SlotsUsed, Group::Network, &slots_used::PERSONALITY),
    (Fault::Slow, Group::Network, &slow::PERSONALITY),
    (Fault::LateBanner, Group::Network, &late_banner::PERSONALITY),
    (Fault::Garbage, Group::Greeting, &garbage::PERSONALITY),
    (Fault::Halfopen, Group::Greeting, &halfopen::PERSONALITY),
    (Fault::TooManyConn, Group::Greeting, &too_many_conn::PERSONALITY),
    (Fault::ShuttingDown, Group::Greeting, &shutting_down::PERSONALITY),
    (Fault::NoMailService, Group::Greeting, &no_mail_service::PERSONALITY),
    (Fault::ClientBlocked, Group::Greeting, &client_blocked::PERSONALITY),
    (Fault::ClientListed, Group::Greeting, &client_listed::PERSONALITY),
    (Fault::RateLimited, Group::Greeting, &rate_limited::PERSONALITY),
    (Fault::ImapBye, Group::Greeting, &imap_bye::PERSONALITY),
    (Fault::CertFuture, Group::Tls, &cert_future::PERSONALITY),
    (Fault::CertSelfsigned, Group::Tls, &cert_selfsigned::PERSONALITY),
    (Fault::CertSoon, Group::Tls, &cert_soon::PERSONALITY),
    (Fault::CertWronghost, Group::Tls, &cert_wronghost::PERSONALITY),
    (Fault::TlsOld, Group::Tls, &tls_old::PERSONALITY),
    (Fault::StarttlsMissing, Group::Tls, &starttls_missing::PERSONALITY),
    (Fault::AuthInClear, Group::Tls, &auth_in_clear::PERSONALITY),
    (Fault::StarttlsUnavailable, Group::Tls, &starttls_unavailable::PERSONALITY),
    (Fault::TlsaMismatch, Group::Tls, &tlsa_mismatch::PERSONALITY),
    (Fault::AuthDown, Group::Login, &auth_down::PERSONALITY),
    (Fault::AuthTempfail, Group::Login, &auth_tempfail::PERSONALITY),
    (Fault::AuthHung, Group::Login, &auth_hung::PERSONALITY),
    (Fault::DirectoryDown, Group::Login, &directory_down::PERSONALITY),
    (Fault::WrongPassword, Group::Login, &wrong_password::PERSONALITY),
    (Fault::TokenExpired, Group::Login, &token_expired::PERSONALITY),
    (Fault::LoginLimit, Group::Login, &login_limit::PERSONALITY),
    (Fault::QueueFull, Group::Storage, &queue_full::PERSONALITY),
    (Fault::StoreDown, Group::Storage, &store_down::PERSONALITY),
    (Fault::StoreFull, Group::Storage, &store_full::PERSONALITY),
    (Fault::OverQuota, Group::Storage, &over_quota::PERSONALITY),
    (Fault::OverQuotaTemp, Group::Storage, &over_quota_temp::PERSONALITY),
    (Fault::MailboxCorrupt, Group::Storage, &mailbox_corrupt::PERSONALITY),
    (Fault::ProbeUnknown, Group::Recipients, &probe_unknown::PERSONALITY),
    (Fault::PostmasterMissing, Group::Recipients, &postmaster_missing::PERSONALITY),
    (Fault::DirectoryBroken, Group::Recipients, &directory_broken::PERSONALITY),
    (Fault::RelayDenied, Group::Recipients, &relay_denied::PERSONALITY),
    (Fault::OpenRelay, Group::Recipients, &open_relay::PERSONALITY),
    (Fault::CatchAll, Group::Recipients, &catch_all::PERSONALITY),
    (Fault::Greylist, Group::Recipients, &greylist::PERSONALITY),
    (Fault::LookupFailure, Group::Recipients, &lookup_failure::PERSONALITY),
    (Fault::FilterDown, Group::Recipients, &filter_down::PERSONALITY),
    (Fault::LmtpDown, Group::Delivery, &lmtp_down::PERSONALITY),
    (Fault::MailLost, Group::Delivery, &mail_lost::PERSONALITY),
    (Fault::MailLoop, Group::Delivery, &mail_loop::PERSONALITY),
    (Fault::MailLate, Group::Delivery, &mail_late::PERSONALITY),
    (Fault::StoreLate, Group::Delivery, &store_late::PERSONALITY),
    (Fault::Junk, Group::Delivery, &junk::PERSONALITY),
    (Fault::ClockSkew, Group::Delivery, &clock_skew::PERSONALITY),
    (Fault::OutboundBlocked, Group::Outbound, &outbound_blocked::PERSONALITY),
    (Fault::ServerResolverDown, Group::Outbound, &server_resolver_down::PERSONALITY),
    (Fault::OutboundTlsRefused, Group::Outbound, &outbound_tls_refused::PERSONALITY),
    (Fault::OutboundRejected, Group::Outbound, &outbound_rejected::PERSONALITY),
    (Fault::Dnsbl, Group::Outbound, &dnsbl::PERSONALITY),
    (Fault::DnsblRefused, Group::Outbound, &dnsbl_refused::PERSONALITY),
    (Fault::DnsDown, Group::Names, &dns_down::PERSONALITY),
    (Fault::DnsHung, Group::Names, &dns_hung::PERSONALITY),
    (Fault::DnsGarbage, Group::Names, &dns_garbage::PERSONALITY),
    (Fault::DnsServfail, Group::Names, &dns_servfail::PERSONALITY),
    (Fault::DnssecBroken, Group::Names, &dnssec_broken::PERSONALITY),
    (Fault::DomainGone, Group::Names, &domain_gone::PERSONALITY),
    (Fault::DomainExpiring, Group::Names, &domain_expiring::PERSONALITY),
    (Fault::MxMissing, Group::Names, &mx_missing::PERSONALITY),
    (Fault::MxDead, Group::Names, &mx_dead::PERSONALITY),
    (Fault::MxNxdomain, Group::Names, &mx_nxdomain::PERSONALITY),
    (Fault::MxCname, Group::Names, &mx_cname::PERSONALITY),
    (Fault::MxLiteral, Group::Names, &mx_literal::PERSONALITY),
    (Fault::MxPrivate, Group::Names, &mx_private::PERSONALITY),
    (Fault::MxChanged, Group::Names, &mx_changed::PERSONALITY),
    (Fault::NullMx, Group::Names, &null_mx::PERSONALITY),
    (Fault::SpfMissing, Group::Names, &spf_missing::PERSONALITY),
    (Fault::SpfBroken, Group::Names, &spf_broken::PERSONALITY),
    (Fault::DkimRevoked, Group::Names, &dkim_revoked::PERSONALITY),
    (Fault::PtrMissing, Group::Names, &ptr_missing::PERSONALITY),
    (Fault::MtastsMismatch, Group::Names, &mtasts_mismatch::PERSONALITY),
    (Fault::PolicyMissing, Group::Names, &policy_missing::PERSONALITY),
    (Fault::WebmailDown, Group::Web, &webmail_down::PERSONALITY),
    (Fault::ManyCertificates, Group::Hostile, &many_certificates::PERSONALITY),
    (Fault::StarttlsInjection, Group::Hostile, &starttls_injection::PERSONALITY),
    (Fault::ImapPreauth, Group::Hostile, &imap_preauth::PERSONALITY),
    (Fault::HugeBanner, Group::Hostile, &huge_banner::PERSONALITY),
    (Fault::EndlessEhlo, Group::Hostile, &endless_ehlo::PERSONALITY),
    (Fault::EndlessAnswer, Group::Hostile, &endless_answer::PERSONALITY),
    (Fault::HugeLiteral, Group::Hostile, &huge_literal::PERSONALITY),
    (Fault::Drip, Group::Hostile, &drip::PERSONALITY),
    (Fault::NulBytes, Group::Hostile, &nul_bytes::PERSONALITY),
    (Fault::PolicyHuge, Group::Hostile, &policy_huge::PERSONALITY),
];

impl Fault {
    /// Every fault, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(fault, _, _)| *fault)
    }

    /// The fault of this name, or of another name that it is known by.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|fault| fault.name() == name || fault.personality().aliases.contains(&name))
    }

    /// The fixed name, for instance `certificate-expired`.
    pub fn name(self) -> &'static str {
        self.personality().name
    }

    /// What a client meets, in one sentence.
    pub fn seen(self) -> &'static str {
        self.personality().seen
    }

    /// What it is about.
    pub fn group(self) -> Group {
        TABLE[self as usize].1
    }

    pub(crate) fn personality(self) -> &'static Personality {
        TABLE[self as usize].2
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (at, (fault, _, _)) in TABLE.iter().enumerate() {
            assert_eq!(*fault as usize, at, "{fault:?} stands in the wrong line");
        }
    }

    #[test]
    fn every_name_and_alias_finds_its_fault_and_no_other() {
        let mut seen = std::collections::BTreeSet::new();
        for fault in Fault::all() {
            for name in fault.personality().aliases.iter().chain([&fault.name()]) {
                assert_eq!(Fault::by_name(name), Some(fault));
                assert!(seen.insert(name.to_string()), "{name} is used twice");
            }
        }
    }
}
