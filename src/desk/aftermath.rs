//! What comes after the end: questions, the meeting's page, reminders of follow-ups.
//!
//! 1. [`timers`] says when the next of them is due, after every event.
//! 2. [`items`] says what must leave because of an event.
//! 3. [`Desk::carry_out_aftermath`] is called when one has come due. The page is made from the whole story, so it is made
//!    here and leaves with the commit that records it.

use std::time::Duration;

use watchpost_texts::say;

use crate::button::{Action, ButtonId, ReviewStep};
use crate::clock::UtcMs;
use crate::desk::{Ask, Desk, overdue};
use crate::ids::{GuildId, IncidentId};
use crate::incident::Incident;
use crate::incident::decide::Request;
use crate::incident::event::{Event, Origin, Recorded};
use crate::incident::follow_up::{self, FollowUp, FollowUpEvent, FollowUpRequest};
use crate::incident::review::{self, ReviewEvent, ReviewRequest};
use crate::lookback;
use crate::monitor::samples;
use crate::outbox::{Button, Item, ItemKey, Message, Place, Post, Purpose, Weight};
use crate::person::Actor;
use crate::policy::Policy;
use crate::review::around::Like;
use crate::review::{Around, Readers, Story, chat, hole, page};
use crate::store::{Commit, StoreError, TimerKey};

/// From the declaration to what was like it: by then the first check has named a cause.
const SIMILAR_AFTER: Duration = Duration::from_secs(90);

/// How much before the beginning and after the end of an incident is shown of what was measured.
const AROUND: Duration = Duration::from_secs(2 * 3_600);

/// When the review and the follow-ups next need something done.
pub(super) fn timers(
    before: &Incident,
    after: &Incident,
    policy: &Policy,
    now: UtcMs,
) -> Vec<(TimerKey, Option<UtcMs>)> {
    let due = |incident| (review::next_due(incident, &policy.review), follow_up::next_reminder(incident));
    let ((old_review, old_reminder), (new_review, new_reminder)) = (due(before), due(after));
    let mut timers = Vec::new();
    if old_review != new_review {
        timers.push((TimerKey::Review(after.id), new_review));
    }
    if before.home.thread.is_none() && after.home.thread.is_some() && !after.drill {
        timers.push((TimerKey::Similar(after.id), Some(after.declared_at + SIMILAR_AFTER)));
    }
    if overdue::has_dates(after) && !overdue::has_dates(before) {
        timers.push((overdue::key(), overdue::next(now, policy.review.zone)));
    }
    if old_reminder != new_reminder {
        timers.push((TimerKey::FollowUps(after.id), new_reminder));
    }
    timers
}

/// What must leave because of an event.
pub(super) fn items(incident: &Incident, recorded: &Recorded, now: UtcMs) -> Option<Item> {
    let message = match &recorded.new.event {
        Event::Review(ReviewEvent::Asked { questions, .. }) => questions_message(incident, questions),
        Event::FollowUp(FollowUpEvent::Reminded { number }) => {
            let follow_up = incident.follow_ups.iter().find(|one| one.number == *number)?;
            reminder(incident, follow_up, now)
        }
        Event::Review(ReviewEvent::Moved { .. } | ReviewEvent::MeetingSet { .. }) => {
            Message { silent: true, ..Message::text(crate::timeline::sentence(&recorded.new)) }
        }
        _ => return None,
    };
    notice(incident, format!("aftermath/{}", recorded.version), message, now)
}

fn notice(incident: &Incident, name: String, message: Message, now: UtcMs) -> Option<Item> {
    let key = format!("{}/{name}", incident.id);
    Some(Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: Some(incident.id),
        purpose: Purpose::Notice,
        place: Place::Channel(incident.home.thread?),
        post: Post::New,
        message,
        due: now,
    })
}

