//! The mouth of Watchpost: one file for each slash command, directly in this folder.
//!
//! A new command is a new file and two lines here: its `mod`, and its entry in [`all`]. What has no entry reaches nobody.

pub mod bot;
pub mod cli;

pub mod admin;
pub mod check;
pub mod explain;
pub mod fix;
pub mod help;
pub mod incident;
pub mod log;
pub mod report;
pub mod review;
pub mod timeline;
pub mod update;
pub mod watch;

use watchpost::capability::Capability;

use bot::framework::{Command, permission};

/// A command, and what a person must be allowed to do to use it.
pub struct Entry {
    build: fn() -> Command,
    /// What its use needs.
    pub capability: Capability,
}

impl Entry {
    /// The command as poise knows it, with its capability beside it.
    pub fn command(self) -> Command {
        permission::require(in_language((self.build)()), self.capability)
    }

    /// Its name in Discord.
    pub fn name(&self) -> String {
        let command = (self.build)();
        command.context_menu_name.unwrap_or(command.name).into_owned()
    }
}

/// The command with what describes it in the language that is spoken; its names stay as they are typed.
fn in_language(mut command: Command) -> Command {
    // Discord refuses all commands for one description above 100 characters, and translations are longer than English.
    let said =
        |text: &str| watchpost_texts::translation(text).unwrap_or(text).chars().take(100).collect::<String>();
    command.description = command.description.map(|text| said(&text).into());
    for parameter in &mut command.parameters {
        parameter.description = parameter.description.take().map(|text| said(&text).into());
        for choice in parameter.choices.to_mut() {
            choice.name = said(&choice.name).into();
        }
    }
    command.subcommands = command.subcommands.into_iter().map(in_language).collect();
    command
}

/// All commands and message menus, in the order of their files.
pub fn all() -> Vec<Entry> {
    use Capability::{Administer, Check, Read, Report, Respond, Tell};
    vec![
        Entry { build: admin::admin, capability: Administer },
        Entry { build: check::check, capability: Check },
        Entry { build: explain::explain, capability: Report },
        Entry { build: fix::fix, capability: Respond },
        Entry { build: help::help, capability: Report },
        Entry { build: incident::incident, capability: Respond },
        Entry { build: log::log, capability: Respond },
        Entry { build: log::log_message, capability: Respond },
        Entry { build: log::follow_up_message, capability: Respond },
        Entry { build: report::report, capability: Report },
        Entry { build: review::review, capability: Read },
        Entry { build: timeline::timeline, capability: Read },
        Entry { build: update::update, capability: Tell },
        Entry { build: watch::watch, capability: Respond },
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_a_command_has_its_entry() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).expect("the folder of the commands");
        let names = files.map(|file| file.expect("a file").file_name().into_string().expect("UTF-8"));
        let files: BTreeSet<String> = names
            .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
            .filter(|name| !["lib", "main", "bot", "cli"].contains(&name.as_str()))
            .collect();
        let entries: BTreeSet<String> = all()
            .iter()
            .map(|entry| (entry.build)().name.into_owned())
            .filter(|name| !["log_message", "follow_up_message"].contains(&name.as_str()))
            .collect();
        assert_eq!(files, entries);
    }

    /// What else is needed is a button where it is needed.
    #[test]
    fn there_are_these_twelve_two_message_menus_and_no_more() {
        let names: Vec<String> = all().iter().map(Entry::name).collect();
        let expected = [
            "admin",
            "check",
            "explain",
            "fix",
            "help",
            "incident",
            "log",
            "Log",
            "Follow-up",
            "report",
            "review",
            "timeline",
            "update",
            "watch",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn discord_takes_every_command() {
        let commands: Vec<Command> = all().into_iter().map(Entry::command).collect();
        let built = poise::builtins::create_application_commands(&commands);
        assert_eq!(built.len(), commands.len(), "each command is one for Discord");
        for command in built {
            let value = serde_json::to_value(command).expect("a builder is JSON");
            let size = value.to_string().chars().count();
            assert!(size <= 8_000, "{size} characters");
            let name = value["name"].as_str().expect("a name");
            assert!((1..=32).contains(&name.chars().count()), "{name}");
            if value["type"] == 1 || value["type"].is_null() {
                let description = value["description"].as_str().expect("a description");
                assert!((1..=100).contains(&description.chars().count()), "{name}: {description}");
                assert!(name.chars().all(|letter| letter.is_ascii_lowercase()), "{name}");
            }
            for option in value["options"].as_array().into_iter().flatten() {
                let text = option["description"].as_str().expect("a description");
                assert!((1..=100).contains(&text.chars().count()), "{name}: {text}");
            }
        }
    }
}
