//! Step 6: the review, as far as it is part of the incident.
//!
//! 1. Some hours after the end, those who took part are asked three short questions.
//! 2. Nobody reads the answers of the others until all have answered, or the review begins: so nobody is led.
//! 3. A meeting has a date by the rule of severity; its page goes out the day before.
//! 4. Draft, in review, reviewed: who may say "reviewed" is configured.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::decide::{Context, Decided, ENTRY_LIMIT, line};
use super::event::Event;
use super::{Incident, Phase, Severity};
use crate::clock::UtcMs;
use crate::person::{Actor, Person, Personal};
use crate::policy::ReviewPolicy;
use crate::refusal::Refusal;

/// From the meeting back to its page.
const PAGE_BEFORE: Duration = Duration::from_secs(24 * 3_600);

/// How far the review is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It is being gathered.
    #[default]
    Draft,
    /// It is being talked about.
    InReview,
    /// It is agreed.
    Reviewed,
}

impl ReviewState {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            ReviewState::Draft => "draft",
            ReviewState::InReview => say!("in review"),
            ReviewState::Reviewed => "reviewed",
        }
    }
}

/// What only people know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What it was, in a few sentences.
    Summary,
    /// How many people and mails.
    Impact,
    /// How it came about.
    LeadUp,
    /// Why: factors, five whys, the root cause or "undetermined".
    Factors,
    /// Where else the same fault waits.
    Elsewhere,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 5] = [Part::Summary, Part::Impact, Part::LeadUp, Part::Factors, Part::Elsewhere];

    /// What stands over it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Summary => "Summary",
            Part::Impact => say!("Impact in numbers"),
            Part::LeadUp => "Lead-up",
            Part::Factors => say!("Why it happened"),
            Part::Elsewhere => say!("Where else the same fault waits"),
        }
    }
}

/// What can happen to a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ReviewEvent {
    /// The three questions were put.
    Asked {
        /// To whom.
        people: Vec<Person>,
        /// Which.
        questions: Vec<String>,
    },
    /// Somebody has answered; a second time replaces the first.
    Answered {
        /// In the order of the questions.
        answers: Vec<Personal>,
    },
    /// Somebody wrote what only people know.
    Wrote {
        /// Which part.
        part: Part,
        /// What.
        text: String,
    },
    /// It goes on, or back.
    Moved {
        /// Where to.
        to: ReviewState,
    },
    /// The meeting has a date.
    MeetingSet {
        /// When.
        at: UtcMs,
    },
    /// The meeting stands in the chat's calendar.
    MeetingPlaced {
        /// Number of the entry there.
        event: String,
    },
    /// The page went out before the meeting.
    PageSent,
}

/// What one person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub by: Person,
    /// In the order of the questions.
    pub answers: Vec<String>,
}

/// A review as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// How far it is.
    pub state: ReviewState,
    /// Who said so, and when.
    pub moved: Option<(Actor, UtcMs)>,
    /// Who was asked.
    pub asked: Vec<Person>,
    /// What was asked.
    pub questions: Vec<String>,
    /// Who answered.
    pub answers: Vec<Answer>,
    /// What only people know.
    pub parts: Vec<(Part, String)>,
    /// When the meeting is.
    pub meeting: Option<UtcMs>,
    /// Number of its entry in the chat's calendar.
    pub placed: Option<String>,
    /// Whether its page went out.
    pub page_sent: bool,
}

/// What somebody, or a timer, wants of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewRequest {
    /// The questions have come due.
    Ask {
        /// Which.
        questions: Vec<String>,
    },
    /// To answer.
    Answer {
        /// In the order of the questions.
        answers: Vec<String>,
    },
    /// To write what only people know.
    Write {
        /// Which part.
        part: Part,
        /// What.
        text: String,
    },
    /// To go on, or back.
    Move {
        /// Where to.
        to: ReviewState,
    },
    /// To give the meeting a date.
    SetMeeting {
        /// When.
        at: UtcMs,
    },
    /// The chat's calendar has it.
    Placed {
        /// Number of the entry there.
        event: String,
    },
    /// The page has come due and goes out with this.
    SendPage,
}

impl Review {
    /// Whether the answers may be read: all have answered, or the review has begun.
    pub fn is_open_to_read(&self) -> bool {
        self.state != ReviewState::Draft || (!self.answers.is_empty() && self.waits_for().is_empty())
    }

    /// Who has not answered yet.
    pub fn waits_for(&self) -> Vec<&Person> {
        self.asked
            .iter()
            .filter(|person| !self.answers.iter().any(|answer| answer.by.id == person.id))
            .collect()
    }

    /// What was written of a part.
    pub fn part(&self, part: Part) -> Option<&str> {
        self.parts.iter().rev().find(|(written, _)| *written == part).map(|(_, text)| text.as_str())
    }
}

/// Who took part: everybody who did something in it, in the order in which they came.
pub fn took_part(incident: &Incident) -> Vec<Person> {
    incident.people.clone()
}

/// When the review next needs something done; none where it needs nothing.
pub fn next_due(incident: &Incident, policy: &ReviewPolicy) -> Option<UtcMs> {
    let resolved = incident.resolved_at.filter(|_| !incident.drill)?;
    let review = &incident.review;
    let ask = (review.asked.is_empty() && review.state == ReviewState::Draft && !incident.people.is_empty())
        .then(|| policy.ask_after(resolved));
    ask.into_iter().chain(page_due(incident)).min()
}

