//! POP3 (RFC 1939, with CAPA, STLS and the response codes of RFC 2449 and RFC 3206) as a server speaks it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::dialogue::{Dialogue, Next, Turn, text};
use crate::login::Credentials;
use crate::mailbox::{Stored, header_end};
use crate::options::Endpoint;
use crate::site::{Login, Site};

/// One POP3 connection.
pub(crate) struct Session {
    site: Arc<Site>,
    endpoint: Endpoint,
    secured: bool,
    user: Option<String>,
    account: Option<String>,
    /// The mailbox as it was at login: positions must not move (RFC 1939 §5).
    mails: Vec<Stored>,
    deleted: BTreeSet<usize>,
}

impl Session {
    pub(crate) fn new(site: Arc<Site>, endpoint: Endpoint, secured: bool) -> Self {
        Self {
            site,
            endpoint,
            secured,
            user: None,
            account: None,
            mails: Vec::new(),
            deleted: BTreeSet::new(),
        }
    }

    fn before_login(&mut self, verb: &str, argument: &str) -> Turn {
        match verb {
            "STLS" if !self.secured => Turn { bytes: b"+OK Begin TLS\r\n".to_vec(), next: Next::StartTls },
            // RFC 2595 §2.1: no password over clear text.
            "USER" | "PASS" if !self.secured => Turn::line("-ERR [AUTH] STLS first\r\n"),
            "USER" => {
                self.user = Some(argument.to_owned());
                Turn::line("+OK Password please\r\n")
            }
            "PASS" => match self.user.take() {
                Some(user) => self.log_in(&user, argument),
                None => Turn::line("-ERR USER first\r\n"),
            },
            _ => Turn::line("-ERR Log in first\r\n"),
        }
    }

    fn log_in(&mut self, user: &str, password: &str) -> Turn {
        match self.site.login(&self.endpoint, &Credentials::password(user, password)) {
            Login::Granted(account) => {
                let inbox = self.site.mailboxes();
                let folder = inbox.get(&account).and_then(|mailbox| mailbox.folder("INBOX"));
                self.mails = folder.map(|folder| folder.messages.clone()).unwrap_or_default();
                self.account = Some(account);
                Turn::line("+OK Logged in\r\n")
            }
            Login::Wrong => Turn::line("-ERR [AUTH] Authentication failed\r\n"),
            Login::TemporaryFailure => Turn::line("-ERR [SYS/TEMP] Temporary authentication failure\r\n"),
            Login::Limit => Turn::line("-ERR [IN-USE] Too many connections of this user\r\n"),
            Login::Hang => Turn::hang(),
        }
    }

    fn after_login(&mut self, verb: &str, argument: &str) -> Turn {
        let mut words = argument.split_ascii_whitespace();
        let number = words.next();
        match verb {
            "STAT" => {
                let (count, bytes) = self.total();
                Turn::line(format!("+OK {count} {bytes}\r\n"))
            }
            "LIST" => self.each(number, |mail| mail.raw.len().to_string()),
            "UIDL" => self.each(number, |mail| mail.uid.to_string()),
            "RETR" => self.send(number, usize::MAX),
            "TOP" => match words.next().map(str::parse) {
                Some(Ok(lines)) => self.send(number, lines),
                _ => Turn::line("-ERR TOP needs a number of lines\r\n"),
            },
            "DELE" => match self.at(number) {
                Some(at) => {
                    self.deleted.insert(at);
                    Turn::line("+OK Marked\r\n")
                }
                None => Turn::line("-ERR No such mail\r\n"),
            },
            "RSET" => {
                self.deleted.clear();
                Turn::line("+OK\r\n")
            }
            _ => Turn::line("-ERR Unknown command\r\n"),
        }
    }

    /// The position, from 0, that a command means; not one that is marked as deleted.
    fn at(&self, number: Option<&str>) -> Option<usize> {
        let at = number?.parse::<usize>().ok()?.checked_sub(1)?;
        (at < self.mails.len() && !self.deleted.contains(&at)).then_some(at)
    }

    fn total(&self) -> (usize, usize) {
        let left = self.mails.iter().enumerate().filter(|(at, _)| !self.deleted.contains(at));
        left.fold((0, 0), |(count, bytes), (_, mail)| (count + 1, bytes + mail.raw.len()))
    }

    fn each(&self, number: Option<&str>, value: impl Fn(&Stored) -> String) -> Turn {
        if number.is_some() {
            return match self.at(number) {
                Some(at) => Turn::line(format!("+OK {} {}\r\n", at + 1, value(&self.mails[at]))),
                None => Turn::line("-ERR No such mail\r\n"),
            };
        }
        let left = self.mails.iter().enumerate().filter(|(at, _)| !self.deleted.contains(at));
        let lines: String = left.map(|(at, mail)| format!("{} {}\r\n", at + 1, value(mail))).collect();
        Turn::line(format!("+OK\r\n{lines}.\r\n"))
    }

    /// Sends a mail with so many lines of its body.
    fn send(&self, number: Option<&str>, body_lines: usize) -> Turn {
        let Some(at) = self.at(number) else {
            return Turn::line("-ERR No such mail\r\n");
        };
        let raw = &self.mails[at].raw;
        let (header, body) = raw.split_at(header_end(raw));
        let mut out = b"+OK\r\n".to_vec();
        let lines = |bytes| <[u8]>::split_inclusive(bytes, |&byte: &u8| byte == b'\n');
        for line in lines(header).chain(lines(body).take(body_lines)) {
            if line.starts_with(b".") {
                out.push(b'.');
            }
            out.extend_from_slice(line);
        }
        if !out.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
        Turn::line(out)
    }

    /// QUIT makes deletions real; a dropped connection does not (RFC 1939 §6).
    fn quit(&self) -> Turn {
        if let Some(account) = &self.account {
            let gone: BTreeSet<u32> = self.deleted.iter().map(|at| self.mails[*at].uid).collect();
            let mut mailboxes = self.site.mailboxes();
            if let Some(folder) = mailboxes.get_mut(account).and_then(|mailbox| mailbox.folder_mut("INBOX")) {
                folder.messages.retain(|mail| !gone.contains(&mail.uid));
            }
        }
        Turn::close("+OK Goodbye\r\n")
    }

    fn capabilities(&self) -> &'static str {
        if self.secured {
            "+OK\r\nUSER\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n.\r\n"
        } else {
            "+OK\r\nSTLS\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n.\r\n"
        }
    }
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        Turn::line(format!("+OK {} ready\r\n", self.site.host_name(self.endpoint.host)))
    }

    fn line(&mut self, line: &[u8]) -> Turn {
        let line = text(line);
        let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
        match (verb.to_ascii_uppercase().as_str(), &self.account) {
            ("QUIT", _) => self.quit(),
            ("NOOP", _) => Turn::line("+OK\r\n"),
            ("CAPA", _) => Turn::line(self.capabilities()),
            (verb, None) => self.before_login(verb, argument),
            (verb, Some(_)) => self.after_login(verb, argument),
        }
    }

    fn block(&mut self, _: Vec<u8>) -> Turn {
        // POP3 asks for lines only.
        Turn::line("-ERR Unknown command\r\n")
    }

    fn secured(&mut self) -> Turn {
        self.secured = true;
        self.user = None;
        Turn::listen()
    }

    fn too_long(&mut self) -> Turn {
        Turn::close("-ERR Line too long\r\n")
    }
}
