//! Text that stays text: nobody's words ping anyone, become markup, hide, or look like Watchpost's own.
//!
//! 1. [`clean`] takes out what cannot be seen or turns the line around: controls, bidi marks, zero-width and tag
//!    characters, towers of accents.
//! 2. [`fit`] escapes what Discord would read as markup, and stops before the limit without splitting an escape.
//! 3. Only these forms pass as they are: a moment (`<t:…>`), the link to a channel (`<#…>`), which pings nobody, the
//!    mention of a role or person that the message itself names, a short literal in backticks, such as `` `/check` ``,
//!    and the number of an incident in bold.
//!
//! A bare web address keeps its characters: it shows where it leads, and a backslash in it would break it.

use std::borrow::Cow;

use watchpost::ids::{PersonId, RoleId};

use super::limits::length;

/// More accents than this on one letter are a tower, not a language.
const ACCENTS_ON_A_LETTER: usize = 3;

/// Whom a message names as pinged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'m> {
    /// Roles.
    pub roles: &'m [RoleId],
    /// People.
    pub people: &'m [PersonId],
}

/// Whether all of a text found room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// All of it.
    Whole,
    /// Its end is missing; "…" says so.
    Cut,
}

/// The text without what cannot be seen, or turns what is seen around.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let (mut accents, mut newlines) = (0, 0);
    for character in text.chars() {
        let character = match character {
            '\t' => ' ',
            '\u{2028}' | '\u{2029}' => '\n',
            other => other,
        };
        newlines = if character == '\n' { newlines + 1 } else { 0 };
        accents = if is_accent(character) { accents + 1 } else { 0 };
        let kept = newlines <= 2 && accents <= ACCENTS_ON_A_LETTER;
        if kept && (character == '\n' || !is_hidden(character)) {
            clean.push(character);
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// As [`clean`], on one line.
pub fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text as Discord shows it literally, within `limit` characters.
pub fn fit(text: &str, limit: usize, named: Named<'_>) -> (String, Fit) {
    let text = clean(text);
    let pieces: Vec<Cow<'_, str>> = Pieces { rest: &text, at_line_start: true, named }.collect();
    let whole: usize = pieces.iter().map(|piece| length(piece)).sum();
    if whole <= limit {
        return (pieces.concat(), Fit::Whole);
    }
    let mut room = limit.saturating_sub(1);
    let mut short = String::new();
    for piece in &pieces {
        let Some(left) = room.checked_sub(length(piece)) else {
            break;
        };
        room = left;
        short.push_str(piece);
    }
    if limit > 0 {
        short.push('…');
    }
    (short, Fit::Cut)
}

/// Characters of category Cc or Cf, and letters without a shape.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn is_accent(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// The parts of a text that must not be split, escaped.
struct Pieces<'t> {
    rest: &'t str,
    at_line_start: bool,
    named: Named<'t>,
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Cow<'t, str>;

    fn next(&mut self) -> Option<Cow<'t, str>> {
        let first = self.rest.chars().next()?;
        let at_line_start = self.at_line_start;
        self.at_line_start = first == '\n' || (at_line_start && first == ' ');
        if let Some(token) = token(self.rest, self.named).or_else(|| address(self.rest)) {
            self.rest = &self.rest[token.len()..];
            return Some(Cow::Borrowed(token));
        }
        let (piece, rest) = self.rest.split_at(first.len_utf8());
        let escaped =
            is_markup(first) || (at_line_start && starts_markup(first)) || calls_everybody(self.rest);
        self.rest = rest;
        Some(if escaped { Cow::Owned(format!("\\{piece}")) } else { Cow::Borrowed(piece) })
    }
}

