//! What went out: the last requests without tokens or bodies for people, counters, and on demand everything, raw, for a
//! program that checks requests against Discord's description.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::form;

/// One request that went out, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Since the gate was opened, in milliseconds.
    pub at_millis: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, with `***` for tokens, without query.
    pub path: String,
    /// The status, or what happened instead.
    pub answer: String,
    /// From sending to the end of the answer.
    pub millis: u64,
}

/// What went out since the gate was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests that went out, each try counted.
    pub requests: u64,
    /// Answers below 400.
    pub fine: u64,
    /// Answers 401 and 403.
    pub forbidden: u64,
    /// Other answers from 400 to 499, without 429.
    pub refused: u64,
    /// Answers 429 that count for this bot.
    pub limited: u64,
    /// Answers 429 that everybody gets (scope `shared`).
    pub limited_shared: u64,
    /// Answers of 500 and above.
    pub server_errors: u64,
    /// Requests without a usable answer.
    pub lost: u64,
    /// Tries after the first.
    pub again: u64,
    /// Calls that were given back unsent.
    pub not_sent: u64,
}

/// The last requests, and where all are written if that is wanted.
#[derive(Debug)]
pub(crate) struct Transcript {
    most: usize,
    last: VecDeque<Entry>,
    raw: Option<File>,
    pub counters: Counters,
}

impl Transcript {
    /// Keeps `most` entries; appends every request with its body to `raw`, which then holds tokens and is for tests only.
    pub(crate) fn open(most: usize, raw: Option<&Path>) -> io::Result<Self> {
        let raw = raw.map(appended).transpose()?;
        Ok(Self { most: most.max(1), last: VecDeque::new(), raw, counters: Counters::default() })
    }

    pub(crate) fn last(&self) -> Vec<Entry> {
        self.last.iter().cloned().collect()
    }

    pub(crate) fn add(&mut self, since_start: Duration, entry: Entry) {
        if self.last.len() >= self.most {
            self.last.pop_front();
        }
        self.last.push_back(Entry { at_millis: millis(since_start), ..entry });
    }

    /// Appends one line. A full disk must not stop a request, so an error ends the writing and is said once.
    pub(crate) fn write_raw(&mut self, method: &Method, path: &str, kind: Option<&str>, body: &[u8]) {
        let Some(file) = self.raw.as_mut() else { return };
        let mut line = json!({ "method": method.as_str(), "path": path });
        if let Some(body) = readable_body(kind, body) {
            line["body"] = body;
        }
        // In one piece: a process that is killed leaves a half line only where the kernel was in the middle of it.
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            tracing::warn!(%error, "the raw transcript cannot be written any more");
            self.raw = None;
        }
    }
}

/// The file, at its end; a half line of a process that was killed is ended, so that it spoils no other.
fn appended(path: &Path) -> io::Result<File> {
    let torn = std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    if torn {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn readable_body(kind: Option<&str>, body: &[u8]) -> Option<Value> {
    let json = form::json_range(kind, body)?;
    serde_json::from_slice(&body[json]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry { at_millis: 0, method: "GET".into(), path: path.into(), answer: "200".into(), millis: 1 }
    }

    #[test]
    fn only_the_last_entries_are_kept() {
        let mut transcript = Transcript::open(2, None).unwrap();
        for (second, path) in ["/a", "/b", "/c"].iter().enumerate() {
            transcript.add(Duration::from_secs(second as u64), entry(path));
        }
        let kept: Vec<_> = transcript.last().into_iter().map(|entry| (entry.path, entry.at_millis)).collect();
        assert_eq!(kept, [("/b".to_owned(), 1000), ("/c".to_owned(), 2000)]);
    }

    #[test]
    fn the_raw_file_holds_bodies_and_the_json_of_forms() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requests.jsonl");
        let mut transcript = Transcript::open(2, Some(&path)).unwrap();
        transcript.write_raw(&Method::POST, "/a?b", Some("application/json"), br#"{"content":"x"}"#);
        let form = b"--xyz\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{\"content\":\"y\"}\r\n--xyz--";
        transcript.write_raw(&Method::POST, "/c", Some("multipart/form-data; boundary=xyz"), form);
        transcript.write_raw(&Method::GET, "/d", None, b"");
        let expected = [
            r#"{"method":"POST","path":"/a?b","body":{"content":"x"}}"#,
            r#"{"method":"POST","path":"/c","body":{"content":"y"}}"#,
            r#"{"method":"GET","path":"/d"}"#,
        ];
        assert_eq!(std::fs::read_to_string(path).unwrap().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_half_line_of_a_killed_process_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requests.jsonl");
        std::fs::write(&path, "{\"method\":\"PU").unwrap();
        Transcript::open(2, Some(&path)).unwrap().write_raw(&Method::GET, "/d", None, b"");
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text, "{\"method\":\"PU\n{\"method\":\"GET\",\"path\":\"/d\"}\n");
    }
}
