//! Proposed, accepted by somebody else, followed; and what is refused.

use super::*;
use crate::ids::PersonId;
use crate::incident::Severity;
use crate::person::Person;
use crate::policy::Policy;
use crate::sop::promise;

fn person(id: u64) -> Actor {
    Actor::Person(Person { id: PersonId(id), name: format!("p{id}") })
}

fn ask(book: &Book, policy: &Policy, by: u64, request: ProcedureRequest) -> Result<Book, Refusal> {
    let actor = person(by);
    let context = Context { now: UtcMs(0), actor: &actor, policy };
    let mut book = book.clone();
    for event in decide(&book, request, &context)? {
        book.version += 1;
        let version = book.version;
        apply(Arc::make_mut(&mut book.procedure), &event, version, &actor, UtcMs(0));
    }
    Ok(book)
}

fn propose(old: &str, new: &str) -> ProcedureRequest {
    ProcedureRequest::Propose(Suggestion {
        incident: IncidentId(42),
        guild: GuildId(1),
        place: None,
        old: old.to_owned(),
        new: new.to_owned(),
        why: "it was missing".to_owned(),
    })
}

#[test]
fn a_second_person_makes_the_new_version_and_it_is_followed() {
    let (policy, book) = (Policy::default(), Book::default());
    let look = "Is the domain paid for?";
    let book =
        ask(&book, &policy, 1, propose(look, "Is the domain paid for, and by whom?")).expect("proposed");
    let number = book.procedure.proposals[0].number;
    assert_eq!(ask(&book, &policy, 1, ProcedureRequest::Accept { number }), Err(Refusal::OwnProposal));
    let book = ask(&book, &policy, 2, ProcedureRequest::Accept { number }).expect("accepted");
    let first = followed(&policy.procedure, &book.procedure);
    assert!(first.text.contains("and by whom?") && !first.text.contains(look));
    assert_eq!(first.version, format!("{} ~{number}", policy.procedure.version));
    assert!(ask(&book, &policy, 3, ProcedureRequest::Accept { number }).is_err(), "only once");

    // A further change builds on it and keeps the first.
    let policy = Policy { procedure: first, ..policy };
    let book = ask(&book, &policy, 1, propose("and by whom?", "by whom, until when?")).expect("proposed");
    let next = book.procedure.proposals[1].number;
    let book = ask(&book, &policy, 2, ProcedureRequest::Accept { number: next }).expect("accepted");
    let again = followed(&Policy::default().procedure, &book.procedure);
    assert!(again.text.contains("by whom, until when?"));
    assert_eq!(again.version, format!("{} ~{next}", Policy::default().procedure.version));

    // A file that was changed by hand counts more.
    let other = Arc::new(Procedure { hash: "another".to_owned(), ..Procedure::default() });
    assert_eq!(followed(&other, &book.procedure), other);
}

#[test]
fn cadences_and_texts_can_be_added_and_count_more_than_the_configuration() {
    let mut policy = Policy::default();
    policy.cadences.insert(
        Severity::Sev1,
        crate::policy::Cadence { first: std::time::Duration::from_secs(600), each: [].into() },
    );
    let added = "[cadence.SEV1]\nfirst = \"5m\"\nusers = \"20m\"\n[texts.users]\nfirst = \"Mail is down. {{ next }}\"";
    let book = ask(&Book::default(), &policy, 1, propose("", added)).expect("proposed");
    let number = book.procedure.proposals[0].number;
    let book = ask(&book, &policy, 2, ProcedureRequest::Accept { number }).expect("accepted");
    policy.procedure = followed(&policy.procedure, &book.procedure);
    promise::follow(&mut policy);
    let sev1 = &policy.cadences[&Severity::Sev1];
    assert_eq!(sev1.first.as_secs(), 300);
    assert_eq!(sev1.each.get(&"users".into()).map(std::time::Duration::as_secs), Some(1_200));
    let english = policy.languages.of("en").expect("shipped");
    let text = english.template(
        "users",
        crate::config::Texts::Users,
        crate::update::language::Length::Full,
        crate::incident::event::UpdateKind::First,
    );
    assert_eq!(text, Some("Mail is down. {{ next }}"));
}

#[test]
fn what_is_not_there_or_would_not_be_sound_is_refused() {
    let (policy, book) = (Policy::default(), Book::default());
    for (old, new, why) in [
        ("this stands nowhere", "x", "does not stand"),
        ("[[line]]", "x", "times"),
        ("name = \"DNS\"", "name = \"\"", "sound"),
        ("", "[cadence.SEV9]\nfirst = \"5m\"", "SEV1, SEV2"),
        ("", "[cadence.SEV1]\nusers = \"soon\"", "neither a duration"),
        ("", "[texts.users]\nfirst = \"{{ nonsense }}\"", "no variable nonsense"),
    ] {
        let refusal = ask(&book, &policy, 1, propose(old, new)).expect_err("refused").to_string();
        assert!(refusal.contains(why), "{refusal}");
    }
}
