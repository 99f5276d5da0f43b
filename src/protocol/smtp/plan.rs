//! What an SMTP dialogue is to ask.

use secrecy::SecretString;

use crate::service::{Account, LoginMethod, Mailbox};

/// The whole plan of one connection.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Our name for EHLO: a host name or an address literal.
    pub helo: String,
    /// How TLS begins.
    pub tls: TlsPlan,
    /// The account to log in with, once TLS is up and the certificate is good.
    pub login: Option<Credentials>,
    /// Envelopes to try, one after the other.
    pub transactions: Vec<Transaction>,
}

/// How TLS begins on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsPlan {
    /// With STARTTLS where it is offered; else in clear text, as mail servers do among themselves.
    WhereOffered,
    /// With STARTTLS; without it the dialogue ends.
    Required,
    /// Before the greeting; the transport has done it.
    Already,
}

/// A login name with its secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The login name.
    pub login: String,
    /// The password or token.
    pub secret: SecretString,
    /// How it is proved.
    pub method: LoginMethod,
}

impl From<&Account> for Credentials {
    fn from(account: &Account) -> Self {
        Self { login: account.login.clone(), secret: account.secret.clone(), method: account.method }
    }
}

/// One envelope, and the message if one is to be sent.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// The sender; `None` is the empty one, `<>`.
    pub sender: Option<Mailbox>,
    /// Whom to name, with why.
    pub recipients: Vec<(Role, Mailbox)>,
    /// The message with CRLF line ends, not dot-stuffed. `None`: the recipients are only asked about.
    pub message: Option<Vec<u8>>,
    /// RFC 3461 section 4.4: ties a bounce to this envelope, where the server offers DSN. Letters and digits.
    pub envelope_id: Option<String>,
}

/// Why a recipient is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Our own probe mailbox: must be taken.
    Probe,
    /// `postmaster`: every domain must take it, RFC 5321 section 4.5.1.
    Postmaster,
    /// A name that nobody has: must be refused.
    Unknown,
    /// A mailbox at another domain: refused to strangers, taken after a login.
    Foreign,
    /// Who reads an update; nothing is judged by the answer but whether it reaches them.
    Reader,
}

impl Role {
    /// The role in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Probe => "the probe mailbox",
            Self::Postmaster => "postmaster",
            Self::Unknown => "a name that nobody has",
            Self::Foreign => "a mailbox at another domain",
            Self::Reader => "a reader",
        }
    }
}
