//! What the real program does under a crowd: 1,000 interactions at once, and 10,000 in a minute, with its memory.
//!
//! `cargo bench -p watchpost-commands --bench load`. The program runs in a process of its own, the stand-in Discord in this
//! one; on a machine with two cores they share them, so this process's own share of the time is told beside.
//! `WATCHPOST_LOAD` names another number of interactions in the minute.

#[expect(dead_code, reason = "the stories use more of it")]
#[path = "../tests/running.rs"]
mod running;

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use watchpost_sandbox::{MemberHandle, RateLimits, Sandbox, World};

/// People who type at the same moment.
const AT_ONCE: usize = 1_000;
/// How often they do it.
const ROUNDS: usize = 3;
/// Interactions in a minute.
const IN_A_MINUTE: u32 = 10_000;
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let discord = Sandbox::start(World::standard().rate_limits(RateLimits::lenient()).patience(PATIENCE));
    let discord = discord.await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::start(&discord, folder.path());
    discord.wait_for_commands(&["incident"]).await;
    let ana = discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|answer| answer.says("INC-1 is declared")).await;
    say(&format!("memory before: {}", program.memory()));
    at_once(&discord, &ana, &program).await;
    in_a_minute(&discord, &ana, &program).await;
    discord.strict_verdict().expect("no form was refused");
    say(&format!("invalid requests: {}", discord.invalid_requests()));
}

/// Nine of ten read, one writes: so it is in an outage.
async fn types(ana: &MemberHandle, number: usize) {
    let text = format!("finding {number}");
    let turn = match number % 10 {
        0 => ana.types("/log", &[("text", &text)], "ops").await,
        _ => ana.types("/help", &[], "ops").await,
    };
    turn.expect("typed");
}

async fn at_once(discord: &Sandbox, ana: &MemberHandle, program: &Program) {
    for round in 0..ROUNDS {
        let (before, own, theirs) = (discord.answer_times().len(), processor("self"), program.processor());
        let begun = Instant::now();
        for number in 0..AT_ONCE {
            types(ana, number).await;
        }
        let typed = begun.elapsed();
        let times = all_answered(discord, before, AT_ONCE).await;
        say(&format!(
            "{AT_ONCE} at once, round {}: {}; typed within {} ms, processor time: Discord {} ms, Watchpost {} ms",
            round + 1,
            figures(&times),
            typed.as_millis(),
            processor("self") - own,
            program.processor() - theirs,
        ));
        // What follows the acknowledgements is over before the next round.
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    say(&format!("memory after it: {}", program.memory()));
}

async fn in_a_minute(discord: &Sandbox, ana: &MemberHandle, program: &Program) {
    let given = std::env::var("WATCHPOST_LOAD").ok().and_then(|text| text.parse().ok());
    let many: u32 = given.unwrap_or(IN_A_MINUTE);
    let before = discord.answer_times().len();
    let mut ticks = tokio::time::interval(Duration::from_secs(60) / many);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let begun = Instant::now();
    for number in 0..many as usize {
        ticks.tick().await;
        types(ana, number).await;
    }
    let lasted = begun.elapsed();
    let times = all_answered(discord, before, many as usize).await;
    say(&format!("{many} in {:.0} s: {}", lasted.as_secs_f64(), figures(&times)));
    say(&format!("memory after it: {}", program.memory()));
}

/// Real time from each act to its acknowledgement, once all have one.
async fn all_answered(discord: &Sandbox, before: usize, many: usize) -> Vec<Duration> {
    let begun = Instant::now();
    loop {
        let times: Vec<_> = discord.answer_times().split_off(before).into_iter().flatten().collect();
        if times.len() == many || begun.elapsed() > PATIENCE {
            say(&format!("acknowledged: {} of {many}", times.len()));
            return times;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn figures(times: &[Duration]) -> String {
    let mut millis: Vec<u128> = times.iter().map(Duration::as_millis).collect();
    millis.sort_unstable();
    let at = |share: usize| millis.get((millis.len() * share / 1_000).min(millis.len() - 1)).copied();
    let at = |share| at(share).unwrap_or_default();
    format!(
        "acknowledged p50 {} ms, p99 {} ms, p99.9 {} ms, longest {} ms",
        at(500),
        at(990),
        at(999),
        at(1_000)
    )
}

/// The real program.
struct Program(Child);

impl Program {
    fn start(discord: &Sandbox, folder: &std::path::Path) -> Self {
        let text = running::configuration_text(discord, &discord.guild_id().to_string());
        let file = folder.join("watchpost.toml");
        let text = format!("{text}\n[store]\nfolder = {:?}\n", folder.join("data").display().to_string());
        std::fs::write(&file, text).expect("written");
        let child = Command::new(env!("CARGO_BIN_EXE_watchpost"))
            .args(["run", "--config"])
            .arg(&file)
            .env("DISCORD_API_BASE", discord.api_base())
            .env("DISCORD_TOKEN", discord.token())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Program(child)
    }

    /// What it holds, and the most that it ever held.
    fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            kib.map_or_else(
                || "not known here".to_owned(),
                |kib| format!("{:.1} MiB", f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0),
            )
        };
        format!("{}, at most {}", of("VmRSS:"), of("VmHWM:"))
    }

    fn processor(&self) -> u64 {
        processor(&self.0.id().to_string())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Milliseconds of processor time of a process (proc(5): fields 14 and 15 of `stat`, in hundredths of a second).
fn processor(process: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<u64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|one| one.parse().ok()).collect();
    fields.iter().sum::<u64>() * 10
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}
