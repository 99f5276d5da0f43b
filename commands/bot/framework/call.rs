//! One request of a person, whatever way it came: command, button or form.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serenity::http::Http;
use serenity::model::application::{CommandInteraction, ComponentInteraction, ModalInteraction};
use serenity::model::guild::Member;
use serenity::model::id::{ChannelId, GuildId as DiscordGuild, InteractionId};
use serenity::model::user::User;
use watchpost::book::BookRequest;
use watchpost::capability::Capability;
use watchpost::clock::UtcMs;
use watchpost::desk::{Ask, Entered, Entering, Outcome, Reported, Reporting};
use watchpost::evidence::Copied;
use watchpost::ids::{GuildId, IncidentId, PersonId, PlaceId};
use watchpost::incident::Incident;
use watchpost::incident::checklist::ChecklistRequest;
use watchpost::incident::decide::Request;
use watchpost::incident::event::Origin;
use watchpost::outbox::Message;
use watchpost::person::{Actor, Asker, Person};
use watchpost::refusal::Refusal;
use watchpost::report::Report;
use watchpost::store::DedupeKey;

use super::failure::Failure;
use super::permission;
use super::reply::{Address, Heard, Reply, Stage};
use super::{Context, Mind};
use crate::bot::rendering::{Rendered, Visibility};

/// One request of a person.
pub struct Call {
    /// What it speaks to.
    pub mind: Arc<Mind>,
    /// Its answer.
    pub reply: Reply,
    guild: Option<GuildId>,
    place: PlaceId,
    asker: Result<Asker, Failure>,
    /// Who it is, also where they have no role.
    anybody: Result<Person, Failure>,
    origin: Origin,
    /// Names what is asked, so that nothing happens twice. At the shell a line is typed once.
    once: Option<DedupeKey>,
}

/// What every kind of interaction has.
struct Parts<'i> {
    id: InteractionId,
    token: &'i str,
    guild: Option<DiscordGuild>,
    place: ChannelId,
    user: &'i User,
    member: Option<&'i Member>,
}

impl Call {
    /// Begins a command: acknowledges it, before anything that takes time.
    pub async fn begin(context: Context<'_>, visibility: Visibility) -> Call {
        let call = Call::of(context);
        call.reply.acknowledge(visibility).await;
        if let Context::Application(context) = context {
            context.has_sent_initial_response.store(true, Ordering::SeqCst);
        }
        call
    }

    /// A command of which nothing was said yet, or that has only been acknowledged privately.
    pub fn of(context: Context<'_>) -> Call {
        let mind = context.data();
        let http = &context.serenity_context().http;
        match context {
            Context::Application(context) => {
                let stage = if context.has_sent_initial_response.load(Ordering::SeqCst) {
                    Stage::Acknowledged(Visibility::Private)
                } else {
                    Stage::Open
                };
                Call::new(mind, http, of_command(context.interaction), stage)
            }
            Context::Prefix(_) => unreachable!("no prefix is configured, so poise reads no messages"),
        }
    }

    /// A command that this program does not know.
    pub fn unknown(mind: &Arc<Mind>, http: &Arc<Http>, interaction: &CommandInteraction) -> Call {
        Call::new(mind, http, of_command(interaction), Stage::Open)
    }

    /// A click.
    pub fn of_click(mind: &Arc<Mind>, http: &Arc<Http>, click: &ComponentInteraction) -> Call {
        let parts = Parts {
            id: click.id,
            token: &click.token,
            guild: click.guild_id,
            place: click.channel_id,
            user: &click.user,
            member: click.member.as_ref(),
        };
        Call::new(mind, http, parts, Stage::Open)
    }

    /// A form that was filled in.
    pub fn of_form(mind: &Arc<Mind>, http: &Arc<Http>, form: &ModalInteraction) -> Call {
        let parts = Parts {
            id: form.id,
            token: &form.token,
            guild: form.guild_id,
            place: form.channel_id,
            user: &form.user,
            member: form.member.as_ref(),
        };
        Call::new(mind, http, parts, Stage::Open)
    }

    fn new(mind: &Arc<Mind>, http: &Arc<Http>, parts: Parts<'_>, stage: Stage) -> Call {
        let address = Address {
            id: parts.id,
            token: parts.token.to_owned(),
            place: parts.place,
            person: parts.user.id,
        };
        let asker = permission::asker(parts.user, parts.member);
        let guild = parts.guild.map(|guild| GuildId(guild.get()));
        if let (Some(guild), Ok(asker)) = (guild, &asker) {
            mind.holders.saw(guild, asker);
        }
        Call {
            mind: mind.clone(),
            reply: Reply::new(http.clone(), mind.desk.clock().clone(), address, stage),
            guild,
            place: PlaceId(parts.place.get()),
            asker,
            anybody: permission::anybody(parts.user, parts.member),
            origin: Origin::Chat,
            once: Some(DedupeKey(format!("interaction/{}", parts.id))),
        }
    }

