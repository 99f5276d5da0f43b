//! The status page: do people reach it under the address that updates name?

use std::time::Duration;

use watchpost_texts::say;

use super::{Point, State};
use crate::config::Config;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn examine(config: &Config) -> Vec<Point> {
    let about = say!("status page");
    let Some(url) = &config.web.public_url else {
        let seen = say!("no public_url stands under [web], so no update names a page.");
        return vec![Point::new(
            about,
            State::Warning,
            seen,
            say!("People without Discord have nowhere to look: give it one."),
        )];
    };
    let answer = ask(url.as_str()).await;
    vec![match answer {
        Ok(()) => Point::good(about, say!("{} answers.", url.as_str())),
        Err(why) => Point::new(
            about,
            State::Bad,
            say!("{} cannot be read from here: {why}.", url.as_str()),
            say!(
                "Look whether Watchpost runs with listen under [web], and whether the proxy before it does."
            ),
        ),
    }]
}

async fn ask(url: &str) -> Result<(), String> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    let client = client.map_err(|_| say!("the client cannot be built").to_owned())?;
    match client.get(url).send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(say!("it answers {}", answer.status())),
        Err(error) if error.is_timeout() => Err(say!("nothing within {} s", PATIENCE.as_secs())),
        Err(error) if error.is_connect() => Err(say!("nothing listens there").to_owned()),
        Err(_) => Err(say!("it does not speak HTTP").to_owned()),
    }
}
