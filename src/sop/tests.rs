//! The shipped procedure, and what is refused of own ones.

use super::*;

#[test]
fn the_shipped_procedure_is_sound() {
    let procedure = Procedure::parse(SHIPPED).expect("sound");
    assert_eq!(procedure.hash.len(), 16);
    for key in [
        "dns",
        "network",
        "tls",
        "edge",
        "queue",
        "submission",
        "directory",
        "store",
        "disk",
        "load",
        "hardware",
        "software",
        "upstream",
        "client",
        "backup-mx",
        "changes",
    ] {
        assert!(procedure.line(key).is_some(), "{key}");
    }
    let numbers: BTreeSet<u64> = procedure.lines.iter().map(Line::number).collect();
    assert_eq!(numbers.len(), procedure.lines.len(), "each button names one line");
    let own: Vec<Cause> = Cause::all().iter().copied().filter(|c| procedure.line_of(*c).is_some()).collect();
    assert!(own.len() > 60, "most causes lie in a line: {}", own.len());
    let mut seen = BTreeSet::new();
    for cause in procedure.lines.iter().flat_map(|line| &line.causes) {
        assert!(seen.insert(cause), "{cause} lies in two lines");
    }
    let in_a_line =
        |name: &str| procedure.lines.iter().any(|line| line.checks.iter().any(|check| check == name));
    let nowhere: Vec<&str> =
        crate::check::all().iter().map(|check| check.name).filter(|name| !in_a_line(name)).collect();
    assert!(nowhere.is_empty(), "name them in `checks` of a line of sop/procedure.toml: {nowhere:?}");
}

#[test]
fn a_failing_store_is_told_to_keep_mail() {
    let aid = Procedure::default();
    let aid = aid.first_aid(Some(Cause::StorageFull)).expect("first aid");
    assert_eq!(aid.goal, "Keep mail: defer, never reject.");
    assert!(aid.copy.iter().any(|line| line.contains("postconf -e soft_bounce=yes")));
    assert!(aid.copy.iter().any(|line| line.contains("postqueue -j")));
    assert!(aid.never.iter().any(|line| line == "Never delete the queue."));
    assert!(Procedure::default().first_aid(None).is_some(), "there is one for a cause that nobody knows");
}

#[test]
fn the_risk_of_a_kind_can_be_changed() {
    let own = "version = \"x\"\n[[line]]\nkey = \"a\"\nname = \"A\"\nlook = \"l\"\n[[risk]]\nkind = \"restart\"\nrisk = \"low\"\n";
    let own = Procedure::parse(own).expect("sound");
    assert_eq!((own.risk(Kind::Restart), own.risk(Kind::Queue)), (Risk::Low, Risk::High));
    assert_eq!(Procedure::default().risk(Kind::Restart), Risk::High);
}

#[test]
fn a_text_finds_its_line() {
    let procedure = Procedure::default();
    let line = |text: &str| procedure.line_about(text).map(|line| line.key.as_str());
    assert_eq!(line("renewal timer failing since 12 Oct"), Some("tls"));
    assert_eq!(line("LDAP does not answer"), Some("directory"));
    assert_eq!(line("the disk of node 2 is full"), Some("disk"));
    assert_eq!(line("nothing to see"), None);
    assert_eq!(line("concerted effort"), None, "not in the middle of a word");
}

#[track_caller]
fn refused(text: &str, why: &str) {
    let unsound = Procedure::parse(text).expect_err("refused").to_string();
    assert!(unsound.contains(why), "{unsound}");
}

#[test]
fn what_is_wrong_with_an_own_procedure_is_said() {
    let line =
        |more: &str| format!("version = \"x\"\n[[line]]\nkey = \"a\"\nname = \"A\"\nlook = \"l\"\n{more}");
    assert!(Procedure::parse(&line("")).is_ok());
    refused("", "version");
    refused("version = \"x\"", "0 lines");
    refused(&line("needs = [\"b\"]"), "“a” needs “b”, and there is no such line");
    refused(&line("needs = [\"a\"]"), "“a” needs itself");
    refused(&line("checks = [\"magic\"]"), "there is no check “magic”; there are address");
    refused(&line("causes = [\"gremlins\"]"), "gremlins");
    refused(&line("colour = \"red\""), "colour");
    refused(&line("[[line]]\nkey = \"a\"\nname = \"B\"\nlook = \"l\"\n"), "the same key");
    refused(&line("[[line]]\nkey = \"B!\"\nname = \"\"\nlook = \"l\"\n"), "“B!” is no key");
}
