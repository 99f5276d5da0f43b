//! Rate limits and the slow limits, rule by rule.

use serde_json::{Value, json};
use watchpost_sandbox::{Clock, Effect, LimitScope, Rate, RateLimits, RestFault, Stepper, World};

use crate::raw::{Answered, Raw};

async fn stepped(rates: RateLimits) -> (Raw, Stepper) {
    let (clock, stepper) = Clock::stepped(1_790_000_000_000);
    (Raw::start(World::standard().clock(clock).rate_limits(rates)).await, stepper)
}

fn header<'a>(answer: &'a Answered, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn five_messages_in_five_seconds() {
    let (raw, stepper) = stepped(RateLimits::default()).await;
    let post = |channel: &str| {
        let path = format!("channels/{{{channel}}}/messages");
        let raw = &raw;
        async move { raw.send("POST", &path, &json!({"content": "x"})).await }
    };
    let first = post("ops").await;
    assert_eq!((header(&first, "x-ratelimit-limit"), header(&first, "x-ratelimit-remaining")), ("5", "4"));
    assert_eq!(header(&first, "x-ratelimit-reset-after"), "5.000");
    assert_eq!(header(&first, "x-ratelimit-reset"), "1790000005.000");
    for _ in 0..4 {
        assert_eq!(post("ops").await.status, 200);
    }
    let refused = post("ops").await;
    assert_eq!((refused.status, refused.body["global"].as_bool()), (429, Some(false)));
    assert_eq!((header(&refused, "retry-after"), header(&refused, "x-ratelimit-scope")), ("5", "user"));
    assert_eq!(header(&refused, "x-ratelimit-bucket"), header(&first, "x-ratelimit-bucket"));
    assert_eq!(post("management").await.status, 200, "another channel has a bucket of its own");
    stepper.advance_ms(5_000);
    assert_eq!(post("ops").await.status, 200);
    assert_eq!(raw.discord.invalid_requests(), 1);
}

#[tokio::test]
async fn fifty_a_second_in_all() {
    let (raw, stepper) = stepped(RateLimits::default()).await;
    for _ in 0..25 {
        assert_eq!(raw.send("GET", "users/@me", &Value::Null).await.status, 200);
        assert_eq!(raw.send("GET", "gateway/bot", &Value::Null).await.status, 200);
    }
    let refused = raw.send("GET", "channels/{ops}", &Value::Null).await;
    assert_eq!((refused.status, refused.body["global"].as_bool()), (429, Some(true)));
    assert_eq!(
        (header(&refused, "x-ratelimit-global"), header(&refused, "x-ratelimit-scope")),
        ("true", "global")
    );
    stepper.advance_ms(1_000);
    assert_eq!(raw.send("GET", "channels/{ops}", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn absurd_answers_of_the_limiter() {
    let (raw, _stepper) = stepped(RateLimits::lenient()).await;
    for text in ["0", "-1", "1e9", "NaN"] {
        let effect = Effect::RateLimited { scope: LimitScope::Shared, retry_after: Some(text.to_owned()) };
        raw.discord.fault(RestFault::new(effect).times(1));
        let answer = raw.send("GET", "users/@me", &Value::Null).await;
        assert_eq!((answer.status, header(&answer, "retry-after")), (429, text));
        assert_eq!(header(&answer, "x-ratelimit-scope"), "shared");
    }
    assert_eq!(raw.discord.invalid_requests(), 0, "shared ones do not count");
    let effect = Effect::RateLimited { scope: LimitScope::Global, retry_after: None };
    raw.discord.fault(RestFault::new(effect).times(1));
    assert!(raw.send("GET", "users/@me", &Value::Null).await.headers.get("retry-after").is_none());
    raw.discord.fault(RestFault::new(Effect::RateLimitedHtml).times(1));
    let html = raw.send("GET", "users/@me", &Value::Null).await;
    assert!(html.status == 429 && html.body.as_str().unwrap().starts_with("<html>"));
}

#[tokio::test]
async fn slow_limits() {
    let (mut raw, stepper) = stepped(RateLimits::lenient()).await;
    raw.make("card", "POST", "channels/{ops}/messages", &json!({"content": "x"})).await;
    stepper.advance_ms(3_600_001);
    for n in 0..watchpost_sandbox::limits::OLD_EDITS {
        let body = json!({"content": n.to_string()});
        assert_eq!(raw.send("PATCH", "channels/{ops}/messages/{card}", &body).await.status, 200, "edit {n}");
    }
    let refused = raw.send("PATCH", "channels/{ops}/messages/{card}", &json!({"content": "x"})).await;
    assert_eq!((refused.status, refused.code()), (429, 30_046));
    assert_eq!(header(&refused, "retry-after"), "3600");
    raw.make("fresh", "POST", "channels/{ops}/messages", &json!({"content": "x"})).await;
    let fresh = raw.send("PATCH", "channels/{ops}/messages/{fresh}", &json!({"content": "y"})).await;
    assert_eq!(fresh.status, 200, "a fresh message is another matter");

    raw.make("thread", "POST", "channels/{ops}/messages/{card}/threads", &json!({"name": "INC-1"})).await;
    for name in ["a", "b"] {
        assert_eq!(raw.send("PATCH", "channels/{thread}", &json!({"name": name})).await.status, 200);
    }
    let renamed = raw.send("PATCH", "channels/{thread}", &json!({"name": "c"})).await;
    assert_eq!((renamed.status, header(&renamed, "retry-after")), (429, "600"));
    assert_eq!(raw.send("PATCH", "channels/{thread}", &json!({"archived": true})).await.status, 200);
    stepper.advance_ms(600_000);
    let body = json!({"name": "c", "archived": false});
    assert_eq!(raw.send("PATCH", "channels/{thread}", &body).await.status, 200);
}

#[tokio::test]
async fn two_hundred_and_fifty_pins() {
    let (mut raw, _stepper) = stepped(RateLimits::lenient()).await;
    for n in 0..251 {
        raw.make("m", "POST", "channels/{ops}/messages", &json!({"content": n.to_string()})).await;
        let pinned = raw.send("PUT", "channels/{ops}/messages/pins/{m}", &Value::Null).await;
        assert_eq!((n, pinned.status, pinned.code()), if n < 250 { (n, 204, 0) } else { (n, 400, 30_003) });
    }
    let page = raw.send("GET", "channels/{ops}/messages/pins?limit=50", &Value::Null).await;
    assert_eq!(
        (page.body["items"].as_array().unwrap().len(), page.body["has_more"].as_bool()),
        (50, Some(true))
    );
    let old = raw.send("GET", "channels/{ops}/pins", &Value::Null).await;
    assert_eq!(old.body.as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn too_many_invalid_requests_end_in_a_ban() {
    let rates = RateLimits { invalid: Rate::new(100, 600_000), ..RateLimits::lenient() };
    let (raw, stepper) = stepped(rates).await;
    raw.discord.revoke_token();
    for _ in 0..100 {
        assert_eq!(raw.send("GET", "users/@me", &Value::Null).await.status, 401);
    }
    raw.discord.restore_token();
    let banned = raw.send("GET", "users/@me", &Value::Null).await;
    assert_eq!((banned.status, header(&banned, "retry-after")), (429, "600"));
    assert!(banned.body.as_str().unwrap().starts_with("<html>"));
    stepper.advance_ms(600_000);
    assert_eq!(raw.send("GET", "users/@me", &Value::Null).await.status, 200);
}
