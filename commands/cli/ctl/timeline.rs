//! `watchpost ctl timeline`, as `/timeline`: here, or as a file.

use clap::Args;
use serde::{Deserialize, Serialize};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;
use watchpost::outbox::Message;
use watchpost::review::{Format, Readers};
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::incident::{last_lines, one_line};
use crate::timeline::Told;

/// What can be said after it.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(super) struct Timeline {
    /// As a file: md, html, json or csv.
    #[arg(long, value_name = "FORM")]
    file: Option<String>,
    /// How many entries are shown, the newest.
    #[arg(long, default_value_t = 40)]
    last: usize,
}

pub(super) async fn run(call: &Call, named: Option<IncidentId>, asked: Timeline) -> Result<(), Failure> {
    call.may(Capability::Read)?;
    let told = Told::read(call, named).await?;
    let (incident, events) = (&told.incident, &told.events);
    let mut message = Message::text(format!("{}\n{}", one_line(incident), last_lines(events, asked.last)));
    if let Some(form) = asked.file {
        let form: Format = form.parse().map_err(|_| Failure::Unreadable(form))?;
        let content = form.write(&told.story(call, Readers::Inside));
        message = Message::text(say!("{}\n{} entries.", one_line(incident), events.len()));
        message.files.push(watchpost::outbox::File { name: format!("{}.{form}", incident.id), content });
    }
    call.tell(&message).await;
    Ok(())
}
