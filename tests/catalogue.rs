//! Every text that a person reads comes from the one catalogue: what is found in the source is what stands in it, and a
//! bot that speaks another language leaves no English sentence behind.

use std::path::Path;

use watchpost::clock::Clock;
use watchpost_texts::{TEMPLATE, gather};

use crate::night::Night;
use crate::restart::Program;

/// What no catalogue is for, each with the reason.
const ELSEWHERE: [(&str, &str); 21] = [
    ("commands/cli/demo/", "the demo plays in English"),
    ("commands/cli/init.rs", "writes a file of comments, which docs/configuration.md explains in English"),
    ("commands/cli/logging.rs", "the log is for those who look after the program"),
    ("commands/bot/gate/route.rs", "names of Discord's routes"),
    ("src/check/registration.rs", "words of registries"),
    ("src/check/reply_cause.rs", "words of mail servers"),
    ("src/config/", "read before the language is known"),
    ("src/explain/agreement.rs", "measures"),
    ("src/explain/bounce.rs", "words of mail servers"),
    ("src/explain/judge.rs", "words of mail servers"),
    ("src/explain/queue/", "words of mail servers"),
    ("src/explain/rules", "words of mail servers"),
    ("src/incident/action/", "words that people type"),
    ("src/incident/decide/machine.rs", "plays at random, for tests"),
    ("src/incident/contradict.rs", "words that people type"),
    ("src/protocol/", "what servers say and are told"),
    ("src/review/html.rs", "a style sheet"),
    ("src/setup.rs", "as commands/cli/init.rs"),
    ("src/store/", "for those who mend the store"),
    ("src/web/metrics.rs", "the format of Prometheus"),
    ("src/update/language.rs", "read with the configuration"),
];

/// Words that programs read, or the log, among sentences for people.
const FOR_PROGRAMS: [&str; 22] = [
    "Bot {bare}",
    "form {hour}",
    "form:?",
    "reader {reader}",
    "message {message}",
    "thread {place}",
    "default-src",
    "[picture-",
    "Clock(",
    "Copied(",
    "Upstream(",
    "INC-{}",
    "Received: {}",
    "{format}.new",
    "{name}.png",
    "-at-a-glance",
    "check-{}.json",
    "component {:?}",
    ",,,,,chain",
    "urn:watchpost",
    "```sh",
    "server {}",
];

fn findings() -> gather::Findings {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    gather::gather(&root, &gather::READ).unwrap()
}

#[test]
fn the_template_is_what_the_source_says() {
    let found = gather::template(&findings().texts);
    assert!(
        found == TEMPLATE,
        "texts were changed. Write the template anew: \
         cargo run -p watchpost-texts --features gather --example gather > texts/watchpost.pot"
    );
}

#[test]
fn no_sentence_stands_outside_the_catalogue() {
    let strays: Vec<String> = findings()
        .strays
        .into_iter()
        .filter(|stray| !ELSEWHERE.iter().any(|(place, _)| stray.file.starts_with(place)))
        .filter(|stray| !FOR_PROGRAMS.iter().any(|words| stray.text.contains(words)))
        .map(|stray| format!("{}:{}: {}", stray.file, stray.line, stray.text))
        .collect();
    assert!(strays.is_empty(), "say! is missing:\n{}", strays.join("\n"));
}

/// What is left of a text without what stands between the marks.
fn unmarked(text: &str) -> String {
    let (mut depth, mut out) = (0_usize, String::new());
    for letter in text.chars() {
        match letter {
            '⟦' => depth += 1,
            '⟧' => depth = depth.saturating_sub(1),
            letter if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

/// The words of a text that came from nowhere: two or more of lower-case letters, one after the other.
fn english(text: &str) -> Vec<String> {
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(|letter| letter.is_ascii_lowercase());
    let unmarked = unmarked(text);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let pairs = |words: Vec<String>| {
        let both = |pair: &&[String]| pair.iter().all(|word| is_word(&word.as_str()));
        words.windows(2).filter(both).map(|pair| pair.join(" ")).collect::<Vec<_>>()
    };
    unmarked.lines().flat_map(|line| pairs(words(line))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_of_another_language_leaves_no_english_sentence() {
    let night = Night::set("another_language", Clock::system(), "", None).await;
    let file = &night.stage.file;
    let language = file.with_file_name("marked.po");
    std::fs::write(&language, gather::marked(&findings().texts)).unwrap();
    let config = std::fs::read_to_string(file).unwrap();
    let named = format!("[organisation]\ncatalogue = {:?}\n", language.display().to_string());
    std::fs::write(file, config.replacen("[organisation]\n", &named, 1)).unwrap();
    let program = Program::starts(&night).await;
    let ana = night.person("ana");

    let declared = ana.types("/incident", &[("text", "NOMAIL")], "ops").await.unwrap();
    let mut read = vec![declared.answer(|shown| shown.says("INC-1")).await];
    let thread = night.thread("INC-1").await;
    read.push(thread.wait_for_message(|shown| shown.pinned).await);
    let place = thread.id().to_string();
    for (command, options) in [
        ("/help", &[][..]),
        ("/log", &[("text", "FOUND")][..]),
        ("/fix", &[("text", "RELOAD")][..]),
        ("/timeline", &[][..]),
        ("/update", &[][..]),
    ] {
        let asked = ana.types(command, options, &place).await.unwrap();
        read.push(asked.answer(|shown| !shown.loading && !shown.text().is_empty()).await);
    }
    read.extend(thread.messages());
    let left: Vec<String> = read
        .iter()
        .flat_map(|shown| {
            english(&shown.text()).into_iter().map(move |words| format!("“{words}” in {}", shown.text()))
        })
        .collect();
    assert!(left.is_empty(), "{} left:\n{}", left.len(), left.join("\n---\n"));
    let said = read.iter().filter(|shown| shown.text().contains('⟦')).count();
    assert!(said > 6, "{said} of {} messages are in the other language", read.len());
    program.dies(&night).await;
}
