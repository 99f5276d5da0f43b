//! The status page as files in a folder, for any web server that is not this one.
//!
//! 1. Each word to users is brought by writing page, feed and summary anew: `index.html`, `feed.atom` and
//!    `api/v2/summary.json`, whose links are relative.
//! 2. Each file is written beside its place and put there by one rename: a reader sees the old one or the new one.
//! 3. What has not changed is not written; so twice is as good as once.
//! 4. What changes without a word (what works, what is over) follows within [`PAUSE`] ([`follow`]).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;
use tokio::task::JoinHandle;
use watchpost_texts::say;

use super::words;
use crate::config::Config;
use crate::desk::Desk;
use crate::outbox::{Delivery, Item, Proof, Transport};
use crate::web::page::escaped;
use crate::web::pages;

/// How soon a full or foreign disk is tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// At most so often the files follow what changes without a word.
const PAUSE: Duration = Duration::from_secs(15);
/// Where a sample goes: never into the page that people read.
const SAMPLE: &str = "watchpost-test.html";

/// One folder.
pub struct Files {
    folder: PathBuf,
    zone: Tz,
    source: Option<Source>,
    following: Option<JoinHandle<()>>,
}

/// What the page is made from.
#[derive(Clone)]
struct Source {
    desk: Arc<Desk>,
    pages: pages::Pages,
}

impl Files {
    /// Makes it ready; with a desk its files follow what changes there until this is dropped.
    pub fn open(folder: &Path, config: &Config, desk: Option<&Arc<Desk>>) -> Self {
        let source = desk.map(|desk| Source { desk: desk.clone(), pages: pages::Pages::of(config) });
        let following = source.clone().map(|source| tokio::spawn(follow(folder.to_owned(), source)));
        Files { folder: folder.to_owned(), zone: config.organisation.time_zone, source, following }
    }

    async fn files(&self, item: &Item) -> Result<Vec<(&'static str, String)>, String> {
        match (&self.source, item.incident) {
            (Some(source), Some(_)) => made(source).await,
            _ => {
                let (title, text) = words(item, self.zone);
                let (title, text) = (escaped(&title), escaped(&text));
                let page = format!(
                    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>\n"
                );
                Ok(vec![(SAMPLE, page)])
            }
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Some(following) = &self.following {
            following.abort();
        }
    }
}

#[async_trait]
impl Transport for Files {
    async fn deliver(&self, item: &Item) -> Delivery {
        let files = match self.files(item).await {
            Ok(files) => files,
            Err(why) => return Delivery::Retry { after: AGAIN, why },
        };
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let proof = say!("written: {}", names.join(", "));
        match put_all(&self.folder, files).await {
            Ok(()) => Delivery::Sent(Proof::Answer(proof)),
            Err(error) => {
                let why = say!(
                    "the folder of this destination cannot be written: {error}. Look at its rights and its disk"
                );
                Delivery::Retry { after: AGAIN, why }
            }
        }
    }

    /// Writing it again changes nothing.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

async fn made(source: &Source) -> Result<Vec<(&'static str, String)>, String> {
    let made = source.pages.make(&source.desk).await;
    let made = made.map_err(|_| say!("the store does not answer, so the page cannot be made").to_owned())?;
    Ok(vec![("index.html", made.html), ("feed.atom", made.atom), ("api/v2/summary.json", made.json)])
}

/// Writes again whenever something was committed, not more often than each [`PAUSE`].
async fn follow(folder: PathBuf, source: Source) {
    loop {
        let changed = source.desk.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let wrote = match made(&source).await {
            Ok(files) => put_all(&folder, files).await.map_err(|error| error.to_string()),
            Err(why) => Err(why),
        };
        if let Err(error) = wrote {
            tracing::warn!(folder = %folder.display(), error, "the status page was not written as files");
            tokio::time::sleep(AGAIN).await;
            continue;
        }
        changed.await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn put_all(folder: &Path, files: Vec<(&'static str, String)>) -> std::io::Result<()> {
    let folder = folder.to_owned();
    let put = move || files.iter().try_for_each(|(name, content)| put(&folder.join(name), content));
    tokio::task::spawn_blocking(put).await.map_err(std::io::Error::other)?
}

/// Puts the content in its place by one rename, unless it stands there.
fn put(path: &Path, content: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    let folder = path.parent().ok_or_else(|| std::io::Error::other(say!("a file needs a folder")))?;
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Two may write at once: the follower and a delivery.
    let beside = folder.join(format!(".{name}.{:?}", std::thread::current().id()));
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_whole_into_its_place_and_not_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("api/v2/summary.json");
        put(&path, "{}").expect("written");
        let first = std::fs::metadata(&path).and_then(|of| of.modified()).expect("a time");
        put(&path, "{}").expect("left alone");
        assert_eq!(std::fs::metadata(&path).and_then(|of| of.modified()).expect("a time"), first);
        put(&path, "[]").expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "[]");
        let left: Vec<_> = std::fs::read_dir(path.parent().expect("a folder")).expect("read").collect();
        assert_eq!(left.len(), 1, "nothing is left beside: {left:?}");
    }
}
