//! Every fault of the lab: what is seen while it is on, and that a healthy lab shows nothing of the kind.

mod ask;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use watchpost_lab::Service::Imaps;
use watchpost_lab::{Fault, Lab, LabOptions, Switch};

use ask::Ask::First;
use table::{IN, MX25, OUT, TABLE};

#[tokio::test]
async fn every_fault_is_seen_and_a_healthy_lab_shows_nothing_of_it() {
    let mut rows = JoinSet::new();
    for (name, questions) in TABLE {
        rows.spawn(async move {
            let lab = start().await;
            let fault = Fault::by_name(name).unwrap_or_else(|| panic!("{name} is not a fault"));
            lab.switch(fault, Switch::On).await;
            let mut wrong = Vec::new();
            for (question, expected) in *questions {
                let found = ask::ask(&lab, *question).await;
                if !found.contains(expected) {
                    wrong.push(format!("{name}: {question:?} wants {expected:?}, found {found:?}"));
                }
            }
            wrong
        });
    }
    let wrong: Vec<_> = rows.join_all().await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_healthy_lab_answers_every_question_otherwise() {
    let lab = Arc::new(start().await);
    let mut rows = JoinSet::new();
    for (name, questions) in TABLE {
        let lab = Arc::clone(&lab);
        rows.spawn(async move {
            let mut wrong = Vec::new();
            for (question, unexpected) in *questions {
                let found = ask::ask(&lab, *question).await;
                if found.contains(unexpected) {
                    wrong.push(format!("{name}: {question:?} is answered {found:?} by a healthy lab, too"));
                }
            }
            wrong
        });
    }
    let wrong: Vec<_> = rows.join_all().await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn several_faults_are_seen_side_by_side() {
    let lab = start().await;
    for fault in [Fault::CertWronghost, Fault::QueueFull, Fault::SpfMissing, Fault::WebmailDown] {
        lab.switch(fault, Switch::On).await;
    }
    for (name, questions) in TABLE {
        if !lab.status().faults.iter().any(|on| on.name == *name) || *name == "queue-full" {
            continue;
        }
        for (question, expected) in *questions {
            let found = ask::ask(&lab, *question).await;
            assert!(found.contains(expected), "{name}: {question:?} wants {expected:?}, found {found:?}");
        }
    }
    let full = ask::ask(&lab, ask::Ask::Port25(&["EHLO a.example", "MAIL FROM:<>"])).await;
    assert!(full.starts_with("452 4.3.1"), "{full}");
    // Where two answer the same question, the later one does.
    lab.switch(Fault::CertSelfsigned, Switch::On).await;
    assert!(ask::ask(&lab, First(Imaps)).await.contains("UnknownIssuer"));
    lab.switch(Fault::CertSelfsigned, Switch::Off).await;
    assert!(ask::ask(&lab, First(Imaps)).await.contains("other.lab.example"));
}

#[tokio::test]
async fn every_fault_goes_when_it_is_switched_off() {
    let lab = start().await;
    for fault in Fault::all() {
        lab.switch(fault, Switch::On).await;
    }
    assert_eq!(lab.status().faults.len(), Fault::all().count());
    for fault in Fault::all() {
        lab.switch(fault, Switch::Off).await;
    }
    assert!(lab.status().faults.is_empty());
    assert!(ask::ask(&lab, First(MX25)).await.starts_with("220 mail.lab.example ESMTP"));
    assert!(ask::ask(&lab, First(Imaps)).await.starts_with("* OK"));
    assert!(ask::ask(&lab, IN).await.starts_with("INBOX"));
    assert!(ask::ask(&lab, OUT).await.starts_with("INBOX"));
}

#[test]
fn the_readme_says_what_is_seen() {
    let readme = include_str!("../README.md");
    for fault in Fault::all() {
        let row = format!("| `{}` | {} |", fault.name(), fault.seen());
        assert!(readme.contains(&row), "README.md lacks this row:\n{row}");
    }
}

#[test]
fn every_fault_has_its_row() {
    let rows: BTreeSet<_> = TABLE.iter().map(|(name, _)| *name).collect();
    let faults: BTreeSet<_> = Fault::all().map(Fault::name).collect();
    assert_eq!(rows, faults);
}

async fn start() -> Lab {
    let options = LabOptions {
        addresses: vec!["127.0.0.31".parse().expect("an address")],
        delay: ask::DELAY,
        ..LabOptions::default()
    };
    Lab::start(options).await.expect("the lab starts")
}
