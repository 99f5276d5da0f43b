//! The exact sentences of what each section refuses.

use super::*;

#[test]
fn an_empty_file_is_refused() {
    insta::assert_snapshot!(parse("").unwrap_err(), @r#"watchpost.toml: organisation.name: is missing. Add it, such as name = "Example Ltd"."#);
}

#[test]
fn a_fault_of_syntax_names_its_line() {
    insta::assert_snapshot!(problems("[web\nlisten = \n"), @r#"watchpost.toml:3: unclosed table, expected `]`. This line is not TOML; see https://toml.io."#);
}

#[test]
fn a_section_that_does_not_exist_is_refused() {
    insta::assert_snapshot!(problems("[servce.main]\ndomain = \"example.org\"\ninsecure = true\n"), @r#"watchpost.toml:3: servce: there is no such key. Did you mean service?"#);
    insta::assert_snapshot!(parse("web = 3\n[organisation]\nname = \"x\"\n").unwrap_err(), @r#"watchpost.toml:1: web: this is a section, not a value. Write [web] on a line of its own."#);
    insta::assert_snapshot!(problems("[alternative]\ntext = \"x\"\n"), @r#"watchpost.toml:3: alternative: this is a list of sections. Write [[alternative]] on a line of its own."#);
}

#[test]
fn organisation() {
    let text =
        "[organisation]\nname = \"\"\ntime_zone = \"Europe/Berln\"\ntimezone = \"UTC\"\nlanguage = 3\n";
    insta::assert_snapshot!(parse(text).unwrap_err(), @r#"
    watchpost.toml:2: organisation.name: the text is empty. Write something, or take the key out.
    watchpost.toml:3: organisation.time_zone: "Europe/Berln" is not a time zone. Did you mean Europe/Berlin?
    watchpost.toml:4: organisation.timezone: there is no such key. Did you mean time_zone?
    watchpost.toml:5: organisation.language: 3 is not a text in quotes. Write a text in quotes.
    "#);
}

#[test]
fn discord() {
    insta::assert_snapshot!(problems("[discord]\napi_base = \"http://discord.example\"\ntoken = \"canary\"\n"), @r#"
    watchpost.toml:4: discord.api_base: "http://discord.example" is not a base address: plain http would show the token to the network, and is taken for 127.0.0.1 and [::1] only. Write a base address such as "https://discord.com".
    watchpost.toml:5: discord.token: there is no such key. Known here: token_env, token_file, api_base.
    "#);
    insta::assert_snapshot!(problems("[discord]\ntoken_file = \"/nowhere/token\"\n"), @r#"watchpost.toml:4: discord.token_file: the secret file /nowhere/token cannot be used: No such file or directory (os error 2). Create it with the secret as its only line, readable by the account that runs Watchpost."#);
    insta::assert_snapshot!(problems("[discord]\ntoken_file = \"/nowhere/token\"\ntoken_env = \"TOKEN\"\n"), @r#"watchpost.toml:4: discord.token_file: both token_env and token_file are given. Keep one of them."#);
}

#[test]
fn a_secret_pasted_in_place_of_its_name_is_not_repeated() {
    let text = "[discord]\ntoken_env = \"MTk4NjIyNDgzNDcxOTI1MjQ4.canary.x\"\n";
    insta::assert_snapshot!(problems(text), @r#"watchpost.toml:4: discord.token_env: this is not the name of an environment variable. Put the secret into a variable and write its name here, such as DISCORD_TOKEN. If this was the secret itself, it stood in a file: replace it."#);
}

#[test]
fn guild() {
    let text = "[guild.42]\noperations = 12\nhome = \"treads\"\nroles = { lead = [1020304050607080901, \"lead\"] }\n";
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:3: guild.42: 42 is not the id of a server: an id of Discord has 15 to 19 digits; in Discord turn on Settings > Advanced > Developer Mode, then right-click and choose Copy ID. Write it as [guild.<id>].
    watchpost.toml:4: guild.42.operations: 12 is not the id of a channel: an id of Discord has 15 to 19 digits; in Discord turn on Settings > Advanced > Developer Mode, then right-click and choose Copy ID. Copy it from there.
    watchpost.toml:5: guild.42.home: "treads" is not "thread" or "forum". Did you mean thread?
    watchpost.toml:6: guild.42.roles.lead: "lead" is not the id of a role: an id of Discord has 15 to 19 digits; in Discord turn on Settings > Advanced > Developer Mode, then right-click and choose Copy ID. Copy it from there.
    "#);
    insta::assert_snapshot!(problems("[guild.1020304050607080901]\n"), @r#"watchpost.toml:3: guild.1020304050607080901.operations: is missing. Add it, such as operations = 1020304050607080901."#);
}

#[test]
fn service() {
    let text = r#"
[service.Main]
domain = "exa mple.org"
submission = ["10.0.0.1:587", "mail.example.org:99999"]
imap = "mail.example.org"
allow = ["10.0.0.0/33"]
resolvers = ["192.0.2.53"]
fixed_addresses = ["mail.example.org"]
insecure = true
users = -1
fast = "often"
probe = { address = "probe", password = "canary" }
web = [{ name = "webmail", url = "http://webmail.example.org" }]
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:4: service.Main: a name has only small letters, digits, and hyphens between them. Rename the section, for instance to a short lower-case word.
    watchpost.toml:5: service.Main.domain: "exa mple.org" is not a host name: the name has a character that no host name has; write an international name in its xn-- form. Write a host name such as "mail.example.org".
    watchpost.toml:6: service.Main.submission: "10.0.0.1:587" is not a host with a port: this is an address, not a name; certificates and mail routing need the host's name. Write a host with a port such as "mail.example.org:587".
    watchpost.toml:7: service.Main.imap: "mail.example.org" is not a list. Write a list in square brackets, each entry a host with a port such as "mail.example.org:587".
    watchpost.toml:8: service.Main.allow: "10.0.0.0/33" is not an address range: invalid IP address syntax. Write an address range such as "10.1.0.0/16".
    watchpost.toml:9: service.Main.resolvers: "192.0.2.53" is not an address with a port: invalid socket address syntax. Write an address with a port such as "192.0.2.53:53".
    watchpost.toml:10: service.Main.fixed_addresses: "mail.example.org" is not a host and its address: after the = there is no address such as 10.1.0.25. Write a host and its address such as "mail.example.org=10.1.0.25".
    watchpost.toml:11: service.Main.insecure: there is no such key. `watchpost config reference` lists what is known here.
    watchpost.toml:12: service.Main.users: -1 is not a whole number. Write a whole number.
    watchpost.toml:13: service.Main.fast: "often" is not a duration: each number needs its unit s, m, h or d, as in 90s, 1h 30m or 2d. Write a duration such as "30m".
    watchpost.toml:14: service.Main.probe.password: there is no such key. Did you mean password_env?
    watchpost.toml:14: service.Main.probe.address: "probe" is not a mail address: an address needs an @, like probe@example.org. Write a mail address such as "probe@example.org".
    watchpost.toml:14: service.Main.probe.password_env: is missing. Add it, such as password_env = "PROBE_PASSWORD".
    watchpost.toml:15: service.Main.web[1].url: this is not an https address. Write it whole, beginning with https://.
    "#);
    let text = "[service.main]\ndomain = \"example.org\"\nca_file = \"nowhere.pem\"\n\
                probe = { address = \"probe@example.org\", password_env = \"UNSET\" }\n";
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:5: service.main.ca_file: nowhere.pem holds no certificate authorities: No such file or directory (os error 2). Name a PEM file that this account may read.
    watchpost.toml:6: service.main.probe.password_env: the environment variable UNSET is not set. Set it, or name a file with the key that ends in _file.
    "#);
    let text = "[service.main]\ndomain = \"example.org\"\n[[service.main.store_probe]]\nlogin = \"a\\r\\nb\"\n\
                [service.main.elsewhere]\naddress = \"probe@elsewhere.example\"\nmethod = \"oauth\"\n";
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:5: service.main.store_probe[1].address: is missing. Add it, such as address = "probe@example.org".
    watchpost.toml:5: service.main.store_probe[1].password_env: is missing. Add it, such as password_env = "PROBE_PASSWORD".
    watchpost.toml:6: service.main.store_probe[1].login: the text holds a line end or control character. Write it on one line.
    watchpost.toml:7: service.main.elsewhere.password_env: is missing. Add it, such as password_env = "PROBE_PASSWORD".
    watchpost.toml:7: service.main.elsewhere.submission: is missing. Add it, such as submission = "smtp.elsewhere.example:465".
    watchpost.toml:7: service.main.elsewhere.imap: is missing. Add it, such as imap = "imap.elsewhere.example:993".
    watchpost.toml:9: service.main.elsewhere.method: "oauth" is not "password" or "xoauth2". Did you mean xoauth2?
    "#);
}

#[test]
fn audience() {
    let text = r#"
[audience.users]
destinations = ["mail-staus", "pager"]
texts = "partner"
quiet_hours = ["10pm-6am"]
hides = ["hosts"]
[destination.mail-status]
kind = "discord"
channel = 1020304050607080907
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:6: audience.users.texts: "partner" is not "users", "management" or "partners". Did you mean partners?
    watchpost.toml:7: audience.users.quiet_hours: "10pm-6am" is not hours: it needs a start and an end in hours and minutes, and days only as Mon to Sun before them. Write hours such as "22:00-06:00" or "Mon-Fri 08:00-18:00".
    watchpost.toml:8: audience.users.hides: "hosts" is not "cause", "people" or "severity". Known here: cause, people, severity.
    "#);
    insta::assert_snapshot!(problems("[audience.\"Help desk\"]\n"), @r#"watchpost.toml:3: audience.Help desk: a name has only small letters, digits, and hyphens between them. Rename the section, for instance to a short lower-case word."#);
}

#[test]
fn destinations_must_exist() {
    let text = r#"
[audience.users]
destinations = ["mail-staus", "pager"]
[responder.anna]
discord = 1020304050607080908
routes = ["mention", "ntfy-anna"]
[destination.mail-status]
kind = "discord"
channel = 1020304050607080907
[destination.status]
kind = "page"
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:5: audience.users.destinations: there is no destination mail-staus. Did you mean mail-status?
    watchpost.toml:5: audience.users.destinations: there is no destination pager. Add [destination.pager], or take the name out.
    watchpost.toml:8: responder.anna.routes: there is no destination ntfy-anna. Add [destination.ntfy-anna], or take the name out.
    watchpost.toml:13: destination.status.kind: no page is served: [web] has no listen. Add listen under [web], or use kind = "file".
    "#);
}

#[test]
fn cadence() {
    let text = r#"
[cadence.SEV1]
first = "1h"
users = "30"
helpdesk = "30m"
[cadence.SEV5]
first = "1h"
[audience.support]
[cadence.SEV2]
support = "5m"
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:6: cadence.SEV1.users: "30" is not a duration: each number needs its unit s, m, h or d, as in 90s, 1h 30m or 2d. Write a duration such as "30m", "on change" or "never".
    watchpost.toml:7: cadence.SEV1.helpdesk: there is no such key. Known here: first, users, management, partners, support.
    watchpost.toml:8: cadence.SEV5: there is no such key. Did you mean SEV1?
    watchpost.toml:11: cadence.SEV2.first: the first word may take 15m, longer than the distance of 5m for support. Write at most "5m".
    "#);
    let own = config("[audience.support]\n[cadence.SEV2]\nsupport = \"never\"\n");
    let support = AudienceName::parse("support").unwrap();
    assert_eq!(own.cadences.of(2).audiences[&support], Cadence::Never);
    assert_eq!(own.cadences.of(1).audiences[&support], "30m".parse().unwrap());
}

#[test]
fn destination() {
    let text = r#"
[destination.a]
kind = "pager"
[destination.b]
kind = "slack"
url_env = "UNSET"
secret_env = "WEBHOOK_SECRET"
[destination.c]
kind = "webhook"
url_env = "CLEAR_URL"
[destination.d]
kind = "discord"
[destination.e]
kind = "mail"
relay = "127.0.0.1"
port = 70000
recipients = ["anna"]
password_env = "RELAY_PASSWORD"
[destination.f]
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:5: destination.a.kind: "pager" is not a kind of destination. Did you mean page?
    watchpost.toml:8: destination.b.url_env: the environment variable UNSET is not set. Set it, or name a file with the key that ends in _file.
    watchpost.toml:9: destination.b.secret_env: there is no such key. Known here: kind, url_env, url_file, needs.
    watchpost.toml:12: destination.c.url_env: the environment variable CLEAR_URL does not hold an https address. Put the whole address there, beginning with https://.
    watchpost.toml:13: destination.d.channel: is missing. Add it, such as channel = 1020304050607080907.
    watchpost.toml:15: destination.e.from: is missing. Add it, such as from = "outage@status.example".
    watchpost.toml:15: destination.e.user: is missing. Add it, such as user = "watchpost".
    watchpost.toml:17: destination.e.relay: "127.0.0.1" is not a host name: this is an address, not a name; certificates and mail routing need the host's name. Write a host name such as "mail.example.org".
    watchpost.toml:18: destination.e.port: 70000 is not a whole number from 0 to 65535. Write a whole number from 0 to 65535.
    watchpost.toml:19: destination.e.recipients: "anna" is not a mail address: an address needs an @, like probe@example.org. Write a mail address such as "probe@example.org".
    watchpost.toml:21: destination.f.kind: is missing. Add it, such as kind = "discord".
    "#);
}

#[test]
fn no_route_depends_on_what_it_reports_on() {
    let text = r#"
[service.main]
domain = "example.org"
submission = ["smtp.hosting.example:587"]
[destination.inside]
kind = "mail"
relay = "mail.example.org"
from = "outage@status.example.org"
recipients = ["anna@elsewhere.example"]
[destination.same-host]
kind = "mail"
relay = "smtp.hosting.example"
from = "outage@notexample.org"
reply_to = "help@example.org"
recipients = ["anna@example.org"]
[destination.board]
kind = "file"
folder = "page"
[audience.management]
destinations = ["board"]
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:9: destination.inside.relay: the relay mail.example.org belongs to the watched service main, and would be gone with it. Name a relay at another provider.
    watchpost.toml:10: destination.inside.from: the sender is at status.example.org, which the watched service main serves. Send from a domain that is not watched: replies would be lost.
    watchpost.toml:14: destination.same-host.relay: the relay smtp.hosting.example belongs to the watched service main, and would be gone with it. Name a relay at another provider.
    watchpost.toml:16: destination.same-host.reply_to: answers go to example.org, which the watched service main serves. Send from a domain that is not watched: replies would be lost.
    watchpost.toml:17: destination.same-host.recipients: nobody can be reached: every address is at a watched domain. Name addresses at other providers.
    watchpost.toml:22: audience.management.destinations: board is the status page, which shows only what users are told. Name it for an audience with the texts of users.
    "#);
}

#[test]
fn responder() {
    insta::assert_snapshot!(problems("[responder.anna]\nduty = [\"always\"]\nroutes = [\"SMS\"]\n"), @r#"
    watchpost.toml:3: responder.anna.discord: is missing. Add it, such as discord = 1020304050607080908.
    watchpost.toml:4: responder.anna.duty: "always" is not hours: it needs a start and an end in hours and minutes, and days only as Mon to Sun before them. Write hours such as "22:00-06:00" or "Mon-Fri 08:00-18:00".
    watchpost.toml:5: responder.anna.routes: "SMS" is not "mention", "dm" or the name of a destination: a name has only small letters, digits, and hyphens between them. Write "mention", "dm" or the name of a destination.
    "#);
}

#[test]
fn alternative_and_contact() {
    insta::assert_snapshot!(problems("[[alternative]]\ntext = \"Call\"\nconfirmed = \"last week\"\n[[contact]]\nphone = \"1\"\n"), @r#"
    watchpost.toml:3: alternative[1].owner: is missing. Add it, such as owner = "Switchboard".
    watchpost.toml:5: alternative[1].confirmed: "last week" is not a date such as 2026-09-01. Write a date such as 2026-09-01.
    watchpost.toml:6: contact[1].name: is missing. Add it, such as name = "Example Hosting, support".
    watchpost.toml:6: contact[1].helps_with: is missing. Add it, such as helps_with = "network, power, hands at the machine".
    watchpost.toml:6: contact[1].telephone: is missing. Add it, such as telephone = "+49 30 5678".
    watchpost.toml:7: contact[1].phone: there is no such key. Known here: name, helps_with, telephone, contract.
    "#);
}

#[test]
fn monitor_update_store_web_and_log() {
    let text = r#"
[monitor]
fast = "0s"
hit_points = 0
declare = "always"
[update]
first_text = "manual"
reminder = 5
[store]
folder = "${NOWHERE}/data"
ballast_mib = "64"
[web]
listen = "8080"
public_url = "http://status.example.org"
[log]
format = "xml"
"#;
    insta::assert_snapshot!(problems(text), @r#"
    watchpost.toml:5: monitor.fast: "0s" is not a duration: it must be at least one second and at most 366 days. Write a duration such as "30m".
    watchpost.toml:6: monitor.hit_points: 0 would confirm everything. Write at least 1.
    watchpost.toml:7: monitor.declare: "always" is not "propose" or "declare". Known here: propose, declare.
    watchpost.toml:9: update.first_text: "manual" is not "automatic" or "ask". Known here: automatic, ask.
    watchpost.toml:10: update.reminder: 5 is not a duration such as "30m". Write a duration such as "30m".
    watchpost.toml:12: store.folder: the environment variable NOWHERE is not set. Set it, or write ${NOWHERE:-otherwise}.
    watchpost.toml:13: store.ballast_mib: "64" is not a whole number from 0 to 65535. Write a whole number from 0 to 65535.
    watchpost.toml:15: web.listen: "8080" is not an address with a port: invalid socket address syntax. Write an address with a port such as "192.0.2.53:53".
    watchpost.toml:16: web.public_url: "http://status.example.org" is not an address that begins with https://: plain http is taken for 127.0.0.1 and [::1] only. Write an address that begins with https://.
    watchpost.toml:18: log.format: "xml" is not "pretty" or "json". Known here: pretty, json.
    "#);
}

#[test]
fn nobody_is_woken_by_what_wakes_nobody_and_no_audience_reads_an_alarm() {
    let text = r#"
[responder.anna]
discord = 175928847299117063
routes = ["page"]
[audience.users]
destinations = ["pager"]
[destination.page]
kind = "page"
[destination.pager]
kind = "pagerduty"
routing_key_env = "WEBHOOK_SECRET"
"#;
    let problems_of_both = problems(text);
    assert!(problems_of_both.contains(":6: responder.anna.routes: page wakes nobody"), "{problems_of_both}");
    assert!(problems_of_both.contains(":8: audience.users.destinations: pager rings"), "{problems_of_both}");
    insta::assert_snapshot!(problems("[call]\nrounds = 0\n"), @"watchpost.toml:4: call.rounds: 0 rounds make no sense. Write a number from 1 to 20.");
}

#[test]
fn who_takes_over_and_who_is_called() {
    let read = problems(
        r#"
[destination.room]
kind = "discord"
channel = 1020304050607080907
needs = ["read"]
[[telephone]]
name = "Porter"
number = "ask Anna"
audiences = ["users"]
[update]
calls = ["at eight"]
"#,
    );
    for expected in [
        "destination.room.needs: there is no such key",
        "telephone[1].number: \"ask Anna\" is no telephone number",
        "update.calls: ",
    ] {
        assert!(read.contains(expected), "{expected}:\n{read}");
    }
    let crossed = problems(
        r#"
[audience.users]
destinations = ["room", "portal"]
fallback = ["room", "portal", "hall"]
[destination.room]
kind = "discord"
channel = 1020304050607080907
[destination.portal]
kind = "ntfy"
url_env = "WEBHOOK_URL"
[[telephone]]
name = "Reception"
number = "+49 30 9012"
audiences = ["guests"]
destinations = ["hall"]
"#,
    );
    for expected in [
        "fallback: there is no destination hall",
        "fallback: room is a channel of Discord, and away with it",
        "fallback: portal is told always; it cannot take over from itself",
        "telephone[1].destinations: there is no destination hall",
        "telephone[1].audiences: there is no audience guests",
    ] {
        assert!(crossed.contains(expected), "{expected}:\n{crossed}");
    }
}
