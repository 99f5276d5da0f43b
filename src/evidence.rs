//! Files that are kept as evidence: copied, not linked. The link dies, the bytes stay.
//!
//! 1. The mouth fetches the bytes, within [`MOST_BYTES`]. [`Sort::of`] says by the bytes themselves what they are; what is
//!    no picture, text, document or archive is not kept.
//! 2. The content gets a stream of its own in the store ([`stream`]), so that no incident carries it in memory. It is sealed
//!    under the key of whoever the file is from: forgetting them takes it away, in the backups too.
//! 3. The checklist of the incident keeps name, size and hash ([`Evidence`]), and so do timeline, review and export.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use watchpost_texts::say;

use crate::ids::{IncidentId, PersonId};
use crate::incident::checklist::Evidence;
use crate::person::{FORGOTTEN, Personal};

/// The largest file that is kept: a picture from a phone, a long log. The store holds it sealed, in about twice that.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// The longest name that is kept, in characters.
const MOST_NAME: usize = 80;
/// From this number on a stream is that of a file and of no incident.
const FIRST: u64 = 1 << 62;

/// A file as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEvent {
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its bytes in base64, and whose file it is.
    pub content: Personal,
}

/// What sort of file the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// PNG, JPEG, GIF, WebP.
    Picture,
    /// UTF-8 without a NUL: a log, headers, a mail.
    Text,
    /// PDF.
    Document,
    /// gzip, zip: logs are packed so.
    Archive,
}

/// Bytes that were fetched, and whose they are.
#[derive(Clone, PartialEq, Eq)]
pub struct Copied {
    name: String,
    bytes: Vec<u8>,
    of: PersonId,
}

/// Why a file is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// Too large.
    #[error("{}", say!("it is larger than {} MiB", MOST_BYTES / (1024 * 1024)))]
    TooLarge,
    /// Nothing in it.
    #[error("{}", say!("it is empty"))]
    Empty,
    /// No sort that is kept.
    #[error("{}", say!("it is no picture, text, PDF or archive by its content"))]
    Sort,
}

impl Sort {
    /// What the bytes are by how they begin; the name and what the sender says of them count for nothing.
    pub fn of(bytes: &[u8]) -> Option<Sort> {
        let begins = |with: &[u8]| bytes.starts_with(with);
        let webp = begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        match () {
            () if begins(b"\x89PNG\r\n\x1a\n") || begins(b"\xff\xd8\xff") || begins(b"GIF8") || webp => {
                Some(Sort::Picture)
            }
            () if begins(b"%PDF-") => Some(Sort::Document),
            () if begins(b"\x1f\x8b") || begins(b"PK\x03\x04") => Some(Sort::Archive),
            // A script is text too: it is kept as opaque bytes and handed back as a file, never run.
            () => (!bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()).then_some(Sort::Text),
        }
    }
}

impl Copied {
    /// A file that may be kept.
    ///
    /// # Errors
    /// [`NotKept`] says why it may not.
    pub fn new(name: &str, bytes: Vec<u8>, of: PersonId) -> Result<Self, NotKept> {
        match bytes.len() as u64 {
            0 => return Err(NotKept::Empty),
            length if length > MOST_BYTES => return Err(NotKept::TooLarge),
            _ => {}
        }
        Sort::of(&bytes).ok_or(NotKept::Sort)?;
        Ok(Copied { name: plain_name(name), bytes, of })
    }

    /// What the checklist keeps of it.
    pub fn evidence(&self) -> Evidence {
        let (name, bytes) = (self.name.clone(), self.bytes.len() as u64);
        Evidence { name, sha256: hash(&self.bytes), bytes }
    }

    /// As it is stored.
    pub(crate) fn event(&self) -> FileEvent {
        let content = Personal { of: self.of, text: BASE64.encode(&self.bytes) };
        FileEvent { sha256: hash(&self.bytes), content }
    }
}

