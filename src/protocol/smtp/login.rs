//! AUTH of RFC 4954 with PLAIN (RFC 4616), LOGIN, or XOAUTH2.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use super::hello::Hello;
use super::plan::Credentials;
use super::reply::Reply;
use crate::service::LoginMethod;

/// A login that is under way.
pub(super) struct Login {
    /// What to answer to each 334, in order.
    answers: std::vec::IntoIter<String>,
}

/// A line with a secret, and how it is shown.
pub(super) struct MaskedLine {
    pub line: Vec<u8>,
    pub shown: &'static str,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Login(masked)")
    }
}

impl Login {
    /// The first line of the login, in a way that the server offers; `None` if it offers none that fits.
    pub fn begin(credentials: &Credentials, hello: &Hello) -> Option<(Self, MaskedLine)> {
        let offered = hello.logins();
        let offers = |name| offered.contains(&name);
        let (login, secret) = (credentials.login.as_str(), credentials.secret.expose_secret());
        let (line, answers, shown) = match credentials.method {
            LoginMethod::Xoauth2 if offers("XOAUTH2") => (
                format!("AUTH XOAUTH2 {}", xoauth2(login, secret)),
                vec![String::new()],
                "AUTH XOAUTH2 (masked)",
            ),
            LoginMethod::Password if offers("PLAIN") => {
                let response = STANDARD.encode(format!("\0{login}\0{secret}"));
                (format!("AUTH PLAIN {response}"), vec![], "AUTH PLAIN (masked)")
            }
            LoginMethod::Password if offers("LOGIN") => {
                let answers = vec![STANDARD.encode(login), STANDARD.encode(secret)];
                ("AUTH LOGIN".to_owned(), answers, "AUTH LOGIN")
            }
            _ => return None,
        };
        Some((Self { answers: answers.into_iter() }, MaskedLine { line: line.into_bytes(), shown }))
    }

    /// The answer to a 334; `None` when the login is over. A 334 too many is cancelled with `*`, RFC 4954 section 4.
    pub fn answer(&mut self, reply: &Reply) -> Option<MaskedLine> {
        if reply.code != 334 {
            return None;
        }
        let line = self.answers.next().unwrap_or_else(|| "*".to_owned());
        Some(MaskedLine { line: line.into_bytes(), shown: "(masked)" })
    }
}

/// The initial response of XOAUTH2.
pub(crate) fn xoauth2(login: &str, token: &str) -> String {
    STANDARD.encode(format!("user={login}\x01auth=Bearer {token}\x01\x01"))
}
