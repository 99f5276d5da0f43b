//! Snowflakes: Discord's ids, which carry their time of birth.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Discord's first millisecond, 2015-01-01 (reference, "Snowflakes").
pub(crate) const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// An id. Written as a decimal string in JSON, as Discord does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Id {
    /// Reads an id from a JSON string or number.
    pub(crate) fn of(value: &serde_json::Value) -> Option<Self> {
        value.as_str().map_or_else(|| value.as_u64().map(Self), |text| text.parse().ok())
    }
}

/// Hands out ids: unique, rising, and as old as the clock says.
#[derive(Debug, Default)]
pub(crate) struct IdSource {
    last: u64,
}

impl IdSource {
    pub(crate) fn next(&mut self, now_ms: u64) -> Id {
        let born = now_ms.saturating_sub(DISCORD_EPOCH_MS).min(u64::MAX >> 22) << 22;
        self.last = born.max(self.last.saturating_add(1));
        Id(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_while_the_clock_stands_still_or_goes_back() {
        let mut ids = IdSource::default();
        let first = ids.next(DISCORD_EPOCH_MS + 1_000);
        let second = ids.next(DISCORD_EPOCH_MS + 1_000);
        let third = ids.next(DISCORD_EPOCH_MS);
        assert!(first < second && second < third);
        assert_eq!(first.0 >> 22, 1_000);
    }
}
