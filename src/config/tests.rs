//! What holds for a whole file; the refusals of each section are in `refusals`.

use std::collections::BTreeSet;

use super::*;

mod hostile;
mod refusals;

const MINIMAL: &str = "[organisation]\nname = \"Example Ltd\"\n";

fn parse(text: &str) -> Result<Config, ConfigError> {
    let environment = Environment::from_iter([
        ("DISCORD_TOKEN", "canary-token"),
        ("PROBE_PASSWORD", "canary-password"),
        ("WEBHOOK_URL", "https://hooks.example/canary-url"),
        ("CLEAR_URL", "http://hooks.example/canary-url"),
        ("WEBHOOK_SECRET", "canary-secret"),
        ("WATCHPOST_BACKUP_PASSPHRASE", "canary-passphrase"),
        ("RELAY_PASSWORD", "canary-relay"),
        ("PAGERDUTY_KEY", "canary-pagerduty"),
        ("HEARTBEAT_URL", "https://hc.example/canary-heartbeat"),
        ("HOOK_KEY", "canary-hook"),
        ("HOOK_KEY_OLD", "canary-hook-old"),
    ]);
    Config::parse(Path::new("watchpost.toml"), text, &environment)
}

#[track_caller]
fn config(text: &str) -> Config {
    parse(&format!("{MINIMAL}{text}")).unwrap_or_else(|error| panic!("{error}"))
}

/// The problems of a sound file with more lines; empty where there is none.
pub(super) fn problems_with(text: &str) -> String {
    parse(&format!("{MINIMAL}{text}")).err().map(|error| error.to_string()).unwrap_or_default()
}

/// The problems of a file that begins with a sound `[organisation]` of two lines.
#[track_caller]
fn problems(text: &str) -> String {
    parse(&format!("{MINIMAL}{text}")).expect_err("it has a problem").to_string()
}

#[test]
fn the_smallest_file_names_the_organisation() {
    let config = config("");
    assert_eq!(config.organisation.time_zone, chrono_tz::UTC);
    let audiences: Vec<_> = config.audiences.iter().map(|audience| audience.name.as_str()).collect();
    assert_eq!(audiences, ["users", "management", "partners"]);
    assert_eq!(config.cadences.of(1).first.to_string(), "10m");
    assert_eq!(
        config.cadences.of(2).audiences[&config.audiences[2].name],
        "2h".parse().map(Cadence::Every).unwrap()
    );
}

