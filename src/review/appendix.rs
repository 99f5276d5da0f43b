//! The 19 sections behind the page, filled by the machine where it can.

mod course;
mod people;
mod shown;
mod told;

use super::Story;
use super::document::Document;

/// What writes one section.
type Section = fn(&mut Document, &Story<'_>);

/// Adds all of them.
pub fn add(document: &mut Document, story: &Story<'_>) {
    let sections: [(&str, Section); 19] = [
        ("Identity and status", people::identity),
        ("Summary", people::summary),
        ("Impact", people::impact),
        ("Clocks", course::clocks),
        ("Lead-up, warnings and recent changes", course::lead_up),
        ("Detection, and who was called", course::detection),
        ("Checks done", course::checks),
        ("Suspects ruled out", course::ruled_out),
        ("What was tried", course::tried),
        ("Proof", course::proof),
        ("Why it happened", people::factors),
        ("What helped, what hurt, luck and surprises", people::answers),
        ("Communications log", told::log),
        ("Promises kept", told::promises),
        ("Recurrence, and where else it waits", people::recurrence),
        ("Follow-ups", people::follow_ups),
        ("Changes to the procedure", people::procedure),
        ("Messages to staff and partners", told::messages),
        ("Timeline", course::timeline),
    ];
    for (number, (name, fill)) in (1..).zip(sections) {
        document.heading(format!("{number}. {name}"));
        fill(document, story);
    }
}
