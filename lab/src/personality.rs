//! The seams at which a fault can take hold: what is asked there, and what may be answered.

use std::net::IpAddr;

use crate::authority::CertificateKind;
use crate::dialogue::Turn;
use crate::dns::zone::Zones;
use crate::options::{Endpoint, Host, Service};
use crate::site::Site;
use crate::smtp::reply::Reply;
use crate::web::page::{Page, PageKind};

/// One fault: its words, and its answers at the seams. `None` at a seam means: as if healthy.
#[derive(Debug)]
pub(crate) struct Personality {
    pub(crate) name: &'static str,
    /// Other names for the same thing.
    pub(crate) aliases: &'static [&'static str],
    /// What a client meets, in one sentence.
    pub(crate) seen: &'static str,
    /// Is the port open?
    pub(crate) listening: fn(&Endpoint) -> Option<Listening>,
    /// How is a connection treated?
    pub(crate) conduct: fn(&Endpoint) -> Option<Conduct>,
    /// What is said first, in place of the protocol's own greeting?
    pub(crate) greeting: fn(&Greeting<'_>) -> Option<Turn>,
    /// Which certificate is shown?
    pub(crate) certificate: fn(&Endpoint) -> Option<CertificateKind>,
    /// Is only TLS 1.1 and older spoken?
    pub(crate) old_tls: fn(&Endpoint) -> bool,
    /// Is STARTTLS hidden?
    pub(crate) hides_starttls: fn(&Endpoint) -> bool,
    /// Are logins taken without TLS?
    pub(crate) clear_login: fn(&Endpoint) -> bool,
    /// What does SMTP answer?
    pub(crate) smtp: fn(&SmtpMoment<'_>) -> Option<SmtpAnswer>,
    /// What does IMAP answer?
    pub(crate) imap: fn(&ImapMoment<'_>) -> Option<ImapAnswer>,
    /// What becomes of a login?
    pub(crate) login: fn(&LoginMoment<'_>) -> Option<LoginAnswer>,
    /// What becomes of a mail that is put into a mailbox?
    pub(crate) delivery: fn(&DeliveryMoment<'_>) -> Option<DeliveryAnswer>,
    /// What becomes of a mail that leaves for another host? The reply that the next host gives, or would give.
    pub(crate) outbound: fn(&OutboundMoment) -> Option<&'static str>,
    /// How full is this mailbox of things that are not mail of the lab, in bytes?
    pub(crate) ballast: fn(&str) -> usize,
    /// By how much does the clock of the mail host run ahead, in milliseconds?
    pub(crate) skew_ms: i64,
    /// For how long is the domain registered, counted from the turn of the switch, in milliseconds?
    pub(crate) registered_for_ms: Option<i64>,
    /// Changes the zones.
    pub(crate) zones: fn(&mut Zones, &Site),
    /// Changes the MX hosts that the MTA-STS policy names.
    pub(crate) policy: fn(&mut Vec<String>, &Site),
    /// Changes a page.
    pub(crate) page: fn(PageKind, &mut Page),
}

/// Nothing is wrong: what every fault starts from.
pub(crate) const HEALTHY: Personality = Personality {
    name: "",
    aliases: &[],
    seen: "",
    listening: |_| None,
    conduct: |_| None,
    greeting: |_| None,
    certificate: |_| None,
    old_tls: |_| false,
    hides_starttls: |_| false,
    clear_login: |_| false,
    smtp: |_| None,
    imap: |_| None,
    login: |_| None,
    delivery: |_| None,
    outbound: |_| None,
    ballast: |_| 0,
    skew_ms: 0,
    registered_for_ms: None,
    zones: |_, _| {},
    policy: |_, _| {},
    page: |_, _| {},
};

/// Whether a port is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listening {
    /// Connections are accepted.
    Open,
    /// Nothing listens: connections are refused.
    Closed,
    /// Packets vanish: a client waits until it gives up.
    Dropped,
}

/// How a connection is treated once it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// As the protocol says.
    Serve,
    /// Nothing is ever sent.
    Silent,
    /// Whatever is asked is answered with bytes that mean nothing.
    Garbage,
    /// It is closed before anything was sent.
    CloseAtOnce,
    /// As the protocol says, but each answer comes late by `LabOptions::delay`.
    Slow,
    /// As the protocol says, but the greeting comes late by six times `LabOptions::delay`.
    LateGreeting,
    /// As the protocol says, one byte in each half of `LabOptions::delay`.
    Drip,
}

/// A connection that is about to be greeted.
pub(crate) struct Greeting<'a> {
    pub(crate) endpoint: &'a Endpoint,
}

/// The points of an SMTP dialogue at which a fault can answer in the server's place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SmtpStage<'a> {
    Ehlo,
    StartTls,
    MailFrom,
    RcptTo {
        recipient: &'a str,
    },
    /// The mail is complete, before it is accepted.
    EndOfData,
}

