use mail_parser::{HeaderValue, MessageParser};
use watchpost_lab::{Fault, Host, Lab, LabOptions, Place as LabPlace, Service as Port, Switch};

use super::*;
use crate::clock::UtcMs;
use crate::config::Environment;
use crate::ids::{AudienceName, DestinationName, IncidentId};
use crate::outbox::{Block, ItemKey, Message, Place, Post, Purpose};

fn config(relay: &str, password: &str, authority: &str) -> Config {
    let text = format!(
        "[organisation]\nname = \"Example Ltd\"\n[service.main]\ndomain = \"lab.example\"\n[web]\n\
         public_url = \"https://status.example.net/\"\n[destination.post]\nkind = \"mail\"\n{relay}"
    );
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("password");
    std::fs::write(&secret, password).unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(folder.path().join("ca.pem"), authority).unwrap();
    let file = folder.path().join("watchpost.toml");
    Config::parse(&file, &text, &Environment::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const PLAIN: &str = "relay = \"smtp.relay.example\"\nfrom = \"outage@status.example.net\"\n\
                     reply_to = \"help@status.example.net\"\nrecipients = [\"anna@elsewhere.example\"]\n";

fn letterhead(config: &Config) -> Letterhead {
    let crate::config::Route::Mail(relay) = &config.destinations[0].route else {
        panic!("a mail destination")
    };
    Letterhead::of(relay, config)
}

fn relay(config: &Config) -> MailRelay {
    let crate::config::Route::Mail(relay) = &config.destinations[0].route else {
        panic!("a mail destination")
    };
    MailRelay::open(relay, config, Clock::system())
}

fn item(number: u32, title: &str, text: &str) -> Item {
    let key = format!("INC-42/update/users/{number}/post");
    Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: Some(IncidentId(42)),
        purpose: Purpose::Update {
            audience: AudienceName::parse("users").unwrap(),
            number,
            destination: DestinationName::parse("post").unwrap(),
        },
        place: Place::Route(DestinationName::parse("post").unwrap()),
        post: Post::New,
        message: Message {
            block: Some(Block { title: title.into(), text: text.into(), ..Block::default() }),
            ..Message::default()
        },
        due: UtcMs(0),
    }
}

#[test]
fn a_mail_has_its_number_its_thread_and_one_line_of_subject() {
    let config = config(PLAIN, "", "");
    let head = letterhead(&config);
    let hostile = "E-mail\r\nBcc: everybody@example.net\u{202e} is disturbed";
    let bytes =
        message::write(&item(3, hostile, "Phones cannot send. Grüße. <t:3600:t>\n.\nEnd"), &head, UtcMs(0));
    let text = String::from_utf8(bytes.clone()).expect("7 bit");
    assert!(text.is_ascii(), "quoted-printable: {text}");
    assert!(text.to_ascii_lowercase().contains("quoted-printable"), "{text}");
    let mail = MessageParser::new().parse(&bytes).expect("a mail");
    assert_eq!(mail.subject(), Some("[INC-42] E-mail Bcc: everybody@example.net is disturbed"));
    assert!(mail.bcc().is_none(), "{text}");
    assert!(
        mail.body_text(0).unwrap().contains("Grüße. 02:00 CET")
            || mail.body_text(0).unwrap().contains("01:00")
    );
    let chain = match mail.references() {
        HeaderValue::TextList(chain) => chain.clone(),
        other => panic!("two references: {other:?}"),
    };
    let id = |number| {
        let first = message::write(&item(number, "t", "x"), &head, UtcMs(number.into()));
        MessageParser::new().parse(&first).unwrap().message_id().unwrap().to_owned()
    };
    assert_eq!(chain, [id(1), id(2)]);
    assert_eq!(mail.in_reply_to().as_text(), Some(id(2).as_str()));
    assert_eq!(mail.message_id(), Some(id(3).as_str()), "the same number at another time");
    assert!(
        text.contains("List-Unsubscribe: <mailto:help@status.example.net?subject=unsubscribe>"),
        "{text}"
    );
    assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
}

/// As the other organisation of the lab: it takes mail after a login, also for its own mailbox.
fn through(lab: &Lab) -> Config {
    let submission = lab.endpoint(Host::Outside, Port::Submission).expect("the lab's other host");
    let echo = lab.account("echo").expect("the account outside");
    let relay = format!(
        "relay = \"{}\"\naddresses = [\"{}\"]\nport = {}\nfrom = \"{address}\"\nuser = \"{address}\"\n\
         password_file = \"password\"\nca_file = \"ca.pem\"\nrecipients = [\"{address}\", \"alice@{}\"]\n",
        lab.host_name(Host::Outside),
        submission.ip(),
        submission.port(),
        lab.domain(),
        address = echo.address,
    );
    config(&relay, &echo.password, lab.ca_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_takes_it_puts_it_off_or_hides_behind_a_bad_certificate() {
    let lab = Lab::start(LabOptions::default()).await.unwrap();
    let config = through(&lab);
    let relay = relay(&config);
    let first = item(1, "E-mail is disturbed", "Phones cannot send.");
    let sent = relay.deliver(&first).await;
    let Delivery::Sent(Proof::Answer(proof)) = &sent else { panic!("{sent:?}") };
    assert!(
        proof.starts_with("250 ") && proof.ends_with("1 left out: their mailbox is at a watched domain"),
        "{proof}"
    );
    let echo = lab.account("echo").unwrap().address.clone();
    let arrived = || lab.status().mailboxes.iter().any(|one| one.address == echo && one.used_bytes > 0);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !arrived() && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert!(arrived(), "the mail is in the mailbox: {:?}", lab.status().mailboxes);

    let outside = LabPlace::host(Host::Outside);
    let said = async |name: &str| {
        let fault = Fault::by_name(name).expect("a fault of the lab");
        lab.switch_at(fault, outside, Switch::On).await;
        let delivery = relay.deliver(&first).await;
        lab.clear().await;
        delivery
    };
    let later = said("filter-down").await;
    assert!(matches!(&later, Delivery::Retry { why, .. } if why.contains("451")), "{later:?}");
    let stopped = said("smtp-stopped").await;
    assert!(matches!(&stopped, Delivery::Retry { .. }), "{stopped:?}");
    let expired = said("certificate-expired").await;
    assert!(matches!(&expired, Delivery::Retry { why, .. } if why.contains("certificate")), "{expired:?}");
    let bare = said("starttls-missing").await;
    assert!(matches!(&bare, Delivery::Dead { why } if why.contains("no TLS")), "{bare:?}");
    lab.stop().await;
}

fn exchange(phase: Phase, code: u16, text: &str) -> Exchange {
    let reply = Reply { code, enhanced: None, lines: vec![text.to_owned()] };
    Exchange { phase, role: None, reply, at: 0 }
}

fn judged(exchanges: Vec<Exchange>, phase: Phase) -> Delivery {
    let mut record = SmtpRecord::default();
    record.exchanges.extend(exchanges);
    let ending = transport::Ending::Closed;
    meaning(&Connection { ending, phase, connected: Some(1), tls: None, millis: 1 }, &record, 0)
}

#[test]
fn what_a_relay_says_is_taken_later_never_or_not_known() {
    let greeted = || exchange(Phase::Greeting, 220, "hello");
    let table = [
        (vec![greeted(), exchange(Phase::Message, 250, "queued as 4X")], Phase::Quit, "sent"),
        (vec![greeted(), exchange(Phase::Message, 451, "try later")], Phase::Quit, "retry"),
        (vec![greeted(), exchange(Phase::Message, 554, "spam")], Phase::Quit, "dead"),
        (vec![greeted(), exchange(Phase::Login, 535, "wrong")], Phase::Quit, "dead"),
        (vec![greeted(), exchange(Phase::Data, 354, "go on")], Phase::Message, "uncertain"),
        (vec![greeted()], Phase::Hello, "retry"),
        (vec![exchange(Phase::Greeting, 421, "busy")], Phase::Greeting, "retry"),
        (Vec::new(), Phase::Connect, "retry"),
    ];
    for (exchanges, phase, expected) in table {
        let said = format!("{exchanges:?}");
        let found = match judged(exchanges, phase) {
            Delivery::Sent(_) => "sent",
            Delivery::Retry { .. } => "retry",
            Delivery::Uncertain { .. } => "uncertain",
            Delivery::Dead { .. } => "dead",
        };
        assert_eq!(found, expected, "{phase:?} after {said}");
    }
}

/// Against a real Postfix: `.ci/run` starts the mail lab and names its folder in `WATCHPOST_TEST_MAILLAB`, its files in `LAB_RUN`.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_relay_of_the_maillab_takes_it_and_it_arrives() {
    let Some(run) = std::env::var_os("WATCHPOST_TEST_MAILLAB").map(|_| {
        std::path::PathBuf::from(std::env::var_os("LAB_RUN").unwrap_or_else(|| "/tmp/maillab.0".into()))
    }) else {
        return;
    };
    let authority = std::fs::read_to_string(run.join("certs/ca.crt")).unwrap();
    let relay_at = |port: u16, password: &str| {
        let text = format!(
            "relay = \"mail.lab.test\"\naddresses = [\"127.0.0.22\"]\nport = {port}\nfrom = \"alice@lab.test\"\n\
             user = \"alice@lab.test\"\npassword_file = \"password\"\nca_file = \"ca.pem\"\nrecipients = [\"bob@lab.test\"]\n"
        );
        relay(&config(&text, password, &authority))
    };
    for port in [587, 465] {
        // A subject of its own for each run: the mailbox keeps what earlier ones left.
        let subject = format!("Disturbed {port} {}", Clock::system().now().0);
        let sent = relay_at(port, "alice-pw").deliver(&item(1, &subject, "Grüße.\n.\nEnd")).await;
        let Delivery::Sent(Proof::Answer(proof)) = &sent else { panic!("{sent:?}") };
        assert!(proof.starts_with("250 2.0.0 Ok: queued as"), "{proof}");
        let deadline = Instant::now() + Duration::from_secs(20);
        while !holds(&run.join("mail"), &subject) && Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        assert!(holds(&run.join("mail"), &subject), "it is in bob's mailbox");
    }
    let wrong = relay_at(587, "not-the-password").deliver(&item(1, "t", "x")).await;
    assert!(matches!(&wrong, Delivery::Dead { why } if why.contains("535")), "{wrong:?}");
}

/// Whether a file below the folder has this text.
fn holds(folder: &std::path::Path, text: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().map(|entry| entry.path()).any(|path| match path.is_dir() {
        true => holds(&path, text),
        false => std::fs::read(&path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text)),
    })
}
