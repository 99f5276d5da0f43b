//! SMTP replies: RFC 5321 section 4.2, with the enhanced codes of RFC 2034 and RFC 3463.

use std::fmt;

use crate::protocol::line::{LineReader, printable};
use crate::protocol::{MAX_LINES, MAX_REPLY, ProtocolFault};

/// One reply of an SMTP server, of one or more lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The enhanced status code, where there is one and its class agrees with the code.
    pub enhanced: Option<Enhanced>,
    /// The text of each line, printable, without the codes.
    pub lines: Vec<String>,
}

/// What the first digit of a reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyClass {
    /// 2yz: done.
    Done,
    /// 3yz: go on.
    GoOn,
    /// 4yz: try again later; nothing changed.
    Later,
    /// 5yz: no.
    Refused,
}

impl Reply {
    /// What the first digit says. RFC 5321 section 4.5.3.1.10: a 552 to RCPT for too many recipients means 452.
    #[must_use]
    pub fn class(&self) -> ReplyClass {
        match self.code / 100 {
            2 => ReplyClass::Done,
            3 => ReplyClass::GoOn,
            4 => ReplyClass::Later,
            5 if self.code == 552 && self.says(&["too many recipients"]) => ReplyClass::Later,
            _ => ReplyClass::Refused,
        }
    }

    /// 2yz.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.class() == ReplyClass::Done
    }

    /// The lines in one, for people.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.join(" ").trim().to_owned()
    }

    /// Whether the text holds one of these, all in lower case.
    #[must_use]
    pub fn says(&self, words: &[&str]) -> bool {
        let text = self.text().to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    }

    /// The enhanced code as three numbers; zeros where there is none.
    #[must_use]
    pub fn status(&self) -> (u8, u16, u16) {
        self.enhanced.map_or((0, 0, 0), |e| (e.class, e.subject, e.detail))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(out, " {enhanced}")?;
        }
        write!(out, " {}", self.text())
    }
}

/// An enhanced status code, `5.7.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enhanced {
    /// 2, 4 or 5.
    pub class: u8,
    /// What it is about: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// The detail within the subject.
    pub detail: u16,
}

