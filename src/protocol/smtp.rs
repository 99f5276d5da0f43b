//! One SMTP connection, RFC 5321: greeting, EHLO, STARTTLS (RFC 3207), login (RFC 4954), envelopes, a message, QUIT.
//!
//! 1. The greeting is awaited in full; nothing is said before it.
//! 2. EHLO; a 500 or 502 gets HELO.
//! 3. STARTTLS as the plan says; afterwards everything that was offered before is forgotten.
//! 4. The login, only under TLS with a good certificate, and only once.
//! 5. The envelopes; several commands at once only where PIPELINING (RFC 2920) is offered.
//! 6. QUIT, always.

pub mod hello;
mod login;
pub mod plan;
pub mod record;
pub mod reply;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::hello::Hello;
use self::login::Login;
pub(crate) use self::login::xoauth2;
use self::plan::{Plan, Role, TlsPlan, Transaction};
use self::record::{LoginSkipped, SmtpRecord};
use self::reply::{Reply, ReplyClass, ReplyReader};
use super::transcript::Speaker;
use super::{Dialogue, Phase, ProtocolFault, Step};

/// An SMTP client's side of one connection.
#[derive(Debug)]
pub struct SmtpDialogue {
    plan: Plan,
    reader: ReplyReader,
    /// What is to be done next, in order.
    steps: VecDeque<Step>,
    /// The commands whose replies are still to come.
    awaited: VecDeque<Awaited>,
    transactions: VecDeque<Transaction>,
    login: Option<Login>,
    hello: Hello,
    under_tls: bool,
    trusted: bool,
    phase: Phase,
    record: SmtpRecord,
}

/// A command whose reply is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    Login,
    Sender,
    Recipient(Role),
    Data,
    Message,
    Reset,
    Quit,
}

impl Awaited {
    fn phase(self) -> Phase {
        match self {
            Self::Greeting => Phase::Greeting,
            Self::Ehlo | Self::Helo => Phase::Hello,
            Self::StartTls => Phase::StartTls,
            Self::Login => Phase::Login,
            Self::Sender => Phase::Sender,
            Self::Recipient(_) => Phase::Recipient,
            Self::Data => Phase::Data,
            Self::Message => Phase::Message,
            Self::Reset => Phase::Reset,
            Self::Quit => Phase::Quit,
        }
    }
}

impl SmtpDialogue {
    /// A dialogue that will do what the plan says.
    #[must_use]
    pub fn new(mut plan: Plan) -> Self {
        Self {
            reader: ReplyReader::default(),
            steps: VecDeque::new(),
            awaited: VecDeque::from([Awaited::Greeting]),
            transactions: std::mem::take(&mut plan.transactions).into(),
            login: None,
            hello: Hello::default(),
            under_tls: plan.tls == TlsPlan::Already,
            trusted: false,
            phase: Phase::Greeting,
            record: SmtpRecord::default(),
            plan,
        }
    }

    /// What is known after the dialogue, whole or broken.
    #[must_use]
    pub fn into_record(mut self) -> SmtpRecord {
        self.record.hello = (self.hello != Hello::default()).then_some(self.hello);
        self.record
    }

    fn command(&mut self, line: &str, awaited: Awaited, at: u64) {
        self.masked_command(line.as_bytes().to_vec(), line, awaited, at);
    }

    /// Sends `line`, and writes `shown` into the transcript.
    fn masked_command(&mut self, mut line: Vec<u8>, shown: &str, awaited: Awaited, at: u64) {
        debug_assert!(!line.contains(&b'\n'), "names and mailboxes are parsed before they come here");
        self.record.transcript.push(at, Speaker::Us, shown.as_bytes());
        line.extend_from_slice(b"\r\n");
        match self.steps.back_mut() {
            Some(Step::Send(bytes)) => bytes.extend_from_slice(&line),
            _ => self.steps.push_back(Step::Send(line)),
        }
        self.awaited.push_back(awaited);
        self.phase = self.awaited.front().map_or(self.phase, |first| first.phase());
    }

    fn quit(&mut self, at: u64) {
        self.command("QUIT", Awaited::Quit, at);
    }

