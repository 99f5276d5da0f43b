//! SMTP (RFC 5321) as a server speaks it: between servers on 25, from people on 587 and 465.
//!
//! 1. [`Session::open`] greets; EHLO tells what is offered (STARTTLS, AUTH, SIZE …).
//! 2. MAIL, RCPT and DATA take a mail; at each of them a fault may answer in the server's place.
//! 3. After the final dot the mail gets its `Received` field and goes into the queue; `delivery.rs` carries it on.

mod accept;
mod auth;
mod command;
pub(crate) mod data;
pub(crate) mod reply;

use std::net::IpAddr;
use std::sync::Arc;

use crate::dialogue::{Dialogue, Next, Turn, text};
use crate::login::{Credentials, Secret};
use crate::mailbox::QUOTA_BYTES;
use crate::options::Endpoint;
use crate::personality::{SmtpAnswer, SmtpMoment, SmtpStage};
use crate::queue::Recipient;
use crate::site::{Login, Site, is_in};
use command::{Command, Sender};
use data::{Data, MOST_MAIL_BYTES};
use reply::Reply;

/// How many recipients one mail may have (RFC 5321 §4.5.3.1.8 asks for at least 100).
const MOST_RECIPIENTS: usize = 100;
/// After so many errors the client is sent away, as every public server does.
const MOST_ERRORS: usize = 20;

/// One SMTP connection.
pub(crate) struct Session {
    site: Arc<Site>,
    endpoint: Endpoint,
    client: IpAddr,
    secured: bool,
    /// What the client calls itself, and whether it said EHLO.
    greeted: Option<(String, bool)>,
    account: Option<String>,
    sender: Option<Sender>,
    recipients: Vec<Recipient>,
    expecting: Expecting,
    errors: usize,
}

/// What the next line is.
#[derive(Debug)]
enum Expecting {
    Command,
    Mail(Data),
    Credentials(auth::Step),
}

