//! One POP3 connection, RFC 1939: greeting, CAPA (RFC 2449), STLS (RFC 2595), QUIT. No login: it would lock the
//! mailbox, and IMAP tells the same of the back end.

use std::collections::VecDeque;

use super::line::{LineReader, printable};
use super::transcript::{Speaker, Transcript};
use super::{Dialogue, MAX_LINES, Phase, ProtocolFault, Step};
use crate::service::TlsMode;

/// A POP3 client's side of one connection.
#[derive(Debug)]
pub struct Pop3Dialogue {
    reader: LineReader,
    steps: VecDeque<Step>,
    awaited: Awaited,
    under_tls: bool,
    record: Pop3Record,
}

/// Everything that a POP3 server said in one dialogue.
#[derive(Debug, Clone, Default)]
pub struct Pop3Record {
    /// The first line.
    pub greeting: Option<String>,
    /// The last refusal: the line that began with `-ERR`, with the codes of RFC 2449 and RFC 3206.
    pub refusal: Option<String>,
    /// What CAPA listed, in upper case.
    pub capabilities: Vec<String>,
    /// When the lines that end a step came, in milliseconds since the connection was begun.
    pub times: Vec<u64>,
    /// Who said what.
    pub transcript: Transcript,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Greeting,
    Capa,
    CapaList,
    Stls,
    Quit,
    Nothing,
}

impl Pop3Dialogue {
    /// A dialogue on a port with this way of beginning TLS.
    #[must_use]
    pub fn new(tls: TlsMode) -> Self {
        Self {
            reader: LineReader::default(),
            steps: VecDeque::new(),
            awaited: Awaited::Greeting,
            under_tls: tls == TlsMode::Implicit,
            record: Pop3Record::default(),
        }
    }

    /// What is known after the dialogue, whole or broken.
    #[must_use]
    pub fn into_record(self) -> Pop3Record {
        self.record
    }

    fn ask(&mut self, command: &str, awaited: Awaited, at: u64) {
        self.record.transcript.push(at, Speaker::Us, command.as_bytes());
        self.steps.push_back(Step::Send(format!("{command}\r\n").into_bytes()));
        self.awaited = awaited;
    }

    fn take(&mut self, line: &[u8], at: u64) -> Result<(), ProtocolFault> {
        let text = printable(line);
        self.record.transcript.push(at, Speaker::Server, text.as_bytes());
        if self.awaited == Awaited::CapaList {
            return self.take_capability(&text, at);
        }
        let fine = text.starts_with("+OK");
        if !fine && !text.starts_with("-ERR") {
            return Err(ProtocolFault::NotAReply);
        }
        self.record.times.push(at);
        if self.awaited == Awaited::Greeting {
            self.record.greeting = Some(text.clone());
        }
        if !fine {
            self.record.refusal = Some(text);
        }
        self.go_on(fine, at);
        Ok(())
    }

    fn go_on(&mut self, fine: bool, at: u64) {
        match self.awaited {
            Awaited::Greeting if fine => self.ask("CAPA", Awaited::Capa, at),
            Awaited::Capa if fine => self.awaited = Awaited::CapaList,
            // CAPA is an extension: a server without it may still know STLS.
            Awaited::Capa if !self.under_tls => self.ask("STLS", Awaited::Stls, at),
            Awaited::Stls if fine => {
                self.steps.push_back(Step::StartTls);
                self.awaited = Awaited::Nothing;
            }
            Awaited::Quit | Awaited::Nothing => self.steps.push_back(Step::Done),
            _ => self.ask("QUIT", Awaited::Quit, at),
        }
    }

    fn take_capability(&mut self, text: &str, at: u64) -> Result<(), ProtocolFault> {
        if text != "." {
            self.record.capabilities.push(text.to_ascii_uppercase());
            let too_many = self.record.capabilities.len() > MAX_LINES;
            return if too_many { Err(ProtocolFault::ReplyTooLong) } else { Ok(()) };
        }
        self.record.times.push(at);
        let offered = self.record.capabilities.iter().any(|word| word == "STLS");
        if !self.under_tls && offered {
            self.ask("STLS", Awaited::Stls, at);
        } else {
            self.ask("QUIT", Awaited::Quit, at);
        }
        Ok(())
    }
}

