//! Who looks after Watchpost sees how the store is, and has a person forgotten: nothing is left of their name, in the
//! store, an export or the newest copy, and everything still verifies.

use std::path::{Path, PathBuf};

use watchpost::store::backup;

use crate::commands::private;
use crate::night::{Night, is_card};

/// Files under a folder, all the way down.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { files_below(&path) } else { vec![path] }
        })
        .collect()
}

/// The files in which a text stands.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files_below(folder).into_iter().filter(holds).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn how_the_store_is_and_a_person_who_is_forgotten() {
    let night = Night::begins("administer").await;
    let (ana, ben, pia) = (night.person("ana"), night.person("ben"), night.person("pia"));
    let declared = ana.types("/incident", &[("text", "No mail at all")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let card = thread.wait_for_message(is_card).await;
    let taken = ben.clicks(&card, "I have it").await.expect("clicked");
    taken.wait_answered().await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("Lead\nben")).await;

    let refused = private(ana.types("/admin store", &[], "ops").await.expect("typed")).await;
    assert!(refused.says("You may not look after Watchpost"), "{}", refused.text());
    let shown = private(pia.types("/admin store", &[], "ops").await.expect("typed")).await;
    for expected in ["Everything is being stored", "of 1 incidents", "There is none yet", "Head of the chain"]
    {
        assert!(shown.says(expected), "“{expected}” is missing in {}", shown.text());
    }

    let asked = private(pia.types("/admin forget", &[("person", "ben")], "ops").await.expect("typed")).await;
    assert!(asked.says("Forget ben?") && asked.says("cannot be undone"), "{}", asked.text());
    assert!(
        thread.messages().iter().any(|shown| is_card(shown) && shown.says("ben")),
        "nothing has happened yet"
    );
    let done = private(pia.clicks(&asked, "Forget for good").await.expect("clicked")).await;
    assert!(done.says("Forgotten.") && done.says("A new copy was made without them"), "{}", done.text());
    thread.wait_for_message(|shown| is_card(shown) && shown.says("Lead\n(forgotten)")).await;

    let shown = private(pia.types("/admin store", &[], "ops").await.expect("typed")).await;
    assert!(
        shown.says("The newest was made") && shown.says("Forgotten people\n1, the last"),
        "{}",
        shown.text()
    );
    assert!(shown.says("events are as they were written"), "{}", shown.text());

    for format in ["Markdown file", "JSON file"] {
        let options = [("incident", "INC-1"), ("format", format)];
        let pulled = private(ana.types("/timeline", &options, "ops").await.expect("typed")).await;
        let document = pulled.attachments[0].text();
        assert!(!document.contains("ben"), "{document}");
        assert!(document.contains("(forgotten)"), "{document}");
    }
    nothing_is_left_on_disk(night, &ben.id().to_string()).await;
}

/// Name and number of the person are nowhere, in data and copies, while it runs and after it stopped.
async fn nothing_is_left_on_disk(mut night: Night, number: &str) {
    let data = night.stage.config.store.folder.clone();
    let copies = night.stage.config.store.backup_folder.clone();
    night.stops().await;
    for canary in ["\"ben\"", number] {
        assert_eq!(holding(&data, canary), Vec::<PathBuf>::new(), "{canary}");
    }
    let newest = std::fs::read_dir(&copies).expect("copies").flatten().map(|entry| entry.path()).max();
    let verified = backup::verify_folder(&newest.expect("one was made")).expect("read");
    assert_eq!(verified.faults, Vec::<String>::new());
    let verified = backup::verify_folder(&data).expect("read");
    assert_eq!(verified.faults, Vec::<String>::new());
    night.judged();
}
