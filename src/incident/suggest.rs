//! How bad it looks by what was measured: a suggestion, which a person follows or not. When unsure, the higher.

use watchpost_texts::say;

use super::{Incident, LastAssessment, Severity, Verdict};

/// The severity that an assessment suggests; none where it says nothing.
pub fn severity(last: &LastAssessment) -> Option<Severity> {
    let works = last.capabilities;
    let each = [works.receive, works.send, works.internal, works.read];
    let down = each.iter().filter(|verdict| **verdict == Verdict::Down).count();
    match last.verdict {
        _ if works.receive == Verdict::Down && works.send == Verdict::Down => Some(Severity::Sev1),
        _ if down >= 3 => Some(Severity::Sev1),
        _ if down >= 1 => Some(Severity::Sev2),
        Verdict::Down => Some(Severity::Sev2),
        Verdict::Degraded => Some(Severity::Sev3),
        Verdict::Ok | Verdict::Unknown => None,
    }
}

/// What the card says of it; nothing where the severity is as suggested, or nothing was measured.
pub fn words(incident: &Incident) -> Option<String> {
    let last = incident.assessment.as_ref()?;
    let suggested = severity(last).filter(|suggested| *suggested != incident.severity)?;
    // After the repair the check says "better"; the severity of the incident stays what it was.
    (incident.phase < super::Phase::Verifying)
        .then(|| say!("the check suggests {suggested}: {} (More…)", suggested.meaning()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcMs;
    use crate::incident::Capabilities;

    #[track_caller]
    fn check(receive: Verdict, send: Verdict, read: Verdict, whole: Verdict, expected: Option<Severity>) {
        let last = LastAssessment {
            at: UtcMs(0),
            service: "main".into(),
            verdict: whole,
            cause: None,
            summary: String::new(),
            capabilities: Capabilities { receive, send, internal: Verdict::Unknown, read },
        };
        assert_eq!(severity(&last), expected);
    }

    #[test]
    fn what_is_down_suggests_how_bad_it_is() {
        use Verdict::{Degraded, Down, Ok, Unknown};
        check(Down, Down, Ok, Down, Some(Severity::Sev1));
        check(Ok, Down, Ok, Down, Some(Severity::Sev2));
        check(Ok, Ok, Down, Down, Some(Severity::Sev2));
        check(Ok, Degraded, Ok, Degraded, Some(Severity::Sev3));
        check(Ok, Ok, Ok, Ok, None);
        check(Unknown, Unknown, Unknown, Unknown, None);
    }
}
