//! ManageSieve (RFC 5804) as a server speaks it, as far as a check goes: greeting, STARTTLS, login, an empty list of
//! scripts.

use std::sync::Arc;

use crate::dialogue::{Dialogue, Next, Turn};
use crate::imap::parse::{self, Token};
use crate::login::Mechanism;
use crate::options::Endpoint;
use crate::site::{Login, Site};

/// How much a command may hold, literals included.
const MOST_COMMAND_BYTES: usize = 32 * 1024;

/// One ManageSieve connection.
pub(crate) struct Session {
    site: Arc<Site>,
    endpoint: Endpoint,
    secured: bool,
    account: Option<String>,
    /// The command so far, when it waits for a literal.
    pending: Vec<u8>,
}

impl Session {
    pub(crate) fn new(site: Arc<Site>, endpoint: Endpoint) -> Self {
        Self { site, endpoint, secured: false, account: None, pending: Vec::new() }
    }

    fn command(&mut self, words: &[String]) -> Turn {
        let verb = words.first().map(|word| word.to_ascii_uppercase()).unwrap_or_default();
        match (verb.as_str(), &words[1.min(words.len())..]) {
            ("CAPABILITY", []) => self.capabilities(),
            ("NOOP", _) => Turn::line("OK \"Done\"\r\n"),
            ("LOGOUT", []) => Turn::close("OK \"Goodbye\"\r\n"),
            ("STARTTLS", []) if !self.secured => {
                Turn { bytes: b"OK \"Begin TLS\"\r\n".to_vec(), next: Next::StartTls }
            }
            ("AUTHENTICATE", _) if !self.secured => Turn::line("NO (ENCRYPT-NEEDED) \"STARTTLS first\"\r\n"),
            ("AUTHENTICATE", [mechanism, response]) => match Mechanism::by_name(mechanism) {
                Some(mechanism) => self.log_in(mechanism, response),
                None => Turn::line("NO \"Mechanism is not supported\"\r\n"),
            },
            ("LISTSCRIPTS", []) if self.account.is_some() => Turn::line("OK \"No scripts\"\r\n"),
            _ => Turn::line("NO \"Unknown command, or log in first\"\r\n"),
        }
    }

    fn log_in(&mut self, mechanism: Mechanism, response: &str) -> Turn {
        let Some(credentials) = mechanism.read(response) else {
            return Turn::line("NO \"Response cannot be read\"\r\n");
        };
        match self.site.login(&self.endpoint, &credentials) {
            Login::Granted(account) => {
                self.account = Some(account);
                Turn::line("OK \"Logged in\"\r\n")
            }
            Login::Wrong => Turn::line("NO \"Authentication failed\"\r\n"),
            // RFC 5804 §1.3
            Login::TemporaryFailure | Login::Limit => Turn::line("NO (TRYLATER) \"Temporary failure\"\r\n"),
            Login::Hang => Turn::hang(),
        }
    }

    fn capabilities(&self) -> Turn {
        let security =
            if self.secured { "\"SASL\" \"PLAIN XOAUTH2\"\r\n" } else { "\"SASL\" \"\"\r\n\"STARTTLS\"\r\n" };
        Turn::line(format!(
            "\"IMPLEMENTATION\" \"Lab\"\r\n\"SIEVE\" \"fileinto\"\r\n{security}\"VERSION\" \"1.0\"\r\nOK \"{} ready\"\r\n",
            self.site.host_name(self.endpoint.host)
        ))
    }
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        self.capabilities()
    }

    fn line(&mut self, line: &[u8]) -> Turn {
        self.pending.extend_from_slice(line);
        if let Some(literal) = parse::announced(line) {
            if self.pending.len().saturating_add(literal.length) > MOST_COMMAND_BYTES {
                return self.too_long();
            }
            return Turn { bytes: Vec::new(), next: Next::Block(literal.length) };
        }
        let command = std::mem::take(&mut self.pending);
        match parse::tokens(&command) {
            Some(tokens) => self.command(&tokens.iter().filter_map(Token::text).collect::<Vec<_>>()),
            None => Turn::line("NO \"Command cannot be read\"\r\n"),
        }
    }

    fn block(&mut self, bytes: Vec<u8>) -> Turn {
        self.pending.extend_from_slice(&bytes);
        Turn::listen()
    }

    /// RFC 5804 §2.2: after TLS the server says again what it can do.
    fn secured(&mut self) -> Turn {
        self.secured = true;
        self.capabilities()
    }

    fn too_long(&mut self) -> Turn {
        Turn::close("BYE \"The command is too long\"\r\n")
    }
}
