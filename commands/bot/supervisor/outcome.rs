//! How supervision ends, in a word for the process and in words for a person.

use std::fmt;

use watchpost_texts::say;

use super::decide::{Fatal, Reason};

/// How supervision has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was told to.
    Stopped,
    /// What no new try can mend.
    Fatal(Fatal),
    /// Rebuilding the client has not helped; a new process may.
    Exhausted(Reason),
}

impl Outcome {
    /// The exit status of the process: 75 (`EX_TEMPFAIL`) asks for a restart, 78 (`EX_CONFIG`) for a person.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Stopped => 0,
            Self::Exhausted(_) => 75,
            Self::Fatal(_) => 78,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => formatter.write_str(say!("the bot was stopped")),
            Self::Exhausted(_) => formatter.write_str(
                say!("the connection to Discord could not be mended by building it anew; the process ends so that it is restarted"),
            ),
            Self::Fatal(fatal) => fatal.fmt(formatter),
        }
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token => formatter.write_str(
                say!("Discord does not accept the bot token. Make a new one in the developer portal, put it into the configuration, and restart"),
            ),
            Self::Setup(code) => write!(
                formatter,
                "{}", say!("Discord does not accept this version of the bot (gateway close code {code}). Update Watchpost",
            )),
            Self::Intents(code) => write!(
                formatter,
                "{}", say!("Discord does not allow the events that the bot asks for (gateway close code {code}). Switch the intents on in the developer portal, and restart",
            )),
            Self::Address => formatter.write_str(
                say!("the gateway that was named does not belong to the Discord that is configured. Check DISCORD_API_BASE and the network"),
            ),
        }
    }
}
