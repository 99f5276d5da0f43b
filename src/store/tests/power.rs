//! Power cuts: a file system in a file; the writing process is stopped, and a copy of that file is what reached the
//! device by then. The copy is mounted and compared with what had been acknowledged.
//!
//! No cache of a device and no reordering within it is shown by this; pages that are lost out of the journal's last
//! group are tested with the damaged files.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::killed::{acknowledged, lost, start};
use super::samples::scratch;

/// Bytes of the file system.
const SIZE: u64 = 96 << 20;

fn works(command: &mut Command) -> bool {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// A mounted file system; unmounted when dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(image: &Path, at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).expect("a folder");
        // As most machines mount it; barriers are on by default.
        works(Command::new("mount").args(["-o", "loop"]).arg(image).arg(at)).then(|| Mounted(at.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        works(Command::new("umount").arg(&self.0));
    }
}

fn new_image(image: &Path) -> bool {
    let file = std::fs::File::create(image).expect("a file");
    file.set_len(SIZE).expect("its size");
    works(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image))
}

/// What is in the file of the file system now has reached the device; what is only in memory has not. The kernel may go on
/// writing while it is copied, so that the copy would hold blocks of two moments, as no device ever does after a cut: then
/// it is copied anew.
fn copy_at_one_moment(image: &Path, copy: &Path) {
    loop {
        std::fs::copy(image, copy).expect("copied");
        if std::fs::read(image).expect("bytes") == std::fs::read(copy).expect("bytes") {
            return;
        }
    }
}

/// Cuts the power so often. Returns the acknowledged commits and the lost events, or `None` where nothing may be
/// mounted.
fn cut_power(cuts: u64, writers: u64) -> Option<(u64, u64)> {
    let folder = scratch();
    let (image, copy, at) =
        (folder.path().join("image"), folder.path().join("copy"), folder.path().join("at"));
    if !new_image(&image) {
        return None;
    }
    let mut acked = BTreeMap::new();
    let (mut commits, mut missing) = (0, 0);
    for cut in 0..cuts {
        let mounted = Mounted::new(&image, &at)?;
        let data = at.join("data");
        let mut child = start(&data, writers, None);
        let mut end = |child: &mut Child| {
            assert!(works(Command::new("kill").args(["-STOP", &child.id().to_string()])));
            copy_at_one_moment(&image, &copy);
            child.kill().expect("killed");
        };
        commits += acknowledged(&mut child, Some(1 + cut * 7919 % 200), &mut end, &mut acked);
        child.wait().expect("it ends");
        drop(mounted);
        std::fs::rename(&copy, &image).expect("what the device held");
        let _mounted = Mounted::new(&image, &at)?;
        missing += lost(&data, writers, &acked);
    }
    Some((commits, missing))
}

/// `cargo test -p watchpost --lib -- --ignored power_cuts --nocapture`, as root.
#[test]
#[ignore = "needs root and a minute"]
fn fifty_power_cuts_lose_nothing() {
    let Some((commits, missing)) = cut_power(50, 8) else {
        let _ = writeln!(std::io::stderr(), "skipped: this process may not mount a file system");
        return;
    };
    let _ =
        writeln!(std::io::stdout(), "50 power cuts, {commits} acknowledged commits, {missing} events lost");
    assert_eq!(missing, 0);
}
