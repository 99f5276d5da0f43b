//! The files on disk against the list: a file that nobody names is not compiled, and nobody would notice.

use std::collections::BTreeSet;

use watchpost_lab::Fault;

#[test]
fn every_fault_has_its_file_and_every_file_its_fault() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/fault");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder of the faults")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().replace('_', "-"))
        .collect();
    let faults: BTreeSet<String> = Fault::all().map(|fault| fault.name().to_owned()).collect();
    assert_eq!(files, faults);
}
