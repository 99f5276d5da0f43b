//! What only a proof asks: the mailbox of each store, and an attachment of the configured size.

use super::*;
use crate::proof::{Cell, Measured, State, cells, measure};

/// The lab with a mailbox on each of two stores, and an attachment of so many KiB to be proved.
fn equipped(lab: &Lab, attachment_kib: u32) -> Service {
    let mut service = service(lab);
    service.store_probes = vec![account(lab, "alice"), account(lab, "bob")];
    service.limits.attachment = Some(attachment_kib * 1_024);
    service
}

async fn round(service: &Service) -> Vec<Measured> {
    let found = assess(service, Set::Proof).await;
    measure(&cells(service, &[]), &found.findings)
}

fn of<'m>(round: &'m [Measured], wanted: &Cell) -> &'m Measured {
    round.iter().find(|measured| measured.cell == *wanted).expect("a cell of the matrix")
}

fn mailbox(name: &str) -> Cell {
    Cell::Mailbox(format!("{name}@lab.example"))
}

#[tokio::test]
async fn one_store_of_two_that_is_down_is_red_and_the_other_is_green() {
    let lab = Lab::start(options()).await.unwrap();
    let service = equipped(&lab, 64);
    let well = round(&service).await;
    for cell in [mailbox("alice"), mailbox("bob"), Cell::Attachment] {
        assert_eq!(of(&well, &cell).state, State::Green, "{well:?}");
    }
    lab.switch(Fault::StoreDown, Switch::On).await;
    let broken = round(&service).await;
    assert_eq!(of(&broken, &mailbox("bob")).state, State::Red, "{broken:?}");
    for cell in [mailbox("alice"), Cell::Internal, Cell::Imap, Cell::Attachment] {
        assert_eq!(of(&broken, &cell).state, State::Green, "{broken:?}");
    }
}
