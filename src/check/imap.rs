//! The IMAP ports, 143 and 993: greeting, TLS, certificate, login with the probe account, EXAMINE, quota.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::judge::{Clients, broken, certificate, describe, slow};
use super::logins::{Turn, paused, untried};
use super::reply_cause::of_imap;
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::Phase;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox};
use crate::protocol::imap::record::ImapRecord;
use crate::protocol::imap::response::StatusKind;
use crate::protocol::smtp::plan::Credentials;
use crate::service::{Account, Protocol, TlsMode};
use crate::transport::{Connection, Target, local_address_towards};

pub(super) const CHECK: Check = Check {
    name: "imap",
    asks: to_say!("Can people log in and read by IMAP?"),
    set: Set::Fast,
    needs: Need::Nothing,
    run,
};

/// From this share of its quota on a mailbox is called full.
const FULL_PERCENT: u64 = 95;

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let places = round.endpoint_places(Protocol::Imap).await;
        let targets: Vec<Target> = places.into_iter().flatten().collect();
        let found = join_all(targets.iter().map(|target| probe(round, target))).await;
        let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
        findings.extend(stores(round, &targets).await);
        findings
    }
    .boxed()
}

async fn probe(round: &Round<'_>, target: &Target) -> Vec<Finding> {
    let account = round.service.probe.as_ref().filter(|_| round.set.asks_as_people());
    let Some(account) = account else {
        return look(round, target, None).await.0;
    };
    if let Some(until) = round.memory.paused_until(&account.login, round.now) {
        return paused(look(round, target, None).await.0, until);
    }
    match round.imap_logins.turn().await {
        Turn::First(first) => {
            let (found, refused) = look(round, target, Some(account)).await;
            first.report(refused);
            found
        }
        Turn::Free => look(round, target, Some(account)).await.0,
        Turn::Refused => {
            untried(look(round, target, None).await.0, say!("the password was refused a moment ago"))
        }
    }
}

/// One more mailbox for each store or site, at the first place that answers.
async fn stores(round: &Round<'_>, targets: &[Target]) -> Vec<Finding> {
    let Some(target) = targets.first().filter(|_| round.set.asks_as_people()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for account in &round.service.store_probes {
        if round.memory.paused_until(&account.login, round.now).is_some() {
            continue;
        }
        let (found, refused) = look(round, target, Some(account)).await;
        if refused {
            round.memory.pause(&account.login, round.now);
        }
        findings.extend(found.into_iter().map(|finding| finding.fact("mailbox", &account.mailbox)));
    }
    findings
}

/// One dialogue; the second value says that the password was refused.
async fn look(round: &Round<'_>, target: &Target, account: Option<&Account>) -> (Vec<Finding>, bool) {
    let plan = ImapPlan { tls: target.tls, login: account.map(Credentials::from), mailbox: Mailbox::Examine };
    let mut dialogue = ImapDialogue::new(plan);
    let connection = round.converse(target, &mut dialogue).await;
    let record = dialogue.into_record();
    let login = record.reply(Phase::Login).filter(|status| status.kind != StatusKind::Ok);
    let refused = login.is_some_and(|status| of_imap(Phase::Login, status).1 == Cause::ProbePasswordWrong);
    (judge(round, target, &connection, record), refused)
}

pub(super) fn judge(
    round: &Round<'_>,
    target: &Target,
    connection: &Connection,
    record: ImapRecord,
) -> Vec<Finding> {
    let new = || Finding::at(CHECK.name, target, Path::Reading);
    let mut main = describe(new(), connection);
    tell(&mut main, &record);
    let mut more = Vec::new();
    for (verdict, cause) in causes(round, target, connection, &record) {
        if main.cause.is_none() {
            main = main.judged(verdict, cause);
        } else {
            more.push(new().judged(verdict, cause));
        }
    }
    main.transcript = Some(record.transcript);
    more.insert(0, main);
    more
}

fn tell(finding: &mut Finding, record: &ImapRecord) {
    if let Some(greeting) = &record.greeting {
        finding.facts.add("greeting", greeting.line());
    }
    for (name, phase) in [("login", Phase::Login), (say!("mailbox opened"), Phase::Mailbox)] {
        if let Some(status) = record.reply(phase) {
            finding.facts.add(name, status.line());
        }
    }
    if let Some((used, limit)) = record.quota {
        finding.facts.add("quota", say!("{used} of {limit} KiB"));
    }
}

/// Everything that is wrong, in the order in which the dialogue goes.
fn causes(
    round: &Round<'_>,
    target: &Target,
    connection: &Connection,
    record: &ImapRecord,
) -> Vec<(Verdict, Cause)> {
    let mut causes = Vec::new();
    causes.extend(broken(connection));
    match record.greeting.as_ref().map(|greeting| (greeting.kind, greeting)) {
        None | Some((StatusKind::Ok, _)) => {}
        // Logged in without TLS and without being asked: no login could be protected.
        Some((StatusKind::Preauth, _)) => causes.push((Verdict::Down, Cause::Configuration)),
        Some((_, greeting)) => causes.push(of_imap(Phase::Greeting, greeting)),
    }
    causes.extend(record.bye.as_ref().map(|bye| of_imap(Phase::Greeting, bye)));
    causes.extend(of_offers(target, record));
    let seen = connection.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    causes
        .extend(seen.and_then(|seen| certificate(seen, Clients::Programs, round.now, &round.service.limits)));
    for phase in [Phase::StartTls, Phase::Login, Phase::Mailbox] {
        let refusal = record.reply(phase).filter(|status| status.kind != StatusKind::Ok);
        causes.extend(refusal.map(|status| of_imap(phase, status)));
    }
    if record.quota.is_some_and(|(used, limit)| limit > 0 && used * 100 >= limit * FULL_PERCENT) {
        causes.push((Verdict::Degraded, Cause::MailboxFull));
    }
    if slow(&record.waits(), &round.service.limits) {
        causes.push((Verdict::Degraded, Cause::ServerSlow));
    }
    causes
}

fn of_offers(target: &Target, record: &ImapRecord) -> Option<(Verdict, Cause)> {
    let clear = record.clear_capabilities.as_ref().filter(|_| target.tls == TlsMode::Starttls)?;
    let has = |word: &str| clear.iter().any(|offered| offered == word);
    if !has("STARTTLS") {
        return Some((Verdict::Down, Cause::StarttlsMissing));
    }
    // RFC 9051 section 11.1: without LOGINDISABLED a program may send its password in clear text. A server may offer
    // that to its own machine, and says nothing about others then.
    let own = local_address_towards(target.address) == Some(target.address.socket().ip());
    (!has("LOGINDISABLED") && !own).then_some((Verdict::Degraded, Cause::LoginUnencrypted))
}
