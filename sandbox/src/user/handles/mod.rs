//! The names in which stories are written. Nothing here sleeps: a wait looks again after each change, and gives up
//! after a deadline of real time with what is there.

mod channel;
mod command_line;
mod member;
mod turn;

use std::time::Duration;

use super::view;
use crate::core::{Core, Shared};

pub use channel::ChannelHandle;
pub use command_line::CommandLine;
pub use member::MemberHandle;
pub use turn::Turn;

/// A stepped clock wakes nobody, nor does what a story keeps for itself, so both are looked at this often.
const LOOK_AGAIN: Duration = Duration::from_millis(40);

impl Shared {
    /// Waits until `look` finds something.
    ///
    /// # Panics
    ///
    /// After the deadline, with what is there.
    pub(crate) async fn wait<T>(&self, what: &str, mut look: impl FnMut(&Core) -> Option<T>) -> T {
        let (mut changes, patience) = {
            let core = self.lock();
            (core.changes(), core.settings.patience)
        };
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            if let Some(found) = self.look_once(&mut look) {
                return found;
            }
            if tokio::time::Instant::now() >= deadline {
                let there = view::dump(&self.lock());
                panic!("waited {} s in vain for {what}; there is:\n{there}", patience.as_secs());
            }
            // An error means that the sandbox is gone, and a timeout that nothing changed; either way look again.
            let _ = tokio::time::timeout(LOOK_AGAIN, changes.changed()).await;
        }
    }

    fn look_once<T>(&self, look: &mut impl FnMut(&Core) -> Option<T>) -> Option<T> {
        let mut core = self.lock();
        core.settle();
        look(&core)
    }
}
