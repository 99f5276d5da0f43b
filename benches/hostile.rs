//! What a hostile peer costs: time and memory of one dialogue. `cargo bench -p watchpost --bench hostile`
//!
//! The peer is a second process, so that only our own memory is counted.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use chrono::Utc;
use peak_alloc::PeakAlloc;
use watchpost::protocol::smtp::SmtpDialogue;
use watchpost::protocol::smtp::plan::{Plan, TlsPlan};
use watchpost::service::{HostName, Service, TlsMode};
use watchpost::transport::{Target, TlsContext, Transport, vet};
use watchpost_lab::{Fault, Host, Lab, LabOptions, Service as Port, Switch};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

type Failed = Box<dyn std::error::Error>;

/// Set for the second process: the fault that it shows.
const FAULT: &str = "WATCHPOST_BENCH_FAULT";
const HOSTILE: [Fault; 6] = [
    Fault::HugeBanner,
    Fault::EndlessEhlo,
    Fault::Drip,
    Fault::ManyCertificates,
    Fault::Garbage,
    Fault::StarttlsInjection,
];

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Ok(fault) = std::env::var(FAULT) {
        return runtime.block_on(be_hostile(&fault));
    }
    for fault in HOSTILE {
        runtime.block_on(measure(fault))?;
    }
    Ok(())
}

/// Serves until standard input is closed.
async fn be_hostile(fault: &str) -> Result<(), Failed> {
    let lab = Lab::start(LabOptions::default()).await?;
    lab.switch(Fault::by_name(fault).ok_or("no such fault")?, Switch::On).await;
    let place = lab.endpoint(Host::Mail, Port::Mx).ok_or("no MX")?;
    writeln!(std::io::stdout(), "{place}")?;
    let end = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
    end.await?;
    Ok(())
}

/// The second process; it ends when its input is closed.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

async fn measure(fault: Fault) -> Result<(), Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    let started = command.env(FAULT, fault.name()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut peer = Peer(started);
    let mut line = String::new();
    BufReader::new(peer.0.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let place: SocketAddr = line.trim().parse()?;
    let host = HostName::parse("mail.lab.example")?;
    let mut service = Service::new("lab", host.clone());
    service.allow = vec!["127.0.0.0/8".parse()?];
    service.allow_ports = vec![place.port()];
    let target = Target { address: vet(place.ip(), place.port(), &service)?, host, tls: TlsMode::Starttls };
    let (transport, tls) = (Transport::default(), TlsContext::new(&[]));
    let (tls_plan, transactions) = (TlsPlan::WhereOffered, vec![]);
    let plan = Plan { helo: "watch.example.net".into(), tls: tls_plan, login: None, transactions };
    let mut dialogue = SmtpDialogue::new(plan);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let begun = Instant::now();
    let connection = transport.converse(&target, &mut dialogue, &tls, &service.limits, Utc::now()).await;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = MEMORY.peak_usage().saturating_sub(before) / 1024;
    writeln!(
        std::io::stdout(),
        "{:<20} {seconds:>6.2} s {peak:>6} KiB  {} at {}",
        fault.name(),
        connection.ending,
        connection.phase.words()
    )?;
    Ok(())
}
