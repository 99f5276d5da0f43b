//! LOGIN and AUTHENTICATE (RFC 9051 §6.2), with the reasons of RFC 5530.

use super::Session;
use super::parse::Token;
use crate::dialogue::Turn;
use crate::login::{Credentials, Mechanism, Secret, TOKEN_REFUSED};
use crate::site::Login;

/// What a login waits for, with the tag of its command.
pub(super) enum Waiting {
    Message(String, Mechanism),
    /// An empty line, after which the token is refused for good.
    TokenRefused(String),
}

impl Session {
    pub(super) fn begin_login(&mut self, tag: &str, verb: &str, arguments: &[Token]) -> Turn {
        let refuse = |text: &str| Turn::line(format!("{tag} {text}\r\n"));
        if self.account.is_some() {
            return refuse("BAD Already logged in");
        }
        if !self.secured {
            return refuse("NO [PRIVACYREQUIRED] STARTTLS first");
        }
        let words: Vec<_> = arguments.iter().filter_map(Token::text).collect();
        match (verb, words.as_slice()) {
            ("LOGIN", [login, password]) => self.log_in(tag, &Credentials::password(login, password)),
            ("AUTHENTICATE", [mechanism, initial @ ..]) => match (Mechanism::by_name(mechanism), initial) {
                (Some(mechanism), [response]) => self.message(tag, mechanism, response),
                (Some(mechanism), []) => {
                    self.waiting = Some(Waiting::Message(tag.to_owned(), mechanism));
                    Turn::line("+ \r\n")
                }
                (None, _) => refuse("NO Mechanism is not supported"),
                _ => refuse("BAD Arguments cannot be read"),
            },
            _ => refuse("BAD Arguments cannot be read"),
        }
    }

    /// Goes on with the line that was waited for.
    pub(super) fn go_on(&mut self, waiting: &Waiting, line: &str) -> Turn {
        match waiting {
            Waiting::Message(tag, mechanism) => self.message(tag, *mechanism, line),
            Waiting::TokenRefused(tag) => wrong(tag),
        }
    }

    fn message(&mut self, tag: &str, mechanism: Mechanism, response: &str) -> Turn {
        match mechanism.read(response) {
            Some(credentials) => self.log_in(tag, &credentials),
            None => Turn::line(format!("{tag} BAD Response cannot be read\r\n")),
        }
    }

    fn log_in(&mut self, tag: &str, credentials: &Credentials) -> Turn {
        let answer = match (self.site.login(&self.endpoint, credentials), &credentials.secret) {
            (Login::Granted(account), _) => {
                self.account = Some(account);
                format!("OK [CAPABILITY {}] Logged in", self.capabilities())
            }
            (Login::Wrong, Secret::Token(_)) => {
                self.waiting = Some(Waiting::TokenRefused(tag.to_owned()));
                return Turn::line(format!("+ {TOKEN_REFUSED}\r\n"));
            }
            (Login::Wrong, Secret::Password(_)) => return wrong(tag),
            (Login::TemporaryFailure, _) => "NO [UNAVAILABLE] Temporary authentication failure".to_owned(),
            (Login::Limit, _) => "NO [LIMIT] Too many connections of this user".to_owned(),
            (Login::Hang, _) => return Turn::hang(),
        };
        Turn::line(format!("{tag} {answer}\r\n"))
    }
}

fn wrong(tag: &str) -> Turn {
    Turn::line(format!("{tag} NO [AUTHENTICATIONFAILED] Authentication failed\r\n"))
}
