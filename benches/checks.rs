//! What the checks cost, beside common tools in the same run, on a mail site of real servers.
//!
//! `LAB/in cargo bench -p watchpost --bench checks` where LAB is the folder of the mail lab and it is up; `CA_FILE` is its
//! authority (default `/tmp/maillab.0/certs/ca.crt`), `LOOP` its hand-written loop (left out without it).
//!
//! 1. A full assessment beside its critical path: the longest chain of conversations each of which must wait for the one
//!    before it.
//! 2. SMTP probes with STARTTLS, 32 at once: CPU time, number a second, memory; beside blackbox_exporter and check_smtp.
//! 3. A mail there and back beside a hand-written loop.
//!
//! Memory and time that hostile peers cost are measured by the bench `hostile`, which needs no lab.

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::Utc;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use watchpost::check::{Prober, Set, Silent, Verdict};
use watchpost::protocol::smtp::SmtpDialogue;
use watchpost::protocol::smtp::plan::{Plan, TlsPlan};
use watchpost::service::{
    Account, Endpoint, HostName, LoginMethod, Mailbox, Protocol, Service, TlsMode, authorities_from_pem,
};
use watchpost::transport::{Ending, Target, TlsContext, Transport, vet};

type Failed = Box<dyn std::error::Error>;

const MAIL: [u8; 4] = [127, 0, 0, 22];
const ASSESSMENTS: usize = 20;
const PROBES: usize = 2000;
const AT_ONCE: usize = 32;
const PROCESSES: usize = 200;
const LOOPS: usize = 40;
/// Where blackbox_exporter listens for the time of the bench.
const EXPORTER: &str = "127.0.0.1:9115";
const CHECK_SMTP: &str = "/usr/lib/nagios/plugins/check_smtp";

fn main() -> Result<(), Failed> {
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(Collector(spans.clone()));
    tracing::subscriber::set_global_default(subscriber)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let service = service()?;
    runtime.block_on(assessments(&service, &spans))?;
    runtime.block_on(probes(&service))?;
    runtime.block_on(exporter())?;
    processes()?;
    runtime.block_on(loops(&service))?;
    Ok(())
}

fn say(text: &str) {
    // The figures are what this program is for; that nobody reads them is no fault.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The lab as its README describes it.
fn service() -> Result<Service, Failed> {
    let host = HostName::parse("mail.lab.test")?;
    let mut service = Service::new("lab", HostName::parse("lab.test")?);
    let endpoint = |protocol, tls| Endpoint::new(protocol, host.clone(), tls);
    service.endpoints = vec![
        endpoint(Protocol::Submission, TlsMode::Starttls),
        endpoint(Protocol::Submission, TlsMode::Implicit),
        endpoint(Protocol::Imap, TlsMode::Implicit),
        endpoint(Protocol::Imap, TlsMode::Starttls),
        endpoint(Protocol::Pop3, TlsMode::Implicit),
    ];
    service.resolvers = vec![SocketAddr::new(IpAddr::from(MAIL), 53)];
    service.control_names = vec![HostName::parse("remote.test")?];
    service.allow = vec!["127.0.0.0/8".parse()?, "::1/128".parse()?];
    let file = std::env::var("CA_FILE").unwrap_or_else(|_| "/tmp/maillab.0/certs/ca.crt".to_owned());
    service.authorities = authorities_from_pem(&std::fs::read(file)?)?;
    service.probe = Some(Account {
        mailbox: Mailbox::parse("probe@lab.test")?,
        login: "probe@lab.test".to_owned(),
        secret: SecretString::from("probe-pw"),
        method: LoginMethod::Password,
    });
    service.outbound = vec![IpAddr::from(MAIL)];
    service.dkim_selectors = vec!["lab".to_owned()];
    service.blocklists = vec![HostName::parse("dnsbl.lab.test")?];
    Ok(service)
}

/// A conversation: with whom, from when to when.
#[derive(Debug, Clone)]
struct Span {
    address: String,
    begun: Instant,
    over: Instant,
    /// How long it waited for another conversation to be over, and how long it took after that.
    held: Duration,
    resumed: Duration,
}

type Spans = Arc<Mutex<Vec<Span>>>;

/// Collects the conversations that the transport tells of.
struct Collector(Spans);

impl<S: tracing::Subscriber> Layer<S> for Collector {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let (Some(address), Some(millis)) = (fields.address, fields.millis) {
            let over = Instant::now();
            let begun = over.checked_sub(Duration::from_millis(millis)).unwrap_or(over);
            let (held, resumed) = (
                Duration::from_millis(fields.held),
                Duration::from_millis(millis - fields.resumed.min(millis)),
            );
            if let Ok(mut spans) = self.0.lock() {
                spans.push(Span { address, begun, over, held, resumed });
            }
        }
    }
}

#[derive(Default)]
struct Fields {
    address: Option<String>,
    millis: Option<u64>,
    held: u64,
    resumed: u64,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "address" {
            self.address = Some(format!("{value:?}"));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "millis" => self.millis = Some(value),
            "held" => self.held = value,
            "resumed" => self.resumed = value,
            _ => {}
        }
    }
}

