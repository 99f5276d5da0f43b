//! Patterns over words: a row of words that a text must hold, side by side.
//!
//! `mailbox` is this word, `block*` a word that begins so, `full|exceeded` one of several, `out_of|no` one of several of
//! which one is a phrase, `~` up to five words that do not matter, `{recipient}` one phrase of the concept of this name.

use std::collections::HashMap;

/// How many words `~` may skip.
const GAP: usize = 5;

/// Concepts by name: each is a list of phrases.
pub(super) type Concepts = HashMap<&'static str, Vec<Pattern>>;

/// A row of words that a text must hold.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Item>);

#[derive(Debug)]
enum Item {
    Gap,
    OneOf(Vec<Literal>),
    Concept(&'static str),
}

#[derive(Debug)]
struct Literal {
    words: Vec<&'static str>,
    is_prefix: bool,
}

/// The words of a text, and where in it each concept is spoken of: found once, used by hundreds of patterns.
#[derive(Debug)]
pub(super) struct Text<'a> {
    words: &'a [String],
    /// For each concept and each place: how many words its phrases take there.
    spoken_of: HashMap<&'static str, Vec<Vec<usize>>>,
}

impl<'a> Text<'a> {
    /// A text for patterns that use no concepts.
    pub(super) fn plain(words: &'a [String]) -> Self {
        Text { words, spoken_of: HashMap::new() }
    }

    /// A text for patterns that use `concepts`.
    pub(super) fn new(words: &'a [String], concepts: &Concepts) -> Self {
        let plain = Text::plain(words);
        let lengths = |phrases: &[Pattern], at: usize| {
            phrases.iter().filter_map(|phrase| phrase.length_at(&plain, at)).collect()
        };
        let spoken_of = concepts
            .iter()
            .map(|(name, phrases)| (*name, (0..words.len()).map(|at| lengths(phrases, at)).collect()))
            .collect();
        Text { words, spoken_of }
    }
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &'static str) -> Self {
        Pattern(text.split(' ').filter(|part| !part.is_empty()).map(Item::new).collect())
    }

    /// Whether `text` holds this pattern anywhere.
    pub(super) fn is_in(&self, text: &Text<'_>) -> bool {
        (0..text.words.len()).any(|at| self.length_at(text, at).is_some())
    }

    /// How many words the pattern takes at this place of `text`.
    pub(super) fn length_at(&self, text: &Text<'_>, at: usize) -> Option<usize> {
        end_of(&self.0, text, at).map(|end| end - at)
    }

    /// The names of the concepts that this pattern uses.
    #[cfg(test)]
    pub(super) fn concepts(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|item| if let Item::Concept(name) = item { Some(*name) } else { None })
    }
}

impl Item {
    fn new(text: &'static str) -> Self {
        if text == "~" {
            return Item::Gap;
        }
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Item::Concept(name),
            None => Item::OneOf(text.split('|').map(Literal::new).collect()),
        }
    }
}

impl Literal {
    fn new(text: &'static str) -> Self {
        let (text, is_prefix) = text.strip_suffix('*').map_or((text, false), |prefix| (prefix, true));
        Literal { words: text.split('_').collect(), is_prefix }
    }

    /// How many words this takes at the beginning of `words`.
    fn length_at(&self, words: &[String]) -> Option<usize> {
        let found = words.get(..self.words.len())?;
        let (last, before) = self.words.split_last()?;
        let (last_found, before_found) = found.split_last()?;
        let last_is = if self.is_prefix { last_found.starts_with(last) } else { last_found == last };
        (last_is && before.iter().zip(before_found).all(|(word, found)| word == found))
            .then_some(self.words.len())
    }
}

/// Where `items` end when they begin at this place.
fn end_of(items: &[Item], text: &Text<'_>, at: usize) -> Option<usize> {
    let Some((first, rest)) = items.split_first() else {
        return Some(at);
    };
    let words = text.words.get(at..)?;
    match first {
        Item::OneOf(literals) => literals
            .iter()
            .filter_map(|literal| literal.length_at(words))
            .find_map(|length| end_of(rest, text, at + length)),
        Item::Gap => (at..=at + GAP.min(words.len())).find_map(|next| end_of(rest, text, next)),
        Item::Concept(name) => {
            text.spoken_of.get(name)?.get(at)?.iter().find_map(|length| end_of(rest, text, at + length))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::words::words;

    #[track_caller]
    fn check(pattern: &'static str, text: &str, expected: bool) {
        let concepts = Concepts::from([("who", vec![Pattern::new("user"), Pattern::new("mail box")])]);
        let words = words(text);
        assert_eq!(
            Pattern::new(pattern).is_in(&Text::new(&words, &concepts)),
            expected,
            "{pattern} in {text}"
        );
    }

    #[test]
    fn a_pattern_skips_few_words_only() {
        check("{who} ~ unknown|absent*", "the user is unknown", true);
        check("{who} ~ unknown|absent*", "this mail box seems absently placed", true);
        check("{who} ~ unknown|absent*", "the user one two three four five six unknown", false);
        check("{who} ~ unknown|absent*", "unknown user", false);
    }

    #[test]
    fn an_alternative_may_be_a_phrase() {
        check("out_of|no space", "out of space", true);
        check("out_of|no space", "no space", true);
        check("out_of|no space", "of space", false);
    }
}
