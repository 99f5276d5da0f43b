//! From a reason and a fate to what people are told: whose side it is, whether sending again helps, what to do next.

use super::{
    Explanation, Fate, Kind,
    bounce::Bounce,
    clean::{LONGEST_QUOTE, clean},
    hops::{Hop, SKEW_SECONDS, SLOW_SECONDS},
    judge::Judgement,
    queue::Queue,
    reason::Side,
    sentences::duration,
};
use crate::cause::{Cause, Layer};

/// A server that stands so often in the way of one message is part of a loop.
const HOPS_OF_LOOP: usize = 3;

const NOTHING_KNOWN: &str = "This text names no reason that Watchpost knows.";
const SHOW_MORE: &str = "Paste the whole bounce with its headers, or ask the mail team.";

/// What a bounce or a reply means.
pub(super) fn of_bounce(bounce: Bounce, hops: Vec<Hop>) -> Explanation {
    let Bounce { judgement, codes, fate, said, recipients, is_notice } = bounce;
    let kind = match judgement {
        _ if is_notice => Kind::Bounce,
        None if codes.reply.is_none() && codes.status.is_none() => Kind::Unknown,
        _ => Kind::Reply,
    };
    let (explanation, what_to_do) =
        judgement.map_or((NOTHING_KNOWN.to_owned(), SHOW_MORE.to_owned()), words_of);
    Explanation {
        kind,
        reason: judgement.map(|judgement| judgement.reason),
        cause: judgement.map(|judgement| judgement.cause),
        fate,
        resend_useful: judgement.is_some_and(|judgement| {
            fate != Fate::Delivered && fate != Fate::Delayed && passes_later(judgement)
        }),
        side: judgement.map(side_of),
        reply: codes.reply.map(|reply| reply.to_string()),
        status: codes.status,
        said: Some(clean(&said, LONGEST_QUOTE)).filter(|said| !said.is_empty()),
        explanation,
        what_to_do,
        recipients,
        hops,
        queue: None,
    }
}

/// The words for a judgement. Where the cause says more than the reason does, the cause speaks.
fn words_of(judgement: Judgement) -> (String, String) {
    let meaning = judgement.reason.meaning();
    if judgement.cause == meaning.cause {
        (meaning.explanation.to_owned(), meaning.what_to_do.to_owned())
    } else {
        (judgement.cause.meaning().to_owned(), judgement.cause.what_to_do().join(" "))
    }
}

/// Whether the same message can pass later although nobody changes it: so after every outage, by layer.
fn passes_later(judgement: Judgement) -> bool {
    let meaning = judgement.reason.meaning();
    let is_outage = judgement.cause.layer() < Layer::Policy && judgement.cause != Cause::NoMailService;
    meaning.passes_later || (judgement.cause != meaning.cause && is_outage)
}

fn side_of(judgement: Judgement) -> Side {
    let meaning = judgement.reason.meaning();
    if judgement.cause == meaning.cause {
        return meaning.side;
    }
    match judgement.cause.layer() {
        Layer::Network => Side::Network,
        Layer::Own | Layer::Login => Side::Ours,
        Layer::Dns if judgement.cause == Cause::ResolverDown => Side::Network,
        Layer::Policy => meaning.side,
        _ => Side::Recipient,
    }
}

/// What the headers of a message that arrived say about its way.
pub(super) fn of_headers(hops: Vec<Hop>) -> Explanation {
    let slowest = hops.iter().filter(|hop| hop.delay_seconds.is_some()).max_by_key(|hop| hop.delay_seconds);
    let slow = slowest.filter(|hop| hop.delay_seconds >= Some(SLOW_SECONDS));
    let skewed = hops.iter().find(|hop| hop.delay_seconds.is_some_and(|delay| delay <= -SKEW_SECONDS));
    let by = |hop: &Hop| hop.by.clone().unwrap_or_else(|| "a server without a name".to_owned());
    let seconds = |hop: &Hop| duration(hop.delay_seconds.unwrap_or_default().abs());
    let (cause, explanation) = match (goes_round(&hops), slow, skewed) {
        _ if hops.is_empty() => (None, NOTHING_KNOWN.to_owned()),
        (Some(host), ..) => {
            (Some(Cause::MailLoop), format!("The message went round: it passed {host} several times."))
        }
        (None, Some(hop), _) => (
            Some(Cause::DeliverySlow),
            format!("The message waited {} before {} took it.", seconds(hop), by(hop)),
        ),
        (None, None, Some(hop)) => {
            let text = format!(
                "The clock of {} or of the server before it is wrong by about {}.",
                by(hop),
                seconds(hop)
            );
            (Some(Cause::ClockWrong), text)
        }
        (None, None, None) => (None, format!("No server held the message for long ({} hops).", hops.len())),
    };
    let what_to_do = cause.map_or("Nothing.".to_owned(), |cause| cause.what_to_do().join(" "));
    let is_known = !hops.is_empty();
    Explanation {
        kind: if is_known { Kind::Headers } else { Kind::Unknown },
        cause,
        fate: if is_known { Fate::Delivered } else { Fate::Unknown },
        explanation,
        what_to_do: if is_known { what_to_do } else { SHOW_MORE.to_owned() },
        hops,
        ..nothing()
    }
}

/// The server that took the message again and again.
fn goes_round(hops: &[Hop]) -> Option<&str> {
    let times = |host: &str| hops.iter().filter(|hop| hop.by.as_deref() == Some(host)).count();
    // Filters on the same host add hops in a row; a loop comes back after another host.
    hops.iter()
        .filter_map(|hop| hop.by.as_deref())
        .find(|host| times(host) >= HOPS_OF_LOOP && comes_back(hops, host) >= HOPS_OF_LOOP - 1)
}

/// How often the message comes back to `host` from another one.
fn comes_back(hops: &[Hop], host: &str) -> usize {
    hops.windows(2)
        .filter(|pair| pair[0].by.as_deref() != Some(host) && pair[1].by.as_deref() == Some(host))
        .count()
}

/// What a list of waiting mail means.
pub(super) fn of_queue(queue: Queue) -> Explanation {
    let main = queue.groups.first();
    let cause = main.and_then(|group| group.cause);
    let what_to_do = match cause {
        Some(cause) => cause.what_to_do().join(" "),
        None if queue.messages == 0 => "Nothing.".to_owned(),
        None => "Look into the server's log for the reason of the oldest message.".to_owned(),
    };
    Explanation {
        kind: Kind::Queue,
        reason: main.and_then(|group| group.reason),
        cause,
        fate: if queue.messages == 0 {
            Fate::Unknown
        } else {
            main.map_or(Fate::Delayed, |group| group.fate)
        },
        explanation: queue.summary(),
        what_to_do,
        queue: Some(queue),
        ..nothing()
    }
}

fn nothing() -> Explanation {
    Explanation {
        kind: Kind::Unknown,
        reason: None,
        cause: None,
        fate: Fate::Unknown,
        resend_useful: false,
        side: None,
        reply: None,
        status: None,
        said: None,
        explanation: String::new(),
        what_to_do: String::new(),
        recipients: Vec::new(),
        hops: Vec::new(),
        queue: None,
    }
}
