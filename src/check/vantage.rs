//! A second vantage point: what does not answer here is asked again from another machine, through a SOCKS proxy there.
//!
//! 1. The ports are asked from here first; those that answer are not asked twice.
//! 2. The others are asked from there: the greeting, or the TLS handshake where TLS comes first.
//! 3. Who answers there refuses us alone, or our way to him is broken: [`crate::diagnose`] reads our finding again. Who
//!    does not answer there either is told, and changes nothing.

use std::collections::HashSet;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::to_say;

use super::finding::{Finding, Path};
use super::round::Round;
use super::{Check, Need, Set, imap, pop3, smtp_relay, submission};
use crate::protocol::Dialogue;
use crate::protocol::knock::{Knock, Listen};
use crate::service::{Protocol, TlsMode};
use crate::transport::{Ending, Target, Transport};

pub(super) const CHECK: Check = Check {
    name: "vantage",
    asks: to_say!("Does what is silent here answer from a second place?"),
    set: Set::Fast,
    needs: Need::Nothing,
    run,
};

/// The fact that tells what was seen from there, and what it says where somebody answers.
pub(crate) const SEEN: &str = to_say!("from the second place");
pub(crate) const ANSWERS: &str = to_say!("it answers");

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let Some(place) = round.service.vantage else { return Vec::new() };
        for check in [&smtp_relay::CHECK, &submission::CHECK, &imap::CHECK, &pop3::CHECK] {
            round.until_over(check.name).await;
        }
        let from_there = Transport::through(place);
        let asked = silent(round).await;
        join_all(asked.iter().map(|target| look(round, &from_there, target))).await
    }
    .boxed()
}

/// Every place that came to no end from here, once.
async fn silent(round: &Round<'_>) -> Vec<Target> {
    let mut places = round.incoming_places().await;
    for protocol in [Protocol::Submission, Protocol::Imap, Protocol::Pop3] {
        places.extend(round.endpoint_places(protocol).await);
    }
    let mut seen = HashSet::new();
    let silent = |target: &Target| !round.answers(target);
    places.into_iter().flatten().filter(silent).filter(|target| seen.insert(target.address)).collect()
}

async fn look(round: &Round<'_>, from_there: &Transport, target: &Target) -> Finding {
    let mut dialogue: Box<dyn Dialogue> = match target.tls {
        TlsMode::Implicit => Box::new(Knock),
        TlsMode::Starttls => Box::new(Listen::default()),
    };
    let limits = &round.service.limits;
    let connection = from_there.converse(target, dialogue.as_mut(), &round.tls, limits, round.now).await;
    match connection.ending {
        Ending::Finished => Finding::at(CHECK.name, target, Path::Aside).fact(SEEN, ANSWERS),
        // About no place of its own: nothing is known there that is not known here.
        ending => {
            let target = format!("{} {}", target.host, target.address.socket());
            Finding::ok(CHECK.name, target, Path::Aside).fact(SEEN, ending)
        }
    }
    .took(connection.millis)
}
