//! A backup as one sealed file, for places that others can read.
//!
//! 1. The key is made from the configured passphrase and a random salt: PBKDF2 with HMAC-SHA-256, 600,000 rounds
//!    (the figure of OWASP's password storage cheat sheet for it).
//! 2. Names and contents go in pieces of 64 KiB under ChaCha20-Poly1305. A piece is bound to its number, to the first
//!    line and to whether it is the last one, so that none can be changed, swapped, dropped or cut off.
//! 3. Opening puts nothing in its place before the last piece was right.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::num::NonZeroU32;
use std::path::{Component, Path, PathBuf};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::pbkdf2;
use secrecy::{ExposeSecret, SecretString};

use super::StoreError;
use super::backup::make_empty;
use super::disk;
use super::keys::random;

/// First bytes of such a file; the number is its format.
const MAGIC: &[u8; 20] = b"watchpost-backup 1\n\0";
const SALT_BYTES: usize = 16;
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).expect("not zero");
/// More rounds than a file may ask for: minutes of work.
const ROUNDS_MOST: u32 = 50_000_000;
/// First bytes, rounds, salt.
const FIRST: usize = MAGIC.len() + 4 + SALT_BYTES;
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;

/// What backups are sealed under.
#[derive(Debug, Clone)]
pub struct Passphrase {
    text: SecretString,
    rounds: NonZeroU32,
}

impl Passphrase {
    /// From the configuration.
    pub fn new(text: SecretString) -> Self {
        Passphrase { text, rounds: ROUNDS }
    }

    /// With so few rounds that a test does not wait.
    #[cfg(test)]
    pub fn quick(text: &str) -> Self {
        Passphrase { text: SecretString::from(text), rounds: NonZeroU32::MIN }
    }
}

/// Seals a folder into a file, whole or not at all.
///
/// # Errors
/// Those of the disk.
pub fn seal_folder(folder: &Path, passphrase: &Passphrase, to: &Path) -> Result<(), StoreError> {
    let beside = to.with_extension("new");
    let refused = |error: io::Error| disk::refused(to, &error);
    let file = File::create(&beside).map_err(refused)?;
    let mut salt = [0; SALT_BYTES];
    random(&mut salt)?;
    let mut sealer = Sealer::begin(BufWriter::new(file), passphrase, salt).map_err(refused)?;
    for name in names_in(folder).map_err(refused)? {
        let path = folder.join(&name);
        let length = fs::metadata(&path).map_err(refused)?.len();
        let name = name.to_string_lossy().into_owned();
        sealer.write_all(format!("{length} {name}\n").as_bytes()).map_err(refused)?;
        let mut source = File::open(&path).map_err(refused)?;
        io::copy(&mut source, &mut sealer).map_err(refused)?;
    }
    let file = sealer.end().map_err(refused)?;
    file.sync_all().map_err(refused)?;
    fs::rename(&beside, to).map_err(refused)
}

/// Opens a sealed file into an empty folder.
///
/// # Errors
/// [`StoreError::Damaged`] for a wrong passphrase or a file that is not as it was sealed; those of the disk.
pub fn open_sealed(file: &Path, passphrase: &Passphrase, to: &Path) -> Result<(), StoreError> {
    make_empty(to)?;
    let opened = unpack(file, passphrase, to);
    if opened.is_err() {
        // Nothing of a file that is not whole is left behind; what cannot be removed is said by the error itself.
        let _ = fs::remove_dir_all(to);
    }
    opened.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => StoreError::Damaged(format!("{}: {error}", file.display())),
        _ => disk::refused(file, &error),
    })
}

fn unpack(file: &Path, passphrase: &Passphrase, to: &Path) -> io::Result<()> {
    let mut opener = Opener::begin(BufReader::new(File::open(file)?), passphrase)?;
    while let Some((length, name)) = next_name(&mut opener)? {
        let path = to.join(&name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut target = File::create(&path)?;
        let copied = io::copy(&mut (&mut opener).take(length), &mut target)?;
        if copied != length {
            return Err(not_whole());
        }
        target.sync_all()?;
    }
    Ok(())
}

fn next_name(source: &mut impl Read) -> io::Result<Option<(u64, PathBuf)>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while source.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
        if line.len() > 4096 {
            return Err(not_whole());
        }
    }
    if line.is_empty() {
        return Ok(None);
    }
    let line = String::from_utf8(line).map_err(|_| not_whole())?;
    let (length, name) = line.split_once(' ').ok_or_else(not_whole)?;
    let name = PathBuf::from(name);
    // It was sealed by us; a name that leads out of the folder was not.
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(not_whole());
    }
    Ok(Some((length.parse().map_err(|_| not_whole())?, name)))
}

