//! The named steps of a commit, at each of which a test ends the process as a power switch would.

/// A step that was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The group was checked and sealed.
    Sealed,
    /// New keys are on disk.
    KeysSaved,
    /// The group was written and not synced.
    Written,
    /// The group is on disk.
    Synced,
    /// Readers see the group.
    Published,
    /// The askers were answered.
    Answered,
    /// sled has followed.
    Followed,
    /// A next file is in its place, and the one before it is not closed.
    FileBegun,
    /// A forgetting was written down, and the key is still there.
    ForgettingWritten,
    /// The key is gone from memory and still in its file.
    KeyRemoved,
}

/// Passes a step. Outside the tests of this crate it does nothing.
#[inline]
pub(super) fn pass(step: Step) {
    #[cfg(test)]
    super::tests::killed::pass(step);
    #[cfg(not(test))]
    let _ = step;
}
