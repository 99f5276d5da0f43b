//! What the documentation names must exist: files behind links, commands, verbs of the shell, sound configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use watchpost::config::{Config, Environment};

/// What begins with a slash and is no command: folders, and pages of the status server.
const PATHS: [&str; 8] = ["tmp", "data", "etc", "livez", "readyz", "ready", "health", "metrics"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every document with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let folders = ["", "docs", "sandbox", "lab"].map(|folder| root().join(folder));
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let paths = files.map(|file| file.expect("an entry").path());
    let documents = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a document is text");
        (path, text)
    };
    let found: Vec<_> = documents.map(read).collect();
    assert!(found.len() >= 5, "the documents were not found");
    found
}

/// The targets of `[text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// What stands between single backticks, outside of blocks.
fn code(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_link_leads_somewhere() {
    for (path, text) in documents() {
        for target in links(&text).filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            let leads = path.parent().expect("a folder").join(file);
            assert!(leads.exists(), "{}: {target} leads nowhere", path.display());
        }
    }
}

#[test]
fn every_command_that_is_named_exists() {
    let known: BTreeSet<String> = watchpost_commands::all().iter().map(|entry| entry.name()).collect();
    for (path, text) in documents() {
        let commands = code(&text).into_iter().filter_map(|code| code.strip_prefix('/'));
        for command in commands.filter_map(|rest| rest.split(' ').next()) {
            let is_command = !command.is_empty() && command.chars().all(|letter| letter.is_ascii_lowercase());
            assert!(
                !is_command || PATHS.contains(&command) || known.contains(command),
                "{}: /{command}",
                path.display()
            );
        }
    }
}

#[test]
fn every_sample_of_the_configuration_is_sound() {
    let environment = Environment::from_iter([
        ("CREDENTIALS_DIRECTORY", env!("CARGO_TARGET_TMPDIR")),
        ("PROBE_PASSWORD", "secret"),
        ("RELAY_PASSWORD", "secret"),
    ]);
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("discord-token"), "secret\n").expect("a file");
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe-password"), "secret\n")
        .expect("a file");
    for (path, text) in documents() {
        for sample in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            let whole = match sample.contains("[organisation]") {
                true => sample.to_owned(),
                false => format!("organisation.name = \"Example\"\n{sample}"),
            };
            if let Err(error) = Config::parse(Path::new("watchpost.toml"), &whole, &environment) {
                panic!("{}:\n{sample}\n{error}", path.display());
            }
        }
    }
}

#[test]
fn every_verb_of_the_shell_that_is_named_exists() {
    let texts: Vec<String> = documents().into_iter().map(|(_, text)| text).collect();
    let after = ["`watchpost ", "\nwatchpost ", "cargo run -- ", "cargo run --release -- "];
    let verbs: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| after.iter().flat_map(|before| text.split(before).skip(1)))
        .filter_map(|rest| rest.split([' ', '`', '\n', ')']).next())
        .collect();
    assert!(verbs.contains("check"), "{verbs:?}");
    for verb in verbs {
        let help = Command::new(env!("CARGO_BIN_EXE_watchpost")).args([verb, "--help"]).output();
        assert!(help.expect("the binary runs").status.success(), "there is no `watchpost {verb}`");
    }
}

#[test]
fn every_test_that_holds_an_invariant_exists() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the architecture");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains("| `"));
    let held: Vec<&str> = rows.filter_map(|row| row.rsplit_once(" | ")).map(|(_, held)| held).collect();
    let names: BTreeSet<&str> =
        held.iter().flat_map(|held| code(held)).filter(|name| name.contains("_")).collect();
    assert!(names.len() >= 20, "{names:?}");
    let mut sources = String::new();
    for folder in ["src", "commands", "tests"] {
        gather(&root().join(folder), &mut sources);
    }
    for name in names {
        assert!(sources.contains(&format!("fn {name}(")), "there is no test {name}");
    }
}

/// The text of every source in a folder.
fn gather(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}
