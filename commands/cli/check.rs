//! `watchpost check [SERVICE]`: is the service all right, what is wrong, and what now; for people and for scripts.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use watchpost::check::{Assessment, Finding, Prober, Set, Silent, Verdict};
use watchpost::clock::Clock;
use watchpost::config::{Config, Environment};
use watchpost::service::Service;
use watchpost_texts::{said, say};

/// What was typed behind `check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The service, as it is called in the configuration; without it all are checked.
    service: Option<String>,
    /// Print one JSON document for each service.
    #[arg(long)]
    json: bool,
    /// How far to go.
    #[arg(long, value_enum, default_value_t = Depth::Full)]
    set: Depth,
    /// Run only these checks, by their names as they stand in the answer: `--only inbound,delivery`.
    #[arg(long, value_delimiter = ',', value_name = "CHECK")]
    only: Vec<String>,
    /// Show what was said in each dialogue, without secrets.
    #[arg(long)]
    transcripts: bool,
}

/// The sets of checks by the names that are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Depth {
    /// Names, addresses, greetings, TLS; no login.
    Fast,
    /// The same, and logins, recipients, a probe mail.
    Functional,
    /// The same as fast, and the policies, blocklists, reverse names and the registration; no login.
    Hygiene,
    /// Everything.
    Full,
}

impl From<Depth> for Set {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Fast => Self::Fast,
            Depth::Functional => Self::Functional,
            Depth::Hygiene => Self::Hygiene,
            Depth::Full => Self::Full,
        }
    }
}

/// "The command was used incorrectly", as sysexits.h has it.
const USAGE: u8 = 64;
/// "Something was found in an unconfigured or misconfigured state".
const MISCONFIGURED: u8 = 78;

/// Checks the services of the configuration at `path`. The exit status is that of the worst: 0 ok, 1 degraded, 2 down,
/// 3 unknown; 64 where the service is not configured, 78 where the configuration is not sound.
///
/// # Errors
/// Only when `out` or `problems` cannot be written.
pub fn run(
    asked: &Check,
    path: &Path,
    environment: &Environment,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    let config = match Config::load(path, environment) {
        Ok(config) => config,
        Err(error) => {
            writeln!(problems, "{error}")?;
            return Ok(ExitCode::from(MISCONFIGURED));
        }
    };
    let all = config.services.iter().map(|watched| &watched.service);
    let services: Vec<&Service> = match &asked.service {
        Some(name) => all.filter(|service| service.name == *name).collect(),
        None => all.collect(),
    };
    if services.is_empty() {
        let known: Vec<&str> = config.services.iter().map(|watched| watched.service.name.as_str()).collect();
        writeln!(problems, "{}", not_configured(asked.service.as_deref(), &known))?;
        return Ok(ExitCode::from(USAGE));
    }
    if let Some(name) = asked.only.iter().find(|name| !known_check(name)) {
        writeln!(problems, "{}", no_such_check(name))?;
        return Ok(ExitCode::from(USAGE));
    }
    let worst = check_all(asked, &services, out)?;
    Ok(ExitCode::from(status(worst)))
}

fn known_check(name: &str) -> bool {
    watchpost::check::all().iter().any(|check| check.name == name)
}

fn no_such_check(name: &str) -> String {
    let known: Vec<&str> = watchpost::check::all().iter().map(|check| check.name).collect();
    say!("There is no check {name:?}; there are {}.", known.join(", "))
}

fn not_configured(asked: Option<&str>, known: &[&str]) -> String {
    match (asked, known) {
        (_, []) => say!("No service is configured: add a section [service.NAME] with its domain.").to_owned(),
        (Some(name), known) => {
            say!("There is no service {name:?} in the configuration; it knows {}.", known.join(", "))
        }
        (None, _) => say!("No service was named.").to_owned(),
    }
}

/// Checks one after the other, so that a shared MX host is not asked twice at once.
fn check_all(asked: &Check, services: &[&Service], out: &mut dyn Write) -> io::Result<Verdict> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (prober, clock) = (Prober::default(), Clock::system());
    let mut worst = Verdict::Ok;
    for service in services {
        let now = clock.now().to_utc();
        let only: Vec<&str> = asked.only.iter().map(String::as_str).collect();
        let assessment = runtime.block_on(async {
            match only.as_slice() {
                [] => prober.assess(service, asked.set.into(), now, &Silent).await,
                only => prober.assess_only(service, only, now, &Silent).await,
            }
        });
        worst = worst.worse(assessment.verdict);
        if asked.json {
            serde_json::to_writer(&mut *out, &assessment)?;
            writeln!(out)?;
        } else {
            show(&assessment, asked.transcripts, out)?;
        }
    }
    Ok(worst)
}

fn status(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Ok => 0,
        Verdict::Degraded => 1,
        Verdict::Down => 2,
        Verdict::Unknown => 3,
    }
}