/// Files of a folder and of its folders, as paths below it, in order.
fn names_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(name);
            } else {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

fn not_whole() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "wrong passphrase, or not as it was sealed")
}

fn cipher(passphrase: &Passphrase, rounds: NonZeroU32, salt: &[u8]) -> io::Result<LessSafeKey> {
    let mut key = [0; 32];
    let secret = passphrase.text.expose_secret().as_bytes();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, secret, &mut key);
    let key = UnboundKey::new(&CHACHA20_POLY1305, &key).map_err(|_| not_whole())?;
    Ok(LessSafeKey::new(key))
}

/// Every piece has its own number under a key that is used for one file.
fn nonce(piece: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[4..].copy_from_slice(&piece.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

/// Whether more pieces follow; sealed with each, so that an end cannot be cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    More = 0,
    Nothing = 1,
}

fn bound(follows: Follows) -> Aad<[u8; 21]> {
    let mut bytes = [0; 21];
    bytes[..20].copy_from_slice(MAGIC);
    bytes[20] = follows as u8;
    Aad::from(bytes)
}

struct Sealer<W: Write> {
    to: W,
    cipher: LessSafeKey,
    piece: u64,
    waiting: Vec<u8>,
}

impl Sealer<BufWriter<File>> {
    fn begin(mut to: BufWriter<File>, passphrase: &Passphrase, salt: [u8; SALT_BYTES]) -> io::Result<Self> {
        to.write_all(MAGIC)?;
        to.write_all(&passphrase.rounds.get().to_be_bytes())?;
        to.write_all(&salt)?;
        Ok(Sealer {
            cipher: cipher(passphrase, passphrase.rounds, &salt)?,
            to,
            piece: 0,
            waiting: Vec::with_capacity(PIECE),
        })
    }

    fn end(mut self) -> io::Result<File> {
        self.push(Follows::Nothing)?;
        self.to.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl<W: Write> Sealer<W> {
    fn push(&mut self, follows: Follows) -> io::Result<()> {
        self.cipher
            .seal_in_place_append_tag(nonce(self.piece), bound(follows), &mut self.waiting)
            .map_err(|_| not_whole())?;
        self.to.write_all(&self.waiting)?;
        self.waiting.clear();
        self.piece += 1;
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == PIECE {
            self.push(Follows::More)?;
        }
        let taken = bytes.len().min(PIECE - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Opener<R: Read> {
    from: R,
    cipher: LessSafeKey,
    piece: u64,
    plain: Vec<u8>,
    read: usize,
    follows: Follows,
}

impl<R: Read> Opener<R> {
    fn begin(mut from: R, passphrase: &Passphrase) -> io::Result<Self> {
        let mut first = [0; FIRST];
        from.read_exact(&mut first).map_err(|_| not_whole())?;
        let (magic, rest) = first.split_at(MAGIC.len());
        let (rounds, salt) = rest.split_first_chunk::<4>().ok_or_else(not_whole)?;
        let rounds = u32::from_be_bytes(*rounds);
        if magic != MAGIC || rounds > ROUNDS_MOST {
            return Err(not_whole());
        }
        let rounds = NonZeroU32::new(rounds).ok_or_else(not_whole)?;
        Ok(Opener {
            cipher: cipher(passphrase, rounds, salt)?,
            from,
            piece: 0,
            plain: Vec::new(),
            read: 0,
            follows: Follows::More,
        })
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let mut sealed = Vec::with_capacity(PIECE + TAG);
        (&mut self.from).take((PIECE + TAG) as u64).read_to_end(&mut sealed)?;
        // Only the last piece may be short, and a full one may be the last: it says so itself.
        let full = sealed.len() == PIECE + TAG;
        let guesses: &[Follows] = if full { &[Follows::More, Follows::Nothing] } else { &[Follows::Nothing] };
        for follows in guesses {
            let mut piece = sealed.clone();
            let opened = self.cipher.open_in_place(nonce(self.piece), bound(*follows), &mut piece);
            if let Ok(plain) = opened {
                self.plain = plain.to_vec();
                self.read = 0;
                self.follows = *follows;
                self.piece += 1;
                return Ok(());
            }
        }
        Err(not_whole())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.plain.len() {
            if self.follows == Follows::Nothing {
                return Ok(0);
            }
            self.next_piece()?;
        }
        let taken = into.len().min(self.plain.len() - self.read);
        into[..taken].copy_from_slice(&self.plain[self.read..self.read + taken]);
        self.read += taken;
        Ok(taken)
    }
}
