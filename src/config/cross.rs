//! What no section can judge alone: names that must exist elsewhere, and routes that would fail with what they report.

use super::Config;
use super::audience::{Audience, Texts};
use super::destination::{Relay, Route};
use super::error::Wrong;
use super::names::{AudienceName, DestinationName};
use super::read::Table;
use super::responder::{Call, Responder};
use super::service::Watched;
use crate::service::HostName;

/// How many recipients every server takes in one envelope.
const MOST_RECIPIENTS: usize = 100;

pub(super) fn check(config: &Config, root: &Table<'_>) {
    let destinations = root.open("destination");
    let known = destinations.names();
    for audience in &config.audiences {
        let table = root.open("audience").open(audience.name.as_str());
        refuse_missing(&known, &table, "destinations", audience.destinations.iter());
        refuse_missing(&known, &table, "fallback", audience.fallback.iter());
        refuse_no_fallback(config, &table, audience);
        refuse_alarms(config, &table, audience);
        refuse_page(config, &table, audience);
    }
    refuse_unreachable_calls(config, root, &known);
    for responder in &config.responders {
        let table = root.open("responder").open(responder.name.as_str());
        let named = responder.routes.iter().filter_map(|call| match call {
            Call::Destination(name) => Some(name),
            Call::Mention | Call::DirectMessage => None,
        });
        refuse_missing(&known, &table, "routes", named);
        refuse_silent(config, &table, responder);
    }
    for destination in &config.destinations {
        let table = destinations.open(destination.name.as_str());
        if let Route::Mail(relay) = &destination.route {
            refuse_dependent(config, &table, relay);
            refuse_unreachable(config, &table, relay);
        }
        if matches!(destination.route, Route::Page) {
            refuse_unserved(config, &table);
        }
    }
}

/// `known` are the names in the file, so that a destination with a problem of its own is not also called missing.
fn refuse_missing<'n>(
    known: &[String],
    table: &Table<'_>,
    key: &str,
    named: impl Iterator<Item = &'n DestinationName>,
) {
    for name in named.filter(|name| known.iter().all(|known| known != name.as_str())) {
        let mend = match super::suggest::nearest(name.as_str(), known.iter().map(String::as_str)) {
            Some(near) => format!("Did you mean {near}?"),
            None => format!("Add [destination.{name}], or take the name out."),
        };
        table.problem(key, Wrong::new(format!("there is no destination {name}"), mend));
    }
}

/// Invariant 10, and sense: nobody is woken by mail, by a page or by a file.
fn refuse_silent(config: &Config, table: &Table<'_>, responder: &Responder) {
    for call in &responder.routes {
        let Call::Destination(name) = call else { continue };
        let wakes = !matches!(
            config.destination(name).map(|destination| &destination.route),
            Some(Route::Mail(_) | Route::Page | Route::File { .. })
        );
        if !wakes {
            let reason = format!("{name} wakes nobody, and mail may be what is broken");
            table
                .problem("routes", Wrong::new(reason, "Name an ntfy topic, a webhook, a room or PagerDuty."));
        }
    }
}

/// What rings responders is no place where an audience reads.
fn refuse_alarms(config: &Config, table: &Table<'_>, audience: &Audience) {
    for name in &audience.destinations {
        let route = config.destination(name).map(|destination| &destination.route);
        if matches!(route, Some(Route::PagerDuty { .. })) {
            let reason = format!("{name} rings responders, and no audience reads there");
            table.problem("destinations", Wrong::new(reason, "Name it in routes of a responder."));
        }
    }
}

/// Whoever is to be called is called for an audience that there is.
fn refuse_unreachable_calls(config: &Config, root: &Table<'_>, known: &[String]) {
    if config.telephones.is_empty() {
        return;
    }
    for (telephone, table) in config.telephones.iter().zip(root.tables("telephone")) {
        refuse_missing(known, &table, "destinations", telephone.destinations.iter());
        let exists = |name: &&AudienceName| config.audiences.iter().any(|audience| audience.name == **name);
        for name in telephone.audiences.iter().filter(|name| !exists(name)) {
            let mend = format!("Add [audience.{name}], or take the name out.");
            table.problem("audiences", Wrong::new(format!("there is no audience {name}"), mend));
        }
    }
}

