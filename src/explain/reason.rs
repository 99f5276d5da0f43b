//! The reasons for which mail is refused or late: the vocabulary, and what each means.

use crate::cause::Cause;
use serde::{Deserialize, Serialize};
use watchpost_texts::to_say;

/// Why a message was refused or is late. The words are those of the common bounce parsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the table below says what each means")]
pub enum Reason {
    UserUnknown,
    Filtered,
    HasMoved,
    Suspend,
    MailboxFull,
    SystemFull,
    SystemError,
    MailerError,
    TooManyConn,
    Speeding,
    ExceedLimit,
    MesgTooBig,
    Expired,
    NetworkError,
    HostUnknown,
    NotAccept,
    Blocked,
    BadReputation,
    RequirePtr,
    Rejected,
    NoRelaying,
    AuthFailure,
    PolicyViolation,
    SecurityError,
    SpamDetected,
    VirusDetected,
    ContentError,
    NotCompliantRfc,
    SyntaxError,
}

/// Who can repair it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The sender of this message: the message or the address that was typed.
    Sender,
    /// The recipient, or the recipient's server.
    Recipient,
    /// The service that sends: its reputation, names, signing or software.
    Ours,
    /// The way between the servers.
    Network,
}

/// What is known about a reason.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) reason: Reason,
    pub(super) name: &'static str,
    /// The cause that it most often has.
    pub(super) cause: Cause,
    pub(super) side: Side,
    /// Whether the same message can pass later although nobody changes it.
    pub(super) passes_later: bool,
    /// What happened: one sentence.
    pub(super) explanation: &'static str,
    /// What the sender does next.
    pub(super) what_to_do: &'static str,
}

