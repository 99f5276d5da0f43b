//! What Watchpost says of itself, for machines: `/metrics` in Prometheus' form and `/health` as JSON.
//!
//! Numbers only, no names: whoever may read them learns nothing of hosts, people or incidents. They are given to this
//! machine alone; a request that came by a proxy is not from this machine.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{PATIENCE, Web};

/// A service that was asked longer ago than this is not watched.
const ASKED_WITHIN: Duration = Duration::from_secs(900);
/// What is due for longer than this does not leave.
const LEAVES_WITHIN: Duration = Duration::from_secs(180);

/// The numbers at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Numbers {
    /// The store answers.
    pub stored: bool,
    /// Events that were ever stored.
    pub events: u64,
    /// For how long the oldest thing that should have left or come due is overdue.
    pub overdue: Duration,
    /// Services that are configured.
    pub services: usize,
    /// Those that are confirmed broken.
    pub broken: usize,
    /// Those of which nothing can be known.
    pub blind: usize,
    /// How long ago the service that waits longest was asked.
    pub asked: Duration,
    /// Services that were never asked.
    pub never_asked: usize,
    /// Incidents that are open, drills left out.
    pub incidents: usize,
    /// Alarms that nobody has taken.
    pub alarms: usize,
    /// Warnings that hold.
    pub warnings: usize,
}

impl Numbers {
    /// Whether Watchpost does what it is for.
    pub fn is_well(&self) -> bool {
        self.stored && self.overdue <= LEAVES_WITHIN && (self.services == 0 || self.asked <= ASKED_WITHIN)
    }
}

async fn numbers(web: &Web) -> Numbers {
    let (desk, policy) = (&web.desk, web.desk.policy());
    let now = desk.clock().now();
    let seq = tokio::time::timeout(PATIENCE, desk.store().last_seq()).await;
    let due = tokio::time::timeout(PATIENCE, desk.store().next_due()).await;
    let book = desk.book();
    let standing = || book.watched.services.iter().filter(|(name, _)| policy.services.contains(name));
    let (asked, never_asked) = web.monitor.get().map(|monitor| monitor.oldest()).unwrap_or_default();
    Numbers {
        stored: matches!(seq, Ok(Ok(_))),
        events: seq.ok().and_then(Result::ok).map_or(0, |seq| seq.0),
        overdue: due.ok().and_then(Result::ok).flatten().map_or(Duration::ZERO, |due| now.since(due)),
        services: policy.services.len(),
        broken: standing().filter(|(_, one)| one.alarm.is_some()).count(),
        blind: standing().filter(|(_, one)| one.blind.is_some()).count(),
        asked,
        never_asked,
        incidents: policy
            .guilds
            .keys()
            .flat_map(|guild| desk.open_incidents(*guild))
            .filter(|incident| !incident.drill)
            .count(),
        alarms: book.watched.alarms.iter().filter(|one| one.is_open() && one.incident.is_none()).count(),
        warnings: book.warnings.open.len(),
    }
}

/// Prometheus' text form, version 0.0.4.
fn prometheus(numbers: &Numbers) -> String {
    let seconds = |took: Duration| took.as_secs_f64();
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let rows = [
        (
            "up",
            "gauge",
            "1 while the store answers, what is due leaves, and services are asked.",
            f64::from(u8::from(numbers.is_well())),
        ),
        ("events_total", "counter", "Events that were stored.", numbers.events as f64),
        (
            "overdue_seconds",
            "gauge",
            "For how long the oldest due thing is overdue.",
            seconds(numbers.overdue),
        ),
        ("services", "gauge", "Services that are configured.", count(numbers.services)),
        ("services_broken", "gauge", "Services that are confirmed broken.", count(numbers.broken)),
        (
            "services_blind",
            "gauge",
            "Services of which nothing can be known from here.",
            count(numbers.blind),
        ),
        (
            "check_oldest_seconds",
            "gauge",
            "How long ago the service that waits longest was asked.",
            seconds(numbers.asked),
        ),
        (
            "services_never_asked",
            "gauge",
            "Services that were not asked since the start.",
            count(numbers.never_asked),
        ),
        ("incidents_open", "gauge", "Open incidents, drills left out.", count(numbers.incidents)),
        ("alarms_open", "gauge", "Alarms that nobody has taken.", count(numbers.alarms)),
        ("warnings_open", "gauge", "Warnings that hold.", count(numbers.warnings)),
    ];
    rows.iter().fold(String::new(), |mut page, (name, kind, help, value)| {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "# HELP watchpost_{name} {help}\n# TYPE watchpost_{name} {kind}\nwatchpost_{name} {value}\n"
        );
        page
    })
}

/// From this machine, and not by a proxy on it.
fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    peer.ip().is_loopback() && !headers.contains_key("x-forwarded-for") && !headers.contains_key("forwarded")
}

pub(super) async fn metrics(
    State(web): State<Arc<Web>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !is_local(peer, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = prometheus(&numbers(&web).await);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response()
}

pub(super) async fn health(
    State(web): State<Arc<Web>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !is_local(peer, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let numbers = numbers(&web).await;
    let body = serde_json::json!({
        "well": numbers.is_well(),
        "store_answers": numbers.stored,
        "overdue_seconds": numbers.overdue.as_secs(),
        "services": numbers.services,
        "services_broken": numbers.broken,
        "services_blind": numbers.blind,
        "services_never_asked": numbers.never_asked,
        "check_oldest_seconds": numbers.asked.as_secs(),
        "incidents_open": numbers.incidents,
        "alarms_open": numbers.alarms,
        "warnings_open": numbers.warnings,
    });
    let status = if numbers.is_well() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_it_unwell() {
        let well = Numbers { stored: true, services: 1, ..Numbers::default() };
        assert!(well.is_well());
        assert!(!Numbers { stored: false, ..well.clone() }.is_well());
        assert!(!Numbers { overdue: Duration::from_secs(181), ..well.clone() }.is_well());
        assert!(!Numbers { asked: Duration::from_secs(901), ..well.clone() }.is_well());
        assert!(prometheus(&well).contains("\nwatchpost_services 1\n"));
        assert!(prometheus(&well).starts_with("# HELP watchpost_up "));
    }

    #[test]
    fn a_proxy_is_not_this_machine() {
        let here: SocketAddr = "127.0.0.1:5".parse().expect("an address");
        let mut proxied = HeaderMap::new();
        assert!(is_local(here, &proxied));
        assert!(!is_local("192.0.2.1:5".parse().expect("an address"), &proxied));
        proxied.insert("x-forwarded-for", "192.0.2.1".parse().expect("a value"));
        assert!(!is_local(here, &proxied));
    }
}
