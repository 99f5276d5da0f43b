//! What the doctor sees of Discord: can Watchpost do there what an outage will ask of it?
//!
//! 1. The token: who are we?
//! 2. Each configured server: are we in it, with which roles; are the commands of this version registered?
//! 3. Each configured channel: is it there, of the right kind, and what may we do in it?
//! 4. The role that alarms mention: is it there, and may we mention it?

use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serenity::http::{Http, LightMethod, Request, Route};
use serenity::model::id::{ApplicationId, GuildId as DiscordGuild, UserId};
use watchpost::clock::UtcMs;
use watchpost::config::{Config, Guild, Home, Route as Destined};
use watchpost::doctor::{Point, State};
use watchpost_texts::{said, say};

use super::gate::RestFailure;
use super::permissions::{
    ATTACH, Channel, EMBED, EVENTS, HISTORY, Holder, IN_THREADS, MENTION, PIN, Permission, Role, SEND,
    THREADS, VIEW, in_channel, in_guild, invitation,
};

/// Discord's numbers of types of channels.
const TEXT: u8 = 0;
/// Whose posts can be published.
const ANNOUNCEMENT: u8 = 5;
/// Whose threads are posts.
const FORUM: u8 = 15;

/// Everything that is to be said of Discord.
pub async fn examine(http: &Http, config: &Config) -> Vec<Point> {
    let me: Me = match ask(http, Route::UserMe).await {
        Ok(me) => me,
        Err(why) => {
            let mend = say!(
                "Copy the token from the developer portal, page Bot, and put it where the configuration says."
            );
            return vec![Point::new("Discord", State::Bad, say!("it does not know us: {why}."), mend)];
        }
    };
    http.set_application_id(ApplicationId::new(me.id.parse().unwrap_or(1)));
    let mut points = vec![Point::good("Discord", say!("the token is that of {}.", me.username))];
    for guild in &config.guilds {
        points.extend(in_server(http, config, guild, &me).await);
    }
    points
}

/// The account of the token.
#[derive(Debug, Deserialize)]
struct Me {
    id: String,
    #[serde(default)]
    username: String,
}

/// Ourselves as a member of a server.
#[derive(Debug, Deserialize)]
struct Member {
    #[serde(default)]
    roles: Vec<String>,
}

/// What is known of a server.
struct Server<'s> {
    guild: &'s Guild,
    name: String,
    me: &'s Me,
    roles: Vec<Role>,
    channels: Vec<Channel>,
    held: Vec<String>,
}

async fn in_server(http: &Http, config: &Config, guild: &Guild, me: &Me) -> Vec<Point> {
    let about = format!("server {}", guild.id);
    let server = match look_at(http, guild, me).await {
        Ok(server) => server,
        Err(why) => {
            let mend = say!("Invite Watchpost: {}", invitation(&me.id));
            return vec![Point::new(about, State::Bad, say!("it cannot be read: {why}."), mend)];
        }
    };
    let mut points = vec![server.whole(&about)];
    points.extend(server.alarm_role());
    points.extend(server.roles_of_people());
    points.extend(server.channels_of(config));
    points.push(commands(http, guild).await);
    points
}

async fn look_at<'s>(http: &Http, guild: &'s Guild, me: &'s Me) -> Result<Server<'s>, String> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let id = DiscordGuild::new(guild.id.0);
    let user = UserId::new(me.id.parse().map_err(|_| say!("our own number makes no sense").to_owned())?);
    let Named { name } = ask(http, Route::Guild { guild_id: id }).await?;
    let roles = ask(http, Route::GuildRoles { guild_id: id }).await?;
    let channels = ask(http, Route::GuildChannels { guild_id: id }).await?;
    let Member { roles: held } = ask(http, Route::GuildMember { guild_id: id, user_id: user }).await?;
    Ok(Server { guild, name, me, roles, channels, held })
}

