//! One ManageSieve connection, RFC 5804: greeting with capabilities, STARTTLS, capabilities again, LOGOUT. No login:
//! IMAP tells the same of the back end.

use super::talk::{LineDialogue, LineProtocol, Talk};
use super::{Phase, ProtocolFault};

/// A ManageSieve client's side of one connection.
pub type SieveDialogue = LineDialogue<Sieve>;

/// What is awaited from a ManageSieve server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sieve {
    /// Its capabilities, up to `OK`, `NO` or `BYE`.
    #[default]
    Greeting,
    /// The answer to STARTTLS.
    StartTls,
    /// RFC 5804 section 2.2: after TLS the server tells its capabilities unasked.
    Capabilities,
    /// The answer to LOGOUT.
    Logout,
    /// Nothing: TLS is beginning.
    Nothing,
}

impl Sieve {
    fn ask(&mut self, talk: &mut Talk, command: &str, awaited: Self, at: u64) {
        talk.ask(command, at);
        *self = awaited;
    }

    fn take_end(&mut self, talk: &mut Talk, text: &str, fine: bool, at: u64) {
        talk.record.times.push(at);
        if *self == Self::Greeting {
            talk.record.greeting = Some(text.to_owned());
        }
        if !fine && *self != Self::Logout {
            talk.record.refusal = Some(text.to_owned());
        }
        let offers_tls = talk.record.capabilities.iter().any(|line| line.starts_with("\"STARTTLS\""));
        match self {
            Self::Greeting if fine && !talk.under_tls && offers_tls => {
                self.ask(talk, "STARTTLS", Self::StartTls, at);
            }
            Self::StartTls if fine => {
                talk.begin_tls();
                *self = Self::Nothing;
            }
            Self::Logout | Self::Nothing => talk.end(),
            _ => self.ask(talk, "LOGOUT", Self::Logout, at),
        }
    }
}

impl LineProtocol for Sieve {
    fn take(&mut self, talk: &mut Talk, line: &str, at: u64) -> Result<(), ProtocolFault> {
        let word = line.split([' ', '(']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "OK" | "NO" | "BYE" => {
                self.take_end(talk, line, word == "OK", at);
                Ok(())
            }
            _ if line.starts_with(['"', '{']) => talk.offer(line),
            _ => Err(ProtocolFault::NotAReply),
        }
    }

    fn secured(&mut self, _talk: &mut Talk, _at: u64) {
        *self = Self::Capabilities;
    }

    fn phase(&self) -> Phase {
        match self {
            Self::Greeting => Phase::Greeting,
            Self::StartTls => Phase::StartTls,
            Self::Capabilities => Phase::Hello,
            Self::Logout => Phase::Quit,
            Self::Nothing => Phase::Handshake,
        }
    }

    fn may_begin_with(first: u8) -> bool {
        // A capability in quotes or as a literal, or the line that ends the greeting.
        b"\"{ONBonb".contains(&first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::talk::{self, LineRecord};
    use super::*;
    use crate::service::TlsMode;
    use proptest::prelude::*;

    fn play(server: &[&str]) -> (String, Result<LineRecord, ProtocolFault>) {
        talk::play::<Sieve>(TlsMode::Starttls, server)
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
