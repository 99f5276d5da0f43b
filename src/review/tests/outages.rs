//! Seven real outages, entered as somebody enters an old one: declared, then every milestone by hand. Their clocks come out
//! as the operators published them.

use chrono::DateTime;
use serde::Deserialize;

use super::*;
use crate::incident::amend::AmendRequest;
use crate::incident::decide::{Context, Request, decide};
use crate::incident::milestone::{Basis, Milestone};
use crate::policy::Policy;
use crate::review::clocks;

#[derive(Deserialize)]
struct Outages {
    outages: Vec<Outage>,
}

#[derive(Deserialize)]
struct Outage {
    name: String,
    title: String,
    impact_start: Option<String>,
    detected: Option<String>,
    acknowledged: Option<String>,
    first_public: Option<String>,
    identified: Option<String>,
    mitigated: Option<String>,
    resolved: Option<String>,
}

fn moment(text: &str) -> UtcMs {
    let whole =
        if text.len() == "2024-09-16T00:00Z".len() { text.replace('Z', ":00Z") } else { text.to_owned() };
    let parsed =
        DateTime::parse_from_rfc3339(&whole).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"));
    UtcMs::from(parsed.unwrap_or_else(|error| panic!("{text}: {error}")).to_utc())
}

/// Enters it through the decisions that a person's entries go through.
fn enter(outage: &Outage) -> Incident {
    let known = |text: &Option<String>| text.as_deref().map(moment);
    let (began, over) = (known(&outage.impact_start), known(&outage.resolved).expect("each is over"));
    // Where nobody wrote when it was noticed, the first public word is the first sign that it was.
    let noticed = known(&outage.detected).or(known(&outage.first_public)).or(began).expect("a beginning");
    let mut tape = Tape::default();
    let ana = Actor::Person(person(1, "ana"));
    tape.add(noticed, ana.clone(), Origin::Chat, declared(&outage.title, began));
    tape.add(over, ana.clone(), Origin::Chat, Event::Resolved { why: "as published".to_owned() });
    let policy = Policy::default();
    let context =
        Context { now: over + std::time::Duration::from_secs(86_400), actor: &ana, policy: &policy };
    for (which, at) in [
        (Milestone::Acknowledged, known(&outage.acknowledged)),
        (Milestone::FirstTold, known(&outage.first_public)),
        (Milestone::Identified, known(&outage.identified)),
        (Milestone::Mitigated, known(&outage.mitigated)),
    ] {
        let Some(at) = at else { continue };
        let why = "as published".to_owned();
        let request = Request::Amend(AmendRequest::SetMilestone { which, at, basis: Basis::Entered, why });
        let decided = decide(&tape.incident(), request, &context)
            .unwrap_or_else(|why| panic!("{}: {why}", outage.name));
        for one in decided {
            tape.add(one.happened_at, ana.clone(), Origin::Chat, one.event);
        }
    }
    tape.incident()
}

#[test]
fn the_clocks_of_real_outages_come_out_as_published() {
    let text = include_str!("../../../tests/fixtures/outage-clocks.json");
    let all: Outages = serde_json::from_str(text).expect("the fixture");
    // detect, acknowledge, first word, identify, mitigate, identified to mitigated, close.
    let expected: [(&str, [&str; 7]); 7] = [
        ("postmark-2024-09", ["8 min", "4 h 11 min", "-", "-", "9 h 16 min", "-", "9 h 40 min"]),
        ("dotdigital-2020-11", ["10 min", "-", "-", "-", "1 h 37 min", "45 min", "1 h 56 min"]),
        ("improvmx-2025-07", ["7 min", "0 s", "10 min", "8 min", "27 min", "12 min", "29 min"]),
        ("worldticket-2021-11", ["0 s", "-", "-", "-", "1 h 25 min", "1 h 25 min", "6 h 19 min"]),
        ("opensrs-2020-07", ["34 min", "-", "0 s", "-", "2 h 45 min", "1 h 14 min", "3 h 31 min"]),
        ("mailchannels-2020-09", ["0 s", "-", "-", "-", "4 h 40 min", "-", "8 h 29 min"]),
        ("synaq-2019-06", ["19 h 15 min", "-", "0 s", "-", "27 h 18 min", "1 h 03 min", "27 h 18 min"]),
    ];
    assert_eq!(all.outages.len(), expected.len());
    for (outage, (name, lengths)) in all.outages.iter().zip(expected) {
        assert_eq!(outage.name, name);
        let incident = enter(outage);
        let clocks = clocks::all(&incident.milestones);
        let said = [0, 1, 2, 3, 4, 5, 8].map(|number| match clocks[number].length {
            clocks::Length::NotRecorded => "-".to_owned(),
            length => length.spoken(),
        });
        assert_eq!(said, lengths.map(str::to_owned), "{name}");
        assert_eq!(incident.milestones.out_of_order(), None, "{name}");
    }
}
