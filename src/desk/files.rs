//! Evidence: what a file was when it was copied, beside the incident that it belongs to.

use watchpost_texts::say;

use super::{Ask, Desk, Outcome};
use crate::clock::UtcMs;
use crate::evidence::{self, Copied};
use crate::incident::checklist::{ChecklistRequest, Evidence};
use crate::incident::decide::{Context, Request, decide};
use crate::incident::event::{Event, NewEvent, Recorded};
use crate::refusal::Refusal;
use crate::store::{Commit, StoreError};

impl Desk {
    /// Keeps a file for an incident, where `line` names a line of its checklist for that. First the bytes are on disk, then
    /// the incident says that it has them.
    ///
    /// # Errors
    /// A [`Refusal`]; the incident says nothing of the file then.
    pub async fn keep_file(
        &self,
        mut ask: Ask,
        line: Option<String>,
        copied: &Copied,
    ) -> Result<Outcome, Refusal> {
        ask.request = Request::Checklist(ChecklistRequest::Keep { line, evidence: copied.evidence() });
        // What is refused leaves no bytes behind.
        let before = self.subject(&ask).await?;
        let policy = self.policy();
        let context = Context { now: self.clock.now(), actor: &ask.actor, policy: &policy };
        decide(&before, ask.request.clone(), &context)?;
        self.store_bytes(&ask, copied, context.now).await?;
        self.ask(ask).await
    }

    async fn store_bytes(&self, ask: &Ask, copied: &Copied, now: UtcMs) -> Result<(), StoreError> {
        let file = copied.event();
        let stream = evidence::stream(&file.sha256);
        let there = self.all_events(stream).await?;
        let last = there.last().and_then(of_file);
        if last.is_some_and(|last| last.sha256 == file.sha256 && !last.is_forgotten()) {
            return Ok(());
        }
        let event = NewEvent {
            incident: stream,
            happened_at: now,
            actor: ask.actor.clone(),
            origin: ask.origin,
            event: Event::File(file),
        };
        let commit = Commit {
            recorded_at: now,
            expect: vec![(stream, there.len() as u64)],
            events: vec![event],
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            // Somebody keeps the same file at the same moment.
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// The bytes of a file that was kept; none where whoever it was from is forgotten.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn file(&self, evidence: &Evidence) -> Result<Option<Vec<u8>>, StoreError> {
        let there = self.all_events(evidence::stream(&evidence.sha256)).await?;
        let same = there.iter().rev().filter_map(of_file).find(|file| file.sha256 == evidence.sha256);
        match same {
            Some(file) if file.is_forgotten() => Ok(None),
            Some(file) => file
                .bytes()
                .map(Some)
                .ok_or_else(|| StoreError::Damaged(say!("{} is not as it was kept", evidence.name))),
            None => Err(StoreError::Damaged(say!("{} is missing", evidence.name))),
        }
    }
}

fn of_file(recorded: &Recorded) -> Option<&evidence::FileEvent> {
    match &recorded.new.event {
        Event::File(file) => Some(file),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::ids::{GuildId, IncidentId, PersonId};
    use crate::incident::decide::Declaration;
    use crate::incident::event::Origin;
    use crate::person::{Actor, Person};
    use crate::policy::{GuildPolicy, Policy};
    use crate::store::{JournalStore, Options};

    const GUILD: GuildId = GuildId(1);

    fn ask(request: Request) -> Ask {
        let actor = Actor::Person(Person { id: PersonId(7), name: "ana".into() });
        Ask { guild: GUILD, actor, origin: Origin::Chat, once: None, incident: None, request }
    }

    async fn open(folder: &std::path::Path) -> Arc<Desk> {
        let options = Options { ballast_bytes: 0, ..Options::default() };
        let store = JournalStore::open(folder, options, UtcMs(1)).expect("the store opens");
        let policy = Policy { guilds: [(GUILD, GuildPolicy::default())].into(), ..Policy::default() };
        Desk::open(Arc::new(store), policy, Clock::stepped(UtcMs(1_000))).await.expect("the desk opens")
    }

    #[tokio::test]
    async fn the_bytes_stay_over_restart_and_backup_and_go_with_whoever_they_are_from() {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
        let desk = open(&data).await;
        let said = Declaration { guild: GUILD, text: "No mail".into(), ..Declaration::default() };
        desk.ask(ask(Request::Declare(said))).await.expect("declared");
        let copied = Copied::new("mail.log", b"status=deferred".to_vec(), PersonId(8)).expect("kept");
        let keep = || ask(Request::Acknowledge);
        let outcome = desk.keep_file(keep(), None, &copied).await.expect("kept");
        let evidence = outcome.incident.checklist.evidence[0].clone();
        let again = desk.keep_file(keep(), None, &copied).await.expect_err("once");
        assert_eq!(again.code(), "nothing-new");
        assert_eq!(desk.store().next_incident().await, Ok(IncidentId(2)), "a file is no incident");
        assert!(desk.find(GUILD, Some(evidence::stream(&evidence.sha256)), None).await.is_err());
        desk.store().backup(&copy).await.expect("a backup");
        drop(desk);
        for place in [&data, &copy] {
            let desk = open(place).await;
            assert_eq!(desk.file(&evidence).await, Ok(Some(b"status=deferred".to_vec())));
            assert!(desk.store().verify().await.expect("verified").faults.is_empty());
        }
        let desk = open(&data).await;
        desk.store().forget(PersonId(8), UtcMs(2_000)).await.expect("forgotten");
        assert_eq!(desk.file(&evidence).await, Ok(None));
        let bytes = std::fs::read_dir(&data).expect("a folder").flatten();
        let plain = BASE64_OF_CONTENT.as_bytes();
        for file in bytes.filter(|entry| entry.path().is_file()) {
            let content = std::fs::read(file.path()).expect("a file");
            assert!(!content.windows(plain.len()).any(|window| window == plain), "{:?}", file.path());
        }
    }

    /// "status=deferred", as it would lie there unsealed.
    const BASE64_OF_CONTENT: &str = "c3RhdHVzPWRlZmVycmVk";
}
