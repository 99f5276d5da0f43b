//! The buttons around telling stakeholders, as they stand on drafts and under `/update`.

use watchpost_texts::say;

use crate::capability::Capability;

/// What such a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Text {
    /// Send the draft now.
    Send,
    /// Take the draft back.
    Drop,
    /// Move what is due next by a quarter of an hour.
    Later,
    /// Open the form that asks why nothing shall go out by itself.
    Pause,
    /// Let it go out by itself again.
    Continue,
    /// Texts half as often.
    Slow,
    /// Agree that outsiders read it.
    Approve,
    /// Open the form that asks why not.
    Refuse,
    /// Show every update with its proof.
    History,
}

impl Text {
    /// All of them.
    pub const ALL: [Text; 9] = [
        Text::Send,
        Text::Drop,
        Text::Later,
        Text::Pause,
        Text::Continue,
        Text::Slow,
        Text::Approve,
        Text::Refuse,
        Text::History,
    ];

    /// Its name in the id, what stands on it, and what the person who clicks must be allowed to do.
    pub(super) fn row(self) -> (&'static str, &'static str, Capability) {
        match self {
            Text::Send => ("send", "Send", Capability::Tell),
            Text::Drop => ("drop", "Drop", Capability::Tell),
            Text::Later => ("later", "Later", Capability::Tell),
            Text::Pause => ("pause", "Pause", Capability::Tell),
            Text::Continue => ("continue", say!("Go on"), Capability::Tell),
            Text::Slow => ("slow", say!("Half as often"), Capability::Tell),
            Text::Approve => ("approvetext", "Approve", Capability::Tell),
            Text::Refuse => ("refusetext", "Refuse", Capability::Tell),
            Text::History => ("history", say!("Every update"), Capability::Read),
        }
    }
}
