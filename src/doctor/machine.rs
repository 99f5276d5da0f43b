//! The machine: the folder of the data, the room in it, what is stored there, and the clock.

use std::fs;
use std::path::Path;

use watchpost_texts::say;

use super::{Point, State};
use crate::clock::UtcMs;
use crate::store;

/// Less free space than this, in bytes, will not last a long incident beside a log.
const LITTLE_ROOM: u64 = 512 * 1024 * 1024;
/// A clock that is off by more, in seconds, puts wrong times into every text.
const CLOCK_LIMIT: u64 = 5;

pub(super) fn examine(folder: &Path) -> Vec<Point> {
    vec![writable(folder), room(folder), stored(folder)]
}

/// A file is made and removed again: permissions alone do not tell of a read-only file system.
fn writable(folder: &Path) -> Point {
    let about = say!("data folder");
    let sample = folder.join(".doctor");
    let tried = fs::create_dir_all(folder).and_then(|()| fs::write(&sample, b"sample\n"));
    // What cannot be removed was not written either, or is harmless.
    let _ = fs::remove_file(&sample);
    match tried {
        Ok(()) => Point::good(about, say!("{} can be written.", folder.display())),
        Err(error) => Point::new(
            about,
            State::Bad,
            say!("{} cannot be written: {error}.", folder.display()),
            say!(
                "Give it to the account that Watchpost runs as, and look whether its file system is mounted read-only."
            ),
        ),
    }
}

fn room(folder: &Path) -> Point {
    let about = say!("free space");
    let free = rustix::fs::statvfs(folder).map(|found| found.f_bavail.saturating_mul(found.f_frsize));
    match free {
        Ok(bytes) if bytes >= LITTLE_ROOM => Point::good(about, say!("{} MiB.", mib(bytes))),
        Ok(bytes) => Point::new(
            about,
            State::Warning,
            say!("only {} MiB where the data lie.", mib(bytes)),
            say!("Free some, or move [store] folder: what cannot be stored is not promised."),
        ),
        Err(error) => Point::new(
            about,
            State::Warning,
            say!("it cannot be told: {error}."),
            say!("Look at the file system of [store] folder."),
        ),
    }
}

fn mib(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}

fn stored(folder: &Path) -> Point {
    let about = say!("stored data");
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()) {
        return Point::good(about, say!("nothing yet: `watchpost run` begins it."));
    }
    match store::stat(folder) {
        Ok(stat) => Point::good(
            about,
            say!("{} incidents, {} MiB of journal, readable.", stat.incidents, mib(stat.journal_bytes)),
        ),
        Err(error) => Point::new(
            about,
            State::Bad,
            format!("{error}."),
            say!("See docs/operating.md, “Something is damaged”."),
        ),
    }
}

/// What another's clock says beside ours; `theirs` comes from an answer of Discord or of a web server.
pub fn clock(ours: UtcMs, theirs: Option<UtcMs>) -> Point {
    let about = "clock";
    let Some(theirs) = theirs else {
        return Point::new(
            about,
            State::NotAsked,
            say!("nobody answered whose clock it could be compared with."),
            say!("Look whether this machine is synchronised, for instance by `timedatectl`."),
        );
    };
    let apart = ours.seconds().abs_diff(theirs.seconds());
    if apart <= CLOCK_LIMIT {
        return Point::good(about, say!("within {CLOCK_LIMIT} s of Discord's."));
    }
    Point::new(
        about,
        State::Bad,
        say!("{apart} s away from Discord's."),
        say!("Switch on time synchronisation: every time that people are told comes from this clock."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_used_is_good_and_keeps_no_trace() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let points = examine(&data);
        assert!(points.iter().all(|point| point.state != State::Bad), "{points:?}");
        assert_eq!(fs::read_dir(&data).expect("the folder").count(), 0, "nothing is left behind");
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_said_with_what_to_do() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let point = writable(&file.path().join("data"));
        assert_eq!(point.state, State::Bad);
        assert!(point.seen.contains("cannot be written") && !point.what_to_do.is_empty(), "{point}");
    }

    #[test]
    fn clocks() {
        let at = |seconds: u64| UtcMs(i64::try_from(seconds * 1_000).expect("small"));
        let state = |theirs: Option<u64>| clock(at(1_000), theirs.map(at)).state;
        assert_eq!(state(Some(1_005)), State::Good);
        assert_eq!(state(Some(994)), State::Bad);
        assert_eq!(state(Some(1_006)), State::Bad);
        assert_eq!(state(None), State::NotAsked);
    }
}
