//! A mailbox address that is safe inside an SMTP or IMAP command.

use std::fmt;

use watchpost_texts::say;

use super::host_name::{BadHostName, HostName};

/// `local@domain` with a plain local part (RFC 5321 `Dot-string`); quoted local parts are not needed for probes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox {
    local: String,
    domain: HostName,
}

impl Mailbox {
    /// Reads an address as a person types it.
    ///
    /// # Errors
    /// [`BadMailbox`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadMailbox> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadMailbox::NoAt)?;
        Self::at(local, HostName::parse(domain).map_err(BadMailbox::Domain)?)
    }

    /// `local` at a domain that is already known.
    ///
    /// # Errors
    /// [`BadMailbox`] says what is wrong with the local part.
    pub fn at(local: &str, domain: HostName) -> Result<Self, BadMailbox> {
        // RFC 5321 section 4.5.3.1.1: at most 64 octets before the @.
        if local.is_empty() || local.len() > 64 {
            return Err(BadMailbox::LocalLength);
        }
        // RFC 5321 section 4.1.2: atext, and dots not at an end and not two in a row.
        let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
        if !local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext)) {
            return Err(BadMailbox::LocalCharacter);
        }
        Ok(Self { local: local.to_owned(), domain })
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &HostName {
        &self.domain
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.local, self.domain)
    }
}

/// Why a text is not a mailbox address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadMailbox {
    /// No `@` in it.
    #[error("{}", say!("an address needs an @, like probe@example.org"))]
    NoAt,
    /// Nothing, or more than 64 characters, before the `@`.
    #[error("{}", say!("the part before the @ must have 1 to 64 characters"))]
    LocalLength,
    /// A character that would need quotes, or a dot in the wrong place.
    #[error("{}", say!("the part before the @ has a space, a control character or a misplaced dot"))]
    LocalCharacter,
    /// The part after the `@` is not a host name.
    #[error("{}", say!("after the @: {0}", _0))]
    Domain(BadHostName),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, BadMailbox>) {
        let found = Mailbox::parse(text).map(|mailbox| mailbox.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn addresses_and_what_is_none() {
        check("probe@example.org", Ok("probe@example.org"));
        check("a.b+c@Example.org", Ok("a.b+c@example.org"));
        check("probe", Err(BadMailbox::NoAt));
        check("@example.org", Err(BadMailbox::LocalLength));
        check(&format!("{}@example.org", "a".repeat(65)), Err(BadMailbox::LocalLength));
        check(".a@example.org", Err(BadMailbox::LocalCharacter));
        check("a..b@example.org", Err(BadMailbox::LocalCharacter));
        check("a b@example.org", Err(BadMailbox::LocalCharacter));
        check("a>\r\nDATA@example.org", Err(BadMailbox::LocalCharacter));
        check("bücher@example.org", Err(BadMailbox::LocalCharacter));
        check("a@127.0.0.1", Err(BadMailbox::Domain(BadHostName::Address)));
    }

    proptest! {
        #[test]
        fn what_is_read_holds_no_space_and_no_control(text in "\\PC{0,80}|[a-z<>@.\\r\\n\\x00 ]{0,80}") {
            if let Ok(mailbox) = Mailbox::parse(&text) {
                prop_assert!(mailbox.to_string().bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>'));
            }
        }
    }
}
