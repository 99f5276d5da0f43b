//! What a check found, and what all of them together say.

use std::net::SocketAddr;

use serde::{Serialize, Serializer};

use crate::cause::Cause;
use crate::protocol::transcript::Transcript;
use crate::service::HostName;
use crate::transport::Target;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Works.
    Ok,
    /// Works with limits, or will not for long.
    Degraded,
    /// Does not work.
    Down,
    /// Cannot be known from here.
    #[default]
    Unknown,
}

impl Verdict {
    /// The worse of two. What is known to be bad weighs more than what is not known.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if self.weight() >= other.weight() { self } else { other }
    }

    /// 0 is fine, 3 is down.
    #[must_use]
    pub fn weight(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Unknown => 1,
            Self::Degraded => 2,
            Self::Down => 3,
        }
    }

    /// The verdict in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

/// Names and values in the order in which they were found; a map in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(Vec<(&'static str, String)>);

impl Facts {
    /// Adds a fact.
    pub fn add(&mut self, name: &'static str, value: impl ToString) {
        self.0.push((name, value.to_string()));
    }

    /// The value of a fact.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Which way of the mail a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Path {
    /// From outside to an MX host.
    Incoming,
    /// From people's programs to the submission ports.
    Outgoing,
    /// From the mailbox to people's programs by IMAP.
    Reading,
    /// The same by POP3.
    ReadingPop3,
    /// From the server to the mailbox.
    Delivery,
    /// A whole way from another provider to the mailbox.
    Inbound,
    /// A whole way from the mailbox to another provider.
    Outbound,
    /// Everything that rests on the domain's names.
    Names,
    /// None: a matter of care, or of the watcher itself.
    Aside,
}

/// What one check found at one target.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// What was asked: a name, or `mail.example.org 192.0.2.1:25`.
    pub target: String,
    /// How it stands.
    pub verdict: Verdict,
    /// Why, where something is to be said. A finding that is `ok` may have one: greylisting is no fault.
    pub cause: Option<Cause>,
    /// What was seen.
    pub facts: Facts,
    /// The next steps, in order.
    pub what_to_do: Vec<&'static str>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Which way of the mail it is about.
    #[serde(skip)]
    pub(crate) path: Path,
    /// The host and the address that it is about, where it is about one.
    #[serde(skip)]
    pub(crate) at: Option<(HostName, SocketAddr)>,
    /// Who said what, without secrets.
    #[serde(skip)]
    pub transcript: Option<Transcript>,
}

impl Finding {
    pub(crate) fn ok(check: &'static str, target: impl ToString, path: Path) -> Self {
        Self {
            check,
            target: target.to_string(),
            verdict: Verdict::Ok,
            cause: None,
            facts: Facts::default(),
            what_to_do: Vec::new(),
            millis: 0,
            path,
            at: None,
            transcript: None,
        }
    }

    /// A finding about one address of a host.
    pub(crate) fn at(check: &'static str, target: &Target, path: Path) -> Self {
        let socket = target.address.socket();
        let mut finding = Self::ok(check, format!("{} {socket}", target.host), path);
        finding.at = Some((target.host.clone(), socket));
        finding
    }

    pub(crate) fn fact(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.add(name, value);
        self
    }

    pub(crate) fn took(mut self, millis: u64) -> Self {
        self.millis = millis;
        self
    }

    /// Sets verdict and cause, and what the table says is to be done.
    pub(crate) fn judged(mut self, verdict: Verdict, cause: Cause) -> Self {
        self.verdict = verdict;
        self.cause = Some(cause);
        self.what_to_do = cause.what_to_do().to_vec();
        self
    }
}

/// What people want from a mail service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Mail from outside comes in.
    Receive,
    /// Mail to outside goes out.
    Send,
    /// Mail among the people of the domain.
    Internal,
    /// Logging in and reading.
    Read,
}

/// The four capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
pub struct Capabilities {
    /// Mail from outside comes in.
    pub receive: Verdict,
    /// Mail to outside goes out.
    pub send: Verdict,
    /// Mail among the people of the domain.
    pub internal: Verdict,
    /// Logging in and reading.
    pub read: Verdict,
}

impl Capabilities {
    /// Each with its name in words.
    #[must_use]
    pub fn each(&self) -> [(Capability, Verdict); 4] {
        [
            (Capability::Receive, self.receive),
            (Capability::Send, self.send),
            (Capability::Internal, self.internal),
            (Capability::Read, self.read),
        ]
    }
}

/// All findings of a run, with the root cause on top. Serialises as `watchpost check --json` prints it.
#[derive(Debug, Clone, Serialize)]
pub struct Assessment {
    /// The service's name.
    pub service: String,
    /// How it stands as a whole.
    pub verdict: Verdict,
    /// The primary cause.
    pub cause: Option<Cause>,
    /// Causes that stand beside the primary one and do not follow from it, worst first.
    pub independent: Vec<Cause>,
    /// One calm sentence or two: what it means, why, what next.
    pub summary: String,
    /// The four capabilities.
    pub capabilities: Capabilities,
    /// Everything that was found, the primary cause and its consequences first.
    pub findings: Vec<Finding>,
    /// The whole run, in milliseconds.
    pub millis: u64,
    /// Indices into `findings`: what follows from the primary cause.
    #[serde(skip)]
    pub consequences: Vec<usize>,
    /// What to do next, in order.
    #[serde(skip)]
    pub what_to_do: Vec<&'static str>,
}
