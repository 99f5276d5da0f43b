//! The page as a message of the chat: the picture, a block, and the likely next steps.

use watchpost_texts::say;

use super::document::{Block, one_page};
use super::{Readers, Story, glance};
use crate::button::ReviewStep;
use crate::desk::button;
use crate::incident::review::ReviewState;
use crate::outbox::{self, Button, Field, Message, Tone, Weight};
use crate::picture::Picture;

/// Longest value of a field: what Discord shows of one (1,024), less what markup may add.
const FIELD: usize = 900;

/// The page.
pub fn page(story: &Story<'_>) -> Message {
    let document = one_page(story);
    let mut text = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    for block in document.blocks {
        match block {
            Block::Heading(_, name) => fields.push(Field { name, value: String::new(), short: false }),
            Block::Text(said) => add(&mut fields, &mut text, said),
            Block::List(list) => {
                list.into_iter().for_each(|said| add(&mut fields, &mut text, format!("• {said}")));
            }
            Block::Table { rows, .. } => {
                rows.into_iter().for_each(|row| add(&mut fields, &mut text, row.join(": ")));
            }
            Block::Picture(_) | Block::NewPage => {}
        }
    }
    let block = outbox::Block {
        title: document.title,
        text: text.join("\n"),
        fields,
        footer: say!("All of it, with the 19 sections: /timeline format: HTML file").to_owned(),
        tone: Tone::Plain,
    };
    let picture = Picture::of(&format!("{}-at-a-glance", story.incident.id), &glance::picture(story));
    Message { block: Some(block), pictures: vec![picture], buttons: buttons(story), ..Message::default() }
}

fn add(fields: &mut [Field], text: &mut Vec<String>, said: String) {
    match fields.last_mut() {
        None => text.push(said),
        Some(field) if field.value.is_empty() => field.value = short(said),
        Some(field) if field.value.len() + said.len() < FIELD => {
            field.value.push('\n');
            field.value.push_str(&said);
        }
        Some(field) if !field.value.ends_with('…') => field.value.push_str("\n…"),
        Some(_) => {}
    }
}

fn short(said: String) -> String {
    match said.char_indices().nth(FIELD) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said,
    }
}

fn buttons(story: &Story<'_>) -> Vec<Vec<Button>> {
    let incident = story.incident;
    if story.readers == Readers::Outside {
        return Vec::new();
    }
    let one = |step, weight| button(incident.id, step, None, weight);
    let mut first = Vec::new();
    match incident.review.state {
        ReviewState::Draft => first.push(one(ReviewStep::Begin, Weight::Primary)),
        ReviewState::InReview => first.push(one(ReviewStep::Publish, Weight::Primary)),
        ReviewState::Reviewed => {}
    }
    if !incident.review.questions.is_empty() && incident.review.state != ReviewState::Reviewed {
        first.push(one(ReviewStep::Answer, Weight::Secondary));
    }
    first.push(one(ReviewStep::Write, Weight::Secondary));
    first.push(one(ReviewStep::FollowUp, Weight::Secondary));
    let second = [ReviewStep::Meeting, ReviewStep::Amend, ReviewStep::Milestone];
    let mut rows = vec![first, second.map(|step| one(step, Weight::Secondary)).to_vec()];
    if incident.review.meeting.is_some() && incident.review.placed.is_none() {
        rows[1].push(one(ReviewStep::Calendar, Weight::Secondary));
    }
    rows.push(vec![one(ReviewStep::Procedure, Weight::Secondary)]);
    rows
}
