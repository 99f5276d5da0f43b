//! What a request is, read from its method and path: which limits it falls under, behind which others it waits,
//! and how its path may be shown.

use http::Method;

/// How urgent a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// The first answer to an interaction. Discord gives it 3 s and keeps it out of the global limit
    /// (topics/rate-limits, "Global Rate Limit").
    Callback,
    /// Somebody waits for it.
    Normal,
    /// Nobody waits for it at this second: timed updates, catching up.
    Background,
}

/// One request, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Method and path with every id replaced: requests with the same template share a limit.
    pub template: String,
    /// The id that Discord counts for: channel, guild or webhook with its token (topics/rate-limits).
    pub major: String,
    /// Requests of one lane go one after another, in the order in which they came.
    pub lane: String,
    /// How urgent it is.
    pub traffic: Traffic,
    /// Whether a token in the path, rather than the bot's, opens the door: its 401 says nothing about the bot's.
    pub own_token: bool,
    /// The path without tokens and query, for people.
    pub shown: String,
}

impl Route {
    /// Whether it falls under the limit over all routes. Interactions and what is said by their tokens do not
    /// (topics/rate-limits, "Global Rate Limit"), nor do webhooks, which are counted one by one.
    #[must_use]
    pub fn counts_in_the_second(&self) -> bool {
        self.traffic != Traffic::Callback && !self.own_token
    }
}

/// Reads a request's path (with or without query).
#[must_use]
pub fn read(method: &Method, path: &str, background: bool) -> Route {
    let path = path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let start =
        if segments.first() == Some(&"api") { 1 + usize::from(is_version(segments.get(1))) } else { 0 };
    let segments = &segments[start.min(segments.len())..];
    let kinds: Vec<Kind> = (0..segments.len()).map(|at| kind(segments, at)).collect();
    let major = major(segments);
    let template = format!("{method} {}", joined(segments, &kinds, Kind::in_template));
    let callback = segments.first() == Some(&"interactions") && segments.last() == Some(&"callback");
    Route {
        lane: lane(method, segments, &template, &major),
        traffic: match (callback, background) {
            (true, _) => Traffic::Callback,
            (false, false) => Traffic::Normal,
            (false, true) => Traffic::Background,
        },
        own_token: kinds.contains(&Kind::Token),
        shown: joined(segments, &kinds, Kind::for_people),
        template,
        major,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Id,
    Token,
    Emoji,
}

impl Kind {
    fn in_template(self, segment: &str) -> &str {
        match self {
            Self::Word => segment,
            Self::Id => "{id}",
            Self::Token => "{token}",
            Self::Emoji => "{emoji}",
        }
    }

    fn for_people(self, segment: &str) -> &str {
        if self == Self::Token { "***" } else { segment }
    }
}

fn is_version(segment: Option<&&str>) -> bool {
    segment.is_some_and(|text| text.strip_prefix('v').is_some_and(is_id))
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn kind(segments: &[&str], at: usize) -> Kind {
    let tokens_follow = matches!(segments[0], "webhooks" | "interactions");
    if tokens_follow && at == 2 {
        Kind::Token
    } else if at > 0 && segments[at - 1] == "reactions" {
        Kind::Emoji
    } else if is_id(segments[at]) {
        Kind::Id
    } else {
        Kind::Word
    }
}

fn joined(segments: &[&str], kinds: &[Kind], show: fn(Kind, &str) -> &str) -> String {
    segments.iter().zip(kinds).fold(String::new(), |mut text, (segment, kind)| {
        text.push('/');
        text.push_str(show(*kind, segment));
        text
    })
}

fn major(segments: &[&str]) -> String {
    match segments {
        ["webhooks" | "interactions", id, token, ..] => format!("{id}/{token}"),
        ["channels" | "guilds" | "webhooks", id, ..] => (*id).to_owned(),
        // Commands of one guild are counted apart from those of another.
        ["applications", _, "guilds", id, ..] => (*id).to_owned(),
        _ => String::new(),
    }
}

/// What is written into one channel keeps its order whatever the route; what is read waits for nobody else's writing.
fn lane(method: &Method, segments: &[&str], template: &str, major: &str) -> String {
    match segments {
        // The follow-ups of an interaction must not overtake its first answer.
        ["webhooks" | "interactions", _, token, ..] => format!("token {token}"),
        ["channels", id, ..] if method != Method::GET => format!("channel {id}"),
        _ => format!("{template} {major}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: Method, path: &str, template: &str, major: &str, lane: &str, shown: &str) {
        let route = read(&method, path, false);
        let got = (route.template.as_str(), route.major.as_str(), route.lane.as_str(), route.shown.as_str());
        assert_eq!(got, (template, major, lane, shown), "{method} {path}");
    }

    #[test]
    fn a_request_is_sorted_by_its_template_and_major_id() {
        check(
            Method::POST,
            "/api/v10/channels/7/messages",
            "POST /channels/{id}/messages",
            "7",
            "channel 7",
            "/channels/7/messages",
        );
        check(
            Method::PATCH,
            "/api/v10/channels/7/messages/9?&with=1",
            "PATCH /channels/{id}/messages/{id}",
            "7",
            "channel 7",
            "/channels/7/messages/9",
        );
        check(
            Method::GET,
            "/api/v10/channels/7/messages",
            "GET /channels/{id}/messages",
            "7",
            "GET /channels/{id}/messages 7",
            "/channels/7/messages",
        );
        check(
            Method::PUT,
            "/api/v10/channels/7/messages/9/reactions/%F0%9F%91%8D/@me",
            "PUT /channels/{id}/messages/{id}/reactions/{emoji}/@me",
            "7",
            "channel 7",
            "/channels/7/messages/9/reactions/%F0%9F%91%8D/@me",
        );
        check(Method::GET, "/api/v10/gateway", "GET /gateway", "", "GET /gateway ", "/gateway");
        check(Method::GET, "", "GET ", "", "GET  ", "");
    }

    #[test]
    fn a_token_is_never_shown_and_holds_its_lane() {
        check(
            Method::POST,
            "/api/v10/interactions/5/aWQ6c2VjcmV0/callback",
            "POST /interactions/{id}/{token}/callback",
            "5/aWQ6c2VjcmV0",
            "token aWQ6c2VjcmV0",
            "/interactions/5/***/callback",
        );
        check(
            Method::PATCH,
            "/api/v10/webhooks/3/aWQ6c2VjcmV0/messages/@original",
            "PATCH /webhooks/{id}/{token}/messages/@original",
            "3/aWQ6c2VjcmV0",
            "token aWQ6c2VjcmV0",
            "/webhooks/3/***/messages/@original",
        );
        let webhook = read(&Method::POST, "/api/v10/webhooks/3/12345", false);
        assert!(webhook.own_token && !webhook.shown.contains("12345"), "a token of digits is still a token");
        assert!(!webhook.counts_in_the_second());
    }

    #[test]
    fn only_the_first_answer_to_an_interaction_goes_first() {
        let traffic = |path, background| read(&Method::POST, path, background).traffic;
        assert_eq!(traffic("/api/v10/interactions/5/t/callback", true), Traffic::Callback);
        assert_eq!(traffic("/api/v10/channels/5/messages", true), Traffic::Background);
        assert_eq!(traffic("/api/v10/channels/5/messages", false), Traffic::Normal);
        assert_eq!(traffic("/api/v10/webhooks/5/t", false), Traffic::Normal);
    }
}
