//! Real outages, as their operators reported them, switched on in the lab: how long until each is confirmed, named,
//! until somebody is rung and users read the first word, beside what it took then.

use futures::future::join_all;
use watchpost_lab::{Fault, Switch};

use super::Night;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::outbox::{Place, Purpose};

/// Where updates to users go.
const STATUS: u64 = 175_928_847_299_117_065;
/// How long an outage is played: longer than the first word may take.
const MOST_MINUTES: i64 = 30;
const DECLARES: &str = "[monitor]\ndeclare = \"declare\"";

/// One outage: its name, the fault that it is here, how it is seen, what can be named from outside, and what the operator
/// needed in minutes until it was detected, and until the first public word.
struct Outage {
    name: &'static str,
    fault: &'static str,
    seen: Seen,
    causes: &'static [Cause],
    then: (Option<i64>, Option<i64>),
}

/// Which runs see it, and how sure one answer is: that is its threshold.
#[derive(Clone, Copy)]
enum Seen {
    /// By the quick questions, for sure: two answers.
    Quick,
    /// By the quick questions, and it may be the moment, or the way there: four answers.
    Doubtful,
    /// Only by a login or a mail, for sure: two answers, the second one minute after the first.
    Whole,
    /// Only by a mail that is late, which may be the moment: four answers, a minute apart.
    Late,
}

impl Seen {
    /// Minutes of the goal: the answers that are needed, and one interval until the first of them.
    fn goal(self) -> i64 {
        match self {
            Seen::Quick => 1 + 1,
            Seen::Doubtful => 3 + 1,
            Seen::Whole => 1 + 5,
            Seen::Late => 3 + 5,
        }
    }
}

const OUTAGES: [Outage; 7] = [
    Outage {
        name: "Postmark 2024-09",
        fault: "certificate-expired",
        seen: Seen::Quick,
        causes: &[Cause::CertificateExpired],
        then: (Some(8), None),
    },
    Outage {
        name: "dotdigital 2020-11",
        fault: "certificate-expired",
        seen: Seen::Quick,
        causes: &[Cause::CertificateExpired],
        then: (Some(10), None),
    },
    Outage {
        name: "ImprovMX 2025-07",
        fault: "server-resolver-down",
        seen: Seen::Whole,
        causes: &[Cause::OutboundBroken, Cause::QueueStuck, Cause::ResolverDown, Cause::DeliveryStuck],
        then: (Some(7), Some(17)),
    },
    Outage {
        name: "WorldTicket 2021-11",
        fault: "host-unreachable",
        seen: Seen::Doubtful,
        causes: &[
            Cause::HostDown,
            Cause::ConnectionRefused,
            Cause::ConnectionTimeout,
            Cause::DestinationUnreachable,
            Cause::ServiceStopped,
        ],
        then: (None, None),
    },
    Outage {
        name: "OpenSRS 2020-07",
        fault: "slow",
        seen: Seen::Doubtful,
        causes: &[Cause::ServerSlow, Cause::StorageOverload, Cause::ServerOverload, Cause::DeliverySlow],
        then: (None, Some(34)),
    },
    Outage {
        name: "MailChannels 2020-09",
        fault: "filter-down",
        seen: Seen::Whole,
        causes: &[Cause::FilterDown, Cause::ServerOverload],
        then: (None, Some(280)),
    },
    Outage {
        name: "SYNAQ 2019-06",
        fault: "mail-late",
        seen: Seen::Late,
        causes: &[Cause::DeliveryStuck, Cause::DeliverySlow, Cause::MailboxDeliverySlow, Cause::QueueStuck],
        then: (None, Some(1_155)),
    },
];

/// Minutes from the fault to each.
#[derive(Default)]
struct Clocks {
    confirmed: Option<i64>,
    named: Option<i64>,
    woken: Option<i64>,
    public: Option<i64>,
}

impl Clocks {
    fn are_complete(&self) -> bool {
        [self.confirmed, self.named, self.woken, self.public].iter().all(Option::is_some)
    }
}

