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
        Self { bytes: bytes.into(), next: Next::Line }
    }

    /// Nothing is said; the next line is awaited.
    pub(crate) fn listen() -> Self {
        Self { bytes: Vec::new(), next: Next::Line }
    }

    pub(crate) fn close(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), next: Next::Close }
    }

    pub(crate) fn hang() -> Self {
        Self { bytes: Vec::new(), next: Next::Hang }
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
    String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::options::{Endpoint, Host, LabOptions, Service};
    use crate::site::Site;
    use crate::{dns, imap, pop3, sieve, smtp, web};

    /// More than any answer of these dialogues may hold, in bytes: FETCH of a whole mailbox.
    const MOST_ANSWER_BYTES: usize = crate::mailbox::QUOTA_BYTES;

    fn dialogues(site: &Arc<Site>) -> Vec<Box<dyn Dialogue>> {
        let at = |service| Endpoint { host: Host::Mail, service, address: ([127, 0, 0, 1], 1).into() };
        let client = [127, 0, 0, 1].into();
        vec![
            Box::new(smtp::Session::new(Arc::clone(site), at(Service::Mx), client, false)),
            Box::new(smtp::Session::new(Arc::clone(site), at(Service::Submissions), client, true)),
            Box::new(imap::Session::new(Arc::clone(site), at(Service::Imap), false)),
            Box::new(imap::Session::new(Arc::clone(site), at(Service::Imaps), true)),
            Box::new(pop3::Session::new(Arc::clone(site), at(Service::Pop3s), true)),
            Box::new(sieve::Session::new(Arc::clone(site), at(Service::Sieve))),
            Box::new(web::Session::new(Arc::clone(site))),
            Box::new(dns::Session::new(Arc::clone(site))),
        ]
    }

    /// What a client says: sense, half of it, and noise.
    fn said() -> impl Strategy<Value = Vec<u8>> {
        let sense = prop::sample::select(vec![
            "EHLO a",
            "MAIL FROM:<a@lab.example>",
            "RCPT TO:<bob@lab.example>",
            "DATA",
            ".",
            "..",
            "RSET",
            "STARTTLS",
            "AUTH PLAIN AGJvYgBib2ItcGFzc3dvcmQ=",
            "AUTH LOGIN",
            "AUTH XOAUTH2 =",
            "t LOGIN bob bob-password",
            "t SELECT INBOX",
            "t UID FETCH 1:* (FLAGS BODY[])",
            "t UID SEARCH OR ALL NOT (SEEN)",
            "t APPEND INBOX {5}",
            "t STORE 1 +FLAGS (\\Deleted)",
            "t EXPUNGE",
            "t AUTHENTICATE PLAIN",
            "t MOVE 1 Trash",
            "t STATUS INBOX (UIDNEXT)",
            "USER bob",
            "PASS bob-password",
            "STAT",
            "TOP 1 1",
            "RETR 1",
            "DELE 1",
            "UIDL",
            "QUIT",
            "AUTHENTICATE \"PLAIN\" {3+}",
            "GET / HTTP/1.1",
            "Host: webmail.lab.example",
            "",
        ]);
        let noise = prop::collection::vec(any::<u8>(), 0..40);
        prop_oneof![
            4 => sense.clone().prop_map(|text| text.as_bytes().to_vec()),
            1 => (sense, 0_usize..10).prop_map(|(text, cut)| text.bytes().skip(cut).collect()),
            1 => noise,
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn nothing_that_a_client_says_breaks_a_dialogue(lines in prop::collection::vec(said(), 0..40)) {
            thread_local! {
                static SITE: Arc<Site> = Arc::new(Site::new(LabOptions::default()).expect("a site"));
            }
            for mut dialogue in SITE.with(dialogues) {
                let mut turn = dialogue.open();
                for line in &lines {
                    prop_assert!(turn.bytes.len() <= MOST_ANSWER_BYTES);
                    turn = match turn.next {
                        Next::Line => dialogue.line(&[line.as_slice(), b"\r\n"].concat()),
                        Next::Block(length) => dialogue.block(line.iter().copied().cycle().take(length.min(4096)).collect()),
                        Next::StartTls => dialogue.secured(),
                        Next::Hang | Next::Forever(_) | Next::Close => break,
                    };
                }
            }
        }
    }
}