    fn take_reply(&mut self, reply: Reply, at: u64) {
        let Some(awaited) = self.awaited.pop_front() else {
            // A server that is about to close may say 421 unasked: RFC 5321 section 3.8.
            self.record.unasked = Some(reply);
            return;
        };
        self.record.note(awaited.phase(), awaited.role(), reply.clone(), at);
        if reply.code == 421 {
            // RFC 5321 section 3.8: 421 answers any command, and the server closes.
            self.steps = VecDeque::from([Step::Done]);
            self.awaited.clear();
            return;
        }
        self.go_on(awaited, &reply, at);
        self.phase = self.awaited.front().map_or(self.phase, |first| first.phase());
    }

    fn go_on(&mut self, awaited: Awaited, reply: &Reply, at: u64) {
        match awaited {
            Awaited::Greeting if reply.code == 220 => {
                let line = format!("EHLO {}", self.plan.helo);
                self.command(&line, Awaited::Ehlo, at);
            }
            Awaited::Ehlo if matches!(reply.code, 500 | 502) => {
                // RFC 5321 section 3.2: a server that does not know EHLO gets HELO. A 550 is about our name: no retry.
                let line = format!("HELO {}", self.plan.helo);
                self.command(&line, Awaited::Helo, at);
            }
            Awaited::Ehlo | Awaited::Helo if reply.is_done() => {
                self.hello = Hello::read(reply);
                self.after_hello(at);
            }
            Awaited::StartTls if reply.code == 220 => {
                self.phase = Phase::Handshake;
                self.steps.push_back(Step::StartTls);
            }
            Awaited::Login => self.go_on_with_login(reply, at),
            Awaited::Data if reply.code == 354 => self.send_message(at),
            Awaited::Sender | Awaited::Recipient(_) | Awaited::Data | Awaited::Message => {
                self.go_on_with_transaction(awaited, reply, at);
            }
            Awaited::Reset => self.next_transaction(at),
            Awaited::Quit => self.steps.push_back(Step::Done),
            Awaited::Greeting | Awaited::Ehlo | Awaited::Helo | Awaited::StartTls => self.quit(at),
        }
    }

    fn after_hello(&mut self, at: u64) {
        if self.under_tls {
            return self.begin_login(at);
        }
        self.record.clear_hello = Some(self.hello.clone());
        match (self.plan.tls, self.hello.offers("STARTTLS")) {
            (_, true) => self.command("STARTTLS", Awaited::StartTls, at),
            (TlsPlan::Required, false) => self.quit(at),
            (TlsPlan::WhereOffered | TlsPlan::Already, false) => self.begin_login(at),
        }
    }

    fn begin_login(&mut self, at: u64) {
        let Some(credentials) = self.plan.login.take() else {
            return self.next_transaction(at);
        };
        let skipped = match (self.under_tls, self.trusted) {
            (false, _) => Some(LoginSkipped::NoTls),
            (true, false) => Some(LoginSkipped::CertificateNotGood),
            (true, true) => None,
        };
        if skipped.is_some() {
            self.record.login_skipped = skipped;
            return self.quit(at);
        }
        match Login::begin(&credentials, &self.hello) {
            Some((login, first)) => {
                self.login = Some(login);
                self.masked_command(first.line, first.shown, Awaited::Login, at);
            }
            None => {
                self.record.login_skipped = Some(LoginSkipped::NotOffered);
                self.quit(at);
            }
        }
    }

    fn go_on_with_login(&mut self, reply: &Reply, at: u64) {
        let next = self.login.as_mut().and_then(|login| login.answer(reply));
        match next {
            Some(line) => self.masked_command(line.line, line.shown, Awaited::Login, at),
            None if reply.is_done() => self.next_transaction(at),
            None => self.quit(at),
        }
    }

    /// Begins the next envelope, or says goodbye.
    fn next_transaction(&mut self, at: u64) {
        let Some(transaction) = self.transactions.front() else {
            return self.quit(at);
        };
        let sender = transaction.sender.as_ref().map(ToString::to_string).unwrap_or_default();
        let envelope_id = transaction.envelope_id.as_deref().filter(|_| self.hello.offers("DSN"));
        let line = match envelope_id {
            Some(id) => format!("MAIL FROM:<{sender}> RET=HDRS ENVID={id}"),
            None => format!("MAIL FROM:<{sender}>"),
        };
        let recipients: Vec<_> = transaction.recipients.clone();
        self.command(&line, Awaited::Sender, at);
        // RFC 2920 section 3.1: MAIL, RCPT and RSET may stand in one group; DATA and QUIT end one.
        if self.hello.offers("PIPELINING") {
            for (role, mailbox) in recipients {
                self.command(&self.recipient_line(&mailbox.to_string()), Awaited::Recipient(role), at);
            }
        }
    }

