//! Mail among the people of the domain: a probe mail from the probe mailbox to itself.

use std::time::Duration;

use chrono::DateTime;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::probe_mail::{Journey, Sender, Way, travel};
use super::round::{Round, millis_since};
use super::{Check, Need, Set, authentication_results};
use crate::cause::Cause;
use crate::explain::{Hop, explain};
use crate::protocol::imap::search::FoundMail;
use crate::service::Protocol;

pub(super) const CHECK: Check = Check {
    name: "delivery",
    asks: to_say!("Does a mail that is handed in reach the mailbox?"),
    set: Set::Functional,
    needs: Need::ProbeAccount,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let Some(account) = &round.service.probe else {
            return Vec::new();
        };
        let way = Way {
            check: CHECK.name,
            from: Sender::Account(account),
            hand_in: round.endpoint_places(Protocol::Submission).await.into_iter().flatten().collect(),
            senders: &round.smtp_logins,
            to: account,
            look: round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect(),
            receivers: &round.imap_logins,
            attachment: 0,
            reports: Vec::new(),
        };
        let finding = Finding::ok(CHECK.name, &account.mailbox, Path::Delivery);
        vec![follow(round, &way, finding, Cause::DeliveryStuck).await]
    }
    .boxed()
}

/// Sends a mail on its way, and judges how it fared; `lost` is the cause where it does not arrive.
pub(super) async fn follow(round: &Round<'_>, way: &Way<'_>, finding: Finding, lost: Cause) -> Finding {
    let begun = Instant::now();
    let journey = travel(round, way).await;
    judge(round, finding.took(millis_since(begun)), journey, lost)
}

/// What a mail's journey says.
pub(super) fn judge(round: &Round<'_>, finding: Finding, journey: Journey, lost: Cause) -> Finding {
    match journey {
        Journey::Impossible(why) => unknown(finding, why),
        Journey::Refused(verdict, cause, words) => finding.fact("refused", words).judged(verdict, cause),
        Journey::Unseen { taken, broken: Some((verdict, cause)) } => finding
            .fact("taken", taken)
            .fact(to_say!("not known"), say!("reading breaks off"))
            .judged(verdict, cause),
        Journey::Unseen { taken, broken: None } => {
            unknown(finding.fact("taken", taken), say!("no IMAP place lets us look"))
        }
        Journey::Looked { taken, handed_in, found, late } => {
            let mut finding =
                finding.fact("taken", taken).fact(to_say!("handed in after"), say!("{handed_in} ms"));
            for minutes in late {
                finding.facts.add(to_say!("an earlier probe came late"), say!("after {minutes} min"));
            }
            finding.facts.add("deleted", if found.deleted { "yes" } else { "no" });
            match (found.mail, found.bounce) {
                (Some(mail), _) => judge_arrived(round, finding, &mail),
                (None, Some(report)) => judge_bounced(round, finding, &report, lost),
                (None, None) => finding.fact("found", "no").judged(Verdict::Down, lost),
            }
        }
    }
}

fn unknown(mut finding: Finding, why: &str) -> Finding {
    finding.verdict = Verdict::Unknown;
    finding.fact(to_say!("not known"), why)
}

/// The report says why; where it does not, the mail is lost as it would be without one.
fn judge_bounced(round: &Round<'_>, finding: Finding, report: &[u8], lost: Cause) -> Finding {
    let said = explain(&String::from_utf8_lossy(report), round.now);
    let mut finding = finding.fact("found", say!("no, a report came back"));
    for (name, value) in [("status", said.status), ("reply", said.reply), (say!("report says"), said.said)] {
        if let Some(value) = value {
            finding.facts.add(name, value);
        }
    }
    let cause = said.cause.unwrap_or(lost);
    let of_one_mailbox =
        matches!(cause, Cause::MailboxFull | Cause::AddressUnknown | Cause::AccountSuspended);
    finding.judged(if of_one_mailbox { Verdict::Degraded } else { Verdict::Down }, cause)
}

