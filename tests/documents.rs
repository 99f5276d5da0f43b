//! What the documentation names must exist: files behind links, commands, verbs of the shell, sound configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use watchpost::config::{Config, Environment};
use watchpost::sop::Procedure;

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
        ("SHOP_PROBE_PASSWORD", "secret"),
        ("RELAY_PASSWORD", "secret"),
        ("PARTNERS_ROOM_URL", "https://chat.partner.example/hooks/1"),
        ("PARTNERS_PHONES_URL", "https://ntfy.example/outage"),
    ]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("discord-token"), "secret\n").expect("a file");
    std::fs::write(folder.join("probe-password"), "secret\n").expect("a file");
    std::fs::copy(root().join("sop/procedure.toml"), folder.join("procedure.toml")).expect("a file");
    std::fs::copy(root().join("texts/watchpost.pot"), folder.join("de.po")).expect("a file");
    for (path, text) in documents() {
        for sample in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if sample.contains("[[line]]") {
                let procedure = Procedure::parse(sample);
                procedure.unwrap_or_else(|error| panic!("{}:\n{sample}\n{error}", path.display()));
                continue;
            }
            let whole = match sample.contains("[organisation]") {
                true => sample.to_owned(),
                false => format!("organisation.name = \"Example\"\n{sample}"),
            };
            if let Err(error) = Config::parse(&folder.join("watchpost.toml"), &whole, &environment) {
                panic!("{}:\n{sample}\n{error}", path.display());
            }
        }
    }
}

#[test]
fn every_sample_of_own_texts_is_sound() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-texts");
    std::fs::create_dir_all(&folder).expect("a folder");
    let environment = Environment::from_iter([("DISCORD_TOKEN", "secret")]);
    let mut tried = 0;
    for (path, text) in documents() {
        let blocks = text.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
        for sample in blocks.filter(|sample| sample.starts_with("[users]")) {
            std::fs::write(folder.join("en.toml"), sample).expect("written");
            let whole = format!(
                "organisation.name = \"Example\"\nupdate.texts = {:?}\n[guild.1020304050607080900]\n\
                 operations = 1020304050607080901\n[audience.board]\ntexts = \"management\"\n\
                 destinations = [\"board\"]\n[destination.board]\nkind = \"discord\"\n\
                 channel = 1020304050607080902\n",
                folder.display()
            );
            if let Err(error) = Config::parse(Path::new("watchpost.toml"), &whole, &environment) {
                panic!("{}:\n{sample}\n{error}", path.display());
            }
            tried += 1;
        }
    }
    assert!(tried > 0, "no sample was found");
}

#[test]
fn what_a_session_in_a_shell_shows_is_what_comes_out() {
    let binary = Path::new(env!("CARGO_BIN_EXE_watchpost"));
    let known = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{known}", binary.parent().expect("a folder").display());
    let mut run = 0;
    for (document, text) in documents() {
        for session in text.split("```\n$ ").skip(1).filter_map(|rest| rest.split("```").next()) {
            for typed in session.split("\n$ ") {
                let (command, shown) = typed.split_once('\n').unwrap_or((typed, ""));
                let output = Command::new("sh").args(["-c", command]).env("PATH", &path).output();
                let output = output.expect("there is a shell");
                let came = String::from_utf8_lossy(&output.stdout);
                assert_eq!(came.trim_end(), shown.trim_end(), "{}: {command}", document.display());
                run += 1;
            }
        }
    }
    assert!(run > 0, "no session was found");
}

#[test]
fn every_section_that_answers_a_task_exists() {
    let tasks = std::fs::read_to_string(root().join("docs/tasks.md")).expect("the tasks");
    assert!(tasks.lines().filter(|line| line.starts_with("| ")).count() > 10);
    for (file, after) in tasks.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
        let Some((section, _)) = after.strip_prefix(", *").and_then(|rest| rest.split_once('*')) else {
            continue;
        };
        let text = std::fs::read_to_string(root().join("docs").join(file)).expect("a document");
        let found = text.lines().any(|line| line.strip_prefix("## ") == Some(section));
        assert!(found, "{file} has no section “{section}”");
    }
}

#[test]
fn every_command_is_told_with_a_picture() {
    let text = std::fs::read_to_string(root().join("docs/commands.md")).expect("the commands");
    for entry in watchpost_commands::all() {
        let name = entry.name();
        let Some((_, section)) = text.split_once(&format!("\n### `/{name}`\n")) else {
            // What is no slash command stands in a message's menu, and is told under another one.
            assert!(text.contains(&name), "docs/commands.md does not tell of {name}");
            continue;
        };
        let section = section.split("\n#").next().unwrap_or_default();
        let picture = format!("](pictures/{name}.webp)");
        assert!(section.contains(&picture), "there is no picture of /{name}");
    }
}

#[test]
fn every_command_of_continuous_integration_that_is_named_exists() {
    for (path, text) in documents() {
        for script in code(&text).into_iter().filter_map(|code| code.strip_prefix(".ci/")) {
            let name = script.split(' ').next().unwrap_or_default();
            assert!(root().join(".ci").join(name).exists(), "{}: .ci/{name}", path.display());
        }
    }
}

/// A folder that a source takes a text or a picture from must not be kept from the builder of the image.
#[test]
fn what_the_sources_include_reaches_the_build_of_the_image() {
    let let_in = std::fs::read_to_string(root().join(".dockerignore")).expect("the list");
    let let_in: BTreeSet<&str> = let_in.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let mut sources = Vec::new();
    for folder in ["src", "commands"] {
        list(&root().join(folder), &mut sources);
    }
    for source in sources {
        let text = std::fs::read_to_string(&source).expect("a source");
        let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for included in included(shipped) {
            let target = source.parent().expect("a folder").join(included);
            let target =
                target.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", target.display()));
            let within = target.strip_prefix(root().canonicalize().expect("the root")).expect("inside");
            let top = within.iter().next().expect("a folder").to_string_lossy();
            assert!(
                let_in.contains(&*top),
                "{} needs {top}, which .dockerignore keeps out",
                source.display()
            );
        }
    }
}

/// The files that `include_str!` and `include_bytes!` name.
fn included(text: &str) -> impl Iterator<Item = &str> {
    ["include_str!(\"", "include_bytes!(\""]
        .into_iter()
        .flat_map(|before| text.split(before).skip(1))
        .filter_map(|rest| rest.split('"').next())
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
    let mut files = Vec::new();
    list(folder, &mut files);
    for file in files {
        sources.push_str(&std::fs::read_to_string(&file).expect("a source"));
    }
}

/// Every source in a folder.
fn list(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}
