//! The hash chain over events: a change, a deletion or an insertion anywhere changes everything after it.
//!
//! It runs over the events as they are written, sealed: forgetting a person does not break it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// SHA-256 over everything so far. All zero before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain([u8; 32]);

impl Chain {
    /// The head after one more event.
    ///
    /// The event counts as the JSON in which it stands in the journal, byte for byte.
    #[must_use]
    pub fn next(&self, event: &str) -> Chain {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(event.as_bytes());
        Chain(hash.finalize().into())
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not the head of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct NotAChain;

impl FromStr for Chain {
    type Err = NotAChain;
    fn from_str(text: &str) -> Result<Self, NotAChain> {
        // Every digit is looked at: `from_str_radix` would take a sign.
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAChain);
        }
        let mut head = [0; 32];
        for (byte, at) in head.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| NotAChain)?;
        }
        Ok(Chain(head))
    }
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back() {
        let head = Chain::default().next(r#"{"seq":1}"#);
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "zz", &"é".repeat(32), &"+f".repeat(32)] {
            assert_eq!(wrong.parse::<Chain>(), Err(NotAChain), "{wrong}");
        }
    }

    #[test]
    fn order_and_content_both_count() {
        let (one, two) = (r#"{"seq":1}"#, r#"{"seq":2}"#);
        let head = Chain::default().next(one).next(two);
        assert_ne!(head, Chain::default().next(two).next(one));
        assert_ne!(head, Chain::default().next(one));
    }
}