impl Server<'_> {
    fn may(&self, channel: Option<&Channel>) -> u64 {
        let guild = self.guild.id.to_string();
        let holder = Holder { member: &self.me.id, roles: &self.held, guild: &guild };
        match channel {
            Some(channel) => in_channel(&holder, &self.roles, channel),
            None => in_guild(&holder, &self.roles),
        }
    }

    fn whole(&self, about: &str) -> Point {
        match missing(self.may(None), &[EVENTS]).as_slice() {
            [] => Point::good(about, say!("we are in {}.", self.name)),
            lacking => Point::new(
                about,
                State::Warning,
                say!("we are in {}, without {}.", self.name, named(lacking)),
                say!("Give it to Watchpost's role (Server Settings > Roles)."),
            ),
        }
    }

    fn alarm_role(&self) -> Option<Point> {
        let about = say!("role of alarms");
        let id = self.guild.ping_role?.to_string();
        let Some(role) = self.roles.iter().find(|role| role.id == id) else {
            let seen = say!("there is no role {id} in {}.", self.name);
            return Some(Point::new(about, State::Bad, seen, say!("Put the right id into ping_role.")));
        };
        Some(if role.mentionable || self.may(None) & MENTION != 0 {
            Point::good(about, say!("@{} can be mentioned.", role.name))
        } else {
            Point::new(
                about,
                State::Bad,
                say!("@{} cannot be mentioned by us: alarms ring nobody.", role.name),
                say!("Switch on “Allow anyone to @mention this role” in its settings."),
            )
        })
    }

    /// Roles that the configuration names and the server does not have grant nothing to nobody.
    fn roles_of_people(&self) -> Option<Point> {
        let roles = &self.guild.roles;
        let named = [&roles.responder, &roles.lead, &roles.admin, &roles.management];
        let gone: Vec<String> = named
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .filter(|id| self.roles.iter().all(|role| role.id != *id))
            .collect();
        let about = say!("roles of people in {}", self.name);
        if roles.responder.is_empty() && roles.lead.is_empty() && roles.admin.is_empty() {
            let mend = say!("Name at least a responder under [guild.{}.roles].", self.guild.id);
            return Some(Point::new(about, State::Bad, say!("no role may work on incidents."), mend));
        }
        Some(match gone.as_slice() {
            [] => Point::good(about, say!("all are there.")),
            gone => Point::new(
                about,
                State::Bad,
                say!("not in this server: {}.", gone.join(", ")),
                say!("Put the right ids under its roles: nobody has what these grant."),
            ),
        })
    }

    fn channels_of(&self, config: &Config) -> Vec<Point> {
        const HOME: [Permission; 8] = [VIEW, SEND, EMBED, ATTACH, HISTORY, THREADS, IN_THREADS, PIN];
        const NEWS: [Permission; 4] = [VIEW, SEND, EMBED, HISTORY];
        let home: &[u8] = match self.guild.home {
            Home::Thread => &[TEXT, ANNOUNCEMENT],
            Home::Forum => &[FORUM],
        };
        let mut points = vec![
            self.channel(
                say!("operations channel"),
                &self.guild.operations.to_string(),
                &NEWS,
                &[TEXT, ANNOUNCEMENT],
                true,
            ),
            self.channel(say!("incidents channel"), &self.guild.incidents.to_string(), &HOME, home, true),
        ];
        for destination in &config.destinations {
            let (id, kinds): (String, &[u8]) = match &destination.route {
                Destined::Discord { channel } => (channel.to_string(), &[TEXT, ANNOUNCEMENT]),
                Destined::Announcement { channel } => (channel.to_string(), &[ANNOUNCEMENT]),
                _ => continue,
            };
            // A destination lies in one of the servers: the others do not know it.
            let only_one = config.guilds.len() == 1;
            if only_one || self.channels.iter().any(|channel| channel.id == id) {
                points.push(self.channel(
                    &say!("channel of {}", destination.name),
                    &id,
                    &NEWS,
                    kinds,
                    only_one,
                ));
            }
        }
        points
    }

    fn channel(&self, about: &str, id: &str, needed: &[Permission], kinds: &[u8], must: bool) -> Point {
        let Some(channel) = self.channels.iter().find(|channel| channel.id == id) else {
            let state = if must { State::Bad } else { State::NotAsked };
            let seen = say!("there is no channel {id} in {}, or we do not see it.", self.name);
            return Point::new(
                about,
                state,
                seen,
                say!("Put the right id into the configuration, or give us View Channel."),
            );
        };
        if !kinds.contains(&channel.kind) {
            let seen = say!("#{} is of another kind ({}).", channel.name, kind(channel.kind));
            let mend = say!(
                "It must be {}.",
                kinds.iter().map(|known| kind(*known)).collect::<Vec<_>>().join(" or ")
            );
            return Point::new(about, State::Bad, seen, mend);
        }
        let lacking = missing(self.may(Some(channel)), needed);
        match lacking.as_slice() {
            [] => Point::good(about, say!("#{}: all that is needed.", channel.name)),
            [first, ..] => Point::new(
                about,
                State::Bad,
                say!("#{} lacks {}: {}.", channel.name, named(&lacking), said(first.without)),
                say!("Give it to Watchpost's role in the settings of that channel."),
            ),
        }
    }
}