/// When the page goes out; none where it has, or where there is no meeting.
pub fn page_due(incident: &Incident) -> Option<UtcMs> {
    let review = &incident.review;
    review.meeting.filter(|_| !review.page_sent).map(|meeting| meeting - PAGE_BEFORE)
}

/// The review after one more event.
pub(super) fn apply(incident: &mut Incident, event: &ReviewEvent, actor: &Actor, at: UtcMs) {
    let review = &mut incident.review;
    match event {
        ReviewEvent::Asked { people, questions } => {
            review.asked.clone_from(people);
            review.questions.clone_from(questions);
        }
        ReviewEvent::Answered { answers } => {
            let Some(by) = actor.person() else { return };
            review.answers.retain(|answer| answer.by.id != by.id);
            let answers = answers.iter().map(|answer| answer.text.clone()).collect();
            review.answers.push(Answer { by: by.clone(), answers });
        }
        ReviewEvent::Wrote { part, text } => {
            review.parts.retain(|(written, _)| written != part);
            review.parts.push((*part, text.clone()));
        }
        ReviewEvent::Moved { to } => {
            review.state = *to;
            review.moved = Some((actor.clone(), at));
            incident.phase = if *to == ReviewState::Reviewed { Phase::Reviewed } else { Phase::Resolved };
        }
        ReviewEvent::MeetingSet { at } => {
            review.meeting = Some(*at);
            review.placed = None;
            review.page_sent = false;
        }
        ReviewEvent::MeetingPlaced { event } => review.placed = Some(event.clone()),
        ReviewEvent::PageSent => review.page_sent = true,
    }
}

/// What follows from a request.
pub(super) fn decide(
    incident: &Incident,
    request: ReviewRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let review = &incident.review;
    let event = match request {
        ReviewRequest::Ask { questions } => {
            if !review.asked.is_empty() || incident.phase.is_open() || incident.drill {
                return Ok(Vec::new());
            }
            ReviewEvent::Asked { people: took_part(incident), questions }
        }
        ReviewRequest::Answer { answers } => answer(incident, answers, context)?,
        ReviewRequest::Write { part, text } => ReviewEvent::Wrote { part, text: line(&text, ENTRY_LIMIT)? },
        ReviewRequest::Move { to } => {
            over(incident)?;
            if review.state == to {
                return Err(Refusal::NothingNew(say!("the review is {} already", to.name())));
            }
            ReviewEvent::Moved { to }
        }
        ReviewRequest::SetMeeting { at } => {
            if at <= context.now {
                return Err(Refusal::WrongTime(say!("is over already").to_owned()));
            }
            ReviewEvent::MeetingSet { at }
        }
        ReviewRequest::Placed { event } => ReviewEvent::MeetingPlaced { event },
        ReviewRequest::SendPage => {
            if review.page_sent {
                return Ok(Vec::new());
            }
            ReviewEvent::PageSent
        }
    };
    Ok(vec![Decided::now(context, Event::Review(event))])
}

fn over(incident: &Incident) -> Result<(), Refusal> {
    if incident.phase.is_open() {
        return Err(Refusal::NothingNew(say!(
            "{} is still {}; it is reviewed when it is over",
            incident.id,
            incident.phase
        )));
    }
    Ok(())
}

fn answer(incident: &Incident, answers: Vec<String>, context: &Context<'_>) -> Result<ReviewEvent, Refusal> {
    let Some(by) = context.actor.person() else {
        return Err(Refusal::NothingNew(say!("only people can answer").to_owned()));
    };
    if incident.review.state == ReviewState::Reviewed {
        return Err(Refusal::NothingNew(say!("the review is over; write to its owner").to_owned()));
    }
    if answers.iter().all(|answer| answer.trim().is_empty()) {
        return Err(Refusal::EmptyText);
    }
    let checked = answers.into_iter().map(|answer| match answer.trim() {
        "" => Ok(String::new()),
        text => line(text, ENTRY_LIMIT),
    });
    let texts: Vec<String> = checked.collect::<Result<_, _>>()?;
    let answers = texts.into_iter().map(|text| Personal { of: by.id, text }).collect();
    Ok(ReviewEvent::Answered { answers })
}

/// The three questions: the first hole in the record, where there is one, comes first.
pub fn questions(hole: Option<String>) -> Vec<String> {
    let first = hole.unwrap_or_else(|| say!("What surprised you, and what did you believe then?").to_owned());
    vec![
        first,
        say!("What helped, what hurt, where were we lucky?").to_owned(),
        say!("What shall change, and how will one see that it works?").to_owned(),
    ]
}

/// The severities that a review is held for by rule.
pub fn is_due(severity: Severity) -> bool {
    matches!(severity, Severity::Sev1 | Severity::Sev2)
}

/// What happened, in words. An answer is not repeated: it is hidden until all have answered.
pub(crate) fn sentence(who: &Actor, event: &ReviewEvent) -> String {
    match event {
        ReviewEvent::Asked { people, .. } => {
            let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
            say!("Three questions were put to {}.", names.join(", "))
        }
        ReviewEvent::Answered { .. } => say!("{who} answered the three questions."),
        ReviewEvent::Wrote { part, text } => say!("{who} wrote “{}”: {text}", part.name()),
        ReviewEvent::Moved { to } => say!("{who} says that the review is: {}.", to.name()),
        ReviewEvent::MeetingSet { at } => say!("{who} set the review meeting to <t:{}:f>.", at.seconds()),
        ReviewEvent::MeetingPlaced { .. } => say!("The review meeting stands in the calendar.").to_owned(),
        ReviewEvent::PageSent => say!("The page for the review meeting went out.").to_owned(),
    }
}