#[test]
fn the_environment_goes_before_the_file_and_is_judged_alike() {
    let with = |base: &str| {
        let environment = Environment::from_iter([("DISCORD_API_BASE", base)]);
        Config::parse(Path::new("watchpost.toml"), MINIMAL, &environment)
    };
    assert_eq!(with("http://127.0.0.1:9").unwrap().discord.api_base.as_str(), "http://127.0.0.1:9");
    insta::assert_snapshot!(with("http://192.0.2.1").unwrap_err(), @r#"watchpost.toml: discord.api_base (from DISCORD_API_BASE): "http://192.0.2.1" is not a base address: plain http would show the token to the network, and is taken for 127.0.0.1 and [::1] only. Write a base address such as "https://discord.com"."#);
}

#[test]
fn a_service_becomes_what_the_checks_need() {
    let text = r#"
[service.main]
domain = "Example.org."
host = "mail.example.org"
imap = ["tls://mail.example.org:10993"]
pop3 = ["mail.example.org"]
fixed_addresses = ["mail.example.org=10.1.0.25", "mail.example.org=10.1.0.26"]
control_hosts = ["example.com:443"]
functional = "10m"
users = 1_800
probe = { address = "probe@example.org", password_env = "PROBE_PASSWORD" }
"#;
    let config = config(text);
    let watched = config.service("main").unwrap();
    assert_eq!(watched.label, "example.org");
    assert_eq!(watched.users, Some(1800));
    assert_eq!(watched.schedule.functional.seconds(), 600);
    assert_eq!(watched.schedule.fast, config.monitor.schedule.fast);
    let ports: Vec<_> = watched.service.endpoints.iter().map(|endpoint| endpoint.port).collect();
    assert_eq!(ports, [587, 10993, 995]);
    assert_eq!(watched.service.fixed_addresses.values().next().unwrap().len(), 2);
    assert_eq!(watched.service.probe.as_ref().unwrap().login, "probe@example.org");
}

#[test]
fn no_secret_is_shown() {
    let text = "[service.main]\ndomain = \"example.org\"\n\
                probe = { address = \"probe@example.org\", password_env = \"PROBE_PASSWORD\" }\n\
                [destination.hook]\nkind = \"webhook\"\nurl_env = \"WEBHOOK_URL\"\nsecret_env = \"WEBHOOK_SECRET\"\n";
    let config = config(text);
    assert!(config.ready_for_discord().is_err(), "no guild is named");
    assert!(!format!("{config:?}{:?}", config.settings()).contains("canary"));
}

#[test]
fn the_hash_is_that_of_the_meaning() {
    let one = config("[web]\nlisten = \"127.0.0.1:8080\"\n[log]\nformat = \"json\"\n");
    let same = config(
        "# a comment\n[log]\nformat = 'json'\n\n[web]\nlisten = \"127.0.0.1:8080\"\n[update]\nreminder = \"5m\"\n",
    );
    let other = config("[web]\nlisten = \"127.0.0.1:8081\"\n[log]\nformat = \"json\"\n");
    assert_eq!(one.hash(), same.hash());
    assert_ne!(one.hash(), other.hash());
    assert_eq!(one.differences(&other), [("web.listen".to_owned(), Change::OnRestart)]);
}

#[test]
fn a_reload_takes_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watchpost.toml");
    let environment = Environment::default();
    std::fs::write(&file, MINIMAL).unwrap();
    let old = Config::load(&file, &environment).unwrap();
    std::fs::write(&file, format!("{MINIMAL}[update]\nreminder = \"7m\"\n")).unwrap();
    assert_eq!(old.reload(&environment).unwrap().update.reminder.to_string(), "7m");
    std::fs::write(&file, format!("{MINIMAL}[update]\nreminder = \"7m\"\n[store]\nfolder = \"elsewhere\"\n"))
        .unwrap();
    insta::assert_snapshot!(old.reload(&environment).unwrap_err(), @r#"not reloaded, nothing was changed: store.folder can only change with a new start. Restart Watchpost, or undo it and reload again."#);
    std::fs::write(&file, format!("{MINIMAL}[update]\nreminder = \"7m\"\nremainder = 1\n")).unwrap();
    assert!(matches!(old.reload(&environment), Err(ConfigError::Invalid(_))));
}

#[test]
fn a_file_that_is_not_there_or_not_readable_is_said() {
    let missing = Config::load(Path::new("nowhere.toml"), &Environment::default()).unwrap_err();
    insta::assert_snapshot!(missing, @r#"nowhere.toml: there is no such file. Copy watchpost.example.toml to it, or name another one with --config or WATCHPOST_CONFIG."#);
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.toml");
    std::fs::write(&large, vec![b'#'; LARGEST_FILE as usize + 1]).unwrap();
    let error = Config::load(&large, &Environment::default()).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
}

#[test]
fn every_default_and_example_is_taken() {
    let mut file = String::new();
    let id = "1020304050607080900";
    for (number, section) in reference::sections().iter().enumerate() {
        let (heading, kind) = section.heading.split_once(" with ").unwrap_or((section.heading, ""));
        let name = if kind.is_empty() { "main".to_owned() } else { format!("d{number}") };
        let heading = heading.replace("<name>", &name).replace("<id>", id);
        writeln!(file, "[{heading}]\n{kind}").unwrap();
        // A file in place of a variable is read, so the examples of files and what needs other sections stay out.
        let left_out = |key: &Described| {
            key.name.ends_with("_file")
                || key.name == "kind"
                || ["destinations", "fallback", "routes", "file", "catalogue"].contains(&key.name)
        };
        for key in section.keys.iter().map(|key| key.described()).filter(|key| !left_out(key)) {
            let value = key.example.or(key.default).unwrap_or_else(|| panic!("{} has no example", key.name));
            writeln!(file, "{} = {value}", key.name).unwrap();
        }
    }
    parse(&file).unwrap_or_else(|error| panic!("{error}\n{file}"));
}

#[test]
fn an_own_procedure_is_judged_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watchpost.toml");
    let text = "[organisation]\nname = \"Example\"\n[procedure]\nfile = \"own.toml\"\n";
    let read = || Config::parse(&file, text, &Environment::default());
    let own =
        "version = \"ours 3\"\n[[line]]\nkey = \"post\"\nname = \"Post office\"\nlook = \"Call them\"\n";
    std::fs::write(folder.path().join("own.toml"), own).unwrap();
    assert_eq!(read().unwrap().procedure.version, "ours 3");
    std::fs::write(folder.path().join("own.toml"), own.replace("look", "looks")).unwrap();
    let error = read().unwrap_err().to_string();
    assert!(error.contains("is no procedure") && error.contains("looks"), "{error}");
}

#[test]
fn a_catalogue_with_a_lost_value_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watchpost.toml");
    let text = "[organisation]\nname = \"Example\"\ncatalogue = \"de.po\"\n";
    let read = || Config::parse(&file, text, &Environment::default());
    assert!(read().unwrap_err().to_string().contains("Begin one with `watchpost texts`"));
    let po = "msgid \"\"\nmsgstr \"Language: de\\n\"\n\nmsgid \"{count} wait\"\nmsgstr \"{count} warten\"\n";
    std::fs::write(folder.path().join("de.po"), po).unwrap();
    let catalogue = read().unwrap().organisation.catalogue.unwrap();
    assert_eq!(catalogue.translation("{count} wait"), Some("{count} warten"));
    std::fs::write(folder.path().join("de.po"), po.replace("{count} warten", "sie warten")).unwrap();
    let error = read().unwrap_err().to_string();
    assert!(error.contains("has the values"), "{error}");
}

