//! Watching many services at once: `cargo bench -p watchpost --bench monitor`, or with `SERVICES=1000 SECONDS=300`.
//!
//! A quarter of the services are hosts that take a connection and never say a word; the others are stand-in mail services
//! in a process of their own, so that what is measured is the monitor alone. Printed: the oldest check at any moment, the
//! share of two cores, and the largest memory.

#![allow(clippy::print_stdout, reason = "a measurement prints its figures")]
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on may say so by a panic")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use watchpost::check::{Prober, Set, Silent};
use watchpost::clock::Clock;
use watchpost::config::{Config, Environment};
use watchpost::desk::Desk;
use watchpost::ids::ServiceName;
use watchpost::monitor::{Monitor, Watcher, Watching};
use watchpost::policy::Policy;
use watchpost::service::{Endpoint, HostName, Protocol, Service, TlsMode, authorities_from_pem};
use watchpost::store::MemoryStore;
use watchpost_lab::{Host, Lab, LabOptions, Service as Port};

/// Stand-in mail services; each plays for many domains.
const LABS: usize = 10;

/// What a service needs to know of a stand-in.
struct Stand {
    domain: String,
    host: String,
    dns: SocketAddr,
    ports: [u16; 3],
    authority: String,
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if std::env::var("STANDS").is_ok() {
        return runtime.block_on(stands());
    }
    let number =
        |name: &str, otherwise| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise);
    let (services, seconds) = (number("SERVICES", 200), number("SECONDS", 180));
    let (mut child, stands) = start_stands();
    runtime.block_on(measure(services, Duration::from_secs(seconds as u64), &stands));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The stand-ins, until they are killed; each says in one line where it is.
async fn stands() {
    let mut labs = Vec::new();
    for _ in 0..LABS {
        let lab = Lab::start(LabOptions::default()).await.unwrap();
        let port = |service| lab.endpoint(Host::Mail, service).unwrap().port();
        println!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            lab.domain(),
            lab.host_name(Host::Mail),
            lab.dns(),
            port(Port::Mx),
            port(Port::Submissions),
            port(Port::Imaps),
            lab.ca_pem().replace('\n', "|")
        );
        labs.push(lab);
    }
    println!("ready");
    std::future::pending::<()>().await;
}

fn start_stands() -> (Child, Vec<Stand>) {
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program).env("STANDS", "1").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let stand = |line: String| {
        let parts: Vec<&str> = line.split('\t').collect();
        Stand {
            domain: parts[0].to_owned(),
            host: parts[1].to_owned(),
            dns: parts[2].parse().unwrap(),
            ports: [3, 4, 5].map(|at| parts[at].parse().unwrap()),
            authority: parts[6].replace('|', "\n"),
        }
    };
    let stands = lines.map(Result::unwrap).take_while(|line| line != "ready").map(stand).collect();
    (child, stands)
}

struct Probing {
    services: BTreeMap<ServiceName, Arc<Service>>,
    prober: Prober,
    clock: Clock,
}

#[async_trait]
impl Watcher for Probing {
    async fn watch(&self, name: &ServiceName, set: Set) -> Option<Watching> {
        let service = self.services.get(name)?.clone();
        let assessment = self.prober.assess(&service, set, self.clock.now().to_utc(), &Silent).await;
        Some(Watching { service, assessment })
    }
}

fn service(name: &str, stand: &Stand, silent: Option<SocketAddr>) -> Service {
    let host = HostName::parse(&stand.host).unwrap();
    let mut service = Service::new(name, HostName::parse(&stand.domain).unwrap());
    service.resolvers = vec![stand.dns];
    service.allow = vec!["127.0.0.0/8".parse().unwrap()];
    service.authorities = authorities_from_pem(stand.authority.as_bytes()).unwrap();
    let [mx, submissions, imaps] = silent.map_or(stand.ports, |at| [at.port(); 3]);
    service.allow_ports = vec![mx, submissions, imaps];
    service.incoming.port = mx;
    let endpoint = |protocol, port| Endpoint { protocol, host: host.clone(), port, tls: TlsMode::Implicit };
    service.endpoints = vec![endpoint(Protocol::Submission, submissions), endpoint(Protocol::Imap, imaps)];
    service
}

async fn measure(services: usize, lasts: Duration, stands: &[Stand]) {
    let silent: Vec<TcpListener> =
        (0..services / 4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let name = |at: usize| ServiceName(format!("s{at}"));
    let of = |at: usize| {
        let mute = silent.get(at).map(|listener| listener.local_addr().unwrap());
        Arc::new(service(&format!("s{at}"), &stands[at % stands.len()], mute))
    };
    let sections = (0..services).map(|at| format!("[service.s{at}]\ndomain = \"example.org\"\n"));
    let text = format!("[organisation]\nname = \"Example\"\n{}", sections.collect::<String>());
    let nothing: [(&str, &str); 0] = [];
    let config =
        Config::parse(std::path::Path::new("watchpost.toml"), &text, &Environment::from_iter(nothing))
            .unwrap();
    let clock = Clock::system();
    let desk =
        Desk::open(Arc::new(MemoryStore::default()), Policy::of(&config), clock.clone()).await.unwrap();
    let probing = Probing {
        services: (0..services).map(|at| (name(at), of(at))).collect(),
        prober: Prober::default(),
        clock,
    };
    let monitor = Monitor::new(desk, Arc::new(probing), None, &config);
    let (tell, stop) = tokio::sync::watch::channel(false);
    let (begun, before) = (Instant::now(), processor_time());
    let running = tokio::spawn(monitor.clone().run(stop));
    let mut oldest = Duration::ZERO;
    while begun.elapsed() < lasts {
        tokio::time::sleep(Duration::from_secs(1)).await;
        oldest = oldest.max(monitor.oldest().0);
    }
    let share = (processor_time() - before).as_secs_f64() / begun.elapsed().as_secs_f64() / 2.0;
    println!(
        "{services} services, {} of them silent, {} s: oldest check {} s (goal 120), {:.1} % of two cores (goal 25), {} MiB at most (goal 96)",
        silent.len(),
        begun.elapsed().as_secs(),
        oldest.as_secs(),
        share * 100.0,
        most_memory() / 1_024
    );
    tell.send_replace(true);
    let _ = tokio::time::timeout(Duration::from_secs(5), running).await;
}

/// Of this process, user and system; proc(5): fields 14 and 15 of stat, in hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // Signed: the group of a terminal is -1 where there is none.
    let rest: Vec<i64> =
        stat.rsplit(") ").next().unwrap().split(' ').filter_map(|field| field.parse().ok()).collect();
    // After the state: parent, group, session, tty, owner of it, flags, four counts of faults, then user and system.
    Duration::from_millis((rest[10] + rest[11]).unsigned_abs() * 10)
}

/// The largest resident memory, in KiB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
