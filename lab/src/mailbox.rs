//! The mail store: every account's folders, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a mailbox holds at most, in bytes, before it answers "mailbox full".
pub(crate) const QUOTA_BYTES: usize = 20 * 1024 * 1024;

/// All mailboxes, by address in lower case.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes(BTreeMap<String, Mailbox>);

impl Mailboxes {
    pub(crate) fn new(addresses: impl Iterator<Item = String>, uid_validity: u32) -> Self {
        Self(addresses.map(|address| (address.to_lowercase(), Mailbox::new(uid_validity))).collect())
    }

    pub(crate) fn get(&self, address: &str) -> Option<&Mailbox> {
        self.0.get(&address.to_lowercase())
    }

    pub(crate) fn get_mut(&mut self, address: &str) -> Option<&mut Mailbox> {
        self.0.get_mut(&address.to_lowercase())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Mailbox)> {
        self.0.iter()
    }
}

/// One account's folders.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) folders: Vec<Folder>,
}

impl Mailbox {
    fn new(uid_validity: u32) -> Self {
        let folder = |name: &str, special_use| Folder {
            name: name.to_owned(),
            special_use,
            uid_validity,
            uid_next: 1,
            messages: Vec::new(),
        };
        Self {
            folders: vec![
                folder("INBOX", None),
                folder("Junk", Some("\\Junk")),
                folder("Sent", Some("\\Sent")),
                folder("Trash", Some("\\Trash")),
            ],
        }
    }

    /// The folder of this name; INBOX in any case of letters (RFC 9051 §5.1).
    pub(crate) fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.is_called(name))
    }

    pub(crate) fn folder_mut(&mut self, name: &str) -> Option<&mut Folder> {
        self.folders.iter_mut().find(|folder| folder.is_called(name))
    }

    pub(crate) fn mail_bytes(&self) -> usize {
        self.folders.iter().flat_map(|folder| &folder.messages).map(|message| message.raw.len()).sum()
    }
}

/// A folder and its mail, in the order of arrival.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) name: String,
    /// The special use (RFC 6154), for instance `\Junk`.
    pub(crate) special_use: Option<&'static str>,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) messages: Vec<Stored>,
}

impl Folder {
    fn is_called(&self, name: &str) -> bool {
        self.name == name || (self.name == "INBOX" && name.eq_ignore_ascii_case("INBOX"))
    }

    /// Adds a mail and returns its UID.
    pub(crate) fn add(&mut self, raw: Arc<[u8]>, flags: BTreeSet<String>, arrived_ms: i64) -> u32 {
        let uid = self.uid_next;
        self.uid_next = self.uid_next.saturating_add(1);
        self.messages.push(Stored { uid, flags, arrived_ms, raw });
        uid
    }
}

/// One mail in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) uid: u32,
    pub(crate) flags: BTreeSet<String>,
    pub(crate) arrived_ms: i64,
    pub(crate) raw: Arc<[u8]>,
}

impl Stored {
    /// The header with the empty line that ends it.
    pub(crate) fn header(&self) -> &[u8] {
        &self.raw[..header_end(&self.raw)]
    }
}

/// Where the body begins: after the first empty line, or at the end if there is none.
pub(crate) fn header_end(raw: &[u8]) -> usize {
    raw.windows(4).position(|window| window == b"\r\n\r\n").map_or(raw.len(), |at| at + 4)
}

/// The header's fields as (name, whole field with its folded lines and line ends).
pub(crate) fn fields(header: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    for line in header.split_inclusive(|&byte| byte == b'\n') {
        // RFC 5322 §2.2.3: a line that begins with white space goes on with the field before it.
        match (line.first(), fields.last_mut()) {
            (Some(b' ' | b'\t'), Some((_, field))) => field.extend_from_slice(line),
            _ => {
                if let Some(colon) = line.iter().position(|&byte| byte == b':') {
                    let name = String::from_utf8_lossy(&line[..colon]).trim().to_owned();
                    fields.push((name, line.to_vec()));
                }
            }
        }
    }
    fields
}