impl Enhanced {
    /// Reads `d.ddd.ddd` (RFC 3463 section 2) at the start of a text; `None` if there is none.
    #[must_use]
    pub fn at_start(text: &str) -> Option<Self> {
        let word = text.split(' ').next()?;
        let mut parts = word.split('.');
        let class = parts.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        let mut number = || parts.next().filter(|part| (1..=3).contains(&part.len()))?.parse().ok();
        let (subject, detail) = (number()?, number()?);
        parts.next().is_none().then_some(Self { class, subject, detail })
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Collects the lines of a reply.
#[derive(Debug, Default)]
pub struct ReplyReader {
    lines: LineReader,
    code: Option<u16>,
    texts: Vec<String>,
    size: usize,
}

impl ReplyReader {
    /// Takes the next whole reply off `bytes`. `None`: more bytes are needed.
    ///
    /// # Errors
    /// [`ProtocolFault`] if this is no SMTP reply, or one without end.
    pub fn next_reply(&mut self, bytes: &mut &[u8]) -> Result<Option<Reply>, ProtocolFault> {
        while let Some(line) = self.lines.next_line(bytes)? {
            self.size += line.len();
            if self.size > MAX_REPLY || self.texts.len() == MAX_LINES {
                return Err(ProtocolFault::ReplyTooLong);
            }
            if self.take_line(&line)? {
                return Ok(Some(self.finish()));
            }
        }
        self.judge_beginning()?;
        Ok(None)
    }

    /// Adds a line; true if it was the last.
    fn take_line(&mut self, line: &[u8]) -> Result<bool, ProtocolFault> {
        let (code, more, text) = split_line(line)?;
        if self.code.is_some_and(|first| first != code) {
            // RFC 5321 section 4.2.1: the code on every line of a reply must be the same.
            return Err(ProtocolFault::MixedCodes);
        }
        self.code = Some(code);
        self.texts.push(printable(text));
        Ok(!more)
    }

    fn finish(&mut self) -> Reply {
        let code = self.code.take().unwrap_or_default();
        let mut lines = std::mem::take(&mut self.texts);
        self.size = 0;
        // RFC 2034 section 4: the class of the enhanced code must agree with the first digit.
        let agrees = |enhanced: &Enhanced| u16::from(enhanced.class) == code / 100;
        let enhanced = lines.iter().find_map(|text| Enhanced::at_start(text)).filter(agrees);
        if let Some(enhanced) = enhanced {
            let word = enhanced.to_string();
            for line in &mut lines {
                if let Some(rest) = line.strip_prefix(&word) {
                    *line = rest.trim_start().to_owned();
                }
            }
        }
        Reply { code, enhanced, lines }
    }

    /// Says early that the bytes cannot become a reply, so that nobody waits for the end of a line of noise.
    fn judge_beginning(&self) -> Result<(), ProtocolFault> {
        let partial = self.lines.partial();
        match partial.first() {
            // A TLS alert or handshake record begins with 0x15 or 0x16 and the major version 3.
            Some(0x15 | 0x16) if partial.get(1).is_none_or(|&b| b == 3) => {
                Err(ProtocolFault::TlsWhereClearText)
            }
            Some(byte) if !byte.is_ascii_digit() => Err(ProtocolFault::NotAReply),
            _ => Ok(()),
        }
    }
}

/// `250-text` or `250 text` or `250`: code, whether more lines follow, text.
fn split_line(line: &[u8]) -> Result<(u16, bool, &[u8]), ProtocolFault> {
    if matches!(line, [0x15 | 0x16, 3, ..]) {
        return Err(ProtocolFault::TlsWhereClearText);
    }
    let (digits, rest) = line.split_at_checked(3).ok_or(ProtocolFault::NotAReply)?;
    let code = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    let code = code.filter(|code| (200..600).contains(code)).ok_or(ProtocolFault::NotAReply)?;
    match rest.split_first() {
        None => Ok((code, false, rest)),
        Some((b' ', text)) => Ok((code, false, text)),
        Some((b'-', text)) => Ok((code, true, text)),
        Some(_) => Err(ProtocolFault::NotAReply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(mut bytes: &[u8]) -> Result<Option<Reply>, ProtocolFault> {
        ReplyReader::default().next_reply(&mut bytes)
    }

    #[track_caller]
    fn check(bytes: &str, code: u16, enhanced: Option<&str>, text: &str) {
        let reply = read(bytes.as_bytes()).expect("a reply").expect("a whole one");
        assert_eq!((reply.code, reply.text().as_str()), (code, text));
        assert_eq!(reply.enhanced.map(|e| e.to_string()).as_deref(), enhanced);
    }

    #[test]
    fn replies_of_real_servers() {
        check("220 mail.example.org ESMTP\r\n", 220, None, "mail.example.org ESMTP");
        check("250\r\n", 250, None, "");
        check("250-a\r\n250-b\r\n250 STARTTLS\r\n", 250, None, "a b STARTTLS");
        check("452 4.3.1 Insufficient system storage\r\n", 452, Some("4.3.1"), "Insufficient system storage");
        check("550-5.1.1 no such\r\n550 5.1.1 user\r\n", 550, Some("5.1.1"), "no such user");
        check("550 4.1.1 class disagrees\r\n", 550, None, "4.1.1 class disagrees");
        check("250 10.0.0.1 at your service\n", 250, None, "10.0.0.1 at your service");
        check("220 \x07bell\r\n", 220, None, "\u{fffd}bell");
    }

    #[test]
    fn what_is_no_reply_is_named() {
        assert_eq!(read(b"* OK IMAP ready\r\n"), Err(ProtocolFault::NotAReply));
        assert_eq!(read(b"\x8f\x01\x02"), Err(ProtocolFault::NotAReply));
        assert_eq!(read(b"22"), Ok(None));
        assert_eq!(read(b"\x15\x03\x01\x00\x02"), Err(ProtocolFault::TlsWhereClearText));
        assert_eq!(read(b"250-a\r\n251 b\r\n"), Err(ProtocolFault::MixedCodes));
        assert_eq!(read(b"999 x\r\n"), Err(ProtocolFault::NotAReply));
        assert_eq!(read("250-a\r\n".repeat(101).as_bytes()), Err(ProtocolFault::ReplyTooLong));
        assert_eq!(read(&[b'2'; 5000]), Err(ProtocolFault::LineTooLong));
    }

    #[test]
    fn too_many_recipients_is_later_not_never() {
        let class = |bytes: &str| read(bytes.as_bytes()).expect("valid").expect("whole").class();
        assert_eq!(class("552 5.5.3 Too many recipients\r\n"), ReplyClass::Later);
        assert_eq!(class("552 5.2.2 Mailbox is full\r\n"), ReplyClass::Refused);
        assert_eq!(class("450 4.2.0 Greylisted\r\n"), ReplyClass::Later);
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_reply_a_fault_or_a_wait(
            bytes in "([0-9]{0,4}[- ]?[\\PC\\r\\n]{0,30}\\r?\\n?){0,12}", cut in 0usize..200,
        ) {
            let bytes = bytes.as_bytes();
            let (mut head, mut tail) = bytes.split_at(cut.min(bytes.len()));
            let mut reader = ReplyReader::default();
            let first = reader.next_reply(&mut head);
            if first == Ok(None) {
                let cut_up = reader.next_reply(&mut tail);
                prop_assert_eq!(cut_up.ok().flatten(), read(bytes).ok().flatten());
            }
        }
    }
}
