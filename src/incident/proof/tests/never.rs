//! One property over everything: nothing is closed on hope.

use proptest::prelude::*;

use super::*;

/// Anything that can be asked, in any order.
#[derive(Debug, Clone)]
enum Move {
    Start,
    Recovered,
    Round(String, bool),
    Seen(String),
    Minutes(i64),
    Due,
    Tick(usize),
    Phase(Phase),
    Close,
    Override,
    Reopen,
}

fn moves() -> impl Strategy<Value = Move> {
    let states = "[GRPAU]{4}";
    prop_oneof![
        1 => Just(Move::Start),
        1 => Just(Move::Recovered),
        1 => (states, any::<bool>()).prop_map(|(states, confirmed)| Move::Round(states, confirmed)),
        4 => Just(Move::Round("GGGG".to_owned(), false)),
        1 => states.prop_map(Move::Seen),
        4 => (1..8_i64).prop_map(Move::Minutes),
        1 => Just(Move::Due),
        1 => (0..6_usize).prop_map(Move::Tick),
        1 => prop_oneof![Just(Phase::Fixing), Just(Phase::Verifying)].prop_map(Move::Phase),
        4 => Just(Move::Close),
        1 => Just(Move::Override),
        1 => Just(Move::Reopen),
    ]
}

proptest! {
    /// Whatever is asked in whatever order: what is closed was proved, or closed on the lead's word; and what was proved
    /// was seen green in as many rounds and for as long as is asked, with nothing red in between.
    #[test]
    fn never_closed_without_proof_or_the_leads_word(moves in prop::collection::vec(moves(), 1..60)) {
        let mut case = Case::broken();
        for next in moves {
            let _ = match next {
                Move::Start => case.ask(Request::Proof(ProofRequest::Start { by: Trigger::Person })),
                Move::Recovered => case.ask(Request::Proof(ProofRequest::Start { by: Trigger::Recovered })),
                Move::Round(states, confirmed) => Ok(case.looked(&states, confirmed)),
                Move::Seen(states) => {
                    case.ask(Request::Proof(ProofRequest::Seen { cells: cells(&states), before: Vec::new() }))
                }
                Move::Minutes(minutes) => {
                    case.later(minutes);
                    continue;
                }
                Move::Due => case.ask(Request::Proof(ProofRequest::Due)),
                Move::Tick(place) => case.ask(Request::Proof(ProofRequest::Tick { place })),
                Move::Phase(to) => case.ask(Request::SetPhase { to, why: "because".into() }),
                Move::Close => case.close(),
                Move::Override => case.ask(Request::Proof(ProofRequest::Override { why: "because".into() })),
                Move::Reopen => case.ask(Request::Reopen { why: "because".into() }),
            };
        }
        check_history(&case.events)?;
    }
}

/// Told from the events alone, without the state that decided.
fn check_history(events: &[Recorded]) -> Result<(), TestCaseError> {
    let (mut green, mut since, mut proved, mut word) = (0, None, false, false);
    for recorded in events {
        match &recorded.new.event {
            Event::Proof(ProofEvent::Began { .. }) | Event::Reopened { .. } => {
                (green, since, proved, word) = (0, None, false, false);
            }
            Event::PhaseChanged { to, .. } if *to != Phase::Verifying => {
                (green, since, proved) = (0, None, false);
            }
            Event::Proof(ProofEvent::Round { number, outcome, .. }) if *number > 0 => match outcome {
                Outcome::Green => {
                    green += 1;
                    since.get_or_insert(recorded.new.happened_at);
                }
                Outcome::Red => (green, since, proved) = (0, None, false),
                Outcome::Open => {}
            },
            Event::Proof(ProofEvent::Proved { .. }) => {
                let first = since.ok_or_else(|| TestCaseError::fail("proved without a green round"))?;
                prop_assert!(green >= 3, "proved after {green} green rounds");
                prop_assert!(recorded.new.happened_at >= first + Duration::from_secs(600));
                proved = true;
            }
            Event::Proof(ProofEvent::Overridden { .. }) => word = true,
            Event::Resolved { .. } => prop_assert!(proved || word, "closed on hope"),
            _ => {}
        }
    }
    Ok(())
}
