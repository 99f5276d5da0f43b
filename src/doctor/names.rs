//! The name servers of each service: each asked by itself, so that one that is dead does not hide behind the others.

use watchpost_texts::say;

use super::{Point, State};
use crate::config::Config;
use crate::resolve::NameServers;

pub(super) async fn examine(config: &Config) -> Vec<Point> {
    let each = config.services.iter().map(|watched| async move {
        let about = say!("name servers for {}", watched.name);
        judge(about, &NameServers::new(&watched.service).find_sound().await)
    });
    futures::future::join_all(each).await.concat()
}

type Answers = [(std::net::SocketAddr, Result<(), crate::resolve::DnsFault>)];

fn judge(about: String, answers: &Answers) -> Vec<Point> {
    let dead: Vec<String> = answers
        .iter()
        .filter_map(|(address, answer)| Some(format!("{address}: {}", answer.err()?)))
        .collect();
    let sound = answers.len() - dead.len();
    let point = match (sound, dead.as_slice()) {
        (0, _) => Point::new(
            about,
            State::Bad,
            say!("none answers ({}).", dead.join("; ")),
            say!(
                "Name ones that do under [service.<name>] resolvers, or mend /etc/resolv.conf: without them everything is “unknown”."
            ),
        ),
        (1, []) => Point::new(
            about,
            State::Warning,
            say!("there is only one; when it is away, every check says “unknown”."),
            say!("Name a second one under [service.<name>] resolvers."),
        ),
        (_, []) => Point::good(about, say!("all {sound} answer.")),
        _ => Point::new(
            about,
            State::Warning,
            say!("{sound} answer, {} do not ({}).", dead.len(), dead.join("; ")),
            say!("Mend or replace those: each question to them costs two seconds."),
        ),
    };
    vec![point]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::DnsFault;

    #[test]
    fn every_mixture_of_answers() {
        let address = |last: u8| std::net::SocketAddr::from(([192, 0, 2, last], 53));
        let state = |answers: &[Result<(), DnsFault>]| {
            let answers: Vec<_> =
                answers.iter().zip(1..).map(|(answer, last)| (address(last), *answer)).collect();
            judge("x".to_owned(), &answers)[0].state
        };
        let dead = Err(DnsFault::Timeout);
        assert_eq!(state(&[]), State::Bad);
        assert_eq!(state(&[dead]), State::Bad);
        assert_eq!(state(&[Ok(())]), State::Warning);
        assert_eq!(state(&[Ok(()), dead]), State::Warning);
        assert_eq!(state(&[Ok(()), Ok(())]), State::Good);
    }
}
