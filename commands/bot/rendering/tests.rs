use proptest::prelude::*;
use serde_json::{Value, json};
use watchpost::outbox::{Field, File};

use super::*;

fn as_json(message: &Message) -> Value {
    serde_json::to_value(Rendered::of(message).create(None)).expect("a builder is JSON")
}

fn chars(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

#[test]
fn nobody_is_pinged_but_whom_the_message_names() {
    let mut message = Message::text("@everyone <@&1> <@&2> <@3>");
    message.pings = vec![RoleId(2)];
    let expected = json!({"parse": [], "roles": ["2"], "users": [], "replied_user": false});
    let rendered = Rendered::of(&message);
    for sent in [
        serde_json::to_value(rendered.clone().create(None)),
        serde_json::to_value(rendered.clone().edit()),
        serde_json::to_value(rendered.clone().answer(Visibility::Public)),
        serde_json::to_value(rendered.clone().edit_answer().0),
        serde_json::to_value(rendered.follow_up(Visibility::Private)),
    ] {
        let sent = sent.expect("a builder is JSON");
        assert_eq!(sent["allowed_mentions"], expected, "{sent}");
        assert_eq!(sent["content"], r"\@everyone \<@&1> <@&2> \<@3>");
    }
}

#[test]
fn a_pinged_role_stands_in_the_text() {
    let message = Message { pings: vec![RoleId(2)], ..Message::text("INC-1") };
    assert_eq!(as_json(&message)["content"], "<@&2> INC-1");
}

#[test]
fn a_state_is_never_shown_by_colour_alone() {
    let tones = [Tone::Good, Tone::Warning, Tone::Bad, Tone::Unknown];
    let marks: std::collections::HashSet<_> = tones.map(mark).into_iter().collect();
    assert_eq!(marks.len(), tones.len());
    let message = Message {
        block: Some(Block { title: "Works".into(), tone: Tone::Good, ..Block::default() }),
        ..Message::default()
    };
    assert_eq!(as_json(&message)["embeds"][0]["title"], "✅ Works");
}

#[test]
fn what_finds_no_room_is_attached() {
    let long = "word ".repeat(1_200);
    let sent = Rendered::of(&Message::text(&long));
    assert_eq!(length(&sent.content), limits::CONTENT);
    let file = String::from_utf8(sent.files[0].data.clone()).expect("text");
    assert_eq!(sent.files[0].filename, "in-full.txt");
    assert!(file.contains(long.trim_end()));
}

#[test]
fn a_sixth_row_of_buttons_is_named_in_the_file() {
    let button =
        |n: usize| Button { label: format!("b{n}"), action: format!("wp1:x:{n}"), weight: Weight::Secondary };
    let message = Message { buttons: vec![(0..27).map(button).collect()], ..Message::default() };
    let sent = Rendered::of(&message);
    assert_eq!(sent.rows.len(), limits::ROWS);
    let file = String::from_utf8(sent.files[0].data.clone()).expect("text");
    assert!(file.contains("b25") && file.contains("b26") && !file.contains("b24"), "{file}");
}

fn texts(most: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        (0..most).prop_map(|n| "*".repeat(n)),
        (0..most).prop_map(|n| "🦀 ".repeat(n / 2)),
        "\\PC{0,40}",
        Just(String::new()),
    ]
}

prop_compose! {
    fn messages()(
        text in texts(7_000), title in texts(600), body in texts(9_000), footer in texts(5_000),
        fields in prop::collection::vec((texts(600), texts(3_000), any::<bool>()), 0..40),
        labels in prop::collection::vec(prop::collection::vec(texts(200), 0..9), 0..9),
        files in prop::collection::vec(texts(100), 0..14),
    ) -> Message {
        let fields = fields.into_iter().map(|(name, value, short)| Field { name, value, short }).collect();
        let button = |label: String| Button { label, action: "wp1:x:1".into(), weight: Weight::Primary };
        Message {
            text,
            block: Some(Block { title, text: body, fields, footer, tone: Tone::Bad }),
            buttons: labels.into_iter().map(|row| row.into_iter().map(button).collect()).collect(),
            files: files.into_iter().map(|content| File { name: "f".into(), content }).collect(),
            ..Message::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_message_keeps_every_limit(message in messages()) {
        let sent = as_json(&message);
        prop_assert!(chars(&sent["content"]) <= 2_000);
        let embed = &sent["embeds"][0];
        let mut sum = chars(&embed["title"]) + chars(&embed["description"]) + chars(&embed["footer"]["text"]);
        prop_assert!(chars(&embed["title"]) <= 256 && chars(&embed["description"]) <= 4_096);
        prop_assert!(chars(&embed["footer"]["text"]) <= 2_048);
        let fields = embed["fields"].as_array().map_or(&[][..], Vec::as_slice);
        prop_assert!(fields.len() <= 25);
        for field in fields {
            let (name, value) = (chars(&field["name"]), chars(&field["value"]));
            prop_assert!((1..=256).contains(&name) && (1..=1_024).contains(&value), "{} {}", name, value);
            sum += name + value;
        }
        prop_assert!(sum <= 6_000, "{}", sum);
        let rows = sent["components"].as_array().expect("rows");
        prop_assert!(rows.len() <= 5);
        for row in rows {
            let buttons = row["components"].as_array().expect("buttons");
            prop_assert!((1..=5).contains(&buttons.len()));
            prop_assert!(buttons.iter().all(|button| (1..=80).contains(&chars(&button["label"]))));
        }
        prop_assert!(sent["attachments"].as_array().expect("files").len() <= 10);
    }
}
