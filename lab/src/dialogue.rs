//! What every protocol of the lab is: a dialogue that is handed lines and blocks, and says what to send and what to
//! read next. It never sees a socket; `listener.rs` has them all.

/// The longest line that is read before the peer is cut off, in bytes. RFC 5321 §4.5.3.1.6 asks for 1,000 and IMAP
/// clients send search lines of several KiB.
pub(crate) const MOST_LINE_BYTES: usize = 16 * 1024;

/// What is to happen after the answer was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Read a line.
    Line,
    /// Read exactly so many bytes (an IMAP literal).
    Block(usize),
    /// Begin TLS on this connection, then go on with `secured`.
    StartTls,
    /// Read and never answer again.
    Hang,
    /// Send this again and again until the peer leaves.
    Forever(&'static [u8]),
    /// Close the connection.
    Close,
}

/// An answer, and what is to happen then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) bytes: Vec<u8>,
    pub(crate) next: Next,
}

impl Turn {
    pub(crate) fn line(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            next: Next::Line,
        }
    }

    pub(crate) fn close(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            next: Next::Close,
        }
    }

    pub(crate) fn hang() -> Self {
        Self {
            bytes: Vec::new(),
            next: Next::Hang,
        }
    }
}

/// A protocol on the server's side.
pub(crate) trait Dialogue: Send {
    /// What is said first.
    fn open(&mut self) -> Turn;
    /// A line came, with its line end.
    fn line(&mut self, line: &[u8]) -> Turn;
    /// The block came that [`Next::Block`] asked for.
    fn block(&mut self, bytes: Vec<u8>) -> Turn;
    /// TLS is in place: forget what was said before (RFC 3207 §4.2), and say what is due.
    fn secured(&mut self) -> Turn;
    /// A line came that was longer than [`MOST_LINE_BYTES`].
    fn too_long(&mut self) -> Turn;
}

/// A line as text without its line end; what is not UTF-8 is replaced.
pub(crate) fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line)
        .trim_end_matches(['\r', '\n'])
        .to_owned()
}