/// Whether the commands of this version are those that the server shows.
async fn commands(http: &Http, guild: &Guild) -> Point {
    #[derive(Deserialize)]
    struct Command {
        name: String,
    }
    let about = say!("commands in {}", guild.id);
    let route = match http.application_id() {
        Some(application_id) => {
            Route::GuildCommands { application_id, guild_id: DiscordGuild::new(guild.id.0) }
        }
        None => {
            return Point::new(
                about,
                State::NotAsked,
                say!("our own number is not known."),
                say!("Mend the token first."),
            );
        }
    };
    match ask::<Vec<Command>>(http, route).await {
        Err(why) => Point::new(
            about,
            State::Bad,
            say!("they cannot be read: {why}."),
            say!("Invite Watchpost again with the scope applications.commands."),
        ),
        Ok(there) => {
            let lacking: Vec<String> = crate::all()
                .iter()
                .map(crate::Entry::name)
                .filter(|name| there.iter().all(|command| command.name != *name))
                .collect();
            match lacking.as_slice() {
                [] => Point::good(about, say!("all {} are registered.", there.len())),
                lacking => Point::new(
                    about,
                    State::Warning,
                    say!("not registered yet: {}.", lacking.join(", ")),
                    say!("`watchpost run` registers them when it starts."),
                ),
            }
        }
    }
}

fn missing(has: u64, needed: &[Permission]) -> Vec<Permission> {
    needed.iter().copied().filter(|permission| has & permission.bit == 0).collect()
}

fn named(permissions: &[Permission]) -> String {
    permissions.iter().map(|permission| permission.name).collect::<Vec<_>>().join(", ")
}

fn kind(number: u8) -> String {
    match number {
        TEXT => say!("a text channel").to_owned(),
        ANNOUNCEMENT => say!("an announcement channel").to_owned(),
        FORUM => "a forum".to_owned(),
        other => say!("type {other}"),
    }
}

async fn ask<T: DeserializeOwned>(http: &Http, route: Route<'_>) -> Result<T, String> {
    http.fire(Request::new(route, LightMethod::Get)).await.map_err(|error| match RestFailure::read(&error) {
        RestFailure::NotSent(why) => why.to_string(),
        RestFailure::Unknown(why) => why.to_string(),
        RestFailure::Refused { status, code } => say!("Discord refuses it (status {status}, code {code})"),
    })
}

/// The time of Discord's own clock, from the head of an answer that needs no token.
pub async fn clock_of(base: &str) -> Option<UtcMs> {
    let address = Url::parse(base).ok()?.join("/api/v10/gateway").ok()?;
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(5)).build().ok()?;
    let answer = client.get(address).send().await.ok()?;
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    // IMF-fixdate of RFC 9110, section 5.6.7.
    let date = chrono::DateTime::parse_from_rfc2822(date).ok()?;
    Some(UtcMs(date.timestamp_millis()))
}
