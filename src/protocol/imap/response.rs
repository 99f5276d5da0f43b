//! IMAP responses: RFC 9051 section 7, and the response codes of RFC 5530.

use crate::protocol::line::{LineReader, printable};
use crate::protocol::{MAX_LINES, MAX_REPLY, ProtocolFault};

/// One response: a line, with the bytes of its literals apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The line, printable; each literal is left as `{n}`.
    pub text: String,
    /// The literals in order.
    pub literals: Vec<Vec<u8>>,
}

/// OK, NO, BAD, BYE or PREAUTH, with code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Which.
    pub kind: StatusKind,
    /// The response code in brackets, with its arguments, in upper case: `UNAVAILABLE`, `UIDNEXT 7`.
    pub code: Option<String>,
    /// The text for people.
    pub text: String,
}

/// The five words that a status begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusKind {
    /// Done.
    Ok,
    /// Not done.
    No,
    /// Not understood.
    Bad,
    /// The server closes.
    Bye,
    /// Logged in from the start.
    Preauth,
}

impl Status {
    /// Reads what follows the tag or the `*`. `None` if it is no status.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let kind = match word.to_ascii_uppercase().as_str() {
            "OK" => StatusKind::Ok,
            "NO" => StatusKind::No,
            "BAD" => StatusKind::Bad,
            "BYE" => StatusKind::Bye,
            "PREAUTH" => StatusKind::Preauth,
            _ => return None,
        };
        let bracket = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (code, text) = match bracket {
            Some((code, text)) => (Some(code.to_ascii_uppercase()), text),
            None => (None, rest),
        };
        Some(Self { kind, code, text: text.trim().to_owned() })
    }

    /// The first word of the response code.
    #[must_use]
    pub fn code_word(&self) -> Option<&str> {
        self.code.as_deref().and_then(|code| code.split(' ').next())
    }

    /// The status as one line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let kind = match self.kind {
            StatusKind::Ok => "OK",
            StatusKind::No => "NO",
            StatusKind::Bad => "BAD",
            StatusKind::Bye => "BYE",
            StatusKind::Preauth => "PREAUTH",
        };
        match &self.code {
            Some(code) => format!("{kind} [{code}] {}", self.text),
            None => format!("{kind} {}", self.text),
        }
    }
}

/// Collects lines and literals into responses.
#[derive(Debug, Default)]
pub struct ResponseReader {
    lines: LineReader,
    text: String,
    literals: Vec<Vec<u8>>,
    /// Bytes of the current literal that are still to come.
    missing: usize,
    size: usize,
}

impl ResponseReader {
    /// Takes the next whole response off `bytes`. `None`: more bytes are needed.
    ///
    /// # Errors
    /// [`ProtocolFault`] if this is no IMAP response, or one without end.
    pub fn next_response(&mut self, bytes: &mut &[u8]) -> Result<Option<Response>, ProtocolFault> {
        loop {
            self.fill_literal(bytes);
            if self.missing > 0 {
                return Ok(None);
            }
            let Some(line) = self.lines.next_line(bytes)? else {
                self.judge_beginning()?;
                return Ok(None);
            };
            self.size += line.len();
            self.text.push_str(&printable(&line));
            match literal_size(&line) {
                Some(size) => self.begin_literal(size)?,
                None => return Ok(Some(self.finish())),
            }
        }
    }

    fn fill_literal(&mut self, bytes: &mut &[u8]) {
        let taken = self.missing.min(bytes.len());
        let (head, rest) = bytes.split_at(taken);
        if let Some(literal) = self.literals.last_mut() {
            literal.extend_from_slice(head);
        }
        self.missing -= taken;
        *bytes = rest;
    }

    fn begin_literal(&mut self, size: usize) -> Result<(), ProtocolFault> {
        self.size = self.size.saturating_add(size);
        if self.size > MAX_REPLY || self.literals.len() == MAX_LINES {
            return Err(ProtocolFault::ReplyTooLong);
        }
        self.literals.push(Vec::new());
        self.missing = size;
        Ok(())
    }

    fn finish(&mut self) -> Response {
        self.size = 0;
        Response { text: std::mem::take(&mut self.text), literals: std::mem::take(&mut self.literals) }
    }

    fn judge_beginning(&self) -> Result<(), ProtocolFault> {
        let partial = self.lines.partial();
        match partial.first() {
            Some(0x15 | 0x16) if partial.get(1).is_none_or(|&b| b == 3) => {
                Err(ProtocolFault::TlsWhereClearText)
            }
            Some(byte) if !byte.is_ascii_graphic() && self.text.is_empty() => Err(ProtocolFault::NotAReply),
            _ => Ok(()),
        }
    }
}

/// RFC 9051 section 4.3: a line that ends in `{n}` is followed by n bytes as they are. A size that no number holds
/// counts as too large.
fn literal_size(line: &[u8]) -> Option<usize> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|&byte| byte == b'{')?;
    let digits = inner.get(open + 1..)?;
    let numeric = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    numeric.then(|| std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(mut bytes: &[u8]) -> Result<Vec<Response>, ProtocolFault> {
        let mut reader = ResponseReader::default();
        let mut found = Vec::new();
        while let Some(response) = reader.next_response(&mut bytes)? {
            found.push(response);
        }
        Ok(found)
    }

    #[track_caller]
    fn check_status(text: &str, kind: StatusKind, code: Option<&str>, said: &str) {
        let status = Status::read(text).expect("a status");
        assert_eq!((status.kind, status.code_word(), status.text.as_str()), (kind, code, said));
    }

    #[test]
    fn response_codes_are_read_from_the_bracket() {
        check_status("NO [UNAVAILABLE] later", StatusKind::No, Some("UNAVAILABLE"), "later");
        check_status(
            "NO [AUTHENTICATIONFAILED] Wrong",
            StatusKind::No,
            Some("AUTHENTICATIONFAILED"),
            "Wrong",
        );
        check_status("OK [CAPABILITY IMAP4rev1 ID] hi", StatusKind::Ok, Some("CAPABILITY"), "hi");
        check_status("bye", StatusKind::Bye, None, "");
        check_status("NO [broken", StatusKind::No, None, "[broken");
        assert_eq!(Status::read("CAPABILITY IMAP4rev1"), None);
    }

    #[test]
    fn a_literal_may_hold_line_ends() {
        let found = read_all(b"* 1 FETCH (BODY[HEADER] {9}\r\na: b\r\n\r\n)\r\na1 OK\r\n").expect("valid");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].literals, vec![b"a: b\r\n\r\n)".to_vec()]);
        assert_eq!(found[1].text, "a1 OK");
    }

    #[test]
    fn an_endless_literal_is_refused_before_it_is_read() {
        assert_eq!(read_all(b"* 1 FETCH {99999999}\r\n"), Err(ProtocolFault::ReplyTooLong));
        assert_eq!(read_all(b"* 1 FETCH {99999999999999999999999}\r\n"), Err(ProtocolFault::ReplyTooLong));
        assert_eq!(read_all(b"\x16\x03\x01"), Err(ProtocolFault::TlsWhereClearText));
        assert_eq!(read_all(b"\xff\xfe"), Err(ProtocolFault::NotAReply));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_in_bounds(bytes in prop::collection::vec(prop_oneof![
            Just(b'{'), Just(b'}'), Just(b'9'), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..400)) {
            if let Ok(found) = read_all(&bytes) {
                let kept: usize = found.iter().map(|r| r.literals.iter().map(Vec::len).sum::<usize>()).sum();
                prop_assert!(kept <= bytes.len());
            }
        }
    }
}
