//! The same against a real Postfix, Dovecot and Unbound: `.ci/maillab` starts them and sets `WATCHPOST_MAILLAB`.
//!
//! Where they are not there, the story says so and is over.

use std::path::{Path, PathBuf};
use std::process::Command;

use watchpost::clock::Clock;

use crate::night::Night;
use crate::restart::{self, Faults, OFTEN};

/// The folder of the mail lab, where one runs.
fn lab() -> Option<PathBuf> {
    let folder = std::env::var_os("WATCHPOST_MAILLAB").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: no real mail servers (.ci/maillab starts them)");
    }
    folder
}

/// The lab's own switches.
struct Switches<'l>(&'l Path);

impl Switches<'_> {
    fn run(&self, arguments: &[&str]) {
        let status = Command::new(self.0.join("fault")).args(arguments).status().expect("the lab's switches");
        assert!(status.success(), "{arguments:?}");
    }
}

impl Faults for Switches<'_> {
    async fn switch(&self, name: &str, on: bool) {
        self.run(&[name, if on { "on" } else { "off" }]);
    }
}

/// The service of `tests/maillab.toml`, with absolute paths.
fn service() -> String {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let text = std::fs::read_to_string(here.join("maillab.toml")).expect("the sample");
    let from = text.find("[service.lab]").expect("the service");
    let to = text.find("[store]").expect("the store");
    let password = here.join("maillab.password");
    text[from..to].replace("maillab.password", &password.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn real_servers_are_checked_and_the_program_is_killed_meanwhile() {
    let Some(lab) = lab() else { return };
    let switches = Switches(&lab);
    switches.run(&["clear"]);
    let night = Night::set("maillab", Clock::system(), OFTEN, Some(service())).await;
    restart::plays(&night, "lab works", &switches).await;
    night.judged();
}
