//! Evidence is copied, not linked: the message is deleted, and the bytes are still there, for those who work on it.

use watchpost::ids::IncidentId;
use watchpost_sandbox::CommandLine;

use crate::commands::{declared, private};
use crate::running::House;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";

#[tokio::test(flavor = "multi_thread")]
async fn the_link_dies_and_the_bytes_stay() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    let (ana, mia) = (house.discord.member("ana"), house.discord.member("mia"));

    // A picture in somebody's message, and a log with one's own words.
    let shown =
        ana.writes_with_file("TLS error on my phone", &here, "shot.png", PICTURE).await.expect("written");
    let logged = ana.uses_on("Log", &shown).await.expect("offered");
    let logged = logged.answer(|shown| shown.says("Copied: shot.png")).await;
    assert!(logged.says("Logged in INC-1 as note"), "{}", logged.text());
    let line = CommandLine::new("/log", &here).option("text", "the queue grows").file(
        "file",
        "mail.log",
        "status=deferred\n".as_bytes().to_vec(),
    );
    let logged = ana.sends(line).await.expect("typed");
    logged.answer(|shown| shown.says("Copied: mail.log (16 bytes)")).await;

    // What is no picture, text, document or archive is not kept, and the text is logged all the same.
    let line = CommandLine::new("/log", &here).option("text", "somebody sent me this").file(
        "file",
        "update.exe",
        b"MZ\x90\x00\x03".to_vec(),
    );
    let refused = ana.sends(line).await.expect("typed");
    let refused = refused.answer(|shown| shown.says("Not copied: update.exe")).await;
    assert!(refused.says("Logged in INC-1") && refused.says("by its content"), "{}", refused.text());

    // The message goes, and with it the link.
    house.discord.delete_message(shown.id);
    let kept = ana.types("/timeline", &[("format", "kept files")], &here).await.expect("typed");
    let kept = kept.answer(|shown| !shown.attachments.is_empty()).await;
    assert_eq!(kept.file("shot.png").expect("the picture").bytes, PICTURE);
    assert_eq!(kept.file("mail.log").expect("the log").text(), "status=deferred\n");
    assert!(kept.says("mail.log (Queue)"), "it stands with the line that it is about: {}", kept.text());
    let told = private(ana.types("/timeline", &[("show", EVERYTHING)], &here).await.expect("typed")).await;
    assert!(told.says("ana kept shot.png") && told.says("SHA-256"), "{}", told.text());

    // Management reads the timeline; what people sent as evidence is for those who work on it.
    let denied =
        private(mia.types("/timeline", &[("format", "kept files")], &here).await.expect("typed")).await;
    assert!(denied.says("You may not work on incidents"), "{}", denied.text());
    assert!(denied.says("ana"), "it says whom to ask: {}", denied.text());
    let incident = house.desk.incident(IncidentId(1)).expect("it is open");
    assert_eq!(incident.checklist.all_evidence().count(), 2);
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

const EVERYTHING: &str = "everything, in the order in which it was recorded";
