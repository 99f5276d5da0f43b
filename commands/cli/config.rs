//! `watchpost config check|show|reference`: is the configuration sound, what is in force, what may stand in it.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use watchpost::config::{Config, ConfigError, Effect, Environment, Origin, Roles, Setting, reference};
use watchpost_texts::say;

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Subcommand)]
pub enum Verb {
    /// Read it and list every problem with its line.
    Check,
    /// Print every value in force and where it comes from; secrets appear as the place where they lie.
    Show,
    /// Print every key with its meaning, as Markdown.
    Reference,
}

/// "Something was found in an unconfigured or misconfigured state", as sysexits.h has it.
pub const MISCONFIGURED: u8 = 78;

/// Carries out `verb` for the file at `path`.
///
/// # Errors
/// Only when `out` or `problems` cannot be written.
pub fn run(
    verb: Verb,
    path: &Path,
    environment: &Environment,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    if verb == Verb::Reference {
        write!(out, "{}", reference::markdown())?;
        return Ok(ExitCode::SUCCESS);
    }
    match Config::load(path, environment) {
        Ok(config) if verb == Verb::Check => check(&config, out)?,
        Ok(config) => show(&config, out)?,
        Err(error) => {
            writeln!(problems, "{error}")?;
            if let ConfigError::Invalid(found) = &error {
                writeln!(
                    problems,
                    "{}",
                    say!("{}: nothing of it was taken.", count(found.list.len(), "problem"))
                )?;
            }
            return Ok(ExitCode::from(MISCONFIGURED));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One line that it is sound, and what a bot would still need: checks from the shell need no Discord.
fn check(config: &Config, out: &mut dyn Write) -> io::Result<()> {
    let counts = [
        count(config.services.len(), "service"),
        count(config.guilds.len(), say!("server of Discord")),
        count(config.destinations.len(), "destination"),
        count(config.responders.len(), "responder"),
    ];
    writeln!(
        out,
        "{}",
        say!("{} is sound: {}. Hash {}.", config.file.display(), counts.join(", "), config.hash())
    )?;
    if let Err(error) = config.ready_for_discord() {
        writeln!(out, "{}", say!("Before `watchpost run`:\n{error}"))?;
    }
    let idle = config.settings().iter().filter(|setting| setting.effect == Effect::NotYet);
    for setting in idle.filter(|setting| setting.origin != Origin::Default) {
        writeln!(
            out,
            "{}",
            say!("No effect yet: {} is read, and nothing in this version uses it.", setting.name())
        )?;
    }
    for guild in config.guilds.iter().filter(|guild| guild.roles == Roles::default()) {
        let id = guild.id;
        writeln!(
            out,
            "{}",
            say!(
                "Nobody may work on incidents: [guild.{id}.roles] names no role. Name at least a responder."
            )
        )?;
    }
    for audience in config.audiences.iter().filter(|audience| audience.destinations.is_empty()) {
        let name = &audience.name;
        writeln!(
            out,
            "{}",
            say!(
                "Nobody is told: audience.{name} has no destinations. Name at least one, such as a channel."
            )
        )?;
    }
    Ok(())
}

fn count(number: usize, what: &str) -> String {
    match (number, what.split_once(" of ")) {
        (1, _) => format!("1 {what}"),
        (_, Some((thing, whose))) => say!("{number} {thing}s of {whose}"),
        (_, None) => say!("{number} {what}s"),
    }
}

/// Every value in force, as TOML with its origin behind it.
fn show(config: &Config, out: &mut dyn Write) -> io::Result<()> {
    let mut table = "";
    for setting in config.settings() {
        if setting.table != table {
            table = &setting.table;
            match table.rsplit_once('[') {
                Some((list, _)) => writeln!(out, "\n[[{list}]]")?,
                None => writeln!(out, "\n[{table}]")?,
            }
        }
        writeln!(out, "{} = {}  # {}", setting.key, setting.value, origin(setting))?;
    }
    Ok(())
}

fn origin(setting: &Setting) -> String {
    match setting.origin {
        Origin::Line(line) => say!("line {line}"),
        Origin::Variable(name) => say!("from {name}"),
        Origin::Default => "default".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[organisation]\nname = \"Example Ltd\"\n[guild.1020304050607080900]\noperations = 1020304050607080901\n[audience.users]\ndestinations = [\"status\"]\n\
                        [audience.management]\ndestinations = [\"status\"]\n[destination.status]\nkind = \"discord\"\n\
                        channel = 1020304050607080907\n[service.main]\ndomain = \"example.org\"\n\
                        [[service.main.web]]\nname = \"webmail\"\nurl = \"https://webmail.example.org/\"\n\
                        [update]\nreminder = \"5m\"\n[[contact]]\nname = \"A\"\nhelps_with = \"b\"\ntelephone = \"1\"\n";

    /// What is printed for a file with this text; its folder is cut out.
    fn printed(verb: Verb, text: &str) -> (String, String, ExitCode) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("watchpost.toml");
        std::fs::write(&path, text).unwrap();
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        let environment = Environment::from_iter([("DISCORD_TOKEN", "canary")]);
        let code = run(verb, &path, &environment, &mut out, &mut problems).unwrap();
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap().replace(&format!("{}/", folder.path().display()), "")
        };
        (text(out), text(problems), code)
    }

    #[test]
    fn check_says_that_it_is_sound_and_what_a_bot_would_need() {
        let (out, problems, code) = printed(Verb::Check, FILE);
        assert_eq!((problems.as_str(), code), ("", ExitCode::SUCCESS));
        let out =
            out.split_once(" Hash ").map(|(before, after)| format!("{before}{}", &after[65..])).unwrap();
        insta::assert_snapshot!(out, @r#"
    watchpost.toml is sound: 1 service, 1 server of Discord, 1 destination, 0 responders.
    Nobody may work on incidents: [guild.1020304050607080900.roles] names no role. Name at least a responder.
    Nobody is told: audience.partners has no destinations. Name at least one, such as a channel.
    "#);
    }

    #[test]
    fn check_lists_problems_and_fails() {
        let (out, problems, code) = printed(Verb::Check, "[organisation]\nnmae = \"Example Ltd\"\n");
        assert_eq!((out.as_str(), code), ("", ExitCode::from(MISCONFIGURED)));
        insta::assert_snapshot!(problems, @r#"
    watchpost.toml:1: organisation.name: is missing. Add it, such as name = "Example Ltd".
    watchpost.toml:2: organisation.nmae: there is no such key. Known here: name, time_zone, language, catalogue.
    2 problems: nothing of it was taken.
    "#);
    }

    #[test]
    fn show_prints_what_is_in_force_and_reads_back_as_the_same() {
        let (out, _, _) = printed(Verb::Show, FILE);
        assert!(out.contains("name = \"Example Ltd\"  # line 2\n"), "{out}");
        assert!(out.contains("token_env = \"DISCORD_TOKEN\"  # default\n"), "{out}");
        assert!(!out.contains("canary"));
        let path = Path::new("watchpost.toml");
        let environment = Environment::default();
        let (first, again) =
            (Config::parse(path, FILE, &environment), Config::parse(path, &out, &environment));
        assert_eq!(first.unwrap().hash(), again.unwrap().hash());
    }

    #[test]
    fn reference_needs_no_file() {
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        let environment = Environment::default();
        run(Verb::Reference, Path::new("nowhere.toml"), &environment, &mut out, &mut problems).unwrap();
        assert!(String::from_utf8(out).unwrap().starts_with("# Configuration\n"));
    }
}
