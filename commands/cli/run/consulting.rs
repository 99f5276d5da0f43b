//! The doctor of a running process: the configuration in force, its probes, and its ways out.

use std::sync::Arc;

use async_trait::async_trait;
use serenity::http::Http;
use tokio::sync::watch;
use watchpost::clock::Clock;
use watchpost::config::Config;
use watchpost::doctor::{self, Point, destinations};

use super::prober::ConfiguredProber;
use super::reload::CurrentRoutes;
use crate::admin::doctor::Doctor;
use crate::bot;
use crate::bot::delivery::DiscordDelivery;

/// What the doctor looks at.
pub struct Consulting {
    /// The configuration in force.
    pub config: watch::Receiver<Arc<Config>>,
    /// The probes, with their politeness and their memory of refused logins.
    pub prober: Arc<ConfiguredProber>,
    /// The destinations outside Discord.
    pub routes: Arc<CurrentRoutes>,
    /// Discord, through the gate.
    pub chat: Arc<Http>,
    /// The one clock.
    pub clock: Clock,
}

#[async_trait]
impl Doctor for Consulting {
    async fn examine(&self, send: bool) -> Vec<Point> {
        let config = self.config.borrow().clone();
        let now = self.clock.now();
        let mut points = doctor::examine(&config, self.prober.prober(), now).await;
        points.extend(bot::doctor::examine(&self.chat, &config).await);
        let delivery = DiscordDelivery::new(self.chat.clone());
        points.extend(destinations::examine(&config, send, &delivery, &*self.routes, now).await);
        points
    }
}