    fn recipient_line(&self, mailbox: &str) -> String {
        let wants_report = self.transactions.front().is_some_and(|t| t.envelope_id.is_some());
        if wants_report && self.hello.offers("DSN") {
            // RFC 3461 section 4.1: tell us of a failure or a delay, not of a success.
            return format!("RCPT TO:<{mailbox}> NOTIFY=FAILURE,DELAY");
        }
        format!("RCPT TO:<{mailbox}>")
    }

    fn go_on_with_transaction(&mut self, awaited: Awaited, reply: &Reply, at: u64) {
        if !self.awaited.is_empty() {
            return; // The rest of a pipelined group is still to come.
        }
        let taken = |record: &SmtpRecord| record.any_recipient_taken();
        let next = self.next_recipient();
        match (awaited, reply.class()) {
            (Awaited::Sender | Awaited::Recipient(_), ReplyClass::Done) if next.is_some() => {
                self.ask_recipient(next, at);
            }
            (Awaited::Recipient(_), _) if next.is_some() => self.ask_recipient(next, at),
            (Awaited::Recipient(_), _) if self.has_message() && taken(&self.record) => {
                self.command("DATA", Awaited::Data, at);
            }
            _ => self.end_transaction(at),
        }
    }

    fn has_message(&self) -> bool {
        self.transactions.front().is_some_and(|t| t.message.is_some())
    }

    /// The first recipient of this envelope that was not named yet.
    fn next_recipient(&self) -> Option<(Role, String)> {
        let asked = self.record.recipients_asked();
        let transaction = self.transactions.front()?;
        transaction.recipients.get(asked).map(|(role, mailbox)| (*role, mailbox.to_string()))
    }

    fn ask_recipient(&mut self, next: Option<(Role, String)>, at: u64) {
        if let Some((role, mailbox)) = next {
            let line = self.recipient_line(&mailbox);
            self.command(&line, Awaited::Recipient(role), at);
        }
    }

    fn end_transaction(&mut self, at: u64) {
        self.transactions.pop_front();
        self.record.begin_transaction();
        if self.transactions.is_empty() {
            self.quit(at);
        } else {
            self.command("RSET", Awaited::Reset, at);
        }
    }

    fn send_message(&mut self, at: u64) {
        let message = self.transactions.front_mut().and_then(|t| t.message.take()).unwrap_or_default();
        self.record.transcript.push(
            at,
            Speaker::Note,
            format!("message of {} bytes", message.len()).as_bytes(),
        );
        self.steps.push_back(Step::Send(dot_stuffed(&message)));
        self.awaited.push_back(Awaited::Message);
    }
}

impl Awaited {
    fn role(self) -> Option<Role> {
        match self {
            Self::Recipient(role) => Some(role),
            _ => None,
        }
    }
}

/// RFC 5321 section 4.5.2: a dot at the start of a line is doubled; the message ends with a dot on a line of its own.
fn dot_stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

impl Dialogue for SmtpDialogue {
    fn step(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Read)
    }

    fn receive(&mut self, mut bytes: &[u8], at: u64) -> Result<(), ProtocolFault> {
        while let Some(reply) = self.reader.next_reply(&mut bytes)? {
            for line in &reply.lines {
                self.record.transcript.push(at, Speaker::Server, format!("{} {line}", reply.code).as_bytes());
            }
            self.take_reply(reply, at);
            if self.steps.back() == Some(&Step::StartTls) && !bytes.is_empty() {
                // RFC 3207 section 6: whatever came before TLS is forgotten, and here also named.
                return Err(ProtocolFault::ClearTextBehindStartTls);
            }
        }
        Ok(())
    }

    fn secured(&mut self, trusted: bool, at: u64) {
        self.trusted = trusted;
        self.record.transcript.push(at, Speaker::Note, b"TLS is up");
        if self.plan.tls == TlsPlan::Already {
            return;
        }
        // RFC 3207 section 4.2: the client discards what it knew and begins anew with EHLO.
        self.under_tls = true;
        self.hello = Hello::default();
        let line = format!("EHLO {}", self.plan.helo);
        self.command(&line, Awaited::Ehlo, at);
    }

    fn phase(&self) -> Phase {
        self.phase
    }
}
