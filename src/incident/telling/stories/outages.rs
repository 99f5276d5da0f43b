//! Seven real outages in virtual time: who would have been told what and when, beside what the operators did.

use serde::Deserialize;

use super::*;

const FIXTURE: &str = include_str!("../../../../tests/fixtures/real-outages.json");
/// Where nobody knows when it was noticed: two failed rounds of the loop that sends and receives.
const NOTICED_AFTER: Duration = Duration::from_secs(10 * 60);

#[derive(Deserialize)]
struct Fixture {
    outages: Vec<Outage>,
}

/// One outage, as far as its operator told of it.
#[derive(Deserialize)]
struct Outage {
    name: String,
    operator: String,
    zone: String,
    cause: Cause,
    receive: Verdict,
    send: Verdict,
    read: Verdict,
    severity: Severity,
    began: String,
    noticed: Option<String>,
    taken: Option<String>,
    works: String,
    closed: String,
    public: Vec<String>,
}

fn moment(text: &str) -> UtcMs {
    UtcMs::from(text.parse::<chrono::DateTime<chrono::Utc>>().expect("a moment"))
}

/// What happened outside, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Spoke,
    Taken,
    Works,
    Closed,
    Over,
}

fn replay(outage: &Outage) -> Play {
    let began = moment(&outage.began);
    let confirmed = outage.noticed.as_deref().map_or(began + NOTICED_AFTER, moment).max(began + minutes(2));
    let zone = outage.zone.parse().expect("a zone");
    let mut play = Play::new(began, policy(zone));
    play.line(&format!("it begins: {}", outage.name));
    let page = play.page;
    let seen = (Some(outage.cause), (outage.receive, outage.send, outage.read));
    let mut play = Play::declared(began, confirmed, policy(zone), outage.severity, seen);
    play.page.insert_str(0, &page);
    let mut steps: Vec<(UtcMs, Step)> = outage.public.iter().map(|at| (moment(at), Step::Spoke)).collect();
    steps.extend(outage.taken.as_deref().map(|at| (moment(at).max(confirmed), Step::Taken)));
    let works = moment(&outage.works);
    steps.extend([(works, Step::Works), (moment(&outage.closed), Step::Over)]);
    // Watchpost's own proof: twelve minutes without a failure.
    steps.push((works + minutes(12), Step::Closed));
    steps.sort();
    for (at, step) in steps {
        play.until(at);
        match step {
            Step::Spoke => play.line("the operator spoke to its customers"),
            Step::Taken => {
                play.line("the operator took it");
                play.ask(&Play::ana(), Request::Acknowledge).expect("taken");
            }
            Step::Works => {
                play.line("it works again");
                play.seen = Some((None, (OK, OK, OK)));
                play.look();
                let last_word = at + minutes(15);
                play.decides(|incident, context| tell::works(incident, Some(last_word), context));
            }
            Step::Over => play.line("the operator called it over"),
            Step::Closed => {
                play.line("it is proved");
                play.ask(&Play::ana(), Request::Proof(ProofRequest::Override { why: "proved".into() }))
                    .expect("closed");
            }
        }
    }
    play.until(moment(&outage.closed) + minutes(24 * 60));
    play
}

/// The longest time without a word between the first and the last, in minutes.
fn silence(from: UtcMs, to: UtcMs, words: &[UtcMs]) -> u64 {
    let all: Vec<UtcMs> =
        [from].into_iter().chain(words.iter().copied().filter(|at| *at < to)).chain([to]).collect();
    all.windows(2).map(|pair| pair[1].since(pair[0]).as_secs() / 60).max().unwrap_or_default()
}

fn length(minutes: Option<u64>) -> String {
    minutes.map_or("not known".to_owned(), |minutes| format!("{} h {:02}", minutes / 60, minutes % 60))
}

#[test]
fn seven_real_outages_beside_what_the_operators_did() {
    let fixture: Fixture = serde_json::from_str(FIXTURE).expect("the fixture");
    assert_eq!(fixture.outages.len(), 7);
    let mut table = String::from(
        "| outage | operator: first word after | longest silence | Watchpost: first word after | longest silence | texts to users |\n|---|---|---|---|---|---|\n",
    );
    let mut scripts = String::new();
    for outage in &fixture.outages {
        let play = replay(outage);
        let (began, closed) = (moment(&outage.began), moment(&outage.closed));
        let proved = moment(&outage.works) + minutes(12);
        let spoke: Vec<UtcMs> = outage.public.iter().map(|at| moment(at)).collect();
        let users: Vec<UtcMs> = play
            .arrived
            .iter()
            .filter(|(_, name, _)| name.as_str() == "users")
            .map(|(at, _, _)| *at)
            .collect();
        let first = |words: &[UtcMs]| words.first().map(|at| at.since(began).as_secs() / 60);
        let theirs = (!spoke.is_empty()).then(|| silence(began, closed, &spoke));
        let ours = silence(began, proved, &users);
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} |",
            outage.operator,
            length(first(&spoke)),
            length(theirs),
            length(first(&users)),
            length(Some(ours)),
            users.len()
        )
        .expect("written");
        writeln!(scripts, "\n## {}\n\n{}", outage.operator, play.page).expect("written");
        let each = play.policy.interval(outage.severity, &"users".into()).expect("a cadence");
        let most = each.as_secs() / 60 + 4;
        assert!(
            ours <= most.max(first(&users).unwrap_or(u64::MAX)),
            "{}: {ours} minutes\n{}",
            outage.name,
            play.page
        );
        // Where the operator spoke within a quarter of an hour, the first word by itself is not quicker, nor need it be.
        assert!(theirs.is_none_or(|theirs| ours <= theirs.max(30)), "{}", outage.name);
        assert!(play.timers.is_empty(), "{}: {:?}", outage.name, play.timers);
    }
    insta::assert_snapshot!(format!("{table}{scripts}"));
}
