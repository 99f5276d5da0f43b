//! What the supervisor runs: something that connects to a given gateway address until it ends or is told to stop.
//! In operation that is a serenity client.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serenity::gateway::{GatewayError, ShardManager};
use tokio::sync::watch;
use tokio::time::timeout;
use watchpost_texts::say;

use super::decide::{ClientEnd, Fatal};

/// Builds and runs one client after another.
#[async_trait]
pub trait Clients: Send + Sync + 'static {
    /// Builds one client, connects it to `gateway` and runs it until it ends or `stop` turns true.
    async fn run(&self, gateway: String, stop: watch::Receiver<bool>) -> ClientEnd;
}

/// serenity clients, each built by a closure.
pub struct SerenityClients<Build> {
    build: Build,
    goodbye: Duration,
}

impl<Build, Built> SerenityClients<Build>
where
    Build: Fn() -> Built + Send + Sync + 'static,
    Built: Future<Output = Result<serenity::Client, serenity::Error>> + Send + 'static,
{
    /// `build` makes a client that is not started, over [`crate::bot::gate::Gate::http`].
    pub fn new(build: Build) -> Self {
        // serenity waits 5 s for a shard that does not answer.
        Self { build, goodbye: Duration::from_secs(5) }
    }
}

#[async_trait]
impl<Build, Built> Clients for SerenityClients<Build>
where
    Build: Fn() -> Built + Send + Sync + 'static,
    Built: Future<Output = Result<serenity::Client, serenity::Error>> + Send + 'static,
{
    async fn run(&self, gateway: String, mut stop: watch::Receiver<bool>) -> ClientEnd {
        let built = tokio::select! {
            built = (self.build)() => built,
            () = told(&mut stop) => return ClientEnd::Stopped,
        };
        let mut client = match built {
            Ok(client) => client,
            Err(error) => return end(&error),
        };
        // Whatever address serenity has found, or fallen back to.
        *client.ws_url.lock().await = gateway;
        let shards = Arc::clone(&client.shard_manager);
        tokio::select! {
            ended = client.start() => match ended {
                Ok(()) => ClientEnd::Failed(say!("it ended by itself").to_owned()),
                Err(error) => end(&error),
            },
            () = told(&mut stop) => {
                let _ = timeout(self.goodbye, close(&shards)).await;
                ClientEnd::Stopped
            }
        }
    }
}

/// Ends all shards and the task that would start them again. serenity only reaches that task while a shard is listed, so
/// one that is just starting is waited for.
async fn close(shards: &ShardManager) {
    while shards.shards_instantiated().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // It says 1000, which would end the session; the relay turns that into 4000.
    shards.shutdown_all().await;
}

async fn told(stop: &mut watch::Receiver<bool>) {
    // A supervisor that is gone has told everything it could.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Never the error's own text: serenity's can hold addresses with tokens.
fn end(error: &serenity::Error) -> ClientEnd {
    let words = match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => {
            return ClientEnd::Refused(Fatal::Token);
        }
        serenity::Error::Gateway(GatewayError::InvalidGatewayIntents) => {
            return ClientEnd::Refused(Fatal::Intents(4013));
        }
        serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents) => {
            return ClientEnd::Refused(Fatal::Intents(4014));
        }
        serenity::Error::Http(_) => say!("a request to Discord failed"),
        serenity::Error::Gateway(_) | serenity::Error::Tungstenite(_) => {
            say!("its gateway connection failed")
        }
        _ => say!("it failed"),
    };
    ClientEnd::Failed(words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serenity_gives_up_for_good_is_told_apart() {
        let gateway = |error| end(&serenity::Error::Gateway(error));
        assert_eq!(gateway(GatewayError::InvalidAuthentication), ClientEnd::Refused(Fatal::Token));
        assert_eq!(gateway(GatewayError::DisallowedGatewayIntents), ClientEnd::Refused(Fatal::Intents(4014)));
        assert!(matches!(gateway(GatewayError::HeartbeatFailed), ClientEnd::Failed(_)));
    }
}
