//! What can be broken, and where each fault takes hold.
//!
//! A fault is a [`Personality`]: a name, a sentence, and an answer at one or more of the seams at which the lab asks
//! ("may I listen?", "what certificate?", "what do I answer at RCPT?"). A seam that a fault does not name stays
//! healthy. A new fault is one file in `fault/`, a variant of [`Fault`] and a line in `TABLE`.

mod auth_down;
mod auth_hung;
mod auth_tempfail;
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
mod dns_down;
mod dns_hung;
mod dns_servfail;
mod dnsbl;
mod dnsbl_refused;
mod dnssec_broken;
mod domain_expiring;
mod domain_gone;
mod dovecot_down;
mod drip;
mod endless_ehlo;
mod filter_down;
mod garbage;
mod greylist;
mod halfopen;
mod host_unreachable;
mod huge_banner;
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
mod mx_dead;
mod mx_missing;
mod mx_nxdomain;
mod no_mail_service;
mod nul_bytes;
mod null_mx;
mod open_relay;
mod outbound_blocked;
mod outbound_rejected;
mod outbound_tls_refused;
mod over_quota;
mod over_quota_temp;
mod port_drop;
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
mod spf_missing;
mod starttls_injection;
mod starttls_missing;
mod starttls_unavailable;
mod stopped;
mod storage_full;
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
    CertFuture,
    CertSelfsigned,
    CertSoon,
    CertWronghost,
    ManyCertificates,
    TlsOld,
    StarttlsMissing,
    StarttlsUnavailable,
    StarttlsInjection,
    AuthDown,
    AuthTempfail,
    AuthHung,
    DirectoryDown,
    WrongPassword,
    TokenExpired,
    LoginLimit,
    ImapBye,
    ImapPreauth,
    MailboxCorrupt,
    QueueFull,
    StoreFull,
    OverQuota,
    OverQuotaTemp,
    ProbeUnknown,
    DirectoryBroken,
    RelayDenied,
    OpenRelay,
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
    DnsDown,
    DnsHung,
    DnsServfail,
    DnssecBroken,
    DomainGone,
    DomainExpiring,
    MxMissing,
    MxDead,
    MxNxdomain,
    MxChanged,
    NullMx,
    SpfMissing,
    PtrMissing,
    TlsaMismatch,
    Dnsbl,
    DnsblRefused,
    MtastsMismatch,
    WebmailDown,
    HugeBanner,
    EndlessEhlo,
    Drip,
    NulBytes,
}

