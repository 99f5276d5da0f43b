//! The small table of kinds: what an action is, how risky, and what it breaks while it runs.

use serde::{Deserialize, Serialize};
use watchpost_texts::{said, to_say};

/// Whether a second person must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nobody else needs to agree.
    Low,
    /// A second person must agree, if one is awake.
    High,
}

/// What sort of thing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Renew or install a certificate, reload.
    Certificate,
    /// Restart a service or a host.
    Restart,
    /// Change a setting.
    Configuration,
    /// Change a record in DNS.
    Dns,
    /// Install an update, or go back to an older version.
    Upgrade,
    /// Replace hardware, or go over to another machine.
    Replace,
    /// Make room.
    Storage,
    /// Delete, flush or requeue mail.
    Queue,
    /// Change who may send, or what is filtered.
    Filter,
    /// Anything else.
    Other,
}

struct Row {
    kind: Kind,
    /// Words that point at it, the first row that has one wins: dangerous things stand first.
    words: &'static [&'static str],
    risk: Risk,
    effect: &'static str,
}

const TABLE: &[Row] = &[
    Row {
        kind: Kind::Queue,
        words: &["queue", "flush", "requeue", "delete", "purge", "postsuper"],
        risk: Risk::High,
        effect: to_say!("Mail may be lost or sent twice. Save `postqueue -j` first; never delete the queue."),
    },
    Row {
        kind: Kind::Dns,
        words: &["dns", "mx", "spf", "dkim", "dmarc", "zone", "record", "ttl"],
        risk: Risk::High,
        effect: to_say!(
            "Others see it only when the old answer has run out of their caches. Look at the MTA-STS policy and SPF."
        ),
    },
    Row {
        kind: Kind::Replace,
        words: &["replace", "failover", "fail over", "switch over", "swap", "disk", "hardware"],
        risk: Risk::High,
        effect: to_say!(
            "The service is away while it changes over; the new machine must hold the same mail."
        ),
    },
    Row {
        kind: Kind::Upgrade,
        words: &["upgrade", "update", "patch", "downgrade", "install"],
        risk: Risk::High,
        effect: to_say!("The service restarts; have the old version at hand."),
    },
    Row {
        kind: Kind::Certificate,
        words: &["certificate", "cert", "renew", "acme"],
        risk: Risk::Low,
        effect: to_say!("Connections are made anew. A TLSA record must match the new key."),
    },
    Row {
        kind: Kind::Restart,
        words: &["restart", "reboot", "start ", "kill"],
        risk: Risk::High,
        effect: to_say!("Sending or reading stops for about a minute; open connections break."),
    },
    Row {
        kind: Kind::Storage,
        words: &["space", "quota", "volume", "storage", "clean"],
        risk: Risk::High,
        effect: to_say!("Never make room by deleting mail or the queue."),
    },
    Row {
        kind: Kind::Filter,
        words: &["filter", "block", "allow", "greylist", "firewall", "rbl"],
        risk: Risk::High,
        effect: to_say!("Mail may be refused or let through that should not be."),
    },
    Row {
        kind: Kind::Configuration,
        words: &["config", "setting", "reload", "postconf", "change"],
        risk: Risk::Low,
        effect: to_say!("Keep a copy of the old file."),
    },
];

impl Kind {
    /// The kind that the words of the text point at.
    pub fn guess(text: &str) -> Kind {
        let text = text.to_lowercase();
        let has = |word: &&'static str| text.match_indices(*word).any(|(at, _)| starts_word(&text, at));
        TABLE.iter().find(|row| row.words.iter().any(&has)).map_or(Kind::Other, |row| row.kind)
    }

    /// Whether a second person must agree, if one is awake. What is not known counts as risky.
    pub fn risk(self) -> Risk {
        self.row().map_or(Risk::High, |row| row.risk)
    }

    /// What it breaks or needs, as a sentence.
    pub fn effect(self) -> &'static str {
        said(self.row().map_or(to_say!("Say what it may break before you begin."), |row| row.effect))
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.kind == self)
    }
}

/// "mx" is meant in "the mx" and not in "remx".
fn starts_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_action_say_how_risky_it_is() {
        let table = [
            ("renew certificate, reload", Kind::Certificate, Risk::Low),
            ("restart node 2", Kind::Restart, Risk::High),
            ("point the MX at the backup", Kind::Dns, Risk::High),
            ("postconf -e soft_bounce=yes", Kind::Configuration, Risk::Low),
            ("flush the queue", Kind::Queue, Risk::High),
            ("delete the old certificate", Kind::Queue, Risk::High),
            ("add space to /var", Kind::Storage, Risk::High),
            ("dance", Kind::Other, Risk::High),
        ];
        for (text, kind, risk) in table {
            assert_eq!((Kind::guess(text), Kind::guess(text).risk()), (kind, risk), "{text}");
        }
    }
}
