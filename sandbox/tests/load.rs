//! Many at once. The clock stands still, so that a busy machine does not turn into "too late".

use watchpost_sandbox::{Clock, RateLimits, World};

use crate::bot;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_commands_at_once() {
    const MANY: usize = 300;
    let (clock, _stepper) = Clock::stepped(1_790_000_000_000);
    let world = World::standard().clock(clock).rate_limits(RateLimits::lenient());
    let (discord, bot) = bot::running(world).await;
    let ana = discord.member("ana");
    for number in 0..MANY {
        ana.types("/ask", &[("text", &number.to_string())], "ops").await.unwrap();
    }
    let ops = discord.channel("ops").id();
    discord
        .wait_for("all answers", |places| {
            let answers = places.messages.values().filter(|message| message.channel == ops);
            (answers.count() == MANY).then_some(())
        })
        .await;
    assert_eq!(discord.answer_times().iter().flatten().count(), MANY);
    assert_eq!(bot.unread(), Vec::<String>::new());
    discord.strict_verdict().unwrap();
}
