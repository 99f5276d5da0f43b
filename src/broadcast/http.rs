//! One request to a configured address, and what its answer means.
//!
//! No redirect is followed, no more of the answer is read than its status, and the address, which is a
//! credential, stands in no error: reqwest's errors are never shown.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use watchpost_texts::say;

use crate::outbox::{Delivery, Proof};

/// From the first byte of the request to the status of the answer.
const WHOLE: Duration = Duration::from_secs(10);
/// To the connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long to wait where a server says that it is too much, and not how long.
const TOO_MUCH: Duration = Duration::from_secs(30);
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// The HTTP client cannot be made: the TLS library found no way to work.
#[derive(Debug, thiserror::Error)]
#[error("{}", say!("webhooks cannot be sent: the TLS library does not start"))]
pub struct NoClient;

/// A client with deadlines and without redirects.
pub(super) fn client() -> Result<Client, NoClient> {
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("Watchpost/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| NoClient)
}

/// Sends the request; says what became of it.
pub(super) async fn send(request: RequestBuilder) -> Delivery {
    match request.send().await {
        Ok(answer) => {
            let pause = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            meaning(answer.status(), pause)
        }
        Err(error) if error.is_connect() => {
            retry(Duration::ZERO, say!("the server cannot be reached").to_owned())
        }
        Err(error) if error.is_builder() => Delivery::Dead {
            why: say!("its address is not one that can be asked. Check the secret that holds it").to_owned(),
        },
        Err(_) => {
            Delivery::Uncertain { why: say!("the server took the request and did not answer").to_owned() }
        }
    }
}

/// What a status means for a delivery.
fn meaning(status: StatusCode, pause: Option<&str>) -> Delivery {
    let pause = || {
        let seconds = pause.and_then(|text| text.parse().ok()).map_or(TOO_MUCH, Duration::from_secs);
        seconds.min(LONGEST_PAUSE)
    };
    match status {
        status if status.is_success() => Delivery::Sent(Proof::Answer(status.as_u16().to_string())),
        StatusCode::NOT_FOUND | StatusCode::GONE => gone(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Delivery::Dead {
            why: say!("the server does not let us in ({}). Check the address and the key", status.as_u16()),
        },
        StatusCode::TOO_MANY_REQUESTS => {
            retry(pause(), say!("the server says that it is too much").to_owned())
        }
        StatusCode::REQUEST_TIMEOUT => {
            retry(Duration::ZERO, say!("the server waited too long for us").to_owned())
        }
        status if status.is_server_error() => {
            retry(Duration::ZERO, say!("the server failed ({})", status.as_u16()))
        }
        status => Delivery::Dead {
            why: say!("the server does not take it ({}). Check what kind of address it is", status.as_u16()),
        },
    }
}

/// The address is gone for good.
pub(super) fn gone() -> Delivery {
    let why = say!(
        "the server says that this address does not exist (any more). Make a new webhook there and put its address into the secret"
    );
    Delivery::Dead { why: why.to_owned() }
}

fn retry(after: Duration, why: String) -> Delivery {
    Delivery::Retry { after, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_means() {
        let name = |status: u16, pause| match meaning(StatusCode::from_u16(status).expect("a status"), pause)
        {
            Delivery::Sent(proof) => format!("sent {proof}"),
            Delivery::Retry { after, .. } => format!("retry after {} s", after.as_secs()),
            Delivery::Uncertain { .. } => "uncertain".to_owned(),
            Delivery::Dead { .. } => "dead".to_owned(),
        };
        let table = [
            (200, None, "sent 200"),
            (204, None, "sent 204"),
            (301, None, "dead"),
            (400, None, "dead"),
            (401, None, "dead"),
            (404, None, "dead"),
            (410, None, "dead"),
            (429, None, "retry after 30 s"),
            (429, Some("7"), "retry after 7 s"),
            (429, Some("999999"), "retry after 900 s"),
            (429, Some("-1"), "retry after 30 s"),
            (500, None, "retry after 0 s"),
            (503, Some("7"), "retry after 0 s"),
        ];
        for (status, pause, expected) in table {
            assert_eq!(name(status, pause), expected, "{status} {pause:?}");
        }
    }
}
