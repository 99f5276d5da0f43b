//! Checks: one question each to a mail service, and what was found.
//!
//! 1. [`Prober::assess`] runs the checks of a set, different addresses and ports at once.
//! 2. A check takes what it needs from the [`round::Round`]: the MX hosts, their addresses, a dialogue. Each is found
//!    out once in a round, whoever asks first.
//! 3. Its [`Finding`]s name facts, verdict, cause and what to do.
//! 4. [`crate::diagnose`] puts the causes in order and makes the [`Assessment`].
//!
//! A new check is one file in `check/` and two adjacent lines here: `mod` and its entry in [`all`].

mod address;
mod assess;
mod attachment;
mod blocklist;
mod by_mx;
mod client_settings;
mod clock;
mod dane;
mod delivery;
mod dkim;
mod dmarc;
mod dnssec;
mod finding;
mod imap;
mod inbound;
mod mta_sts;
mod mx;
mod name_servers;
mod network;
mod outbound;
mod pop3;
mod registration;
mod resolver;
mod reverse_name;
mod sieve;
mod smtp_relay;
mod spf;
mod stores;
mod submission;
mod tls_report;
mod tls_versions;
mod vantage;
mod web;

mod authentication_results;
mod changes;
#[cfg(test)]
mod evidence;
mod judge;
mod logins;
mod memory;
mod patience;
mod probe_mail;
mod reply_cause;
mod round;
#[cfg(test)]
pub(crate) mod tests;
mod token;

use futures::future::BoxFuture;

pub use self::assess::{Prober, Progress, Silent};
pub use self::changes::changed;
pub(crate) use self::finding::Path;
pub use self::finding::{Assessment, Capabilities, Capability, Facts, Finding, Verdict};
pub use self::memory::{Keeper, Memory};
pub(crate) use self::patience::ASKED_AGAIN;
use self::round::Round;
pub(crate) use self::vantage::{ANSWERS as ANSWERS_THERE, SEEN as SEEN_THERE};

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// Names, addresses, greetings, TLS: about two seconds, no login. For every minute or two.
    Fast,
    /// The same, and logins, recipients, a probe mail there and back. For every five minutes.
    Functional,
    /// The same as fast, and what changes slowly: SPF, DKIM, DMARC, MTA-STS, blocklists, the registration. No login.
    /// For every six hours.
    Hygiene,
    /// Everything that is light enough. For people who ask.
    Full,
    /// The same as functional, and what is too heavy for every few minutes: a large mail, a mail to each store. For the
    /// rounds of a proof.
    Proof,
}

impl Set {
    /// Whether a run of this set runs the checks of that one.
    #[must_use]
    pub fn includes(self, part: Self) -> bool {
        let own = self == part || part == Self::Fast;
        own || (self == Self::Full && part != Self::Proof)
            || (self == Self::Proof && part == Self::Functional)
    }

    /// Whether accounts log in and recipients are named.
    #[must_use]
    pub fn asks_as_people(self) -> bool {
        self.includes(Self::Functional)
    }
}

/// What a check cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing but a network.
    Nothing,
    /// A name server that answers.
    Names,
    /// The probe account of the service.
    ProbeAccount,
    /// The probe account, and a mailbox at another provider.
    MailboxElsewhere,
}

/// One check.
pub struct Check {
    /// Its name, as it stands in findings.
    pub name: &'static str,
    /// What it asks, in words.
    pub asks: &'static str,
    /// The smallest set that it belongs to.
    pub set: Set,
    /// What it cannot do without.
    pub needs: Need,
    run: for<'a> fn(&'a Round<'a>) -> BoxFuture<'a, Vec<Finding>>,
}

/// Every check, in the order in which a dialogue would break.
#[must_use]
pub fn all() -> &'static [Check] {
    &[
        resolver::CHECK,
        network::CHECK,
        clock::CHECK,
        mx::CHECK,
        name_servers::CHECK,
        dnssec::CHECK,
        registration::CHECK,
        address::CHECK,
        smtp_relay::CHECK,
        submission::CHECK,
        imap::CHECK,
        pop3::CHECK,
        sieve::CHECK,
        delivery::CHECK,
        by_mx::CHECK,
        attachment::CHECK,
        stores::CHECK,
        inbound::CHECK,
        outbound::CHECK,
        web::CHECK,
        client_settings::CHECK,
        spf::CHECK,
        dkim::CHECK,
        dmarc::CHECK,
        mta_sts::CHECK,
        tls_report::CHECK,
        dane::CHECK,
        tls_versions::CHECK,
        reverse_name::CHECK,
        blocklist::CHECK,
        vantage::CHECK,
    ]
}
