//! A small authoritative name server: the lab's zones, and NXDOMAIN for every other name.
//!
//! The zones are written anew for each question ([`zone`]), so that a switch takes effect with the next one.

mod answer;
pub(crate) mod zone;

use std::sync::Arc;

pub(crate) use answer::{MOST_UDP_BYTES, answer};

use crate::dialogue::{Dialogue, Next, Turn};
use crate::site::Site;

/// DNS over TCP: each message comes after its length in two bytes (RFC 1035 §4.2.2).
pub(crate) struct Session {
    site: Arc<Site>,
    /// Whether the next block is a length.
    length_next: bool,
}

impl Session {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self { site, length_next: true }
    }
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        Turn { bytes: Vec::new(), next: Next::Block(2) }
    }

    fn block(&mut self, bytes: Vec<u8>) -> Turn {
        self.length_next = !self.length_next;
        if let (false, [high, low]) = (self.length_next, bytes.as_slice()) {
            return Turn {
                bytes: Vec::new(),
                next: Next::Block(usize::from(u16::from_be_bytes([*high, *low]))),
            };
        }
        let zones = zone::zones(&self.site);
        let Some(reply) = answer(&zones, &bytes, usize::from(u16::MAX)) else {
            return Turn::close("");
        };
        // `answer` keeps to the limit that it is given, so that the length fits.
        let length = u16::try_from(reply.len()).unwrap_or(u16::MAX);
        Turn { bytes: [&length.to_be_bytes()[..], &reply].concat(), next: Next::Block(2) }
    }

    fn line(&mut self, _: &[u8]) -> Turn {
        // DNS asks for blocks only.
        Turn::close("")
    }

    fn secured(&mut self) -> Turn {
        Turn::close("")
    }

    fn too_long(&mut self) -> Turn {
        Turn::close("")
    }
}
