//! The decision table: under this fault, this question is answered with (a part of) this.

use hickory_proto::rr::RecordType::{A, AAAA, CNAME, MX, PTR, TXT};
use watchpost_lab::Service;
use watchpost_lab::Service::{Imap, Imaps, Pop3, Submission, Submissions};

use super::ask::Ask::{
    self, Append, ClearLogin, First, ImapCommand, ImapFetch, ImapLogin, Name, NoKey, Page, PopLogin, Port25,
    Port465, Registration, SmtpLogin, StartTls, Tlsa, Token, Way,
};

pub const MX25: Service = Service::Mx;
const TO_BOB: &[&str] = &["EHLO a.example", "MAIL FROM:<x@a.example>", "RCPT TO:<bob@lab.example>"];
const TO_PROBE: &[&str] = &["EHLO a.example", "MAIL FROM:<x@a.example>", "RCPT TO:<probe@lab.example>"];
const TO_NOBODY: &[&str] = &["EHLO a.example", "MAIL FROM:<x@a.example>", "RCPT TO:<nobody@lab.example>"];
const TO_POSTMASTER: &[&str] = &["EHLO a.example", "MAIL FROM:<x@a.example>", "RCPT TO:<postmaster>"];
const TO_FAR: &[&str] = &["EHLO a.example", "MAIL FROM:<x@a.example>", "RCPT TO:<x@far.example>"];
const MAIL: &[&str] = &["EHLO a.example", "MAIL FROM:<x@lab.example>"];
const EHLO: &[&str] = &["EHLO a.example"];
const WHOLE: &[&str] = &["EHLO a.example", "MAIL FROM:<>", "RCPT TO:<bob@lab.example>", "DATA", "\r\nx\r\n."];

/// Who writes to whom: in, out, and within.
pub const IN: Ask = Way("echo@outside.example", "bob@lab.example");
/// To somebody who is not there.
const ASTRAY: Ask = Way("alice@lab.example", "nobody@lab.example");
pub const OUT: Ask = Way("alice@lab.example", "echo@outside.example");
const WITHIN: Ask = Way("alice@lab.example", "bob@lab.example");

