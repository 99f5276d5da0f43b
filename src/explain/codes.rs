//! Reply codes (RFC 5321 section 4.2) and enhanced status codes (RFC 3463, IANA registry): how to find them in a text, and
//! what they speak for.

use super::{
    reason::Reason::{
        self, AuthFailure, BadReputation, Blocked, ContentError, ExceedLimit, Expired, Filtered, HasMoved,
        HostUnknown, MailboxFull, MesgTooBig, NetworkError, NotAccept, PolicyViolation, Rejected, RequirePtr,
        SecurityError, Speeding, Suspend, SyntaxError, SystemError, SystemFull, UserUnknown,
    },
    words::is_enhanced_status,
};

/// At most so many characters are searched for codes.
const MOST_SEARCHED: usize = 16 * 1024;

/// The codes of one reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// The reply code, such as `550`.
    pub reply: Option<u16>,
    /// The enhanced status code, such as `5.1.1`.
    pub status: Option<String>,
}

impl Codes {
    /// The first digit of what is known: 2 taken, 4 not now, 5 never. The reply's own digit decides.
    pub fn class(&self) -> Option<u16> {
        let of_status =
            || self.status.as_ref()?.chars().next()?.to_digit(10).and_then(|digit| u16::try_from(digit).ok());
        self.reply.map(|reply| reply / 100).or_else(of_status)
    }

    /// Subject and detail of the status: `(1, 1)` for `5.1.1`. RFC 3463 registers nothing but x.0.0 under subject 0; other
    /// numbers there are bounce parsers' own conclusions, and say nothing about the server.
    pub fn subject_and_detail(&self) -> Option<(u16, u16)> {
        let mut parts = self.status.as_ref()?.split('.').skip(1).map(|part| part.parse().ok());
        let (subject, detail) = (parts.next()??, parts.next()??);
        (subject != 0 || detail == 0).then_some((subject, detail))
    }

    /// Whether the codes only complain of the order of commands, which follows from an earlier refusal.
    fn is_consequence(&self) -> bool {
        self.reply == Some(503) || self.subject_and_detail().is_some_and(|(subject, _)| subject == 5)
    }

    fn has_any(&self) -> bool {
        self.reply.is_some() || self.status.is_some()
    }
}

/// Finds the codes that decide in `text`: a refusal for good before one for now, the first before later ones, and those
/// that only follow from an earlier refusal last.
pub fn find_codes(text: &str) -> Codes {
    let end = text.char_indices().nth(MOST_SEARCHED).map_or(text.len(), |(at, _)| at);
    let found = all_codes(&text[..end]);
    let rank = |codes: &Codes| (codes.is_consequence(), codes.class() != Some(5), codes.reply.is_none());
    // min_by_key returns the first of equals.
    found.into_iter().min_by_key(rank).unwrap_or_default()
}

fn all_codes(text: &str) -> Vec<Codes> {
    let mut found: Vec<Codes> = Vec::new();
    let mut reply_before = false;
    for token in text.split_whitespace().take(4000) {
        let (reply, status) = read_token(token);
        match (reply, status) {
            (Some(_), status) => found.push(Codes { reply, status }),
            (None, Some(status)) => match found.last_mut() {
                Some(last) if reply_before && last.status.is_none() => last.status = Some(status),
                // qmail writes the status behind the text: (#5.1.1).
                Some(last) if token.contains('#') && last.status.is_none() && last.reply.is_some() => {
                    last.status = Some(status);
                }
                _ => found.push(Codes { reply: None, status: Some(status) }),
            },
            (None, None) => {}
        }
        reply_before = reply.is_some();
    }
    found.retain(Codes::has_any);
    found
}

/// Reads `550`, `550-5.1.1`, `5.1.1`, `(#5.1.1)`, `'550`, `TO:550`.
fn read_token(token: &str) -> (Option<u16>, Option<String>) {
    let token =
        token.rsplit_once(':').map_or(token, |(before, after)| if after.is_empty() { before } else { after });
    let bare = token.trim_matches(|c: char| !c.is_ascii_digit());
    if is_enhanced_status(bare) {
        return (None, Some(bare.to_owned()));
    }
    let whole = token.trim_matches(|c: char| !c.is_alphanumeric());
    let (first, rest) = whole.split_once('-').unwrap_or((whole, ""));
    match first.parse::<u16>() {
        Ok(code) if first.len() == 3 && is_reply(code) && !token.starts_with('[') => {
            let status = is_enhanced_status(rest).then(|| rest.to_owned());
            (Some(code), status)
        }
        _ => (None, None),
    }
}

/// The reply codes that refuse; `250` and its like stand in no error text that must be explained.
fn is_reply(code: u16) -> bool {
    matches!(code, 421 | 430..=460 | 471..=474 | 500..=504 | 510..=557 | 559 | 570..=579)
}

