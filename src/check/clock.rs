//! Self-check: is the clock of this machine right? The control hosts with a web page tell the time. A clock that is wrong
//! makes good certificates look expired ([`crate::diagnose`] reads those findings again).

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::http_date::HttpDate;
use crate::service::{HostName, TlsMode};

pub(super) const CHECK: Check = Check {
    name: "clock",
    asks: to_say!("Is the clock of this machine right?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

/// Clocks that differ by less are not remarked on: an answer may be some seconds old.
const TOLERANCE: TimeDelta = TimeDelta::minutes(2);

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let asked = round.service.control_hosts.iter().filter(|(_, port)| is_web(round, *port));
        let told = join_all(asked.map(|(host, port)| ask(round, host, *port))).await;
        let told: Vec<(HostName, TimeDelta)> = told.into_iter().flatten().collect();
        judge(&told).map(|finding| finding.took(millis_since(begun))).into_iter().collect()
    }
    .boxed()
}

fn is_web(round: &Round<'_>, port: u16) -> bool {
    port == 443 || port == round.service.https_port
}

/// By how much the host's clock is ahead of ours.
async fn ask(round: &Round<'_>, host: &HostName, port: u16) -> Option<(HostName, TimeDelta)> {
    let begun = Instant::now();
    let places = round.places(host, port, TlsMode::Implicit).await;
    let target = places.into_iter().flatten().next()?;
    let mut dialogue = HttpDate::new(host.clone());
    round.converse(&target, &mut dialogue).await;
    let ours: DateTime<Utc> = round.now + TimeDelta::from_std(begun.elapsed()).unwrap_or_default();
    Some((host.clone(), dialogue.date()? - ours))
}

/// One clock against one says nothing about whose is wrong, but those who live from being right are asked here. Where
/// several are asked, all must agree that ours is wrong.
fn judge(told: &[(HostName, TimeDelta)]) -> Option<Finding> {
    let nearest = told.iter().min_by_key(|(_, ahead)| ahead.abs())?;
    let finding = Finding::ok(CHECK.name, &nearest.0, Path::Aside);
    if nearest.1.abs() <= TOLERANCE {
        return Some(finding);
    }
    let (seconds, direction) =
        (nearest.1.num_seconds(), if nearest.1 > TimeDelta::zero() { "slow" } else { "fast" });
    let shown = format!("{} s {direction}", seconds.abs());
    Some(finding.fact(to_say!("our clock is"), shown).judged(Verdict::Unknown, Cause::OwnClockWrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ahead: &[i64], expected: Option<(Verdict, &str)>) {
        let host = HostName::parse("example.com").expect("a name");
        let told: Vec<_> = ahead.iter().map(|seconds| (host.clone(), TimeDelta::seconds(*seconds))).collect();
        let found = judge(&told);
        let told =
            found.as_ref().map(|found| (found.verdict, found.facts.get("our clock is").unwrap_or("right")));
        assert_eq!(told, expected);
    }

    #[test]
    fn our_clock_is_wrong_only_where_all_say_so() {
        check(&[], None);
        check(&[3], Some((Verdict::Ok, "right")));
        check(&[-119], Some((Verdict::Ok, "right")));
        check(&[3600], Some((Verdict::Unknown, "3600 s slow")));
        check(&[-3600, -3590], Some((Verdict::Unknown, "3590 s fast")));
        check(&[-3600, 2], Some((Verdict::Ok, "right")));
    }
}