/// The assessment for people: the sentence first, then what they can still do, then what is wrong, then the rest.
fn show(assessment: &Assessment, transcripts: bool, out: &mut dyn Write) -> io::Result<()> {
    let cause = assessment.cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
    writeln!(out, "{}: {}{cause}", assessment.service, assessment.verdict.word())?;
    writeln!(out, "{}", assessment.summary)?;
    let can = assessment.capabilities;
    let words =
        [("receive", can.receive), ("send", can.send), ("internal", can.internal), ("read", can.read)];
    let words: Vec<String> =
        words.iter().map(|(name, verdict)| format!("{name} {}", verdict.word())).collect();
    writeln!(out, "\n{}", words.join(", "))?;
    if !assessment.independent.is_empty() {
        let names: Vec<&str> = assessment.independent.iter().map(|cause| cause.name()).collect();
        writeln!(out, "{}", say!("Beside it: {}", names.join(", ")))?;
    }
    steps(assessment, out)?;
    writeln!(out)?;
    for finding in &assessment.findings {
        show_finding(finding, transcripts, out)?;
    }
    writeln!(out, "{}", say!("\n{} findings in {} ms", assessment.findings.len(), assessment.millis))
}

fn steps(assessment: &Assessment, out: &mut dyn Write) -> io::Result<()> {
    if assessment.verdict == Verdict::Ok || assessment.what_to_do.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", say!("\nWhat to do:"))?;
    for (number, step) in (1..).zip(&assessment.what_to_do) {
        writeln!(out, "{}", say!("  {number}. {step}"))?;
    }
    Ok(())
}

/// One line; what was seen below it where something is to be said.
fn show_finding(finding: &Finding, transcripts: bool, out: &mut dyn Write) -> io::Result<()> {
    let cause = finding.cause.map(|cause| format!(" {cause}")).unwrap_or_default();
    let Finding { check, target, millis, .. } = finding;
    writeln!(out, "{}", say!("{:<9} {check:<13} {target}{cause}  {millis} ms", finding.verdict.word()))?;
    if finding.verdict != Verdict::Ok || finding.cause.is_some() {
        for (name, value) in finding.facts.iter() {
            writeln!(out, "            {}: {value}", said(name))?;
        }
    }
    if let Some(transcript) = finding.transcript.as_ref().filter(|_| transcripts) {
        write!(out, "{transcript}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        check: Check,
    }

    /// Runs with a configuration whose name server is not there, so that nothing leaves this machine.
    fn printed(words: &[&str], text: &str) -> (String, String, ExitCode) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("watchpost.toml");
        std::fs::write(&path, text).unwrap();
        let line = Line::parse_from(std::iter::once("check").chain(words.iter().copied()));
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        let environment = Environment::from_iter([("A", "b")]);
        let code = run(&line.check, &path, &environment, &mut out, &mut problems).unwrap();
        (String::from_utf8(out).unwrap(), String::from_utf8(problems).unwrap(), code)
    }

    const FILE: &str = "[organisation]\nname = \"Example Ltd\"\n[service.main]\ndomain = \"example.org\"\n\
                        resolvers = [\"127.0.0.1:9\"]\n";

    #[test]
    fn json_carries_exactly_the_promised_keys() {
        let (out, problems, code) = printed(&["main", "--json", "--set", "fast"], FILE);
        assert_eq!((problems.as_str(), code), ("", ExitCode::from(3)));
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
        let promised =
            ["service", "verdict", "cause", "independent", "summary", "capabilities", "findings", "millis"];
        assert_eq!(keys, promised);
        assert_eq!((&value["verdict"], &value["cause"]), (&"unknown".into(), &"resolver-down".into()));
        let finding: Vec<&String> = value["findings"][0].as_object().unwrap().keys().collect();
        assert_eq!(finding, ["check", "target", "verdict", "cause", "facts", "what_to_do", "millis"]);
    }

    #[test]
    fn only_the_checks_that_are_named_run() {
        let (out, problems, _) = printed(&["main", "--json", "--only", "resolver,mx"], FILE);
        assert_eq!(problems, "");
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        let mut ran: Vec<&str> =
            value["findings"].as_array().unwrap().iter().map(|f| f["check"].as_str().unwrap()).collect();
        ran.sort_unstable();
        assert_eq!(ran, ["mx", "resolver"]);
        let (_, problems, code) = printed(&["main", "--only", "nonsense"], FILE);
        assert_eq!(code, ExitCode::from(USAGE));
        assert!(problems.starts_with("There is no check \"nonsense\"; there are resolver, "), "{problems}");
    }

    #[test]
    fn people_read_the_sentence_first() {
        let (out, _, _) = printed(&["--set", "fast"], FILE);
        let second = out.lines().nth(1).unwrap();
        assert!(second.starts_with("It is not known from here how the service is: "), "{out}");
    }

    #[test]
    fn an_unknown_service_and_an_unsound_file_are_told_apart() {
        let (_, problems, code) = printed(&["other"], FILE);
        assert_eq!(code, ExitCode::from(USAGE));
        assert_eq!(problems, "There is no service \"other\" in the configuration; it knows main.\n");
        assert_eq!(printed(&[], "nonsense = 1\n").2, ExitCode::from(MISCONFIGURED));
    }

    #[test]
    fn the_exit_status_is_the_verdict() {
        assert_eq!(
            [Verdict::Ok, Verdict::Degraded, Verdict::Down, Verdict::Unknown].map(status),
            [0, 1, 2, 3]
        );
    }
}
