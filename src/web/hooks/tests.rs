//! Forged, stale and replayed messages are not taken.

use super::*;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::desk::Desk;
use crate::policy::Policy;
use crate::store::MemoryStore;

const NOW: UtcMs = UtcMs(1_795_482_720_000);
const BODY: &str = r#"{"key": "queue", "text": "4,000 mails wait", "firing": true}"#;

fn signature(key: &str, id: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn headers(id: &str, at: i64, signature: &str) -> HeaderMap {
    let value = |text: &str| text.parse().expect("a value");
    HeaderMap::from_iter([
        ("webhook-id".parse().expect("a name"), value(id)),
        ("webhook-timestamp".parse().expect("a name"), value(&at.to_string())),
        ("webhook-signature".parse().expect("a name"), value(signature)),
    ])
}

#[test]
fn only_what_one_of_the_keys_signed_within_five_minutes_is_taken() {
    let now = NOW.seconds();
    let check = |key: &str, at: i64, body: &str, seen: &str| {
        signed(&["new", "old"], &headers("m1", at, &signature(key, "m1", at, body)), seen.as_bytes(), NOW)
    };
    assert_eq!(check("new", now, BODY, BODY), Ok("m1".to_owned()));
    assert_eq!(check("old", now, BODY, BODY), Ok("m1".to_owned()), "while keys are changed both hold");
    for drift in [0, 299, 300, -300] {
        assert!(check("new", now - drift, BODY, BODY).is_ok(), "{drift}");
    }
    for drift in [301, -301, 86_400] {
        assert_eq!(check("new", now - drift, BODY, BODY), Err(NotTaken::Stale), "{drift}");
    }
    assert_eq!(check("other", now, BODY, BODY), Err(NotTaken::Unsigned));
    assert_eq!(signed(&["new"], &HeaderMap::new(), BODY.as_bytes(), NOW), Err(NotTaken::Unsigned));
    // Every byte of the body counts.
    for at in 0..BODY.len() {
        let mut changed = BODY.as_bytes().to_vec();
        changed[at] ^= 1;
        let headers = headers("m1", now, &signature("new", "m1", now, BODY));
        assert_eq!(signed(&["new"], &headers, &changed, NOW), Err(NotTaken::Unsigned), "byte {at}");
    }
    // So do the id and the moment.
    let given = signature("new", "m1", now, BODY);
    assert!(signed(&["new"], &headers("m2", now, &given), BODY.as_bytes(), NOW).is_err());
    assert!(signed(&["new"], &headers("m1", now - 1, &given), BODY.as_bytes(), NOW).is_err());
}

#[test]
fn who_floods_is_turned_away_and_nobody_else() {
    let limiter = Limiter::default();
    let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
    let let_in = (0..500).filter(|_| limiter.lets_in(one, NOW)).count();
    assert_eq!(let_in, 60);
    assert!(limiter.lets_in(other, NOW));
    assert!(limiter.lets_in(one, UtcMs(NOW.0 + 60_000)));
}

/// A server on a port of its own, over this store.
async fn served(store: Arc<MemoryStore>) -> (String, Arc<Desk>, tokio::task::JoinHandle<()>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = "[organisation]\nname = \"Example\"\n[service.main]\ndomain = \"example.org\"\n[hook.nagios]\nsecret_env = \"KEY\"\n[hook.prom]\nkind = \"alertmanager\"\nsecret_env = \"KEY\"\n";
    let environment = Environment::from_iter([("KEY", "the key")]);
    let config = Config::parse(std::path::Path::new("watchpost.toml"), text, &environment).expect("sound");
    let desk = Desk::open(store, Policy::of(&config), Clock::stepped(NOW)).await.expect("a desk");
    let web = Web::new(desk.clone(), &config);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let service = web.router().into_make_service_with_connect_info::<SocketAddr>();
    let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap_or_default() });
    (address, desk, task)
}

async fn send(address: &str, id: &str, body: &str) -> u16 {
    let at = NOW.seconds();
    let request = reqwest::Client::new().post(format!("{address}/hooks/nagios"));
    let request = request.headers(headers(id, at, &signature("the key", id, at, body))).body(body.to_owned());
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_message_is_a_finding_once_also_after_a_restart() {
    let store = Arc::new(MemoryStore::default());
    let (address, desk, task) = served(store.clone()).await;
    assert_eq!(send(&address, "m1", BODY).await, 204);
    assert_eq!(desk.book().watched.alarms.len(), 1);
    let over = BODY.replace("true", "false");
    assert_eq!(send(&address, "m2", &over).await, 204);
    assert!(desk.book().watched.alarms[0].over.is_some());
    // The first one again, as somebody recorded it.
    assert_eq!(send(&address, "m1", BODY).await, 204);
    assert_eq!(desk.book().watched.alarms.len(), 1);
    task.abort();

    let (address, desk, _task) = served(store).await;
    assert_eq!(send(&address, "m1", BODY).await, 204);
    assert_eq!(desk.book().watched.alarms.len(), 1);
    assert_eq!(send(&address, "m3", "{").await, 422);
    let unsigned = reqwest::Client::new().post(format!("{address}/hooks/nagios")).body(BODY).send().await;
    assert_eq!(unsigned.expect("an answer").status().as_u16(), 401);
    let large = "x".repeat(LARGEST + 1);
    assert_eq!(send(&address, "m4", &large).await, 413);
}

#[tokio::test]
async fn alertmanager_speaks_with_the_key_as_bearer_token() {
    let (address, desk, _task) = served(Arc::new(MemoryStore::default())).await;
    let body = r#"{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Queue","service":"main"},
        "annotations":{"summary":"Queue is long\u0007 @everyone"},"startsAt":"2026-11-24T01:00:00Z","fingerprint":"abc"}]}"#;
    let send = |key: &str| {
        reqwest::Client::new().post(format!("{address}/hooks/prom")).bearer_auth(key).body(body).send()
    };
    assert_eq!(send("another key").await.expect("an answer").status().as_u16(), 401);
    assert_eq!(send("the key").await.expect("an answer").status().as_u16(), 204);
    assert_eq!(send("the key").await.expect("an answer").status().as_u16(), 204);
    let book = desk.book();
    assert_eq!(book.watched.alarms.len(), 1);
    assert_eq!(book.watched.alarms[0].assessment.summary, "Queue is long  @everyone");
}