/// Never the bytes: they may be anything.
impl fmt::Debug for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Copied({}, {} bytes)", self.name, self.bytes.len())
    }
}

impl FileEvent {
    /// Whether whose file it was is forgotten, and the file with them.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.content.text == FORGOTTEN
    }

    /// The bytes, where they are what they were.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        let bytes = BASE64.decode(&self.content.text).ok()?;
        (hash(&bytes) == self.sha256).then_some(bytes)
    }
}

/// The stream of the file with this hash.
pub(crate) fn stream(sha256: &str) -> IncidentId {
    let front = sha256.get(..15).and_then(|front| u64::from_str_radix(front, 16).ok()).unwrap_or(0);
    IncidentId(FIRST | front)
}

/// Whether a stream is that of a file.
pub(crate) fn is_file(stream: IncidentId) -> bool {
    stream.0 >= FIRST
}

/// A size as people read it.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..=1_023 => say!("{bytes} bytes"),
        1_024..=1_048_575 => say!("{} KiB", bytes / 1_024),
        more => say!("{}.{} MiB", more / 1_048_576, more % 1_048_576 * 10 / 1_048_576),
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name without a path and without what cannot be seen.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let kept = last.chars().filter(|c| !c.is_control()).take(MOST_NAME).collect::<String>();
    let kept = kept.trim().trim_start_matches('.').to_owned();
    if kept.is_empty() { "file".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_told_by_the_bytes() {
        let table: [(&[u8], Option<Sort>); 9] = [
            (b"\x89PNG\r\n\x1a\n....", Some(Sort::Picture)),
            (b"\xff\xd8\xff\xe0", Some(Sort::Picture)),
            (b"RIFF\x01\x02\x03\x04WEBPVP8", Some(Sort::Picture)),
            (b"RIFF\x01\x02\x03\x04WAVE\x00", None),
            (b"%PDF-1.7", Some(Sort::Document)),
            (b"\x1f\x8b\x08", Some(Sort::Archive)),
            ("status=deferred (grün)\n".as_bytes(), Some(Sort::Text)),
            (b"\x7fELF\x02\x01\x00", None),
            (b"MZ\x90\x00", None),
        ];
        for (bytes, sort) in table {
            assert_eq!(Sort::of(bytes), sort, "{bytes:?}");
        }
    }

    #[test]
    fn a_file_comes_back_as_it_was_and_says_when_it_does_not() {
        let copied = Copied::new("../../shot.png", b"log line".to_vec(), PersonId(7)).expect("kept");
        let evidence = copied.evidence();
        assert_eq!((evidence.name.as_str(), evidence.bytes), ("shot.png", 8));
        let mut event = copied.event();
        assert_eq!(event.bytes(), Some(b"log line".to_vec()));
        assert!(is_file(stream(&event.sha256)) && !is_file(IncidentId(42)) && !is_file(IncidentId(0)));
        event.content.text = BASE64.encode(b"other line");
        assert_eq!(event.bytes(), None, "it is not what it was");
        event.content.text = FORGOTTEN.to_owned();
        assert!(event.is_forgotten() && event.bytes().is_none());
    }

    #[test]
    fn what_is_too_large_or_empty_or_of_no_known_sort_is_not_kept() {
        let kept = |bytes: Vec<u8>| Copied::new("x", bytes, PersonId(1)).map(drop);
        assert_eq!(kept(Vec::new()), Err(NotKept::Empty));
        assert_eq!(kept(vec![b'a'; usize::try_from(MOST_BYTES).unwrap_or(0) + 1]), Err(NotKept::TooLarge));
        assert_eq!(kept(b"\x7fELF\x00".to_vec()), Err(NotKept::Sort));
        assert_eq!(plain_name("C:\\temp\\..\u{202e}\u{7}"), "\u{202e}", "control characters are gone");
        assert_eq!(plain_name("/"), "file");
        assert_eq!([size(12), size(86_016), size(1_678_000)], ["12 bytes", "84 KiB", "1.6 MiB"]);
    }
}