async fn assessments(service: &Service, spans: &Spans) -> Result<(), Failed> {
    let prober = Prober::default();
    let (mut ratios, mut millis, mut wrong) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ASSESSMENTS {
        taken(spans);
        let begun = Instant::now();
        let found = prober.assess(service, Set::Full, Utc::now(), &Silent).await;
        let whole = begun.elapsed();
        wrong += usize::from(found.verdict != Verdict::Ok);
        ratios.push(whole.as_secs_f64() / critical_path(begun, &taken(spans)).as_secs_f64());
        millis.push(whole.as_secs_f64() * 1000.0);
    }
    say(&format!(
        "full assessment: median {:.0} ms, {:.2} times its critical path (worst {:.2}), {wrong} of {ASSESSMENTS} not ok",
        median(&mut millis),
        median(&mut ratios),
        ratios.last().copied().unwrap_or_default(),
    ));
    Ok(())
}

fn taken(spans: &Spans) -> Vec<Span> {
    spans.lock().map(|mut spans| std::mem::take(&mut *spans)).unwrap_or_default()
}

/// The names must be known before the first conversation. Then whichever is longer: all conversations with one place,
/// which come one after the other, what they waited for others left out; or login, handing in and finding the mail.
fn critical_path(begun: Instant, spans: &[Span]) -> Duration {
    let names = spans.iter().map(|span| span.begun).min().map_or(Duration::ZERO, |first| first - begun);
    let mut lanes: HashMap<&str, Vec<&Span>> = HashMap::new();
    for span in spans {
        lanes.entry(&span.address).or_default().push(span);
    }
    let length = |span: &Span| (span.over - span.begun).saturating_sub(span.held);
    let busiest = lanes.values().map(|lane| lane.iter().map(|span| length(span)).sum::<Duration>()).max();
    let at = |port: &str, number: usize| {
        let lane = lanes.iter().find(|(address, _)| address.ends_with(port) && address.starts_with("127."));
        lane.and_then(|(_, lane)| lane.get(number)).map_or(Duration::ZERO, |span| length(span))
    };
    let last = |port: &str| {
        let lane = lanes.iter().find(|(address, _)| address.ends_with(port) && address.starts_with("127."));
        lane.and_then(|(_, lane)| lane.last()).map_or(Duration::ZERO, |span| span.resumed)
    };
    // The first two conversations with submission are the login and the mail; the last with IMAP finds it, in a mailbox
    // that was opened meanwhile.
    let mail = at(":587", 0) + at(":587", 1) + last(":993");
    names + busiest.unwrap_or_default().max(mail)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

async fn probes(service: &Service) -> Result<(), Failed> {
    let address = vet(IpAddr::from(MAIL), 25, service)?;
    let target =
        Arc::new(Target { address, host: HostName::parse("mail.lab.test")?, tls: TlsMode::Starttls });
    let (tls, limits) = (Arc::new(TlsContext::new(&service.authorities)), service.limits);
    let (begun, cpu) = (Instant::now(), cpu_seconds("self")?);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (target, tls) = (Arc::clone(&target), Arc::clone(&tls));
        tasks.spawn(async move {
            // One transport keeps to one connection at a time; so each has its own here.
            let (transport, mut good) = (Transport::default(), 0);
            for _ in 0..PROBES / AT_ONCE {
                let plan = Plan {
                    helo: "probe.lab.test".into(),
                    tls: TlsPlan::WhereOffered,
                    login: None,
                    transactions: vec![],
                };
                let mut dialogue = SmtpDialogue::new(plan);
                let connection = transport.converse(&target, &mut dialogue, &tls, &limits, Utc::now()).await;
                good += usize::from(connection.ending == Ending::Finished && connection.tls.is_some());
            }
            good
        });
    }
    let good: usize = tasks.join_all().await.into_iter().sum();
    tell("watchpost", good, begun.elapsed(), cpu_seconds("self")? - cpu, &peak("self"));
    Ok(())
}

fn tell(who: &str, good: usize, took: Duration, cpu: f64, peak: &str) {
    let count = good.max(1) as f64;
    say(&format!(
        "SMTP with STARTTLS, {AT_ONCE} at once, {who}: {good} good, {:.2} ms CPU each, {:.0} a second, peak {peak}",
        cpu * 1000.0 / count,
        count / took.as_secs_f64(),
    ));
}

