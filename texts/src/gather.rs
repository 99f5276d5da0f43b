//! Finds the texts of the catalogue in a source tree, and texts that should stand in it.
//!
//! 1. Each `.rs` file outside tests is read as tokens; `say!("…")`, `to_say!("…")` and the templates' `say("…")` are texts,
//!    and what describes a slash command.
//! 2. Any other literal that reads like prose (two words or more) is a [`Stray`], but where no person reads it: logs,
//!    expectations of the programmer, attributes, patterns.

mod prose;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

use prose::is_prose;

/// The folders whose texts a person reads.
pub const READ: [&str; 2] = ["src", "commands"];

/// A text, with the files that say it.
pub type Gathered = BTreeMap<String, Vec<String>>;

/// Prose outside the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// In which file.
    pub file: String,
    /// In which line.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// What was found in a tree.
#[derive(Debug, Default)]
pub struct Findings {
    /// The catalogue.
    pub texts: Gathered,
    /// What is not in it.
    pub strays: Vec<Stray>,
}

/// Macros whose literals are for those who read logs or write the program.
const NOT_FOR_READERS: [&str; 23] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "concat",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_span",
    "env",
    "error",
    "error_span",
    "event",
    "include_str",
    "info",
    "info_span",
    "matches",
    "panic",
    "say",
    "to_say",
    "trace",
    "unreachable",
    "warn",
    "warn_span",
];

/// Functions whose literals are for those who write the program.
const NOT_FOR_READERS_EITHER: [&str; 20] = [
    "contains",
    "ends_with",
    "eq_ignore_ascii_case",
    "expect",
    "expect_err",
    "find",
    "format",
    "get",
    "parse_from_str",
    "rename",
    "replace",
    "rfind",
    "rsplit_once",
    "says",
    "split",
    "split_once",
    "starts_with",
    "strip_prefix",
    "strip_suffix",
    "trim_end_matches",
];

/// The catalogue as a PO template, sorted by text.
pub fn template(texts: &Gathered) -> String {
    let mut out = String::from(
        "# Every text that a person reads. Made from the source: cargo run -p watchpost-texts --features gather --example gather\n\
         msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n",
    );
    for (text, files) in texts {
        out.push_str(&format!("\n#: {}\nmsgid \"{}\"\nmsgstr \"\"\n", files.join(" "), escaped(text)));
    }
    out
}

/// A language for tests: English with every text between marks, so that what is read without marks did not come from
/// the catalogue.
pub fn marked(texts: &Gathered) -> String {
    let mut out = String::from("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n");
    for text in texts.keys().map(|text| escaped(text)) {
        out.push_str(&format!("\nmsgid \"{text}\"\nmsgstr \"⟦{text}⟧\"\n"));
    }
    out
}

/// Within the quotes of a PO file.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
        .replace('\r', "\\r")
}

/// Reads all sources below the folders, relative to `root`.
///
/// # Errors
/// Where a file cannot be read or is not Rust.
pub fn gather(root: &Path, folders: &[&str]) -> Result<Findings, String> {
    let mut findings = Findings::default();
    for folder in folders {
        let mut files = Vec::new();
        below(&root.join(folder), &mut files).map_err(|error| format!("{folder}: {error}"))?;
        for file in files {
            let text =
                std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            match name.ends_with(".html") {
                true => from_template(&text, &name, &mut findings),
                false => from_source(&text, &name, &mut findings)?,
            }
        }
    }
    Ok(findings)
}

/// Sources and templates below a folder, without tests.
fn below(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let stem = name.trim_end_matches(".rs");
        let tests = ["test", "tests", "stories", "target"].contains(&stem) || stem.ends_with("_tests");
        if tests || name.starts_with('.') {
            continue;
        }
        match path.is_dir() {
            true => below(&path, files)?,
            false if name.ends_with(".rs") || name.ends_with(".html") => files.push(path),
            false => {}
        }
    }
    Ok(())
}

fn from_template(text: &str, file: &str, findings: &mut Findings) {
    for part in text.split("say(\"").skip(1) {
        if let Some(end) = part.find('"') {
            findings.texts.entry(part[..end].to_owned()).or_default().push(file.to_owned());
        }
    }
}

/// Reads one source.
///
/// # Errors
/// Where it is not Rust.
pub fn from_source(text: &str, file: &str, findings: &mut Findings) -> Result<(), String> {
    let tokens = TokenStream::from_str(text).map_err(|error| format!("{file}: {error}"))?;
    Walk { file, findings }.tokens(tokens, true);
    Ok(())
}

struct Walk<'w> {
    file: &'w str,
    findings: &'w mut Findings,
}

