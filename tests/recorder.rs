//! An address of an organisation's own: it keeps what it was sent as it came, and answers as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use tokio::sync::Notify;

/// Longer than anything takes on a machine that is busy with other things.
const LONGEST: Duration = Duration::from_secs(90);

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Without the first stroke.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Request {
    /// A header as text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// What a path answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// This status.
    Status(u16),
    /// Nothing, for ever.
    Nothing,
}

#[derive(Clone, Default)]
struct Shared {
    requests: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<BTreeMap<String, Answers>>>,
    more: Arc<Notify>,
}

/// The server on loopback.
pub struct Recorder {
    shared: Shared,
    base: String,
    folder: tempfile::TempDir,
}

impl Recorder {
    /// On a port that the system chooses.
    pub async fn listens() -> Self {
        let shared = Shared::default();
        let router = Router::new().fallback(taken).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Recorder { shared, base, folder: tempfile::tempdir().expect("a folder") }
    }

    /// A file that holds a secret, as the configuration wants it.
    pub fn secret(&self, name: &str, value: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.folder.path().join(name);
        std::fs::write(&file, value).expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a file of its own");
        file.display().to_string()
    }

    /// A destination of this kind, and of this name, whose path is its name.
    pub fn destination(&self, kind: &str, name: &str, more: &str) -> String {
        let url = self.secret(&format!("{name}.url"), &format!("{}/{name}", self.base));
        format!("[destination.{name}]\nkind = \"{kind}\"\nurl_file = {url:?}\n{more}\n")
    }

    /// What this path answers from now on; without a word it is 204.
    pub fn answers(&self, path: &str, answers: Answers) {
        self.shared
            .answers
            .lock()
            .expect("no story panics while it is held")
            .insert(path.to_owned(), answers);
    }

    /// What came on this path.
    pub fn got(&self, path: &str) -> Vec<Request> {
        let all = self.shared.requests.lock().expect("no story panics while it is held");
        all.iter().filter(|request| request.path == path).cloned().collect()
    }

    /// Waits for the first request on this path that fits.
    pub async fn wait_for(&self, path: &str, fits: impl Fn(&Request) -> bool) -> Request {
        let looking = async {
            loop {
                let more = self.shared.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                if let Some(found) = self.got(path).into_iter().find(|request| fits(request)) {
                    return found;
                }
                more.await;
            }
        };
        let found = tokio::time::timeout(LONGEST, looking).await;
        found.unwrap_or_else(|_| panic!("it never came to {path}; there is {:#?}", self.got(path)))
    }
}

async fn taken(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: String) -> StatusCode {
    let path = uri.path().trim_start_matches('/').to_owned();
    let answers = shared.answers.lock().expect("no story panics while it is held").get(&path).copied();
    let request = Request { path, headers, body };
    shared.requests.lock().expect("no story panics while it is held").push(request);
    shared.more.notify_waiters();
    match answers {
        Some(Answers::Nothing) => std::future::pending().await,
        Some(Answers::Status(status)) => StatusCode::from_u16(status).expect("a status"),
        None => StatusCode::NO_CONTENT,
    }
}
