//! What decisions need to know of the configuration, and nothing more: so that they stay pure and quick to test.

mod reach;
mod review;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::book::subscription::Subscriptions;
use crate::capability::RoleTable;
use crate::clock::UtcMs;
use crate::config::{self, Approval, Config, FirstText, Hidden, Home, Hours, Needs, Route, Texts, Tone};
use crate::ids::{
    AudienceName, DestinationName, GuildId, PersonId, PlaceId, ResponderName, RoleId, ServiceName,
};
use crate::incident::{self, Capabilities, Severity, Verdict};
use crate::outbox::Place;
use crate::person::Person;
use crate::proof;
use crate::sop::Procedure;
use crate::update::Languages;
use crate::update::language::SHIPPED;
pub use reach::ReachPolicy;
pub use review::ReviewPolicy;

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// The servers of the chat that Watchpost works for.
    pub guilds: BTreeMap<GuildId, GuildPolicy>,
    /// The services that are watched.
    pub services: Vec<ServiceName>,
    /// Who is told.
    pub audiences: Vec<Audience>,
    /// How often, by severity.
    pub cadences: BTreeMap<Severity, Cadence>,
    /// The smallest distance between two texts to the same audience; corrections excepted.
    pub distance: Duration,
    /// The procedure that is followed.
    pub procedure: Arc<Procedure>,
    /// Who outside can help.
    pub contacts: Vec<config::Contact>,
    /// The organisation's time zone.
    pub zone: Tz,
    /// The server in which alarms are posted and incidents declared by themselves: the first of the file.
    pub alarm_guild: Option<GuildId>,
    /// An alarm becomes an incident without waiting for a person.
    pub declares: bool,
    /// How often the dead-man's switch is called.
    pub heartbeat: Option<Duration>,
    /// Who is woken, in this order.
    pub responders: Vec<Responder>,
    /// How they are called.
    pub call: Calling,
    /// Where those who work on it are told that the chat itself cannot be reached: routes that need no chat.
    pub elsewhere: Vec<DestinationName>,
    /// Who is who on the host, for `watchpost ctl`.
    pub at_the_host: Vec<AtTheHost>,
    /// Who wants to be told by direct message or in a further channel. Of the book: the desk keeps it here.
    pub subscriptions: Arc<Subscriptions>,
    /// Channels whose posts are published to those who follow them.
    pub announcements: BTreeSet<PlaceId>,
    /// What closing an incident needs.
    pub proof: proof::Rules,
    /// What people can use meanwhile, the likeliest first.
    pub alternatives: Vec<Alternative>,
    /// How many people have mail at each service.
    pub people: BTreeMap<ServiceName, People>,
    /// Names of hosts that outsiders never read.
    pub hosts: Vec<String>,
    /// Reminders, first texts.
    pub timing: Timing,
    /// The texts of updates.
    pub languages: Languages,
    /// What holds for reviews.
    pub review: ReviewPolicy,
    /// What is done for those whom an update cannot be brought to.
    pub reach: ReachPolicy,
}

/// Somebody who is woken.
#[derive(Debug, Clone, PartialEq)]
pub struct Responder {
    /// Who.
    pub person: Person,
    /// When they may be woken.
    pub duty: Vec<Hours>,
    /// How, one after the other.
    pub routes: Vec<RingRoute>,
}

/// One way to wake somebody, under its name in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingRoute {
    /// `mention`, `dm`, or the name of a destination.
    pub name: String,
    /// Where it leads.
    pub way: Way,
}

/// Where a ring goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A mention in the operations channel.
    Mention,
    /// A direct message.
    Direct,
    /// A destination.
    Place {
        /// Where.
        place: Place,
        /// It keeps an alarm of its own, and must be told that somebody answered.
        keeps_alarm: bool,
    },
}

/// How responders are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calling {
    /// From one ring to the next.
    pub wait: Duration,
    /// How often all are rung.
    pub rounds: u32,
    /// The least bad severity that calls by itself.
    pub severity: Severity,
}

