//! `/log text [kind] [at]`: write down what was found, suspected, ruled out or changed, while it is fresh.
//!
//! The message menu **Log** does the same with a message that stands in the channel, with the message's own time;
//! **Follow-up** makes something to do of it.

mod evidence;
pub mod suspect;

use poise::ChoiceParameter;
use serenity::model::channel::{Attachment, Message as DiscordMessage};
use watchpost::book::BookRequest;
use watchpost::book::change::ChangeRequest;
use watchpost::button::Action;
use watchpost::clock::UtcMs;
use watchpost::ids::{IncidentId, PersonId};
use watchpost::incident::Incident;
use watchpost::incident::decide::Request;
use watchpost::incident::event::EntryKind;
use watchpost::incident::guess::kind_of;
use watchpost::outbox::Message;
use watchpost::refusal::Refusal;
use watchpost::sop::Procedure;
use watchpost::{card, timeline, when};
use watchpost_texts::say;

use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, moment};
use crate::incident::{in_memory, open_incidents};

/// What sort of entry, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum Kind {
    /// The default.
    #[name = "note: anything worth keeping"]
    Note,
    /// Found out.
    #[name = "finding: something that was found out"]
    Finding,
    /// Possible.
    #[name = "suspect: a possible cause"]
    Suspect,
    /// Not it.
    #[name = "ruled out: a possible cause that it was not"]
    RuledOut,
    /// It.
    #[name = "cause: it is this"]
    Cause,
    /// Before or during.
    #[name = "change: made before or during the incident"]
    Change,
    /// Afterwards.
    #[name = "follow-up: something to do afterwards"]
    FollowUp,
}

/// Write something down in the incident's timeline
#[poise::command(slash_command)]
pub(crate) async fn log(
    context: Context<'_>,
    #[description = "What you found, suspect, ruled out or changed"] text: String,
    #[description = "What sort of entry; read from the text where you say nothing"] kind: Option<Kind>,
    #[description = "When it happened: 14:05, or 20 minutes ago"] at: Option<String>,
    #[description = "A picture, log or mail that shows it; it is copied"] file: Option<Attachment>,
    #[description = "Which incident; that of this thread, or the only open one, where you say nothing"]
    #[autocomplete = "open_incidents"]
    incident: Option<String>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let named = crate::incident::named(incident)?;
    let kind = kind.map_or_else(|| kind_of(&text, &call.mind.desk.policy().procedure), EntryKind::from);
    let entry = Entry { kind, text, at: happened(&call, at.as_deref())? };
    let files = Files { of: call.person()?.id, files: file.into_iter().collect() };
    match write_with(&call, named, entry.clone(), files).await {
        // A change is worth knowing also while all is well.
        Err(Failure::Refusal(Refusal::NothingOpen)) if entry.kind == EntryKind::Change => {
            note_change(&call, entry).await
        }
        done => done,
    }
}

