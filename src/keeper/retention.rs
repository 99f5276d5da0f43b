//! What `[retention]` says of incidents and people, once a day.
//!
//! 1. An incident that has been over for long enough is written into the archive folder: HTML to read, JSON to read back.
//!    It is written beside its place and then renamed, so that a half one never stands there.
//! 2. Who only ever reported, and whose last incident is long enough over, is forgotten as `/admin forget` does it.
//!
//! Nothing is taken out of the journal: it has no holes.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::Keeper;
use crate::clock::UtcMs;
use crate::ids::PersonId;
use crate::incident::Incident;
use crate::person::Actor;
use crate::review::{Format, Readers, Story};
use crate::store::StoreError;

/// What became of the last archiving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// When.
    pub at: UtcMs,
    /// Incidents that are there.
    pub there: usize,
    /// Why some are not.
    pub failed: Option<String>,
}

impl Keeper {
    /// Does it; what fails is logged, and tried again the next day.
    pub(super) async fn keep_and_forget(&self, now: UtcMs) {
        let Some(retention) = &self.retention else { return };
        let all = match self.everything().await {
            Ok(all) => all,
            Err(error) => {
                tracing::warn!(%error, "what is to be archived or forgotten cannot be read");
                return;
            }
        };
        if let Some(folder) = &retention.archive {
            let mut archived = Archived { at: now, there: 0, failed: None };
            for incident in all.iter().filter(|incident| over_for(incident, retention.archive_after, now)) {
                match self.archive(folder, incident).await {
                    Ok(()) => archived.there += 1,
                    Err(error) => {
                        tracing::warn!(id = %incident.id, %error, "an incident could not be archived");
                        archived.failed = Some(format!("{}: {error}", incident.id));
                    }
                }
            }
            self.note(|known| known.archived = Some(archived));
        }
        let Some(after) = retention.reporters else { return };
        for person in who_only_reported(&all, after, now) {
            if let Err(refusal) = self.desk.forget(person, Actor::Watchpost, None).await {
                tracing::warn!(code = refusal.code(), "somebody who reported long ago was not forgotten");
            }
        }
    }

    async fn everything(&self) -> Result<Vec<Incident>, StoreError> {
        let mut all = Vec::new();
        for head in self.desk.store().heads().await? {
            all.push(Incident::from_events(head.id, &self.desk.all_events(head.id).await?));
        }
        Ok(all)
    }

    /// Writes one, where it is not there already.
    async fn archive(&self, folder: &Path, incident: &Incident) -> io::Result<()> {
        let missing = |format: &Format| !folder.join(format!("{}.{format}", incident.id)).exists();
        let formats: Vec<Format> = [Format::Html, Format::Json].into_iter().filter(missing).collect();
        if formats.is_empty() {
            return Ok(());
        }
        let events = self.desk.all_events(incident.id).await.map_err(io::Error::other)?;
        let around = self.desk.around(incident).await.map_err(io::Error::other)?;
        let zone = self.desk.policy().review.zone;
        let (folder, incident) = (folder.to_owned(), incident.clone());
        let written = tokio::task::spawn_blocking(move || {
            let story = Story {
                incident: &incident,
                events: &events,
                zone,
                around: &around,
                readers: Readers::Inside,
            };
            std::fs::create_dir_all(&folder)?;
            formats.into_iter().try_for_each(|format| write(&folder, format, &story))
        });
        written.await.map_err(io::Error::other)?
    }
}

/// Beside its place first.
fn write(folder: &Path, format: Format, story: &Story<'_>) -> io::Result<()> {
    let place = folder.join(format!("{}.{format}", story.incident.id));
    let beside = folder.join(format!("{}.{format}.new", story.incident.id));
    std::fs::write(&beside, format.write(story))?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &place)
}

fn over_for(incident: &Incident, length: Duration, now: UtcMs) -> bool {
    incident.resolved_at.is_some_and(|at| at + length <= now)
}

/// Those who reported in incidents that are long over, and are in no other record.
fn who_only_reported(all: &[Incident], after: Duration, now: UtcMs) -> BTreeSet<PersonId> {
    let reporters = |incident: &Incident| {
        incident.reports.iter().map(|report| report.by.id).filter(|id| id.0 != 0).collect::<BTreeSet<_>>()
    };
    let mut long_ago: BTreeSet<PersonId> = BTreeSet::new();
    let mut kept: BTreeSet<PersonId> = BTreeSet::new();
    for incident in all {
        if over_for(incident, after, now) {
            long_ago.extend(reporters(incident));
        } else {
            kept.extend(reporters(incident));
        }
        kept.extend(incident.people.iter().map(|person| person.id));
    }
    long_ago.difference(&kept).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IncidentId;
    use crate::person::Person;
    use crate::report::{Report, Symptom};

    fn incident(id: u64, over: Option<i64>, reporters: &[u64], people: &[u64]) -> Incident {
        let person = |id: &u64| Person { id: PersonId(*id), name: format!("p{id}") };
        let report = |id: &u64| Report {
            by: person(id),
            at: UtcMs(0),
            symptom: Symptom::CannotSend,
            client: None,
            site: None,
            domain: None,
            service: None,
            text: None,
            people: 1,
        };
        let mut incident = Incident::unborn(IncidentId(id));
        incident.resolved_at = over.map(UtcMs);
        incident.reports = reporters.iter().map(report).collect();
        incident.people = people.iter().map(person).collect();
        incident
    }

    #[test]
    fn only_who_is_in_nothing_else_is_forgotten() {
        let all = [
            // 0 was forgotten already; 3 works on another; 4 reports in one that is not over; 5 in one that is young.
            incident(1, Some(1_000), &[0, 1, 3, 4, 5], &[2]),
            incident(2, Some(2_000), &[2], &[3]),
            incident(3, None, &[4], &[]),
            incident(4, Some(90_000), &[5], &[]),
        ];
        let gone = who_only_reported(&all, Duration::from_secs(60), UtcMs(100_000));
        assert_eq!(gone, [PersonId(1)].into());
    }
}
