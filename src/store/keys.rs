//! The keys under which personal values are sealed, in a file of their own beside the journal.
//!
//! 1. Each person gets a subject number and a random key when their first value is stored; the key is on disk
//!    before the value is.
//! 2. Values are sealed with ChaCha20-Poly1305 (RFC 8439) under a random nonce; the sealed form shows the subject
//!    number only.
//! 3. What is said to people (the outbox) is sealed under a passing key, which is changed when somebody is forgotten.
//! 4. Forgetting removes a key from memory and from the file. Nothing of what it sealed can be read again.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::disk::{self, Disk};

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The format that this version writes.
const FORMAT: u32 = 1;

/// Number of a key: of a person, or of a passing time. Never used again.
pub(super) type KeyNumber = u64;

/// All keys that there are.
#[derive(Clone)]
pub(super) struct Keyring {
    path: PathBuf,
    last: KeyNumber,
    passing: KeyNumber,
    keys: BTreeMap<KeyNumber, Key>,
    of_person: HashMap<String, KeyNumber>,
    unsaved: bool,
}

#[derive(Clone)]
struct Key {
    bytes: [u8; KEY_BYTES],
    cipher: LessSafeKey,
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    format: u32,
    last: KeyNumber,
    passing: KeyNumber,
    keys: Vec<KeyRow>,
}

#[derive(Serialize, Deserialize)]
struct KeyRow {
    number: KeyNumber,
    /// Number in the chat; none for a passing key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    key: String,
}

/// A value under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// Which key.
    #[serde(rename = "k")]
    pub key: KeyNumber,
    /// Nonce and sealed bytes, in base64.
    #[serde(rename = "v")]
    pub value: String,
}

impl Keyring {
    /// Name of the file.
    pub const FILE: &'static str = "keys";

    /// One that opens nothing.
    pub fn empty() -> Self {
        Keyring {
            path: PathBuf::new(),
            last: 0,
            passing: 0,
            keys: BTreeMap::new(),
            of_person: HashMap::new(),
            unsaved: false,
        }
    }

    /// A new one with its first passing key, not yet on disk.
    pub fn fresh(folder: &Path) -> Result<Self, StoreError> {
        let mut ring = Keyring { path: folder.join(Self::FILE), ..Keyring::empty() };
        ring.passing = ring.add(None)?;
        Ok(ring)
    }

    /// Reads the file; `None` where there is none.
    pub fn load(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join(Self::FILE);
        let Some(bytes) = disk::read_if_there(&path)? else {
            return Ok(None);
        };
        let damaged = |what: &str| StoreError::Damaged(format!("{} {what}", path.display()));
        // A flipped bit in a key would otherwise look as if somebody had been forgotten.
        let json = checked(&bytes).ok_or_else(|| damaged("is not as it was written"))?;
        let file: KeyFile =
            serde_json::from_slice(json).map_err(|error| damaged(&format!("cannot be read ({error})")))?;
        if file.format > FORMAT {
            return Err(StoreError::Newer {
                folder: folder.display().to_string(),
                found: file.format,
                known: FORMAT,
            });
        }
        let mut ring =
            Keyring { path: path.clone(), last: file.last, passing: file.passing, ..Keyring::empty() };
        for row in file.keys {
            let key = key_of(&row.key)
                .ok_or_else(|| damaged(&format!("holds a key {} that is none", row.number)))?;
            ring.keys.insert(row.number, key);
            if let Some(person) = row.person {
                ring.of_person.insert(person, row.number);
            }
        }
        Ok(Some(ring))
    }

    /// Writes the file, where something is not on disk yet.
    pub fn save(&mut self, disk: &dyn Disk) -> Result<(), StoreError> {
        if !self.unsaved {
            return Ok(());
        }
        disk::replace(disk, &self.path, &self.to_bytes()?)
            .map_err(|error| disk::refused(&self.path, &error))?;
        self.unsaved = false;
        Ok(())
    }

