//! The forms of the page: a report, and **Same here** under what is published.
//!
//! 1. Only a form of this page is taken: the browser says where it comes from, and the form holds a token of ours
//!    that is not old ([`Guard::admits`]).
//! 2. Few from one address, and not too many at all ([`Guard::counts`]).
//! 3. It becomes a report as `/report` makes one: counted at the open incident, addresses masked, never posted.
//! 4. The answer says what is known. Who it was is not kept: only a number that this run of Watchpost made of the address, so
//!    that one reader is not counted twice.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use hmac::{Hmac, Mac as _};
use reqwest::Url;
use sha2::Sha256;
use watchpost_texts::say;

use super::public::Picture;
use crate::clock::UtcMs;
use crate::desk::{Desk, Reported, Reporting};
use crate::explain::{explain, mask_addresses};
use crate::ids::{IncidentId, PersonId};
use crate::person::{Person, Personal};
use crate::refusal::Refusal;
use crate::report::Report;
use crate::review::spell_out;

/// Longest text that is kept, in characters.
const TEXT: usize = 2_000;
/// How long a form may lie open, in hours.
const FRESH_HOURS: i64 = 12;
/// How many forms are taken from one address in ten minutes; a whole office may stand behind it.
const FROM_ONE: u32 = 10;
/// How many are taken at all in ten minutes.
const FROM_ALL: u32 = 600;
/// The window of both.
const WINDOW: i64 = 600_000;
/// No number of a person in the chat has this bit.
const OF_THE_PAGE: u64 = 1 << 63;

/// Who is let in.
pub struct Guard {
    secret: [u8; 32],
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    since: UtcMs,
    all: u32,
    each: HashMap<IpAddr, u32>,
}

/// Why a form is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// It comes from another page.
    Foreign,
    /// It is not of ours, or old.
    Stale,
    /// Too many.
    TooMany,
}

impl Guard {
    /// With a secret of its own.
    pub fn new() -> Self {
        Guard { secret: rand::random(), counted: Mutex::default() }
    }

    /// What stands in a form that is made now; the same within an hour.
    pub fn token(&self, now: UtcMs) -> String {
        let hour = now.0.div_euclid(3_600_000);
        format!("{hour}.{:016x}", self.number(format!("form {hour}").as_bytes()))
    }

    /// Whether this form is one of this page.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, headers: &HeaderMap, token: &str, now: UtcMs) -> Result<(), NotTaken> {
        if !is_same_origin(headers) {
            return Err(NotTaken::Foreign);
        }
        let hour = token.split('.').next().and_then(|hour| hour.parse::<i64>().ok()).unwrap_or(i64::MIN);
        let age = now.0.div_euclid(3_600_000).saturating_sub(hour);
        let own = (0..=FRESH_HOURS).contains(&age) && self.token(UtcMs(hour * 3_600_000)) == token;
        own.then_some(()).ok_or(NotTaken::Stale)
    }

    /// Counts a form of this reader.
    ///
    /// # Errors
    /// [`NotTaken::TooMany`].
    pub fn counts(&self, reader: IpAddr, now: UtcMs) -> Result<(), NotTaken> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0.saturating_sub(counted.since.0) >= WINDOW || now < counted.since {
            *counted = Counted { since: now, ..Counted::default() };
        }
        if counted.all >= FROM_ALL || counted.each.get(&reader).is_some_and(|count| *count >= FROM_ONE) {
            return Err(NotTaken::TooMany);
        }
        counted.all += 1;
        *counted.each.entry(reader).or_default() += 1;
        Ok(())
    }

    /// A number for this reader, which nobody can turn back into an address.
    fn person(&self, reader: IpAddr) -> Person {
        let id = self.number(format!("reader {reader}").as_bytes()) | OF_THE_PAGE;
        Person { id: PersonId(id), name: say!("somebody on the status page").to_owned() }
    }

    fn number(&self, of: &[u8]) -> u64 {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return 0 };
        mac.update(of);
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

/// Browsers say where a form comes from: Fetch Metadata, and before that Origin. What says neither is no browser that
/// somebody could be led astray in.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match header(header::ORIGIN.as_str()) {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(header::HOST.as_str())
        }
    }
}

