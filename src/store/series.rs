//! The journal's files: their names, and that none is missing.

use std::path::{Path, PathBuf};

use super::StoreError;
use super::disk;

/// Folder of the journal within the data folder.
pub(super) const FOLDER: &str = "journal";

/// The path of a file.
pub(super) fn path_of(data: &Path, file: u64) -> PathBuf {
    data.join(FOLDER).join(format!("{file:08}.journal"))
}

/// Numbers of the files that are there, in order.
///
/// # Errors
/// [`StoreError::Damaged`] where a file has no place in the series: missing, twice, or foreign.
pub(super) fn list(data: &Path) -> Result<Vec<u64>, StoreError> {
    let folder = data.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(disk::refused(&folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| disk::refused(&folder, &error))?.file_name();
        let name = name.to_string_lossy();
        // A file on its way to its name; one that was left is written over by the next.
        if name.ends_with(".new") {
            continue;
        }
        files.push(number_of(&name).ok_or_else(|| stranger(&folder, &name))?);
    }
    files.sort_unstable();
    if let Some(pair) = files.windows(2).find(|pair| pair[1] != pair[0] + 1) {
        let missing = path_of(data, pair[0] + 1);
        return Err(StoreError::Damaged(format!("{} is missing", missing.display())));
    }
    Ok(files)
}

fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".journal")?;
    digits.parse().ok().filter(|number| name == format!("{number:08}.journal"))
}

fn stranger(folder: &Path, name: &str) -> StoreError {
    let shown = folder.join(name);
    StoreError::Damaged(format!(
        "{} does not belong there; two files of one sequence cannot both be right",
        shown.display()
    ))
}
