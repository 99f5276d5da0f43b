//! The rows about a probe mail: lost, held on its way, late into the mailbox, in the junk mailbox, one way only, clocks.

use watchpost_texts::say;

use super::*;
use crate::check::delivery;
use crate::check::probe_mail::Journey;
use crate::protocol::imap::search::{Found, FoundMail};

/// A mail of two hops: the second so many seconds after the first, and so many more until it was in the mailbox.
fn arrived(second: i64, mailbox: i64, in_junk: bool) -> FoundMail {
    let at = |seconds: i64| now() + TimeDelta::seconds(seconds);
    let received = |from: &str, by: &str, seconds: i64| {
        say!("Received: from {from} by {by} with ESMTPS; {}\r\n", at(seconds).to_rfc2822())
    };
    let header = received("mx.example.org", "store.example.org", second)
        + &received("watch.example.net", "mx.example.org", 0);
    let internal_date = Some(at(second + mailbox).format("%d-%b-%Y %H:%M:%S +0000").to_string());
    FoundMail { header: header.into_bytes(), internal_date, in_junk }
}

fn looked(mail: Option<FoundMail>) -> Journey {
    let found = Box::new(Found { mail, ..Found::default() });
    Journey::Looked { taken: "250 2.0.0 queued".into(), handed_in: 80, found, late: vec![] }
}

/// What a check of this way of mail makes of a journey, beside ports that are all well.
fn after(path: Path, journey: Journey, lost: Cause) -> Vec<Vec<Finding>> {
    let check = match path {
        Path::Inbound => "inbound",
        Path::Outbound => "outbound",
        _ => "delivery",
    };
    let finding = Finding::ok(check, "probe@example.org", path).took(900);
    let finding = with_round(|round| delivery::judge(round, finding, journey, lost));
    vec![relay_good(), submit_good(), read_good(), vec![finding]]
}

fn delivered(mail: Option<FoundMail>) -> Vec<Vec<Finding>> {
    after(Path::Delivery, looked(mail), Cause::DeliveryStuck)
}

#[test]
fn a_mail_is_lost_or_late_or_in_the_wrong_place() {
    use Cause::*;
    use Verdict::{Degraded, Down};
    assert_eq!(assess(delivered(Some(arrived(1, 1, false)))).cause, None);
    row(32, delivered(None), Down, DeliveryStuck);
    row(33, delivered(Some(arrived(300, 1, false))), Degraded, DeliverySlow);
    row(34, delivered(Some(arrived(1, 300, false))), Degraded, MailboxDeliverySlow);
    row(35, delivered(Some(arrived(1, 1, true))), Degraded, DeliveredToJunk);
    row(38, delivered(Some(arrived(-600, 601, false))), Degraded, ClockWrong);
}

#[test]
fn one_direction_only() {
    use Cause::{InboundBroken, OutboundBroken};
    use Verdict::{Down, Ok};
    let one_way = assess(after(Path::Inbound, looked(None), InboundBroken));
    assert_eq!((one_way.cause, one_way.capabilities.receive), (Some(InboundBroken), Down), "row 36");
    assert_eq!((one_way.capabilities.send, one_way.capabilities.read), (Ok, Ok), "row 36");
    let other_way = assess(after(Path::Outbound, looked(None), OutboundBroken));
    assert_eq!((other_way.cause, other_way.capabilities.send), (Some(OutboundBroken), Down), "row 36");
    assert_eq!(other_way.capabilities.receive, Ok, "row 36");
}
