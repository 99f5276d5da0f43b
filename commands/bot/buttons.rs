//! The router of buttons. A button's id says all that is needed, so that it works after a restart and an upgrade.
//!
//! 1. The id is read ([`ButtonId`]); what is not ours, or of another version, is answered privately.
//! 2. Who clicks is asked for the capability of the action, with the table that the commands use.
//! 3. The file of the command whose step it is carries it out. The desk knows the click by its number: delivered twice, it
//!    is carried out once.

use std::sync::Arc;

use serenity::http::Http;
use serenity::model::application::{
    ComponentInteraction, ComponentInteractionData, ComponentInteractionDataKind,
};
use watchpost::button::{Action, ButtonId};

use super::framework::Mind;
use super::framework::call::Call;
use super::framework::failure::Failure;
use super::framework::permission;
use crate::{admin, check, fix, incident, log, report, review, timeline, update, watch};

/// Somebody has clicked.
pub async fn clicked(mind: &Arc<Mind>, http: &Arc<Http>, click: &ComponentInteraction) {
    let call = Call::of_click(mind, http, click);
    if let Err(failure) = carry_out(&call, &click.data).await {
        call.fail(&failure).await;
    }
}

async fn carry_out(call: &Call, data: &ComponentInteractionData) -> Result<(), Failure> {
    let ButtonId { action, incident, repair } = data.custom_id.parse().map_err(Failure::Button)?;
    if let Action::Works | Action::WorksNot = action {
        // Asked by direct message, where nobody has a role: the desk hears those who were asked, and nobody else.
        return report::answer::given(call, incident, action == Action::Works).await;
    }
    if action == Action::Unfollow {
        // Also under a direct message: everybody may stop what comes to them.
        return update::follow::leave(call, incident).await;
    }
    call.may(action.capability())?;
    match action {
        Action::Acknowledge => incident::acknowledge(call, incident).await,
        Action::Check => check::again(call, incident).await,
        Action::Tell => update::open_form(call, incident).await,
        Action::Log => log::open_form(call, incident).await,
        Action::Resolve => incident::open_resolve_form(call, incident).await,
        Action::Reopen => incident::open_reopen_form(call, incident).await,
        Action::Timeline => timeline::show(call, Some(incident)).await,
        Action::Approve => fix::approve(call, incident, repair).await,
        Action::Start => fix::start(call, incident, repair).await,
        Action::Done => fix::done(call, incident, repair).await,
        Action::Failed | Action::RefuseAction => fix::open_why_form(call, incident, action, repair).await,
        Action::RollBack => fix::roll_back(call, incident, repair).await,
        Action::Checklist => incident::checklist::show(call, incident).await,
        Action::Line => incident::checklist::line(call, incident, chosen_text(data)).await,
        Action::Look => incident::checklist::look(call, incident, repair).await,
        Action::LineOpen => incident::checklist::open_again(call, incident, repair).await,
        Action::LineFinding | Action::LineRuledOut => {
            incident::checklist::open_form(call, incident, action, repair).await
        }
        Action::Suspect => log::suspect::raise(call, incident, repair).await,
        Action::Confirm => log::suspect::confirm(call, incident, repair).await,
        Action::RuleOut => log::suspect::rule_out(call, incident, repair).await,
        Action::OtherTime => log::suspect::open_time_form(call, incident, repair).await,
        Action::Link => incident::link::ask(call, incident).await,
        Action::LinkTo => incident::link::chosen(call, incident, chosen_text(data)).await,
        Action::LinkWith => incident::link::link(call, incident, repair).await,
        Action::DuplicateOf => incident::link::duplicate(call, incident, repair).await,
        Action::ReopenEarlier => incident::link::reopen_earlier(call, incident, repair).await,
        Action::Communications => incident::role::communications(call, incident).await,
        Action::Restrict | Action::Unrestrict => incident::restrict::open_form(call, incident, action).await,
        Action::LetIn => match permission::chosen(data) {
            Some(chosen) => incident::restrict::let_in(call, incident, chosen).await,
            None => incident::restrict::ask_whom(call, incident).await,
        },
        Action::Contacts => incident::outside::contacts(call, incident).await,
        Action::Changes => incident::outside::changes(call, incident).await,
        Action::Correct => update::open_correction(call, incident).await,
        Action::ChangeAction => fix::open_change_form(call, incident, repair).await,
        Action::EtaUnknown => fix::estimate::unknown(call, incident).await,
        Action::EtaNew => fix::estimate::open_form(call, incident).await,
        Action::DeclareProposed => report::proposed::declare(call).await,
        Action::DismissProposed => report::proposed::dismiss(call).await,
        Action::More => incident::more::show(call, incident).await,
        Action::HandOver => match permission::chosen(data) {
            Some(chosen) => incident::hand_over::to(call, incident, chosen).await,
            None => incident::hand_over::ask(call, incident).await,
        },
        Action::Coming => incident::call::coming(call, incident).await,
        Action::Call => incident::call::open_form(call, incident).await,
        Action::Forget => admin::forget::confirmed(call, repair).await,
        Action::Prove => check::prove::pressed(call, incident).await,
        Action::Tick => check::prove::tick(call, incident, repair).await,
        Action::CloseAnyway => check::prove::open_close_anyway_form(call, incident).await,
        Action::TellSetback => check::prove::tell_setback(call, incident).await,
        Action::Contact => report::answer::contact(call, incident, repair).await,
        Action::TakeAlarm => watch::alarm::take(call, incident).await,
        Action::NoIncident => watch::alarm::open_dismiss_form(call, incident).await,
        Action::Maintain => watch::alarm::open_maintain_form(call, incident).await,
        Action::TakeWarning => watch::alarm::take_warning(call, incident).await,
        Action::SilenceWarning => watch::alarm::open_silence_form(call, incident).await,
        Action::ExtendWindow => watch::window::open_extend_form(call, incident).await,
        Action::EndWindow => watch::window::end(call, incident).await,
        Action::Works | Action::WorksNot | Action::Unfollow => Ok(()),
        Action::Follow => update::follow::incident(call, incident).await,
        Action::FollowLater => update::follow::later(call, incident).await,
        Action::FollowHere => update::follow::here(call, incident).await,
        Action::Telephones => update::telephones::show(call, incident).await,
        Action::Reached => update::telephones::reached(call, incident, repair).await,
        Action::Text(text) => update::texts::clicked(call, incident, text).await,
        Action::Review(step) => review::clicked(call, incident, step, repair, data).await,
        Action::Severity(_) | Action::Phase(_) => incident::more::open_form(call, incident, action).await,
    }
}

/// What was chosen in a list of texts.
fn chosen_text(data: &ComponentInteractionData) -> Option<&str> {
    match &data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.first().map(String::as_str),
        _ => None,
    }
}