/// One row for each reason, in the order of the enum.
pub(super) const MEANINGS: [Meaning; 29] = [
    Meaning {
        reason: Reason::UserUnknown,
        name: "userunknown",
        cause: Cause::AddressUnknown,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!("The address does not exist at the recipient's server."),
        what_to_do: to_say!("Check the address letter by letter, or ask the recipient for the right one."),
    },
    Meaning {
        reason: Reason::Filtered,
        name: "filtered",
        cause: Cause::RecipientFilter,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!("The recipient's own filter or settings refused the message."),
        what_to_do: to_say!("Ask the recipient by another way to allow your address."),
    },
    Meaning {
        reason: Reason::HasMoved,
        name: "hasmoved",
        cause: Cause::AddressMoved,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!("The recipient has another address now, and mail is not forwarded."),
        what_to_do: to_say!("Ask the recipient for the new address."),
    },
    Meaning {
        reason: Reason::Suspend,
        name: "suspend",
        cause: Cause::AccountSuspended,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!("The recipient's account exists and is switched off."),
        what_to_do: to_say!("Reach the recipient by another way; they must have the account opened again."),
    },
    Meaning {
        reason: Reason::MailboxFull,
        name: "mailboxfull",
        cause: Cause::MailboxFull,
        side: Side::Recipient,
        passes_later: true,
        explanation: to_say!("The recipient's mailbox is full."),
        what_to_do: to_say!("Tell the recipient by another way to make room; then send again."),
    },
    Meaning {
        reason: Reason::SystemFull,
        name: "systemfull",
        cause: Cause::StorageFull,
        side: Side::Recipient,
        passes_later: true,
        explanation: to_say!("The disk of the receiving server is full."),
        what_to_do: to_say!("Wait. If it is our server: free disk space now."),
    },
    Meaning {
        reason: Reason::SystemError,
        name: "systemerror",
        cause: Cause::ServerFault,
        side: Side::Recipient,
        passes_later: true,
        explanation: to_say!("The receiving server reports a fault of its own."),
        what_to_do: to_say!("Wait some hours. If it is our server: read its log of the same second."),
    },
    Meaning {
        reason: Reason::MailerError,
        name: "mailererror",
        cause: Cause::MailboxDeliveryDown,
        side: Side::Recipient,
        passes_later: true,
        explanation: to_say!("The program that puts mail into the mailbox failed on the receiving side."),
        what_to_do: to_say!(
            "Tell the recipient's administrators. If it is our server: read the delivery program's log."
        ),
    },
    Meaning {
        reason: Reason::TooManyConn,
        name: "toomanyconn",
        cause: Cause::ConnectionLimit,
        side: Side::Recipient,
        passes_later: true,
        explanation: to_say!("The receiving server has too many connections, in all or from us."),
        what_to_do: to_say!(
            "Wait; the server tries again by itself. Open fewer connections at once to that destination."
        ),
    },
    Meaning {
        reason: Reason::Speeding,
        name: "speeding",
        cause: Cause::SendingTooFast,
        side: Side::Ours,
        passes_later: true,
        explanation: to_say!("More was sent in a short time than the receiver takes."),
        what_to_do: to_say!("Send more slowly, and look for a hacked account if nobody sends a mailing."),
    },
    Meaning {
        reason: Reason::ExceedLimit,
        name: "exceedlimit",
        cause: Cause::RecipientLimit,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!(
            "A limit of the recipient's account is exceeded, such as size or number of recipients."
        ),
        what_to_do: to_say!("Send to fewer recipients, or in smaller parts."),
    },
    Meaning {
        reason: Reason::MesgTooBig,
        name: "mesgtoobig",
        cause: Cause::MessageTooBig,
        side: Side::Sender,
        passes_later: false,
        explanation: to_say!("The message is larger than the receiving server allows."),
        what_to_do: to_say!("Share the attachment by a link, or send it in parts."),
    },
    Meaning {
        reason: Reason::Expired,
        name: "expired",
        cause: Cause::DeliveryExpired,
        side: Side::Network,
        passes_later: true,
        explanation: to_say!("The other side could not be reached in the time in which delivery was tried."),
        what_to_do: to_say!("Ask the recipient by another way whether their mail works; then send again."),
    },
    Meaning {
        reason: Reason::NetworkError,
        name: "networkerror",
        cause: Cause::DestinationUnreachable,
        side: Side::Network,
        passes_later: true,
        explanation: to_say!("A name could not be looked up or a connection failed on the way."),
        what_to_do: to_say!(
            "Check the part after the @. If it is right, wait; if many destinations fail, check our resolver and outward way."
        ),
    },
    Meaning {
        reason: Reason::HostUnknown,
        name: "hostunknown",
        cause: Cause::DnsNxdomain,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!("The domain of the address does not exist, or has no mail server."),
        what_to_do: to_say!("Check the part after the @ for a typing error."),
    },
    Meaning {
        reason: Reason::NotAccept,
        name: "notaccept",
        cause: Cause::NoMailService,
        side: Side::Recipient,
        passes_later: false,
        explanation: to_say!("The domain or server takes no mail at all."),
        what_to_do: to_say!("Ask the recipient for an address at another domain."),
    },
    Meaning {
        reason: Reason::Blocked,
        name: "blocked",
        cause: Cause::Blocklisted,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!("The receiver refuses the address that our server sends from."),
        what_to_do: to_say!(
            "Tell the mail team: look the sending address up in the block list that the reply names."
        ),
    },
    Meaning {
        reason: Reason::BadReputation,
        name: "badreputation",
        cause: Cause::ReputationLow,
        side: Side::Ours,
        passes_later: true,
        explanation: to_say!("The receiver judges the address that our server sends from as poor."),
        what_to_do: to_say!(
            "Tell the mail team: send less, look for a hacked account and at the receiver's postmaster page."
        ),
    },
    Meaning {
        reason: Reason::RequirePtr,
        name: "requireptr",
        cause: Cause::ReverseNameMissing,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!(
            "The address that our server sends from has no reverse name, or one that does not match."
        ),
        what_to_do: to_say!(
            "Tell the mail team: have the PTR record set, and let it resolve back to the address."
        ),
    },
    Meaning {
        reason: Reason::Rejected,
        name: "rejected",
        cause: Cause::SenderRefused,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!("The receiver refuses the sender's address or its domain."),
        what_to_do: to_say!(
            "Check the sender address in your program, and whether it may write to this recipient or group."
        ),
    },
    Meaning {
        reason: Reason::NoRelaying,
        name: "norelaying",
        cause: Cause::RelayDenied,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!("The server does not pass mail on to this domain, or not for this sender."),
        what_to_do: to_say!(
            "Check that the program logs in for sending. If it is our domain: look at the server's list of domains."
        ),
    },
    Meaning {
        reason: Reason::AuthFailure,
        name: "authfailure",
        cause: Cause::MailAuthenticationFailed,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!(
            "The receiver could not verify that the message comes from our domain (SPF, DKIM or DMARC)."
        ),
        what_to_do: to_say!(
            "Tell the mail team: compare the sending address with SPF, the signature with the published key."
        ),
    },
    Meaning {
        reason: Reason::PolicyViolation,
        name: "policyviolation",
        cause: Cause::PolicyRefusal,
        side: Side::Sender,
        passes_later: false,
        explanation: to_say!("A rule of the receiver forbids this message."),
        what_to_do: to_say!(
            "Read the rule that the reply names, often about attachments, and send the message in another form."
        ),
    },
    Meaning {
        reason: Reason::SecurityError,
        name: "securityerror",
        cause: Cause::TlsRequired,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!("Encryption, a login or a permission was demanded and is missing or failed."),
        what_to_do: to_say!(
            "Check encryption and login in the outgoing settings, and whether you may write to this recipient."
        ),
    },
    Meaning {
        reason: Reason::SpamDetected,
        name: "spamdetected",
        cause: Cause::MessageJudgedSpam,
        side: Side::Sender,
        passes_later: false,
        explanation: to_say!("The receiver judged the message to be spam."),
        what_to_do: to_say!(
            "Send a short plain message without links and attachments, or reach the recipient by another way."
        ),
    },
    Meaning {
        reason: Reason::VirusDetected,
        name: "virusdetected",
        cause: Cause::MessageJudgedMalware,
        side: Side::Sender,
        passes_later: false,
        explanation: to_say!("The receiver found malware in the message."),
        what_to_do: to_say!("Open no attachment of it, have the device examined, and do not send it again."),
    },
    Meaning {
        reason: Reason::ContentError,
        name: "contenterror",
        cause: Cause::MessageMalformed,
        side: Side::Sender,
        passes_later: false,
        explanation: to_say!("The format of the message or of its headers is broken."),
        what_to_do: to_say!(
            "Write it anew in another program; tell the mail team if a system made the message."
        ),
    },
    Meaning {
        reason: Reason::NotCompliantRfc,
        name: "notcompliantrfc",
        cause: Cause::MessageMalformed,
        side: Side::Sender,
        passes_later: false,
        explanation: to_say!("The message breaks a mail standard."),
        what_to_do: to_say!(
            "Correct the header that the reply names; tell the mail team if a system made the message."
        ),
    },
    Meaning {
        reason: Reason::SyntaxError,
        name: "syntaxerror",
        cause: Cause::ProtocolViolation,
        side: Side::Ours,
        passes_later: false,
        explanation: to_say!("The receiving server did not understand a command of the sending server."),
        what_to_do: to_say!(
            "Tell the mail team: the sending program, or a device in between, speaks wrongly."
        ),
    },
];

impl Reason {
    pub(super) fn meaning(self) -> &'static Meaning {
        &MEANINGS[self as usize]
    }

    /// Every reason.
    pub fn all() -> impl Iterator<Item = Reason> {
        MEANINGS.iter().map(|meaning| meaning.reason)
    }

    /// The fixed word, such as `mailboxfull`.
    pub fn name(self) -> &'static str {
        self.meaning().name
    }

    /// Who can repair it.
    pub fn side(self) -> Side {
        self.meaning().side
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_enum() {
        for (place, meaning) in MEANINGS.iter().enumerate() {
            assert_eq!(meaning.reason as usize, place, "{} stands in the wrong place", meaning.name);
            assert_eq!(serde_json::to_value(meaning.reason).unwrap(), meaning.name);
            assert!(meaning.explanation.ends_with('.') && meaning.what_to_do.ends_with('.'));
        }
    }
}
