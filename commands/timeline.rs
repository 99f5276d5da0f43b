//! `/timeline [incident] [show] [format] [kind] [person] [component] [readers]`: what was recorded, short or whole, to read
//! here or to take away; buttons under it put an entry or a milestone right.

pub mod files;

use std::sync::Arc;

use poise::ChoiceParameter;
use watchpost::button::ReviewStep;
use watchpost::desk::button;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::event::Recorded;
use watchpost::outbox::{Block, File, Message, Weight};
use watchpost::picture::Picture;
use watchpost::review::line::{Kind, Line, curated, lines};
use watchpost::review::{self, Around, Readers, Story, glance};
use watchpost_texts::say;

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;
use crate::incident::{one_line, open_incidents};
use crate::review::entry;

/// Lines that are shown here; the files have all.
const SHOWN: usize = 20;

/// In which form, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum Format {
    /// Here.
    #[name = "show here"]
    Show,
    /// At a glance.
    #[name = "picture"]
    Picture,
    /// To read.
    #[name = "Markdown file"]
    Markdown,
    /// To read and to print.
    #[name = "HTML file"]
    Html,
    /// For programs.
    #[name = "JSON file"]
    Json,
    /// For tables.
    #[name = "CSV file"]
    Csv,
    /// Evidence.
    #[name = "kept files"]
    Files,
}

/// How much, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum Extent {
    /// What a meeting needs.
    #[name = "short: what matters, in the order in which it happened"]
    Short,
    /// All of it.
    #[name = "everything, in the order in which it was recorded"]
    Everything,
    /// All of it, otherwise ordered.
    #[name = "everything, in the order in which it happened"]
    Happened,
}

/// What sort of entries, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum KindChoice {
    /// Declared, taken, judged, over.
    #[name = "course: declared, taken, handed over, judged, over"]
    Course,
    /// Checks.
    #[name = "check: what was found"]
    Check,
    /// Reports.
    #[name = "report: what users told"]
    Report,
    /// Updates.
    #[name = "update: what audiences were told"]
    Update,
    /// Deliveries.
    #[name = "delivery: whether that arrived"]
    Delivery,
    /// The log.
    #[name = "log: what was written down"]
    Log,
    /// Repairs.
    #[name = "repair: what was done"]
    Repair,
    /// Calls.
    #[name = "call: who was called"]
    Call,
    /// Proofs.
    #[name = "proof: what shows that it works"]
    Proof,
    /// The review.
    #[name = "review: what was put right, and follow-ups"]
    Review,
}

/// Who reads the file, as Discord offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ChoiceParameter)]
pub enum ReadersChoice {
    /// Everything.
    #[name = "inside: everything"]
    Inside,
    /// Masked.
    #[name = "outside: no names, hosts or addresses"]
    Outside,
}

/// What of it is shown.
#[derive(Debug, Clone, Default)]
struct Wanted {
    extent: Option<Extent>,
    kind: Option<Kind>,
    person: Option<String>,
    component: Option<String>,
    readers: Readers,
}

/// Show what was recorded of an incident, or take it away as a file
#[poise::command(slash_command)]
#[allow(clippy::too_many_arguments, reason = "each is an option that Discord shows")]
pub(crate) async fn timeline(
    context: Context<'_>,
    #[description = "Which incident, such as INC-42; that of this thread where you say nothing"]
    #[autocomplete = "open_incidents"]
    incident: Option<String>,
    #[description = "How you want it"] format: Option<Format>,
    #[description = "How much is shown here; short where you say nothing"] show: Option<Extent>,
    #[description = "Only entries of this kind"] kind: Option<KindChoice>,
    #[description = "Only entries of somebody whose name has this in it"] person: Option<String>,
    #[description = "Only entries about this: tls, dns, queue, a word of the text"] component: Option<String>,
    #[description = "Who reads the file"] readers: Option<ReadersChoice>,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let named = incident.map(|text| text.parse::<IncidentId>());
    let named = named.transpose().map_err(|wrong| Failure::Unreadable(wrong.0))?;
    if format == Some(Format::Files) {
        return files::give(&call, named).await;
    }
    let told = Told::read(&call, named).await?;
    let readers = if readers == Some(ReadersChoice::Outside) { Readers::Outside } else { Readers::Inside };
    let wanted = Wanted { extent: show, kind: kind.map(Kind::from), person, component, readers };
    say(&call, &told, format.unwrap_or(Format::Show), &wanted).await;
    Ok(())
}

