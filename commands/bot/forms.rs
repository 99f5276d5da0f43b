//! Forms: how they are built, and the router of what was filled in.
//!
//! A form's id is that of the button that opens it. What was filled in is authorised again: roles may be gone, and a form
//! can stay open for hours.

use std::sync::Arc;

use serenity::builder::{CreateActionRow, CreateInputText, CreateModal};
use serenity::http::Http;
use serenity::model::application::{
    ActionRowComponent, InputTextStyle, ModalInteraction, ModalInteractionData,
};
use watchpost::button::{Action, ButtonId, NotAButton};
use watchpost::ids::IncidentId;

use super::framework::Mind;
use super::framework::call::Call;
use super::framework::failure::Failure;
use super::rendering::limits::{self, cut};
use super::rendering::plain;
use crate::{check, fix, incident, log, review, update, watch};

/// One input of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// By what name it is read.
    pub name: &'static str,
    /// What stands over it.
    pub label: &'static str,
    /// What stands in it while it is empty.
    pub hint: &'static str,
    /// What stands in it already.
    pub filled: String,
    /// How much room it has.
    pub room: Room,
    /// Whether it may stay empty.
    pub need: Need,
}

/// How much room an input has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// One line.
    Line,
    /// Several lines.
    Lines,
}

/// Whether an input may stay empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It may.
    Optional,
    /// It may not.
    Required,
}

/// A form for a step of an incident.
pub fn form(action: Action, incident: IncidentId, title: &str, inputs: Vec<Input>) -> CreateModal {
    form_of(ButtonId::new(action, incident), title, inputs)
}

/// A form for whatever the id names.
pub fn form_of(id: ButtonId, title: &str, inputs: Vec<Input>) -> CreateModal {
    let id = id.to_string();
    let rows = inputs.into_iter().map(|field| CreateActionRow::InputText(input(field))).collect();
    CreateModal::new(id, cut(&plain::line(title), limits::FORM_TITLE)).components(rows)
}

fn input(field: Input) -> CreateInputText {
    let style = match field.room {
        Room::Line => InputTextStyle::Short,
        Room::Lines => InputTextStyle::Paragraph,
    };
    let input = CreateInputText::new(style, cut(field.label, limits::INPUT_LABEL), field.name)
        .required(field.need == Need::Required)
        .placeholder(cut(field.hint, limits::INPUT_HINT));
    match plain::clean(&field.filled) {
        empty if empty.is_empty() => input,
        filled => input.value(cut(&filled, limits::INPUT)),
    }
}

/// What was filled in.
#[derive(Debug, Clone, Copy)]
pub struct Filled<'f>(&'f ModalInteractionData);

impl Filled<'_> {
    /// The text of an input, without space around it; empty where nothing was typed.
    pub fn text(&self, name: &str) -> String {
        let inputs = self.0.components.iter().flat_map(|row| &row.components);
        inputs
            .filter_map(|component| match component {
                ActionRowComponent::InputText(input) if input.custom_id == name => input.value.as_deref(),
                _ => None,
            })
            .next()
            .map_or_else(String::new, |text| text.trim().to_owned())
    }
}

/// A form was sent.
pub async fn sent(mind: &Arc<Mind>, http: &Arc<Http>, form: &ModalInteraction) {
    let call = Call::of_form(mind, http, form);
    if let Err(failure) = carry_out(&call, &form.data).await {
        call.fail(&failure).await;
    }
}

