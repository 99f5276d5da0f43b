//! `[Tell me]`, `[Later ones too]`, `[Tell this channel]` and `[No more of this]`: who hears of it by direct message, or
//! in a further channel. What is followed is what the audience of the channel is told in which the button stands.

use watchpost::book::BookRequest;
use watchpost::book::subscription::{Reader, Scope, SubscriptionRequest, Topic, audience_here, button};
use watchpost::button::Action;
use watchpost::desk::Entering;
use watchpost::ids::IncidentId;
use watchpost::incident::event::Origin;
use watchpost::outbox::Message;
use watchpost::person::Actor;
use watchpost_texts::say;

use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::Visibility;

/// `[Tell me]`.
pub async fn incident(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let reader = Reader::Person(call.person()?);
    let audience = follow(call, id, reader, Follows::This).await?;
    let text = say!(
        "You will get by direct message what {audience} are told of {id}, for as long as it is open. For that, your settings must \
         let Watchpost write to you."
    );
    let offered = [Action::FollowLater, Action::FollowHere, Action::Unfollow];
    let offered = offered.into_iter().filter(|action| call.may(action.capability()).is_ok());
    let buttons = vec![offered.map(|action| button(action, id)).collect()];
    call.tell(&Message { buttons, ..Message::text(text) }).await;
    Ok(())
}

/// `[Later ones too]`.
pub async fn later(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let reader = Reader::Person(call.person()?);
    let audience = follow(call, id, reader, Follows::Later).await?;
    let text = say!("You will also hear of later disturbances of the same service, as {audience} do.");
    call.tell(&Message { buttons: vec![vec![button(Action::Unfollow, id)]], ..Message::text(text) }).await;
    Ok(())
}

/// `[Tell this channel]`: in which a responder shows the incident.
pub async fn here(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let audience = follow(call, id, Reader::Channel(call.place()), Follows::Here).await?;
    let text = say!("This channel will be told of {id} what {audience} are told.");
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// `[No more of this]`: under a direct message, or in a channel that follows.
pub async fn leave(call: &Call, id: IncidentId) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let mut text = say!("You will hear no more of {id} by direct message, nor of later ones.");
    enter(call, SubscriptionRequest::Leave(Reader::Person(call.anybody()?), id)).await?;
    // In a server a channel may follow; there a responder ends that too. In a direct message nobody has a role.
    if call.may(Action::FollowHere.capability()).is_ok() {
        enter(call, SubscriptionRequest::Leave(Reader::Channel(call.place()), id)).await?;
        text.push_str(say!(" Nor will this channel."));
    }
    call.tell(&Message::text(text)).await;
    Ok(())
}

/// What is followed, and by whom.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Follows {
    This,
    Later,
    Here,
}

async fn follow(call: &Call, id: IncidentId, reader: Reader, follows: Follows) -> Result<String, Failure> {
    let incident = call.incident(Some(id)).await?;
    let policy = call.mind.desk.policy();
    // Who reads along in a channel is not known: that gets the words for users.
    let place = Some(call.place()).filter(|_| follows != Follows::Here);
    let audience = audience_here(&policy, place).ok_or(Failure::NotHere)?;
    let of = match follows {
        Follows::This | Follows::Here => Scope::Incident(id),
        Follows::Later => Scope::Service(incident.service.clone()),
    };
    let said = audience.to_string();
    enter(call, SubscriptionRequest::Follow(reader, Topic { guild: incident.guild, audience, of })).await?;
    Ok(said)
}

async fn enter(call: &Call, request: SubscriptionRequest) -> Result<(), Failure> {
    let entering = Entering {
        actor: Actor::Person(call.anybody()?),
        origin: Origin::Chat,
        once: None,
        request: BookRequest::Subscription(request),
    };
    call.mind.desk.enter(entering).await?;
    Ok(())
}
