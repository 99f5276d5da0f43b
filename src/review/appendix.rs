//! The 19 sections behind the page, filled by the machine where it can.

mod course;
mod people;
mod shown;
mod told;

use watchpost_texts::say;

use super::Story;
use super::document::Document;

/// What writes one section.
type Section = fn(&mut Document, &Story<'_>);

/// Adds all of them.
pub fn add(document: &mut Document, story: &Story<'_>) {
    let sections: [(&str, Section); 19] = [
        (say!("Identity and status"), people::identity),
        ("Summary", people::summary),
        ("Impact", people::impact),
        ("Clocks", course::clocks),
        (say!("Lead-up, warnings and recent changes"), course::lead_up),
        (say!("Detection, and who was called"), course::detection),
        (say!("Checks done"), course::checks),
        (say!("Suspects ruled out"), course::ruled_out),
        (say!("What was tried"), course::tried),
        ("Proof", course::proof),
        (say!("Why it happened"), people::factors),
        (say!("What helped, what hurt, luck and surprises"), people::answers),
        (say!("Communications log"), told::log),
        (say!("Promises kept"), told::promises),
        (say!("Recurrence, and where else it waits"), people::recurrence),
        ("Follow-ups", people::follow_ups),
        (say!("Changes to the procedure"), people::procedure),
        (say!("Messages to staff and partners"), told::messages),
        ("Timeline", course::timeline),
    ];
    for (number, (name, fill)) in (1..).zip(sections) {
        document.heading(say!("{number}. {name}"));
        fill(document, story);
    }
}