/// The reader's address. Behind a proxy on this machine it is the last one that the proxy names. IPv6 by its network.
pub fn reader(peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let told = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = told.and_then(|told| told.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
    let address: IpAddr = last.filter(|_| peer.ip().is_loopback()).unwrap_or_else(|| peer.ip());
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let mut segments = v6.segments();
            segments[4..].fill(0);
            IpAddr::V6(segments.into())
        }
    }
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// Shows that the form is ours.
    pub token: String,
    incident: String,
    symptom: String,
    client: String,
    text: String,
}

impl Sent {
    /// From the body of a form; what is not known is left out.
    pub fn read(body: &str) -> Self {
        let mut sent = Sent::default();
        let Ok(url) = Url::parse(&format!("form:?{}", body.replace('#', "%23"))) else { return sent };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "token" => sent.token = value.into_owned(),
                "incident" => sent.incident = value.into_owned(),
                "symptom" => sent.symptom = value.into_owned(),
                "client" => sent.client = value.into_owned(),
                "text" => sent.text = value.into_owned(),
                _ => {}
            }
        }
        sent
    }
}

/// Enters the report; answers a title and what is known.
pub async fn enter(
    desk: &Desk,
    picture: &Picture,
    zone: chrono_tz::Tz,
    sent: &Sent,
    by: (&Guard, IpAddr),
) -> (&'static str, Vec<String>) {
    let now = desk.clock().now();
    let Ok(symptom) = sent.symptom.parse() else {
        return (
            say!("Not taken"),
            vec![say!("Please choose what does not work, and send it again.").to_owned()],
        );
    };
    let person = by.0.person(by.1);
    let text = mask_addresses(sent.text.trim()).chars().take(TEXT).collect::<String>();
    let explained = (!text.is_empty()).then(|| explain(&sent.text, now.to_utc()));
    let explained = explained.filter(|found| found.reason.is_some()).map(|found| found.explanation);
    let partner = crate::report::partner(&sent.text, &desk.policy().hosts);
    let report = Report {
        at: now,
        symptom,
        client: sent.client.parse().ok(),
        site: None,
        domain: partner,
        service: None,
        text: (!text.is_empty()).then_some(Personal { of: person.id, text }),
        people: 1,
        by: person,
    };
    let named = picture.open.iter().find(|outage| outage.id.to_string() == sent.incident);
    let (title, mut lines) = match ask(desk, named.map(|outage| outage.id), report).await {
        Ok(Reported::Known(incident)) => (say!("You are counted"), known(picture, incident.id, zone)),
        Ok(Reported::Waiting { people, proposed }) => (say!("Thank you"), waits(people, proposed)),
        Err(Refusal::ReportedAlready { .. } | Refusal::ReportsTooOften { .. }) => (
            say!("You are counted already"),
            vec![say!("Nothing more is needed from you at the moment.").to_owned()],
        ),
        Err(refusal) => {
            tracing::warn!(code = refusal.code(), "a report from the status page was not taken");
            (
                say!("Not taken"),
                vec![say!("That could not be stored. Please try again in a minute.").to_owned()],
            )
        }
    };
    lines.extend(explained);
    (title, lines)
}

/// For the service of the incident that is meant; where none is, at the server where something is open.
async fn ask(desk: &Desk, meant: Option<IncidentId>, mut report: Report) -> Result<Reported, Refusal> {
    let meant = meant.and_then(|id| desk.incident(id));
    let guilds: Vec<_> = desk.policy().guilds.keys().copied().collect();
    let disturbed = guilds.iter().find(|guild| !desk.open_incidents(**guild).is_empty());
    let guild = meant.as_ref().map(|incident| incident.guild).or(disturbed.copied());
    let Some(guild) = guild.or(guilds.first().copied()) else { return Err(Refusal::NothingOpen) };
    report.service = meant.and_then(|incident| incident.service.clone());
    desk.report(Reporting { guild, report, once: None }).await
}