fn questions_message(incident: &Incident, questions: &[String]) -> Message {
    let people = &incident.review.asked;
    let called: Vec<String> = people.iter().map(|person| format!("<@{}>", person.id)).collect();
    let listed: Vec<String> =
        (1..).zip(questions).map(|(number, text): (u32, _)| say!("{number}. {text}")).collect();
    let text = say!(
        "{}: three questions about {}, two minutes. Nobody reads the answers of the others until all have answered.\n{}",
        called.join(" "),
        incident.id,
        listed.join("\n")
    );
    Message {
        buttons: vec![vec![button(incident.id, ReviewStep::Answer, None, Weight::Primary)]],
        pings_people: people.iter().map(|person| person.id).collect(),
        ..Message::text(text)
    }
}

/// To the owner; after two reminders, or where there is none, to the lead.
fn reminder(incident: &Incident, follow_up: &FollowUp, now: UtcMs) -> Message {
    let owner = follow_up.said.owner.as_ref().filter(|_| !follow_up.is_with_the_lead());
    let whom = owner.or(incident.lead.as_ref());
    let called = whom.map(|person| format!("<@{}> ", person.id)).unwrap_or_default();
    let due = follow_up.said.due.unwrap_or(now);
    let when = if due > now { say!("is due") } else { say!("was due") };
    let proof = match follow_up.said.shown_by.as_str() {
        "" => String::new(),
        proof => say!(" It works when: {proof}."),
    };
    let text = say!(
        "{called}Follow-up {} of {} {when} <t:{}:R>: {}.{proof}",
        follow_up.number,
        incident.id,
        due.seconds(),
        follow_up.said.text.trim_end_matches('.')
    );
    let number = Some(follow_up.number);
    let buttons = vec![vec![
        button(incident.id, ReviewStep::Done, number, Weight::Primary),
        button(incident.id, ReviewStep::FollowUp, number, Weight::Secondary),
        button(incident.id, ReviewStep::Drop, number, Weight::Secondary),
    ]];
    Message { buttons, pings_people: whom.iter().map(|person| person.id).collect(), ..Message::text(text) }
}

/// Earlier incidents that are like this one, with what fixed them.
fn similar_message(like: &[Like]) -> Option<Message> {
    let line = |like: &Like| {
        let because = like.because.join(", ");
        say!(
            "• {} (<t:{}:d>): {}. Same: {because}. {}",
            like.id,
            like.began.seconds(),
            like.title,
            like.fixed_by
        )
    };
    let lines: Vec<String> = like.iter().map(line).collect();
    (!lines.is_empty())
        .then(|| Message { silent: true, ..Message::text(say!("Seen before:\n{}", lines.join("\n"))) })
}

/// A button of the review.
pub fn button(incident: IncidentId, step: ReviewStep, number: Option<u64>, weight: Weight) -> Button {
    let action = Action::Review(step);
    let label = match (step, number) {
        (ReviewStep::FollowUp, Some(_)) => say!("Change it"),
        _ => action.label(),
    };
    Button {
        label: label.to_owned(),
        action: ButtonId { action, incident, repair: number }.to_string(),
        weight,
    }
}

