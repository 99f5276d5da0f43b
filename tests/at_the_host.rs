//! Discord is away from the first repair to the end: checked, repaired, proved, closed and opened again by `watchpost ctl`
//! alone, by the same people, under the same rules, in the same timeline; and afterwards one message for each channel.

use std::sync::Arc;

use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::event::Origin;

use crate::away::Host;

const FIRST: IncidentId = IncidentId(1);

/// The incident, once it is so.
async fn once(host: &Host, what: &str, is: impl Fn(&Incident) -> bool) -> Arc<Incident> {
    let looking = async {
        loop {
            let changed = host.desk.changed();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(incident) = host.desk.incident(FIRST).filter(|incident| is(incident)) {
                return incident;
            }
            changed.await;
        }
    };
    let found = tokio::time::timeout(std::time::Duration::from_secs(90), looking).await;
    found.unwrap_or_else(|_| panic!("{what} never came: {:#?}", host.desk.incident(FIRST)))
}

/// Green rounds of the proof that runs.
fn green(incident: &Incident) -> u32 {
    incident.proof.running.as_ref().map_or(0, |running| running.green)
}

/// What ana is refused, in words.
async fn refused(host: &Host, words: &[&str]) -> String {
    let output = host.ctl(&[&["--as", "ana"], words].concat()).await;
    assert_eq!(output.status.code(), Some(1), "{words:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn checked_repaired_proved_and_closed_without_discord() {
    let host = Host::start().await;
    let ana = host.discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.unwrap();
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = host.discord.channel("ops").wait_for_thread("INC-1 Phones cannot send").await;
    thread.wait_for_message(|shown| shown.pinned).await;
    host.break_discord();
    host.told_elsewhere().await;

    let checked = host.ana(&["check"]).await;
    assert!(checked.contains("Mail works."), "{checked}");
    assert!(refused(&host, &["check", "nonsense"]).await.contains("nonsense"));
    host.ana(&["incident", "--have"]).await;
    let proposed =
        host.ana(&["fix", "renew certificate, reload", "--rollback", "put the old one back"]).await;
    // The buttons of the chat, as lines to type.
    let done = proposed.lines().find_map(|line| line.trim().strip_prefix("watchpost ctl fix --done "));
    let number = done.unwrap_or_else(|| panic!("what to type next: {proposed}")).trim().to_owned();

    // The same refusals as in the chat.
    let why = refused(&host, &["incident", "--close", "renewed"]).await;
    assert!(why.contains("INC-1 is not proved yet, so it stays open"), "{why}");
    let done = host.ana(&["fix", "--done", &number]).await;
    assert!(done.contains("first round is green"), "{done}");
    assert!(refused(&host, &["fix", "--done", "777"]).await.contains("no such action"));
    once(&host, "the first round", |incident| green(incident) == 1).await;
    host.step(5).await;
    once(&host, "the second round", |incident| green(incident) == 2).await;
    host.step(5).await;
    once(&host, "the proof", |incident| incident.proof.proved.is_some()).await;
    let closed = host.ana(&["incident", "--close", "renewed and reloaded"]).await;
    assert!(closed.contains("INC-1 is closed"), "{closed}");
    let reopened = host.ana(&["--incident", "INC-1", "incident", "--reopen", "two cannot send again"]).await;
    assert!(reopened.contains("INC-1"), "{reopened}");
    let line = host.ana(&["timeline", "--incident", "INC-1"]).await;
    assert!(line.contains("two cannot send again") && line.contains("renew certificate"), "{line}");
    let unproved = host.ana(&["incident", "--close-unproved", "my phone sends; the probe is locked"]).await;
    assert!(unproved.contains("INC-1 is closed"), "{unproved}");

    let events = host.desk.all_events(FIRST).await.unwrap();
    let shell = events.iter().filter(|one| one.new.origin == Origin::Shell);
    let by_ana = shell.clone().filter(|one| one.new.actor.to_string() == "ana").count();
    assert_eq!(by_ana, shell.count(), "everything that was typed is recorded as ana's");
    assert!(by_ana >= 6, "{by_ana} of {events:#?}");

    host.discord.heal();
    let back = thread.wait_for_message(|shown| shown.says("Discord was away from")).await;
    assert!(back.says("by `watchpost ctl`"), "{}", back.text());
    host.discord.channel("ops").wait_for_message(|shown| shown.says("Meanwhile the work went on")).await;
    for place in [&thread, &host.discord.channel("ops")] {
        let catch_ups = place.messages().iter().filter(|shown| shown.says("Discord was away")).count();
        assert_eq!(catch_ups, 1, "one message in each channel: {:#?}", place.messages());
    }
    host.discord.strict_verdict().unwrap();
    host.ends().await;
}
