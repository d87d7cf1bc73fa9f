use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// The waits between attempts: each is about twice as long as the one before, with jitter.
#[derive(Debug)]
pub(super) struct Backoff {
    longest: Duration,
    /// Begun at the first wait.
    waits: Option<ExponentialBackoff>,
}

/// The timer of tokio counts in milliseconds.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST_FIRST: Duration = Duration::from_secs(1);

impl Backoff {
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, waits: None }
    }

    /// Returns the next wait. The first is between one and two times as long as the attempt took.
    ///
    /// Two writes collide if one begins while the other is between its read and its write, so the time of an
    /// attempt is the unit in which collisions are spread out, on a local socket as well as across an ocean.
    pub(super) fn next(&mut self, attempt_took: Duration) -> Duration {
        let longest = self.longest;
        // The jitter comes on top of both, so that it stays when the waits grow no more.
        let most = longest / 2;
        let first = attempt_took.clamp(SHORTEST, LONGEST_FIRST).min(most);
        let waits = self.waits.get_or_insert_with(|| {
            let waits = ExponentialBuilder::new().with_min_delay(first).with_max_delay(most);
            waits.with_factor(2.0).with_jitter().without_max_times().build()
        });
        waits.next().unwrap_or(longest).min(longest)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::Backoff;

    #[test]
    fn waits_differ_also_when_they_grow_no_more() {
        for attempt in [1, 100, 10_000] {
            let longest = Duration::from_millis(400);
            let mut backoff = Backoff::new(longest);
            let waits = (0..40).map(|_| backoff.next(Duration::from_millis(attempt)));
            let late: BTreeSet<Duration> = waits.skip(10).collect();
            assert!(late.len() > 20, "{late:?}");
            assert!(late.iter().all(|wait| (longest / 2..=longest).contains(wait)), "{late:?}");
        }
    }
}
