//! The people of the lab.

use std::fmt;

use serde::Serialize;

use crate::login::Secret;

/// Somebody with a mailbox and a password.
#[derive(Clone, Serialize)]
pub struct Account {
    /// The mail address, which is also the login name.
    pub address: String,
    /// The password. Not a secret: the lab listens on loopback only and forgets everything at its end.
    #[serde(skip)]
    pub password: String,
    /// The bearer token that is taken in the place of the password.
    #[serde(skip)]
    pub token: String,
}

impl Account {
    fn new(name: &str, domain: &str) -> Self {
        Self {
            address: format!("{name}@{domain}"),
            password: format!("{name}-password"),
            token: format!("{name}-token"),
        }
    }

    /// The part before the `@`.
    pub fn name(&self) -> &str {
        self.address.split('@').next().unwrap_or_default()
    }

    pub(crate) fn opens_with(&self, secret: &Secret) -> bool {
        match secret {
            Secret::Password(password) => *password == self.password,
            Secret::Token(token) => *token == self.token,
        }
    }

    /// Whether `login` means this account: the whole address, or for people of the domain the name alone.
    pub(crate) fn answers_to(&self, login: &str, home: &str) -> bool {
        let at_home =
            || self.address.rsplit('@').next() == Some(home) && self.name().eq_ignore_ascii_case(login);
        self.address.eq_ignore_ascii_case(login) || at_home()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.address)
    }
}

/// Everybody: three people and the postmaster at home; outside a mailbox for probes, a sender of notices and their reader.
pub(crate) fn everybody(domain: &str, outside_domain: &str) -> Vec<Account> {
    let mut all: Vec<_> =
        ["alice", "bob", "probe", "postmaster"].iter().map(|name| Account::new(name, domain)).collect();
    all.extend(["echo", "notices", "board"].iter().map(|name| Account::new(name, outside_domain)));
    all
}