/// A moment of an SMTP dialogue.
pub(crate) struct SmtpMoment<'a> {
    pub(crate) site: &'a Site,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) client: IpAddr,
    pub(crate) sender: &'a str,
    /// Whether somebody is logged in.
    pub(crate) trusted: bool,
    pub(crate) stage: SmtpStage<'a>,
}

/// What a fault says in the server's place.
#[derive(Clone, Debug)]
pub(crate) enum SmtpAnswer {
    /// This reply; the dialogue goes on.
    Reply(Reply),
    /// Whatever this is.
    Say(Turn),
    /// The recipient is taken without a look.
    Accept,
}

/// A moment of an IMAP dialogue: the command about to be carried out.
pub(crate) struct ImapMoment<'a> {
    pub(crate) endpoint: &'a Endpoint,
    /// The command in capitals, without `UID`; empty for the greeting.
    pub(crate) command: &'a str,
}

/// What a fault says in the server's place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ImapAnswer {
    /// A tagged NO with this response code and text.
    No(&'static str),
    /// An untagged BYE with this text, and the connection is closed.
    Bye(&'static str),
    /// The greeting says that the client is already logged in.
    PreAuthenticated,
    /// This text, then these bytes again and again.
    Forever(&'static str, &'static [u8]),
    /// The command is carried out, and this clear text follows its answer at once.
    FollowedBy(&'static str),
}

/// Somebody logs in, over whatever protocol.
pub(crate) struct LoginMoment<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) login: &'a str,
    /// Whether a token is shown, not a password.
    pub(crate) by_token: bool,
}

/// What a fault makes of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginAnswer {
    /// The back end cannot tell.
    TemporaryFailure,
    /// The password or token is not (any more) the right one.
    Wrong,
    /// Too many connections of this user.
    Limit,
    /// No answer ever comes.
    Hang,
}

/// A mail is about to be put into a mailbox.
pub(crate) struct DeliveryMoment<'a> {
    pub(crate) host: Host,
    /// Whose mailbox it is.
    pub(crate) recipient: &'a str,
    /// Whether the mail itself says that another was not delivered.
    pub(crate) is_bounce: bool,
    /// How long the mail has been here, in milliseconds.
    pub(crate) age_ms: i64,
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryAnswer {
    /// It stays in the queue, for this reason.
    Deferred(&'static str),
    /// It goes back to its sender, for this reason.
    Failed(&'static str),
    /// It goes into this folder in place of INBOX.
    Folder(&'static str),
    /// It is thrown away and nobody is told.
    Lost,
    /// It is written to the store so many milliseconds after the last trace field says.
    WrittenLate(i64),
}

/// A mail is about to leave for another host.
pub(crate) struct OutboundMoment {
    pub(crate) from: Host,
    pub(crate) to: Host,
}

impl OutboundMoment {
    /// Whether the mail leaves the watched domain for the other organisation.
    pub(crate) fn leaves(&self) -> bool {
        self.from != Host::Outside && self.to == Host::Outside
    }
}

/// The services of the first MX that take mail from other servers; the backup stays healthy.
pub(crate) fn is_first_mx(at: &Endpoint) -> bool {
    at.host == Host::Mail && at.service == Service::Mx
}
