//! Files beside what is logged: copied at once, because the link dies.

use serenity::model::channel::Attachment;
use watchpost::ids::PersonId;
use watchpost::incident::Incident;
use watchpost::sop::Procedure;
use watchpost_texts::say;

use crate::bot::fetch::NotCopied;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;

/// Copies the files into the store, each for the line of the checklist that the text is about. What became of them, in
/// words; none where there are none.
pub(super) async fn keep(
    call: &Call,
    incident: &Incident,
    files: &[Attachment],
    of: PersonId,
    text: &str,
) -> Option<String> {
    let policy = call.mind.desk.policy();
    let line = line(&policy.procedure, text);
    let (mut kept, mut not_kept) = (Vec::new(), Vec::new());
    for (number, file) in files.iter().enumerate() {
        match keep_one(call, incident, number, file, of, line.clone()).await {
            Ok(size) => kept.push(format!("{} ({size})", file.filename)),
            Err(why) => not_kept.push(format!("{}: {why}", file.filename)),
        }
    }
    let said = |words: &str, files: Vec<String>| {
        (!files.is_empty()).then(|| format!("{words} {}.", files.join("; ")))
    };
    let all: Vec<String> =
        [said("Copied:", kept), said(say!("Not copied:"), not_kept)].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(" "))
}

async fn keep_one(
    call: &Call,
    incident: &Incident,
    number: usize,
    file: &Attachment,
    of: PersonId,
    line: Option<String>,
) -> Result<String, String> {
    let fetcher = call.mind.fetcher.get().ok_or_else(|| NotCopied::NoAnswer.to_string())?;
    let copied = fetcher.copy(file, of).await.map_err(|why| why.to_string())?;
    let size = watchpost::evidence::size(copied.evidence().bytes);
    let kept = call.keep_file(incident.id, number, line, &copied).await;
    kept.map(|_| size).map_err(|failure: Failure| failure.to_string())
}

fn line(procedure: &Procedure, text: &str) -> Option<String> {
    procedure.line_about(text).map(|line| line.key.clone())
}