impl Session {
    pub(crate) fn new(site: Arc<Site>, endpoint: Endpoint, client: IpAddr, secured: bool) -> Self {
        Self {
            site,
            endpoint,
            client,
            secured,
            greeted: None,
            account: None,
            sender: None,
            recipients: Vec::new(),
            expecting: Expecting::Command,
            errors: 0,
        }
    }

    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site)
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    fn command(&mut self, line: &str) -> Turn {
        match command::parse(line) {
            Command::Ehlo(name) => self.ehlo(name),
            Command::Helo(name) => self.helo(name),
            Command::StartTls => self.start_tls(),
            Command::Auth(mechanism, initial) => self.auth(&mechanism, initial.as_deref()),
            Command::Mail(sender) => self.mail(sender),
            Command::Rcpt(recipient) => self.rcpt(recipient),
            Command::Data => self.data(),
            Command::Rset => {
                self.forget_mail();
                self.say(Reply::ok())
            }
            Command::Noop => self.say(Reply::ok()),
            // RFC 5321 §3.5.3: 252 keeps the list of users to ourselves.
            Command::Vrfy => self.say(Reply::new(252, "2.5.2", "Cannot verify; send a mail and see")),
            Command::Quit => Turn::close(Reply::new(221, "2.0.0", "Goodbye").bytes()),
            Command::BadArguments => self.error(Reply::bad_arguments()),
            Command::Unknown => self.error(Reply::new(500, "5.5.1", "Unknown command")),
        }
    }

    fn ehlo(&mut self, name: String) -> Turn {
        self.forget_mail();
        if let Some(turn) = self.fault(SmtpStage::Ehlo, "") {
            return turn;
        }
        let mut words = vec![self.site.host_name(self.endpoint.host), "PIPELINING".to_owned()];
        words.push(format!("SIZE {MOST_MAIL_BYTES}"));
        if self.may_start_tls() {
            words.push("STARTTLS".to_owned());
        }
        if self.may_log_in() {
            words.push("AUTH PLAIN LOGIN XOAUTH2".to_owned());
        }
        words.extend(["ENHANCEDSTATUSCODES", "8BITMIME", "DSN"].map(str::to_owned));
        self.greeted = Some((name, true));
        Turn::line(reply::lines(250, &words))
    }

    fn helo(&mut self, name: String) -> Turn {
        self.forget_mail();
        self.greeted = Some((name, false));
        self.say(Reply::new(250, "", self.site.host_name(self.endpoint.host)))
    }

    pub(crate) fn may_start_tls(&self) -> bool {
        !self.secured && !self.site.board.hides_starttls(&self.endpoint)
    }

    /// Login is for people, and under TLS only (RFC 8314 §3.3).
    fn may_log_in(&self) -> bool {
        self.endpoint.service.is_submission() && self.is_private() && self.account.is_none()
    }

    /// Whether a password may be said here.
    fn is_private(&self) -> bool {
        self.secured || self.site.board.clear_login(&self.endpoint)
    }

    fn start_tls(&mut self) -> Turn {
        if self.secured {
            return self.error(Reply::new(503, "5.5.1", "TLS is already in use"));
        }
        if !self.may_start_tls() {
            return self.error(Reply::new(502, "5.5.1", "STARTTLS is not available"));
        }
        if let Some(turn) = self.fault(SmtpStage::StartTls, "") {
            return turn;
        }
        let ready = Reply::new(220, "2.0.0", "Ready to start TLS");
        Turn { bytes: ready.bytes(), next: Next::StartTls }
    }

    fn auth(&mut self, mechanism: &str, initial: Option<&str>) -> Turn {
        if !self.endpoint.service.is_submission() {
            return self.error(Reply::new(503, "5.5.1", "Login is not available on this port"));
        }
        if !self.is_private() {
            return self.error(Reply::new(538, "5.7.11", "Encryption is required: STARTTLS first"));
        }
        if self.account.is_some() {
            return self.error(Reply::new(503, "5.5.1", "Already logged in"));
        }
        self.auth_step(auth::begin(mechanism, initial))
    }

    fn auth_step(&mut self, step: auth::Outcome) -> Turn {
        match step {
            auth::Outcome::Ask(challenge, step) => {
                self.expecting = Expecting::Credentials(step);
                Turn::line(format!("334 {challenge}\r\n"))
            }
            auth::Outcome::Try(credentials) => self.log_in(&credentials),
            auth::Outcome::Refuse(reply) => self.error(reply),
        }
    }

    fn log_in(&mut self, credentials: &Credentials) -> Turn {
        match (self.site.login(&self.endpoint, credentials), &credentials.secret) {
            (Login::Granted(account), _) => {
                self.account = Some(account);
                self.say(Reply::new(235, "2.7.0", "Authentication successful"))
            }
            (Login::Wrong, Secret::Token(_)) => self.auth_step(auth::refuse_token()),
            (Login::Wrong, Secret::Password(_)) => self.error(auth::wrong()),
            (Login::TemporaryFailure, _) => {
                self.error(Reply::new(454, "4.7.0", "Temporary authentication failure"))
            }
            (Login::Limit, _) => self.say(Reply::new(454, "4.7.0", "Too many connections of this user")),
            (Login::Hang, _) => Turn::hang(),
        }
    }

    fn mail(&mut self, sender: Sender) -> Turn {
        if self.greeted.is_none() {
            return self.error(Reply::bad_sequence("EHLO"));
        }
        if self.sender.is_some() {
            return self.error(Reply::new(503, "5.5.1", "Nested MAIL command"));
        }
        if self.endpoint.service.is_submission() && self.account.is_none() {
            return self.error(Reply::new(530, "5.7.0", "Authentication required"));
        }
        if let Some(turn) = self.fault(SmtpStage::MailFrom, &sender.address) {
            return turn;
        }
        if sender.size.is_some_and(|size| size > MOST_MAIL_BYTES) {
            return self.error(Reply::new(552, "5.3.4", "Message size exceeds the limit"));
        }
        if self.site.queue().is_full() {
            return self.say(Reply::new(452, "4.3.1", "Insufficient system storage"));
        }
        self.sender = Some(sender);
        self.say(Reply::new(250, "2.1.0", "Ok"))
    }

    fn rcpt(&mut self, mut recipient: Recipient) -> Turn {
        let Some(sender) = self.sender.as_ref().map(|sender| sender.address.clone()) else {
            return self.error(Reply::bad_sequence("MAIL"));
        };
        if recipient.address.eq_ignore_ascii_case("postmaster") {
            recipient.address = format!("postmaster@{}", self.site.domain_of(self.endpoint.host));
        }
        let stage = SmtpStage::RcptTo { recipient: &recipient.address };
        match self.ask_faults(stage, &sender) {
            Some(SmtpAnswer::Accept) => {}
            Some(answer) => return self.in_our_place(answer),
            None => {
                if let Err(refusal) = self.judge_recipient(&recipient.address) {
                    return self.error(refusal);
                }
            }
        }
        if self.recipients.len() >= MOST_RECIPIENTS {
            return self.say(Reply::new(452, "4.5.3", "Too many recipients"));
        }
        self.recipients.push(recipient);
        self.say(Reply::new(250, "2.1.5", "Ok"))
    }

    fn judge_recipient(&self, recipient: &str) -> Result<(), Reply> {
        if !is_in(recipient, self.site.domain_of(self.endpoint.host)) {
            let trusted = self.account.is_some();
            return if trusted { Ok(()) } else { Err(Reply::new(554, "5.7.1", "Relay access denied")) };
        }
        match self.site.mailboxes().get(recipient) {
            None => Err(Reply::new(550, "5.1.1", format!("<{recipient}>: User unknown"))),
            Some(mailbox) if self.site.used_bytes(recipient, mailbox) >= QUOTA_BYTES => {
                Err(Reply::new(552, "5.2.2", format!("<{recipient}>: Mailbox is full")))
            }
            Some(_) => Ok(()),
        }
    }

    fn data(&mut self) -> Turn {
        if self.recipients.is_empty() {
            return self.error(Reply::new(503, "5.5.1", "No valid recipients"));
        }
        self.expecting = Expecting::Mail(Data::default());
        Turn::line(Reply::new(354, "", "End data with <CR><LF>.<CR><LF>").bytes())
    }

    fn fault(&mut self, stage: SmtpStage<'_>, sender: &str) -> Option<Turn> {
        self.ask_faults(stage, sender).map(|answer| self.in_our_place(answer))
    }

    fn ask_faults(&self, stage: SmtpStage<'_>, sender: &str) -> Option<SmtpAnswer> {
        self.site.board.smtp(&SmtpMoment {
            site: &self.site,
            endpoint: &self.endpoint,
            client: self.client,
            sender,
            trusted: self.account.is_some(),
            stage,
        })
    }

    fn in_our_place(&self, answer: SmtpAnswer) -> Turn {
        match answer {
            SmtpAnswer::Reply(reply) => self.say(reply),
            SmtpAnswer::Say(turn) => turn,
            SmtpAnswer::Accept => self.say(Reply::ok()),
        }
    }

    fn forget_mail(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    fn say(&self, reply: Reply) -> Turn {
        Turn::line(reply.bytes())
    }

    fn error(&mut self, reply: Reply) -> Turn {
        self.errors += 1;
        if self.errors > MOST_ERRORS {
            return Turn::close(Reply::new(421, "4.7.0", "Too many errors").bytes());
        }
        self.say(reply)
    }
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        self.say(Reply::new(220, "", format!("{} ESMTP", self.site.host_name(self.endpoint.host))))
    }

    fn line(&mut self, line: &[u8]) -> Turn {
        match std::mem::replace(&mut self.expecting, Expecting::Command) {
            Expecting::Command => self.command(&text(line)),
            Expecting::Credentials(step) => self.auth_step(auth::go_on(step, &text(line))),
            Expecting::Mail(mut data) => {
                if data.line(line) {
                    return self.end_of_data(data);
                }
                self.expecting = Expecting::Mail(data);
                Turn::listen()
            }
        }
    }

    fn block(&mut self, _: Vec<u8>) -> Turn {
        // SMTP asks for lines only.
        self.error(Reply::new(500, "5.5.1", "Unknown command"))
    }

    fn secured(&mut self) -> Turn {
        self.secured = true;
        self.greeted = None;
        self.forget_mail();
        Turn::listen()
    }

    fn too_long(&mut self) -> Turn {
        match &mut self.expecting {
            Expecting::Mail(data) => {
                data.too_long();
                Turn::listen()
            }
            _ => Turn::close(Reply::new(500, "5.5.2", "Line too long").bytes()),
        }
    }
}
