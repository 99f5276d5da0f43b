//! `/admin store`: whether storing works, how much there is, how old the newest copy is, and what the chain ends with.

use watchpost::config::Retention;
use watchpost::keeper::Look;
use watchpost::keeper::look::Copies;
use watchpost::outbox::{Block, Field, Message, Tone};
use watchpost::store::history::HistoryFound;
use watchpost::store::{Condition, Health, Stat};
use watchpost::storing;
use watchpost_texts::say;

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, moment};

/// How the stored data is: state, size, copies, last reading, chain
#[poise::command(slash_command)]
pub(crate) async fn store(context: Context<'_>) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let look = call.mind.keeper.look().await;
    call.tell(&message(&look)).await;
    Ok(())
}

fn message(look: &Look) -> Message {
    let (title, text, tone) = state(&look.condition);
    let mut fields = Vec::new();
    fields.extend(look.stat.as_ref().map(size));
    fields.push(field("Copies", &copies(look)));
    fields.push(field(say!("Read through"), &read_through(look)));
    if let HistoryFound::BegunAnew { why } | HistoryFound::Without { why } = &look.history {
        fields.push(field(
            say!("Check history"),
            &say!("It could not be used at the start ({why}). Incidents are not touched by that."),
        ));
    }
    fields.extend(
        look.retention.as_ref().map(|kept| field(say!("How long it is kept"), &how_long(kept, look))),
    );
    if look.erasures.ordered > 0 {
        fields.push(field(say!("Forgotten people"), &forgotten(look)));
    }
    fields.push(field(
        say!("Head of the chain"),
        &say!("{} (an export of the same moment ends with the same)", look.head),
    ));
    let block = Block { title: title.to_owned(), text, fields, tone, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

/// How long each kind of record is kept, as `[retention]` says.
fn how_long(kept: &Retention, look: &Look) -> String {
    let days = |length: std::time::Duration| length.as_secs() / 86_400;
    let reporters = match kept.reporters {
        Some(after) => say!("forgotten {} days after their last incident", days(after)),
        None => say!("until somebody forgets them with /admin forget").to_owned(),
    };
    let archive = match (&kept.archive, &look.archived) {
        (None, _) => say!("none (`archive_folder` under `[retention]`)").to_owned(),
        (Some(folder), archived) => {
            let there = archived.as_ref().map(|one| say!("; {} there", one.there)).unwrap_or_default();
            let failed = archived.as_ref().and_then(|one| one.failed.as_ref());
            let failed = failed.map(|why| format!(". ✗ {why}")).unwrap_or_default();
            say!("{}, {} days after the end{there}{failed}", folder.display(), days(kept.archive_after))
        }
    };
    say!(
        "Incidents: for ever. Answers of checks: {} days, by the hour {}, by the day {}. Who only reported: {reporters}.\nArchive: {archive}.",
        days(kept.samples),
        days(kept.hours),
        days(kept.days)
    )
}

fn state(condition: &Condition) -> (&'static str, String, Tone) {
    match &condition.health {
        Health::Storing => {
            (say!("Everything is being stored"), say!("Nothing is to be done.").to_owned(), Tone::Good)
        }
        Health::OnBallast => (
            say!("The disk is nearly full"),
            say!(
                "Since {} Watchpost writes on the room that was kept for this. Free some space now; when that room is used \
                 up, nothing can be recorded.",
                moment(condition.since)
            ),
            Tone::Warning,
        ),
        Health::NotStoring(error) => {
            (say!("Nothing is being stored"), storing::notice(condition, error), Tone::Bad)
        }
    }
}

fn size(stat: &Stat) -> Field {
    let mebibytes = |bytes: u64| bytes.div_ceil(1024 * 1024);
    field(
        say!("What there is"),
        &say!(
            "{} events of {} incidents; {} people by name; {} messages still to be delivered.\nJournal {} MiB in {} files, \
             read model {} MiB.",
            stat.last_seq.0,
            stat.incidents,
            stat.people,
            stat.open_items,
            mebibytes(stat.journal_bytes),
            stat.files,
            mebibytes(stat.model_bytes)
        ),
    )
}

fn copies(look: &Look) -> String {
    if look.data.is_none() {
        return say!("Everything is in memory only, and gone when this process ends.").to_owned();
    }
    let Some(copies) = &look.copies else {
        return say!("None are made by themselves: `backup_keep` under `[store]` is 0.").to_owned();
    };
    let newest = match copies.newest {
        Some(at) => say!("The newest was made {}", moment(at)),
        None => say!("There is none yet").to_owned(),
    };
    let next = copies.next.map(|at| say!("; the next is due {}", moment(at))).unwrap_or_default();
    format!("{newest}{next}.\n{}{}", where_they_lie(copies), trouble(copies))
}

fn where_they_lie(copies: &Copies) -> String {
    let sealed = match copies.sealed {
        true => say!("sealed under the passphrase of the configuration"),
        false => say!("not sealed: whoever has one can read it (`backup_passphrase_env` under `[store]`)"),
    };
    say!("The last {} are kept in {}, {sealed}.", copies.keep, copies.folder.display())
}

fn trouble(copies: &Copies) -> String {
    copies.failed.as_ref().map_or_else(String::new, |(at, error)| {
        say!(
            "\n✗ The attempt of {} failed: {}. It is tried again every ten minutes.",
            moment(*at),
            error.reason()
        )
    })
}

fn read_through(look: &Look) -> String {
    match &look.verified {
        None => say!("Not since the start; it is done after each copy. `watchpost db verify` does it now.")
            .to_owned(),
        Some((at, Ok(verified))) => match verified.faults.as_slice() {
            [] => say!("{}: all {} events are as they were written.", moment(*at), verified.events),
            [first, ..] => say!(
                "✗ {}: {} things are not as they were written, the first: {first}. Restore the newest copy: \
                 `watchpost db restore`.",
                moment(*at),
                verified.faults.len()
            ),
        },
        Some((at, Err(error))) => say!("✗ {}: it could not be read: {}.", moment(*at), error.reason()),
    }
}

fn forgotten(look: &Look) -> String {
    let erasures = &look.erasures;
    let last = erasures.last.map(|at| say!(", the last {}", moment(at))).unwrap_or_default();
    let open = erasures.ordered.saturating_sub(erasures.done);
    let open = match open {
        0 => String::new(),
        open => say!(" {open} orders were cut short: give them again."),
    };
    format!("{}{last}.{open}", erasures.done)
}

fn field(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned(), short: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::book::erasure::Erasures;
    use watchpost::clock::UtcMs;
    use watchpost::store::StoreError;

    fn look(health: Health) -> Look {
        Look {
            condition: Condition { health, since: UtcMs(60_000), cut_short: false },
            data: Some("/data".into()),
            stat: None,
            head: "ab".repeat(32),
            copies: Some(Copies {
                folder: "/data/backups".into(),
                sealed: false,
                keep: 7,
                newest: Some(UtcMs(0)),
                next: Some(UtcMs(86_400_000)),
                failed: Some((UtcMs(1_000), StoreError::Full("/data: no room".to_owned()))),
            }),
            verified: None,
            history: HistoryFound::Ready,
            retention: None,
            archived: None,
            erasures: Erasures { ordered: 2, done: 1, last: Some(UtcMs(0)) },
        }
    }

    #[test]
    fn every_state_says_what_it_means_and_what_is_to_be_done() {
        for (health, expected) in [
            (Health::Storing, "Nothing is to be done"),
            (Health::OnBallast, "Free some space now"),
            (Health::NotStoring(StoreError::Full("x".to_owned())), "the disk is full (x)"),
        ] {
            let block = message(&look(health)).block.expect("a block");
            assert!(block.text.contains(expected), "{}", block.text);
            let said = format!("{:?}", block.fields);
            assert!(
                said.contains("the disk is full (/data: no room)") && said.contains("not sealed"),
                "{said}"
            );
            assert!(said.contains("1 orders were cut short"), "{said}");
        }
    }
}
