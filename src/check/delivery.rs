//! Mail among the people of the domain: a probe mail from the probe mailbox to itself.

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use super::finding::{Finding, Path, Verdict};
use super::probe_mail::{Journey, Sender, Way, travel};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::explain::explain;
use crate::protocol::imap::search::FoundMail;
use crate::service::Protocol;

pub(super) const CHECK: Check = Check {
    name: "delivery",
    asks: "Does a mail that is handed in reach the mailbox?",
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
    let millis = millis_since(begun);
    let finding = finding.took(millis);
    match journey {
        Journey::Impossible(why) => unknown(finding, why),
        Journey::Refused(verdict, cause, words) => finding.fact("refused", words).judged(verdict, cause),
        Journey::Unseen { taken, broken: Some((verdict, cause)) } => {
            finding.fact("taken", taken).fact("not known", "reading breaks off").judged(verdict, cause)
        }
        Journey::Unseen { taken, broken: None } => {
            unknown(finding.fact("taken", taken), "no IMAP place lets us look")
        }
        Journey::Looked { taken, handed_in, found, late } => {
            let mut finding = finding.fact("taken", taken).fact("handed in after", format!("{handed_in} ms"));
            for minutes in late {
                finding.facts.add("an earlier probe came late", format!("after {minutes} min"));
            }
            finding.facts.add("deleted", if found.deleted { "yes" } else { "no" });
            match (found.mail, found.bounce) {
                (Some(mail), _) => judge_arrived(round, finding, &mail, millis),
                (None, Some(report)) => judge_bounced(round, finding, &report, lost),
                (None, None) => finding.fact("found", "no").judged(Verdict::Down, lost),
            }
        }
    }
}

fn unknown(mut finding: Finding, why: &str) -> Finding {
    finding.verdict = Verdict::Unknown;
    finding.fact("not known", why)
}

/// The report says why; where it does not, the mail is lost as it would be without one.
fn judge_bounced(round: &Round<'_>, finding: Finding, report: &[u8], lost: Cause) -> Finding {
    let said = explain(&String::from_utf8_lossy(report), round.now);
    let mut finding = finding.fact("found", "no, a report came back");
    for (name, value) in [("status", said.status), ("reply", said.reply), ("report says", said.said)] {
        if let Some(value) = value {
            finding.facts.add(name, value);
        }
    }
    let cause = said.cause.unwrap_or(lost);
    let of_one_mailbox =
        matches!(cause, Cause::MailboxFull | Cause::AddressUnknown | Cause::AccountSuspended);
    finding.judged(if of_one_mailbox { Verdict::Degraded } else { Verdict::Down }, cause)
}

fn judge_arrived(round: &Round<'_>, mut finding: Finding, mail: &FoundMail, millis: u64) -> Finding {
    finding.facts.add("found", if mail.in_junk { "in the junk mailbox" } else { "yes" });
    if let Some(date) = &mail.internal_date {
        finding.facts.add("in the mailbox at", date);
    }
    for hop in explain(&String::from_utf8_lossy(&mail.header), round.now).hops {
        let name = |name: Option<String>| name.unwrap_or_else(|| "?".to_owned());
        let delay = hop.delay_seconds.map_or_else(String::new, |seconds| format!(", {seconds} s"));
        finding.facts.add("hop", format!("{} to {}{delay}", name(hop.from), name(hop.by)));
        if hop.clock_skew {
            finding = finding.judged(Verdict::Degraded, Cause::ClockWrong);
        }
    }
    if mail.in_junk {
        return finding.judged(Verdict::Degraded, Cause::DeliveredToJunk);
    }
    if u128::from(millis) > round.service.limits.slow_delivery.as_millis() {
        return finding.judged(Verdict::Degraded, Cause::DeliverySlow);
    }
    finding
}
