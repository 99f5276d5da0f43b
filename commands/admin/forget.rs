//! `/admin forget person`: destroys the key under which everything personal of somebody is sealed.
//!
//! 1. It is said what that means, with one button: nothing has happened yet.
//! 2. [Forget for good], by somebody who may: the desk enters the order, destroys the key, and enters that it was done.
//! 3. A new copy of everything is made at once, so that the newest does not hold the key.

use serenity::model::user::User;
use watchpost::button::{Action, ButtonId, NotAButton};
use watchpost::ids::{IncidentId, PersonId};
use watchpost::outbox::{Button, Message, Weight};
use watchpost_texts::say;

use crate::bot::framework::Context;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, plain};

/// Destroy what was stored under a person's name, for good
#[poise::command(slash_command)]
pub(crate) async fn forget(
    context: Context<'_>,
    #[description = "Who is to be forgotten"] person: User,
) -> Result<(), Failure> {
    let call = Call::begin(context, Visibility::Private).await;
    let name = plain::line(person.global_name.as_ref().unwrap_or(&person.name));
    call.tell(&asked(&name, PersonId(person.id.get()))).await;
    Ok(())
}

fn asked(name: &str, person: PersonId) -> Message {
    let id = ButtonId { action: Action::Forget, incident: IncidentId(0), repair: Some(person.0) };
    let button =
        Button { label: Action::Forget.label().to_owned(), action: id.to_string(), weight: Weight::Danger };
    Message {
        buttons: vec![vec![button]],
        ..Message::text(say!(
            "Forget {name}? Their name, and what they reported, is then gone from every timeline, export and review, and \
             from the next copy on also from the copies: it reads “(forgotten)”. What happened, and when, stays. This cannot \
             be undone. What already stands in Discord's own messages is not changed by it: delete it there."
        ))
    }
}

/// `[Forget for good]`.
pub async fn confirmed(call: &Call, person: Option<u64>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let person = person.map(PersonId).ok_or(Failure::Button(NotAButton::Unknown))?;
    call.forget(person).await?;
    let copies = match call.mind.keeper.copy_now().await {
        Ok(Some(_)) => match older_copies(call).await {
            Some(keep) => say!(
                "A new copy was made without them. Older copies still hold their key until they have been thinned out (the \
                 last {keep} are kept); delete those by hand if that is too long."
            ),
            None => say!("A new copy was made without them.").to_owned(),
        },
        Ok(None) => {
            say!("Copies that you made yourself still hold their key: make new ones, and delete those.")
                .to_owned()
        }
        Err(error) => say!(
            "A new copy could not be made ({}), so the copies that are there still hold their key. It is tried again; \
             /admin store shows when.",
            error.reason()
        ),
    };
    let text = say!(
        "Forgotten. What was stored under their name cannot be read by anybody any more; open cards are drawn anew. That you \
         ordered it stands in the book, without their name. {copies}"
    );
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// How many copies are kept, where more than the new one is.
async fn older_copies(call: &Call) -> Option<usize> {
    let copies = call.mind.keeper.look().await.copies?;
    (copies.keep > 1).then_some(copies.keep)
}
