//! What a button does, as it stands in its id: `wp1:<action>:<incident>`, or `wp1:<action>:<incident>:<number>` where
//! it is about one repair of the incident.
//!
//! The id carries action, incident and schema version and no state, so that an old card still works after an
//! upgrade and a restart. It is not a permission: who clicks is asked again, with the same table as the commands.

mod id;
mod review;
mod text;

use watchpost_texts::say;

use crate::capability::Capability;
use crate::incident::{Phase, Severity};
pub use id::{ButtonId, NotAButton};
pub use review::ReviewStep;
pub use text::Text;

/// What a click does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Take the lead.
    Acknowledge,
    /// Check the service again.
    Check,
    /// Open the form that tells stakeholders.
    Tell,
    /// Open the form that writes something down.
    Log,
    /// Open the form that closes it.
    Resolve,
    /// Open the form that opens it again.
    Reopen,
    /// Show the timeline.
    Timeline,
    /// Agree to what somebody else wants to do.
    Approve,
    /// Begin a repair.
    Start,
    /// A repair is done: the proof begins.
    Done,
    /// A repair did not help.
    Failed,
    /// A repair was undone.
    RollBack,
    /// Show the component checklist.
    Checklist,
    /// Show one line of it; the list to choose from carries the line.
    Line,
    /// Look at a component.
    Look,
    /// Open the form that says what is wrong with a component.
    LineFinding,
    /// Open the form that rules a component out.
    LineRuledOut,
    /// A component is open again.
    LineOpen,
    /// An entry may be the cause.
    Suspect,
    /// An entry is the cause.
    Confirm,
    /// An entry was not the cause.
    RuleOut,
    /// Open the form that says when an entry happened.
    OtherTime,
    /// Show the list of incidents that it may belong to.
    Link,
    /// One of them was chosen.
    LinkTo,
    /// It has to do with another incident.
    LinkWith,
    /// It is the same as another incident.
    DuplicateOf,
    /// Open the earlier incident of the same cause again, and go on there.
    ReopenEarlier,
    /// Write the updates from now on.
    Communications,
    /// Open the form that restricts it to few people.
    Restrict,
    /// Let somebody else see it.
    LetIn,
    /// Open the form that lets everybody see it again.
    Unrestrict,
    /// Show who outside can help.
    Contacts,
    /// Show what was changed around the start.
    Changes,
    /// Open the form that corrects what was published.
    Correct,
    /// Open the form that changes what will be done.
    ChangeAction,
    /// Open the form that says why a second person does not agree.
    RefuseAction,
    /// Nobody knows any more when it will be over.
    EtaUnknown,
    /// Open the form that says when it will be over.
    EtaNew,
    /// Declare an incident that reports propose.
    DeclareProposed,
    /// What reports propose is no incident.
    DismissProposed,
    /// Show what else can be changed.
    More,
    /// Give the lead to somebody else.
    HandOver,
    /// Say that one is there, after a call for help.
    Coming,
    /// Open the form that calls the next responder.
    Call,
    /// Destroy what was stored under a person's name; the number behind the incident's place is the person's.
    Forget,
    /// Make an incident of an alarm, and lead it. The number is that of the alarm.
    TakeAlarm,
    /// Open the form that says why an alarm is no incident.
    NoIncident,
    /// Open the form that makes maintenance of an alarm.
    Maintain,
    /// See to a warning. The number is that of the warning.
    TakeWarning,
    /// Open the form that silences a warning.
    SilenceWarning,
    /// Open the form that extends a window. The number is that of the window.
    ExtendWindow,
    /// End a window.
    EndWindow,
    /// Open the form that judges anew how bad it is.
    Severity(Severity),
    /// Open the form that says where the procedure is.
    Phase(Phase),
    /// Prove that mail works.
    Prove,
    /// Say that one has seen something work.
    Tick,
    /// Open the form that closes it without proof.
    CloseAnyway,
    /// Tell those who heard that it works, now.
    TellSetback,
    /// Who reported says that it works.
    Works,
    /// Who reported says that it does not work.
    WorksNot,
    /// Show how to reach who says that it does not work.
    Contact,
    /// Be told of it by direct message.
    Follow,
    /// Be told of later ones as well.
    FollowLater,
    /// Have the channel told.
    FollowHere,
    /// Hear no more of it.
    Unfollow,
    /// Show who is to be called, because no update reached them.
    Telephones,
    /// One of them was called.
    Reached,
    /// Something around the texts for stakeholders.
    Text(Text),
    /// A step of the review.
    Review(ReviewStep),
}

