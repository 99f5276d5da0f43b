//! Discord is away: the work goes on at the host and by the other destinations, and afterwards each channel hears of it once.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use watchpost::broadcast::Routes;
use watchpost::clock::Clock;
use watchpost::config::{Config, Environment};
use watchpost::desk::Desk;
use watchpost::incident::event::{Event, Origin};
use watchpost::keeper::Keeper;
use watchpost::policy::Policy;
use watchpost::store::MemoryStore;
use watchpost_commands::bot::framework::Mind;
use watchpost_commands::bot::gate::Upstream;
use watchpost_commands::bot::life::{Bot, Setup};
use watchpost_commands::bot::supervisor::{DownAfter, Outcome, Pace};
use watchpost_commands::cli::ctl;
use watchpost_sandbox::{Effect, MessageView, RestFault, Sandbox, Welcome, World};

use crate::recorder::Recorder;
use crate::running::{NIGHT, PlayedService, configuration_text};

/// Longer than anything takes on a machine that is busy with other things.
const LONGEST: Duration = Duration::from_secs(90);

/// What an organisation's own address was sent.
#[derive(Clone, Default)]
struct Received {
    all: Arc<Mutex<Vec<Value>>>,
    more: Arc<Notify>,
}

impl Received {
    /// A server on loopback, and what it gets.
    async fn listen() -> (Received, String) {
        let received = Received::default();
        let take = async |State(received): State<Received>, body: String| {
            received.all.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            received.more.notify_waiters();
            StatusCode::OK
        };
        let router = Router::new().route("/hook", post(take)).with_state(received.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (received, address)
    }

    /// Waits for something whose title and text fit.
    async fn wait_for(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let looking = async {
            loop {
                let more = self.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                if let Some(found) = self.all.lock().unwrap().iter().find(|one| fits(one)) {
                    return found.clone();
                }
                more.await;
            }
        };
        let found = tokio::time::timeout(LONGEST, looking).await;
        found.unwrap_or_else(|_| panic!("{what} never came; there is {:#?}", self.all.lock().unwrap()))
    }
}

fn titled<'t>(title: &'t str) -> impl Fn(&Value) -> bool + 't {
    move |one| one["title"].as_str().is_some_and(|found| found.contains(title))
}

/// A bot with a destination beside Discord, and a shell on its host.
pub struct Host {
    pub discord: Sandbox,
    pub desk: Arc<Desk>,
    clock: Clock,
    received: Received,
    spare: Recorder,
    folder: tempfile::TempDir,
    file: PathBuf,
    environment: (String, String),
    stop: watch::Sender<bool>,
    bot: JoinHandle<Outcome>,
}

impl Host {
    pub async fn start() -> Host {
        let clock = Clock::stepped(NIGHT);
        let shared = clock.clone();
        let told = watchpost_sandbox::Clock::from_fn(move || u64::try_from(shared.now().0).unwrap_or(0));
        let world = World::standard().clock(told).rate_clock(watchpost_sandbox::Clock::system());
        let discord = Sandbox::start(world.patience(LONGEST)).await.unwrap();
        let (received, address) = Received::listen().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watchpost.toml");
        let spare = Recorder::listens().await;
        std::fs::write(&file, configured(&discord, folder.path(), &spare)).unwrap();
        let environment = ("HOOK".to_owned(), address);
        let config = Config::load(&file, &Environment::from_iter([environment.clone()])).unwrap();
        let store = Arc::new(MemoryStore::new());
        let desk = Desk::open(store, Policy::of(&config), clock.clone()).await.unwrap();
        let (zone, keeper) = (config.organisation.time_zone, Keeper::in_memory(desk.clone()));
        let mind = Mind::new(desk.clone(), PlayedService::works(), zone, keeper);
        let (stop, stopped) = watch::channel(false);
        std::fs::create_dir_all(&config.store.folder).unwrap();
        let (listener, path) = ctl::server::open(&config.store.folder).unwrap();
        tokio::spawn(ctl::server::serve(listener, path, mind.clone(), stopped.clone()));
        let setup = Setup {
            mind,
            upstream: Upstream::parse(&discord.api_base()).unwrap(),
            token: SecretString::from(discord.token()),
            routes: Arc::new(Routes::open(&config, &clock, None).unwrap()),
            transcript: None,
            sessions: None,
            pace: hurried(),
        };
        let bot = Bot::start(setup, stopped).await.unwrap();
        let bot = tokio::spawn(bot.run());
        discord.wait_for_commands(&["incident", "timeline"]).await;
        Host { discord, desk, clock, received, spare, folder, file, environment, stop, bot }
    }

