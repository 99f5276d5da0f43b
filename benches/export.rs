//! How long an export takes and how much memory it holds, for 10 to 100,000 events.
//! `cargo bench -p watchpost --bench export`; the goal is one second for 10,000 events in any form.

use std::time::{Duration, Instant};

use chrono_tz::Tz;
use watchpost::clock::UtcMs;
use watchpost::ids::{GuildId, IncidentId, PersonId, Seq};
use watchpost::incident::event::{EntryKind, Event, NewEvent, Origin, Recorded, UpdateKind};
use watchpost::incident::{Capabilities, Incident, Severity, Verdict};
use watchpost::person::{Actor, Person};
use watchpost::review::{Around, Format, Readers, Story};

fn main() {
    // Under `cargo test --benches` one small round shows that it runs.
    let sizes: &[u64] = if std::env::args().any(|word| word == "--bench") {
        &[10, 100, 1_000, 10_000, 100_000]
    } else {
        &[10]
    };
    for size in sizes {
        let events: Vec<Recorded> = (1..=*size).map(event).collect();
        let incident = Incident::from_events(IncidentId(1), &events);
        let around = Around::default();
        let story = Story {
            incident: &incident,
            events: &events,
            zone: Tz::Europe__Berlin,
            around: &around,
            readers: Readers::Inside,
        };
        for readers in [Readers::Inside, Readers::Outside] {
            for format in Format::ALL {
                let began = Instant::now();
                let bytes = format.write(&Story { readers, ..story }).len();
                report(*size, format, readers, began.elapsed(), bytes);
            }
        }
    }
}

#[allow(clippy::print_stdout, reason = "a bench speaks to a shell")]
fn report(size: u64, format: Format, readers: Readers, took: Duration, bytes: usize) {
    let ms = took.as_secs_f64() * 1_000.0;
    println!(
        "{size:>7} events {format:<4} {readers:?}: {ms:>9.1} ms, {bytes:>10} bytes, {:>8} KiB held at most",
        peak()
    );
}

/// The most memory that this process ever held, in KiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// A mixture as a long night has it.
fn event(version: u64) -> Recorded {
    let at = UtcMs(1_795_482_000_000 + i64::try_from(version).unwrap_or(0) * 2_000);
    let number = u32::try_from(version).unwrap_or(0);
    let person = Person { id: PersonId(version % 20), name: format!("responder {}", version % 20) };
    let event = match version {
        1 => Event::Declared {
            guild: GuildId(1),
            title: "Phones cannot send".to_owned(),
            service: None,
            severity: Severity::Sev1,
            since: None,
            drill: false,
            procedure: None,
        },
        n if n % 7 == 0 => Event::Assessed {
            service: "main".into(),
            verdict: if n % 2 == 0 { Verdict::Down } else { Verdict::Ok },
            cause: None,
            summary: "Sending fails on 587 of mail.example.org; receiving works.".to_owned(),
            capabilities: Capabilities::default(),
        },
        n if n % 11 == 0 => Event::UpdateIssued {
            audience: "users".into(),
            number,
            kind: UpdateKind::Progress,
            text: "Phones and mail programs cannot send since <t:1795482000:t>. Reading works.".to_owned(),
            planned: at,
            next: None,
            missed: 0,
            wording: Default::default(),
        },
        _ => Event::Logged {
            kind: EntryKind::Finding,
            text: format!("looked at node {version} of the cluster, nothing new"),
        },
    };
    let new = NewEvent {
        incident: IncidentId(1),
        happened_at: at,
        actor: Actor::Person(person),
        origin: Origin::Chat,
        event,
    };
    Recorded { seq: Seq(version), version, recorded_at: at, new }
}
