//! The files that people attach: the one place of the mouth that fetches anything but Discord's interface.
//!
//! 1. Only from where Discord keeps attachments ([`ORIGINS`]); a stand-in keeps its own. No redirect is followed, so that
//!    nothing leads anywhere else.
//! 2. Never more than [`MOST_BYTES`], whatever Discord or the answer says of the size.
//! 3. What comes is kept as opaque bytes, where [`Copied`] takes them; nothing is unpacked, shown or run.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};
use serenity::model::channel::Attachment;
use watchpost::evidence::{Copied, MOST_BYTES, NotKept};
use watchpost::ids::PersonId;
use watchpost_texts::say;

use super::gate::Upstream;

/// Where Discord keeps attachments (reference, "CDN"; the second one is its resizing proxy).
const ORIGINS: [&str; 2] = ["https://cdn.discordapp.com", "https://media.discordapp.net"];
/// To the connection.
const CONNECT: Duration = Duration::from_secs(5);
/// To the last byte.
const WHOLE: Duration = Duration::from_secs(20);

/// Fetches attachments.
pub struct Fetcher {
    client: Client,
    origins: Vec<String>,
}

/// Why a file was not copied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCopied {
    /// It lies elsewhere.
    #[error("{}", say!("its link does not lead to Discord"))]
    Elsewhere,
    /// It may not be kept.
    #[error("{0}")]
    NotKept(NotKept),
    /// It is gone.
    #[error("{}", say!("Discord does not have it any more"))]
    Gone,
    /// Nothing came, or not all.
    #[error("{}", say!("Discord did not hand it out. Attach it once more with `/log`"))]
    NoAnswer,
}

impl Fetcher {
    /// For attachments of this Discord; none where the system's TLS does not start.
    pub fn of(upstream: &Upstream) -> Option<Self> {
        let origins = match upstream.is_loopback() {
            true => vec![origin(&upstream.url("/")?)],
            false => ORIGINS.map(str::to_owned).to_vec(),
        };
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("Watchpost/", env!("CARGO_PKG_VERSION")))
            .build();
        Some(Fetcher { client: client.ok()?, origins })
    }

    /// Copies a file that somebody attached.
    ///
    /// # Errors
    /// [`NotCopied`] says why not.
    pub async fn copy(&self, file: &Attachment, of: PersonId) -> Result<Copied, NotCopied> {
        if u64::from(file.size) > MOST_BYTES {
            return Err(NotCopied::NotKept(NotKept::TooLarge));
        }
        let bytes = self.bytes(&file.url).await?;
        Copied::new(&file.filename, bytes, of).map_err(NotCopied::NotKept)
    }

    async fn bytes(&self, address: &str) -> Result<Vec<u8>, NotCopied> {
        let url = Url::parse(address).map_err(|_| NotCopied::Elsewhere)?;
        let credentials = !url.username().is_empty() || url.password().is_some();
        if credentials || !self.origins.contains(&origin(&url)) {
            return Err(NotCopied::Elsewhere);
        }
        let mut answer = self.client.get(url).send().await.map_err(|_| NotCopied::NoAnswer)?;
        match answer.status() {
            status if status.is_success() => {}
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => return Err(NotCopied::Gone),
            _ => return Err(NotCopied::NoAnswer),
        }
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|_| NotCopied::NoAnswer)? {
            if (bytes.len() + piece.len()) as u64 > MOST_BYTES {
                return Err(NotCopied::NotKept(NotKept::TooLarge));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::header::LOCATION;
    use axum::routing::get;

    use super::*;

    /// A Discord that hands out a file, too much, a redirect, and nothing.
    async fn discord() -> (Fetcher, String) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let endless = vec![b'a'; usize::try_from(MOST_BYTES).unwrap_or(0) + 1];
        let app = Router::new()
            .route("/attachments/log", get(|| async { "a line" }))
            .route("/attachments/endless", get(move || async move { endless }))
            .route(
                "/attachments/away",
                get(|| async { (StatusCode::FOUND, [(LOCATION, "/attachments/log")]) }),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let fetcher = Fetcher::of(&Upstream::parse(&base).expect("loopback")).expect("a client");
        (fetcher, base)
    }

    #[tokio::test]
    async fn only_what_discord_keeps_is_fetched_and_never_too_much() {
        let (fetcher, base) = discord().await;
        let of = |path: &str| format!("{base}/attachments/{path}");
        assert_eq!(fetcher.bytes(&of("log")).await, Ok(b"a line".to_vec()));
        assert_eq!(fetcher.bytes(&of("endless")).await, Err(NotCopied::NotKept(NotKept::TooLarge)));
        assert_eq!(fetcher.bytes(&of("away")).await, Err(NotCopied::NoAnswer), "nothing leads elsewhere");
        assert_eq!(fetcher.bytes(&of("nothing")).await, Err(NotCopied::Gone));
        let port = base.rsplit(':').next().unwrap_or_default();
        for elsewhere in [
            "http://169.254.169.254/latest".to_owned(),
            format!("http://localhost:{port}/attachments/log"),
            format!("http://ana@127.0.0.1:{port}/attachments/log"),
            "file:///etc/passwd".to_owned(),
            "no address".to_owned(),
        ] {
            assert_eq!(fetcher.bytes(&elsewhere).await, Err(NotCopied::Elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn the_real_discord_keeps_files_in_two_places() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fetcher = Fetcher::of(&Upstream::discord()).expect("a client");
        assert_eq!(fetcher.origins, ORIGINS);
    }
}