    /// The file's content.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        let person_of: HashMap<KeyNumber, &String> =
            self.of_person.iter().map(|(person, number)| (*number, person)).collect();
        let row = |(number, key): (&KeyNumber, &Key)| KeyRow {
            number: *number,
            person: person_of.get(number).map(|person| (*person).clone()),
            key: BASE64.encode(key.bytes),
        };
        let file = KeyFile {
            format: FORMAT,
            last: self.last,
            passing: self.passing,
            keys: self.keys.iter().map(row).collect(),
        };
        let mut bytes =
            serde_json::to_vec_pretty(&file).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let sum = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(format!("\n{sum:08x}\n").as_bytes());
        Ok(bytes)
    }

    /// The highest number ever given.
    pub fn last(&self) -> KeyNumber {
        self.last
    }

    /// The key of what is said to people, at present.
    pub fn passing(&self) -> KeyNumber {
        self.passing
    }

    /// Number of people who have a key.
    pub fn people(&self) -> usize {
        self.of_person.len()
    }

    /// Whether the key is there.
    pub fn has(&self, number: KeyNumber) -> bool {
        self.keys.contains_key(&number)
    }

    /// The numbers that are there.
    pub fn numbers(&self) -> impl Iterator<Item = KeyNumber> {
        self.keys.keys().copied()
    }

    /// The key of a person, if they have one.
    pub fn of_person(&self, person: &str) -> Option<KeyNumber> {
        self.of_person.get(person).copied()
    }

    /// Whether it is the key of a person.
    pub fn is_of_person(&self, number: KeyNumber) -> bool {
        self.of_person.values().any(|of| *of == number)
    }

    /// The key of a person, made where they have none yet.
    pub fn for_person(&mut self, person: &str) -> Result<KeyNumber, StoreError> {
        match self.of_person(person) {
            Some(number) => Ok(number),
            None => self.add(Some(person)),
        }
    }

    /// Makes a new passing key. The old one stays until it is removed.
    pub fn change_passing(&mut self) -> Result<(), StoreError> {
        self.passing = self.add(None)?;
        Ok(())
    }

    /// Removes a key.
    pub fn remove(&mut self, number: KeyNumber) {
        self.unsaved |= self.keys.remove(&number).is_some();
        self.of_person.retain(|_, of| *of != number);
    }

    fn add(&mut self, person: Option<&str>) -> Result<KeyNumber, StoreError> {
        let mut bytes = [0; KEY_BYTES];
        random(&mut bytes)?;
        self.last += 1;
        let key =
            Key::new(bytes).ok_or_else(|| StoreError::Unavailable("no key could be made".to_owned()))?;
        self.keys.insert(self.last, key);
        if let Some(person) = person {
            self.of_person.insert(person.to_owned(), self.last);
        }
        self.unsaved = true;
        Ok(self.last)
    }

    /// Seals bytes.
    pub fn seal(&self, number: KeyNumber, plain: &[u8]) -> Result<Sealed, StoreError> {
        let failed = || StoreError::Unavailable(format!("key {number} cannot seal"));
        let key = self.keys.get(&number).ok_or_else(failed)?;
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce)?;
        let mut sealed = plain.to_vec();
        key.cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(number.to_be_bytes()),
                &mut sealed,
            )
            .map_err(|_| failed())?;
        let value = BASE64.encode([&nonce[..], &sealed].concat());
        Ok(Sealed { key: number, value })
    }

    /// Opens what was sealed; `None` where the key is gone or the bytes are not what was sealed.
    pub fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        let key = self.keys.get(&sealed.key)?;
        let bytes = BASE64.decode(&sealed.value).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let aad = Aad::from(sealed.key.to_be_bytes());
        let plain = key.cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut rest).ok()?;
        Some(plain.to_vec())
    }
}

impl Key {
    fn new(bytes: [u8; KEY_BYTES]) -> Option<Self> {
        let cipher = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &bytes).ok()?);
        Some(Key { bytes, cipher })
    }
}

/// The JSON of a key file, whose last line is the sum of what is before it.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (json, sum) = bytes.split_last_chunk::<10>()?;
    (sum[..] == *format!("\n{:08x}\n", crc32c::crc32c(json)).as_bytes()).then_some(json)
}

fn key_of(text: &str) -> Option<Key> {
    Key::new(BASE64.decode(text).ok()?.try_into().ok()?)
}

/// Fills bytes with random ones.
pub(super) fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| StoreError::Unavailable("the machine gives no random numbers".to_owned()))
}

/// A name that no other installation has.
pub(super) fn random_name() -> Result<String, StoreError> {
    let mut bytes = [0; 12];
    random(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