impl Action {
    /// All of them.
    pub const ALL: &[Action] = &[
        Action::Acknowledge,
        Action::Check,
        Action::Tell,
        Action::Log,
        Action::Resolve,
        Action::Reopen,
        Action::Timeline,
        Action::Approve,
        Action::Start,
        Action::Done,
        Action::Failed,
        Action::RollBack,
        Action::Checklist,
        Action::Line,
        Action::Look,
        Action::LineFinding,
        Action::LineRuledOut,
        Action::LineOpen,
        Action::Suspect,
        Action::Confirm,
        Action::RuleOut,
        Action::OtherTime,
        Action::Link,
        Action::LinkTo,
        Action::LinkWith,
        Action::DuplicateOf,
        Action::ReopenEarlier,
        Action::Communications,
        Action::Restrict,
        Action::LetIn,
        Action::Unrestrict,
        Action::Contacts,
        Action::Changes,
        Action::Correct,
        Action::ChangeAction,
        Action::RefuseAction,
        Action::EtaUnknown,
        Action::EtaNew,
        Action::DeclareProposed,
        Action::DismissProposed,
        Action::More,
        Action::HandOver,
        Action::Coming,
        Action::Call,
        Action::Forget,
        Action::TakeAlarm,
        Action::NoIncident,
        Action::Maintain,
        Action::TakeWarning,
        Action::SilenceWarning,
        Action::ExtendWindow,
        Action::EndWindow,
        Action::Severity(Severity::Sev1),
        Action::Severity(Severity::Sev2),
        Action::Severity(Severity::Sev3),
        Action::Severity(Severity::Sev4),
        Action::Phase(Phase::Investigating),
        Action::Phase(Phase::Identified),
        Action::Phase(Phase::Fixing),
        Action::Phase(Phase::Verifying),
        Action::Prove,
        Action::Tick,
        Action::CloseAnyway,
        Action::TellSetback,
        Action::Works,
        Action::WorksNot,
        Action::Contact,
        Action::Follow,
        Action::FollowLater,
        Action::FollowHere,
        Action::Unfollow,
        Action::Telephones,
        Action::Reached,
        Action::Text(Text::Send),
        Action::Text(Text::Drop),
        Action::Text(Text::Later),
        Action::Text(Text::Pause),
        Action::Text(Text::Continue),
        Action::Text(Text::Slow),
        Action::Text(Text::Approve),
        Action::Text(Text::Refuse),
        Action::Text(Text::History),
        Action::Review(ReviewStep::Show),
        Action::Review(ReviewStep::Answer),
        Action::Review(ReviewStep::Write),
        Action::Review(ReviewStep::Begin),
        Action::Review(ReviewStep::Publish),
        Action::Review(ReviewStep::Meeting),
        Action::Review(ReviewStep::Calendar),
        Action::Review(ReviewStep::FollowUp),
        Action::Review(ReviewStep::Owner),
        Action::Review(ReviewStep::Done),
        Action::Review(ReviewStep::Drop),
        Action::Review(ReviewStep::Amend),
        Action::Review(ReviewStep::Milestone),
        Action::Review(ReviewStep::Entry),
        Action::Review(ReviewStep::AmendOne),
        Action::Review(ReviewStep::Procedure),
        Action::Review(ReviewStep::Propose),
        Action::Review(ReviewStep::Accept),
        Action::Review(ReviewStep::NotAccept),
    ];