/// Read as markup anywhere. Discord takes a backslash before any of these for an escape.
fn is_markup(character: char) -> bool {
    matches!(character, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<')
}

/// Read as markup at the start of a line: quotes, headings, small print, lists.
fn starts_markup(character: char) -> bool {
    matches!(character, '>' | '#' | '-' | '+')
}

fn calls_everybody(rest: &str) -> bool {
    rest.starts_with("@everyone") || rest.starts_with("@here")
}

/// One of the forms that pass, at the start of `rest`.
fn token<'t>(rest: &'t str, named: Named<'_>) -> Option<&'t str> {
    if let Some(inside) = rest.strip_prefix("**INC-") {
        let digits = inside.bytes().take(20).take_while(u8::is_ascii_digit).count();
        return (digits > 0 && inside[digits..].starts_with("**")).then(|| &rest[..digits + 8]);
    }
    if rest.starts_with('`') {
        return literal(rest);
    }
    let inside = rest.strip_prefix('<')?;
    let end = inside.bytes().take(40).position(|byte| byte == b'>')?;
    let passes = match inside[..end].split_at_checked(2) {
        Some(("t:", moment)) => is_moment(moment),
        Some(("@&", role)) => number(role).is_some_and(|role| named.roles.contains(&RoleId(role))),
        _ => match inside[..end].split_at_checked(1) {
            Some(("#", channel)) => number(channel).is_some(),
            Some(("@", person)) => {
                number(person).is_some_and(|person| named.people.contains(&PersonId(person)))
            }
            _ => false,
        },
    };
    passes.then(|| &rest[..end + 2])
}

/// A name or command in backticks: Discord reads nothing inside as markup. Short, so that it hides nothing.
fn literal(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('`')?;
    let end = inside
        .find(|character: char| !character.is_ascii_alphanumeric() && !" /._-=:<>[]".contains(character))?;
    let closed = inside[end..].starts_with('`') && !inside[end + 1..].starts_with('`');
    let tight = inside[..end].trim().len() == end && (1..=60).contains(&end);
    (closed && tight).then(|| &rest[..end + 2])
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn is_moment(text: &str) -> bool {
    let (seconds, style) = text.split_once(':').unwrap_or((text, "f"));
    seconds.len() <= 17
        && number(seconds.strip_prefix('-').unwrap_or(seconds)).is_some()
        && matches!(style, "t" | "T" | "d" | "D" | "f" | "F" | "s" | "S" | "R")
}

/// A web address at the start of `rest`, as far as it has only characters that cannot end as markup.
fn address(rest: &str) -> Option<&str> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| rest.starts_with(scheme))?;
    let end = rest[scheme.len()..]
        .find(|character: char| {
            !character.is_ascii_alphanumeric() && !"-._~:/?#@!$&'+,;=%".contains(character)
        })
        .map_or(rest.len(), |end| scheme.len() + end);
    (end > scheme.len()).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(fit(text, 2_000, Named::default()), (shown.to_owned(), Fit::Whole), "{text:?}");
    }

    #[test]
    fn markup_and_mentions_are_shown_as_they_were_typed() {
        check("**all** _is_ well", r"\*\*all\*\* \_is\_ well");
        check("# RESOLVED\n> quoted\n-# small", "\\# RESOLVED\n\\> quoted\n\\-# small");
        check("[intranet](http://evil.example)", r"\[intranet\](http://evil.example)");
        check("@everyone, @here: <@1> <@&2> </x:3>", r"\@everyone, \@here: \<@1> \<@&2> \</x:3>");
        check("ana@example.org is at 5 > 3", "ana@example.org is at 5 > 3");
        check("||spoiler|| ```code``` `", r"\|\|spoiler\|\| \`\`\`code\`\`\` \`");
    }

    #[test]
    fn moments_channels_and_addresses_pass() {
        check("since <t:1700000000:R> in <#42>", "since <t:1700000000:R> in <#42>");
        check("see https://status.example.org/a_b_c?x=1", "see https://status.example.org/a_b_c?x=1");
        check("type `/check mail` or `[guild.<id>]`", "type `/check mail` or `[guild.<id>]`");
        check("**INC-42** **INC-** **INC-4x**", r"**INC-42** \*\*INC-\*\* \*\*INC-4x\*\*");
        check("<t:abc:R> <t:1:X> <#x>", r"\<t:abc:R> \<t:1:X> \<#x>");
    }

    #[test]
    fn only_who_is_named_is_mentioned() {
        let (roles, people) = ([RoleId(7)], [PersonId(8)]);
        let named = Named { roles: &roles, people: &people };
        assert_eq!(fit("<@&7> <@8> <@&9> <@7>", 100, named).0, r"<@&7> <@8> \<@&9> \<@7>");
    }

    #[test]
    fn what_cannot_be_seen_is_taken_out() {
        check("a\u{202e}b\u{200b}c\u{feff}d\u{e0041}e\u{7}f", "abcdef");
        check("x\n\n\n\n\ny\u{2028}z", "x\n\ny\nz");
        check("e\u{301}", "e\u{301}");
        assert_eq!(clean(&format!("a{}", "\u{301}".repeat(50))), "a\u{301}\u{301}\u{301}");
        assert_eq!(line(" two\nlines\t here "), "two lines here");
    }

    #[test]
    fn a_cut_never_splits_an_escape_or_a_moment() {
        assert_eq!(fit("****", 4, Named::default()), (r"\*…".to_owned(), Fit::Cut));
        assert_eq!(fit("ab <t:1700000000:R>", 10, Named::default()), ("ab …".to_owned(), Fit::Cut));
    }

    /// What people type, with much of what is dangerous.
    fn hostile() -> impl Strategy<Value = String> {
        let bits = prop::sample::select(vec![
            "@everyone",
            "@here",
            "<@1>",
            "<@&2>",
            "<@!3>",
            "<#4>",
            "<t:1:R>",
            "[x](",
            "http://e.vil/",
            ")",
            "**",
            "__",
            "~~",
            "||",
            "```",
            "> ",
            "# ",
            "\n",
            "-# ",
            "\\",
            "<",
            ">",
            "\u{202e}",
            "\u{200d}",
            "\u{e0020}",
            "é",
            "🦀",
        ]);
        prop::collection::vec(prop_oneof![bits.prop_map(str::to_owned), "\\PC{0,6}"], 0..40)
            .prop_map(|parts| parts.concat())
    }

    /// Reads as Discord does: the text without escapes, and the markup that is left beside them.
    fn read(shown: &str) -> (String, Vec<char>) {
        let (mut text, mut live) = (String::new(), Vec::new());
        let mut rest = shown;
        while let Some(first) = rest.chars().next() {
            if let Some(token) = token(rest, Named::default()).or_else(|| address(rest)) {
                text.push_str(token);
                rest = &rest[token.len()..];
                continue;
            }
            rest = &rest[first.len_utf8()..];
            if first == '\\' {
                let escaped = rest.chars().next().expect("an escape never stands last");
                text.push(escaped);
                rest = &rest[escaped.len_utf8()..];
            } else {
                live.extend(is_markup(first).then_some(first));
                text.push(first);
            }
        }
        (text, live)
    }

    proptest! {
        #[test]
        fn nothing_typed_is_read_as_markup(typed in hostile()) {
            let (shown, whole) = fit(&typed, usize::MAX, Named::default());
            let (text, live) = read(&shown);
            prop_assert_eq!(whole, Fit::Whole);
            prop_assert!(live.is_empty(), "{:?} is live in {:?}", live, shown);
            prop_assert_eq!(text, clean(&typed));
            prop_assert!(!shown.chars().any(|character| character != '\n' && is_hidden(character)));
            for start in shown.lines().map(str::trim_start) {
                prop_assert!(!start.starts_with(['>', '#', '-', '+']), "{:?}", start);
            }
        }

        #[test]
        fn every_limit_is_kept(typed in hostile(), limit in 0_usize..60) {
            let (shown, fit) = fit(&typed, limit, Named::default());
            prop_assert!(length(&shown) <= limit);
            prop_assert_eq!(fit == Fit::Cut && limit > 0, shown.ends_with('…') && fit == Fit::Cut);
        }
    }
}
