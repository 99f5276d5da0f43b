//! `[Restrict]`, `[Let in]`, `[Open to all]`: a matter for few people.

use watchpost::button::{Action, ButtonId};
use watchpost::capability::Capability;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::restrict::RestrictRequest;
use watchpost::outbox::Message;
use watchpost::person::Asker;
use watchpost_texts::say;

use super::{in_memory, why};
use crate::bot::forms::{self, Filled};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Rendered, Visibility};

/// `[Restrict]` and `[Open to all]` ask why.
pub async fn open_form(call: &Call, id: IncidentId, action: Action) -> Result<(), Failure> {
    in_memory(call, id)?;
    let why = match action {
        Action::Restrict => why(
            say!("Why may not everybody see it?"),
            say!("An account was taken over; its owner is named here"),
        ),
        _ => why(say!("Why may everybody see it now?"), say!("No person is named in it")),
    };
    call.reply.form(forms::form(action, id, &format!("{id}: {}", action.label()), vec![why])).await;
    Ok(())
}

/// The form of `[Restrict]` was sent.
pub async fn restrict(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let said = say!(
        "Only you, who leads it and who declared it see it now; stakeholders hear nothing of it. More…, Let in \
                adds people."
    );
    carry_out(call, id, RestrictRequest::Restrict { why: filled.text("why") }, said).await
}

/// The form of `[Open to all]` was sent.
pub async fn open(call: &Call, id: IncidentId, filled: Filled<'_>) -> Result<(), Failure> {
    let said = say!("Everybody who may read incidents sees it again.");
    carry_out(call, id, RestrictRequest::Open { why: filled.text("why") }, said).await
}

/// `[Let in]`: asks whom.
pub async fn ask_whom(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    let list = ButtonId::new(Action::LetIn, id).to_string();
    let asked = Rendered::of(&Message::text(say!("Who else may see {id} and work on it?")));
    call.reply.show(asked.choosing_a_person(list, say!("Who else may see it")), Visibility::Private).await;
    Ok(())
}

/// Somebody was chosen.
pub async fn let_in(call: &Call, id: IncidentId, chosen: Result<Asker, Failure>) -> Result<(), Failure> {
    let chosen = chosen?;
    call.may_also(&chosen, Capability::Read)?;
    let said = say!("{} sees it now.", chosen.person.name);
    carry_out(call, id, RestrictRequest::LetIn { who: chosen.person }, &said).await
}

async fn carry_out(call: &Call, id: IncidentId, request: RestrictRequest, said: &str) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    call.ask(Some(id), Request::Restrict(request)).await?;
    call.tell(&Message::text(said)).await;
    Ok(())
}
