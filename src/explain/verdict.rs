//! From a reason and a fate to what people are told: whose side it is, whether sending again helps, what to do next.

use watchpost_texts::{self as texts, say, to_say};

use super::{
    Explanation, Fate, Kind,
    bounce::Bounce,
    clean::{LONGEST_QUOTE, clean},
    hops::Hop,
    judge::Judgement,
    queue::Queue,
    reason::Side,
    way,
};
use crate::cause::{Cause, Layer};

const NOTHING_KNOWN: &str = to_say!("This text names no reason that Watchpost knows.");
const SHOW_MORE: &str = to_say!("Paste the whole bounce with its headers, or ask the mail team.");

/// What a bounce or a reply means.
pub(super) fn of_bounce(bounce: Bounce, hops: Vec<Hop>) -> Explanation {
    let Bounce { judgement, codes, fate, said, recipients, is_notice } = bounce;
    let kind = match judgement {
        _ if is_notice => Kind::Bounce,
        None if codes.reply.is_none() && codes.status.is_none() => Kind::Unknown,
        _ => Kind::Reply,
    };
    let (explanation, what_to_do) = judgement.map_or_else(|| without_reason(fate), words_of);
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

/// The words where no reason is known: what becomes of the message is known still.
fn without_reason(fate: Fate) -> (String, String) {
    let (explanation, what_to_do) = match fate {
        Fate::Unknown => (NOTHING_KNOWN, SHOW_MORE),
        Fate::Delivered => (say!("The server took the message."), "Nothing."),
        Fate::Delayed => (
            say!("The server put the message off, and does not say why."),
            say!("Wait: it is tried again by itself."),
        ),
        Fate::Failed => (
            say!("The server refused the message for good, and does not say why."),
            say!("Ask the recipient's postmaster; give the full reply and the time."),
        ),
    };
    (explanation.to_owned(), what_to_do.to_owned())
}

/// The words for a judgement. Where the cause says more than the reason does, the cause speaks.
fn words_of(judgement: Judgement) -> (String, String) {
    let meaning = judgement.reason.meaning();
    if judgement.cause == meaning.cause {
        (texts::said(meaning.explanation).to_owned(), texts::said(meaning.what_to_do).to_owned())
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
    let Some(way) = way::read(&hops) else {
        return Explanation {
            explanation: texts::said(NOTHING_KNOWN).to_owned(),
            what_to_do: texts::said(SHOW_MORE).to_owned(),
            ..nothing()
        };
    };
    Explanation {
        kind: Kind::Headers,
        cause: way.cause,
        fate: Fate::Delivered,
        explanation: way.explanation,
        what_to_do: way.what_to_do,
        hops,
        ..nothing()
    }
}

/// What a list of waiting mail means.
pub(super) fn of_queue(queue: Queue) -> Explanation {
    let main = queue.main_group();
    let cause = queue.main_cause();
    let what_to_do = match cause {
        Some(cause) => cause.what_to_do().join(" "),
        None if queue.is_empty() => "Nothing.".to_owned(),
        None => say!("Look into the server's log for the reason of the oldest message.").to_owned(),
    };
    Explanation {
        kind: Kind::Queue,
        reason: main.and_then(|group| group.reason),
        cause,
        fate: if queue.is_empty() { Fate::Unknown } else { main.map_or(Fate::Delayed, |group| group.fate) },
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
