//! The disk is full in the middle of an incident: who types is told so at once, the card says it, and when there is room
//! again everything goes on without a restart.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use watchpost::store::disk::{Appender, Disk, RealDisk};
use watchpost::store::{JournalStore, Options};

use crate::commands::{declared, private};
use crate::running::{House, NIGHT};

/// A disk that takes nothing while it is full.
#[derive(Clone, Default)]
struct SmallDisk(Arc<AtomicBool>);

impl SmallDisk {
    fn is_full(&self, full: bool) {
        self.0.store(full, Ordering::SeqCst);
    }

    fn room(&self) -> io::Result<()> {
        match self.0.load(Ordering::SeqCst) {
            true => Err(io::Error::from(io::ErrorKind::StorageFull)),
            false => Ok(()),
        }
    }
}

struct SmallFile(Box<dyn Appender>, SmallDisk);

impl Disk for SmallDisk {
    fn append_to(&self, path: &Path) -> io::Result<Box<dyn Appender>> {
        Ok(Box::new(SmallFile(RealDisk.append_to(path)?, self.clone())))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

impl Appender for SmallFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.1.room()?;
        self.0.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.cut(length)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_lived_through() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = SmallDisk::default();
    let options = Options { ballast_bytes: 0, ..Options::default() };
    let store =
        JournalStore::open_on(Arc::new(disk.clone()), folder.path(), options, NIGHT).expect("a store");
    let house = House::start_over(Arc::new(store)).await;
    let thread = declared(&house, "Phones cannot send").await;
    let (ana, here) = (house.discord.member("ana"), thread.id().to_string());
    private(ana.types("/log", &[("text", "before")], &here).await.expect("typed")).await;
    thread.wait_for_message(|message| message.pinned && message.says("before")).await;

    disk.is_full(true);
    house.step(Duration::from_secs(60));
    let typed = Instant::now();
    let refused =
        private(ana.types("/log", &[("text", "while it is full")], &here).await.expect("typed")).await;
    let took = typed.elapsed();
    assert!(refused.says("not stored: the disk is full ("), "{}", refused.text());
    assert!(took < Duration::from_secs(1), "{took:?}");
    let card =
        thread.wait_for_message(|message| message.pinned && message.says("Nothing is being stored")).await;
    assert!(card.says("the disk is full") && card.says("before"), "{}", card.text());
    let since = format!("Since <t:{}:t>", NIGHT.seconds() + 60);
    assert!(card.says(&since), "{since}: {}", card.text());

    disk.is_full(false);
    // Noticed without being asked.
    thread
        .wait_for_message(|message| {
            message.pinned && message.says("before") && !message.says("Nothing is being stored")
        })
        .await;
    let logged = private(ana.types("/log", &[("text", "room again")], &here).await.expect("typed")).await;
    assert!(logged.says("Logged in INC-1"), "{}", logged.text());
    thread.wait_for_message(|message| message.pinned && message.says("room again")).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
    house.stop().await;
}
