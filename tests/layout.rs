//! The house, held: what stands on disk is what the lists name, and what must be absent is absent.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of the Rust files directly in a folder, without their ending.
fn files(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect()
}

/// Every Rust file below a folder.
fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn modules(text: &str) -> BTreeSet<String> {
    let declared = text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    });
    declared.collect()
}

/// In `check.rs` the checks stand first, and what they share after an empty line.
#[test]
fn every_check_has_its_two_lines() {
    let text = read("src/check.rs");
    let listed: BTreeSet<String> =
        text.lines().filter_map(|line| line.trim().strip_suffix("::CHECK,").map(str::to_owned)).collect();
    let checks: BTreeSet<String> = files("src/check")
        .into_iter()
        .filter(|name| read(&format!("src/check/{name}.rs")).contains("const CHECK: Check"))
        .collect();
    assert_eq!(checks, listed, "a file with a CHECK, and its entry in all()");
    assert_eq!(listed.len(), watchpost::check::all().len());
    let undeclared: Vec<_> = files("src/check").difference(&modules(&text)).cloned().collect();
    assert!(undeclared.is_empty(), "nobody compiles {undeclared:?}");
}

#[test]
fn every_destination_has_its_module() {
    let declared = modules(&read("src/broadcast.rs"));
    assert_eq!(files("src/broadcast"), declared);
}

#[test]
fn the_mind_knows_no_chat_crate() {
    let manifest = read("Cargo.toml");
    let own = &manifest[manifest.find("[dependencies]").expect("dependencies")..];
    assert!(!own.contains("serenity") && !own.contains("poise"), "the mind depends on no chat crate");
    let mut sources = Vec::new();
    below(&root().join("src"), &mut sources);
    for path in sources {
        let text = std::fs::read_to_string(&path).expect("a source");
        for word in ["use serenity", "serenity::", "use poise", "poise::"] {
            assert!(!text.contains(word), "{} speaks of {word}", path.display());
        }
    }
}

#[test]
fn the_stand_ins_know_nothing_of_watchpost() {
    for folder in ["sandbox/src", "lab/src"] {
        let mut sources = Vec::new();
        below(&root().join(folder), &mut sources);
        for path in sources {
            let text = std::fs::read_to_string(&path).expect("a source");
            assert!(
                !text.contains("use watchpost::") && !text.contains("watchpost_commands"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_transport_connects_to_mail_hosts() {
    let mut sources = Vec::new();
    below(&root().join("src"), &mut sources);
    let connecting: Vec<String> = sources
        .iter()
        .filter(|path| {
            let text = std::fs::read_to_string(path).expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            code.contains("TcpStream::connect") || code.contains("TcpSocket::new")
        })
        .map(|path| path.strip_prefix(root()).unwrap_or(path).display().to_string())
        .filter(|path| !path.contains("tests"))
        .collect();
    assert!(
        connecting.iter().all(|path| path.contains("transport")),
        "these open connections too: {connecting:?}"
    );
}

/// Files around 150 lines, rarely above 400.
#[test]
fn files_stay_short_enough_to_read() {
    let mut sources = Vec::new();
    for folder in ["src", "commands", "sandbox/src", "lab/src"] {
        below(&root().join(folder), &mut sources);
    }
    let mut lengths: Vec<(usize, String)> = sources
        .iter()
        .filter(|path| !path.to_string_lossy().contains("test"))
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a source");
            (text.lines().count(), path.strip_prefix(root()).unwrap_or(path).display().to_string())
        })
        .collect();
    lengths.sort();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > 500).collect();
    assert!(long.is_empty(), "is there a seam? {long:#?}");
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= 160, "the median file has {median} lines");
}

/// Invariant 5: the mind is told the time. Checks and the transport, at the edge, measure how long a peer takes.
#[test]
fn only_the_clock_reads_the_time() {
    let mut sources = Vec::new();
    below(&root().join("src"), &mut sources);
    let allowed = |path: &str, text: &str| {
        let edge =
            path == "src/clock.rs" || path.starts_with("src/transport") || path.starts_with("src/check");
        let wall = ["SystemTime::now", "Utc::now", "Local::now"].iter().any(|call| text.contains(call));
        (path == "src/clock.rs" || !wall) && (edge || !text.contains("Instant::now"))
    };
    let reading: Vec<String> = sources
        .iter()
        .map(|path| (path.strip_prefix(root()).unwrap_or(path).display().to_string(), path))
        .filter(|(name, path)| {
            let text = std::fs::read_to_string(path).expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            !name.contains("test") && !allowed(name, code)
        })
        .map(|(name, _)| name)
        .collect();
    assert!(reading.is_empty(), "these read the time by themselves: {reading:?}");
}
