//! A host or domain name that is safe to put on a wire: ASCII letters, digits, hyphens and dots, in lower case.

use std::fmt;

use watchpost_texts::say;

/// A DNS name without the final dot, in lower case. International names are given in their `xn--` form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostName(String);

impl HostName {
    /// Reads a name as a person types it; one final dot is taken off.
    ///
    /// # Errors
    /// [`BadHostName`] says what is wrong with it. An address in any notation is refused: `127.1`, `0x7f.1`,
    /// `2130706433` and `[::1]` are not names, and a resolver library might read them as addresses.
    pub fn parse(text: &str) -> Result<Self, BadHostName> {
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.is_empty() {
            return Err(BadHostName::Empty);
        }
        // RFC 1035 section 2.3.4: 255 octets on the wire, which leaves 253 for the text.
        if name.len() > 253 {
            return Err(BadHostName::TooLong);
        }
        for label in name.split('.') {
            check_label(label)?;
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        // RFC 3696 section 2: a top-level domain is never all digits; `0x7f` is how inet_aton writes 127.
        if last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x") {
            return Err(BadHostName::Address);
        }
        Ok(Self(name))
    }

    /// The name, without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this name is the domain, or lies in it.
    #[must_use]
    pub fn is_within(&self, domain: &Self) -> bool {
        let inside = self.0.strip_suffix(&domain.0);
        inside.is_some_and(|labels| labels.is_empty() || labels.ends_with('.'))
    }

    /// This name below a label path: `_25._tcp` + `mail.example.org`.
    #[must_use]
    pub fn below(&self, labels: &str) -> String {
        format!("{labels}.{}", self.0)
    }
}

fn check_label(label: &str) -> Result<(), BadHostName> {
    if label.is_empty() {
        return Err(BadHostName::EmptyLabel);
    }
    if label.len() > 63 {
        return Err(BadHostName::LongLabel);
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !label.bytes().all(allowed) {
        return Err(BadHostName::Character);
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(BadHostName::Hyphen);
    }
    Ok(())
}

impl fmt::Display for HostName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHostName {
    /// Nothing was given.
    #[error("{}", say!("the name is empty; give one like mail.example.org"))]
    Empty,
    /// More than 253 characters.
    #[error("{}", say!("the name has more than 253 characters, which DNS does not allow"))]
    TooLong,
    /// Two dots in a row, or a dot at the start.
    #[error("{}", say!("the name has an empty part between two dots"))]
    EmptyLabel,
    /// A part of more than 63 characters.
    #[error("{}", say!("a part of the name has more than 63 characters, which DNS does not allow"))]
    LongLabel,
    /// Anything but letters, digits, hyphen, underscore and dot.
    #[error("{}", say!("the name has a character that no host name has; write an international name in its xn-- form"))]
    Character,
    /// A part that begins or ends with a hyphen.
    #[error("{}", say!("a part of the name begins or ends with a hyphen"))]
    Hyphen,
    /// An IP address in some notation.
    #[error("{}", say!("this is an address, not a name; certificates and mail routing need the host's name"))]
    Address,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, BadHostName>) {
        assert_eq!(
            HostName::parse(text).as_ref().map(HostName::as_str),
            expected.as_ref().copied(),
            "{text:?}"
        );
    }

    #[test]
    fn names_and_what_is_none() {
        check("mail.example.org", Ok("mail.example.org"));
        check("Mail.Example.ORG.", Ok("mail.example.org"));
        check("_dmarc.example.org", Ok("_dmarc.example.org"));
        check("xn--bcher-kva.example", Ok("xn--bcher-kva.example"));
        check("", Err(BadHostName::Empty));
        check(".", Err(BadHostName::Empty));
        check("a..b", Err(BadHostName::EmptyLabel));
        check(&format!("{}.org", "a".repeat(64)), Err(BadHostName::LongLabel));
        check(&"a.".repeat(130), Err(BadHostName::TooLong));
        check("bücher.example", Err(BadHostName::Character));
        check("mail.example.org\r\nQUIT", Err(BadHostName::Character));
        check("mail example", Err(BadHostName::Character));
        check("-a.org", Err(BadHostName::Hyphen));
        for address in ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0x0.1", "0177.0.0.1"] {
            check(address, Err(BadHostName::Address));
        }
        for literal in ["[127.0.0.1]", "[::1]", "::ffff:127.0.0.1", "fe80::1%eth0"] {
            check(literal, Err(BadHostName::Character));
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_safe_on_a_wire(text in "\\PC{0,80}|[a-z0-9.\\-\\r\\n\\x00 ]{0,300}") {
            if let Ok(name) = HostName::parse(&text) {
                prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_graphic()));
                prop_assert!(name.as_str().len() <= 253);
                prop_assert!(name.as_str().parse::<std::net::IpAddr>().is_err());
            }
        }
    }
}