impl Default for Calling {
    fn default() -> Self {
        Calling { wait: Duration::from_secs(120), rounds: 3, severity: Severity::Sev2 }
    }
}

/// Somebody who answers for the service, as the host knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtTheHost {
    /// Their name in the configuration.
    pub name: ResponderName,
    /// Who they are in the chat.
    pub person: PersonId,
    /// Their user number.
    pub uid: Option<u32>,
}

/// Something that people can use while mail is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What, as updates say it.
    pub text: String,
    /// The day on which its owner said that it works.
    pub confirmed: NaiveDate,
    /// What must work for it.
    pub needs: Vec<Needs>,
    /// Who is told of it; nobody named: everybody.
    pub audiences: Vec<AudienceName>,
}

impl Alternative {
    /// How long the word of its owner holds.
    const HOLDS: chrono::Days = chrono::Days::new(183);

    /// Whether this audience may be told of it now.
    pub fn holds(&self, audience: &Audience, measured: &Capabilities, now: UtcMs) -> bool {
        let green = |needs: &Needs| incident::reach::measured(*needs, measured) == Verdict::Ok;
        let fresh =
            self.confirmed.checked_add_days(Self::HOLDS).is_none_or(|end| now.to_utc().date_naive() <= end);
        let meant = self.audiences.is_empty() || self.audiences.contains(&audience.name);
        meant && fresh && self.needs.iter().all(green)
    }
}

/// How many people have mail somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// How many, where that is configured.
    pub count: Option<u32>,
    /// What they are called.
    pub label: String,
}

/// Reminders, first texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long before a text is due its draft is shown.
    pub reminder: Duration,
    /// Who sends the first text.
    pub first_text: FirstText,
}

impl Default for Timing {
    fn default() -> Self {
        Timing { reminder: Duration::from_secs(300), first_text: FirstText::Automatic }
    }
}

/// One server of the chat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GuildPolicy {
    /// Where alarms and changes of state are posted.
    pub operations: PlaceId,
    /// Where incidents get their home.
    pub incidents: PlaceId,
    /// What that home is.
    pub home: Home,
    /// The role that is pinged when an incident is declared.
    pub ping: Option<RoleId>,
    /// Who may do what.
    pub roles: RoleTable,
}

/// A group of people who are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Audience {
    /// Its name.
    pub name: AudienceName,
    /// Whose words it reads.
    pub texts: Texts,
    /// In which language.
    pub language: String,
    /// How they sound.
    pub tone: Tone,
    /// What they leave out.
    pub hides: Vec<Hidden>,
    /// When posts are silent.
    pub quiet_hours: Vec<Hours>,
    /// Whether a second person looks at what was typed.
    pub approval: Approval,
    /// Where it reads.
    pub destinations: Vec<Target>,
}

impl Audience {
    /// One that reads these words, with everything else as it is without a word in the configuration.
    pub fn new(name: AudienceName, texts: Texts, destinations: Vec<Target>) -> Self {
        Audience {
            name,
            texts,
            destinations,
            language: SHIPPED.to_owned(),
            tone: Tone::Plain,
            hides: Vec::new(),
            quiet_hours: Vec::new(),
            approval: Approval::None,
        }
    }
}

/// One destination of an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: DestinationName,
    /// Where it is.
    pub place: Place,
}

/// How often an audience is told at one severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    /// From the declaration to the first word.
    pub first: Duration,
    /// From one word to the next, by audience. An audience that is missing hears only of changes.
    pub each: BTreeMap<AudienceName, Duration>,
}

impl Policy {
    /// The roles of a server; an unknown server grants nothing.
    pub fn roles(&self, guild: GuildId) -> RoleTable {
        self.guilds.get(&guild).map(|guild| guild.roles.clone()).unwrap_or_default()
    }

    /// The channel in which alarms are posted.
    pub fn alarms(&self) -> Option<PlaceId> {
        self.guilds.get(&self.alarm_guild?).map(|guild| guild.operations)
    }

    /// The role that an alarm calls.
    pub fn alarm_role(&self) -> Option<RoleId> {
        self.guilds.get(&self.alarm_guild?)?.ping
    }

