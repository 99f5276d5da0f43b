//! What Discord takes, each with its source, and how it counts.
//!
//! The sources are pages of the official documentation (discord/discord-api-docs, commit c98d64b of 2026-08-06).
//! Characters are Unicode code points: Discord's API counts as Python does (discord-api-docs issue 1315).

/// Text of a message (resources/message, create message).
pub const CONTENT: usize = 2_000;
/// Title of an embed (resources/message, embed limits).
pub const EMBED_TITLE: usize = 256;
/// Text of an embed (same).
pub const EMBED_TEXT: usize = 4_096;
/// Number of fields of an embed (same).
pub const EMBED_FIELDS: usize = 25;
/// Name of a field (same).
pub const FIELD_NAME: usize = 256;
/// Value of a field (same).
pub const FIELD_VALUE: usize = 1_024;
/// Footer of an embed (same).
pub const EMBED_FOOTER: usize = 2_048;
/// Everything in all embeds of a message together (same).
pub const EMBED_SUM: usize = 6_000;
/// Rows of buttons in a message (components/reference, action row).
pub const ROWS: usize = 5;
/// Buttons in a row (same).
pub const BUTTONS_A_ROW: usize = 5;
/// Text on a button (components/reference, button).
pub const BUTTON_LABEL: usize = 80;
/// What a button does (components/reference, custom id).
pub const CUSTOM_ID: usize = 100;
/// Hint in a list to choose from (components/reference, string select; the other lists alike).
pub const SELECT_HINT: usize = 150;
/// Files of a message (resources/message, create message).
pub const FILES: usize = 10;
/// What a file is, in words (resources/message, attachment object).
pub const FILE_DESCRIPTION: usize = 1_024;
/// All files of a message together, in bytes: below the 10 MiB of one file on a server without boosts
/// (reference, uploading files), so that the whole request stays below it too.
pub const FILES_BYTES: usize = 8 * 1024 * 1024;
/// Roles, and people, that one message may ping (resources/message, allowed mentions object).
pub const MENTIONS: usize = 100;
/// Name of a thread (resources/channel, start thread from message).
pub const THREAD_NAME: usize = 100;
/// Title of a form (interactions/receiving-and-responding, modal).
pub const FORM_TITLE: usize = 45;
/// Label of an input of a form (components/reference, text input).
pub const INPUT_LABEL: usize = 45;
/// Hint in an empty input (same).
pub const INPUT_HINT: usize = 100;
/// What an input takes (same).
pub const INPUT: usize = 4_000;
/// Suggestions of an autocompletion (interactions/receiving-and-responding, autocomplete).
pub const SUGGESTIONS: usize = 25;
/// Name and value of a suggestion (interactions/application-commands, option choice).
pub const SUGGESTION: usize = 100;

/// Length as Discord counts it.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text within `limit`, with a last "…" where something was cut off. For what knows no markup.
pub fn cut(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_counted_not_bytes_and_not_utf16() {
        assert_eq!(length("aé🦀"), 3);
        assert_eq!(cut("🦀🦀🦀", 3), "🦀🦀🦀");
        assert_eq!(cut("🦀🦀🦀🦀", 3), "🦀🦀…");
        assert_eq!(cut("ab cd", 4), "ab…");
    }
}
