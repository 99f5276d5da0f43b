//! The machine-readable part of a bounce (RFC 3464).

use super::Fate;

/// At most so many recipients are read.
const MOST_RECIPIENTS: usize = 200;

/// What the report says of one recipient. The fields are those of RFC 3464 section 2.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) recipient: String,
    pub(super) action: Option<String>,
    pub(super) status: Option<String>,
    pub(super) diagnostic: String,
}

impl Status {
    /// What became of the message (RFC 3464 section 2.3.3).
    pub(super) fn fate(&self) -> Fate {
        let by_class = |status: &String| match status.chars().next() {
            Some('2') => Fate::Delivered,
            Some('4') => Fate::Delayed,
            Some('5') => Fate::Failed,
            _ => Fate::Unknown,
        };
        match self.action.as_deref() {
            Some("failed") => Fate::Failed,
            Some("delayed") => Fate::Delayed,
            Some("delivered" | "relayed" | "expanded") => Fate::Delivered,
            _ => self.status.as_ref().map_or(Fate::Unknown, by_class),
        }
    }
}

/// Reads every recipient's group of fields. Works on the part of a mail and on a pasted fragment.
pub(super) fn read(text: &str) -> Vec<Status> {
    let mut found = Vec::new();
    let mut group = Status::default();
    for (name, value) in fields(text) {
        if name.is_empty() || (name == "final-recipient" && !group.recipient.is_empty()) {
            finish(&mut found, &mut group);
        }
        set(&mut group, &name, &value);
        if found.len() >= MOST_RECIPIENTS {
            return found;
        }
    }
    finish(&mut found, &mut group);
    found
}

/// A group counts when it names a recipient and says what became of the message.
fn finish(found: &mut Vec<Status>, group: &mut Status) {
    let group = std::mem::take(group);
    if !group.recipient.is_empty() && (group.action.is_some() || group.status.is_some()) {
        found.push(group);
    }
}

fn set(group: &mut Status, name: &str, value: &str) {
    match name {
        "final-recipient" => group.recipient = after_type(value).to_owned(),
        "original-recipient" if group.recipient.is_empty() => group.recipient = after_type(value).to_owned(),
        "action" => group.action = value.split_whitespace().next().map(str::to_ascii_lowercase),
        "status" => group.status = value.split_whitespace().next().map(str::to_owned),
        "diagnostic-code" => group.diagnostic = after_type(value).to_owned(),
        _ => {}
    }
}

/// What follows the type: `rfc822; a@example.org`, `smtp; 550 …`.
fn after_type(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest)) if kind.len() <= 30 && !kind.trim().contains(' ') => rest.trim(),
        _ => value.trim(),
    }
}

/// Unfolded fields with lower-case names; an empty name stands for an empty line.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() {
            fields.push((String::new(), String::new()));
        } else if line.starts_with([' ', '\t']) && fields.last().is_some_and(|(name, _)| !name.is_empty()) {
            let (_, value) = fields.last_mut().expect("it was just seen");
            value.push(' ');
            value.push_str(line.trim());
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recipient_has_its_own_fate() {
        let text = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\n\
            Status: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox\n    is full\n\n\
            Final-Recipient: rfc822;b@example.com\nAction: delayed\nStatus: 4.4.1\n";
        let found = read(text);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].fate(), found[0].diagnostic.as_str()),
            (Fate::Failed, "552 5.2.2 mailbox is full")
        );
        assert_eq!((found[1].fate(), found[1].recipient.as_str()), (Fate::Delayed, "b@example.com"));
    }

    #[test]
    fn the_action_counts_before_the_class_of_the_status() {
        let status = |action: Option<&str>, status: &str| Status {
            action: action.map(str::to_owned),
            status: Some(status.to_owned()),
            ..Status::default()
        };
        assert_eq!(status(Some("failed"), "4.4.7").fate(), Fate::Failed);
        assert_eq!(status(Some("relayed"), "2.0.0").fate(), Fate::Delivered);
        assert_eq!(status(None, "4.2.2").fate(), Fate::Delayed);
        assert_eq!(status(None, "x").fate(), Fate::Unknown);
    }
}