    /// A line that was typed at the shell of the host. What it is answered is in `heard`.
    pub fn at_the_shell(mind: &Arc<Mind>, guild: GuildId, asker: Asker, heard: Heard) -> Call {
        Call {
            mind: mind.clone(),
            reply: Reply::at_the_shell(heard, mind.desk.clock().clone()),
            guild: Some(guild),
            // No channel has this number, so no thread is meant.
            place: PlaceId(0),
            anybody: Ok(asker.person.clone()),
            asker: Ok(asker),
            origin: Origin::Shell,
            once: None,
        }
    }

    /// Whether the person may do this here.
    ///
    /// # Errors
    /// [`Failure`] with who may instead.
    pub fn may(&self, needed: Capability) -> Result<(), Failure> {
        permission::may(&self.mind.desk.policy(), self.guild, &self.asker, needed).map(drop)
    }

    /// Whether somebody else may do this here.
    ///
    /// # Errors
    /// [`Failure`] with who may instead.
    pub fn may_also(&self, other: &Asker, needed: Capability) -> Result<(), Failure> {
        permission::may(&self.mind.desk.policy(), self.guild, &Ok(other.clone()), needed).map(drop)
    }

    /// The server where it was asked.
    ///
    /// # Errors
    /// [`Failure::NotHere`] outside a server.
    pub fn guild(&self) -> Result<GuildId, Failure> {
        self.guild.ok_or(Failure::NotHere)
    }

    /// Now.
    pub fn now(&self) -> UtcMs {
        self.mind.desk.clock().now()
    }

    /// The incident that is meant: the named one, that of the thread, or the only open one.
    ///
    /// # Errors
    /// [`Refusal`] where none or several could be meant.
    pub async fn incident(&self, named: Option<IncidentId>) -> Result<Arc<Incident>, Failure> {
        let actor = self.actor()?;
        Ok(self.mind.desk.find_for(&actor, self.guild()?, named, Some(self.place)).await?)
    }

    /// Who acts.
    ///
    /// # Errors
    /// [`Failure`] where it is no person.
    pub fn actor(&self) -> Result<Actor, Failure> {
        self.person().map(Actor::Person)
    }

    /// Takes a report in. The same interaction delivered again has no second effect.
    ///
    /// # Errors
    /// [`Failure`] with the desk's refusal; nothing was recorded then.
    pub async fn report(&self, report: Report) -> Result<Reported, Failure> {
        let once = self.once.clone();
        Ok(self.mind.desk.report(Reporting { guild: self.guild()?, report, once }).await?)
    }

    /// Enters something into the book.
    ///
    /// # Errors
    /// [`Failure`] with the desk's refusal; nothing was recorded then.
    pub async fn enter(&self, request: BookRequest) -> Result<Entered, Failure> {
        let once = self.once.clone();
        let entering = Entering { actor: self.actor()?, origin: Origin::Chat, once, request };
        Ok(self.mind.desk.enter(entering).await?)
    }

    /// Asks the desk. The same interaction delivered again has no second effect.
    ///
    /// # Errors
    /// [`Failure`] with the desk's refusal; nothing was recorded then.
    pub async fn ask(&self, incident: Option<IncidentId>, request: Request) -> Result<Outcome, Failure> {
        let asker = self.asker.as_ref().map_err(Clone::clone)?;
        let ask = Ask {
            guild: self.guild()?,
            actor: Actor::Person(asker.person.clone()),
            origin: self.origin,
            once: self.once.clone(),
            incident,
            request,
        };
        Ok(self.mind.desk.ask(ask).await?)
    }

