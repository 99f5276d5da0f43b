//! How a TOML value becomes a type of ours. What does not fit is refused with the reason and an example.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use toml::de::DeValue;

use super::error::Wrong;
use super::read::Reader;
use crate::service::{HostName, Mailbox};

/// Longest text that a key takes, in characters: what fits one field of a message.
const LONGEST_TEXT: usize = 1000;
/// Most entries that a list takes.
const LONGEST_LIST: usize = 1000;

/// A value of the file, with what is needed to resolve references in it.
pub struct Item<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) reader: &'a Reader<'a>,
}

impl<'a> Item<'a> {
    /// The value as text in quotes.
    pub(super) fn quoted(&self, kind: &str) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| self.unfit(kind))
    }

    /// A refusal that says what stands there and what belongs there.
    pub(super) fn unfit(&self, kind: &str) -> Wrong {
        Wrong::new(format!("{} is not {kind}", as_toml(self.value)), format!("Write {kind}."))
    }
}

/// A type that a key can have.
pub trait FromValue: Sized {
    /// What values are taken, to stand in "write {KIND}".
    const KIND: &'static str;
    /// What the entries of a list are.
    const ENTRY: Option<&'static str> = None;

    /// Reads the value.
    ///
    /// # Errors
    /// Says why the value does not fit and what would.
    fn from_value(item: &Item<'_>) -> Result<Self, Wrong>;
}

/// Reads text by a parser whose error says what is wrong with it.
pub(super) fn parsed<T, E: std::fmt::Display>(
    item: &Item<'_>,
    kind: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Wrong> {
    let text = item.quoted(kind)?;
    let short = kind.split(" such as ").next().unwrap_or(kind);
    parse(text).map_err(|error| {
        let reason = format!("{} is not {short}: {error}", as_toml(item.value));
        Wrong::new(reason, format!("Write {kind}."))
    })
}

/// Reads one of a few words.
pub(super) fn choice<T: Copy>(item: &Item<'_>, kind: &str, words: &[(&str, T)]) -> Result<T, Wrong> {
    let text = item.quoted(kind)?;
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let mend = super::suggest::mend(text, words.iter().map(|(word, _)| *word));
        Wrong::new(format!("{} is not {kind}", as_toml(item.value)), mend)
    })
}

impl FromValue for String {
    const KIND: &'static str = "a text in quotes";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let text = item.quoted(Self::KIND)?.trim();
        if text.is_empty() {
            return Err(Wrong::new("the text is empty", "Write something, or take the key out."));
        }
        if text.chars().any(char::is_control) {
            return Err(Wrong::new(
                "the text holds a line end or control character",
                "Write it on one line.",
            ));
        }
        if text.chars().count() > LONGEST_TEXT {
            return Err(Wrong::new(
                format!("the text has more than {LONGEST_TEXT} characters"),
                "Shorten it.",
            ));
        }
        Ok(text.to_owned())
    }
}

impl FromValue for bool {
    const KIND: &'static str = "true or false";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        item.value.as_bool().ok_or_else(|| item.unfit(Self::KIND))
    }
}

fn whole_number<T: std::str::FromStr>(item: &Item<'_>, kind: &str) -> Result<T, Wrong> {
    let number = item.value.as_integer().filter(|number| number.radix() == 10);
    number.and_then(|number| number.as_str().parse().ok()).ok_or_else(|| item.unfit(kind))
}

impl FromValue for u16 {
    const KIND: &'static str = "a whole number from 0 to 65535";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        whole_number(item, Self::KIND)
    }
}

impl FromValue for u32 {
    const KIND: &'static str = "a whole number";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        whole_number(item, Self::KIND)
    }
}

impl FromValue for PathBuf {
    const KIND: &'static str = "a path in quotes";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        item.reader.path(&String::from_value(item)?)
    }
}

impl FromValue for HostName {
    const KIND: &'static str = "a host name such as \"mail.example.org\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, Self::parse)
    }
}

impl FromValue for Mailbox {
    const KIND: &'static str = "a mail address such as \"probe@example.org\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, Self::parse)
    }
}

impl FromValue for SocketAddr {
    const KIND: &'static str = "an address with a port such as \"192.0.2.53:53\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, str::parse)
    }
}

impl FromValue for IpAddr {
    const KIND: &'static str = "an address such as \"192.0.2.25\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, str::parse)
    }
}

impl FromValue for IpNet {
    const KIND: &'static str = "an address range such as \"10.1.0.0/16\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, str::parse)
    }
}

impl FromValue for chrono_tz::Tz {
    const KIND: &'static str = "an IANA time zone such as \"Europe/Berlin\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let text = item.quoted(Self::KIND)?;
        text.parse().map_err(|_| {
            let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let mend = match super::suggest::nearest(text, zones) {
                Some(near) => format!("Did you mean {near}?"),
                None => format!("Write {}.", Self::KIND),
            };
            Wrong::new(format!("{} is not a time zone", as_toml(item.value)), mend)
        })
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    const KIND: &'static str = "a list in square brackets";
    const ENTRY: Option<&'static str> = Some(T::KIND);

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let Some(list) = item.value.as_array() else {
            return Err(Wrong::new(
                format!("{} is not a list", as_toml(item.value)),
                format!("Write {}, each entry {}.", Self::KIND, T::KIND),
            ));
        };
        if list.len() > LONGEST_LIST {
            return Err(Wrong::new(format!("the list has more than {LONGEST_LIST} entries"), "Shorten it."));
        }
        let entry = |value| T::from_value(&Item { value, reader: item.reader });
        list.iter().map(|value| entry(value.get_ref())).collect()
    }
}

/// A value as it would be written in the file.
pub(super) fn as_toml(value: &DeValue<'_>) -> String {
    match value {
        // The escapes of a Rust string without \u{…} are those of TOML; control characters are refused elsewhere.
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(is) => is.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(list) => {
            let entries: Vec<_> = list.iter().map(|entry| as_toml(entry.get_ref())).collect();
            format!("[{}]", entries.join(", "))
        }
        DeValue::Table(table) => {
            let pairs: Vec<_> = table
                .iter()
                .map(|(key, value)| format!("{} = {}", key.get_ref(), as_toml(value.get_ref())))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}
