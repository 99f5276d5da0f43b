//! How a connection ended.

use std::io::ErrorKind;

use watchpost_texts::say;

use crate::protocol::ProtocolFault;

/// How a connection ended, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ending {
    /// The dialogue came to its end.
    #[error("finished")]
    Finished,
    /// The host answered that nobody listens.
    #[error("{}", say!("connection refused"))]
    Refused,
    /// A router answered that there is no way.
    #[error("{}", say!("no route to the host"))]
    Unreachable,
    /// Nobody answered.
    #[error("{}", say!("no answer to the connection"))]
    ConnectTimeout,
    /// The peer stopped answering, or was slower than the deadline.
    #[error("{}", say!("no answer in time"))]
    Timeout,
    /// The peer closed, in order or by reset.
    #[error("{}", say!("closed by the server"))]
    Closed,
    /// The peer does not keep to its protocol.
    #[error("{0}")]
    Broken(ProtocolFault),
    /// The peer sent more than is read in one dialogue.
    #[error("{}", say!("more bytes than any mail server has to say"))]
    TooMuch,
    /// TLS did not come about.
    #[error("{0}")]
    Tls(TlsFault),
    /// This machine could not even try: no IPv6, no free port, no right.
    #[error("{}", say!("this machine could not connect: {0}", _0))]
    Own(ErrorKind),
}

/// Why TLS did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The server speaks only TLS 1.0 or 1.1, which RFC 8996 took out of use.
    #[error("{}", say!("the server offers only TLS versions that are out of use"))]
    TooOld,
    /// What came is no TLS.
    #[error("{}", say!("clear text on a port where TLS is expected"))]
    ClearText,
    /// The server closed during the handshake.
    #[error("{}", say!("closed by the server during the TLS handshake"))]
    Closed,
    /// The server sent an alert, or something that does not fit together.
    #[error("{}", say!("the TLS handshake failed: {0}", _0))]
    Failed(String),
    /// TLS within TLS was asked for.
    #[error("{}", say!("TLS is up already"))]
    Twice,
}

impl Ending {
    pub(super) fn of_connect(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::TimedOut => Self::ConnectTimeout,
            ErrorKind::HostUnreachable => Self::Unreachable,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Self::Closed,
            // NetworkUnreachable is our own routing table: there is no route from here.
            kind => Self::Own(kind),
        }
    }

    pub(super) fn of_stream(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::TimedOut => Self::Timeout,
            _ => Self::Closed,
        }
    }
}
