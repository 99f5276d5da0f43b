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

#[test]
fn every_fault_has_its_expected_diagnosis() {
    let lines = include_str!("../causes.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    let named: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(
        named,
        Fault::all().map(Fault::name).collect::<Vec<_>>(),
        "one line for each fault, in their order"
    );
    let within = |text: &str, words: &[&str], mark| text.split(mark).all(|word| words.contains(&word));
    for row in rows {
        assert_eq!(row.len(), 5, "{row:?}");
        assert!(within(row[1], &["ok", "degraded", "down", "unknown"], '|'), "{row:?}");
        assert!(within(row[3], &["receive", "send", "internal", "read", "-"], ','), "{row:?}");
        assert!(
            within(row[4], &["outside", "token", "blocklist", "webmail", "rdap", "policy", "-"], ','),
            "{row:?}"
        );
    }
}

#[test]
fn the_lab_knows_nothing_of_watchpost() {
    let manifest = include_str!("../Cargo.toml");
    assert!(!manifest.lines().any(|line| line.starts_with("watchpost")), "{manifest}");
}