    /// The real program, typed at the host as the user that Watchpost runs as.
    pub async fn ctl(&self, words: &[&str]) -> Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_watchpost"));
        command.arg("--config").arg(&self.file).arg("ctl").args(words).current_dir(self.folder.path());
        command.env(&self.environment.0, &self.environment.1).kill_on_drop(true);
        let output = tokio::time::timeout(LONGEST, command.output()).await;
        output.expect("the program ends").unwrap()
    }

    pub async fn ana(&self, words: &[&str]) -> String {
        let output = self.ctl(&[&["--as", "ana"], words].concat()).await;
        let (out, problems) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{words:?}: {out}{problems}");
        out
    }

    /// Waits until people have been told elsewhere that Discord is away.
    pub async fn told_elsewhere(&self) {
        self.received.wait_for("that Discord is away", titled("Discord cannot be reached")).await;
    }

    /// Nothing of Discord answers any more.
    pub fn break_discord(&self) {
        self.discord.fault(RestFault::new(Effect::Status { status: 503 }));
        self.discord.welcome(Welcome::Refused);
        self.discord.drop_gateway();
    }

    pub async fn step(&self, minutes: u64) {
        self.clock.step(Duration::from_secs(minutes * 60));
    }

    pub async fn ends(self) -> Outcome {
        self.stop.send_replace(true);
        tokio::time::timeout(LONGEST, self.bot).await.expect("the bot ends").unwrap()
    }
}

/// The usual organisation, whose users also read by an address of their own, and by a spare one while Discord is away; and
/// whose responders have one.
fn configured(discord: &Sandbox, folder: &Path, spare: &Recorder) -> String {
    let usual = configuration_text(discord, &discord.guild_id().to_string());
    let usual = usual.replace(
        "destinations = [\"status\"]",
        "destinations = [\"status\", \"hook\"]\nfallback = [\"spare\"]",
    );
    let spare = spare.destination("webhook", "spare", "");
    let (ana, ben) = (discord.member("ana").id(), discord.member("ben").id());
    format!(
        r#"{usual}
        {spare}
        [destination.hook]
        kind = "webhook"
        url_env = "HOOK"
        [responder.ana]
        discord = {ana}
        routes = ["hook"]
        [responder.ben]
        discord = {ben}
        uid = 4000000000
        [store]
        folder = {:?}
        "#,
        folder.join("data").display().to_string()
    )
}

/// As in operation, in seconds in place of minutes.
fn hurried() -> Pace {
    let down = DownAfter {
        gateway_away: Duration::from_secs(1),
        rest_failures: 2,
        rest_failing: Duration::from_secs(4),
        answering: Duration::from_millis(600),
    };
    Pace { look: Duration::from_millis(50), probe: Duration::from_millis(300), down, ..Pace::default() }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn saying(all: &[MessageView], words: &str) -> usize {
    all.iter().filter(|message| message.says(words)).count()
}

/// T06 and the whole of "when Discord is down": parked, told elsewhere, worked on at the host, and one message for each
/// channel afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn t06_while_discord_is_down_the_work_goes_on_at_the_host_and_each_channel_hears_of_it_once() {
    let host = Host::start().await;
    let ana = host.discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.unwrap();
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = host.discord.channel("ops").wait_for_thread("INC-1 Phones cannot send").await;
    thread.wait_for_message(|shown| shown.pinned).await;

    host.break_discord();
    let told = host.received.wait_for("that Discord is away", titled("Discord cannot be reached")).await;
    assert!(told["text"].as_str().unwrap().contains("watchpost ctl --help"), "{told}");
    let asked = host.discord.requests().len();

    // The same people, the same desk, the same refusals.
    let taken = host.ana(&["incident", "--have"]).await;
    assert!(taken.contains("You lead INC-1"), "{taken}");
    let logged = host.ana(&["log", "the renewal timer has been failing", "--kind", "finding"]).await;
    assert!(logged.contains("Logged in INC-1 as finding"), "{logged}");
    let proposed = host.ana(&["fix", "renew certificate, reload"]).await;
    assert!(proposed.contains("Low risk, nobody needs to approve"), "{proposed}");
    for sentence in ["We have found it.", "We are renewing the certificate."] {
        let sent = host.ana(&["update", sentence, "--impact", "Phones cannot send"]).await;
        assert!(sent.contains("On its way"), "{sent}");
        host.received.wait_for(sentence, |one| one["text"].as_str().unwrap().contains(sentence)).await;
        host.step(11).await;
    }
    let second = host.ana(&["incident", "The archive is slow", "--severity", "4"]).await;
    assert!(second.contains("INC-2 is declared as SEV4"), "{second}");
    let line = host.ana(&["timeline", "--incident", "INC-1"]).await;
    assert!(line.contains("the renewal timer has been failing"), "{line}");
    refusals(&host).await;
    let shell = host.desk.all_events("INC-1".parse().unwrap()).await.unwrap();
    let shell =
        shell.iter().filter(|one| one.new.origin == Origin::Shell && one.new.actor.to_string() == "ana");
    assert!(shell.count() >= 6, "what was typed at the host is recorded as ana's, with its origin");

    // Nothing is tried while it cannot succeed, but a request now and then to see whether it is back.
    let tried = host.discord.requests().split_off(asked);
    assert!(
        tried.iter().all(|request| request.method == "GET"),
        "{:?}",
        tried.iter().map(|r| r.shown_path()).collect::<Vec<_>>()
    );

    host.discord.heal();
    let caught_up = thread.wait_for_message(|shown| shown.says("Discord was away from")).await;
    assert!(
        caught_up.says("by `watchpost ctl`") && caught_up.says("renew certificate"),
        "{}",
        caught_up.text()
    );
    let ops = host.discord.channel("ops");
    let line = ops.wait_for_message(|shown| shown.says("Meanwhile the work went on")).await;
    assert!(line.says("INC-1 SEV2") && line.says("INC-2 SEV4"), "{}", line.text());
    let status = host.discord.channel("mail-status");
    let last = status.wait_for_message(|shown| shown.says("We are renewing the certificate.")).await;
    assert!(last.says("Not shown here meanwhile") && last.says("update 1"), "{}", last.text());
    // What was only parked is brought at its next try.
    host.step(2).await;
    ops.wait_for_thread("INC-2 The archive is slow").await.wait_for_message(|shown| shown.pinned).await;
    host.received.wait_for("that Discord is back", titled("Discord is back")).await;

    // Users read the spare address meanwhile, which says why, and afterwards that it is over.
    let said =
        |request: &crate::recorder::Request| request.json()["text"].as_str().unwrap_or_default().to_owned();
    host.spare.wait_for("spare", |request| said(request).starts_with("Discord is back")).await;
    let spare: Vec<String> = host.spare.got("spare").iter().map(said).collect();
    assert_eq!(spare.len(), 3, "{spare:#?}");
    for (text, sentence) in spare.iter().zip(["We have found it.", "We are renewing the certificate."]) {
        assert!(
            text.starts_with("Discord cannot be reached; until it is back") && text.contains(sentence),
            "{text}"
        );
    }

    // No flood: one catch-up in each place, one update for the users, no notice of each single step.
    assert_eq!(saying(&thread.messages(), "Discord was away"), 1, "{:#?}", thread.messages());
    assert_eq!(saying(&ops.messages(), "Discord was away"), 1);
    assert_eq!(saying(&status.messages(), "We have found it."), 0, "what was overtaken is only named");
    // The catch-up tells the newest steps; the first ones may be only counted.
    assert!(saying(&thread.messages(), "has it") <= 1, "only in the one that caught up");
    assert_eq!(host.desk.book().chat, None);
    host.discord.strict_verdict().unwrap();
    assert_eq!(host.ends().await, Outcome::Stopped);
}

