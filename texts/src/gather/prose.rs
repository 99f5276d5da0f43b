//! Tells a text for people from what programs read.

/// Whether a person would read it as words: two of at least two letters, one after the other, or one beside a value.
pub(super) fn is_prose(text: &str) -> bool {
    let words: Vec<Word> = without_values(text).split_whitespace().map(Word::of).collect();
    words
        .windows(2)
        .any(|pair| matches!(pair, [Word::Said, Word::Said | Word::Value] | [Word::Value, Word::Said]))
}

#[derive(Clone, Copy)]
enum Word {
    /// Of a language.
    Said,
    /// A place for a value.
    Value,
    /// Of a protocol, a path, a mark.
    Else,
}

impl Word {
    fn of(word: &str) -> Self {
        let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
        match word {
            "{}" => Word::Value,
            _ if letters < 2 || word.contains(['<', '>', '=', '/', '_', '@', '[', ']']) => Word::Else,
            _ => Word::Said,
        }
    }
}

/// The text with each place for a value as a word of its own.
fn without_values(text: &str) -> String {
    let mut parts = text.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((_, rest)) => out.extend([" {} ", rest]),
            None => out.push_str(part),
        }
    }
    out
}
