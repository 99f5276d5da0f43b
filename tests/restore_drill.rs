//! The restore drill: the machine with the data is gone. From a copy into an empty folder, with the real program, until
//! it serves: the same head of the chain, the same incident, nothing said twice, and the work goes on.

use std::path::Path;
use std::process::Output;

use tokio::process::Command;
use watchpost::clock::Clock;

use crate::commands::private;
use crate::night::{Night, is_card};
use crate::restart::{Program, exported};

const PASSPHRASE: &str = "correct horse battery staple";

/// `watchpost db …`, as an operator types it.
async fn db(night: &Night, words: &[&str]) -> String {
    let command = Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .arg("--config")
        .arg(&night.stage.file)
        .arg("db")
        .args(words)
        .env("WATCHPOST_BACKUP_PASSPHRASE", PASSPHRASE)
        .output();
    let Output { status, stdout, stderr } = command.await.expect("the program runs");
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&stderr));
    said
}

/// The head of the hash chain in what was said.
fn head(said: &str) -> String {
    let rest = said.split("head ").nth(1).unwrap_or_else(|| panic!("no head in {said}"));
    rest.split_whitespace().next().unwrap_or_default().to_owned()
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("a path in ASCII")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_folder_to_a_bot_that_serves() {
    let night = Night::set("restore-drill", Clock::system(), "", None).await;
    let ana = night.person("ana");
    let program = Program::starts(&night).await;
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let place = thread.id().to_string();
    let card = thread.wait_for_message(is_card).await;
    ana.clicks(&card, "I have it").await.expect("clicked").wait_answered().await;
    let logged = ana.types("/log", &[("text", "renewal timer failing")], &place).await.expect("typed");
    logged.answer(|shown| shown.says("Logged in INC-1")).await;
    // Everything that the incident has to say stands there before the copy is made.
    thread.wait_for_message(|shown| is_card(shown) && shown.says("renewal timer failing")).await;

    let sealed = night.stage.config.store.folder.with_extension("sealed");
    let copied = db(&night, &["backup", shown(&sealed)]).await;
    assert!(copied.contains("nothing is missing"), "{copied}");
    let copy = db(&night, &["stat"]).await;
    let before = exported(&night).await;
    program.dies(&night).await;
    let messages = thread.messages().len();

    // The machine is gone, and with it everything but the copy.
    let data = night.stage.config.store.folder.clone();
    std::fs::remove_dir_all(&data).expect("removed");
    let restored = db(&night, &["restore", shown(&sealed)]).await;
    assert_eq!(head(&restored), head(&copied), "the same head of the chain: {copy}");
    assert_eq!(
        exported(&night).await,
        before[..exported(&night).await.len()],
        "a beginning of the same story"
    );

    let program = Program::starts(&night).await;
    let here = private(ana.types("/timeline", &[], &place).await.expect("typed")).await;
    assert!(here.says("renewal timer failing"), "{}", here.text());
    let logged = ana.types("/log", &[("text", "restored from the copy")], &place).await.expect("typed");
    logged.answer(|shown| shown.says("Logged in INC-1")).await;
    thread
        .wait_for_message(|shown| {
            is_card(shown) && shown.says("Lead\nana") && shown.says("restored from the copy")
        })
        .await;
    let cards = thread.messages().iter().filter(|shown| is_card(shown)).count();
    assert_eq!(cards, 1, "the card that was there is gone on with");
    let said: Vec<String> =
        thread.messages().iter().filter(|shown| !shown.pinned).map(|shown| shown.text()).collect();
    for text in said.iter().filter(|text| !text.is_empty()) {
        let times = said.iter().filter(|other| *other == text).count();
        assert_eq!(times, 1, "what was said is not said again: {said:#?}");
    }
    assert!(thread.messages().len() <= messages + 3, "{:#?}", thread.messages());

    let verified = db(&night, &["verify"]).await;
    assert_ne!(head(&verified), head(&copied), "the chain has gone on");
    program.dies(&night).await;
    night.judged();
}
