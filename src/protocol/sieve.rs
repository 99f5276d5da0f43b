//! One ManageSieve connection, RFC 5804: greeting with capabilities, STARTTLS, capabilities again, LOGOUT. No login:
//! IMAP tells the same of the back end.

use std::collections::VecDeque;

use super::line::{LineReader, printable};
use super::transcript::{Speaker, Transcript};
use super::{Dialogue, MAX_LINES, Phase, ProtocolFault, Step};
use crate::service::TlsMode;

/// A ManageSieve client's side of one connection.
#[derive(Debug)]
pub struct SieveDialogue {
    reader: LineReader,
    steps: VecDeque<Step>,
    awaited: Awaited,
    under_tls: bool,
    record: SieveRecord,
}

/// Everything that a ManageSieve server said in one dialogue.
#[derive(Debug, Clone, Default)]
pub struct SieveRecord {
    /// The line that ended the greeting: `OK`, `NO` or `BYE`.
    pub greeting: Option<String>,
    /// The last refusal: a line that began with `NO` or `BYE`.
    pub refusal: Option<String>,
    /// The capability lines that were sent last, in upper case.
    pub capabilities: Vec<String>,
    /// When the lines that end a step came, in milliseconds since the connection was begun.
    pub times: Vec<u64>,
    /// Who said what.
    pub transcript: Transcript,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Greeting,
    StartTls,
    /// RFC 5804 section 2.2: after TLS the server tells its capabilities unasked.
    Capabilities,
    Logout,
    Nothing,
}

impl SieveDialogue {
    /// A dialogue on a port with this way of beginning TLS.
    #[must_use]
    pub fn new(tls: TlsMode) -> Self {
        Self {
            reader: LineReader::default(),
            steps: VecDeque::new(),
            awaited: Awaited::Greeting,
            under_tls: tls == TlsMode::Implicit,
            record: SieveRecord::default(),
        }
    }

    /// What is known after the dialogue, whole or broken.
    #[must_use]
    pub fn into_record(self) -> SieveRecord {
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
        let word = text.split([' ', '(']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "OK" | "NO" | "BYE" => {
                self.take_end(&text, word == "OK", at);
                Ok(())
            }
            _ if text.starts_with('"') || text.starts_with('{') => self.take_capability(&text),
            _ => Err(ProtocolFault::NotAReply),
        }
    }

    fn take_capability(&mut self, text: &str) -> Result<(), ProtocolFault> {
        self.record.capabilities.push(text.to_ascii_uppercase());
        let too_many = self.record.capabilities.len() > MAX_LINES;
        if too_many { Err(ProtocolFault::ReplyTooLong) } else { Ok(()) }
    }

    fn take_end(&mut self, text: &str, fine: bool, at: u64) {
        self.record.times.push(at);
        if self.awaited == Awaited::Greeting {
            self.record.greeting = Some(text.to_owned());
        }
        if !fine && self.awaited != Awaited::Logout {
            self.record.refusal = Some(text.to_owned());
        }
        let offers_tls = self.record.capabilities.iter().any(|line| line.starts_with("\"STARTTLS\""));
        match self.awaited {
            Awaited::Greeting if fine && !self.under_tls && offers_tls => {
                self.ask("STARTTLS", Awaited::StartTls, at);
            }
            Awaited::StartTls if fine => {
                self.steps.push_back(Step::StartTls);
                self.awaited = Awaited::Nothing;
            }
            Awaited::Logout | Awaited::Nothing => self.steps.push_back(Step::Done),
            _ => self.ask("LOGOUT", Awaited::Logout, at),
        }
    }
}

impl Dialogue for SieveDialogue {
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
            _ => Ok(()),
        }
    }

    fn secured(&mut self, _trusted: bool, at: u64) {
        self.record.transcript.push(at, Speaker::Note, b"TLS is up");
        if !self.under_tls {
            self.under_tls = true;
            self.record.capabilities.clear();
            self.awaited = Awaited::Capabilities;
        }
    }

    fn phase(&self) -> Phase {
        match self.awaited {
            Awaited::Greeting => Phase::Greeting,
            Awaited::StartTls => Phase::StartTls,
            Awaited::Capabilities => Phase::Hello,
            Awaited::Logout => Phase::Quit,
            Awaited::Nothing => Phase::Handshake,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn play(server: &[&str]) -> (String, Result<SieveRecord, ProtocolFault>) {
        let mut dialogue = SieveDialogue::new(TlsMode::Starttls);
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

    const GREETING: &str = "\"IMPLEMENTATION\" \"Dovecot\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n";

    #[test]
    fn starttls_is_used_and_what_was_offered_forgotten() {
        let (sent, record) =
            play(&[GREETING, "OK \"begin\"\r\n", "\"SASL\" \"PLAIN\"\r\nOK \"TLS\"\r\n", "OK bye\r\n"]);
        assert_eq!(sent, "STARTTLS\r\nLOGOUT\r\n");
        assert_eq!(record.expect("valid").capabilities, ["\"SASL\" \"PLAIN\""]);
    }

    #[test]
    fn refusals_and_injected_text_are_named() {
        let (_, record) = play(&["BYE (TRYLATER) \"busy\"\r\n"]);
        assert_eq!(record.expect("valid").refusal.as_deref(), Some("BYE (TRYLATER) \"busy\""));
        let injected = play(&[GREETING, "OK\r\n\"SASL\" \"PLAIN\"\r\n"]).1.err();
        assert_eq!(injected, Some(ProtocolFault::ClearTextBehindStartTls));
        assert_eq!(play(&["220 smtp\r\n"]).1.err(), Some(ProtocolFault::NotAReply));
    }

    proptest! {
        #[test]
        fn any_server_ends_or_waits(server in prop::collection::vec("(OK|NO|BYE|\")?[ -~]{0,9}\r\n", 0..30)) {
            let lines: Vec<&str> = server.iter().map(String::as_str).collect();
            prop_assert!(play(&lines).0.len() < 40);
        }
    }
}