/// What takes over while Discord is away cannot be in Discord; what is told always takes nothing over.
fn refuse_no_fallback(config: &Config, table: &Table<'_>, audience: &Audience) {
    for name in &audience.fallback {
        let reason = match config.destination(name).map(|destination| &destination.route) {
            Some(Route::Discord { .. } | Route::Announcement { .. }) => {
                "is a channel of Discord, and away with it"
            }
            Some(Route::PagerDuty { .. }) => "rings responders, and no audience reads there",
            Some(Route::Page | Route::File { .. }) => {
                "is the status page, which is always there: name it in destinations"
            }
            _ if audience.destinations.contains(name) => "is told always; it cannot take over from itself",
            _ => continue,
        };
        let mend = "Name a webhook, a Slack address, an ntfy topic or a mail relay.";
        table.problem("fallback", Wrong::new(format!("{name} {reason}"), mend));
    }
}

/// The page shows what users were told, and only that.
fn refuse_page(config: &Config, table: &Table<'_>, audience: &Audience) {
    for name in audience.destinations.iter().filter(|_| audience.texts != Texts::Users) {
        let route = config.destination(name).map(|destination| &destination.route);
        if matches!(route, Some(Route::Page | Route::File { .. })) {
            let reason = format!("{name} is the status page, which shows only what users are told");
            table.problem(
                "destinations",
                Wrong::new(reason, "Name it for an audience with the texts of users."),
            );
        }
    }
}

/// A page that nobody serves tells nobody anything.
fn refuse_unserved(config: &Config, table: &Table<'_>) {
    if config.web.listen.is_none() {
        let mend = "Add listen under [web], or use kind = \"file\".";
        table.problem("kind", Wrong::new("no page is served: [web] has no listen", mend));
    }
}

/// Mail must reach somebody, and a relay takes at most a hundred at once (RFC 5321 section 4.5.3.1.8).
fn refuse_unreachable(config: &Config, table: &Table<'_>, relay: &Relay) {
    if relay.recipients.len() > MOST_RECIPIENTS {
        let reason = format!("a relay need not take more than {MOST_RECIPIENTS} recipients at once");
        table.problem("recipients", Wrong::new(reason, "Name a list at another provider in their place."));
    } else if relay.readers(config).0.is_empty() {
        let reason = "nobody can be reached: every address is at a watched domain";
        table.problem("recipients", Wrong::new(reason, "Name addresses at other providers."));
    }
}

/// Invariant 10: a relay, or a sender whose domain is broken, cannot report on what broke it.
fn refuse_dependent(config: &Config, table: &Table<'_>, relay: &Relay) {
    for watched in &config.services {
        let name = &watched.name;
        if is_part_of(&relay.host, watched) {
            let reason = format!(
                "the relay {} belongs to the watched service {name}, and would be gone with it",
                relay.host
            );
            table.problem("relay", Wrong::new(reason, "Name a relay at another provider."));
        }
        let answers = relay.reply_to.as_ref().map(|mailbox| ("reply_to", "answers go to", mailbox));
        for (key, what, mailbox) in answers.into_iter().chain([("from", "the sender is at", &relay.from)]) {
            if mailbox.domain().is_within(&watched.service.domain) {
                let reason = format!("{what} {}, which the watched service {name} serves", mailbox.domain());
                let mend = "Send from a domain that is not watched: replies would be lost.";
                table.problem(key, Wrong::new(reason, mend));
            }
        }
    }
}

/// Whether a host is named by a service, or lies in its domain.
fn is_part_of(host: &HostName, watched: &Watched) -> bool {
    let service = &watched.service;
    host.is_within(&service.domain)
        || service.incoming.fixed_hosts.contains(host)
        || service.endpoints.iter().any(|endpoint| endpoint.host == *host)
}
