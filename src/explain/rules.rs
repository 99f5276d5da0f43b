//! What server texts say, as data: patterns of words, how much each weighs, and the reason that it speaks for.
//!
//! A weight of 10 and more is a statement that leaves no doubt, 8 is a clear one, 5 one that often has another meaning,
//! 3 a hint that decides only when nothing else is known. The rules speak of concepts (somebody who receives, absence,
//! refusal), so that a text that was never seen before is understood too.

mod concepts;
mod mailbox_access;
mod message;
mod network;
mod recipient;
mod sender;
mod server;

use super::{
    pattern::{Concepts, Pattern, Text},
    reason::Reason,
};
use crate::cause::Cause;
use std::sync::LazyLock;

/// One rule: these words speak for this reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    reason: Reason,
    weight: u8,
    pattern: &'static str,
    cause: Option<Cause>,
}

impl Rule {
    /// Names the cause where the words say more than the reason does.
    const fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }
}

const fn says(reason: Reason, weight: u8, pattern: &'static str) -> Rule {
    Rule { reason, weight, pattern, cause: None }
}

fn all() -> Vec<Rule> {
    [recipient::RULES, server::RULES, network::RULES, sender::RULES, message::RULES, mailbox_access::RULES]
        .concat()
}

/// What a text was found to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement {
    pub(super) reason: Reason,
    pub(super) weight: u8,
    pub(super) cause: Option<Cause>,
}

struct Compiled {
    concepts: Concepts,
    rules: Vec<(Rule, Pattern)>,
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(|| Compiled {
    concepts: concepts::all(),
    rules: all().into_iter().map(|rule| (rule, Pattern::new(rule.pattern))).collect(),
});

/// Every statement that `words` make.
pub(super) fn statements(words: &[String]) -> Vec<Statement> {
    let Compiled { concepts, rules } = &*COMPILED;
    let text = Text::new(words, concepts);
    rules
        .iter()
        .filter(|(_, pattern)| pattern.is_in(&text))
        .map(|(rule, _)| Statement { reason: rule.reason, weight: rule.weight, cause: rule.cause })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_concept_that_a_rule_names_exists() {
        let Compiled { concepts, rules } = &*COMPILED;
        for (rule, pattern) in rules {
            for name in pattern.concepts() {
                assert!(
                    concepts.contains_key(name),
                    "{:?} names the concept {name}, which does not exist",
                    rule.pattern
                );
            }
        }
    }

    #[test]
    fn no_rule_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for (rule, _) in &COMPILED.rules {
            assert!(seen.insert((rule.reason, rule.pattern)), "{:?} stands twice", rule.pattern);
        }
    }
}
