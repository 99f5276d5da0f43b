//! What would do harm on a wire is refused in words when the file is read, before anything is asked.

use super::problems_with;

const SERVICE: &str = "[service.main]\ndomain = \"example.org\"\n";

/// A service with one more line.
#[track_caller]
fn refused(line: &str, words: &str) {
    let found = problems_with(&format!("{SERVICE}{line}\n"));
    assert!(found.contains(words), "{line}: {found:?} does not say {words:?}");
    assert!(!found.contains(['\r', '\u{0}', '\u{1b}']), "{line}: what is told is clean: {found:?}");
}

/// Every key of a service that holds a text, as a line in which `{}` is replaced.
const TEXTS: [&str; 17] = [
    "label = \"{}\"",
    "host = \"{}\"",
    "submission = [\"{}\"]",
    "imap = [\"{}\"]",
    "pop3 = [\"{}\"]",
    "sieve = [\"{}\"]",
    "mx = [\"{}\"]",
    "resolvers = [\"{}\"]",
    "control_names = [\"{}\"]",
    "control_hosts = [\"{}\"]",
    "fixed_addresses = [\"{}\"]",
    "helo = \"{}\"",
    "foreign_recipient = \"{}\"",
    "blocklists = [\"{}\"]",
    "dkim_selectors = [\"{}\"]",
    "rdap = \"{}\"",
    "probe = { address = \"{}\", password_env = \"PROBE_PASSWORD\" }",
];

#[test]
fn no_text_carries_a_line_end_or_control_character() {
    for line in TEXTS {
        for hostile in
            ["a.example\\r\\nQUIT", "a.example\\nDATA", "a\\u0000.example", "a\\u001b[2J.example", "a\\u007f"]
        {
            let line = line.replace("{}", hostile);
            let key = line.split(' ').next().unwrap_or_default().to_owned();
            refused(&line, &key);
        }
    }
    let probe = |key: &str, value: &str| {
        format!(
            "[service.main.probe]\naddress = \"a@example.org\"\npassword_env = \"PROBE_PASSWORD\"\n{key} = \"{value}\""
        )
    };
    refused(&probe("login", "a\\r\\nb"), "login");
    let page = "[[service.main.web]]\nname = \"webmail\"\nurl = ";
    refused(&format!("{page}\"https://a.example/\\r\\nHost: b\""), "url");
}

#[test]
fn a_host_is_a_name_in_one_notation() {
    let long_label = format!("{}.example", "a".repeat(64));
    let longest = format!("{}.example", "a".repeat(255));
    let names = [
        ("bücher.example", "xn-- form"),
        (long_label.as_str(), "more than 63 characters"),
        (longest.as_str(), "more than 253 characters"),
        ("a..example", "empty part"),
        ("-a.example", "begins or ends with a hyphen"),
        ("127.0.0.1", "an address, not a name"),
        ("127.1", "an address, not a name"),
        ("2130706433", "an address, not a name"),
        ("0x7f000001", "an address, not a name"),
        ("0x7f.0.0.0x1", "an address, not a name"),
        ("0177.0.0.1", "an address, not a name"),
        ("10.0.0.1.", "an address, not a name"),
        ("[::1]", "no host name has"),
        ("[::ffff:127.0.0.1]", "no host name has"),
        ("fe80::1%eth0", "no host name has"),
        ("mail.example.org/..", "no host name has"),
        ("user@mail.example.org", "no host name has"),
    ];
    for (name, words) in names {
        for line in ["helo", "host"] {
            refused(&format!("{line} = \"{name}\""), words);
        }
        refused(&format!("mx = [\"{name}\"]"), words);
        // Behind a port, and as the host of a page, it is refused as well; the words may be about the port.
        refused(&format!("submission = [\"{name}:587\"]"), "service.main.submission");
    }
}

#[test]
fn a_port_is_a_port_and_a_selector_a_label() {
    for port in ["0", "65536", "-25", "0x19", "25 ", "smtp"] {
        refused(&format!("submission = [\"mail.example.org:{port}\"]"), "submission");
    }
    for selector in ["a b", "a/b", "..", "-x", "schlüssel"] {
        refused(&format!("dkim_selectors = [\"{selector}\"]"), "dkim_selectors");
    }
    assert_eq!(problems_with(&format!("{SERVICE}dkim_selectors = [\"20230601\", \"a.b\"]\n")), "");
}

#[test]
fn a_page_has_a_host_with_a_name() {
    let page = |host: &str| format!("[[service.main.web]]\nname = \"w\"\nurl = \"https://{host}/\"");
    for literal in ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.0.1:443"] {
        refused(&page(literal), "an address, not a name");
    }
    for literal in ["[::1]", "[::ffff:7f00:1]", "[64:ff9b::a00:1]"] {
        refused(&page(literal), "no host name has");
    }
    refused("rdap = \"https://169.254.169.254/\"", "rdap");
    assert_eq!(problems_with(&format!("{SERVICE}{}\n", page("webmail.example.org"))), "");
}
