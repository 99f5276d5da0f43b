//! Any damage of any file of the journal: none goes unnoticed, none brings the process down.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::damage::{add, filled, journal, open, runtime};
use super::invariants::Witness;
use super::samples::{copy_folder, scratch};
use crate::store::{Store, StoreError};

/// One damage to one file.
#[derive(Debug, Clone)]
enum Damage {
    Flip(f64, u8),
    Cut(f64),
    Zero(f64, usize),
    Delete,
    Older,
}

fn damages() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (0.0..1.0, 0..8u8).prop_map(|(place, bit)| Damage::Flip(place, bit)),
        2 => (0.0..1.0).prop_map(Damage::Cut),
        2 => (0.0..1.0, 1..600usize).prop_map(|(place, length)| Damage::Zero(place, length)),
        1 => Just(Damage::Delete),
        1 => Just(Damage::Older),
    ]
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn place(share: f64, length: usize) -> usize {
    ((length as f64 * share) as usize).min(length.saturating_sub(1))
}

fn harm(file: &Path, older: &Path, damage: &Damage) {
    let mut bytes = fs::read(file).expect("bytes");
    match *damage {
        Damage::Flip(at, bit) => {
            let at = place(at, bytes.len());
            bytes[at] ^= 1 << bit;
        }
        Damage::Cut(at) => bytes.truncate(place(at, bytes.len())),
        Damage::Zero(at, length) => {
            let at = place(at, bytes.len());
            bytes.iter_mut().skip(at).take(length).for_each(|byte| *byte = 0);
        }
        Damage::Delete => return fs::remove_file(file).expect("removed"),
        Damage::Older => {
            let before = older.join(file.file_name().expect("a name"));
            bytes = fs::read(before).unwrap_or_default();
        }
    }
    fs::write(file, bytes).expect("written");
}

/// Ten thousand in the long run: `PROPTEST_CASES=10000`.
#[test]
fn no_damage_of_the_journal_goes_unnoticed() {
    let (folder, witness) = filled(20);
    let older = scratch();
    copy_folder(&folder.path().join("journal"), older.path());
    let witness = add(folder.path(), 20, witness);
    let count = journal(folder.path()).len();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    proptest!(config, |(which in 0..count, damage in damages())| {
        let copy = scratch();
        copy_folder(folder.path(), copy.path());
        let file = journal(copy.path())[which].clone();
        let before = fs::read(&file).expect("bytes");
        harm(&file, older.path(), &damage);
        if fs::read(&file).ok().as_ref() != Some(&before) {
            notices(copy.path(), &witness)?;
        }
    });
}

/// Damage is refused at the start or told by verify; or nothing that counts was lost, and the cut is said.
fn notices(folder: &Path, witness: &Witness) -> Result<(), TestCaseError> {
    let store = match open(folder) {
        Err(StoreError::Damaged(_) | StoreError::Newer { .. }) => return Ok(()),
        Err(other) => return Err(TestCaseError::fail(other.to_string())),
        Ok(store) => store,
    };
    let verified = runtime().block_on(store.verify()).expect("read");
    if verified.faults.is_empty() {
        let opened = store.opened();
        let unsaid = opened.cut == 0 && opened.stopped_in_order && !opened.closed_late;
        prop_assert!(!unsaid, "not noticed");
        prop_assert_eq!(runtime().block_on(witness.judge(&store)), Vec::<String>::new());
    }
    Ok(())
}
