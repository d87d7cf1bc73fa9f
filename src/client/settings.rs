use std::{num::NonZeroU32, time::Duration};

use http::header::HeaderName;

/// The validators that may stand in a condition beside a strong entity tag.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Accepted {
    pub(super) weak_tags: bool,
    pub(super) dates: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) accepted: Accepted,
    pub(super) attempts: NonZeroU32,
    pub(super) answer_timeout: Duration,
    pub(super) deadline: Option<Duration>,
    pub(super) longest_wait: Duration,
    pub(super) asks_again: bool,
    /// How long the server keeps a record of a write, if it keeps any.
    pub(super) records_kept_for: Duration,
    pub(super) longest_content: usize,
    pub(super) write_id: HeaderName,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accepted: Accepted::default(),
            attempts: NonZeroU32::new(32).expect("32 is not zero"),
            answer_timeout: Duration::from_secs(30),
            deadline: None,
            longest_wait: Duration::from_secs(5),
            asks_again: false,
            records_kept_for: Duration::ZERO,
            longest_content: 64 << 20,
            write_id: HeaderName::from_static("idempotency-key"),
        }
    }
}