impl Dialogue for Pop3Dialogue {
    fn step(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Read)
    }

    fn receive(&mut self, mut bytes: &[u8], at: u64) -> Result<(), ProtocolFault> {
        while let Some(line) = self.reader.next_line(&mut bytes)? {
            self.take(&line, at)?;
            if self.steps.back() == Some(&Step::StartTls) && !bytes.is_empty() {
                return Err(ProtocolFault::ClearTextBehindStartTls);
            }
        }
        match self.reader.partial() {
            [0x15 | 0x16] | [0x15 | 0x16, 3, ..] => Err(ProtocolFault::TlsWhereClearText),
            [first, ..] if self.awaited == Awaited::Greeting && !b"+-".contains(first) => {
                Err(ProtocolFault::NotAReply)
            }
            _ => Ok(()),
        }
    }

    fn secured(&mut self, _trusted: bool, at: u64) {
        self.record.transcript.push(at, Speaker::Note, b"TLS is up");
        if !self.under_tls {
            // RFC 2595 section 4: after STLS the client discards what CAPA said before.
            self.under_tls = true;
            self.record.capabilities.clear();
            self.ask("CAPA", Awaited::Capa, at);
        }
    }

    fn phase(&self) -> Phase {
        match self.awaited {
            Awaited::Greeting => Phase::Greeting,
            Awaited::Capa | Awaited::CapaList => Phase::Hello,
            Awaited::Stls => Phase::StartTls,
            Awaited::Quit => Phase::Quit,
            Awaited::Nothing => Phase::Handshake,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Plays the server's lines; returns what was sent and the record.
    fn play(tls: TlsMode, server: &[&str]) -> (String, Result<Pop3Record, ProtocolFault>) {
        let mut dialogue = Pop3Dialogue::new(tls);
        let mut sent = String::new();
        for (at, line) in (0..).zip(server) {
            if let Err(fault) = dialogue.receive(line.as_bytes(), at) {
                return (sent, Err(fault));
            }
            loop {
                match dialogue.step() {
                    Step::Send(bytes) => sent.push_str(&String::from_utf8_lossy(&bytes)),
                    Step::StartTls => dialogue.secured(true, at),
                    Step::Read | Step::Pause(_) | Step::Done => break,
                }
            }
        }
        (sent, Ok(dialogue.into_record()))
    }

    #[test]
    fn stls_is_used_and_capa_asked_again() {
        let server =
            ["+OK ready\r\n", "+OK\r\nSTLS\r\nUIDL\r\n.\r\n", "+OK begin\r\n", "+OK\r\nSASL PLAIN\r\n.\r\n"];
        let (sent, record) = play(TlsMode::Starttls, &server);
        assert_eq!(sent, "CAPA\r\nSTLS\r\nCAPA\r\nQUIT\r\n");
        assert_eq!(record.expect("valid").capabilities, ["SASL PLAIN"]);
    }

    #[test]
    fn a_refusal_is_kept() {
        let (sent, record) = play(TlsMode::Implicit, &["-ERR [SYS/TEMP] later\r\n"]);
        assert_eq!(sent, "QUIT\r\n");
        assert_eq!(record.expect("valid").refusal.as_deref(), Some("-ERR [SYS/TEMP] later"));
    }

    #[test]
    fn injected_clear_text_is_refused() {
        let server = ["+OK ready\r\n", "+OK\r\nSTLS\r\n.\r\n", "+OK begin\r\n+OK evil\r\n"];
        assert_eq!(play(TlsMode::Starttls, &server).1.err(), Some(ProtocolFault::ClearTextBehindStartTls));
    }

    proptest! {
        #[test]
        fn any_server_ends_or_waits(server in prop::collection::vec("(\\+OK|-ERR|\\.|STLS)?[ -~]{0,9}\r\n", 0..30)) {
            let lines: Vec<&str> = server.iter().map(String::as_str).collect();
            let (sent, _) = play(TlsMode::Starttls, &lines);
            prop_assert!(sent.len() < 8 * (lines.len() + 1) * 2);
        }
    }
}