/// What an enhanced status speaks for: subject, detail, reason, weight.
const STATUSES: &[(u16, u16, Reason, u8)] = &[
    (1, 0, UserUnknown, 3),
    (1, 1, UserUnknown, 6),
    (1, 2, HostUnknown, 6),
    (1, 3, UserUnknown, 5),
    (1, 4, UserUnknown, 4),
    (1, 6, HasMoved, 12),
    (1, 7, Rejected, 6),
    (1, 8, Rejected, 7),
    (1, 10, NotAccept, 4),
    (2, 0, Filtered, 3),
    (2, 1, Suspend, 4),
    (2, 2, MailboxFull, 7),
    (2, 3, ExceedLimit, 7),
    (2, 4, Filtered, 3),
    (3, 0, SystemError, 3),
    (3, 1, SystemFull, 6),
    (3, 2, SystemError, 4),
    (3, 3, SystemError, 4),
    (3, 4, MesgTooBig, 7),
    (3, 5, SystemError, 6),
    (4, 0, NetworkError, 3),
    (4, 1, Expired, 4),
    (4, 2, NetworkError, 4),
    (4, 3, NetworkError, 3),
    (4, 4, HostUnknown, 4),
    (4, 5, SystemFull, 2),
    (4, 6, NetworkError, 7),
    (4, 7, Expired, 7),
    (4, 14, NetworkError, 7),
    (5, 0, SyntaxError, 1),
    (5, 1, SyntaxError, 2),
    (5, 2, SyntaxError, 2),
    (5, 3, ExceedLimit, 5),
    (5, 4, SyntaxError, 2),
    (6, 0, ContentError, 5),
    (6, 1, ContentError, 5),
    (6, 2, ContentError, 3),
    (6, 3, ContentError, 4),
    (6, 5, ContentError, 4),
    (6, 6, ContentError, 4),
    (6, 7, ContentError, 4),
    (7, 0, PolicyViolation, 3),
    (7, 1, PolicyViolation, 3),
    (7, 2, Rejected, 4),
    (7, 3, SecurityError, 4),
    (7, 4, SecurityError, 5),
    (7, 5, SecurityError, 5),
    (7, 7, ContentError, 3),
    (7, 8, SecurityError, 7),
    (7, 9, SecurityError, 7),
    (7, 10, SecurityError, 6),
    (7, 11, SecurityError, 6),
    (7, 13, Suspend, 7),
    (7, 14, SecurityError, 5),
    (7, 17, HasMoved, 5),
    (7, 18, HasMoved, 5),
    (7, 20, AuthFailure, 7),
    (7, 21, AuthFailure, 7),
    (7, 22, AuthFailure, 7),
    (7, 23, AuthFailure, 7),
    (7, 24, AuthFailure, 7),
    (7, 25, RequirePtr, 8),
    (7, 26, AuthFailure, 8),
    (7, 27, NotAccept, 5),
    (7, 28, Speeding, 5),
    (7, 133, SecurityError, 5),
    (7, 508, Speeding, 5),
    (7, 509, AuthFailure, 6),
    (7, 511, Blocked, 6),
    (7, 705, Speeding, 5),
    (7, 708, Blocked, 5),
];

/// What a reply code speaks for.
const REPLIES: &[(u16, Reason, u8)] = &[
    (432, SecurityError, 5),
    (451, SystemError, 3),
    (452, SystemFull, 2),
    (454, SecurityError, 4),
    (500, SyntaxError, 2),
    (501, SyntaxError, 2),
    (502, SyntaxError, 2),
    (503, SyntaxError, 1),
    (504, SyntaxError, 2),
    (521, NotAccept, 4),
    (525, Suspend, 5),
    (530, SecurityError, 6),
    (534, SecurityError, 6),
    (535, SecurityError, 7),
    (538, SecurityError, 6),
    (551, HasMoved, 5),
    (552, MailboxFull, 2),
    (556, NotAccept, 6),
    (571, Blocked, 3),
];

/// What the status speaks for, and how much.
pub(super) fn status_says(codes: &Codes) -> Option<(Reason, u8)> {
    let (subject, detail) = codes.subject_and_detail()?;
    // 421 4.7.x turns our address away for now: its reputation, or its rate.
    if subject == 7 && codes.reply == Some(421) {
        return Some((BadReputation, 6));
    }
    // Microsoft's own range for refused addresses.
    if subject == 7 && (600..=699).contains(&detail) {
        return Some((Blocked, 6));
    }
    let row = STATUSES.iter().find(|row| (row.0, row.1) == (subject, detail))?;
    Some((row.2, row.3))
}

/// What the reply code speaks for, and how much.
pub(super) fn reply_says(codes: &Codes) -> Option<(Reason, u8)> {
    let row = REPLIES.iter().find(|row| Some(row.0) == codes.reply)?;
    Some((row.1, row.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, reply: Option<u16>, status: Option<&str>) {
        let expected = Codes { reply, status: status.map(str::to_owned) };
        assert_eq!(find_codes(text), expected, "{text}");
    }

    #[test]
    fn the_deciding_codes_are_found() {
        check("550 5.1.1 <a@example.org>: unknown", Some(550), Some("5.1.1"));
        check("550-5.7.26 This mail 550 5.7.26 is unauthenticated", Some(550), Some("5.7.26"));
        check("host said: 450 4.7.1 wait 554 5.5.1 no valid recipients", Some(450), Some("4.7.1"));
        check("450 busy 551 not here 503 need RCPT", Some(551), None);
        check("did not like our RCPT TO:552 5.2.2 full", Some(552), Some("5.2.2"));
        check("550 sorry, no mailbox here (#5.1.1)", Some(550), Some("5.1.1"));
        check("(host mx[192.0.2.1] refused, port 465, took 450ms) at 10.5.1.1", None, None);
        check("#5.4.4 unable to route", None, Some("5.4.4"));
        check("", None, None);
    }
}
