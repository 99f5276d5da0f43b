//! Whatever is pasted: no panic, bounded output, no address in clear.

use super::*;
use proptest::prelude::*;

/// More than the largest honest answer: 50 hops, 50 groups and 20 recipients with their longest texts.
const MOST_OUTPUT: usize = 128 * 1024;

#[track_caller]
fn check(input: &[u8]) {
    let json = run(input, true, now());
    assert!(json.len() <= MOST_OUTPUT, "{} bytes", json.len());
    check_strings(&serde_json::from_str(&json).unwrap());
    let sentences = run(input, false, now());
    assert!(sentences.len() <= MOST_OUTPUT, "{} bytes", sentences.len());
}

/// Masking what is masked changes nothing.
#[track_caller]
fn check_strings(value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            assert_eq!(mask_addresses(text), *text, "an address is in clear");
        }
        serde_json::Value::Array(values) => values.iter().for_each(check_strings),
        serde_json::Value::Object(fields) => fields.values().for_each(check_strings),
        _ => {}
    }
}

/// Pieces from which mail, queues and logs are made, so that random texts reach deep into every reader.
fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0000\r\n",
        "Final-Recipient: rfc822; secret.name@example.org\r\n",
        "Action: failed\n",
        "Status: 5.1.1\n",
        "Diagnostic-Code: smtp; 550 5.1.1 <secret.name@example.org> unknown\n",
        "Content-Type: multipart/report; boundary=b\n\n",
        "Content-Type: message/delivery-status\n\n",
        "Content-Type: message/rfc822\n\n",
        "--b\n",
        "--b--\n",
        "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n",
        "4F1B2C3D4E 1234 Mon Nov 23 11:59:30 secret.name@example.org\n",
        "(connect to mx.example.org[192.0.2.1]:25: timed out secret.name@example.org)\n",
        "-- 7 Kbytes in 3 Requests.\n",
        "{\"queue_id\": \"4F\", \"arrival_time\": 9223372036854775807, \"recipients\": [{\"address\": \"secret.name@example.org\"}]}\n",
        "25m 2.9K 1rABcD-000abc-12 <secret.name@example.org> *** frozen ***\n",
        "99999999999d 1K 1-2-3 <>\n",
        "MessageCount : 18446744073709551615\nNextHopDomain : secret.name@example.org\n\n",
        "Identity MessageCount NextHopDomain\n",
        "x to=<secret.name@example.org>, delay=9e9, dsn=4.4.1, status=deferred (mailbox full)\n",
        "x to=<secret.name@example.org>, delay=99999999+99:99:99, stat=Deferred: secret.name@example.org\n",
        "2026-11-23 10:00:00 1-2-3 ** secret.name@example.org: 550 no\n",
        ">>> RCPT To:<secret.name@example.org>\n<<< 550 no\n",
        "550 5.7.1 ",
        "\n\n",
        "\"secret name\"@example.org ",
    ];
    prop_oneof![
        6 => prop::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => "[\\x00-\\x7f]{0,40}",
    ]
}

/// Few, because a mail is much; `PROPTEST_CASES` makes it a long run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(input in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&input);
    }

    #[test]
    fn random_mails_queues_and_logs_are_survived(pieces in prop::collection::vec(piece(), 0..30)) {
        let text = pieces.concat();
        check(text.as_bytes());
        let output = run(text.as_bytes(), true, now());
        prop_assert!(!output.contains("secret.name"), "{}", output);
        prop_assert!(!output.contains("secret name"), "{}", output);
    }
}

#[test]
fn endless_repetitions_are_bounded() {
    let units = [
        "a@",
        "\"",
        "\"@",
        "%40",
        "(",
        "550 ",
        "<<< 5",
        "Received: x; y\n",
        "-Queue ID-\n4F1B2C3D4E 1 a b c d\n(",
        "{\"queue_id\":[",
        "--b\n",
        "\u{1F300}",
    ];
    for unit in units {
        check(unit.repeat(64 * 1024 / unit.len()).as_bytes());
    }
}

#[test]
fn messages_inside_messages_do_not_exhaust_the_stack() {
    let deep = |levels: usize| "From: a\nContent-Type: message/rfc822\n\n".repeat(levels);
    check(deep(MOST_BYTES / 40).as_bytes());
    check(deep(90).as_bytes());
}