    /// Its name in the id, what stands on it, and what the person who clicks must be allowed to do.
    fn row(self) -> (&'static str, &'static str, Capability) {
        match self {
            Action::Acknowledge => ("ack", say!("I have it"), Capability::Respond),
            Action::Check => ("check", say!("Check again"), Capability::Check),
            Action::Tell => ("tell", say!("Tell stakeholders"), Capability::Tell),
            Action::Log => ("log", "Log", Capability::Respond),
            Action::Resolve => ("resolve", "Close", Capability::Lead),
            Action::Reopen => ("reopen", "Reopen", Capability::Lead),
            Action::Timeline => ("timeline", "Timeline", Capability::Read),
            Action::Approve => ("approve", "Approve", Capability::Respond),
            Action::Start => ("start", "Start", Capability::Respond),
            Action::Done => ("done", "Done", Capability::Respond),
            Action::Failed => ("failed", "Failed", Capability::Respond),
            Action::RollBack => ("rollback", say!("Rolled back"), Capability::Respond),
            Action::Checklist => ("checklist", "Checklist", Capability::Respond),
            Action::Line => ("line", "Line", Capability::Respond),
            Action::Look => ("look", say!("I look at it"), Capability::Respond),
            Action::LineFinding => ("finding", "Finding", Capability::Respond),
            Action::LineRuledOut => ("linenot", say!("Ruled out"), Capability::Respond),
            Action::LineOpen => ("lineopen", say!("Open again"), Capability::Respond),
            Action::Suspect => ("suspect", "Suspect", Capability::Respond),
            Action::Confirm => ("cause", say!("It is the cause"), Capability::Respond),
            Action::RuleOut => ("notcause", say!("Ruled out"), Capability::Respond),
            Action::OtherTime => ("othertime", say!("Other time"), Capability::Respond),
            Action::Link => ("link", say!("Link or duplicate"), Capability::Lead),
            Action::LinkTo => ("linkto", say!("This one"), Capability::Lead),
            Action::LinkWith => ("linkwith", "Link", Capability::Lead),
            Action::DuplicateOf => ("duplicate", say!("It is the same"), Capability::Lead),
            Action::ReopenEarlier => ("reopenearlier", say!("Reopen the earlier one"), Capability::Lead),
            Action::Communications => ("comms", say!("I write the updates"), Capability::Respond),
            Action::Restrict => ("restrict", "Restrict", Capability::Lead),
            Action::LetIn => ("letin", say!("Let in"), Capability::Lead),
            Action::Unrestrict => ("unrestrict", say!("Open to all"), Capability::Lead),
            Action::Contacts => ("contacts", "Contacts", Capability::Respond),
            Action::Changes => ("changes", say!("Recent changes"), Capability::Respond),
            Action::Correct => ("correct", "Correct", Capability::Tell),
            Action::ChangeAction => ("change", "Change", Capability::Respond),
            Action::RefuseAction => ("refuse", "Refuse", Capability::Respond),
            Action::EtaUnknown => ("etaunknown", say!("End unknown"), Capability::Tell),
            Action::EtaNew => ("etanew", say!("New time"), Capability::Tell),
            Action::DeclareProposed => ("declare", "Declare", Capability::Respond),
            Action::DismissProposed => ("noproposal", say!("Not an incident"), Capability::Respond),
            Action::More => ("more", "More…", Capability::Respond),
            Action::HandOver => ("handover", say!("Hand over"), Capability::Lead),
            Action::Coming => ("coming", say!("I am here"), Capability::Respond),
            Action::Call => ("call", say!("Call the next"), Capability::Respond),
            Action::Forget => ("forget", say!("Forget for good"), Capability::Administer),
            Action::TakeAlarm => ("takealarm", say!("I have it"), Capability::Respond),
            Action::NoIncident => ("noincident", say!("Not an incident"), Capability::Respond),
            Action::Maintain => ("maintain", "Maintenance", Capability::Respond),
            Action::TakeWarning => ("takewarning", say!("I see to it"), Capability::Respond),
            Action::SilenceWarning => ("silencewarning", "Silence…", Capability::Respond),
            Action::ExtendWindow => ("extendwindow", "Extend…", Capability::Respond),
            Action::EndWindow => ("endwindow", say!("End now"), Capability::Respond),
            Action::Severity(Severity::Sev1) => ("sev1", "SEV1", Capability::Lead),
            Action::Severity(Severity::Sev2) => ("sev2", "SEV2", Capability::Lead),
            Action::Severity(Severity::Sev3) => ("sev3", "SEV3", Capability::Lead),
            Action::Severity(Severity::Sev4) => ("sev4", "SEV4", Capability::Lead),
            Action::Phase(Phase::Investigating) => {
                ("investigating", say!("Cause unknown again"), Capability::Lead)
            }
            Action::Phase(Phase::Identified) => ("identified", say!("Cause known"), Capability::Lead),
            Action::Phase(Phase::Fixing) => ("fixing", say!("Being repaired"), Capability::Lead),
            Action::Phase(Phase::Verifying) => ("verifying", say!("Seems to work"), Capability::Lead),
            Action::Text(text) => text.row(),
            Action::Review(step) => step.row(),
            Action::Phase(phase) => (phase.name(), phase.name(), Capability::Lead),
            Action::Prove => ("prove", say!("Prove it works"), Capability::Respond),
            Action::Tick => ("tick", "Seen", Capability::Respond),
            Action::CloseAnyway => ("closeanyway", say!("Close without proof"), Capability::Lead),
            Action::TellSetback => ("tellsetback", say!("Tell them now"), Capability::Tell),
            Action::Works => ("works", say!("Yes, it works"), Capability::Report),
            Action::WorksNot => ("worksnot", "No", Capability::Report),
            Action::Contact => ("contact", "Contact", Capability::Respond),
            Action::Follow => ("follow", say!("Tell me"), Capability::Report),
            Action::FollowLater => ("followlater", say!("Later ones too"), Capability::Report),
            Action::FollowHere => ("followhere", say!("Tell this channel"), Capability::Respond),
            Action::Unfollow => ("unfollow", say!("No more of this"), Capability::Report),
            Action::Telephones => ("telephones", say!("Whom to call"), Capability::Respond),
            Action::Reached => ("reached", "Reached", Capability::Respond),
        }
    }

    /// Its name in the id.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// What stands on it.
    pub fn label(self) -> &'static str {
        self.row().1
    }

    /// What the person who clicks must be allowed to do.
    pub fn capability(self) -> Capability {
        self.row().2
    }
}