impl Walk<'_> {
    /// Goes through the tokens of one level; `read`: whether a person reads what stands there.
    fn tokens(&mut self, tokens: TokenStream, read: bool) {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < all.len() {
            let before = &all[..at];
            match &all[at] {
                TokenTree::Group(_) if is_attribute(before) && tests_only(&all[at]) => {
                    at = after_item(&all, at);
                }
                TokenTree::Group(group) if is_attribute(before) && !is_error(&all[at]) => {
                    self.attribute(group, before);
                }
                TokenTree::Group(group) => self.group(group, before, read),
                TokenTree::Literal(literal) if read && !is_pattern(all.get(at + 1)) => self.literal(literal),
                _ => {}
            }
            at += 1;
        }
    }

    /// What the slash commands show: `#[description = "…"]` and `#[name = "…"]`, and the first lines above a command.
    fn attribute(&mut self, group: &Group, before: &[TokenTree]) {
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        match &inside[..] {
            [TokenTree::Ident(name), _, TokenTree::Literal(literal)]
                if name == "description" || name == "name" =>
            {
                self.found(value(literal));
            }
            [TokenTree::Ident(name), ..] if name == "poise" => self.found(documented(before)),
            _ => {}
        }
    }

    fn found(&mut self, text: Option<String>) {
        let Some(text) = text else { return };
        let files = self.findings.texts.entry(text).or_default();
        if files.last().is_none_or(|last| last != self.file) {
            files.push(self.file.to_owned());
        }
    }

    fn group(&mut self, group: &Group, before: &[TokenTree], read: bool) {
        let called = called(before);
        if let Some(Called::Macro(name)) = &called
            && (name == "say" || name == "to_say")
        {
            self.text(group);
        }
        let silent = match &called {
            Some(Called::Macro(name)) => NOT_FOR_READERS.contains(&name.as_str()),
            Some(Called::Function(name)) => NOT_FOR_READERS_EITHER.contains(&name.as_str()),
            None => false,
        };
        self.tokens(group.stream(), read && !silent);
    }

    /// Takes the first literal of a `say!`.
    fn text(&mut self, group: &Group) {
        if let Some(TokenTree::Literal(literal)) = group.stream().into_iter().next() {
            self.found(value(&literal));
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let Some(text) = value(literal).filter(|text| is_prose(text)) else { return };
        let line = literal.span().start().line;
        self.findings.strays.push(Stray { file: self.file.to_owned(), line, text });
    }
}

/// What a group in parentheses belongs to.
enum Called {
    Macro(String),
    Function(String),
}

fn called(before: &[TokenTree]) -> Option<Called> {
    match before {
        [.., TokenTree::Ident(name), TokenTree::Punct(mark)] if mark.as_char() == '!' => {
            Some(Called::Macro(name.to_string()))
        }
        [.., TokenTree::Ident(name)] => Some(Called::Function(name.to_string())),
        _ => None,
    }
}

fn is_attribute(before: &[TokenTree]) -> bool {
    let mark = |token: Option<&TokenTree>, wanted: char| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == wanted);
    let last = before.last();
    mark(last, '#')
        || (mark(last, '!') && mark(before.len().checked_sub(2).and_then(|at| before.get(at)), '#'))
}

/// The first paragraph of the doc comment that ends before the `#` of this attribute, as poise describes a command.
fn documented(before: &[TokenTree]) -> Option<String> {
    let mut lines = Vec::new();
    for pair in before[..before.len() - 1].rchunks_exact(2) {
        let [TokenTree::Punct(_), TokenTree::Group(group)] = pair else { break };
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        let [TokenTree::Ident(name), _, TokenTree::Literal(literal)] = &inside[..] else { break };
        if name != "doc" {
            break;
        }
        lines.push(value(literal)?.trim().to_owned());
    }
    lines.reverse();
    Some(lines.into_iter().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
}

/// `[error(…)]`: what a person reads of an error.
fn is_error(group: &TokenTree) -> bool {
    let TokenTree::Group(group) = group else { return false };
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "error")
}

/// `[cfg(test)]`.
fn tests_only(group: &TokenTree) -> bool {
    group.to_string().replace(' ', "") == "[cfg(test)]"
}

/// The last token of the item that follows an attribute: its braces, or its semicolon.
fn after_item(all: &[TokenTree], attribute: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    (attribute + 1..all.len()).find(|at| ends(&all[*at])).unwrap_or(all.len())
}

/// Whether the literal before this token is matched against.
fn is_pattern(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Punct(mark)) if mark.as_char() == '|' || mark.as_char() == '=')
}

/// The value of a string literal.
fn value(literal: &Literal) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_where_it_is_said_and_missed_where_it_is_not() {
        let source = r#"
            /// Not a text: a comment for {those} who read the source.
            #[error("{}", say!("it is {0} already", _0))]
            struct Late(u8);
            /// What a command shows
            #[poise::command(slash_command)]
            fn command(#[description = "How many"] count: u8) {
                let row = [to_say!("a row of a table")];
                tracing::info!("for those who {read} the log");
                file.open().expect("a file that is there");
                tell("nobody translates this");
                tell(format!("{} is late", count));
                tell("one");
                match text { "matched words" => {} }
            }
            #[cfg(test)]
            mod tests { fn one() { tell("said in a test"); } }
        "#;
        let mut found = Findings::default();
        from_source(source, "a.rs", &mut found).expect("a source");
        let texts: Vec<&str> = found.texts.keys().map(String::as_str).collect();
        assert_eq!(texts, ["How many", "What a command shows", "a row of a table", "it is {0} already"]);
        let strays: Vec<&str> = found.strays.iter().map(|stray| stray.text.as_str()).collect();
        assert_eq!(strays, ["nobody translates this", "{} is late"]);
    }

    #[test]
    fn a_template_names_its_texts_in_calls() {
        let mut found = Findings::default();
        from_template("<p>{{ say(\"Load again\") }}</p>", "page.html", &mut found);
        assert!(found.texts.contains_key("Load again"));
    }
}