    /// Has the desk forget somebody. The same interaction delivered again has no second effect.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub async fn forget(&self, person: PersonId) -> Result<(), Failure> {
        let by = Actor::Person(self.person()?);
        Ok(self.mind.desk.forget(person, by, self.once.clone()).await?)
    }

    /// Asks the desk for one of several things that one interaction wants, each under its own name.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub async fn ask_part(
        &self,
        incident: IncidentId,
        part: &str,
        request: Request,
    ) -> Result<Outcome, Failure> {
        let asker = self.asker.as_ref().map_err(Clone::clone)?;
        let ask = Ask {
            guild: self.guild()?,
            actor: Actor::Person(asker.person.clone()),
            origin: self.origin,
            once: self.once.as_ref().map(|key| DedupeKey(format!("{}/{part}", key.0))),
            incident: Some(incident),
            request,
        };
        Ok(self.mind.desk.ask(ask).await?)
    }

    /// Keeps a file that came with this interaction, the `number`th of them.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub async fn keep_file(
        &self,
        incident: IncidentId,
        number: usize,
        line: Option<String>,
        copied: &Copied,
    ) -> Result<Outcome, Failure> {
        let ask = Ask {
            guild: self.guild()?,
            actor: self.actor()?,
            origin: self.origin,
            once: self.once.as_ref().map(|key| DedupeKey(format!("{}/file/{number}", key.0))),
            incident: Some(incident),
            // What is asked for is made of the file.
            request: Request::Checklist(ChecklistRequest::Keep { line: None, evidence: copied.evidence() }),
        };
        Ok(self.mind.desk.keep_file(ask, line, copied).await?)
    }

    /// Asks the desk for what follows from an earlier request of the same interaction.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub async fn ask_again(
        &self,
        incident: Option<IncidentId>,
        request: Request,
    ) -> Result<Outcome, Failure> {
        let (guild, actor) = (self.guild()?, Actor::Watchpost);
        let ask = Ask { guild, actor, origin: Origin::Check, once: None, incident, request };
        Ok(self.mind.desk.ask(ask).await?)
    }

    /// Asks the desk about an incident of any server, also from a direct message, where nobody has a role: only for
    /// requests that the desk itself ties to the person.
    ///
    /// # Errors
    /// [`Failure`] where there is no such incident, or with the desk's refusal.
    pub async fn ask_from_anywhere(&self, id: IncidentId, request: Request) -> Result<Outcome, Failure> {
        let person = self.anybody.as_ref().map_err(Clone::clone)?;
        let guilds: Vec<GuildId> = self.mind.desk.policy().guilds.keys().copied().collect();
        for guild in guilds {
            if self.guild.is_some_and(|here| here != guild) {
                continue;
            }
            if self.mind.desk.find(guild, Some(id), None).await.is_ok() {
                let ask = Ask {
                    guild,
                    actor: Actor::Person(person.clone()),
                    origin: self.origin,
                    once: self.once.clone(),
                    incident: Some(id),
                    request,
                };
                return Ok(self.mind.desk.ask(ask).await?);
            }
        }
        Err(Refusal::NoSuchIncident(id).into())
    }

    /// Asks the desk for a second thing that the same person wants by the same interaction.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub async fn ask_again_as_asker(
        &self,
        incident: Option<IncidentId>,
        request: Request,
    ) -> Result<Outcome, Failure> {
        let (guild, actor) = (self.guild()?, self.actor()?);
        let once = self.once.as_ref().map(|key| DedupeKey(format!("{}/second", key.0)));
        let ask = Ask { guild, actor, origin: Origin::Chat, once, incident, request };
        Ok(self.mind.desk.ask(ask).await?)
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Failure`] where it is no person.
    pub fn person(&self) -> Result<Person, Failure> {
        self.asker.as_ref().map(|asker| asker.person.clone()).map_err(Clone::clone)
    }

    /// Who asks, also in a direct message.
    ///
    /// # Errors
    /// [`Failure`] where it is no person.
    pub fn anybody(&self) -> Result<Person, Failure> {
        self.anybody.clone()
    }

    /// The channel or thread in which it is asked.
    pub fn place(&self) -> PlaceId {
        self.place
    }

    /// Shows an answer to the person alone.
    pub async fn tell(&self, message: &Message) {
        self.reply.show(Rendered::of(message), Visibility::Private).await;
    }

    /// A denial also says who has the role, so that one knows whom to ask.
    fn saying_who_may(&self, failure: Failure) -> Failure {
        match (failure, self.guild) {
            (Failure::Denied(mut denied), Some(guild)) => {
                (denied.holders, denied.more) = self.mind.holders.of(guild, &denied.roles);
                Failure::Denied(denied)
            }
            (other, _) => other,
        }
    }

    /// Says privately why it was not carried out.
    pub async fn fail(&self, failure: &Failure) {
        // The same interaction was delivered again, and its first delivery has done it and says so.
        if let Failure::Refusal(refusal) = failure
            && refusal.is_repetition()
        {
            return;
        }
        if let Failure::Refusal(refusal @ Refusal::NotStored(_)) = failure {
            tracing::error!(%refusal, "not stored");
        }
        let failure = self.saying_who_may(failure.clone());
        self.reply.show(failure.rendered(), Visibility::Private).await;
    }
}

fn of_command(interaction: &CommandInteraction) -> Parts<'_> {
    Parts {
        id: interaction.id,
        token: &interaction.token,
        guild: interaction.guild_id,
        place: interaction.channel_id,
        user: &interaction.user,
        member: interaction.member.as_deref(),
    }
}