fn waits(people: u32, proposed: bool) -> Vec<String> {
    let others = match people {
        0 | 1 => say!("You are the first to say so in the last hour.").to_owned(),
        several => say!("{several} people said so in the last hour."),
    };
    let next = match proposed {
        true => say!("The people who answer for mail have been called to look at it."),
        false => {
            say!(
                "It is noted; if more people say so, somebody is called. Is it urgent? Tell your help desk as well."
            )
        }
    };
    vec![others, next.to_owned()]
}

/// What users were told; nothing that the page does not show.
fn known(picture: &Picture, id: IncidentId, zone: chrono_tz::Tz) -> Vec<String> {
    let outage = picture.open.iter().find(|outage| outage.id == id);
    let newest = outage.and_then(|outage| outage.words.first());
    match newest {
        Some(word) => vec![say!("This is known as {id}."), spell_out(&word.text, zone)],
        None => {
            vec![
                say!("It is being looked into. The first word about it will stand on the status page.")
                    .to_owned(),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let parsed = pairs.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), value.parse().expect("a value"))
        });
        parsed.collect()
    }

    #[test]
    fn only_a_form_of_this_page_is_taken_and_not_for_ever() {
        let (guard, now) = (Guard::new(), UtcMs(50 * 3_600_000));
        let token = guard.token(now);
        type Row<'r> = (&'r [(&'static str, &'r str)], &'r str, Result<(), NotTaken>);
        let table: [Row<'_>; 7] = [
            (&[("sec-fetch-site", "same-origin")], &token, Ok(())),
            (&[("sec-fetch-site", "cross-site")], &token, Err(NotTaken::Foreign)),
            (&[("origin", "https://status.example.org"), ("host", "status.example.org")], &token, Ok(())),
            (
                &[("origin", "https://evil.example"), ("host", "status.example.org")],
                &token,
                Err(NotTaken::Foreign),
            ),
            (&[("origin", "null"), ("host", "status.example.org")], &token, Err(NotTaken::Foreign)),
            (&[], &token, Ok(())),
            (&[], "50.0000000000000000", Err(NotTaken::Stale)),
        ];
        for (pairs, token, expected) in table {
            assert_eq!(guard.admits(&headers(pairs), token, now), expected, "{pairs:?} {token}");
        }
        let later = UtcMs(now.0 + (FRESH_HOURS + 1) * 3_600_000);
        assert_eq!(guard.admits(&HeaderMap::new(), &token, later), Err(NotTaken::Stale));
        assert_eq!(
            Guard::new().admits(&HeaderMap::new(), &token, now),
            Err(NotTaken::Stale),
            "of another run"
        );
    }

    #[test]
    fn one_address_is_stopped_and_the_next_is_not() {
        let guard = Guard::new();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..FROM_ONE {
            assert_eq!(guard.counts(one, UtcMs(0)), Ok(()));
        }
        assert_eq!(guard.counts(one, UtcMs(1)), Err(NotTaken::TooMany));
        assert_eq!(guard.counts(other, UtcMs(1)), Ok(()));
        assert_eq!(guard.counts(one, UtcMs(WINDOW)), Ok(()));
    }

    #[test]
    fn the_address_is_what_a_proxy_here_says_and_nobody_elses_word() {
        let told = headers(&[("x-forwarded-for", "203.0.113.9, 192.0.2.7")]);
        let here: SocketAddr = "127.0.0.1:1".parse().expect("an address");
        let there: SocketAddr = "192.0.2.99:1".parse().expect("an address");
        assert_eq!(reader(here, &told), IpAddr::from([192, 0, 2, 7]));
        assert_eq!(reader(there, &told), there.ip());
        let v6: SocketAddr = "[2001:db8:1:2:3:4:5:6]:1".parse().expect("an address");
        assert_eq!(reader(v6, &HeaderMap::new()).to_string(), "2001:db8:1:2::");
    }

    #[test]
    fn a_body_is_read_as_browsers_write_it() {
        let sent = Sent::read("token=1.a&symptom=cannot_send&text=550+no+%23such+user%0D%0A%C3%BC&x=%00");
        assert_eq!((sent.token.as_str(), sent.symptom.as_str()), ("1.a", "cannot_send"));
        assert_eq!(sent.text, "550 no #such user\r\nü");
    }
}