    /// The audience of this name.
    pub fn audience(&self, name: &AudienceName) -> Option<&Audience> {
        self.audiences.iter().find(|audience| audience.name == *name)
    }

    /// From one word to the next for this audience; none where it hears only of changes.
    pub fn interval(&self, severity: Severity, audience: &AudienceName) -> Option<Duration> {
        self.cadences.get(&severity)?.each.get(audience).copied()
    }

    /// From the declaration to the first word; none where this audience hears only of changes. What goes outside the
    /// house by itself goes after one interval: a person may send it earlier, and quiet destinations come first.
    pub fn first(&self, severity: Severity, audience: &AudienceName) -> Option<Duration> {
        let cadence = self.cadences.get(&severity)?;
        let each = *cadence.each.get(audience)?;
        let outside = self.audience(audience).is_some_and(|audience| audience.texts == Texts::Partners);
        Some(if outside { each.max(cadence.first) } else { cadence.first })
    }
}

impl Policy {
    /// What the configuration says.
    pub fn of(config: &Config) -> Self {
        Policy {
            guilds: config.guilds.iter().map(|guild| (guild.id, guild_policy(guild, config))).collect(),
            services: config.services.iter().map(|watched| watched.name.clone()).collect(),
            audiences: config.audiences.iter().map(|audience| audience_policy(audience, config)).collect(),
            cadences: Severity::ALL
                .into_iter()
                .zip(1..)
                .map(|(severity, number)| (severity, cadence(config, number)))
                .collect(),
            distance: config.update.minimum_distance.length(),
            review: ReviewPolicy::of(config),
            reach: ReachPolicy::of(config),
            zone: config.organisation.time_zone,
            alarm_guild: config.guilds.first().map(|guild| guild.id),
            declares: config.monitor.declare == config::Declare::Declare,
            heartbeat: config.heartbeat.as_ref().map(|heartbeat| heartbeat.every.length()),
            responders: config.responders.iter().map(|one| responder_policy(one, config)).collect(),
            call: calling(&config.call),
            procedure: config.procedure.clone(),
            elsewhere: elsewhere(config),
            at_the_host: config.responders.iter().map(at_the_host).collect(),
            subscriptions: Arc::default(),
            announcements: announcements(config),
            proof: proof::Rules::of(config),
            contacts: config.contacts.clone(),
            alternatives: config.alternatives.iter().map(alternative).collect(),
            people: config.services.iter().map(|watched| (watched.name.clone(), people(watched))).collect(),
            hosts: review::hosts(config),
            timing: Timing {
                reminder: config.update.reminder.length(),
                first_text: config.update.first_text,
            },
            languages: config.languages.clone(),
        }
    }
}

fn alternative(configured: &config::Alternative) -> Alternative {
    Alternative {
        text: configured.text.clone(),
        confirmed: configured.confirmed,
        needs: configured.needs.clone(),
        audiences: configured.audiences.clone(),
    }
}

fn people(watched: &config::Watched) -> People {
    People { count: watched.users, label: watched.users_label.clone() }
}

fn guild_policy(guild: &config::Guild, config: &Config) -> GuildPolicy {
    let roles = &guild.roles;
    let set = |roles: &[RoleId]| roles.iter().copied().collect();
    GuildPolicy {
        operations: guild.operations,
        incidents: guild.incidents,
        home: guild.home,
        ping: guild.ping_role,
        roles: RoleTable {
            management: set(&roles.management),
            responder: set(&roles.responder),
            lead: set(&roles.lead),
            admin: set(&roles.admin),
            publisher: review::publishers(&config.review, roles),
        },
    }
}

fn audience_policy(audience: &config::Audience, config: &Config) -> Audience {
    Audience {
        name: audience.name.clone(),
        texts: audience.texts,
        language: audience.language.clone().unwrap_or_else(|| config.organisation.language.clone()),
        tone: audience.tone,
        hides: audience.hides.clone(),
        quiet_hours: audience.quiet_hours.clone(),
        approval: audience.approval,
        destinations: audience.destinations.iter().filter_map(|name| target(name, config)).collect(),
    }
}

