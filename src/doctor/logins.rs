//! The probe accounts: one full check of each service, of which only what concerns the logins is told here.

use watchpost_texts::say;

use super::{Point, State};
use crate::cause::Cause;
use crate::check::{Assessment, Prober, Set, Silent, Verdict};
use crate::clock::UtcMs;
use crate::config::Config;

pub(super) async fn examine(config: &Config, prober: &Prober, now: UtcMs) -> Vec<Point> {
    let mut points = Vec::new();
    // One after the other: services may share hosts, and a login must not look like an attack.
    for watched in &config.services {
        let about = say!("probe of {}", watched.name);
        if watched.service.probe.is_none() {
            points.push(Point::new(
                about,
                State::Warning,
                say!("there is no test mailbox, so logins and delivery are never tried."),
                say!(
                    "Make a mailbox that is used for nothing else, and name it under [service.{}.probe].",
                    watched.name
                ),
            ));
            continue;
        }
        let assessment = prober.assess(&watched.service, Set::Functional, now.to_utc(), &Silent).await;
        points.push(judge(about, &assessment));
    }
    points
}

fn judge(about: String, assessment: &Assessment) -> Point {
    let refused = assessment.findings.iter().find(|finding| finding.cause == Some(Cause::ProbePasswordWrong));
    match (refused, assessment.verdict) {
        (Some(finding), _) => Point::new(
            about,
            State::Bad,
            say!("{} does not accept the password.", finding.target),
            say!(
                "Put the right one where the configuration says; then `watchpost check` tries it once more after 15 minutes."
            ),
        ),
        (None, Verdict::Ok) => Point::good(about, say!("logs in, sends and receives.")),
        (None, verdict) => Point::new(
            about,
            State::Warning,
            say!("the service is {}: {}", verdict.word(), assessment.summary),
            say!("`watchpost check` shows all of it."),
        ),
    }
}
