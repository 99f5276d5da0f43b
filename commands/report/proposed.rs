//! What reports propose: `[Declare]`, or `[Not an incident]`.

use watchpost::book::BookRequest;
use watchpost::book::report::ReportRequest;
use watchpost::incident::decide::Declaration;
use watchpost::outbox::Message;
use watchpost::refusal::Refusal;
use watchpost::report::groups::sentence_of;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident;

/// `[Declare]`: what the reports have in common is the first line.
pub async fn declare(call: &Call) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let guild = call.guild()?;
    let book = call.mind.desk.book();
    let waiting = book.reports.get(&guild).filter(|waiting| waiting.proposed.is_some());
    let waiting = waiting.ok_or_else(nothing_proposed)?;
    let recent = waiting.recent(call.now(), call.mind.desk.policy().threshold.within);
    let text = match recent.is_empty() {
        // The proposal is older than its reports; its words still say what it was.
        true => waiting.proposed.as_ref().map(|(_, common)| common.clone()).unwrap_or_default(),
        false => sentence_of(&recent),
    };
    let since = recent.iter().map(|report| report.at).min();
    incident::declare(call, Declaration { guild, text, since, ..Declaration::default() }).await
}

/// `[Not an incident]`.
pub async fn dismiss(call: &Call) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let request = BookRequest::Report(ReportRequest::Dismiss { guild: call.guild()? });
    call.enter(request).await?;
    let minutes = call.mind.desk.policy().threshold.within.as_secs() / 60;
    let text =
        say!("Noted. The reports are kept. It is proposed again in {minutes} minutes at the earliest.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

fn nothing_proposed() -> Refusal {
    Refusal::NothingNew(
        say!("nothing is proposed any more: somebody declared it, or said that it is none").to_owned(),
    )
}