async fn play(outage: &Outage) -> Clocks {
    let mut night = Night::begins(DECLARES).await;
    if outage.fault == "server-resolver-down" {
        night.has_a_mailbox_elsewhere();
    }
    night.minutes(2).await;
    let fault = Fault::by_name(outage.fault).expect("a fault of the lab");
    night.switch(fault, Switch::On).await;
    let begun = night.clock.now();
    let mut clocks = Clocks::default();
    for _ in 0..MOST_MINUTES {
        night.seconds(60).await;
        read(&mut clocks, &night, outage, begun);
        if clocks.are_complete() {
            break;
        }
    }
    clocks
}

/// What has happened by now.
fn read(clocks: &mut Clocks, night: &Night, outage: &Outage, begun: UtcMs) {
    let minutes = |at: UtcMs| (at.0 - begun.0) / 60_000;
    let (now, book) = (minutes(night.clock.now()), night.desk.book());
    if let Some(alarm) = book.watched.alarms.last() {
        clocks.confirmed.get_or_insert(now);
        if alarm.causes.iter().any(|cause| outage.causes.contains(cause)) {
            clocks.named.get_or_insert(now);
        }
    }
    let first = |fits: &dyn Fn(&crate::outbox::Item) -> bool| {
        night.posts.iter().find(|(_, item)| fits(item)).map(|(at, _)| minutes(*at))
    };
    clocks.woken = first(&|item| matches!(item.purpose, Purpose::Ring { .. }));
    clocks.public = first(&|item| {
        matches!(item.purpose, Purpose::Update { .. })
            && item.place == Place::Channel(crate::ids::PlaceId(STATUS))
    });
}

fn shown(minutes: Option<i64>) -> String {
    match minutes {
        None => "–".to_owned(),
        Some(minutes) if minutes < 120 => format!("{minutes} min"),
        Some(minutes) => format!("{} h {:02}", minutes / 60, minutes % 60),
    }
}

/// What is later than the goal, in words; none where nothing is.
fn late(outage: &Outage, clocks: &Clocks) -> Option<String> {
    let confirmed = clocks.confirmed.unwrap_or(MOST_MINUTES);
    let goals = [
        ("confirmed", clocks.confirmed, outage.seen.goal()),
        ("named", clocks.named, outage.seen.goal()),
        // Nobody is waited for: they are rung with the declaration.
        ("rung", clocks.woken, confirmed),
        // SEV1 and SEV2 have ten and fifteen minutes until the first word.
        ("first word", clocks.public, confirmed + 15),
    ];
    let missed = goals.into_iter().filter(|(_, minutes, goal)| minutes.is_none_or(|minutes| minutes > *goal));
    let missed: Vec<String> =
        missed.map(|(what, is, goal)| format!("{what} {}, not {goal}", shown(is))).collect();
    (!missed.is_empty()).then(|| format!("{}: {}", outage.name, missed.join(", ")))
}

/// Prints its table with `cargo test -p watchpost --lib seven_real_outages_and -- --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the table is what the test is for")]
async fn seven_real_outages_and_how_long_each_step_takes() {
    let mut table = vec![
        "| outage | fault here | goal | confirmed | cause named | somebody rung | first public word | then: detected | then: first word |".to_owned(),
        "|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    let played = join_all(OUTAGES.iter().map(play)).await;
    for (outage, clocks) in OUTAGES.iter().zip(&played) {
        let goal = Some(outage.seen.goal());
        let cells =
            [goal, clocks.confirmed, clocks.named, clocks.woken, clocks.public, outage.then.0, outage.then.1];
        let cells: Vec<String> = cells.into_iter().map(shown).collect();
        table.push(format!("| {} | `{}` | {} |", outage.name, outage.fault, cells.join(" | ")));
    }
    println!("{}", table.join("\n"));
    let late: Vec<String> =
        OUTAGES.iter().zip(&played).filter_map(|(one, clocks)| late(one, clocks)).collect();
    assert!(late.is_empty(), "too late, or not at all: {late:#?}\n{}", table.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_is_told_before() {
    let mut night = Night::begins("").await;
    night.switch(Fault::CertSoon, Switch::On).await;
    night.minutes(3).await;
    assert_eq!(night.alarms(), [], "it is no outage yet");
    assert!(night.says("The certificate of mail.lab.example (lab) ends") >= 1, "{:?}", night.posts);
}