/// A fault, and what is then found.
pub type Row = (&'static str, &'static [(Ask, &'static str)]);

#[rustfmt::skip] // A row is a line wherever it fits.
pub const TABLE: &[Row] = &[
    ("stopped", &[(First(MX25), "ConnectionRefused"), (First(Imaps), "ConnectionRefused")]),
    ("hung", &[(First(MX25), "silence"), (First(Pop3), "silence"), (First(Submissions), "silence")]),
    ("certificate-expired", &[(First(Imaps), "certificate expired"), (StartTls, "certificate expired")]),
    ("storage-full", &[(Port25(MAIL), "452 4.3.1"), (Append, "NO [SERVERBUG]"), (IN, "queue: 452 4.3.1")]),
    ("stuck-delivery", &[(WITHIN, "queue: 450 4.3.2"), (IN, "queue: 450 4.3.2")]),
    ("smtp-stopped", &[(First(MX25), "ConnectionRefused"), (First(Submissions), "ConnectionRefused")]),
    ("smtp-hung", &[(First(MX25), "silence"), (First(Submission), "silence"), (IN, "queue: 450 4.4.2")]),
    ("imap-down", &[(First(Imap), "ConnectionRefused"), (First(Pop3), "ConnectionRefused")]),
    ("dovecot-down", &[
        (First(Imaps), "ConnectionRefused"),
        (SmtpLogin("alice"), "454 4.7.0"),
        (IN, "queue: 450 4.4.1"),
    ]),
    ("port-drop", &[(First(MX25), "timeout"), (IN, "queue: 450 4.4.1 Connection timed out")]),
    ("host-unreachable", &[(First(MX25), "timeout"), (First(Imaps), "timeout")]),
    ("ipv6-broken", &[(Name("mail.lab.example.", AAAA), "::1")]),
    ("closed-early", &[(First(MX25), "closed")]),
    ("slots-used", &[(First(MX25), "silence")]),
    ("slow", &[(First(MX25), "silence"), (First(Submission), "silence"), (First(Imap), "silence")]),
    ("late-banner", &[(First(MX25), "silence")]),
    ("garbage", &[(First(MX25), "silence after 512")]),
    ("halfopen", &[(First(MX25), "silence after 8")]),
    ("too-many-conn", &[(First(MX25), "421 4.7.0")]),
    ("shutting-down", &[(First(MX25), "421 4.3.2"), (First(Submission), "421 4.3.2")]),
    ("no-mail-service", &[(First(MX25), "521 ")]),
    ("client-blocked", &[(First(MX25), "554 5.7.1")]),
    ("client-listed", &[(Port25(TO_BOB), "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked")]),
    ("rate-limited", &[(Port25(MAIL), "421 4.7.0")]),
    ("cert-future", &[(First(Imaps), "certificate not valid yet"), (StartTls, "not valid yet")]),
    ("cert-selfsigned", &[(First(Imaps), "UnknownIssuer"), (IN, "queue: 450 4.7.5")]),
    ("cert-soon", &[(First(Imaps), "expires in 2 days")]),
    ("cert-wronghost", &[(First(Imaps), "other.lab.example"), (StartTls, "other.lab.example")]),
    ("many-certificates", &[(First(Imaps), "HandshakePayloadTooLarge")]),
    ("tls-old", &[(First(Submissions), "ProtocolVersion"), (StartTls, "ProtocolVersion")]),
    ("starttls-missing", &[(StartTls, "502 5.5.1"), (IN, "queue: 450 4.7.4")]),
    ("starttls-unavailable", &[(StartTls, "454 4.7.0")]),
    ("starttls-injection", &[(StartTls, "clear text follows: 250-evil.example")]),
    ("auth-down", &[(SmtpLogin("probe"), "454 4.7.0")]),
    ("auth-tempfail", &[
        (SmtpLogin("bob"), "535 5.7.8"),
        (ImapLogin("bob"), "NO [UNAVAILABLE]"),
        (IN, "queue: 451 4.3.0"),
    ]),
    ("auth-hung", &[(SmtpLogin("bob"), "silence"), (First(Imap), "silence"), (Port25(TO_BOB), "silence")]),
    ("directory-down", &[
        (SmtpLogin("bob"), "454 4.7.0"),
        (ImapLogin("bob"), "NO [UNAVAILABLE]"),
        (PopLogin("bob"), "-ERR [SYS/TEMP]"),
        (Port25(TO_BOB), "451 4.3.0"),
    ]),
    ("wrong-password", &[
        (SmtpLogin("probe"), "535 5.7.8"),
        (ImapLogin("probe"), "NO [AUTHENTICATIONFAILED]"),
        (PopLogin("probe@lab.example"), "-ERR [AUTH]"),
    ]),
    ("token-expired", &[(Token(Submissions), "535 5.7.8"), (Token(Imaps), "NO [AUTHENTICATIONFAILED]")]),
    ("login-limit", &[(ImapLogin("bob"), "NO [LIMIT]"), (PopLogin("bob"), "-ERR [IN-USE]")]),
    ("imap-bye", &[(First(Imap), "* BYE [UNAVAILABLE]")]),
    ("imap-preauth", &[(First(Imap), "* PREAUTH")]),
    ("mailbox-corrupt", &[(ImapCommand("SELECT INBOX"), "NO [CORRUPTION]")]),
    ("queue-full", &[(Port25(MAIL), "452 4.3.1"), (Port465(MAIL), "452 4.3.1")]),
    ("store-down", &[
        (ImapLogin("bob"), "NO [UNAVAILABLE]"),
        (PopLogin("bob"), "-ERR [SYS/TEMP]"),
        (IN, "queue: 451 4.4.1"),
    ]),
    ("store-full", &[(Append, "NO [SERVERBUG]"), (IN, "queue: 452 4.3.1")]),
    ("over-quota", &[(Port25(TO_PROBE), "552 5.2.2"), (ImapCommand("GETQUOTAROOT INBOX"), "(STORAGE 20480 20480)")]),
    ("over-quota-temp", &[
        (Port25(TO_PROBE), "452 4.2.2"),
        (ImapCommand("GETQUOTAROOT INBOX"), "(STORAGE 20480 20480)"),
    ]),
    ("probe-unknown", &[(Port25(TO_PROBE), "550 5.1.1")]),
    ("directory-broken", &[(Port25(TO_PROBE), "550 5.1.1"), (Port25(TO_BOB), "550 5.1.1")]),
    ("relay-denied", &[(Port25(TO_BOB), "554 5.7.1 Relay")]),
    ("open-relay", &[(Port25(TO_FAR), "250 2.1.5")]),
    ("greylist", &[(Port25(TO_BOB), "450 4.2.0 Greylisted"), (IN, "queue: 450 4.2.0")]),
    ("lookup-failure", &[(Port25(TO_BOB), "451 4.3.0"), (Port465(TO_BOB), "451 4.3.0")]),
    ("filter-down", &[(Port25(WHOLE), "451 4.7.1")]),
    ("lmtp-down", &[(IN, "queue: 450 4.4.1 Mailbox server")]),
    ("mail-lost", &[(WITHIN, "nowhere")]),
    ("mail-loop", &[(WITHIN, "bounce: Diagnostic-Code: smtp; 554 5.4.6")]),
    ("mail-late", &[(WITHIN, "queue: 450 4.3.2 Held")]),
    ("store-late", &[(WITHIN, "INBOX after 60 s")]),
    ("junk", &[(WITHIN, "Junk")]),
    ("clock-skew", &[(WITHIN, "INBOX after -3600 s")]),
    ("outbound-blocked", &[(OUT, "queue: 450 4.4.1")]),
    ("server-resolver-down", &[(OUT, "queue: 451 4.4.3")]),
    ("outbound-tls-refused", &[(OUT, "queue: 450 4.7.5")]),
    ("outbound-rejected", &[(OUT, "bounce: Diagnostic-Code: smtp; 550 5.7.26")]),
    ("dns-down", &[(Name("lab.example.", MX), "no answer"), (OUT, "queue: 451 4.4.3")]),
    ("dns-hung", &[(Name("lab.example.", MX), "no answer"), (OUT, "queue: 451 4.4.3")]),
    ("dns-servfail", &[(Name("mail.lab.example.", A), "Server Failure"), (IN, "queue: 451 4.4.3")]),
    ("dnssec-broken", &[(Name("mail.lab.example.", A), "Server Failure")]),
    ("domain-gone", &[(Name("lab.example.", MX), "no such name"), (IN, "bounce: Diagnostic-Code: smtp; 550 5.1.2")]),
    ("domain-expiring", &[(Registration, "expires in 6 days")]),
    ("mx-missing", &[(Name("lab.example.", MX), "none"), (IN, "queue: 450 4.7.5")]),
    ("mx-dead", &[(Name("lab.example.", MX), "10 dead.lab.example."), (IN, "queue: 450")]),
    ("mx-nxdomain", &[(Name("lab.example.", MX), "10 gone.lab.example."), (IN, "queue: 450")]),
    ("mx-changed", &[(Name("lab.example.", MX), "10 mx.outside.example."), (IN, "queue: 450 4.7.5")]),
    ("null-mx", &[(Name("lab.example.", MX), "0 ."), (IN, "bounce: Diagnostic-Code: smtp; 556 5.1.10")]),
    ("spf-missing", &[(Name("lab.example.", TXT), "none"), (Name("_dmarc.lab.example.", TXT), "no such name")]),
    ("ptr-missing", &[
        (Name("31.0.0.127.in-addr.arpa.", PTR), "no such name"),
        (Name("25.2.0.192.in-addr.arpa.", PTR), "no such name"),
    ]),
    ("tlsa-mismatch", &[(Tlsa, "another key")]),
    ("dnsbl", &[
        (Name("25.2.0.192.dnsbl.lab.example.", A), "127.0.0.2"),
        (OUT, "bounce: Diagnostic-Code: smtp; 554 5.7.1"),
    ]),
    ("dnsbl-refused", &[(Name("1.0.0.127.dnsbl.lab.example.", A), "127.255.255.254")]),
    ("mtasts-mismatch", &[
        (Page("mta-sts.lab.example", "/.well-known/mta-sts.txt"), "mx: old.lab.example\r\nmax_age"),
        (IN, "queue: 450 4.7.5"),
    ]),
    ("webmail-down", &[(Page("webmail.lab.example", "/"), "502 Bad Gateway")]),
    ("huge-banner", &[(First(MX25), "silence after 65536"), (First(Imap), "silence after 65536")]),
    ("endless-ehlo", &[(Port25(EHLO), "endless")]),
    ("drip", &[(First(MX25), "silence after 1")]),
    ("nul-bytes", &[(First(MX25), "220 mail\0.lab\u{1b}[2J\u{fffd}\u{fffd} ready")]),
    ("mx-cname", &[(Name("lab.example.", MX), "10 alias.lab.example."), (Name("alias.lab.example.", CNAME), "mail.lab.example.")]),
    ("mx-literal", &[(Name("lab.example.", MX), "10 127.0.0.1."), (IN, "queue: 450 4.7.5")]),
    ("mx-private", &[(Name("inside.lab.example.", A), "10.0.0.25")]),
    ("spf-broken", &[(Name("lab.example.", TXT), "| v=spf1 a -all")]),
    ("dkim-revoked", &[(NoKey, "no key")]),
    ("dns-garbage", &[(Name("lab.example.", MX), "not a message")]),
    ("policy-missing", &[(Page("mta-sts.lab.example", "/.well-known/mta-sts.txt"), "404 Not Found")]),
    ("policy-huge", &[(Page("mta-sts.lab.example", "/.well-known/mta-sts.txt"), "xxxxxxxx")]),
    ("catch-all", &[(Port25(TO_NOBODY), "250 2.1.5"), (ASTRAY, "bounce: Diagnostic-Code: smtp; 550 5.1.1")]),
    ("postmaster-missing", &[(Port25(TO_POSTMASTER), "550 5.1.1")]),
    ("auth-in-clear", &[(ClearLogin, "235 2.7.0")]),
    ("endless-answer", &[(ImapLogin("bob"), "* LIST () \"/\" \"more and more\"")]),
    ("huge-literal", &[(ImapFetch, "{4294967295}")]),
];
