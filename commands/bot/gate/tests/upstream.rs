//! A server that answers what a test tells it to, and remembers what it was asked.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::time::Instant;

/// Answers by the number of the request and its path.
pub type Script = Arc<dyn Fn(usize, &str) -> Reply + Send + Sync>;

/// One answer.
#[derive(Clone)]
pub enum Reply {
    Whole(u16, Vec<(&'static str, String)>, String),
    Hang,
    Drip,
    Endless,
    Cut,
}

impl Reply {
    pub fn status(status: u16, headers: &[(&'static str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self::Whole(status, headers, body.to_owned())
    }

    pub fn fine() -> Self {
        Self::status(200, &[], r#"{"id": "1"}"#)
    }

    pub fn always(reply: Self) -> Script {
        Arc::new(move |_, _| reply.clone())
    }

    pub fn first(first: Self, then: Self) -> Script {
        Arc::new(move |number, _| if number == 0 { first.clone() } else { then.clone() })
    }

    /// A fixed window of `limit` requests, with Discord's headers; 429 above it.
    pub fn window(limit: u32, length: Duration) -> Script {
        let state = Mutex::new((limit, Instant::now()));
        Arc::new(move |_, _| {
            let (mut state, now) = (state.lock().unwrap(), Instant::now());
            if now >= state.1 {
                *state = (limit, now + length);
            }
            let reset_after = format!("{:.3}", (state.1 - now).as_secs_f64());
            if state.0 == 0 {
                return Self::status(
                    429,
                    &[("retry-after", &reset_after), ("x-ratelimit-scope", "user")],
                    "",
                );
            }
            state.0 -= 1;
            let (limit, remaining) = (limit.to_string(), state.0.to_string());
            let headers = [
                ("x-ratelimit-limit", limit.as_str()),
                ("x-ratelimit-remaining", &remaining),
                ("x-ratelimit-reset-after", &reset_after),
                ("x-ratelimit-bucket", "abcd"),
            ];
            Self::status(200, &headers, "{}")
        })
    }

    async fn response(self) -> Response {
        let body = match self {
            Self::Whole(status, headers, body) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                return response.body(Body::from(body)).unwrap();
            }
            Self::Hang => std::future::pending().await,
            Self::Drip => Body::from_stream(stream::iter(0..).then(|_| async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok::<_, Infallible>(Bytes::from_static(b" "))
            })),
            Self::Endless => {
                Body::from_stream(stream::repeat_with(|| Ok::<_, Infallible>(vec![b' '; 65_536])))
            }
            Self::Cut => Body::from_stream(stream::iter([Ok(Bytes::from_static(b"{")), Err("cut")])),
        };
        Response::new(body)
    }
}

#[derive(Clone, Default)]
struct Memory {
    paths: Arc<Mutex<Vec<String>>>,
    at_once: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

pub struct Scripted {
    port: u16,
    memory: Memory,
    server: tokio::task::JoinHandle<()>,
}

impl Scripted {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let memory = Memory::default();
        let router = Router::new().fallback(answer).with_state((script, memory.clone()));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, memory, server }
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn paths(&self) -> Vec<String> {
        self.memory.paths.lock().unwrap().clone()
    }

    pub fn most_at_once(&self) -> usize {
        self.memory.most_at_once.load(Ordering::SeqCst)
    }

    pub async fn stop(self) {
        self.server.abort();
        let _ = self.server.await;
    }
}

async fn answer(State((script, memory)): State<(Script, Memory)>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let number = {
        let mut paths = memory.paths.lock().unwrap();
        paths.push(path.clone());
        paths.len() - 1
    };
    let now = memory.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    memory.most_at_once.fetch_max(now, Ordering::SeqCst);
    // The request is read whole, or the client would see a reset instead of the answer.
    let _ = axum::body::to_bytes(request.into_body(), usize::MAX).await;
    tokio::task::yield_now().await;
    let response = script(number, &path).response().await;
    memory.at_once.fetch_sub(1, Ordering::SeqCst);
    response
}
