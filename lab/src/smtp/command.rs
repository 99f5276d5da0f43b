//! Reads SMTP commands (RFC 5321 §4.1, RFC 3461 for the parameters of delivery notices).

use crate::queue::Recipient;

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Helo(String),
    Ehlo(String),
    StartTls,
    /// Mechanism, and the initial response if there is one.
    Auth(String, Option<String>),
    Mail(Sender),
    Rcpt(Recipient),
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy,
    /// A known command with arguments that cannot be read.
    BadArguments,
    Unknown,
}

/// The argument of MAIL FROM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sender {
    /// Empty for a bounce.
    pub(crate) address: String,
    /// The size that the client announces (RFC 1870), in bytes.
    pub(crate) size: Option<usize>,
    /// The client's mark for bounces (RFC 3461 §4.4).
    pub(crate) envelope_id: Option<String>,
}

/// Reads a command line without its line end.
pub(crate) fn parse(line: &str) -> Command {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    match verb.to_ascii_uppercase().as_str() {
        "HELO" => name(rest).map_or(Command::BadArguments, Command::Helo),
        "EHLO" => name(rest).map_or(Command::BadArguments, Command::Ehlo),
        "STARTTLS" if rest.is_empty() => Command::StartTls,
        "STARTTLS" => Command::BadArguments,
        "AUTH" => auth(rest),
        "MAIL" => mail(rest).map_or(Command::BadArguments, Command::Mail),
        "RCPT" => rcpt(rest).map_or(Command::BadArguments, Command::Rcpt),
        "DATA" if rest.is_empty() => Command::Data,
        "RSET" => Command::Rset,
        "NOOP" => Command::Noop,
        "QUIT" => Command::Quit,
        "VRFY" | "EXPN" => Command::Vrfy,
        _ => Command::Unknown,
    }
}

fn name(rest: &str) -> Option<String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
    (!rest.is_empty() && rest.len() <= 255 && rest.bytes().all(good)).then(|| rest.to_owned())
}

fn auth(rest: &str) -> Command {
    let mut words = rest.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(mechanism), initial, None) => {
            Command::Auth(mechanism.to_ascii_uppercase(), initial.map(str::to_owned))
        }
        _ => Command::BadArguments,
    }
}

fn mail(rest: &str) -> Option<Sender> {
    let (address, parameters) = path(rest, "FROM:")?;
    let mut sender = Sender { address, ..Sender::default() };
    for (key, value) in parameters {
        match key.as_str() {
            "SIZE" => sender.size = Some(value.parse().ok()?),
            "ENVID" => sender.envelope_id = Some(value),
            "BODY" if matches!(value.to_ascii_uppercase().as_str(), "7BIT" | "8BITMIME") => {}
            "RET" if matches!(value.to_ascii_uppercase().as_str(), "FULL" | "HDRS") => {}
            "AUTH" => {}
            _ => return None,
        }
    }
    Some(sender)
}

fn rcpt(rest: &str) -> Option<Recipient> {
    let (address, parameters) = path(rest, "TO:")?;
    if address.is_empty() {
        return None;
    }
    // RFC 3461 §4.1: without NOTIFY it is the server's choice; failures and delays are what people expect.
    let mut recipient = Recipient { address, notify_failure: true, notify_delay: true };
    for (key, value) in parameters {
        match key.as_str() {
            "NOTIFY" => {
                let wanted = value.to_ascii_uppercase();
                recipient.notify_failure = wanted.split(',').any(|word| word == "FAILURE");
                recipient.notify_delay = wanted.split(',').any(|word| word == "DELAY");
            }
            "ORCPT" => {}
            _ => return None,
        }
    }
    Some(recipient)
}

type Parameters = Vec<(String, String)>;

/// Reads `FROM:<address> KEY=VALUE …`; a source route is dropped (RFC 5321 §4.1.1.3).
fn path(rest: &str, prefix: &str) -> Option<(String, Parameters)> {
    let (head, tail) = rest.split_at_checked(prefix.len())?;
    if !head.eq_ignore_ascii_case(prefix) {
        return None;
    }
    let (address, parameters) = tail.trim_start().strip_prefix('<')?.split_once('>')?;
    let address = match address.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => address,
    };
    // Without SMTPUTF8 an address is ASCII (RFC 6531 §3.2).
    let visible = |text: &str| text.bytes().all(|byte| (0x21..0x7F).contains(&byte));
    let whole = address.is_empty() || (address.contains('@') && address.len() <= 320 && visible(address));
    // RFC 5321 §4.5.1: `Postmaster` alone is always accepted.
    if !whole && !address.eq_ignore_ascii_case("postmaster") {
        return None;
    }
    let parameters = parameters.split_ascii_whitespace().map(|word| {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        (key.to_ascii_uppercase(), value.to_owned())
    });
    Some((address.to_owned(), parameters.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(address: &str, notify_failure: bool, notify_delay: bool) -> Command {
        Command::Rcpt(Recipient { address: address.to_owned(), notify_failure, notify_delay })
    }

    fn from(address: &str) -> Command {
        Command::Mail(Sender { address: address.to_owned(), ..Sender::default() })
    }

    #[track_caller]
    fn check(line: &str, expected: &Command) {
        assert_eq!(&parse(line), expected, "{line}");
    }

    #[test]
    fn commands_are_read() {
        check("ehlo [127.0.0.1]", &Command::Ehlo("[127.0.0.1]".into()));
        check("EHLO", &Command::BadArguments);
        check("EHLO a\u{1}b", &Command::BadArguments);
        check("MAIL FROM:<>", &from(""));
        check("mail from: <a@b.example> BODY=8BITMIME", &from("a@b.example"));
        check("MAIL FROM:<@relay.example:a@b.example>", &from("a@b.example"));
        check("MAIL FROM:a@b.example", &Command::BadArguments);
        check("MAIL FROM:<a@b.example> SIZE=many", &Command::BadArguments);
        check("MAIL FROM:<a@b.example> WISH=1", &Command::BadArguments);
        check("RCPT TO:<a@b.example> NOTIFY=FAILURE", &to("a@b.example", true, false));
        check("RCPT TO:<a@b.example> notify=never", &to("a@b.example", false, false));
        check("RCPT TO:<Postmaster>", &to("Postmaster", true, true));
        check("RCPT TO:<>", &Command::BadArguments);
        check("RCPT TO:<é@b.example>", &Command::BadArguments);
        check("RCPT TO:<nobody>", &Command::BadArguments);
        check("AUTH plain AGEAYg==", &Command::Auth("PLAIN".into(), Some("AGEAYg==".into())));
        check("STARTTLS now", &Command::BadArguments);
        check("", &Command::Unknown);
        check("é", &Command::Unknown);
        check("MAIL é", &Command::BadArguments);
    }
    #[test]
    fn what_the_sender_wants_to_hear_goes_on_to_the_next_host() {
        for (failure, delay) in [(true, true), (true, false), (false, true), (false, false)] {
            let Command::Rcpt(recipient) = to("a@b.example", failure, delay) else { panic!("not RCPT") };
            check(&format!("RCPT TO:<a@b.example>{}", recipient.notify()), &Command::Rcpt(recipient.clone()));
        }
    }
}
