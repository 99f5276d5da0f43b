//! The list of names and the table agree, and what users read stays readable.

use super::*;
use std::collections::HashSet;

fn entries() -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().flat_map(|(_, entries)| entries.iter())
}

#[test]
fn every_cause_has_one_row() {
    for cause in Cause::all() {
        let rows = entries().filter(|entry| entry.cause == *cause).count();
        assert_eq!(rows, 1, "{cause} has {rows} rows in the table");
    }
}

#[test]
fn names_are_unique_kebab_case_and_read_back() {
    let mut seen = HashSet::new();
    for cause in Cause::all() {
        let name = cause.name();
        assert!(seen.insert(name), "{name} stands twice");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
        assert_eq!(name.parse(), Ok(*cause));
        let json = serde_json::to_string(cause).unwrap();
        assert_eq!(json, format!("\"{name}\""));
        assert_eq!(serde_json::from_str::<Cause>(&json).unwrap(), *cause);
    }
}

#[test]
fn an_unknown_name_is_refused_in_words() {
    let error = "server-on-fire".parse::<Cause>().unwrap_err().to_string();
    assert!(error.contains("server-on-fire") && error.contains("certificate-expired"), "{error}");
}

#[test]
fn the_list_and_the_table_follow_the_layers() {
    let layers: Vec<Layer> = Cause::all().iter().map(|cause| cause.layer()).collect();
    assert!(layers.is_sorted(), "Cause::all() is not in the order of the layers");
    let table: Vec<Layer> = TABLE.iter().map(|(layer, _)| *layer).collect();
    assert_eq!(table, Layer::all());
}

#[track_caller]
fn check_sentence(cause: Cause, part: &str, text: &str) {
    assert!(text.len() > 10, "{cause}: {part} is empty");
    assert!(
        text.starts_with(|c: char| c.is_ascii_uppercase()) || text.starts_with("df "),
        "{cause}: {part}: {text}"
    );
    assert!(text.ends_with(['.', '?']), "{cause}: {part} does not end its sentence: {text}");
    assert!(text.len() < 200, "{cause}: {part} is too long to be read at night: {text}");
}

#[test]
fn no_text_is_missing() {
    for entry in entries() {
        check_sentence(entry.cause, "meaning", entry.meaning);
        check_sentence(entry.cause, "users", entry.users);
        check_sentence(entry.cause, "advice", entry.advice);
        assert!(!entry.what_to_do.is_empty(), "{}: nothing to do", entry.cause);
        for step in entry.what_to_do {
            check_sentence(entry.cause, "what_to_do", step);
        }
        for warning in entry.never {
            check_sentence(entry.cause, "never", warning);
            assert!(warning.starts_with("Never "), "{}: {warning}", entry.cause);
        }
    }
}

/// Words that a user need not know, and the signs of a host, an address or a port.
const NOT_FOR_USERS: &[&str] = &[
    "SMTP", "IMAP", "POP", "LMTP", "TLS", "SSL", "DNS", "MX", "DANE", "MTA", "SPF", "DKIM", "DMARC", "LDAP",
    "SQL", "TCP", "IPv", "HTTP", "port", "daemon", "host", "resolver", "server", "socket", "queue",
];

#[test]
fn what_users_read_names_no_protocol_and_no_host() {
    for entry in entries() {
        for text in [entry.users, entry.advice] {
            for word in text.split(|c: char| !c.is_alphanumeric()) {
                let forbidden = NOT_FOR_USERS.iter().any(|not| word.starts_with(not) && word != "report");
                assert!(!forbidden, "{}: users need not know “{word}”: {text}", entry.cause);
            }
            let names_a_host = text
                .split_whitespace()
                .any(|word| word.trim_end_matches(['.', ';', ',', ':']).contains(['.', '@']));
            assert!(!names_a_host, "{}: a host is named: {text}", entry.cause);
        }
    }
}

/// The names that the design, the fault laboratory and the published outages use.
const NAMES_IN_USE: &str = "blocklisted certificate-expired certificate-expiring certificate-name certificate-not-yet-valid \
    certificate-untrusted clock-wrong configuration connection-limit connection-refused connection-timeout delivery-stuck \
    directory-broken dns-nxdomain dns-servfail filter-down greylisting hardware-failure host-down imap-down ipv6-broken \
    login-backend-down login-backend-slow mail-authentication-missing mailbox-delivery-down mailbox-full \
    mailbox-server-down mta-sts-mismatch mx-missing mx-unresolvable no-banner own-network probe-password-wrong \
    prober-blocked prober-rate-limited protocol-violation queue-stuck relay-open resolver-down server-hung \
    server-overload server-slow service-stopped starttls-missing storage-full storage-overload tls-too-old";

#[test]
fn every_name_in_use_is_a_cause() {
    for name in NAMES_IN_USE.split_whitespace() {
        assert!(name.parse::<Cause>().is_ok(), "{name} is missing");
    }
}

#[test]
fn a_root_lies_on_the_earlier_layer() {
    #[track_caller]
    fn check(root: Cause, consequence: Cause) {
        assert!(root.layer() < consequence.layer(), "{root} must come before {consequence}");
    }
    check(Cause::OwnNetwork, Cause::HostDown);
    check(Cause::DnsServfail, Cause::ConnectionTimeout);
    check(Cause::HostDown, Cause::NoBanner);
    check(Cause::NoBanner, Cause::CertificateExpired);
    check(Cause::CertificateExpired, Cause::LoginBackendDown);
    check(Cause::LoginBackendDown, Cause::ImapDown);
    check(Cause::StorageFull, Cause::DeliveryStuck);
    check(Cause::QueueStuck, Cause::Blocklisted);
}
