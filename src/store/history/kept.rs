//! What the checks remember of each service from one run to the next, beside their samples: the last good state, probe
//! mails under way, logins that are paused. It was measured, so it may be lost without harm, and is not journalled.

use super::super::sled::{caught, close_row, open_row};
use super::History;
use crate::check::Keeper;

/// The first letter of its keys; the forms of samples have others.
const LETTER: u8 = b'k';

fn key(service: &str) -> Vec<u8> {
    std::iter::once(LETTER).chain(service.bytes()).collect()
}

impl Keeper for History {
    fn keep(&self, service: &str, text: &str) {
        let Some(db) = &self.db else { return };
        let kept = caught("write", || db.insert(key(service), close_row(text.as_bytes())));
        if let Err(error) = kept {
            tracing::warn!(%error, service, "what the checks remember of a service cannot be kept");
        }
    }

    fn kept(&self, service: &str) -> Option<String> {
        let db = self.db.as_ref()?;
        let read = caught("read", || db.get(key(service)));
        let row = read
            .inspect_err(|error| tracing::warn!(%error, service, "what was kept of a service cannot be read"))
            .ok()??;
        String::from_utf8(open_row(&row)?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_after_a_restart_and_beside_the_samples() {
        let folder = tempfile::tempdir().expect("a folder");
        {
            let (history, _) = History::open(folder.path());
            history.keep("main", "first");
            history.keep("main", "second");
            history.keep("other", "else");
        }
        let (history, _) = History::open(folder.path());
        assert_eq!(history.kept("main").as_deref(), Some("second"));
        assert_eq!(history.kept("other").as_deref(), Some("else"));
        assert_eq!(history.kept("mai"), None);
        assert_eq!(history.thin_out(crate::clock::UtcMs(i64::MAX / 2)).ok(), Some(0));
        assert_eq!(history.kept("main").as_deref(), Some("second"));
    }
}
