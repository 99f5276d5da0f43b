//! One seam for the protocols in which a server ends each step with one line: POP3 and ManageSieve. What they share is
//! here: lines, steps, STARTTLS with nothing behind it, the record. What differs is a [`LineProtocol`].

use std::collections::VecDeque;

use super::line::{LineReader, printable};
use super::transcript::{Speaker, Transcript};
use super::{Dialogue, MAX_LINES, Phase, ProtocolFault, Step};
use crate::service::TlsMode;

/// Everything that such a server said in one dialogue.
#[derive(Debug, Clone, Default)]
pub struct LineRecord {
    /// The line that ended the greeting.
    pub greeting: Option<String>,
    /// The last line that refused something, with its code.
    pub refusal: Option<String>,
    /// What the server said last that it can do, in upper case.
    pub capabilities: Vec<String>,
    /// When the lines that end a step came, in milliseconds since the connection was begun.
    pub times: Vec<u64>,
    /// Who said what.
    pub transcript: Transcript,
}

/// What a protocol does with a line, and after TLS has come up.
pub trait LineProtocol: Send + Default {
    /// Takes one line.
    fn take(&mut self, talk: &mut Talk, line: &str, at: u64) -> Result<(), ProtocolFault>;

    /// TLS is up, and was not from the beginning.
    fn secured(&mut self, talk: &mut Talk, at: u64);

    /// The step that is waited for.
    fn phase(&self) -> Phase;

    /// Whether a greeting may begin with this byte.
    fn may_begin_with(first: u8) -> bool;
}

/// What every such dialogue keeps.
#[derive(Debug)]
pub struct Talk {
    steps: VecDeque<Step>,
    /// Whether TLS is up.
    pub under_tls: bool,
    /// What is known so far.
    pub record: LineRecord,
}

impl Talk {
    /// Sends a command.
    pub fn ask(&mut self, command: &str, at: u64) {
        self.record.transcript.push(at, Speaker::Us, command.as_bytes());
        self.steps.push_back(Step::Send(format!("{command}\r\n").into_bytes()));
    }

    /// Begins TLS.
    pub fn begin_tls(&mut self) {
        self.steps.push_back(Step::StartTls);
    }

    /// Ends the dialogue.
    pub fn end(&mut self) {
        self.steps.push_back(Step::Done);
    }

    /// Keeps what the server says that it can do.
    pub fn offer(&mut self, text: &str) -> Result<(), ProtocolFault> {
        self.record.capabilities.push(text.to_ascii_uppercase());
        let too_many = self.record.capabilities.len() > MAX_LINES;
        if too_many { Err(ProtocolFault::ReplyTooLong) } else { Ok(()) }
    }
}

/// A client's side of one connection.
#[derive(Debug)]
pub struct LineDialogue<P> {
    reader: LineReader,
    talk: Talk,
    protocol: P,
}

impl<P: LineProtocol> LineDialogue<P> {
    /// A dialogue on a port with this way of beginning TLS.
    #[must_use]
    pub fn new(tls: TlsMode) -> Self {
        let under_tls = tls == TlsMode::Implicit;
        let talk = Talk { steps: VecDeque::new(), under_tls, record: LineRecord::default() };
        Self { reader: LineReader::default(), talk, protocol: P::default() }
    }

    /// What is known after the dialogue, whole or broken.
    #[must_use]
    pub fn into_record(self) -> LineRecord {
        self.talk.record
    }
}

impl<P: LineProtocol> Dialogue for LineDialogue<P> {
    fn step(&mut self) -> Step {
        self.talk.steps.pop_front().unwrap_or(Step::Read)
    }

    fn receive(&mut self, mut bytes: &[u8], at: u64) -> Result<(), ProtocolFault> {
        while let Some(line) = self.reader.next_line(&mut bytes)? {
            let text = printable(&line);
            self.talk.record.transcript.push(at, Speaker::Server, text.as_bytes());
            self.protocol.take(&mut self.talk, &text, at)?;
            if self.talk.steps.back() == Some(&Step::StartTls) && !bytes.is_empty() {
                return Err(ProtocolFault::ClearTextBehindStartTls);
            }
        }
        match self.reader.partial() {
            [0x15 | 0x16] | [0x15 | 0x16, 3, ..] => Err(ProtocolFault::TlsWhereClearText),
            [first, ..] if self.protocol.phase() == Phase::Greeting && !P::may_begin_with(*first) => {
                Err(ProtocolFault::NotAReply)
            }
            _ => Ok(()),
        }
    }

    fn secured(&mut self, _trusted: bool, at: u64) {
        self.talk.record.transcript.push(at, Speaker::Note, b"TLS is up");
        if !self.talk.under_tls {
            self.talk.under_tls = true;
            // RFC 2595 section 4 and RFC 5804 section 2.2: what was said before TLS is forgotten.
            self.talk.record.capabilities.clear();
            self.protocol.secured(&mut self.talk, at);
        }
    }

    fn phase(&self) -> Phase {
        self.protocol.phase()
    }
}

/// Plays the server's lines; returns what was sent and the record.
#[cfg(test)]
pub(super) fn play<P: LineProtocol>(
    tls: TlsMode,
    server: &[&str],
) -> (String, Result<LineRecord, ProtocolFault>) {
    let mut dialogue = LineDialogue::<P>::new(tls);
    let mut sent = String::new();
    for (at, line) in (0..).zip(server) {
        if let Err(fault) = dialogue.receive(line.as_bytes(), at) {
            return (sent, Err(fault));
        }
        loop {
            match dialogue.step() {
                Step::Send(bytes) => sent.push_str(&String::from_utf8_lossy(&bytes)),
                Step::StartTls => dialogue.secured(true, at),
                Step::Read | Step::Pause(_) | Step::Hold | Step::Done => break,
            }
        }
    }
    (sent, Ok(dialogue.into_record()))
}