/// Who may not is told why, in words; and nothing is recorded of it.
async fn refusals(host: &Host) {
    for (words, said) in [
        (&["log", "x"][..], "say who you are with --as: ana, ben"),
        (&["--as", "eve", "log", "x"], "there is no responder “eve” in the configuration. Known: ana, ben"),
        (&["--as", "ana", "--incident", "INC-9", "log", "x"], "INC-9"),
        (&["--as", "ana", "--incident", "42x", "log", "x"], "I cannot read “42x” here"),
        (&["--as", "ana", "--incident", "INC-1", "log", ""], "The text is empty"),
    ] {
        let output = host.ctl(words).await;
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(text(&output.stderr).contains(said), "{words:?}: {}", text(&output.stderr));
    }
    let entries = host.desk.all_events("INC-1".parse().unwrap()).await.unwrap();
    let logged = entries.iter().filter(|one| matches!(one.new.event, Event::Logged { .. }));
    assert_eq!(logged.count(), 1);
}

/// T08: the token is revoked. Nothing goes to Discord any more, people are told elsewhere, and everything else goes on.
#[tokio::test(flavor = "multi_thread")]
async fn t08_a_revoked_token_stops_discord_and_nothing_else() {
    let host = Host::start().await;
    let ana = host.discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.unwrap();
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = host.discord.channel("ops").wait_for_thread("INC-1 Phones cannot send").await;
    thread.wait_for_message(|shown| shown.pinned).await;

    host.discord.revoke_token();
    host.discord.close_gateway(4004);
    let told = host
        .received
        .wait_for("that the token is revoked", titled("no longer takes Watchpost's token"))
        .await;
    assert!(told["text"].as_str().unwrap().contains("Make a new token in the developer portal"), "{told}");
    let logged = host.ana(&["log", "the token leaked"]).await;
    assert!(logged.contains("Logged in INC-1"), "{logged}");
    let after = host.discord.requests().len();

    // The timed update goes out by the other destination.
    host.step(31).await;
    host.received.wait_for("the timed update", |one| one["update"] == 1).await;
    let answers = host.ana(&["incident"]).await;
    assert!(answers.contains("INC-1"), "{answers}");
    let invalid = host.discord.requests().iter().filter(|request| request.status == 401).count();
    assert!(invalid <= 1, "{invalid} requests with a token that is void");
    assert_eq!(host.discord.requests().len(), after, "no further request");
    assert!(!host.bot.is_finished(), "the process goes on");
    assert_eq!(host.ends().await.exit_code(), 78, "and says at its end what a person must mend");
}

/// The socket is for the user that Watchpost runs as alone.
#[tokio::test]
async fn the_socket_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (first, path) = ctl::server::open(folder.path()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    drop(first);
    assert!(ctl::server::open(folder.path()).is_ok(), "what an earlier run has left is replaced");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "precious").unwrap();
    assert!(ctl::server::open(folder.path()).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious", "what is no socket is left alone");
}
