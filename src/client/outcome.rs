use bytes::Bytes;
use http::Response;

use super::{Seen, Tried};

/// The result of a change.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The server made the change.
    Made(Made),
    /// Nothing was to be changed, and no write was sent.
    LeftAlone {
        /// What is there.
        seen: Seen,
        /// What was tried.
        tried: Box<Tried>,
    },
}

impl Outcome {
    /// Returns what was tried, and how often.
    #[must_use]
    pub fn tried(&self) -> &Tried {
        match self {
            Self::Made(made) => made.tried(),
            Self::LeftAlone { tried, .. } => tried,
        }
    }

    /// Returns the change that the server made, if one was needed.
    #[must_use]
    pub fn made(self) -> Option<Made> {
        match self {
            Self::Made(made) => Some(made),
            Self::LeftAlone { .. } => None,
        }
    }
}

/// A write that the server answered with a success.
#[derive(Debug)]
pub struct Made {
    pub(super) tried: Box<Tried>,
    pub(super) current: Option<Seen>,
}

impl Made {
    /// Returns the answer to the write.
    #[must_use]
    pub fn answer(&self) -> &Response<Bytes> {
        self.tried.last_answer().expect("a made write was answered")
    }

    /// Returns what was tried, and how often.
    #[must_use]
    pub fn tried(&self) -> &Tried {
        &self.tried
    }

    /// Returns what is there now, to continue editing without a read.
    ///
    /// It is there only after a PUT whose answer carries an entity tag: by RFC 9110 §9.3.4 the server then stored
    /// the content as it was sent. After any other write, [read](super::Client::read) again.
    #[must_use]
    pub fn into_current(self) -> Option<Seen> {
        self.current
    }
}