fn target(name: &DestinationName, config: &Config) -> Option<Target> {
    let place = match &config.destination(name)?.route {
        Route::Discord { channel } | Route::Announcement { channel } => Place::Channel(*channel),
        _ => Place::Route(name.clone()),
    };
    Some(Target { name: name.clone(), place })
}

fn announcements(config: &Config) -> BTreeSet<PlaceId> {
    let channels = config.destinations.iter().filter_map(|destination| match &destination.route {
        Route::Announcement { channel } => Some(*channel),
        _ => None,
    });
    channels.collect()
}

fn responder_policy(responder: &config::Responder, config: &Config) -> Responder {
    let route = |call: &config::Call| {
        let (name, way) = match call {
            config::Call::Mention => ("mention".to_owned(), Way::Mention),
            config::Call::DirectMessage => ("dm".to_owned(), Way::Direct),
            config::Call::Destination(name) => (name.to_string(), place(config.destination(name)?)),
        };
        Some(RingRoute { name, way })
    };
    Responder {
        person: Person { id: responder.discord, name: responder.name.to_string() },
        duty: responder.duty.clone(),
        routes: responder.routes.iter().filter_map(route).collect(),
    }
}

fn place(destination: &config::Destination) -> Way {
    let keeps_alarm = matches!(destination.route, Route::PagerDuty { .. });
    let place = match &destination.route {
        Route::Discord { channel } | Route::Announcement { channel } => Place::Channel(*channel),
        _ => Place::Route(destination.name.clone()),
    };
    Way::Place { place, keeps_alarm }
}

fn calling(plan: &config::CallPlan) -> Calling {
    let severity = Severity::ALL.get(usize::from(plan.severity).saturating_sub(1));
    Calling {
        wait: plan.wait.length(),
        rounds: u32::from(plan.rounds),
        severity: severity.copied().unwrap_or(Severity::Sev2),
    }
}

fn cadence(config: &Config, severity: u8) -> Cadence {
    let configured = config.cadences.of(severity);
    let every = |cadence: &config::Cadence| match cadence {
        config::Cadence::Every(interval) => Some(interval.length()),
        config::Cadence::OnChange | config::Cadence::Never => None,
    };
    Cadence {
        first: configured.first.length(),
        each: configured
            .audiences
            .iter()
            .filter_map(|(name, cadence)| Some((name.clone(), every(cadence)?)))
            .collect(),
    }
}

fn at_the_host(responder: &config::Responder) -> AtTheHost {
    AtTheHost { name: responder.name.clone(), person: responder.discord, uid: responder.uid }
}

/// The responders' own destinations; where they have none, those of the management; else any. Never the chat, and never
/// mail, which may be what is sick.
fn elsewhere(config: &Config) -> Vec<DestinationName> {
    let reached = |name: &&DestinationName| {
        let named = config.destinations.iter().find(|destination| destination.name == **name);
        named.is_some_and(|found| {
            matches!(found.route, Route::Webhook { .. } | Route::Slack { .. } | Route::Ntfy { .. })
        })
    };
    let calls = config.responders.iter().flat_map(|responder| &responder.routes);
    let own = calls.filter_map(|call| match call {
        config::Call::Destination(name) => Some(name),
        config::Call::Mention | config::Call::DirectMessage => None,
    });
    let management = config.audiences.iter().filter(|audience| audience.texts == Texts::Management);
    let of_management = management.flat_map(|audience| &audience.destinations);
    let all = config.destinations.iter().map(|destination| &destination.name);
    let choices: [Vec<&DestinationName>; 3] = [
        own.filter(reached).collect(),
        of_management.filter(reached).collect(),
        all.filter(reached).collect(),
    ];
    let mut chosen: Vec<DestinationName> = choices
        .into_iter()
        .find(|choice| !choice.is_empty())
        .unwrap_or_default()
        .into_iter()
        .cloned()
        .collect();
    chosen.sort();
    chosen.dedup();
    chosen
}
