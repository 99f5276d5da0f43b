//! From the findings of a run to the cells of the matrix.
//!
//! A cell is about all its places: one port of one node that does not work makes it red, and the reason names the port
//! and the node, with what is good beside it.

use watchpost_texts::say;

use super::{Cell, Measured, State};
use crate::cause::Cause;
use crate::check::{Finding, Path, Verdict};

/// Most places that a reason names.
const MOST_PLACES: usize = 3;

/// Each cell as these findings show it.
pub fn measure(cells: &[Cell], findings: &[Finding]) -> Vec<Measured> {
    cells.iter().map(|cell| one(cell, findings)).collect()
}

fn one(cell: &Cell, findings: &[Finding]) -> Measured {
    let about: Vec<&Finding> = findings.iter().filter(|finding| is_about(cell, finding)).collect();
    if let Cell::Delay = cell {
        return delay(cell, &about);
    }
    let measured: Vec<&Finding> = about.iter().copied().filter(|finding| !is_our_own(finding)).collect();
    let worst = measured.iter().map(|finding| finding.verdict).reduce(Verdict::worse);
    let state = match worst {
        Some(Verdict::Ok) => State::Green,
        Some(Verdict::Degraded) => State::Amber,
        Some(Verdict::Down) => State::Red,
        Some(Verdict::Unknown) | None => return Measured::unmeasured(cell, &why_not(cell, &about)),
    };
    // What is bad is known, and stands before what could not be measured; but half a measurement is not green.
    let lasting = state == State::Red && measured.iter().any(|finding| is_lasting(finding));
    let cause = measured.iter().filter(|one| Some(one.verdict) == worst).find_map(|one| one.cause);
    Measured { lasting, cause, ..Measured::of(cell, state, &reason(&measured)) }
}

fn is_about(cell: &Cell, finding: &Finding) -> bool {
    let of_store = finding.facts.get("mailbox");
    match cell {
        Cell::Outside => matches!(finding.path, Path::Incoming | Path::Names),
        Cell::In => ["inbound", "by-mx"].contains(&finding.check),
        Cell::Submission => finding.path == Path::Outgoing,
        Cell::Out => finding.check == "outbound",
        Cell::Internal => finding.check == "delivery",
        Cell::Imap => finding.path == Path::Reading && of_store.is_none(),
        Cell::Pop3 => finding.path == Path::ReadingPop3,
        Cell::Mailbox(address) => of_store == Some(address.as_str()),
        Cell::Page(name) => finding.check == "web" && finding.target == *name,
        Cell::Attachment => finding.check == "attachment",
        Cell::Delay => ["inbound", "by-mx", "outbound", "delivery"].contains(&finding.check),
        Cell::Lists => finding.check == "blocklist",
        Cell::Manual(_) => false,
    }
}

/// Our own network has no way there: no news about the service, while other places answer.
fn is_our_own(finding: &Finding) -> bool {
    finding.verdict == Verdict::Unknown && finding.cause == Some(Cause::OwnNetwork)
}

/// Mail that came says whether it came in time; mail that did not come is told by its own cell.
fn delay(cell: &Cell, journeys: &[&Finding]) -> Measured {
    let late =
        |finding: &&&Finding| matches!(finding.cause, Some(Cause::DeliverySlow | Cause::MailboxDeliverySlow));
    if let Some(slow) = journeys.iter().find(late) {
        let why = say!("{} took {} s", slow.check, slow.millis / 1000);
        return Measured { cause: slow.cause, ..Measured::of(cell, State::Red, &why) };
    }
    match journeys.iter().any(|finding| finding.facts.get("found") == Some("yes")) {
        true => Measured::of(cell, State::Green, ""),
        false => Measured::unmeasured(cell, say!("no mail arrived to be timed")),
    }
}

