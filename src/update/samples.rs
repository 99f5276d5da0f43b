//! Views to try templates on: one in which everything is known, and one in which nothing is.

use super::view::{Management, Reader, View};
use crate::config::Texts;

/// The samples of one sort of reader.
pub(super) fn views(texts: Texts) -> Vec<View> {
    let readers = [full(), empty()];
    match texts {
        Texts::Users | Texts::Partners => {
            readers.into_iter().map(|reader| View::Reader(Box::new(reader))).collect()
        }
        Texts::Management => {
            readers.into_iter().map(|reader| View::Management(Box::new(management(reader)))).collect()
        }
    }
}

fn full() -> Reader {
    let text = || "Something".to_owned();
    Reader {
        incident: "INC-42".to_owned(),
        tone: "plain",
        impact: text(),
        impact_changed: true,
        was: text(),
        since: text(),
        works: text(),
        instead: text(),
        mail: text(),
        advice: text(),
        news: text(),
        eta: text(),
        eta_known: true,
        next: text(),
        subject: text(),
        works_since: text(),
        proved: text(),
        over: text(),
        lasted: text(),
        after: text(),
    }
}

fn empty() -> Reader {
    Reader {
        incident: "INC-42".to_owned(),
        tone: "plain",
        impact: String::new(),
        impact_changed: false,
        was: String::new(),
        since: String::new(),
        works: String::new(),
        instead: String::new(),
        mail: String::new(),
        advice: String::new(),
        news: String::new(),
        eta: String::new(),
        eta_known: false,
        next: String::new(),
        subject: String::new(),
        works_since: String::new(),
        proved: String::new(),
        over: String::new(),
        lasted: String::new(),
        after: String::new(),
    }
}

fn management(reader: Reader) -> Management {
    let text = reader.impact.clone();
    Management {
        reader,
        severity: text.clone(),
        reach: text.clone(),
        cause: text.clone(),
        lead: text.clone(),
        decision: text.clone(),
        aftermath: text,
    }
}
