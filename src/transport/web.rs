//! Fetches one page over HTTPS from a pinned, vetted address: no redirect, no proxy, a limit on bytes and time.

use std::net::SocketAddr;

use futures::StreamExt;
use reqwest::{Certificate, Client, redirect};
use watchpost_texts::say;

use crate::service::{HostName, Service};

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// Its text.
    pub text: String,
}

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageFault {
    /// The host has no address that may be connected to.
    #[error("{}", say!("the host has no address that may be connected to"))]
    NoAddress,
    /// The connection or TLS did not come about.
    #[error("{}", say!("no connection, or its certificate is not good"))]
    Connection,
    /// It took too long.
    #[error("{}", say!("no answer in time"))]
    Timeout,
    /// Not the status that means well.
    #[error("{}", say!("HTTP status {0}", _0))]
    Status(u16),
    /// More bytes than are read.
    #[error("{}", say!("the page is too long"))]
    TooLong,
}

/// Fetches `url`, whose host is `host`, from one of these addresses and no other.
///
/// # Errors
/// [`PageFault`].
pub async fn get(
    url: &str,
    host: &HostName,
    addresses: &[SocketAddr],
    service: &Service,
    most_bytes: usize,
) -> Result<Page, PageFault> {
    if addresses.is_empty() {
        return Err(PageFault::NoAddress);
    }
    let client = client(host, addresses, service).map_err(|_| PageFault::Connection)?;
    let answer = client.get(url).send().await.map_err(|error| fault_of(&error))?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    let mut stream = answer.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| fault_of(&error))?;
        if bytes.len() + chunk.len() > most_bytes {
            return Err(PageFault::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Page { status, text: String::from_utf8_lossy(&bytes).into_owned() })
}

fn client(host: &HostName, addresses: &[SocketAddr], service: &Service) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .https_only(true)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(service.limits.whole)
        .connect_timeout(service.limits.connect)
        // Pinned: the name is not resolved again, so it cannot move to another address meanwhile.
        .resolve_to_addrs(host.as_str(), addresses);
    for authority in &service.authorities {
        builder = builder.add_root_certificate(Certificate::from_der(authority)?);
    }
    builder.build()
}

/// Never the error's own text: it may hold the whole address of the page.
fn fault_of(error: &reqwest::Error) -> PageFault {
    if error.is_timeout() { PageFault::Timeout } else { PageFault::Connection }
}
