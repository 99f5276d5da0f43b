//! What is known after an IMAP dialogue, whole or broken.

use super::response::{Status, StatusKind};
use super::search::Found;
use crate::protocol::Phase;
use crate::protocol::transcript::Transcript;

/// Everything that a server said in one dialogue.
#[derive(Debug, Clone, Default)]
pub struct ImapRecord {
    /// The first words.
    pub greeting: Option<Status>,
    /// When they came, in milliseconds since the connection was begun.
    pub greeting_at: Option<u64>,
    /// A BYE that we did not ask for.
    pub bye: Option<Status>,
    /// The tagged replies in order, with the time in milliseconds since the connection was begun.
    pub exchanges: Vec<(Phase, Status, u64)>,
    /// What was offered before TLS; `None` on a port where TLS comes first.
    pub clear_capabilities: Option<Vec<String>>,
    /// What was offered at last, in upper case.
    pub capabilities: Vec<String>,
    /// Why no login was tried although one was planned.
    pub login_skipped: Option<LoginSkipped>,
    /// The UID that the next mail gets.
    pub uid_next: Option<u32>,
    /// Used and allowed KiB of the mailbox.
    pub quota: Option<(u64, u64)>,
    /// What the search found.
    pub found: Found,
    /// Who said what.
    pub transcript: Transcript,
}

/// Why a planned login was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginSkipped {
    /// The certificate is not good: the secret could go to anybody.
    CertificateNotGood,
    /// Login name or secret hold a character that IMAP cannot carry.
    NotWritable,
}

impl ImapRecord {
    pub(super) fn note(&mut self, phase: Phase, status: Status, at: u64) {
        self.exchanges.push((phase, status, at));
    }

    pub(super) fn note_code(&mut self, status: &Status) {
        let code = status.code.as_deref().unwrap_or_default();
        if let Some(number) = code.strip_prefix("UIDNEXT ") {
            self.uid_next = number.trim().parse().ok();
        }
        if let (StatusKind::Ok, Some(words)) = (status.kind, code.strip_prefix("CAPABILITY ")) {
            self.capabilities = capability_words(words);
        }
    }

    pub(super) fn note_data(&mut self, rest: &str) {
        let upper = rest.to_ascii_uppercase();
        if let Some(words) = upper.strip_prefix("CAPABILITY ") {
            self.capabilities = capability_words(words);
        }
        if upper.starts_with("QUOTA ") {
            self.quota = storage_quota(&upper).or(self.quota);
        }
    }

    /// Whether this capability is offered.
    #[must_use]
    pub fn offers(&self, word: &str) -> bool {
        self.capabilities.iter().any(|offered| offered == word || offered.starts_with(&format!("{word}=")))
    }

    /// The last tagged reply of this phase.
    #[must_use]
    pub fn reply(&self, phase: Phase) -> Option<&Status> {
        self.exchanges.iter().rev().find(|exchange| exchange.0 == phase).map(|exchange| &exchange.1)
    }

    /// How long the server took over its replies, the greeting left out, in milliseconds, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<u64> {
        let times = self.greeting_at.into_iter().chain(self.exchanges.iter().map(|exchange| exchange.2));
        let times: Vec<u64> = times.collect();
        times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
    }
}

fn capability_words(words: &str) -> Vec<String> {
    words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// RFC 9208 section 4.2.1: `QUOTA root (STORAGE used limit ...)`, in units of 1024 octets.
fn storage_quota(line: &str) -> Option<(u64, u64)> {
    let inner = line.rsplit_once('(')?.1.trim_end_matches(')');
    let words: Vec<&str> = inner.split(' ').collect();
    let triple = words.chunks(3).find(|triple| triple.first() == Some(&"STORAGE"))?;
    Some((triple.get(1)?.parse().ok()?, triple.get(2)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_and_capabilities_are_read() {
        let mut record = ImapRecord::default();
        record.note_data("QUOTA \"User quota\" (STORAGE 10 512 MESSAGE 1 100)");
        record.note_data("CAPABILITY IMAP4rev1 STARTTLS QUOTA=RES-STORAGE");
        assert_eq!(record.quota, Some((10, 512)));
        assert!(record.offers("STARTTLS") && record.offers("QUOTA") && !record.offers("UIDPLUS"));
        record.note_data("QUOTA \"\" ()");
        assert_eq!(record.quota, Some((10, 512)));
    }
}
