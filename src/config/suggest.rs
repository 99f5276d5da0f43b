//! "Did you mean": the known name that is nearest to what was typed.

/// More names than these are not read by anybody in an error.
const MOST_LISTED: usize = 16;

/// A sentence that names the nearest known name, or all of them where none is near.
pub(super) fn mend<'k>(typed: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    match nearest(typed, known.clone()) {
        Some(name) => format!("Did you mean {name}?"),
        None => {
            let all: Vec<_> = known.collect();
            match all.len() {
                0 => "Remove it.".to_owned(),
                1..=MOST_LISTED => format!("Known here: {}.", all.join(", ")),
                _ => "`watchpost config reference` lists what is known here.".to_owned(),
            }
        }
    }
}

/// The known name at an edit distance of at most a third of the longer name, the nearest first.
pub(super) fn nearest<'k>(typed: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, name)| distance * 3 <= typed.chars().count().max(name.chars().count()))
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein: insertions, deletions and replacements.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        assert_eq!(mend(typed, ["domain", "resolvers", "time_zone"].into_iter()), expected);
    }

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        check("domian", "Did you mean domain?");
        check("timezone", "Did you mean time_zone?");
        check("resolver", "Did you mean resolvers?");
        check("colour", "Known here: domain, resolvers, time_zone.");
        check("", "Known here: domain, resolvers, time_zone.");
    }
}
