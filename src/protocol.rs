//! Mail dialogues as state machines without sockets.
//!
//! 1. A caller builds a dialogue with its plan: what to ask, in which order.
//! 2. [`crate::transport`] asks [`Dialogue::step`] what to do: send, read, begin TLS, pause, or end.
//! 3. It hands what arrives to [`Dialogue::receive`], with the milliseconds since the connection was begun.
//! 4. The caller reads the record of the dialogue, and judges.
//!
//! No clock, no socket and no task in here, so every dialogue can be played from a table.

pub mod http_date;
pub mod imap;
pub mod knock;
pub mod line;
pub mod pop3;
pub mod sieve;
pub mod smtp;
pub mod talk;
pub mod transcript;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::SetOnce;
use watchpost_texts::say;

/// Largest line that is read, in bytes. RFC 5321 section 4.5.3.1.5 says 512; real servers send more.
pub const MAX_LINE: usize = 4 * 1024;
/// Largest reply of several lines, in bytes.
pub const MAX_REPLY: usize = 64 * 1024;
/// Most lines in one reply.
pub const MAX_LINES: usize = 100;

/// What the transport does next for a dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write these bytes.
    Send(Vec<u8>),
    /// Wait for bytes.
    Read,
    /// Begin TLS on this connection, then say so with [`Dialogue::secured`].
    StartTls,
    /// Wait this long, then ask again.
    Pause(Duration),
    /// Wait for what [`Dialogue::held_by`] names, then ask again.
    Hold,
    /// Close; the dialogue is over.
    Done,
}

/// Something that a dialogue waits to hear: true where what it waits for has come about, false where it will not.
pub type News = Arc<SetOnce<bool>>;

/// A conversation with one server.
pub trait Dialogue: Send {
    /// What to do next.
    fn step(&mut self) -> Step;

    /// Takes bytes that arrived `at` milliseconds after the connection was begun.
    ///
    /// # Errors
    /// [`ProtocolFault`] if the peer does not keep to the protocol; the dialogue is over then.
    fn receive(&mut self, bytes: &[u8], at: u64) -> Result<(), ProtocolFault>;

    /// TLS is up; `trusted` says that chain, name and time of the certificate are good. Secrets are sent only then.
    fn secured(&mut self, trusted: bool, at: u64);

    /// A [`Step::Pause`] or a [`Step::Hold`] is over.
    fn woken(&mut self, at: u64) {
        let _ = at;
    }

    /// What a [`Step::Hold`] waits for: news from elsewhere, which somebody sets once.
    fn held_by(&self) -> Option<News> {
        None
    }

    /// Where the conversation stands, to choose its deadline and to name where it broke.
    fn phase(&self) -> Phase;
}

/// The steps of a dialogue, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The TCP connection.
    Connect,
    /// The server's first words.
    Greeting,
    /// EHLO, or CAPABILITY.
    Hello,
    /// The command that asks for TLS.
    StartTls,
    /// The TLS handshake.
    Handshake,
    /// The login.
    Login,
    /// Opening a mailbox, its quota, and reading in it.
    Mailbox,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, up to the 354.
    Data,
    /// From the final dot to its reply.
    Message,
    /// RSET between two transactions.
    Reset,
    /// QUIT, or LOGOUT: everything that was wanted is known.
    Quit,
}

impl Phase {
    /// The phase in words, to follow "at".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Connect => say!("the connection"),
            Self::Greeting => say!("the greeting"),
            Self::Hello => say!("EHLO or CAPABILITY"),
            Self::StartTls => "STARTTLS",
            Self::Handshake => say!("the TLS handshake"),
            Self::Login => say!("the login"),
            Self::Mailbox => say!("the mailbox"),
            Self::Sender => say!("MAIL FROM"),
            Self::Recipient => say!("RCPT TO"),
            Self::Data => "DATA",
            Self::Message => say!("the end of the message"),
            Self::Reset => "RSET",
            Self::Quit => "QUIT",
        }
    }
}

/// How the peer broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolFault {
    /// A line longer than [`MAX_LINE`].
    #[error("{}", say!("a line of more than {MAX_LINE} bytes"))]
    LineTooLong,
    /// A reply longer than [`MAX_REPLY`], or of more than [`MAX_LINES`] lines.
    #[error("{}", say!("a reply without end"))]
    ReplyTooLong,
    /// Not a reply of this protocol.
    #[error("{}", say!("bytes that are no reply of this protocol"))]
    NotAReply,
    /// A TLS record where clear text belongs.
    #[error("{}", say!("TLS on a port where clear text is expected"))]
    TlsWhereClearText,
    /// Clear text came after the reply to STARTTLS and before TLS. RFC 3207 section 6: it must not be believed.
    #[error("{}", say!("clear text behind the reply to STARTTLS, as an attacker in the path would add it"))]
    ClearTextBehindStartTls,
    /// The lines of one reply carry different codes.
    #[error("{}", say!("one reply with different codes"))]
    MixedCodes,
}
