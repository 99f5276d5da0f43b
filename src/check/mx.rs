//! Where mail for the domain goes: the MX records, asked of every sound name server.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Exchangers, Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, exchangers, host};

pub(super) const CHECK: Check = Check {
    name: "mx",
    asks: to_say!("Which hosts take mail for the domain?"),
    set: Set::Fast,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let set = round.exchangers().await;
        if *set == Exchangers::Fixed {
            return Vec::new(); // The configuration names the hosts; DNS has no say.
        }
        let sound = !round.sound().await.is_empty();
        let finding = Finding::ok(CHECK.name, &round.service.domain, Path::Names).took(millis_since(begun));
        let mut finding = judge(finding, set, sound);
        if finding.cause == Some(Cause::DnsServfail) && answers_unchecked(round).await {
            let told =
                finding.fact(to_say!("asked not to check signatures"), say!("the name server answers"));
            finding = told.judged(Verdict::Down, Cause::DnssecBroken);
        }
        let mut findings = vec![finding];
        findings.extend(disagreement(round).await);
        findings
    }
    .boxed()
}

pub(super) fn judge(finding: Finding, set: &Exchangers, sound: bool) -> Finding {
    match set {
        Exchangers::Fixed => finding,
        Exchangers::Records(records) => judge_records(finding, records),
        Exchangers::Implicit => finding
            .fact("mx", say!("none; the domain's own address counts"))
            .judged(Verdict::Degraded, Cause::MxMissing),
        Exchangers::Null => finding
            .fact("mx", say!("0 . (takes no mail, RFC 7505)"))
            .judged(Verdict::Down, Cause::NoMailService),
        Exchangers::Fault(fault, _) if !sound => {
            finding.fact("answer", fault).judged(Verdict::Unknown, Cause::ResolverDown)
        }
        Exchangers::Fault(fault, _) => {
            let cause = match fault {
                DnsFault::NoSuchName | DnsFault::NoRecord => Cause::DnsNxdomain,
                DnsFault::ServerFailure | DnsFault::Refused => Cause::DnsServfail,
                DnsFault::Timeout | DnsFault::Unreachable => Cause::DnsTimeout,
            };
            finding.fact("answer", fault).judged(Verdict::Down, cause)
        }
    }
}

fn judge_records(mut finding: Finding, records: &[(u16, String)]) -> Finding {
    let shown: Vec<String> =
        records.iter().map(|(preference, target)| say!("{preference} {target}.")).collect();
    finding.facts.add("mx", shown.join(", "));
    let null_beside_others = records.iter().any(|(_, target)| target.is_empty());
    let literal = records.iter().find(|(_, target)| !target.is_empty() && host(target).is_none());
    if let Some((_, target)) = literal {
        // RFC 1035 section 3.3.9: the target is a name; an address in its place reaches nobody.
        finding.facts.add(to_say!("not a host name"), target);
    }
    if null_beside_others || literal.is_some() {
        // RFC 7505 section 3: a null MX must be the only one.
        return finding.judged(Verdict::Degraded, Cause::MxInvalid);
    }
    finding
}

/// RFC 4035 section 3.2.2: who answers only when told not to check has found the signatures bad.
async fn answers_unchecked(round: &Round<'_>) -> bool {
    let sound = round.sound().await;
    let servers = round.names.all().iter().filter(|server| sound.contains(&server.address()));
    let domain = round.service.domain.as_str();
    let asked = servers.map(|server| server.status(domain, RecordType::MX, true));
    join_all(asked).await.iter().any(|status| status.is_ok_and(|status| status.answers))
}

/// The sound name servers do not tell the same: a change that has not gone round, or somebody in between.
async fn disagreement(round: &Round<'_>) -> Option<Finding> {
    let sound = round.sound().await;
    if sound.len() < 2 {
        return None;
    }
    let servers = round.names.all().iter().filter(|server| sound.contains(&server.address()));
    let answers = join_all(servers.map(|server| async {
        let answer = server.ask(round.service.domain.as_str(), RecordType::MX).await;
        (server.address(), answer.map(|records| exchangers(&records)))
    }))
    .await;
    let (_, first) = answers.first()?;
    let (other, answer) = answers.iter().find(|(_, answer)| answer != first)?;
    let shown = match answer {
        Ok(records) => {
            records.iter().map(|(n, target)| format!("{n} {target}.")).collect::<Vec<_>>().join(", ")
        }
        Err(fault) => fault.to_string(),
    };
    let finding = Finding::ok(CHECK.name, &round.service.domain, Path::Aside);
    Some(
        finding
            .fact("asked", other)
            .fact(to_say!("answers otherwise"), shown)
            .judged(Verdict::Degraded, Cause::DnsChanged),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &Exchangers, sound: bool, verdict: Verdict, cause: Option<Cause>) {
        let found = judge(Finding::ok(CHECK.name, "example.org", Path::Names), set, sound);
        assert_eq!((found.verdict, found.cause), (verdict, cause), "{set:?}");
    }

    fn records(list: &[(u16, &str)]) -> Exchangers {
        Exchangers::Records(list.iter().map(|(n, target)| (*n, (*target).to_owned())).collect())
    }

    #[test]
    fn what_the_answer_means() {
        use Verdict::{Degraded, Down, Ok, Unknown};
        let fault = |fault| Exchangers::Fault(fault, vec![]);
        check(&records(&[(10, "mail.example.org"), (20, "mx2.example.org")]), true, Ok, None);
        check(&records(&[(0, ""), (10, "mail.example.org")]), true, Degraded, Some(Cause::MxInvalid));
        check(&records(&[(10, "192.0.2.1")]), true, Degraded, Some(Cause::MxInvalid));
        check(&Exchangers::Implicit, true, Degraded, Some(Cause::MxMissing));
        check(&Exchangers::Null, true, Down, Some(Cause::NoMailService));
        check(&fault(DnsFault::NoSuchName), true, Down, Some(Cause::DnsNxdomain));
        check(&fault(DnsFault::ServerFailure), true, Down, Some(Cause::DnsServfail));
        check(&fault(DnsFault::Timeout), true, Down, Some(Cause::DnsTimeout));
        check(&fault(DnsFault::Unreachable), false, Unknown, Some(Cause::ResolverDown));
    }
}