fn why_not(cell: &Cell, about: &[&Finding]) -> String {
    let said = about.iter().find_map(|finding| {
        let told = [say!("not known"), say!("no login"), say!("no login before"), say!("not asked")];
        told.iter().find_map(|name| finding.facts.get(name)).map(str::to_owned)
    });
    let cause = about.iter().find_map(|finding| finding.cause);
    match (said, cause, cell) {
        (Some(said), ..) => said,
        (None, Some(cause), _) => brief(cause),
        (None, None, Cell::In | Cell::Out) => say!("no mailbox at another provider is configured").to_owned(),
        (None, None, Cell::Internal) => say!("no probe mailbox is configured").to_owned(),
        (None, None, Cell::Attachment | Cell::Mailbox(_) | Cell::Lists) => {
            say!("only tried in a proof").to_owned()
        }
        (None, None, Cell::Manual(_)) => say!("a person ticks it").to_owned(),
        (None, None, _) => say!("nothing was found to measure").to_owned(),
    }
}

/// What time alone may mend: a queue that drains, a server that is busy, a name that is asked again.
const PASSING: [Cause; 17] = [
    Cause::ConnectionLimit,
    Cause::ConnectionTimeout,
    Cause::DeliverySlow,
    Cause::DeliveryStuck,
    Cause::DnsServfail,
    Cause::DnsTimeout,
    Cause::Greylisting,
    Cause::InboundBroken,
    Cause::LoginBackendSlow,
    Cause::NoBanner,
    Cause::OutboundBroken,
    Cause::ProberRateLimited,
    Cause::QueueStuck,
    Cause::ServerHung,
    Cause::ServerOverload,
    Cause::ServerSlow,
    Cause::StorageOverload,
];

fn is_lasting(finding: &Finding) -> bool {
    finding.verdict == Verdict::Down && !finding.cause.is_some_and(|cause| PASSING.contains(&cause))
}

/// "465 is good; 587 on mail.example.org (192.0.2.7): the certificate has expired". Empty where all is good.
fn reason(measured: &[&Finding]) -> String {
    let mut bad: Vec<String> = Vec::new();
    for finding in measured.iter().filter(|finding| finding.verdict != Verdict::Ok) {
        let words = format!("{}: {}", place(finding), what(finding));
        if !bad.contains(&words) {
            bad.push(words);
        }
    }
    if bad.is_empty() {
        return String::new();
    }
    let more = bad.len().saturating_sub(MOST_PLACES);
    bad.truncate(MOST_PLACES);
    bad.extend((more > 0).then(|| say!("and {more} more")));
    let good = good_ports(measured).map(|ports| say!("{ports} good")).into_iter();
    good.chain(bad).collect::<Vec<_>>().join("; ")
}

fn place(finding: &Finding) -> String {
    match &finding.at {
        Some((host, address)) => say!("{} on {host} ({})", address.port(), address.ip()),
        None => finding.target.clone(),
    }
}

fn what(finding: &Finding) -> String {
    let said = ["refused", "listed", "found", "answer"].iter().find_map(|name| finding.facts.get(name));
    match (finding.cause, said) {
        (Some(cause), _) => brief(cause),
        (None, Some(said)) => said.to_owned(),
        (None, None) => finding.verdict.word().to_owned(),
    }
}

/// The ports on which every place is good.
fn good_ports(measured: &[&Finding]) -> Option<String> {
    let port = |finding: &&&Finding| finding.at.as_ref().map(|(_, address)| address.port());
    let bad: Vec<u16> =
        measured.iter().filter(|f| f.verdict != Verdict::Ok).filter_map(|f| port(&f)).collect();
    let mut good: Vec<u16> = measured.iter().filter_map(|f| port(&f)).filter(|p| !bad.contains(p)).collect();
    good.sort_unstable();
    good.dedup();
    let good: Vec<String> = good.iter().map(ToString::to_string).collect();
    match good.as_slice() {
        [] => None,
        [one] => Some(say!("{one} is")),
        several => Some(say!("{} are", several.join(" and "))),
    }
}

/// The first clause of what a cause means, to stand within a sentence.
fn brief(cause: Cause) -> String {
    let meaning = cause.meaning();
    let clause = meaning.split([';', '.', ':']).next().unwrap_or(meaning).trim();
    let mut letters = clause.chars();
    let second_is_small = clause.chars().nth(1).is_some_and(|letter| !letter.is_uppercase());
    match letters.next() {
        Some(first) if second_is_small => first.to_lowercase().chain(letters).collect(),
        _ => clause.to_owned(),
    }
}
