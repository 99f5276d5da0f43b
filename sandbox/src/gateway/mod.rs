//! The gateway (events/gateway): connections, sessions, and what is told over them.
//!
//! 1. `server` accepts, `connection` says HELLO and reads;
//! 2. `protocol` answers IDENTIFY, RESUME and heartbeats;
//! 3. `events` builds what is told, `Hub::dispatch` numbers and keeps it for a resume.

mod connection;
pub(crate) mod events;
pub(crate) mod intents;
mod protocol;
mod server;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use tokio::sync::mpsc;

#[cfg(test)]
pub(crate) use protocol::{Peer, receive};
pub(crate) use server::serve;

use crate::id::Id;

/// Events that are kept for a resume; whoever missed more must identify anew.
const REPLAY: usize = 2_000;
/// Payloads that may wait for a slow reader before its connection is dropped.
pub(crate) const WAITING: usize = 8_192;

/// What a connection is told to do.
#[derive(Clone, Debug)]
pub(crate) enum Outgoing {
    Payload { text: String, compress: bool },
    Close(u16, &'static str),
    Drop,
    Reset,
}

/// A bot's session; it outlives its connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) intents: u64,
    pub(crate) shard: (u64, u64),
    pub(crate) compress: bool,
    pub(crate) sequence: u64,
    kept: VecDeque<(u64, String)>,
    line: Option<u64>,
    /// Guilds whose GUILD_CREATE was sent.
    pub(crate) guilds: Vec<Id>,
}

impl Session {
    pub(crate) fn sees(&self, guild: Option<Id>) -> bool {
        let (number, count) = self.shard;
        // events/gateway, "Sharding": DMs go to shard 0.
        guild.map_or(number == 0, |id| (id.0 >> 22) % count.max(1) == number)
    }
}

/// All connections and sessions.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    next_line: u64,
    lines: BTreeMap<u64, mpsc::Sender<Outgoing>>,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) identifies_ms: VecDeque<u64>,
    /// When a bot last identified, in real time.
    pub(crate) identified: Option<std::time::Instant>,
    pub(crate) identifies: u64,
    pub(crate) resumes: u64,
}

impl Hub {
    pub(crate) fn open(&mut self, sender: mpsc::Sender<Outgoing>) -> u64 {
        self.next_line += 1;
        self.lines.insert(self.next_line, sender);
        self.next_line
    }

    pub(crate) fn close(&mut self, line: u64) {
        self.lines.remove(&line);
        for session in self.sessions.values_mut().filter(|session| session.line == Some(line)) {
            session.line = None;
        }
    }

    /// Whether a bot is connected and identified.
    pub(crate) fn is_ready(&self) -> bool {
        self.sessions.values().any(|session| session.line.is_some())
    }

    pub(crate) fn start(&mut self, id: String, line: u64, intents: u64, shard: (u64, u64), compress: bool) {
        const SESSIONS: usize = 64;
        while self.sessions.len() >= SESSIONS {
            let idle = self.sessions.iter().find(|(_, session)| session.line.is_none());
            let Some(idle) = idle.map(|(id, _)| id.clone()) else {
                break;
            };
            self.sessions.remove(&idle);
        }
        let session = Session {
            intents,
            shard,
            compress,
            sequence: 0,
            kept: VecDeque::new(),
            line: Some(line),
            guilds: Vec::new(),
        };
        self.sessions.insert(id, session);
    }

    /// Takes a session over to another connection and replays what it missed. `false` when that cannot be done.
    pub(crate) fn resume(&mut self, id: &str, line: u64, sequence: u64) -> bool {
        let Some(session) = self.sessions.get_mut(id) else {
            return false;
        };
        let oldest = session.kept.front().map_or(session.sequence + 1, |(number, _)| *number);
        if sequence > session.sequence || sequence + 1 < oldest {
            return false;
        }
        session.line = Some(line);
        let compress = session.compress;
        let missed: Vec<_> = session
            .kept
            .iter()
            .filter(|(number, _)| *number > sequence)
            .map(|(_, text)| text.clone())
            .collect();
        for text in missed {
            self.send(line, Outgoing::Payload { text, compress });
        }
        true
    }

    pub(crate) fn forget(&mut self, id: &str) {
        self.sessions.remove(id);
    }

    pub(crate) fn session_of(&mut self, line: u64) -> Option<(&String, &mut Session)> {
        self.sessions.iter_mut().find(|(_, session)| session.line == Some(line))
    }

    /// Numbers one event, keeps it and sends it where the session is connected.
    pub(crate) fn dispatch(&mut self, session_id: &str, name: &str, data: &Value) {
        let Some(session) = self.sessions.get_mut(session_id) else {
            return;
        };
        session.sequence += 1;
        let text = json!({"op": 0, "t": name, "s": session.sequence, "d": data}).to_string();
        if session.kept.len() == REPLAY {
            session.kept.pop_front();
        }
        session.kept.push_back((session.sequence, text.clone()));
        let (line, compress) = (session.line, session.compress);
        if let Some(line) = line {
            self.send(line, Outgoing::Payload { text, compress });
        }
    }

    /// Sends to one connection; one that reads too slowly is given up.
    pub(crate) fn send(&mut self, line: u64, outgoing: Outgoing) {
        let gone = self.lines.get(&line).is_some_and(|sender| sender.try_send(outgoing).is_err());
        if gone {
            self.close(line);
        }
    }

    /// Sends to every open connection.
    pub(crate) fn send_all(&mut self, outgoing: &Outgoing) -> usize {
        let lines: Vec<_> = self.lines.keys().copied().collect();
        for line in &lines {
            self.send(*line, outgoing.clone());
        }
        lines.len()
    }

    /// Identified connections with their session.
    pub(crate) fn connected(&self) -> Vec<(u64, String)> {
        let line = |(id, session): (&String, &Session)| session.line.map(|line| (line, id.clone()));
        self.sessions.iter().filter_map(line).collect()
    }
}
