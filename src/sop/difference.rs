//! What differs between two versions, line by line, with a little around it.

/// Lines of a text that are compared; a procedure has a few hundred.
const MOST: usize = 3_000;
/// Lines around a change that are shown.
const AROUND: usize = 2;

/// One line of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'t> {
    Same(&'t str),
    Gone(&'t str),
    New(&'t str),
}

/// The difference as lines that begin with `-`, `+` or a space; `@@` stands where something is left out. Empty where
/// nothing differs.
pub fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.lines().take(MOST).collect(), new.lines().take(MOST).collect());
    let steps = steps(&old, &new);
    let changed = |step: &Step<'_>| !matches!(step, Step::Same(_));
    let near = |at: usize| {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(steps.len()));
        steps[from..to].iter().any(changed)
    };
    let mut said = String::new();
    let mut left_out = false;
    for (at, step) in steps.iter().enumerate() {
        if !near(at) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            said.push_str("@@\n");
        }
        let (sign, line) = match step {
            Step::Same(line) => (' ', line),
            Step::Gone(line) => ('-', line),
            Step::New(line) => ('+', line),
        };
        said.push(sign);
        said.push_str(line);
        said.push('\n');
    }
    said
}

/// The longest common sequence decides which lines are the same.
fn steps<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Step<'t>> {
    let width = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * width];
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            longest[i * width + j] = if one == other {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut steps) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        let same = i < old.len() && j < new.len() && old[i] == new[j];
        let gone =
            i < old.len() && (j == new.len() || longest[(i + 1) * width + j] >= longest[i * width + j + 1]);
        if same {
            steps.push(Step::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if gone {
            steps.push(Step::Gone(old[i]));
            i += 1;
        } else {
            steps.push(Step::New(new[j]));
            j += 1;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_changed_line_stands_with_what_is_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng";
        assert_eq!(difference(old, old), "");
        assert_eq!(difference(old, "a\nb\nc\nX\ne\nf\ng"), "@@\n b\n c\n-d\n+X\n e\n f\n");
        assert_eq!(difference("", "a"), "+a\n");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_out_of_it(old in "([ab]\n){0,9}", new in "([ab]\n){0,9}") {
            let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
            let steps = steps(&old, &new);
            let of = |which: fn(&Step<'_>) -> bool| steps.iter().filter(|step| which(step)).count();
            prop_assert_eq!(of(|step| !matches!(step, Step::New(_))), old.len());
            prop_assert_eq!(of(|step| !matches!(step, Step::Gone(_))), new.len());
        }
    }
}