/// `[Timeline]`.
pub async fn show(call: &Call, named: Option<IncidentId>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let told = Told::read(call, named).await?;
    say(call, &told, Format::Show, &Wanted::default()).await;
    Ok(())
}

/// An incident with everything that a story is made of.
pub struct Told {
    /// The incident.
    pub incident: Arc<Incident>,
    /// Its events, in order.
    pub events: Vec<Recorded>,
    around: Around,
}

impl Told {
    /// Reads it.
    ///
    /// # Errors
    /// [`Failure`] where there is no such incident here.
    pub async fn read(call: &Call, named: Option<IncidentId>) -> Result<Told, Failure> {
        let incident = call.incident(named).await?;
        let desk = &call.mind.desk;
        let events = desk.timeline(call.guild()?, incident.id).await?;
        // From these events, so that the top of a file does not lag behind its lines.
        let incident = Arc::new(Incident::from_events(incident.id, &events));
        let around = desk.around(&incident).await.map_err(watchpost::refusal::Refusal::from)?;
        Ok(Told { incident, events, around })
    }

    /// As a story.
    pub fn story(&self, call: &Call, readers: Readers) -> Story<'_> {
        Story {
            incident: &self.incident,
            events: &self.events,
            zone: call.mind.zone,
            around: &self.around,
            readers,
        }
    }
}

/// What is shown here has a list under it: each entry can be looked at and corrected.
async fn say(call: &Call, told: &Told, format: Format, wanted: &Wanted) {
    if format != Format::Show {
        return call.tell(&message(call, told, format, wanted)).await;
    }
    let story = told.story(call, wanted.readers);
    let all = lines(&story);
    let last = wanted.last(&all);
    let rendered = entry::choosing(&shown(&story, wanted), told.incident.id, &last);
    call.reply.show(rendered, Visibility::Private).await;
}

fn message(call: &Call, told: &Told, format: Format, wanted: &Wanted) -> Message {
    let story = told.story(call, wanted.readers);
    let id = told.incident.id;
    let form = match format {
        Format::Show | Format::Files => return shown(&story, wanted),
        Format::Picture => {
            let picture = Picture::of(&format!("{id}-at-a-glance"), &glance::picture(&story));
            return Message { pictures: vec![picture], ..Message::text(one_line(&told.incident)) };
        }
        Format::Markdown => review::Format::Markdown,
        Format::Html => review::Format::Html,
        Format::Json => review::Format::Json,
        Format::Csv => review::Format::Csv,
    };
    let outside = if wanted.readers == Readers::Outside { "-outside" } else { "" };
    let file = File { name: format!("{id}{outside}.{form}"), content: form.write(&story) };
    let text = say!("{}\n{} entries, all of them in the file.", one_line(&told.incident), told.events.len());
    Message { files: vec![file], ..Message::text(text) }
}

fn shown(story: &Story<'_>, wanted: &Wanted) -> Message {
    let all = lines(story);
    let extent = wanted.extent.unwrap_or(Extent::Short);
    let fitting = wanted.of(&all);
    let from = fitting.len().saturating_sub(SHOWN);
    let said: Vec<String> = fitting[from..].iter().map(|line| one_entry(line)).collect();
    let text =
        if said.is_empty() { say!("Nothing of that kind was recorded.").to_owned() } else { said.join("\n") };
    let more = match extent {
        Extent::Short => say!(", {} recorded in all: show: everything", all.len()),
        Extent::Everything | Extent::Happened => String::new(),
    };
    let footer = match from {
        0 => say!("{} entries{more}; format: a file has all", fitting.len()),
        _ => say!("the last {SHOWN} of {} entries{more}; format: a file has all", fitting.len()),
    };
    let block = Block { title: one_line(story.incident), text, footer, ..Block::default() };
    let id = story.incident.id;
    let buttons = [ReviewStep::Amend, ReviewStep::Milestone, ReviewStep::Show];
    let buttons = buttons.map(|step| button(id, step, None, Weight::Secondary)).to_vec();
    Message { block: Some(block), buttons: vec![buttons], ..Message::default() }
}