/// A change that was made while nothing is open: it is shown with the next incident.
async fn note_change(call: &Call, entry: Entry) -> Result<(), Failure> {
    let at = entry.at.unwrap_or(call.now());
    let request = ChangeRequest::Enter { guild: call.guild()?, text: entry.text, at };
    call.enter(BookRequest::Change(request)).await?;
    let text =
        say!("Noted as a change. An incident that begins within a day shows it under More…, Recent changes.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// The message menu.
#[poise::command(context_menu_command = "Log")]
pub(crate) async fn log_message(
    context: Context<'_>,
    #[description = "The message to write down"] message: DiscordMessage,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let at = UtcMs(message.timestamp.unix_timestamp() * 1_000).min(call.now());
    // The same message is written down once, whoever asks and however often.
    let incident = call.incident(None).await?;
    let link = message.link();
    if let Some(entry) = incident.entries.iter().find(|entry| entry.text.ends_with(&link)) {
        return Err(Refusal::NothingNew(say!("this message is entry {} already", entry.number)).into());
    }
    let entry = Entry { kind: EntryKind::Note, text: quoted(&message), at: Some(at) };
    let files = Files { of: PersonId(message.author.id.get()), files: message.attachments };
    write_with(&call, Some(incident.id), entry, files).await
}

/// The message menu of follow-ups: the form opens with the message in it.
#[poise::command(context_menu_command = "Follow-up")]
pub(crate) async fn follow_up_message(
    context: Context<'_>,
    #[description = "The message that says what is to be done"] message: DiscordMessage,
) -> Result<(), Failure> {
    let call = Call::of(context);
    let incident = call.incident(None).await?;
    crate::review::follow_up::open_form_with(&call, incident.id, quoted(&message)).await
}

/// `[Log]`.
pub async fn open_form(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    let text = Input {
        name: "text",
        label: say!("What you found, suspect or changed"),
        hint: say!("The renewal timer has been failing since 12 October"),
        filled: String::new(),
        room: Room::Lines,
        need: Need::Required,
    };
    let kind = Input {
        name: "kind",
        label: "Kind",
        hint: say!("note, finding, suspect, ruled out, cause, change, follow-up"),
        room: Room::Line,
        need: Need::Optional,
        ..text.clone()
    };
    let at = Input {
        name: "at",
        label: say!("When it happened"),
        hint: say!("now, 14:05, 20 minutes ago"),
        ..kind.clone()
    };
    call.reply.form(forms::form(Action::Log, id, &say!("Log in {id}"), vec![text, kind, at])).await;
    Ok(())
}

/// The form of `[Log]` was sent.
pub async fn log_form(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let kind = named(&filled.text("kind"))?;
    let at = filled.text("at");
    let at = happened(call, Some(at.as_str()).filter(|at| !at.is_empty()))?;
    write(call, Some(id), Entry { kind, text: filled.text("text"), at }).await
}

/// Something to write down.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) text: String,
    pub(crate) at: Option<UtcMs>,
}

/// What came with it, and whose that is.
struct Files {
    of: PersonId,
    files: Vec<Attachment>,
}

pub(crate) async fn write(call: &Call, named: Option<IncidentId>, entry: Entry) -> Result<(), Failure> {
    write_with(call, named, entry, Files { of: PersonId(0), files: Vec::new() }).await
}

async fn write_with(
    call: &Call,
    named: Option<IncidentId>,
    entry: Entry,
    files: Files,
) -> Result<(), Failure> {
    let incident = call.incident(named).await?;
    let Entry { kind, text, at } = entry;
    let request = Request::Log { kind, text: text.clone(), at };
    let outcome = call.ask(Some(incident.id), request).await.map_err(|failure| failure.with_typed(&text))?;
    let policy = call.mind.desk.policy();
    let message = logged(&outcome.incident, kind, at, &policy.procedure);
    call.tell(&message).await;
    // Fetching takes its time; that the text is recorded was said already.
    if let Some(said) = evidence::keep(call, &outcome.incident, &files.files, files.of, &text).await {
        call.tell(&Message { text: format!("{} {said}", message.text), ..message }).await;
    }
    Ok(())
}

pub(crate) fn happened(call: &Call, at: Option<&str>) -> Result<Option<UtcMs>, Failure> {
    Ok(at.map(|text| when::past(text, call.now(), call.mind.zone)).transpose()?)
}

/// A kind as it is typed into the form.
pub(crate) fn named(text: &str) -> Result<EntryKind, Failure> {
    let typed = text.trim().to_lowercase().replace(['-', '_'], " ");
    match typed.as_str() {
        "" | "note" => Ok(EntryKind::Note),
        "finding" => Ok(EntryKind::Finding),
        "suspect" => Ok(EntryKind::Suspect),
        "ruled out" => Ok(EntryKind::RuledOut),
        "cause" => Ok(EntryKind::Cause),
        "change" => Ok(EntryKind::Change),
        "follow up" => Ok(EntryKind::FollowUp),
        _ => Err(Failure::Unreadable(text.chars().take(80).collect())),
    }
}

/// The message's text with its author, the names of its files, and where it stands.
fn quoted(message: &DiscordMessage) -> String {
    let name = message.author.global_name.as_ref().unwrap_or(&message.author.name);
    let files: Vec<&str> = message.attachments.iter().map(|file| file.filename.as_str()).collect();
    let files = if files.is_empty() { String::new() } else { say!(" (with {})", files.join(", ")) };
    let text = if message.content.is_empty() { say!("(no text)") } else { &message.content };
    say!("{name} wrote: {text}{files} {}", message.link())
}

fn logged(incident: &Incident, kind: EntryKind, at: Option<UtcMs>, procedure: &Procedure) -> Message {
    let when = at.map(|at| say!(", as of {}", moment(at))).unwrap_or_default();
    let number = incident.entries.last().map_or(0, |entry| entry.number);
    let next = match kind {
        EntryKind::Cause => say!(" Watchpost now says that the cause is known."),
        _ => "",
    };
    let about = procedure.line_about(incident.entries.last().map_or("", |entry| entry.text.as_str()));
    let about = about.map(|line| format!(" ({})", line.name)).unwrap_or_default();
    let buttons = incident.entries.last().map(|entry| card::entry_buttons(incident, entry));
    let buttons = buttons.filter(|row| !row.is_empty()).into_iter().collect();
    let text = say!(
        "Logged in {} as {}{about} number {number}{when}.{next}",
        incident.id,
        timeline::entry_kind(kind)
    );
    Message { buttons, ..Message::text(text) }
}

impl From<Kind> for EntryKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Note => EntryKind::Note,
            Kind::Finding => EntryKind::Finding,
            Kind::Suspect => EntryKind::Suspect,
            Kind::RuledOut => EntryKind::RuledOut,
            Kind::Cause => EntryKind::Cause,
            Kind::Change => EntryKind::Change,
            Kind::FollowUp => EntryKind::FollowUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_offered_can_also_be_typed() {
        for (offered, kind) in Kind::list().iter().zip([
            Kind::Note,
            Kind::Finding,
            Kind::Suspect,
            Kind::RuledOut,
            Kind::Cause,
            Kind::Change,
            Kind::FollowUp,
        ]) {
            let name = offered.name.split(':').next().expect("a name");
            assert_eq!(named(name), Ok(kind.into()), "{name}");
        }
        assert_eq!(named(""), Ok(EntryKind::Note));
        assert!(named("guess").is_err());
    }
}