/// Ends the process that was started, whatever happens.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn exporter() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("blackbox.yml");
    let ca = std::env::var("CA_FILE").unwrap_or_else(|_| "/tmp/maillab.0/certs/ca.crt".to_owned());
    std::fs::write(
        &config,
        format!(
            "modules:\n  smtp:\n    prober: tcp\n    timeout: 10s\n    tcp:\n      preferred_ip_protocol: ip4\n      tls_config: \
             {{ca_file: {ca}, server_name: mail.lab.test}}\n      query_response:\n      - expect: '^220'\n      - send: \
             \"EHLO probe.lab.test\\r\"\n      - expect: '^250 '\n      - send: \"STARTTLS\\r\"\n      - expect: '^220'\n      \
             - starttls: true\n      - send: \"EHLO probe.lab.test\\r\"\n      - expect: '^250 '\n      - send: \"QUIT\\r\"\n"
        ),
    )?;
    let started = Command::new("prometheus-blackbox-exporter")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--web.listen-address={EXPORTER}"))
        .stderr(Stdio::null())
        .spawn();
    let Ok(started) = started else {
        say("blackbox_exporter: skipped, it is not installed");
        return Ok(());
    };
    let exporter = Ended(started);
    let pid = exporter.0.id().to_string();
    while tokio::net::TcpStream::connect(EXPORTER).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (begun, cpu) = (Instant::now(), cpu_seconds(&pid)?);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        tasks.spawn(async {
            let mut good = 0;
            for _ in 0..PROBES / AT_ONCE {
                good += usize::from(one_exported().await.unwrap_or_default().contains("\nprobe_success 1"));
            }
            good
        });
    }
    let good: usize = tasks.join_all().await.into_iter().sum();
    tell("blackbox_exporter", good, begun.elapsed(), cpu_seconds(&pid)? - cpu, &peak(&pid));
    Ok(())
}

async fn one_exported() -> std::io::Result<String> {
    let mut stream = tokio::net::TcpStream::connect(EXPORTER).await?;
    let request = "GET /probe?module=smtp&target=127.0.0.22:25 HTTP/1.0\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// `check_smtp -S`, a process for each probe; its CPU time is what the children of this process have used.
fn processes() -> Result<(), Failed> {
    if !std::path::Path::new(CHECK_SMTP).exists() {
        say("check_smtp: skipped, it is not installed");
        return Ok(());
    }
    let (begun, cpu, mut good) = (Instant::now(), children_seconds()?, 0);
    for _ in 0..PROCESSES {
        let status = Command::new(CHECK_SMTP)
            .args(["-H", "127.0.0.22", "-p", "25", "-S", "-F", "probe.lab.test"])
            .stdout(Stdio::null())
            .status()?;
        good += usize::from(status.success());
    }
    let count = good.max(1) as f64;
    say(&format!(
        "check_smtp -S, one process after the other: {good} good, {:.2} ms CPU each, {:.0} a second",
        (children_seconds()? - cpu) * 1000.0 / count,
        count / begun.elapsed().as_secs_f64(),
    ));
    Ok(())
}

async fn loops(service: &Service) -> Result<(), Failed> {
    // The same ports as the hand-written loop, and nothing else.
    let mut service = service.clone();
    service
        .endpoints
        .retain(|endpoint| endpoint.tls == TlsMode::Starttls && endpoint.protocol != Protocol::Pop3);
    service.fixed_addresses = [(HostName::parse("mail.lab.test")?, vec![IpAddr::from(MAIL)])].into();
    let prober = Prober::default();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let by_hand = std::env::var("LOOP").ok();
    for _ in 0..LOOPS {
        let begun = Instant::now();
        let found = prober.assess_only(&service, &["delivery"], Utc::now(), &Silent).await;
        if found.findings.iter().any(|f| f.check == "delivery" && f.verdict == Verdict::Ok) {
            ours.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        if let Some(seconds) = by_hand.as_deref().and_then(one_by_hand) {
            theirs.push(seconds * 1000.0);
        }
    }
    say(&format!(
        "a mail there and back: watchpost {} of {LOOPS}, median {:.0} ms; by hand {} of {LOOPS}, median {:.0} ms",
        ours.len(),
        median(&mut ours),
        theirs.len(),
        median(&mut theirs),
    ));
    Ok(())
}

/// What the hand-written loop says of itself: its interpreter's start is not counted.
fn one_by_hand(script: &str) -> Option<f64> {
    let ca = std::env::var("CA_FILE").unwrap_or_else(|_| "/tmp/maillab.0/certs/ca.crt".to_owned());
    let (user, password) = ("probe@lab.test", "probe-pw");
    let told = Command::new("python3")
        .args([script, "127.0.0.22", "587", "143", &ca, user, password, user, password])
        .output()
        .ok()?;
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).ok()?;
    told["ok"].as_bool()?.then(|| told["seconds"].as_f64())?
}

/// User and system time of a process, in seconds. A tick of /proc is a hundredth of a second on Linux.
fn cpu_seconds(pid: &str) -> Result<f64, Failed> {
    Ok(ticks(pid, &[13, 14])? / 100.0)
}

fn children_seconds() -> Result<f64, Failed> {
    Ok(ticks("self", &[15, 16])? / 100.0)
}

fn ticks(pid: &str, fields: &[usize]) -> Result<f64, Failed> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in parentheses, which may hold spaces.
    let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let values: Vec<&str> = rest.split_whitespace().collect();
    let of =
        |field: &usize| values.get(field - 2).and_then(|value| value.parse::<f64>().ok()).unwrap_or_default();
    Ok(fields.iter().map(of).sum())
}

fn peak(pid: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map(|line| line.trim().to_owned()).unwrap_or_else(|| "unknown".to_owned())
}