/// In the order of the variants of [`Fault`].
const TABLE: &[(Fault, &Personality)] = &[
    (Fault::Stopped, &stopped::PERSONALITY),
    (Fault::Hung, &hung::PERSONALITY),
    (Fault::CertificateExpired, &certificate_expired::PERSONALITY),
    (Fault::StorageFull, &storage_full::PERSONALITY),
    (Fault::StuckDelivery, &stuck_delivery::PERSONALITY),
    (Fault::SmtpStopped, &smtp_stopped::PERSONALITY),
    (Fault::SmtpHung, &smtp_hung::PERSONALITY),
    (Fault::ImapDown, &imap_down::PERSONALITY),
    (Fault::DovecotDown, &dovecot_down::PERSONALITY),
    (Fault::PortDrop, &port_drop::PERSONALITY),
    (Fault::HostUnreachable, &host_unreachable::PERSONALITY),
    (Fault::Ipv6Broken, &ipv6_broken::PERSONALITY),
    (Fault::ClosedEarly, &closed_early::PERSONALITY),
    (Fault::SlotsUsed, &slots_used::PERSONALITY),
    (Fault::Slow, &slow::PERSONALITY),
    (Fault::LateBanner, &late_banner::PERSONALITY),
    (Fault::Garbage, &garbage::PERSONALITY),
    (Fault::Halfopen, &halfopen::PERSONALITY),
    (Fault::TooManyConn, &too_many_conn::PERSONALITY),
    (Fault::ShuttingDown, &shutting_down::PERSONALITY),
    (Fault::NoMailService, &no_mail_service::PERSONALITY),
    (Fault::ClientBlocked, &client_blocked::PERSONALITY),
    (Fault::ClientListed, &client_listed::PERSONALITY),
    (Fault::RateLimited, &rate_limited::PERSONALITY),
    (Fault::CertFuture, &cert_future::PERSONALITY),
    (Fault::CertSelfsigned, &cert_selfsigned::PERSONALITY),
    (Fault::CertSoon, &cert_soon::PERSONALITY),
    (Fault::CertWronghost, &cert_wronghost::PERSONALITY),
    (Fault::ManyCertificates, &many_certificates::PERSONALITY),
    (Fault::TlsOld, &tls_old::PERSONALITY),
    (Fault::StarttlsMissing, &starttls_missing::PERSONALITY),
    (Fault::StarttlsUnavailable, &starttls_unavailable::PERSONALITY),
    (Fault::StarttlsInjection, &starttls_injection::PERSONALITY),
    (Fault::AuthDown, &auth_down::PERSONALITY),
    (Fault::AuthTempfail, &auth_tempfail::PERSONALITY),
    (Fault::AuthHung, &auth_hung::PERSONALITY),
    (Fault::DirectoryDown, &directory_down::PERSONALITY),
    (Fault::WrongPassword, &wrong_password::PERSONALITY),
    (Fault::TokenExpired, &token_expired::PERSONALITY),
    (Fault::LoginLimit, &login_limit::PERSONALITY),
    (Fault::ImapBye, &imap_bye::PERSONALITY),
    (Fault::ImapPreauth, &imap_preauth::PERSONALITY),
    (Fault::MailboxCorrupt, &mailbox_corrupt::PERSONALITY),
    (Fault::QueueFull, &queue_full::PERSONALITY),
    (Fault::StoreFull, &store_full::PERSONALITY),
    (Fault::OverQuota, &over_quota::PERSONALITY),
    (Fault::OverQuotaTemp, &over_quota_temp::PERSONALITY),
    (Fault::ProbeUnknown, &probe_unknown::PERSONALITY),
    (Fault::DirectoryBroken, &directory_broken::PERSONALITY),
    (Fault::RelayDenied, &relay_denied::PERSONALITY),
    (Fault::OpenRelay, &open_relay::PERSONALITY),
    (Fault::Greylist, &greylist::PERSONALITY),
    (Fault::LookupFailure, &lookup_failure::PERSONALITY),
    (Fault::FilterDown, &filter_down::PERSONALITY),
    (Fault::LmtpDown, &lmtp_down::PERSONALITY),
    (Fault::MailLost, &mail_lost::PERSONALITY),
    (Fault::MailLoop, &mail_loop::PERSONALITY),
    (Fault::MailLate, &mail_late::PERSONALITY),
    (Fault::StoreLate, &store_late::PERSONALITY),
    (Fault::Junk, &junk::PERSONALITY),
    (Fault::ClockSkew, &clock_skew::PERSONALITY),
    (Fault::OutboundBlocked, &outbound_blocked::PERSONALITY),
    (Fault::ServerResolverDown, &server_resolver_down::PERSONALITY),
    (Fault::OutboundTlsRefused, &outbound_tls_refused::PERSONALITY),
    (Fault::OutboundRejected, &outbound_rejected::PERSONALITY),
    (Fault::DnsDown, &dns_down::PERSONALITY),
    (Fault::DnsHung, &dns_hung::PERSONALITY),
    (Fault::DnsServfail, &dns_servfail::PERSONALITY),
    (Fault::DnssecBroken, &dnssec_broken::PERSONALITY),
    (Fault::DomainGone, &domain_gone::PERSONALITY),
    (Fault::DomainExpiring, &domain_expiring::PERSONALITY),
    (Fault::MxMissing, &mx_missing::PERSONALITY),
    (Fault::MxDead, &mx_dead::PERSONALITY),
    (Fault::MxNxdomain, &mx_nxdomain::PERSONALITY),
    (Fault::MxChanged, &mx_changed::PERSONALITY),
    (Fault::NullMx, &null_mx::PERSONALITY),
    (Fault::SpfMissing, &spf_missing::PERSONALITY),
    (Fault::PtrMissing, &ptr_missing::PERSONALITY),
    (Fault::TlsaMismatch, &tlsa_mismatch::PERSONALITY),
    (Fault::Dnsbl, &dnsbl::PERSONALITY),
    (Fault::DnsblRefused, &dnsbl_refused::PERSONALITY),
    (Fault::MtastsMismatch, &mtasts_mismatch::PERSONALITY),
    (Fault::WebmailDown, &webmail_down::PERSONALITY),
    (Fault::HugeBanner, &huge_banner::PERSONALITY),
    (Fault::EndlessEhlo, &endless_ehlo::PERSONALITY),
    (Fault::Drip, &drip::PERSONALITY),
    (Fault::NulBytes, &nul_bytes::PERSONALITY),
];

impl Fault {
    /// Every fault, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(fault, _)| *fault)
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

    pub(crate) fn personality(self) -> &'static Personality {
        TABLE[self as usize].1
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
        for (at, (fault, _)) in TABLE.iter().enumerate() {
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