async fn carry_out(call: &Call, data: &ModalInteractionData) -> Result<(), Failure> {
    let ButtonId { action, incident, repair } = data.custom_id.parse().map_err(Failure::Button)?;
    call.may(action.capability())?;
    let filled = Filled(data);
    match action {
        Action::Tell => update::tell(call, incident, filled).await,
        Action::Log => log::log_form(call, incident, filled).await,
        Action::Resolve => incident::resolve(call, incident, filled).await,
        Action::Reopen => incident::reopen(call, incident, filled).await,
        Action::Start | Action::Failed | Action::RefuseAction => {
            fix::why_given(call, incident, action, repair, filled).await
        }
        Action::Call => incident::call::next(call, incident, filled).await,
        Action::LineFinding => incident::checklist::found(call, incident, repair, filled).await,
        Action::LineRuledOut => incident::checklist::ruled_out(call, incident, repair, filled).await,
        Action::Restrict => incident::restrict::restrict(call, incident, filled).await,
        Action::Unrestrict => incident::restrict::open(call, incident, filled).await,
        Action::Correct => update::correct(call, incident, filled).await,
        Action::ChangeAction => fix::change(call, incident, repair, filled).await,
        Action::EtaNew => fix::estimate::new(call, incident, filled).await,
        Action::OtherTime => log::suspect::other_time(call, incident, repair, filled).await,
        Action::NoIncident => watch::alarm::dismiss(call, incident, filled).await,
        Action::Maintain => watch::alarm::maintain(call, incident, filled).await,
        Action::SilenceWarning => watch::alarm::silence_warning(call, incident, filled).await,
        Action::ExtendWindow => watch::window::extend(call, incident, filled).await,
        Action::Severity(to) => incident::more::judge(call, incident, to, filled).await,
        Action::Phase(to) => incident::more::step(call, incident, to, filled).await,
        Action::Review(step) => review::filled(call, incident, step, repair, filled).await,
        Action::CloseAnyway => check::prove::close_anyway(call, incident, filled).await,
        Action::Text(text) => update::texts::filled(call, incident, text, filled).await,
        Action::Prove
        | Action::Tick
        | Action::TellSetback
        | Action::Follow
        | Action::FollowLater
        | Action::FollowHere
        | Action::Telephones
        | Action::Reached
        | Action::Unfollow
        | Action::Works
        | Action::WorksNot
        | Action::Contact
        | Action::Acknowledge
        | Action::Check
        | Action::Timeline
        | Action::Approve
        | Action::Done
        | Action::RollBack
        | Action::Checklist
        | Action::Line
        | Action::Look
        | Action::LineOpen
        | Action::Link
        | Action::LinkTo
        | Action::LinkWith
        | Action::DuplicateOf
        | Action::ReopenEarlier
        | Action::Communications
        | Action::LetIn
        | Action::Contacts
        | Action::Changes
        | Action::EtaUnknown
        | Action::DeclareProposed
        | Action::DismissProposed
        | Action::Suspect
        | Action::Confirm
        | Action::RuleOut
        | Action::More
        | Action::HandOver
        | Action::TakeAlarm
        | Action::TakeWarning
        | Action::EndWindow
        | Action::Coming
        | Action::Forget => Err(Failure::Button(NotAButton::Unknown)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_keeps_the_limits_and_shows_what_is_known() {
        let why = Input {
            name: "why",
            label: "What was done, and how do you know that mail works?",
            hint: "Renewed the certificate; sent and received a mail from outside",
            filled: "Renewed\u{202e} it".to_owned(),
            room: Room::Lines,
            need: Need::Required,
        };
        let title = format!("Close INC-1: {}", "long ".repeat(40));
        let form =
            serde_json::to_value(form(Action::Resolve, IncidentId(1), &title, vec![why])).expect("JSON");
        assert_eq!(form["custom_id"], "wp1:resolve:1");
        assert!(form["title"].as_str().expect("a title").chars().count() <= 45);
        let input = &form["components"][0]["components"][0];
        assert!(input["label"].as_str().expect("a label").chars().count() <= 45);
        assert_eq!(input["value"], "Renewed it");
    }

    #[test]
    fn what_was_filled_in_is_read_by_name() {
        let row = |name: &str, value: &str| json!({"type": 1, "components": [{"type": 4, "custom_id": name, "value": value}]});
        let data: ModalInteractionData = serde_json::from_value(json!({
            "custom_id": "wp1:tell:1", "components": [row("impact", " phones "), row("eta", "")]
        }))
        .expect("a form");
        let filled = Filled(&data);
        assert_eq!([filled.text("impact"), filled.text("eta"), filled.text("other")], ["phones", "", ""]);
    }
}
