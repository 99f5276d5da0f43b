//! While the gateway is away the real program tries again at a measured pace: it does not spin, and it is back at once.

use std::time::{Duration, Instant};

use watchpost::clock::Clock;
use watchpost_sandbox::Welcome;

use crate::night::Night;
use crate::restart::Program;

/// Long enough for several tries.
const AWAY: Duration = Duration::from_secs(8);

/// Processor time of a process (proc(5): fields 14 and 15 of `stat`, in hundredths of a second).
fn worked(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(11).take(2).filter_map(|one| one.parse::<u64>().ok());
    Duration::from_millis(fields.sum::<u64>() * 10)
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_the_processor_rests_while_the_gateway_is_away() {
    if !std::path::Path::new("/proc/self/stat").exists() {
        println!("skipped: this system does not tell how much a process works");
        return;
    }
    let night = Night::set("resting", Clock::system(), "", None).await;
    let (discord, ana) = (night.stage.discord.clone(), night.person("ana"));
    let program = Program::starts(&night).await;
    for welcome in [Welcome::Refused, Welcome::BlackHole, Welcome::NoHello] {
        discord.welcome(welcome);
        discord.drop_gateway();
        discord.wait_gone().await;
        let (before, begun) = (worked(program.process()), Instant::now());
        night.clock.wait_until(night.clock.now() + AWAY).await;
        let (work, lasted) = (worked(program.process()).saturating_sub(before), begun.elapsed());
        assert!(work < lasted / 5, "{welcome:?}: {work:?} of work in {lasted:?}");
        discord.welcome(Welcome::Normal);
        discord.wait_ready().await;
        let asked = ana.types("/help", &[], "ops").await.expect("typed");
        asked.wait_answered().await;
    }
    let (sessions, _) = discord.sessions();
    assert!(sessions <= 4, "{sessions} sessions: a new one at most for each trouble");
    program.dies(&night).await;
    night.judged();
}
