//! One POP3 connection, RFC 1939: greeting, CAPA (RFC 2449), STLS (RFC 2595), QUIT. No login: it would lock the
//! mailbox, and IMAP tells the same of the back end.

use super::talk::{LineDialogue, LineProtocol, Talk};
use super::{Phase, ProtocolFault};

/// A POP3 client's side of one connection.
pub type Pop3Dialogue = LineDialogue<Pop3>;

/// What is awaited from a POP3 server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pop3 {
    /// Its first line.
    #[default]
    Greeting,
    /// The answer to CAPA.
    Capa,
    /// The lines that follow it, up to a dot.
    CapaList,
    /// The answer to STLS.
    Stls,
    /// The answer to QUIT.
    Quit,
    /// Nothing: TLS is beginning.
    Nothing,
}

impl Pop3 {
    fn ask(&mut self, talk: &mut Talk, command: &str, awaited: Self, at: u64) {
        talk.ask(command, at);
        *self = awaited;
    }

    fn go_on(&mut self, talk: &mut Talk, fine: bool, at: u64) {
        match self {
            Self::Greeting if fine => self.ask(talk, "CAPA", Self::Capa, at),
            Self::Capa if fine => *self = Self::CapaList,
            // CAPA is an extension: a server without it may still know STLS.
            Self::Capa if !talk.under_tls => self.ask(talk, "STLS", Self::Stls, at),
            Self::Stls if fine => {
                talk.begin_tls();
                *self = Self::Nothing;
            }
            Self::Quit | Self::Nothing => talk.end(),
            _ => self.ask(talk, "QUIT", Self::Quit, at),
        }
    }

    fn take_capability(&mut self, talk: &mut Talk, text: &str, at: u64) -> Result<(), ProtocolFault> {
        if text != "." {
            return talk.offer(text);
        }
        talk.record.times.push(at);
        let offered = talk.record.capabilities.iter().any(|word| word == "STLS");
        if !talk.under_tls && offered {
            self.ask(talk, "STLS", Self::Stls, at);
        } else {
            self.ask(talk, "QUIT", Self::Quit, at);
        }
        Ok(())
    }
}

impl LineProtocol for Pop3 {
    fn take(&mut self, talk: &mut Talk, line: &str, at: u64) -> Result<(), ProtocolFault> {
        if *self == Self::CapaList {
            return self.take_capability(talk, line, at);
        }
        let fine = line.starts_with("+OK");
        if !fine && !line.starts_with("-ERR") {
            return Err(ProtocolFault::NotAReply);
        }
        talk.record.times.push(at);
        if *self == Self::Greeting {
            talk.record.greeting = Some(line.to_owned());
        }
        if !fine {
            // With the codes of RFC 2449 and RFC 3206.
            talk.record.refusal = Some(line.to_owned());
        }
        self.go_on(talk, fine, at);
        Ok(())
    }

    fn secured(&mut self, talk: &mut Talk, at: u64) {
        self.ask(talk, "CAPA", Self::Capa, at);
    }

    fn phase(&self) -> Phase {
        match self {
            Self::Greeting => Phase::Greeting,
            Self::Capa | Self::CapaList => Phase::Hello,
            Self::Stls => Phase::StartTls,
            Self::Quit => Phase::Quit,
            Self::Nothing => Phase::Handshake,
        }
    }

    fn may_begin_with(first: u8) -> bool {
        b"+-".contains(&first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::talk::{self, LineRecord};
    use super::*;
    use crate::service::TlsMode;
    use proptest::prelude::*;

    fn play(tls: TlsMode, server: &[&str]) -> (String, Result<LineRecord, ProtocolFault>) {
        talk::play::<Pop3>(tls, server)
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
