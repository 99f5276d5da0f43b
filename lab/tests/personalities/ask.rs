//! The questions: each is asked through plain sockets and answered with a line of text.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::DateTime;
use hickory_proto::rr::{RData, RecordType};
use ring::digest::{SHA256, digest};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use watchpost_lab::{Host, Lab, Service};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::client::{Client, page, reader, send, sender};
use crate::names;

/// How late a slow lab is in these tests: far later than any question waits.
pub const DELAY: Duration = Duration::from_secs(600);
/// After so long a question calls it silence.
const SHORT: Duration = Duration::from_millis(1500);
/// How much of a line is read before a question gives up.
const MOST_LINE: usize = 65_536;

/// What is asked of the lab.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// The first line of a service, after TLS where it begins with it.
    First(Service),
    /// The last reply to these lines on 25.
    Port25(&'static [&'static str]),
    /// The last reply to these lines on 465 after a login.
    Port465(&'static [&'static str]),
    /// What becomes of STARTTLS on 25.
    StartTls,
    /// A login on 465.
    SmtpLogin(&'static str),
    /// A login on 993.
    ImapLogin(&'static str),
    /// A login on 995.
    PopLogin(&'static str),
    /// A login of bob with his token on 465 or 993: the last word after it.
    Token(Service),
    /// What the registry says about the domain.
    Registration,
    /// The answer to a command of IMAP, as bob.
    ImapCommand(&'static str),
    /// The first line of the answer to FETCH, as bob, who has mail.
    ImapFetch,
    /// A login of bob on 587 without TLS.
    ClearLogin,
    /// Whether the DKIM record has a key.
    NoKey,
    /// The answer to APPEND, as bob.
    Append,
    /// Whether the TLSA record of port 25 fits the certificate there.
    Tlsa,
    /// What the name server says.
    Name(&'static str, RecordType),
    /// Where a mail from one to the other ends.
    Way(&'static str, &'static str),
    /// The page at this host and path.
    Page(&'static str, &'static str),
}

pub async fn ask(lab: &Lab, question: Ask) -> String {
    match question {
        Ask::First(service) => first(lab, service).await,
        Ask::Port25(lines) => match connect(lab, Service::Mx).await {
            Ok(mut smtp) => {
                line(&mut smtp).await;
                say_all(&mut smtp, lines).await
            }
            Err(error) => error,
        },
        Ask::Port465(lines) => {
            let mut smtp = sender(lab, "alice").await;
            say_all(&mut smtp, lines).await
        }
        Ask::StartTls => start_tls(lab).await,
        Ask::SmtpLogin(name) => smtp_login(lab, name).await,
        Ask::ImapLogin(name) => {
            let mut imap = Client::to(lab, Service::Imaps).await;
            line(&mut imap).await;
            imap.tell(&format!("t LOGIN {name} {}\r\n", password(lab, name))).await;
            line(&mut imap).await
        }
        Ask::PopLogin(name) => {
            let mut pop = Client::to(lab, Service::Pop3s).await;
            line(&mut pop).await;
            pop.say(&format!("USER {name}")).await;
            pop.say(&format!("PASS {}", password(lab, name))).await
        }
        Ask::Token(service) => token(lab, service).await,
        Ask::Registration => registration(lab).await,
        Ask::ImapCommand(command) => reader(lab, "bob").await.command(command).await,
        Ask::ImapFetch => {
            let mut imap = reader(lab, "bob").await;
            imap.tell("s SELECT INBOX\r\n").await;
            imap.until("s ").await;
            imap.tell("t FETCH 1 BODY[]\r\n").await;
            line(&mut imap).await
        }
        Ask::ClearLogin => {
            let mut smtp = Client::to(lab, Service::Submission).await;
            line(&mut smtp).await;
            let response = BASE64_STANDARD.encode(format!("\0bob\0{}", password(lab, "bob")));
            say_all(&mut smtp, &["EHLO a.example", &format!("AUTH PLAIN {response}")]).await
        }
        Ask::NoKey => {
            let found = names::ask(lab, "lab._domainkey.lab.example.", RecordType::TXT).await;
            if found.ends_with("p=") { "no key".to_owned() } else { found }
        }
        Ask::Append => {
            let mut imap = reader(lab, "bob").await;
            imap.tell("t APPEND Trash {3+}\r\na\r\n\r\n").await;
            imap.until("t ").await
        }
        Ask::Tlsa => tlsa(lab).await,
        Ask::Name(name, kind) => names::ask(lab, name, kind).await,
        Ask::Way(from, to) => way(lab, from, to).await,
        Ask::Page(host, path) => page(lab, host, path).await,
    }
}

fn password(lab: &Lab, name: &str) -> String {
    lab.account(name).expect("an account").password.clone()
}

async fn connect(lab: &Lab, service: Service) -> Result<Client, String> {
    let address = lab.endpoint(Host::Mail, service).expect("the service");
    match timeout(SHORT, Client::connect(address)).await {
        Err(_) => Err("timeout".to_owned()),
        Ok(Err(error)) => Err(format!("{:?}", error.kind())),
        Ok(Ok(client)) => Ok(client),
    }
}

async fn first(lab: &Lab, service: Service) -> String {
    let mut client = match connect(lab, service).await {
        Ok(client) => client,
        Err(error) => return error,
    };
    if service.is_implicit_tls() {
        client = match timeout(SHORT, client.secure(lab, &lab.host_name(Host::Mail))).await {
            Err(_) => return "silence".to_owned(),
            Ok(Err(error)) => return explain(&error),
            Ok(Ok(client)) => client,
        };
    }
    let line = line(&mut client).await;
    match client.certificate.map(|certificate| days_left(&certificate)) {
        Some(days) if days < 10 => format!("{line} (the certificate expires in {days} days)"),
        _ => line,
    }
}

/// One line, or how it broke off.
async fn line(client: &mut Client) -> String {
    let mut line = Vec::new();
    loop {
        match timeout(SHORT, client.wire.read_u8()).await {
            Err(_) if line.is_empty() => return "silence".to_owned(),
            Err(_) => return format!("silence after {}", line.len()),
            Ok(Err(_)) => return "closed".to_owned(),
            Ok(Ok(b'\n')) => return String::from_utf8_lossy(&line).trim_end().to_owned(),
            Ok(Ok(byte)) => line.push(byte),
        }
        if line.len() >= MOST_LINE {
            return format!("silence after {}", line.len());
        }
    }
}

/// Says each line; returns the last line of the last reply.
async fn say_all(smtp: &mut Client, lines: &[&str]) -> String {
    let mut last = String::new();
    for said in lines {
        smtp.tell(&format!("{said}\r\n")).await;
        last = "endless".to_owned();
        for _ in 0..1000 {
            let heard = line(smtp).await;
            if heard.as_bytes().get(3) != Some(&b'-') {
                last = heard;
                break;
            }
        }
    }
    last
}

async fn start_tls(lab: &Lab) -> String {
    let mut smtp = Client::to(lab, Service::Mx).await;
    line(&mut smtp).await;
    let reply = say_all(&mut smtp, &["EHLO a.example", "STARTTLS"]).await;
    if !reply.starts_with("220") {
        return reply;
    }
    let after = smtp.wire.buffer();
    if !after.is_empty() {
        return format!("clear text follows: {}", String::from_utf8_lossy(after));
    }
    match smtp.secure(lab, "mail.lab.example").await {
        Ok(_) => "secured".to_owned(),
        Err(error) => explain(&error),
    }
}

/// What a failed handshake was about. A wrong name shows the names that the certificate is good for.
fn explain(error: &std::io::Error) -> String {
    format!("{error} {:?}", error.get_ref())
}

async fn smtp_login(lab: &Lab, name: &str) -> String {
    let mut smtp = Client::to(lab, Service::Submissions).await;
    line(&mut smtp).await;
    let response = BASE64_STANDARD.encode(format!("\0{name}\0{}", password(lab, name)));
    let login = format!("AUTH PLAIN {response}");
    say_all(&mut smtp, &["EHLO a.example", &login]).await
}

async fn token(lab: &Lab, service: Service) -> String {
    let account = lab.account("bob").expect("an account");
    let message = format!("user={}\u{1}auth=Bearer {}\u{1}\u{1}", account.address, account.token);
    let response = BASE64_STANDARD.encode(message);
    let mut client = Client::to(lab, service).await;
    line(&mut client).await;
    let command = if service == Service::Imaps { "t AUTHENTICATE" } else { "AUTH" };
    let first = say_all(&mut client, &["EHLO a.example"][usize::from(service == Service::Imaps)..]).await;
    assert!(first.is_empty() || first.starts_with("250"), "{first}");
    let answer = say_all(&mut client, &[&format!("{command} XOAUTH2 {response}")]).await;
    // A refused token is first answered with the reason; an empty line asks for the verdict.
    if answer.starts_with(['+', '3']) { say_all(&mut client, &[""]).await } else { answer }
}

async fn registration(lab: &Lab) -> String {
    let page = page(lab, "rdap.lab.example", "/domain/lab.example").await;
    let date = page.split("\"eventDate\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a date");
    let until = DateTime::parse_from_rfc3339(date).expect("a date").timestamp();
    format!("expires in {} days", (until - chrono::Utc::now().timestamp() + 43_200) / 86_400)
}

/// Sends a mail and waits until it is somewhere, or until the queue is empty and it is nowhere.
async fn way(lab: &Lab, from: &str, to: &str) -> String {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let name = |address: &str| address.split('@').next().expect("a name").to_owned();
    let subject = format!("way-{}-end", NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let mut smtp = sender(lab, &name(from)).await;
    let reply = send(&mut smtp, from, to, &subject).await;
    if !reply.starts_with("250") {
        return reply;
    }
    for _ in 0..500 {
        let queue = lab.status().queue;
        let waiting = queue.mails.iter().find(|mail| mail.recipients == [to]);
        if let Some(reason) = waiting.and_then(|mail| mail.reason.clone()) {
            return format!("queue: {reason}");
        }
        if queue.length == 0 {
            return find(lab, &name(from), &name(to), &subject).await.unwrap_or_else(|| "nowhere".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the mail {subject} is always on its way")
}

async fn find(lab: &Lab, from: &str, to: &str, subject: &str) -> Option<String> {
    let folders = if lab.account(to).is_some() { ["INBOX", "Junk"].as_slice() } else { &[] };
    for folder in folders {
        if let Some(mail) = mail_with(lab, to, folder, &format!("Subject: {subject}")).await {
            return Some(format!("{folder} after {} s", store_delay(&mail)));
        }
    }
    let bounce = mail_with(lab, from, "INBOX", &format!("Original-Envelope-Id: mark-{subject}")).await?;
    let diagnosis = bounce.lines().find(|line| line.starts_with("Diagnostic-Code"))?;
    Some(format!("bounce: {diagnosis}"))
}

/// From the date of the topmost trace field to the arrival in the mailbox, in seconds.
fn store_delay(mail: &str) -> i64 {
    let arrived =
        mail.split("INTERNALDATE \"").nth(1).and_then(|rest| rest.split('"').next()).expect("an arrival");
    let arrived = DateTime::parse_from_str(arrived, "%d-%b-%Y %H:%M:%S %z").expect("a date");
    let trace =
        mail.split("Received:").nth(1).and_then(|rest| rest.split(";\n").nth(1)).expect("a trace field");
    let trace =
        trace.lines().next().and_then(|line| DateTime::parse_from_rfc2822(line.trim()).ok()).expect("a date");
    (arrived - trace).num_seconds()
}

async fn tlsa(lab: &Lab) -> String {
    let mut smtp = Client::to(lab, Service::Mx).await;
    line(&mut smtp).await;
    say_all(&mut smtp, &["EHLO a.example", "STARTTLS"]).await;
    let secured = smtp.secure(lab, "mail.lab.example").await.expect("TLS");
    let shown = secured.certificate.expect("a certificate");
    let (_, shown) = X509Certificate::from_der(&shown).expect("a certificate");
    let key = digest(&SHA256, shown.public_key().raw);
    let published =
        names::answers(lab, "_25._tcp.mail.lab.example.", RecordType::TLSA).await.expect("an answer");
    let fits = |data: &RData| matches!(data, RData::TLSA(record) if record.cert_data == key.as_ref());
    if published.iter().any(fits) { "the key".to_owned() } else { "another key".to_owned() }
}

/// How long a certificate is good for, in days.
fn days_left(certificate: &[u8]) -> i64 {
    let (_, certificate) = X509Certificate::from_der(certificate).expect("a certificate");
    // Rounded: it was made a moment ago.
    (certificate.validity().not_after.timestamp() - chrono::Utc::now().timestamp() + 43_200) / 86_400
}

async fn mail_with(lab: &Lab, name: &str, folder: &str, text: &str) -> Option<String> {
    let mut imap = reader(lab, name).await;
    imap.command(&format!("EXAMINE {folder}")).await;
    let found = imap.command(&format!("UID SEARCH TEXT \"{text}\"")).await;
    let uid = found.lines().find_map(|line| line.strip_prefix("* SEARCH "))?.to_owned();
    Some(imap.command(&format!("UID FETCH {uid} (INTERNALDATE BODY.PEEK[])")).await)
}
