//! Names: the domain, its mail exchangers and the resolvers.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const NOT_ARRIVING: &str =
    to_say!("Mail from outside does not arrive. It waits with the senders and comes later.");
const LATE: &str = to_say!("Mail from outside and to outside may come late.");
const NOTHING: &str = to_say!("Nothing yet.");
const WAIT: &str =
    to_say!("Do not send again: waiting mail is delivered by itself. For what is urgent, telephone.");
const NOTHING_TO_DO: &str = to_say!("There is nothing to do. Keep your account as it is.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::DomainExpired,
        meaning: to_say!("The registration of the domain has run out, so its names are being withdrawn."),
        users: to_say!(
            "Mail from outside is refused, and the web pages of the organisation may be gone too."
        ),
        what_to_do: &[
            to_say!("Log in at the registrar, pay the renewal and ask for an immediate restore."),
            to_say!("Check that the name servers at the registry are the right ones again."),
            to_say!("Expect hours until every resolver sees the domain again."),
        ],
        never: &[to_say!("Never rely on a mailbox of the same domain for the registrar's messages.")],
        advice: to_say!("Mail that was refused must be sent again later. Use telephone or chat meanwhile."),
    },
    Entry {
        cause: Cause::DomainExpiring,
        meaning: to_say!(
            "The registration of the domain runs out soon, and the registry knows of no renewal yet."
        ),
        users: NOTHING,
        what_to_do: &[
            to_say!(
                "Log in at the registrar and renew the domain; look whether automatic renewal failed and why."
            ),
            to_say!("Check that the registrar's messages reach a mailbox outside this domain."),
        ],
        never: &[to_say!("Never rely on a mailbox of the same domain for the registrar's messages.")],
        advice: NOTHING_TO_DO,
    },
    Entry {
        cause: Cause::DnsNxdomain,
        meaning: to_say!(
            "The name does not exist in DNS: the registration or the delegation is lost, or the record was deleted."
        ),
        users: to_say!("Mail from outside is refused at once."),
        what_to_do: &[
            to_say!("Ask the registry (RDAP) when the registration ends and which name servers it holds."),
            to_say!("Compare the zone with its last good copy and put the record back."),
            to_say!("Lower the negative caching time only after the record is back."),
        ],
        never: &[to_say!("Never change several records at once: the old answer may be cached for hours.")],
        advice: to_say!("Mail that was refused must be sent again later. Use telephone or chat meanwhile."),
    },
    Entry {
        cause: Cause::DnsServfail,
        meaning: to_say!(
            "The name servers of the domain fail or contradict themselves: every resolver that was asked says SERVFAIL."
        ),
        users: NOT_ARRIVING,
        what_to_do: &[
            to_say!("Ask each authoritative name server directly for SOA and MX."),
            to_say!("Ask again with checking disabled (+CD): if that works, DNSSEC is broken."),
            to_say!("Look at the last change of the zone and its serial number."),
        ],
        never: &[to_say!("Never flush caches before the zone is right again.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DnsTimeout,
        meaning: to_say!(
            "The name servers of the domain do not answer in time, to any resolver that was asked."
        ),
        users: NOT_ARRIVING,
        what_to_do: &[
            to_say!("Ask each authoritative name server directly, over UDP and TCP."),
            to_say!("Look for a firewall that drops port 53, or an attack at the name-server operator."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DnssecBroken,
        meaning: to_say!(
            "The DNSSEC signatures of the domain do not verify; resolvers that validate treat it as failed."
        ),
        users: NOT_ARRIVING,
        what_to_do: &[
            to_say!(
                "Compare the DS record at the parent with the DNSKEY of the zone, and read the expiry of the signatures."
            ),
            to_say!("Sign the zone anew, or have the registrar remove the DS record as a stopgap."),
        ],
        never: &[to_say!(
            "Never remove the keys from the zone while the DS record still stands at the parent."
        )],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DnsChanged,
        meaning: to_say!(
            "The mail exchangers or addresses of the domain are not those last known: a change, or a hijack."
        ),
        users: NOTHING,
        what_to_do: &[
            to_say!("Ask who changed it; look at the registrar's and the DNS operator's log."),
            to_say!("If nobody did: lock the registrar account and put the old records back."),
            to_say!("If it was meant: check that the MTA-STS policy names the new hosts."),
        ],
        never: &[to_say!("Never type passwords into a page that asks again before the change is explained.")],
        advice: NOTHING_TO_DO,
    },
    Entry {
        cause: Cause::ResolverDown,
        meaning: to_say!(
            "A resolver does not answer although others do: the mail server, or Watchpost, cannot look names up."
        ),
        users: to_say!("Mail to other organisations waits and goes out later."),
        what_to_do: &[
            to_say!("On the mail server, look up an unrelated name with each resolver of its resolv.conf."),
            to_say!("Restart the resolver, or point the server at a second one."),
            to_say!("Then flush the mail queue once."),
        ],
        never: &[to_say!(
            "Never set a public resolver for good: block lists refuse it, and good mail is then refused."
        )],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MxMissing,
        meaning: to_say!(
            "The domain has no MX record; only senders that fall back to the address of the domain still try."
        ),
        users: to_say!("Some mail from outside does not arrive."),
        what_to_do: &[to_say!(
            "Put the MX records back from the last good copy of the zone, then look them up at every name server."
        )],
        never: &[to_say!("Never take a successful fall-back to the A record for a repair.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MxUnresolvable,
        meaning: to_say!("The MX record names a host that does not exist or has no address."),
        users: NOT_ARRIVING,
        what_to_do: &[to_say!(
            "Correct the name in the MX record, or put the address record of that host back."
        )],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MxInvalid,
        meaning: to_say!(
            "An MX record points to an alias, to an address literal, or stands beside a null MX; senders differ in what they do."
        ),
        users: LATE,
        what_to_do: &[to_say!(
            "Let every MX name a host with address records of its own (RFC 2181 section 10.3, RFC 7505)."
        )],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::NoMailService,
        meaning: to_say!(
            "The domain or host declares that it takes no mail (null MX, or 521 and 554 as greeting)."
        ),
        users: to_say!("Mail to this domain comes back at once."),
        what_to_do: &[
            to_say!("If it is our domain: remove the null MX or start the mail service on that host."),
            to_say!("If it is theirs: ask the recipient for another address."),
        ],
        never: &[],
        advice: to_say!("Sending again does not help. Ask the recipient for another address."),
    },
];
