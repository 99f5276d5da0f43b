//! The buttons of the review, in one list of their own.

use watchpost_texts::say;

use crate::capability::Capability;

/// What a click does for the review. The number in a button's id is that of a follow-up, where it is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewStep {
    /// Show the page.
    Show,
    /// Open the form with the three questions.
    Answer,
    /// Open the form for what only people know.
    Write,
    /// Begin the review.
    Begin,
    /// Say that it is agreed.
    Publish,
    /// Open the form for the meeting.
    Meeting,
    /// Put the meeting into the chat's calendar.
    Calendar,
    /// Open the form for a follow-up.
    FollowUp,
    /// Choose who does it.
    Owner,
    /// Open the form that says how one saw that it worked.
    Done,
    /// Open the form that says why it will not be done.
    Drop,
    /// Open the form that puts an entry right.
    Amend,
    /// Open the form that puts a milestone right.
    Milestone,
    /// Show one entry, with what was believed and seen then; the list to choose from carries its number.
    Entry,
    /// Open the form that puts this entry right. The number is that of the entry.
    AmendOne,
    /// Show the procedure, and what was proposed.
    Procedure,
    /// Open the form that proposes a change of it.
    Propose,
    /// Accept a proposal. The number is that of the proposal.
    Accept,
    /// Open the form that says why a proposal is not accepted.
    NotAccept,
}

impl ReviewStep {
    /// All of them.
    pub const ALL: [ReviewStep; 19] = [
        ReviewStep::Show,
        ReviewStep::Answer,
        ReviewStep::Write,
        ReviewStep::Begin,
        ReviewStep::Publish,
        ReviewStep::Meeting,
        ReviewStep::Calendar,
        ReviewStep::FollowUp,
        ReviewStep::Owner,
        ReviewStep::Done,
        ReviewStep::Drop,
        ReviewStep::Amend,
        ReviewStep::Milestone,
        ReviewStep::Entry,
        ReviewStep::AmendOne,
        ReviewStep::Procedure,
        ReviewStep::Propose,
        ReviewStep::Accept,
        ReviewStep::NotAccept,
    ];

    /// Its name in the id, what stands on it, and what the person who clicks must be allowed to do.
    pub(super) fn row(self) -> (&'static str, &'static str, Capability) {
        match self {
            ReviewStep::Show => ("review", "Review", Capability::Read),
            ReviewStep::Answer => ("answer", "Answer", Capability::Respond),
            ReviewStep::Write => ("write", say!("Write what only people know"), Capability::Respond),
            ReviewStep::Begin => ("begin", say!("Begin the review"), Capability::Lead),
            ReviewStep::Publish => ("publish", "Publish", Capability::Publish),
            ReviewStep::Meeting => ("meeting", "Meeting", Capability::Lead),
            ReviewStep::Calendar => ("calendar", say!("Put it into the calendar"), Capability::Lead),
            ReviewStep::FollowUp => ("followup", "Follow-up", Capability::Respond),
            ReviewStep::Owner => ("owner", say!("Who does it"), Capability::Respond),
            ReviewStep::Done => ("followed", say!("It is done"), Capability::Respond),
            ReviewStep::Drop => ("dropped", say!("Give it up"), Capability::Respond),
            ReviewStep::Amend => ("amend", say!("Correct an entry"), Capability::Respond),
            ReviewStep::Milestone => ("milestone", "Correct a milestone", Capability::Respond),
            ReviewStep::Entry => ("entry", say!("Look at an entry"), Capability::Read),
            ReviewStep::AmendOne => ("amendone", say!("Correct this entry"), Capability::Respond),
            ReviewStep::Procedure => ("procedure", say!("Change the procedure"), Capability::Respond),
            ReviewStep::Propose => ("propose", "Propose a change", Capability::Respond),
            ReviewStep::Accept => ("accept", "Accept", Capability::Lead),
            ReviewStep::NotAccept => ("notaccept", say!("Do not accept"), Capability::Lead),
        }
    }
}