#[test]
fn the_reference_names_every_key() {
    let page = reference::markdown();
    for section in reference::sections() {
        for key in section.keys {
            assert!(page.contains(&format!("| `{}` |", key.described().name)));
        }
    }
}

/// The files that the repository offers, read as a user would.
#[track_caller]
fn offered(file: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let authority = rcgen::generate_simple_self_signed(vec!["ca.test".to_owned()]).unwrap();
    std::fs::create_dir(folder.path().join("certs")).unwrap();
    std::fs::write(folder.path().join("certs/ca.crt"), authority.cert.pem()).unwrap();
    let lab = folder.path().to_str().unwrap();
    let environment = Environment::from_iter([("PROBE_PASSWORD", "canary"), ("LAB_RUN", lab)]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    Config::load(&path, &environment).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_offered_files_are_sound() {
    let example = offered("watchpost.example.toml");
    assert_eq!((example.guilds.len(), example.services.len(), example.destinations.len()), (1, 1, 3));
    let idle = example
        .settings()
        .iter()
        .find(|setting| setting.effect == Effect::NotYet && setting.origin != Origin::Default);
    assert_eq!(idle, None, "the example shows only what has an effect");
    let lab = offered("tests/maillab.toml");
    let service = &lab.service("lab").unwrap().service;
    assert!(service.probe.is_some() && service.authorities.len() == 1);
}

/// Every name of a variable that stands in quotes in the sources of this folder.
fn variables(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            variables(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let quoted =
                text.split('"').filter(|part| part.starts_with("WATCHPOST_") || part.starts_with("DISCORD_"));
            // WATCHPOST_TEST_… is what tests tell their own children.
            let is_name = |part: &&str| {
                let letters = part.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
                letters && !part.ends_with('_') && !part.starts_with("WATCHPOST_TEST_")
            };
            found.extend(quoted.filter(is_name).map(str::to_owned));
        }
    }
}

/// `.env.example` names every variable that is read.
#[test]
fn the_example_of_the_environment_is_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut read = BTreeSet::new();
    variables(&root.join("src"), &mut read);
    variables(&root.join("commands"), &mut read);
    assert!(read.contains("DISCORD_TOKEN") && read.len() >= 5, "{read:?}");
    let example = std::fs::read_to_string(root.join(".env.example")).unwrap();
    let lines = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
    let named: BTreeSet<&str> = lines.map(|(name, _)| name).collect();
    let missing: Vec<_> = read.iter().filter(|name| !named.contains(name.as_str())).collect();
    assert!(missing.is_empty(), ".env.example does not name {missing:?}");
}

/// `docs/configuration.md` is what `watchpost config reference` prints.
#[test]
fn the_printed_reference_is_that_of_the_documentation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mend = "run `cargo run -- config reference > docs/configuration.md`";
    assert!(page == reference::markdown(), "docs/configuration.md is not up to date: {mend}");
}
