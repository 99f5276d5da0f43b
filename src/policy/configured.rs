//! The policy that a configuration makes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{
    Alternative, AtTheHost, Audience, Cadence, Calling, GuildPolicy, People, Policy, ReachPolicy, Responder,
    ReviewPolicy, RingRoute, Target, Timing, Way, review,
};
use crate::capability::RoleTable;
use crate::config::{self, Config, Route, Texts};
use crate::ids::{DestinationName, PlaceId, RoleId};
use crate::incident::Severity;
use crate::outbox::Place;
use crate::person::Person;
use crate::proof;

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
            threshold: config.monitor.threshold,
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

pub(super) fn target(name: &DestinationName, config: &Config) -> Option<Target> {
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
