use std::{convert::Infallible, error, fmt};

use bytes::Bytes;
use http::{Response, Uri};

use super::{Conflict, Tried};
use crate::{error::BoxError, validator::EntityTag};

/// The reason why nothing was changed, or why nobody knows whether it was.
///
/// `E` is the error of the function that was given to [`Client::change`](super::Client::change). Every variant
/// says [what was tried](Self::tried).
///
/// Only after these the change may have been made: [`OutcomeUnknown`](Self::OutcomeUnknown), a 5xx or 207 in
/// [`Status`](Self::Status), and any error after the client was told to
/// [ask again](super::Client::ask_again_if_unknown). [`change_may_be_made`](Self::change_may_be_made) says so.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error<E = Infallible> {
    /// The function returned this error.
    Function {
        /// The error of the function.
        error: E,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The answer to the read has neither an entity tag nor a date that may be used, so a write would be blind.
    NoValidator {
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The answer to the read has a weak entity tag, which If-Match never matches.
    WeakTag {
        /// The weak tag.
        etag: EntityTag,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The change needs something that is not there, or creates what exists already.
    DoesNotFit {
        /// Whether the resource exists.
        exists: bool,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The write is to another resource than the one that was read.
    OtherResource {
        /// The resource that was read.
        read: Box<Uri>,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// Others changed the resource first, at every attempt.
    Conflict {
        /// The last 412.
        conflict: Box<Conflict>,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The server refused a condition, and a new read shows the same state again.
    ///
    /// Either the read comes from a cache, or the server compares in another way than it should: a weak tag
    /// strongly, or a tag that a proxy has changed.
    SameState {
        /// The last 412.
        conflict: Box<Conflict>,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// An answer to a write was lost, so the change may have been made.
    OutcomeUnknown {
        /// The reason why the last answer was lost, if it was the last that was lost.
        source: Option<BoxError>,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The server requires another condition: 428.
    ConditionRequired {
        /// The conditions that the server accepts, if its problem details name them.
        accepted: Vec<String>,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The server gave another answer. It is in [`last_answer`](Self::last_answer).
    Status {
        /// What was tried.
        tried: Box<Tried>,
    },
    /// No answer arrived, or one that is longer than [the bound](super::Client::with_longest_content), and no write
    /// left.
    Unreachable {
        /// The reason of the last failure.
        source: BoxError,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The deadline passed before anything was written.
    DeadlinePassed {
        /// What was tried.
        tried: Box<Tried>,
    },
}

impl<E> Error<E> {
    /// Returns what was tried, and how often.
    #[must_use]
    pub fn tried(&self) -> &Tried {
        match self {
            Self::Function { tried, .. }
            | Self::NoValidator { tried }
            | Self::WeakTag { tried, .. }
            | Self::DoesNotFit { tried, .. }
            | Self::OtherResource { tried, .. }
            | Self::Conflict { tried, .. }
            | Self::SameState { tried, .. }
            | Self::OutcomeUnknown { tried, .. }
            | Self::ConditionRequired { tried, .. }
            | Self::Status { tried }
            | Self::Unreachable { tried, .. }
            | Self::DeadlinePassed { tried } => tried,
        }
    }

    /// Returns the last answer, as it came.
    #[must_use]
    pub fn last_answer(&self) -> Option<&Response<Bytes>> {
        self.tried().last_answer()
    }

    /// Returns whether the change may have been made.
    #[must_use]
    pub fn change_may_be_made(&self) -> bool {
        self.tried().change_may_be_made()
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function { error, .. } => write!(f, "{error}")?,
            Self::NoValidator { .. } => {
                f.write_str("the answer has no validator, so a write could destroy another's change")?;
            }
            Self::WeakTag { etag, .. } => {
                write!(f, "the entity tag {etag} is weak, and If-Match never matches a weak tag")?;
            }
            Self::DoesNotFit { exists: true, .. } => {
                f.write_str("expected nothing, but the resource exists")?
            }
            Self::DoesNotFit { exists: false, .. } => {
                f.write_str("expected something to change, but nothing exists")?;
            }
            Self::OtherResource { read, .. } => {
                write!(f, "expected a write to {read}, which was read, but it is to another resource")?;
            }
            Self::Conflict { .. } => f.write_str("others changed the resource first, at every attempt")?,
            Self::SameState { .. } => {
                f.write_str("the server refused the condition, and a new read shows the same state again")?;
            }
            Self::OutcomeUnknown { .. } => {
                f.write_str("an answer was lost, so the change may or may not have been made")?;
            }
            Self::ConditionRequired { accepted, .. } if accepted.is_empty() => {
                f.write_str("the server requires another condition")?;
            }
            Self::ConditionRequired { accepted, .. } => {
                write!(f, "the server requires one of these conditions: {}", accepted.join("; "))?;
            }
            Self::Status { .. } => f.write_str("the server gave another answer than expected")?,
            Self::Unreachable { .. } => f.write_str("no answer arrived, and no write left")?,
            Self::DeadlinePassed { .. } => f.write_str("the deadline passed before the change was made")?,
        }
        write!(f, ": {}", self.tried())
    }
}

/// An error of the function is shown in the text and is no source, so that it may be any type that can be shown.
impl<E: fmt::Debug + fmt::Display> error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unreachable { source, .. } => Some(source.as_ref()),
            Self::OutcomeUnknown { source, .. } => source.as_deref().map(|source| source as _),
            _ => None,
        }
    }
}