/// Number, time, and what; struck and corrected entries say so.
fn one_entry(line: &Line) -> String {
    let struck = line.struck.as_ref().map(|why| say!(" (struck: {why})")).unwrap_or_default();
    format!("`{}` <t:{}:t> {}{struck}", line.number, line.occurred.seconds(), line.text)
}

impl Wanted {
    /// The lines that are wanted, in the order that is wanted.
    fn of<'l>(&self, all: &'l [Line]) -> Vec<&'l Line> {
        let mut chosen: Vec<&Line> = match self.extent.unwrap_or(Extent::Short) {
            Extent::Short => curated(all),
            Extent::Everything | Extent::Happened => all.iter().collect(),
        };
        if self.extent == Some(Extent::Happened) {
            chosen.sort_by_key(|line| (line.occurred, line.number));
        }
        chosen.retain(|line| self.fits(line));
        chosen
    }

    /// Those that are shown here.
    fn last(&self, all: &[Line]) -> Vec<Line> {
        let fitting = self.of(all);
        fitting[fitting.len().saturating_sub(SHOWN)..].iter().map(|line| (*line).clone()).collect()
    }

    fn fits(&self, line: &Line) -> bool {
        let has = |text: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| text.to_lowercase().contains(&wanted.trim().to_lowercase()))
        };
        self.kind.is_none_or(|kind| line.kind == kind)
            && has(&line.who, &self.person)
            && (has(&line.text, &self.component)
                || line.component.is_some_and(|name| has(name, &self.component)))
    }
}

impl From<KindChoice> for Kind {
    fn from(choice: KindChoice) -> Self {
        match choice {
            KindChoice::Course => Kind::Course,
            KindChoice::Check => Kind::Check,
            KindChoice::Report => Kind::Report,
            KindChoice::Update => Kind::Update,
            KindChoice::Delivery => Kind::Delivery,
            KindChoice::Log => Kind::Log,
            KindChoice::Repair => Kind::Repair,
            KindChoice::Call => Kind::Call,
            KindChoice::Proof => Kind::Proof,
            KindChoice::Review => Kind::Review,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::clock::UtcMs;
    use watchpost::ids::{PersonId, Seq};
    use watchpost::incident::event::{EntryKind, Event, NewEvent, Origin};
    use watchpost::person::{Actor, Person};

    fn event(version: u64) -> Recorded {
        let event = Event::Logged { kind: EntryKind::Note, text: format!("note {version}") };
        let name = if version.is_multiple_of(10) { "ana" } else { "ben" };
        Recorded {
            seq: Seq(version),
            version,
            recorded_at: UtcMs(0),
            new: NewEvent {
                incident: IncidentId(1),
                happened_at: UtcMs(60_000),
                actor: Actor::Person(Person { id: PersonId(version), name: name.to_owned() }),
                origin: Origin::Chat,
                event,
            },
        }
    }

    fn block(wanted: &Wanted) -> Block {
        let events: Vec<Recorded> = (1..=30).map(event).collect();
        let incident = Incident::from_events(IncidentId(1), &events);
        let around = Around::default();
        let zone = chrono_tz::Tz::UTC;
        let story =
            Story { incident: &incident, events: &events, zone, around: &around, readers: Readers::Inside };
        shown(&story, wanted).block.expect("a block")
    }

    #[test]
    fn what_is_not_shown_is_said() {
        let block = block(&Wanted::default());
        assert!(block.text.starts_with("`11` <t:60:t> ben logged a note: note 11\n"), "{}", block.text);
        assert!(block.text.ends_with("note 30"));
        assert_eq!(
            block.footer,
            "the last 20 of 30 entries, 30 recorded in all: show: everything; format: a file has all"
        );
    }

    #[test]
    fn filters_hold_together() {
        let wanted = |person: &str, component: &str, kind| Wanted {
            extent: Some(Extent::Everything),
            person: Some(person.to_owned()),
            component: Some(component.to_owned()),
            kind: Some(kind),
            ..Wanted::default()
        };
        assert_eq!(block(&wanted("ANA", "note", Kind::Log)).text.lines().count(), 3);
        assert_eq!(block(&wanted("ana", "note 20", Kind::Log)).text.lines().count(), 1);
        assert_eq!(block(&wanted("ana", "note", Kind::Check)).text, "Nothing of that kind was recorded.");
    }
}
