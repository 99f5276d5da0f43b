//! One IMAP connection, RFC 9051 and RFC 3501: greeting, CAPABILITY, STARTTLS, login, mailbox, probe mail, LOGOUT.
//!
//! 1. The greeting: OK, PREAUTH or BYE.
//! 2. CAPABILITY, and STARTTLS where TLS did not come first; afterwards CAPABILITY again.
//! 3. The login, only under TLS with a good certificate, and only once.
//! 4. EXAMINE and the quota, or SELECT and the search for a probe mail ([`search`]).
//! 5. LOGOUT.

pub mod plan;
pub mod record;
pub mod response;
pub mod search;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use secrecy::ExposeSecret;

use self::plan::{ImapPlan, Mailbox};
use self::record::{ImapRecord, LoginSkipped};
use self::response::{Response, ResponseReader, Status, StatusKind};
use self::search::{Search, SearchStep};
use super::transcript::Speaker;
use super::{Dialogue, News, Phase, ProtocolFault, Step};
use crate::service::{LoginMethod, TlsMode};

/// An IMAP client's side of one connection.
#[derive(Debug)]
pub struct ImapDialogue {
    plan: ImapPlan,
    reader: ResponseReader,
    steps: VecDeque<Step>,
    awaited: Awaited,
    /// Number of the last tag.
    tag: u32,
    under_tls: bool,
    trusted: bool,
    search: Option<Search>,
    record: ImapRecord,
}

/// The command whose tagged reply is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Greeting,
    Capability,
    StartTls,
    Login,
    Open,
    Quota,
    Search,
    Logout,
    Nothing,
}

impl ImapDialogue {
    /// A dialogue that will do what the plan says.
    #[must_use]
    pub fn new(plan: ImapPlan) -> Self {
        Self {
            under_tls: plan.tls == TlsMode::Implicit,
            search: match &plan.mailbox {
                Mailbox::Search(wanted) => Some(Search::new(wanted.clone())),
                Mailbox::Closed | Mailbox::Examine => None,
            },
            plan,
            reader: ResponseReader::default(),
            steps: VecDeque::new(),
            awaited: Awaited::Greeting,
            tag: 0,
            trusted: false,
            record: ImapRecord::default(),
        }
    }

    /// What is known after the dialogue, whole or broken.
    #[must_use]
    pub fn into_record(mut self) -> ImapRecord {
        self.record.found = self.search.map(Search::into_found).unwrap_or_default();
        self.record
    }

    fn command(&mut self, command: &str, shown: &str, awaited: Awaited, at: u64) {
        self.tag += 1;
        let line = format!("w{} {command}\r\n", self.tag);
        self.record.transcript.push(at, Speaker::Us, shown.as_bytes());
        self.steps.push_back(Step::Send(line.into_bytes()));
        self.awaited = awaited;
    }

    fn ask(&mut self, command: &str, awaited: Awaited, at: u64) {
        self.command(command, command, awaited, at);
    }

    fn log_out(&mut self, at: u64) {
        self.ask("LOGOUT", Awaited::Logout, at);
    }

    fn end(&mut self) {
        self.steps.push_back(Step::Done);
        self.awaited = Awaited::Nothing;
    }

    fn take(&mut self, response: &Response, at: u64) -> Result<(), ProtocolFault> {
        self.record.transcript.push(at, Speaker::Server, response.text.as_bytes());
        if let Some(rest) = response.text.strip_prefix("* ") {
            return self.take_untagged(rest, response, at);
        }
        if response.text.starts_with('+') {
            self.answer_challenge(at);
            return Ok(());
        }
        let own = format!("w{} ", self.tag);
        let status = response.text.strip_prefix(&own).and_then(Status::read);
        let status = status.ok_or(ProtocolFault::NotAReply)?;
        self.take_tagged(&status, at);
        Ok(())
    }

    fn take_untagged(&mut self, rest: &str, response: &Response, at: u64) -> Result<(), ProtocolFault> {
        let status = Status::read(rest);
        if self.awaited == Awaited::Greeting {
            let greeting = status.ok_or(ProtocolFault::NotAReply)?;
            self.take_greeting(greeting, at);
            return Ok(());
        }
        match status {
            Some(status) if status.kind == StatusKind::Bye && self.awaited != Awaited::Logout => {
                self.record.bye = Some(status);
                self.end();
            }
            Some(status) => self.record.note_code(&status),
            None => self.record.note_data(rest),
        }
        if let Some(search) = &mut self.search {
            search.take_untagged(rest, &response.literals);
        }
        Ok(())
    }

    fn take_greeting(&mut self, greeting: Status, at: u64) {
        self.record.greeting_at = Some(at);
        let kind = greeting.kind;
        self.record.greeting = Some(greeting);
        match kind {
            StatusKind::Ok => self.ask("CAPABILITY", Awaited::Capability, at),
            // RFC 9051 section 7.1.4: after PREAUTH there is no STARTTLS, so a login would never be protected.
            StatusKind::Preauth => self.log_out(at),
            StatusKind::No | StatusKind::Bad | StatusKind::Bye => self.end(),
        }
    }

