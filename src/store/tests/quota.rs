//! A real quota: a file system of its own in a file, on which one folder may hold only so much.
//!
//! btrfs, because its quotas bind root too, and because a kernel has it whole or not at all (those of ext4 need a format
//! that many kernels are built without). Needs root, `mkfs.btrfs` and `btrfs`; says so where they are not there.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::invariants::Witness;
use super::outside::{ON_SMALL_DISK, fill_until_refused};
use super::samples::{START, noting};
use crate::store::{Health, JournalStore, ModelFound, Store, StoreError};

/// The smallest file system that is made without being asked twice.
const SIZE: u64 = 128 << 20;

/// A folder with a quota; unmounted when dropped.
struct Limited {
    folder: tempfile::TempDir,
    data: PathBuf,
}

fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl Limited {
    /// `None` where this process may not, or the programs are not there.
    fn new(quota: &str) -> Option<Limited> {
        let limited = Limited::mounted()?;
        let data = &limited.data;
        let parent = data.parent()?;
        let made = works(Command::new("btrfs").args(["quota", "enable"]).arg(parent))
            && works(Command::new("btrfs").args(["subvolume", "create"]).arg(data))
            && works(Command::new("btrfs").args(["qgroup", "limit", quota]).arg(data));
        made.then_some(limited)
    }

    fn mounted() -> Option<Limited> {
        let folder = tempfile::tempdir().expect("a folder");
        let (image, at) = (folder.path().join("image"), folder.path().join("at"));
        std::fs::create_dir(&at).expect("a folder");
        std::fs::File::create(&image).and_then(|file| file.set_len(SIZE)).expect("its size");
        let made = works(Command::new("mkfs.btrfs").arg("-q").arg(&image))
            && works(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&at));
        made.then(|| Limited { data: at.join("data"), folder })
    }

    fn raise(&self, quota: &str) {
        assert!(works(Command::new("btrfs").args(["qgroup", "limit", quota]).arg(&self.data)));
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        works(Command::new("umount").arg("-l").arg(self.folder.path().join("at")));
    }
}

fn opened(data: &Path) -> JournalStore {
    JournalStore::open(data, ON_SMALL_DISK, START).expect("opens")
}

#[tokio::test]
async fn a_quota_is_said_and_lived_through() {
    let Some(limited) = Limited::new("6M") else {
        let _ = writeln!(std::io::stderr(), "skipped: no root, no mkfs.btrfs, or a kernel without btrfs");
        return;
    };
    let mut witness = Witness::default();
    let store = opened(&limited.data);
    let (refused, _) = fill_until_refused(&store, &mut witness, 1).await;
    let said = refused.to_string();
    assert!(matches!(refused, StoreError::Full(_)), "{said}");
    assert!(said.starts_with("not stored: the disk is full (") && said.contains("quota"), "{said}");
    assert_eq!(store.health(), Health::NotStoring(refused));
    assert!(witness.commits() > 100, "{} commits", witness.commits());
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    drop(store);

    let store = opened(&limited.data);
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    let (refused, _) = fill_until_refused(&store, &mut witness, 2).await;
    assert!(matches!(refused, StoreError::Full(_)), "{refused}");

    // Somebody gives more room: no restart is needed.
    limited.raise("60M");
    witness.saw(&store.commit(noting(3, 0, "room again")).await.expect("stored"));
    assert!(!matches!(store.health(), Health::NotStoring(_)));
    while !store.reads_from_model() {
        tokio::task::yield_now().await;
    }
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    drop(store);
    let store = opened(&limited.data);
    assert!(matches!(store.opened().model, ModelFound::Current), "{}", store.opened().summary());
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
}
