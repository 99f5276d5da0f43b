//! SMTP replies (RFC 5321 §4.2) with their enhanced status codes (RFC 3463).

use std::fmt;

/// A reply of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    /// The enhanced status code; empty where RFC 2034 §4 forbids one (greeting, EHLO, 354).
    pub(crate) status: &'static str,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn new(code: u16, status: &'static str, text: impl Into<String>) -> Self {
        Self { code, status, text: text.into() }
    }

    pub(crate) fn ok() -> Self {
        Self::new(250, "2.0.0", "Ok")
    }

    pub(crate) fn bad_sequence(wanted: &str) -> Self {
        Self::new(503, "5.5.1", format!("Bad sequence of commands: {wanted} first"))
    }

    pub(crate) fn bad_arguments() -> Self {
        Self::new(501, "5.5.4", "Syntax error in the arguments")
    }

    /// As it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        format!("{self}\r\n").into_bytes()
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            "" => write!(f, "{} {}", self.code, self.text),
            status => write!(f, "{} {status} {}", self.code, self.text),
        }
    }
}

/// A reply of several lines: the first is the greeting, the rest are keywords (RFC 5321 §4.1.1.1).
pub(crate) fn lines(code: u16, lines: &[String]) -> Vec<u8> {
    let last = lines.len().saturating_sub(1);
    let mark = |at| if at == last { ' ' } else { '-' };
    lines
        .iter()
        .enumerate()
        .map(|(at, line)| format!("{code}{}{line}\r\n", mark(at)))
        .collect::<String>()
        .into_bytes()
}