impl Desk {
    /// What is known around an incident.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn around(&self, incident: &Incident) -> Result<Around, StoreError> {
        let policy = self.policy();
        let mut past = self.past(incident.guild).await?;
        // What few people may see is told to nobody else by the way.
        past.retain(|other| other.inside.is_none());
        let chain = self.store().chain_head().await.ok();
        let (similar, delivery) = (lookback::similar(incident, &past), self.delivery(incident).await);
        let around = Around { similar, chain, delivery, ..Around::of(&policy) };
        Ok(around.with_book(&self.book(), incident))
    }

    /// How long mail took around an incident, as it was measured; where nothing is kept so finely any more, by the hour.
    async fn delivery(&self, incident: &Incident) -> Vec<(UtcMs, Option<u64>)> {
        let (Some(history), Some(service)) = (self.measured.get().cloned(), incident.service.clone()) else {
            return Vec::new();
        };
        let (from, to) =
            (incident.began() - AROUND, incident.resolved_at.unwrap_or(self.clock().now()) + AROUND);
        let read =
            tokio::task::spawn_blocking(move || samples::delivery_between(&history, &service, from, to));
        read.await.unwrap_or_default()
    }

    /// The incidents of a server, newest first, as many as are looked through.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn past(&self, guild: GuildId) -> Result<Vec<Incident>, StoreError> {
        let mut past = Vec::new();
        let heads = self.store().heads().await?.into_iter().filter(|head| head.guild == guild);
        for head in heads.take(lookback::MOST) {
            past.push(match self.incident(head.id) {
                Some(incident) => Incident::clone(&incident),
                None => Incident::from_events(head.id, &self.all_events(head.id).await?),
            });
        }
        Ok(past)
    }

    /// A while after an incident got its home: what was like it, where there was anything. Nothing of it is recorded.
    pub(super) async fn show_similar(&self, id: IncidentId) -> Result<(), StoreError> {
        let timer = TimerKey::Similar(id);
        let now = self.clock().now();
        let mut enqueue = Vec::new();
        if let Some(incident) = self.incident(id) {
            let like = self.around(&incident).await?.similar;
            enqueue.extend(
                similar_message(&like)
                    .and_then(|message| notice(&incident, "similar".to_owned(), message, now)),
            );
        }
        let commit = Commit { recorded_at: now, enqueue, timers: vec![(timer, None)], ..Commit::default() };
        self.store().commit(commit).await.map(|_| ())
    }

    /// Something of what comes after the end has come due; whether anything was done.
    pub(super) async fn carry_out_aftermath(&self, timer: &TimerKey) -> Result<bool, StoreError> {
        let (TimerKey::Review(id) | TimerKey::FollowUps(id)) = timer else { return Ok(false) };
        // It is over, so after a restart it is not in memory.
        let incident = match self.incident(*id) {
            Some(incident) => incident,
            None => self.load(*id).await?,
        };
        let (request, extra) = match timer {
            TimerKey::FollowUps(_) => (Request::FollowUp(FollowUpRequest::Due), Vec::new()),
            _ => self.review_request(&incident).await?,
        };
        let ask = Ask {
            guild: incident.guild,
            actor: Actor::Watchpost,
            origin: Origin::Timer,
            once: None,
            incident: Some(*id),
            request,
        };
        match self.ask_with(ask, extra).await {
            Ok(outcome) => Ok(!outcome.events.is_empty()),
            Err(refusal) => {
                tracing::warn!(%id, code = refusal.code(), "what was due after the end was not carried out");
                Ok(true)
            }
        }
    }

    /// The questions, or the page.
    async fn review_request(&self, incident: &Incident) -> Result<(Request, Vec<Item>), StoreError> {
        let policy = self.policy();
        let now = self.clock().now();
        let events = self.all_events(incident.id).await?;
        let around = self.around(incident).await?;
        let story = Story {
            incident,
            events: &events,
            zone: policy.review.zone,
            around: &around,
            readers: Readers::Inside,
        };
        let page_due = review::page_due(incident).is_some_and(|at| at <= now);
        if page_due {
            let mut message = chat::page(&story);
            message.text = say!(
                "The review of {} is <t:{}:R>. This is its page; the questions that are open stand in it.",
                incident.id,
                incident.review.meeting.unwrap_or(now).seconds()
            );
            let item = notice(incident, format!("page/{}", incident.version), message, now);
            return Ok((Request::Review(ReviewRequest::SendPage), item.into_iter().collect()));
        }
        let hole = hole::holes(&story).first().map(|hole| page::say_hole(*hole, &story));
        Ok((Request::Review(ReviewRequest::Ask { questions: review::questions(hole) }), Vec::new()))
    }
}
