//! Real outages, as their operators reported them, switched on in the lab: how long until each is confirmed, named,
//! until somebody is rung and users read the first word, beside what it took then.

use watchpost_lab::{Fault, Switch};

use super::Night;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::outbox::{Place, Purpose};

/// Where updates to users go.
const STATUS: u64 = 175_928_847_299_117_065;
const DECLARES: &str = "[monitor]\ndeclare = \"declare\"";

/// One outage: its name, the fault that it is here, what can be named from outside, and what the operator needed in
/// minutes until it was detected, and until the first public word.
struct Outage {
    name: &'static str,
    fault: &'static str,
    causes: &'static [Cause],
    then: (Option<i64>, Option<i64>),
}

const OUTAGES: [Outage; 7] = [
    Outage {
        name: "Postmark 2024-09",
        fault: "certificate-expired",
        causes: &[Cause::CertificateExpired],
        then: (Some(8), None),
    },
    Outage {
        name: "dotdigital 2020-11",
        fault: "certificate-expired",
        causes: &[Cause::CertificateExpired],
        then: (Some(10), None),
    },
    Outage {
        name: "ImprovMX 2025-07",
        fault: "server-resolver-down",
        causes: &[Cause::OutboundBroken, Cause::QueueStuck, Cause::ResolverDown, Cause::DeliveryStuck],
        then: (Some(7), Some(17)),
    },
    Outage {
        name: "WorldTicket 2021-11",
        fault: "host-unreachable",
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
        causes: &[Cause::ServerSlow, Cause::StorageOverload, Cause::ServerOverload, Cause::DeliverySlow],
        then: (None, Some(34)),
    },
    Outage {
        name: "MailChannels 2020-09",
        fault: "filter-down",
        causes: &[Cause::FilterDown, Cause::ServerOverload],
        then: (None, Some(280)),
    },
    Outage {
        name: "SYNAQ 2019-06",
        fault: "mail-late",
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

async fn play(outage: &Outage) -> Clocks {
    let mut night = Night::begins(DECLARES).await;
    if outage.fault == "server-resolver-down" {
        night.has_a_mailbox_elsewhere();
    }
    night.minutes(2).await;
    let fault = Fault::by_name(outage.fault).expect("a fault of the lab");
    night.switch(fault, Switch::On).await;
    let begun = night.clock.now();
    let minutes = |at: UtcMs| (at.0 - begun.0) / 60_000;
    let mut clocks = Clocks::default();
    for _ in 0..30 {
        night.seconds(60).await;
        let now = minutes(night.clock.now());
        let book = night.desk.book();
        if let Some(alarm) = book.watched.alarms.last() {
            clocks.confirmed.get_or_insert(now);
            if alarm.causes.iter().any(|cause| outage.causes.contains(cause)) {
                clocks.named.get_or_insert(now);
            }
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
    clocks
}

fn shown(minutes: Option<i64>) -> String {
    minutes.map_or("–".to_owned(), |minutes| format!("{minutes} min"))
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the table is what the test is for")]
async fn seven_real_outages_and_how_long_each_step_takes() {
    let mut table = vec![
        "| outage | fault here | confirmed | cause named | somebody rung | first public word | then: detected | then: first word |".to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    let mut late = Vec::new();
    for outage in &OUTAGES {
        let clocks = play(outage).await;
        let cells =
            [clocks.confirmed, clocks.named, clocks.woken, clocks.public, outage.then.0, outage.then.1];
        let cells: Vec<String> = cells.into_iter().map(shown).collect();
        table.push(format!("| {} | {} | {} |", outage.name, outage.fault, cells.join(" | ")));
        // The threshold is two quick runs, or two whole ones a minute apart; one interval is added.
        let whole = clocks.confirmed.is_none_or(|minutes| minutes > 8);
        if whole || clocks.named.is_none() || clocks.woken.is_none() || clocks.public.is_none_or(|at| at > 25)
        {
            late.push(outage.name);
        }
    }
    println!("{}", table.join("\n"));
    assert!(late.is_empty(), "too late, or not at all: {late:?}\n{}", table.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_is_told_before() {
    let mut night = Night::begins("").await;
    night.switch(Fault::CertSoon, Switch::On).await;
    night.minutes(3).await;
    assert_eq!(night.alarms(), [], "it is no outage yet");
    assert!(night.says("The certificate of mail.lab.example (lab) ends") >= 1, "{:?}", night.posts);
}
