//! The seams at which a fault can take hold: what is asked there, and what may be answered.

use std::net::IpAddr;
use std::time::Duration;

use crate::authority::CertificateKind;
use crate::dns::zone::Zones;
use crate::options::{Endpoint, Host};
use crate::site::Site;
use crate::smtp::reply::Reply;

/// One fault: its words, and its answers at the seams. `None` at a seam means: as if healthy.
#[derive(Debug)]
pub(crate) struct Personality {
    pub(crate) name: &'static str,
    /// Other names for the same thing.
    pub(crate) aliases: &'static [&'static str],
    /// What a client meets, in one sentence.
    pub(crate) seen: &'static str,
    pub(crate) listening: fn(&Endpoint) -> Option<Listening>,
    pub(crate) conduct: fn(&Endpoint) -> Option<Conduct>,
    pub(crate) certificate: fn(&Endpoint) -> Option<CertificateKind>,
    pub(crate) smtp: fn(&SmtpMoment<'_>) -> Option<SmtpAnswer>,
    pub(crate) imap: fn(&ImapMoment<'_>) -> Option<ImapAnswer>,
    pub(crate) login: fn(&LoginMoment<'_>) -> Option<LoginAnswer>,
    pub(crate) delivery: fn(&DeliveryMoment<'_>) -> Option<DeliveryAnswer>,
    /// Changes the zones.
    pub(crate) zones: fn(&mut Zones, &Site),
    /// Changes the MX hosts that the MTA-STS policy names.
    pub(crate) policy: fn(&mut Vec<String>, &Site),
}

/// Nothing is wrong: what every fault starts from.
pub(crate) const HEALTHY: Personality = Personality {
    name: "",
    aliases: &[],
    seen: "",
    listening: |_| None,
    conduct: |_| None,
    certificate: |_| None,
    smtp: |_| None,
    imap: |_| None,
    login: |_| None,
    delivery: |_| None,
    zones: |_, _| {},
    policy: |_, _| {},
};

/// Whether a port is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listening {
    /// Connections are accepted.
    Open,
    /// Nothing listens: connections are refused.
    Closed,
}

/// How a connection is treated once it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// As the protocol says.
    Serve,
    /// Nothing is ever sent.
    Silent,
    /// As the protocol says, but each answer comes late by this much.
    Slow(Duration),
}

/// The points of an SMTP dialogue at which a fault can answer in the server's place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SmtpStage<'a> {
    Banner,
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
    pub(crate) stage: SmtpStage<'a>,
}

/// What a fault says in the server's place.
#[derive(Clone, Debug)]
pub(crate) enum SmtpAnswer {
    /// This reply; the dialogue goes on.
    Reply(Reply),
    /// This reply, and the connection is closed.
    ReplyAndClose(Reply),
}

/// A moment of an IMAP dialogue: the command about to be carried out, or the greeting.
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
}

/// Somebody logs in, over whatever protocol.
pub(crate) struct LoginMoment<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) login: &'a str,
}

/// What a fault makes of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginAnswer {
    /// The back end cannot tell.
    TemporaryFailure,
    /// The password is not (any more) the right one.
    WrongPassword,
    /// No answer ever comes.
    Hang,
}

/// A mail is about to be put into a mailbox.
pub(crate) struct DeliveryMoment<'a> {
    pub(crate) host: Host,
    pub(crate) recipient: &'a str,
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryAnswer {
    /// It stays in the queue, for this reason.
    Deferred(&'static str),
    /// It goes into this folder in place of INBOX.
    Folder(&'static str),
    /// It is thrown away and nobody is told.
    Lost,
}