fn judge_arrived(round: &Round<'_>, mut finding: Finding, mail: &FoundMail) -> Finding {
    finding.facts.add("found", if mail.in_junk { say!("in the junk mailbox") } else { "yes" });
    if let Some(date) = &mail.internal_date {
        finding.facts.add(to_say!("in the mailbox at"), date);
    }
    let hops = explain(&String::from_utf8_lossy(&mail.header), round.now).hops;
    for hop in &hops {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "?".to_owned());
        let delay = hop.delay_seconds.map_or_else(String::new, |seconds| format!(", {seconds} s"));
        finding.facts.add("hop", say!("{} to {}{delay}", name(&hop.from), name(&hop.by)));
    }
    let results = authentication_results::read(&mail.header);
    if !results.is_empty() {
        finding.facts.add(to_say!("authentication results"), authentication_results::shown(&results));
    }
    let skewed = hops.iter().any(|hop| hop.clock_skew);
    // What the other provider says of our signature and addresses counts; what a server says of its own mail does not.
    let failed = finding.path == Path::Outbound && authentication_results::failed(&results);
    let found = if failed {
        Some(Cause::MailAuthenticationFailed)
    } else if mail.in_junk {
        Some(Cause::DeliveredToJunk)
    } else if skewed {
        Some(Cause::ClockWrong)
    } else {
        slow(&hops, mail.internal_date.as_deref(), finding.millis, round.service.limits.slow_delivery)
    };
    match found {
        Some(cause) => finding.judged(Verdict::Degraded, cause),
        None => finding,
    }
}

/// Where the time went: before the mailbox, or on the last step into it.
fn slow(hops: &[Hop], internal_date: Option<&str>, millis: u64, limit: Duration) -> Option<Cause> {
    let last = hops.iter().filter_map(|hop| hop.time).next_back();
    let arrived =
        internal_date.and_then(|date| DateTime::parse_from_str(date.trim(), "%d-%b-%Y %H:%M:%S %z").ok());
    let into_mailbox = arrived.zip(last).map_or(0, |(arrived, last)| (arrived.to_utc() - last).num_seconds());
    let held = hops.iter().filter_map(|hop| hop.delay_seconds).max().unwrap_or_default();
    match i64::try_from(limit.as_secs()) {
        Ok(limit) if into_mailbox >= limit && into_mailbox > held => Some(Cause::MailboxDeliverySlow),
        Ok(limit) if held >= limit => Some(Cause::DeliverySlow),
        _ if u128::from(millis) > limit.as_millis() => Some(Cause::DeliverySlow),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    #[track_caller]
    fn check(delays: &[i64], arrived_after: i64, expected: Option<Cause>) {
        let begun = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let mut time = begun;
        let mut hops = Vec::new();
        for (number, delay) in delays.iter().enumerate() {
            time += chrono::TimeDelta::seconds(*delay);
            let (from, by, with) = (None, None, None);
            let delay_seconds = (number > 0).then_some(*delay);
            hops.push(Hop { from, by, with, time: Some(time), delay_seconds, clock_skew: false });
        }
        let arrived = time + chrono::TimeDelta::seconds(arrived_after);
        let arrived = arrived.format("%d-%b-%Y %H:%M:%S +0000").to_string();
        assert_eq!(slow(&hops, Some(&arrived), 1000, LIMIT), expected, "{arrived}");
    }

    #[test]
    fn where_the_time_went() {
        check(&[0, 1, 2], 1, None);
        check(&[0, 300, 2], 1, Some(Cause::DeliverySlow));
        check(&[0, 1, 2], 90, Some(Cause::MailboxDeliverySlow));
        check(&[0, 300, 2], 90, Some(Cause::DeliverySlow));
        assert_eq!(slow(&[], Some("yesterday"), 1000, LIMIT), None);
        assert_eq!(slow(&[], None, 30_000, LIMIT), Some(Cause::DeliverySlow));
    }
}
