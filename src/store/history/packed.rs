//! The rows of the check history, byte by byte. Their forms are read for years: see the golden bytes in the tests.

use std::time::Duration;

use crate::check::Verdict;
use crate::clock::UtcMs;

/// First byte of a row of samples.
const SAMPLES_FORM: u8 = 1;
/// First byte of a summary.
const SUMMARY_FORM: u8 = 1;
/// Bytes of a sample: second in the hour, milliseconds, verdict.
const SAMPLE_BYTES: usize = 5;
/// Milliseconds that stand for "no answer". What took longer counts as one less.
const NO_ANSWER: u16 = u16::MAX;

/// One answer of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When; kept to the second.
    pub at: UtcMs,
    /// The answer.
    pub verdict: Verdict,
    /// How long it took, at most 65.534 s; none where nothing answered.
    pub latency: Option<Duration>,
}

/// What many answers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Answers of each verdict: ok, degraded, down, unknown.
    pub counts: [u32; 4],
    /// The quickest.
    pub min: Duration,
    /// The mean.
    pub mean: Duration,
    /// 95 of 100 were not slower.
    pub p95: Duration,
    /// The slowest.
    pub max: Duration,
}

/// Packs the samples of the hour that begins at `hour`.
pub(super) fn pack(samples: &[Sample], hour: UtcMs) -> Vec<u8> {
    let mut row = Vec::with_capacity(1 + samples.len() * SAMPLE_BYTES);
    row.push(SAMPLES_FORM);
    for sample in samples {
        let second = u16::try_from(sample.at.since(hour).as_secs()).unwrap_or(3599);
        row.extend_from_slice(&second.to_be_bytes());
        row.extend_from_slice(&millis(sample.latency).to_be_bytes());
        row.push(code(sample.verdict));
    }
    row
}

/// The samples of a row; none where its form is not known.
pub(super) fn unpack(row: &[u8], hour: UtcMs) -> Vec<Sample> {
    match row.split_first() {
        Some((&SAMPLES_FORM, rest)) => {
            rest.chunks_exact(SAMPLE_BYTES).map(|bytes| sample(bytes, hour)).collect()
        }
        _ => Vec::new(),
    }
}

fn sample(bytes: &[u8], hour: UtcMs) -> Sample {
    let second = u16::from_be_bytes([bytes[0], bytes[1]]);
    let millis = u16::from_be_bytes([bytes[2], bytes[3]]);
    Sample {
        at: hour + Duration::from_secs(u64::from(second)),
        verdict: verdict(bytes[4]),
        latency: (millis != NO_ANSWER).then(|| Duration::from_millis(u64::from(millis))),
    }
}

fn millis(latency: Option<Duration>) -> u16 {
    latency.map_or(NO_ANSWER, |took| u16::try_from(took.as_millis()).unwrap_or(NO_ANSWER).min(NO_ANSWER - 1))
}

fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Ok => 0,
        Verdict::Degraded => 1,
        Verdict::Down => 2,
        Verdict::Unknown => 3,
    }
}

fn verdict(code: u8) -> Verdict {
    match code {
        0 => Verdict::Ok,
        1 => Verdict::Degraded,
        2 => Verdict::Down,
        _ => Verdict::Unknown,
    }
}

impl Summary {
    /// Of some samples.
    pub fn of(samples: &[Sample]) -> Self {
        let mut counts = [0; 4];
        for sample in samples {
            counts[usize::from(code(sample.verdict))] += 1;
        }
        let mut took: Vec<Duration> = samples.iter().filter_map(|sample| sample.latency).collect();
        took.sort_unstable();
        let (Some(min), Some(max)) = (took.first(), took.last()) else {
            return Summary { counts, ..Summary::default() };
        };
        let number = u32::try_from(took.len()).unwrap_or(u32::MAX);
        Summary {
            counts,
            min: *min,
            mean: took.iter().sum::<Duration>() / number,
            // The nearest rank: the smallest one that at least 95 of 100 do not exceed.
            p95: took[(took.len() * 95).div_ceil(100) - 1],
            max: *max,
        }
    }

    /// How many answers.
    pub fn count(&self) -> u32 {
        self.counts.iter().sum()
    }

    pub(super) fn pack(&self) -> Vec<u8> {
        let mut row = vec![SUMMARY_FORM];
        for count in self.counts {
            row.extend_from_slice(&count.to_be_bytes());
        }
        for took in [self.min, self.mean, self.p95, self.max] {
            row.extend_from_slice(&millis(Some(took)).to_be_bytes());
        }
        row
    }

    pub(super) fn unpack(row: &[u8]) -> Option<Self> {
        let (&SUMMARY_FORM, rest) = row.split_first()? else {
            return None;
        };
        let (counts, took) = rest.split_at_checked(16)?;
        let mut summary = Summary::default();
        for (count, bytes) in summary.counts.iter_mut().zip(counts.chunks_exact(4)) {
            *count = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let took: &[u8; 8] = took.first_chunk()?;
        let at = |place: usize| {
            Duration::from_millis(u64::from(u16::from_be_bytes([took[place], took[place + 1]])))
        };
        (summary.min, summary.mean, summary.p95, summary.max) = (at(0), at(2), at(4), at(6));
        Some(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: UtcMs = UtcMs(1_795_392_000_000);

    fn after(second: u64, verdict: Verdict, millis: Option<u64>) -> Sample {
        Sample { at: HOUR + Duration::from_secs(second), verdict, latency: millis.map(Duration::from_millis) }
    }

    /// These bytes are on disks: a change of them needs a new form beside the old one.
    #[test]
    fn a_row_is_these_bytes_for_ever() {
        let samples = [
            after(0, Verdict::Ok, Some(12)),
            after(61, Verdict::Degraded, Some(300)),
            after(3599, Verdict::Down, None),
            after(3599, Verdict::Unknown, Some(90_000)),
        ];
        let row = pack(&samples, HOUR);
        assert_eq!(row, [1, 0, 0, 0, 12, 0, 0, 61, 1, 44, 1, 14, 15, 255, 255, 2, 14, 15, 255, 254, 3]);
        let read = unpack(&row, HOUR);
        assert_eq!(read[..3], samples[..3]);
        assert_eq!(read[3].latency, Some(Duration::from_millis(65_534)));
        assert_eq!(unpack(&[9, 1, 2, 3, 4, 5], HOUR), Vec::new());
    }

    #[test]
    fn a_summary_counts_and_orders() {
        let samples: Vec<Sample> = (1..=100).map(|millis| after(0, Verdict::Ok, Some(millis))).collect();
        let summary = Summary::of(&samples);
        let millis = Duration::from_millis;
        assert_eq!((summary.min, summary.p95, summary.max), (millis(1), millis(95), millis(100)));
        assert_eq!(summary.mean, Duration::from_micros(50_500));
        assert_eq!(summary.count(), 100);
        let stored = Summary::unpack(&summary.pack()).expect("a summary");
        assert_eq!((stored.counts, stored.mean), ([100, 0, 0, 0], millis(50)));
        assert_eq!(Summary::of(&[after(0, Verdict::Down, None)]).counts, [0, 0, 1, 0]);
        assert_eq!(Summary::unpack(&[1, 2]), None);
    }
}
