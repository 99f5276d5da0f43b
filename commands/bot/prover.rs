//! Measures the rounds of proofs, as the desk calls for them.
//!
//! 1. The desk calls: a due time has come ([`watchpost::desk::Desk::next_round`]).
//! 2. The service is measured whole. What does not work for a lasting reason is looked at a second time at once, so that
//!    one bad moment sends nobody back to troubleshooting.
//! 3. The result goes to the desk, which decides what follows. A round that is lost by a crash is called for again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinSet;
use watchpost::desk::Ask;
use watchpost::ids::{IncidentId, ServiceName};
use watchpost::incident::decide::Request;
use watchpost::incident::event::Origin;
use watchpost::incident::proof::{Proof, ProofRequest};
use watchpost::person::Actor;
use watchpost::proof::{Cell, Measured, State};
use watchpost_texts::say;

use super::framework::Mind;
use crate::check::Examined;

/// Rounds that are measured at the same time.
const AT_ONCE: usize = 4;

/// Runs until `stop` becomes true; a round under way then is called for again at the next start.
pub async fn run(mind: Arc<Mind>, mut stop: watch::Receiver<bool>) {
    let mut under_way: JoinSet<()> = JoinSet::new();
    let busy = Arc::new(Mutex::new(BTreeSet::new()));
    loop {
        tokio::select! {
            id = mind.desk.next_round(), if under_way.len() < AT_ONCE => {
                if busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
                    let (mind, busy) = (mind.clone(), busy.clone());
                    under_way.spawn(async move {
                        round(&mind, id).await;
                        busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                    });
                }
            }
            Some(_) = under_way.join_next() => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
}

async fn round(mind: &Mind, id: IncidentId) {
    let Some(incident) = mind.desk.incident(id) else { return };
    let Some(service) = incident.service.clone() else { return };
    let wanted = match &incident.proof.running {
        Some(running) => running.cells.clone(),
        None => mind.desk.policy().proof.cells_of(Some(&service)).to_vec(),
    };
    let (examined, cells, confirmed) = looked(mind, &service, &wanted, &incident.proof).await;
    let ask = Ask {
        guild: incident.guild,
        actor: Actor::Watchpost,
        origin: Origin::Check,
        once: None,
        incident: Some(id),
        request: Request::Proof(ProofRequest::Round { last: Box::new(examined.last), cells, confirmed }),
    };
    if let Err(refusal) = mind.desk.ask(ask).await {
        tracing::warn!(%id, code = refusal.code(), "a round of the proof was not recorded");
    }
}

/// One look, or two where the first saw a lasting failure.
async fn looked(
    mind: &Mind,
    service: &ServiceName,
    wanted: &[Cell],
    proof: &Proof,
) -> (Examined, Vec<Measured>, bool) {
    let examined = mind.examiner.prove(service).await;
    let first = complete(&examined.cells, wanted);
    let lasting = |cells: &[Measured]| -> BTreeSet<Cell> {
        let knowing = proof.knowing(cells);
        let open = knowing.open_of(cells).into_iter();
        open.filter(|measured| measured.lasting).map(|measured| measured.cell.clone()).collect()
    };
    let bad = lasting(&first);
    if bad.is_empty() {
        return (examined, first, false);
    }
    let again = mind.examiner.prove(service).await;
    let second = complete(&again.cells, wanted);
    let confirmed = !lasting(&second).is_disjoint(&bad);
    (again, doubted(second, &first), confirmed)
}

/// What failed a moment ago is not green yet because it was good once.
fn doubted(second: Vec<Measured>, first: &[Measured]) -> Vec<Measured> {
    let failed = |cell: &Cell| first.iter().find(|m| m.cell == *cell && m.state == State::Red);
    second
        .into_iter()
        .map(|measured| match failed(&measured.cell) {
            Some(failed) if measured.state == State::Green => {
                let why = say!("{}; a moment later it was good", failed.why);
                Measured { why, lasting: false, ..failed.clone() }
            }
            _ => measured,
        })
        .collect()
}

/// Every cell that is wanted, in its order; what nobody measured is not measured.
fn complete(cells: &[Measured], wanted: &[Cell]) -> Vec<Measured> {
    let of = |cell: &Cell| cells.iter().find(|measured| measured.cell == *cell).cloned();
    let why = |cell: &Cell| match cell {
        Cell::Manual(_) => say!("a person ticks it"),
        _ => say!("it is not measured here"),
    };
    wanted.iter().map(|cell| of(cell).unwrap_or_else(|| Measured::unmeasured(cell, why(cell)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn red(why: &str) -> Measured {
        Measured { lasting: true, ..Measured::of(&Cell::Imap, State::Red, why) }
    }

    #[test]
    fn good_after_bad_is_not_green_yet() {
        let green = Measured { state: State::Green, why: String::new(), lasting: false, ..red("") };
        let merged = doubted(vec![green.clone()], &[red("refused")]);
        assert_eq!((merged[0].state, merged[0].lasting), (State::Red, false));
        assert!(merged[0].why.contains("a moment later it was good"));
        assert_eq!(doubted(vec![green.clone()], std::slice::from_ref(&green)), [green]);
    }

    #[test]
    fn what_nobody_measured_is_not_measured() {
        let wanted = [Cell::Imap, Cell::Manual("my phone sends".to_owned())];
        let cells = complete(&[red("refused")], &wanted);
        assert_eq!(cells.iter().map(|m| m.state).collect::<Vec<_>>(), [State::Red, State::Unmeasured]);
        assert_eq!(cells[1].why, "a person ticks it");
    }
}
