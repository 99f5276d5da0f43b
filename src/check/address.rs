//! The addresses of every host: IPv4 and IPv6, aliases, and those that may not be connected to.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Addresses, Exchangers, Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::DnsFault;
use crate::service::HostName;
use crate::transport::vet;

pub(super) const CHECK: Check = Check {
    name: "address",
    asks: to_say!("Which addresses do the hosts have?"),
    set: Set::Fast,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let incoming = round.incoming_hosts().await;
        let hosts = round.all_hosts().await;
        let sound = !round.sound().await.is_empty();
        let exchangers = round.exchangers().await;
        let is_record = matches!(exchangers, Exchangers::Records(_));
        let is_implicit = matches!(exchangers, Exchangers::Implicit);
        let incoming = &incoming;
        join_all(hosts.iter().map(|host| async move {
            let begun = Instant::now();
            let found = round.addresses(host).await;
            let role = match (incoming.contains(host), is_record) {
                (true, true) => Role::MxTarget,
                (true, false) if is_implicit => Role::Implicit,
                (true, false) => Role::Incoming,
                (false, _) => Role::Endpoint,
            };
            let finding = Finding::ok(CHECK.name, host, role.path()).took(millis_since(begun));
            let finding = judge(finding, &found, role, sound);
            forbidden(round, host, &found, finding)
        }))
        .await
    }
    .boxed()
}

/// What a host is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The target of an MX record.
    MxTarget,
    /// The domain itself, because it has no MX record.
    Implicit,
    /// Named by the configuration.
    Incoming,
    /// Only people's programs go there.
    Endpoint,
}

impl Role {
    fn path(self) -> Path {
        match self {
            Self::MxTarget | Self::Implicit | Self::Incoming => Path::Incoming,
            Self::Endpoint => Path::Aside,
        }
    }
}

fn judge(mut finding: Finding, found: &Addresses, role: Role, sound: bool) -> Finding {
    let list: Vec<String> = found.list.iter().map(ToString::to_string).collect();
    if found.remembered {
        finding.facts.add(to_say!("addresses of an earlier answer"), list.join(", "));
    } else if !list.is_empty() {
        finding.facts.add("addresses", list.join(", "));
    }
    if let (Some(name), Role::MxTarget) = (&found.alias_of, role) {
        // RFC 2181 section 10.3: the target of an MX record must not be an alias.
        return finding.fact(to_say!("is an alias of"), name).judged(Verdict::Degraded, Cause::MxInvalid);
    }
    let Some(fault) = found.fault else {
        return finding;
    };
    finding.facts.add("answer", fault);
    match (fault, role) {
        _ if !sound => finding.judged(Verdict::Unknown, Cause::ResolverDown),
        (DnsFault::NoSuchName | DnsFault::NoRecord, Role::MxTarget) => {
            finding.judged(Verdict::Down, Cause::MxUnresolvable)
        }
        // RFC 5321 section 5.1: without an MX record the domain's own address counts, and there is none.
        (DnsFault::NoSuchName | DnsFault::NoRecord, Role::Implicit) => {
            finding.judged(Verdict::Down, Cause::MxMissing)
        }
        (DnsFault::NoSuchName | DnsFault::NoRecord, _) => finding.judged(Verdict::Down, Cause::DnsNxdomain),
        (DnsFault::ServerFailure | DnsFault::Refused, _) => finding.judged(Verdict::Down, Cause::DnsServfail),
        (DnsFault::Timeout | DnsFault::Unreachable, _) => finding.judged(Verdict::Down, Cause::DnsTimeout),
    }
}

/// An address that we may not connect to: on a public service that is itself a fault, senders cannot reach it either.
fn forbidden(round: &Round<'_>, host: &HostName, found: &Addresses, finding: Finding) -> Finding {
    let refused = found.list.iter().find_map(|address| vet(*address, 25, round.service).err());
    match refused {
        Some(reason) if finding.cause.is_none() => finding
            .fact(to_say!("not connected to"), say!("{host}: {reason}"))
            .judged(Verdict::Degraded, Cause::MxInvalid),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &Addresses, role: Role, sound: bool, verdict: Verdict, cause: Option<Cause>) {
        let finding = judge(Finding::ok(CHECK.name, "mail.example.org", Path::Incoming), found, role, sound);
        assert_eq!((finding.verdict, finding.cause), (verdict, cause));
    }

    #[test]
    fn what_the_addresses_mean() {
        use Verdict::{Degraded, Down, Ok, Unknown};
        let good =
            Addresses { list: vec![[192, 0, 2, 1].into()], fault: None, alias_of: None, remembered: false };
        let none = |fault| Addresses { list: vec![], fault: Some(fault), alias_of: None, remembered: false };
        let alias = Addresses { alias_of: Some("real.example.org".into()), ..good.clone() };
        check(&good, Role::MxTarget, true, Ok, None);
        check(&alias, Role::MxTarget, true, Degraded, Some(Cause::MxInvalid));
        check(&alias, Role::Endpoint, true, Ok, None);
        check(&none(DnsFault::NoSuchName), Role::MxTarget, true, Down, Some(Cause::MxUnresolvable));
        check(&none(DnsFault::NoRecord), Role::Implicit, true, Down, Some(Cause::MxMissing));
        check(&none(DnsFault::NoSuchName), Role::Endpoint, true, Down, Some(Cause::DnsNxdomain));
        check(&none(DnsFault::ServerFailure), Role::Endpoint, true, Down, Some(Cause::DnsServfail));
        check(&none(DnsFault::Timeout), Role::MxTarget, false, Unknown, Some(Cause::ResolverDown));
    }
}
