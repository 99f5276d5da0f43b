//! No token in any log line of the gate, the supervisor, or what they are built on, at the finest level.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use watchpost_sandbox::{Effect, RestFault, World};

use super::night::{Night, channel, http, say, within};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A subscriber sees every line only where no other test has met the same place in the code without one before.
#[tokio::test]
async fn s13_no_token_reaches_the_log() {
    let story = "gate_and_supervisor::secrets::a_night_whose_log_is_read";
    let mut alone = tokio::process::Command::new(std::env::current_exe().unwrap());
    let output = alone.args([story, "--exact", "--ignored"]).kill_on_drop(true).output();
    let output = within(output).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "needs a process of its own: s13_no_token_reaches_the_log gives it one"]
async fn a_night_whose_log_is_read() {
    let log = Log::default();
    // serenity writes tokens of webhooks into its spans below `warn`: in operation it is filtered like this, too.
    let filter = EnvFilter::new("trace,serenity=warn,watchpost_sandbox=off");
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let night = Night::begin(World::standard()).await;
    let (token, webhook) = (night.discord.token(), "a-webhook-token-that-nobody-may-see");
    let (client, ops) = (http(&night.gate, &night.discord), channel(&night.discord, "ops"));
    night.answers("a question").await;
    for effect in [Effect::Drop, Effect::Truncated, Effect::Status { status: 503 }, Effect::RateLimitedHtml] {
        night.discord.fault(RestFault::new(effect).times(1).path("/webhooks/"));
        let _ = within(client.get_webhook_with_token(7.into(), webhook)).await;
    }
    night.discord.drop_gateway();
    night.answers("another question").await;
    night.discord.revoke_token();
    assert!(say(&client, ops, "Update").await.is_err());
    night.ends().await;
    drop(guard);
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("no longer accepts the bot token"), "the log was not captured");
    for secret in [token.as_str(), webhook] {
        let line =
            written.lines().find(|line| line.contains(secret)).map(|line| line.replace(secret, "SECRET"));
        assert_eq!(line, None);
    }
}
