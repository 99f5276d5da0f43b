//! Two servers of one organisation: each has its own roles and incidents, and neither reaches into the other.

use std::sync::Arc;

use watchpost::clock::Clock;
use watchpost::ids::IncidentId;
use watchpost::store::MemoryStore;
use watchpost_sandbox::{Id, Sandbox, World};

use crate::commands::private;
use crate::running::{House, NIGHT};

/// A second server with a channel `general`, in which ana works on incidents and ben does not.
fn second_server(discord: &Sandbox) -> (Id, Id) {
    let guild = discord.invite_bot("The other house");
    let (ana, ben) = (discord.member("ana").id(), discord.member("ben").id());
    let role = discord.change(|places| {
        let first = places.guilds.values().find(|other| other.id != guild).expect("the first").clone();
        let second = places.guilds.get_mut(&guild).expect("the second");
        let top = second.roles.keys().map(|id| id.0).max().unwrap_or(0);
        let named = |name: &str| first.roles.values().find(|role| role.name == name).expect("a role").clone();
        let mut of_bot = first.roles.values().find(|role| role.bot.is_some()).expect("its role").clone();
        let mut responder = named("responder");
        (responder.id, responder.position) = (Id(top + 1), 1);
        (of_bot.id, of_bot.position) = (Id(top + 2), 2);
        let bot = of_bot.bot.expect("the bot");
        second.members.get_mut(&bot).expect("it was invited").roles = vec![of_bot.id];
        for (user, roles) in [(ana, vec![responder.id]), (ben, Vec::new())] {
            let member = first.members[&user].clone();
            second.members.insert(user, watchpost_sandbox::Member { roles, ..member });
        }
        let id = responder.id;
        second.roles.extend([(responder.id, responder), (of_bot.id, of_bot)]);
        id
    });
    (guild, role)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_server_has_its_own_incidents_and_roles() {
    let clock = Clock::stepped(NIGHT);
    let shared = clock.clone();
    let told = watchpost_sandbox::Clock::from_fn(move || u64::try_from(shared.now().0).unwrap_or(0));
    let world = World::standard().clock(told).rate_clock(watchpost_sandbox::Clock::system());
    let discord = Sandbox::start(world).await.expect("a port");
    let (guild, role) = second_server(&discord);
    let general = discord.channel("general").id();
    let more = format!(
        "[guild.{guild}]\noperations = {general}\nincidents = {general}\n[guild.{guild}.roles]\nresponder = [{role}]"
    );
    let house = House::start_with(discord, clock, Arc::new(MemoryStore::new()), &more).await;
    let discord = &house.discord;
    let registered = |places: &watchpost_sandbox::Places| {
        (places.commands.iter().filter(|command| command.name == "watch").count() == 2).then_some(())
    };
    discord.wait_for("the commands of both houses", registered).await;
    let (ana, ben) = (discord.member("ana"), discord.member("ben"));

    let first = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    assert!(private(first).await.says("INC-1 is declared"));
    let second =
        ana.types("/incident", &[("text", "The list server is slow")], "general").await.expect("typed");
    let second = private(second).await;
    assert!(second.says("INC-2 is declared"), "{}", second.text());
    discord.channel("general").wait_for_thread("INC-2").await;
    let in_ops = discord.channel("ops").messages();
    assert!(!in_ops.iter().any(|shown| shown.says("list server")), "nothing of it is posted here");

    // The only open one is that of the server where it is typed; that of the other is not there.
    for (place, number, other) in [("ops", "INC-1", "INC-2"), ("general", "INC-2", "INC-1")] {
        let logged = private(ana.types("/log", &[("text", "seen")], place).await.expect("typed")).await;
        assert!(logged.says(&format!("Logged in {number}")), "{place}: {}", logged.text());
        let reached = [("text", "seen"), ("incident", other)];
        let refused = private(ana.types("/log", &reached, place).await.expect("typed")).await;
        assert!(refused.says(&format!("There is no {other} here")), "{place}: {}", refused.text());
        let offered = ana.is_offered("/log", &[("text", "x"), ("incident", "")], "incident", place).await;
        let offered = offered.expect("offered");
        assert!(offered.len() == 1 && offered[0].starts_with(number), "{place}: {offered:?}");
    }

    // A role of one server is none in the other.
    private(ben.types("/log", &[("text", "mine")], "ops").await.expect("typed")).await;
    let denied = private(ben.types("/log", &[("text", "not mine")], "general").await.expect("typed")).await;
    assert!(denied.says("You may not work on incidents") && denied.says("Ask ana"), "{}", denied.text());
    let entries = |id| house.desk.incident(IncidentId(id)).expect("it is open").entries.len();
    assert_eq!((entries(1), entries(2)), (2, 1));

    // A report counts for the incident of its server.
    let uli = discord.member("uli");
    let told =
        private(uli.types("/report", &[("symptom", "cannot send")], "mail-status").await.expect("typed"))
            .await;
    assert!(told.says("INC-1"), "{}", told.text());
    assert!(house.desk.incident(IncidentId(2)).expect("it is open").reports.is_empty());
    discord.strict_verdict().expect("Discord has nothing to complain of");
}