    fn take_tagged(&mut self, status: &Status, at: u64) {
        self.record.note(self.phase(), status.clone(), at);
        let fine = status.kind == StatusKind::Ok;
        match self.awaited {
            Awaited::Capability if fine => self.after_capability(at),
            Awaited::StartTls if fine => {
                self.steps.push_back(Step::StartTls);
                self.awaited = Awaited::Nothing;
            }
            Awaited::Login if fine => self.open_mailbox(at),
            Awaited::Open if fine && self.search.is_some() => self.go_on_searching(at),
            Awaited::Open if fine && self.record.offers("QUOTA") => {
                self.ask("GETQUOTAROOT INBOX", Awaited::Quota, at);
            }
            Awaited::Search if fine => self.go_on_searching(at),
            Awaited::Logout => self.end(),
            Awaited::Search => {
                self.search.iter_mut().for_each(Search::refused);
                self.log_out(at);
            }
            _ => self.log_out(at),
        }
    }

    fn after_capability(&mut self, at: u64) {
        if self.under_tls {
            return self.begin_login(at);
        }
        self.record.clear_capabilities = Some(self.record.capabilities.clone());
        if self.record.offers("STARTTLS") {
            self.ask("STARTTLS", Awaited::StartTls, at);
        } else {
            self.log_out(at);
        }
    }

    fn begin_login(&mut self, at: u64) {
        let Some(credentials) = self.plan.login.take() else {
            return self.log_out(at);
        };
        if !self.trusted {
            self.record.login_skipped = Some(LoginSkipped::CertificateNotGood);
            return self.log_out(at);
        }
        let (login, secret) = (&credentials.login, credentials.secret.expose_secret());
        match credentials.method {
            LoginMethod::Password => {
                // A secret with control characters cannot stand in quotes; the configuration refuses it as well.
                let (Some(login), Some(secret)) = (quoted(login), quoted(secret)) else {
                    self.record.login_skipped = Some(LoginSkipped::NotWritable);
                    return self.log_out(at);
                };
                self.command(&format!("LOGIN {login} {secret}"), "LOGIN (masked)", Awaited::Login, at);
            }
            LoginMethod::Xoauth2 => {
                let response = super::smtp::xoauth2(login, secret);
                let line = format!("AUTHENTICATE XOAUTH2 {response}");
                self.command(&line, "AUTHENTICATE XOAUTH2 (masked)", Awaited::Login, at);
            }
        }
    }

    /// A failed XOAUTH2 sends its reason as a challenge, which is answered with an empty line.
    fn answer_challenge(&mut self, at: u64) {
        if self.awaited == Awaited::Login {
            self.record.transcript.push(at, Speaker::Us, b"(empty line)");
            self.steps.push_back(Step::Send(b"\r\n".to_vec()));
        }
    }

    fn open_mailbox(&mut self, at: u64) {
        match self.plan.mailbox {
            Mailbox::Closed => self.log_out(at),
            // EXAMINE changes nothing, not even the flag \Recent: RFC 9051 section 6.3.3.
            Mailbox::Examine => self.ask("EXAMINE INBOX", Awaited::Open, at),
            Mailbox::Search(_) => self.ask("SELECT INBOX", Awaited::Open, at),
        }
    }

    fn go_on_searching(&mut self, at: u64) {
        let Some(search) = &mut self.search else {
            return self.log_out(at);
        };
        match search.next(at, self.record.uid_next) {
            SearchStep::Ask(command) => self.ask(&command, Awaited::Search, at),
            SearchStep::Wait(time) => self.pause(Step::Pause(time)),
            SearchStep::Hold => self.pause(Step::Hold),
            SearchStep::Over => self.log_out(at),
        }
    }

    fn pause(&mut self, step: Step) {
        self.steps.push_back(step);
        self.awaited = Awaited::Nothing;
    }
}

/// RFC 9051 section 9, `quoted`: only quote and backslash are escaped; CR, LF and NUL cannot be written.
fn quoted(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

impl Dialogue for ImapDialogue {
    fn step(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Read)
    }

    fn receive(&mut self, mut bytes: &[u8], at: u64) -> Result<(), ProtocolFault> {
        while let Some(response) = self.reader.next_response(&mut bytes)? {
            self.take(&response, at)?;
            if self.steps.back() == Some(&Step::StartTls) && !bytes.is_empty() {
                // RFC 9051 section 11.1: nothing that came before TLS may be believed.
                return Err(ProtocolFault::ClearTextBehindStartTls);
            }
        }
        Ok(())
    }

    fn secured(&mut self, trusted: bool, at: u64) {
        self.trusted = trusted;
        self.record.transcript.push(at, Speaker::Note, b"TLS is up");
        if !self.under_tls {
            self.under_tls = true;
            self.record.capabilities.clear();
            self.ask("CAPABILITY", Awaited::Capability, at);
        }
    }

    fn woken(&mut self, at: u64) {
        self.go_on_searching(at);
    }

    fn held_by(&self) -> Option<News> {
        self.search.as_ref().and_then(Search::handed_in).cloned()
    }

    fn phase(&self) -> Phase {
        match self.awaited {
            Awaited::Greeting => Phase::Greeting,
            Awaited::Capability => Phase::Hello,
            Awaited::StartTls => Phase::StartTls,
            Awaited::Login => Phase::Login,
            Awaited::Open | Awaited::Quota | Awaited::Search => Phase::Mailbox,
            Awaited::Logout => Phase::Quit,
            Awaited::Nothing if !self.under_tls => Phase::Handshake,
            Awaited::Nothing => Phase::Mailbox,
        }
    }
}
