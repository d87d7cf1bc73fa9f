//! The text of a rejection, as events, plain text and the `detail` of problem details show it.

use std::{fmt, iter};

use super::Rejection;
#[cfg(feature = "webdav")]
use super::WebDavIf;
use crate::{
    decision::RejectionKind,
    precondition::{Condition, Requirement},
};

impl Rejection {
    /// Returns the text of [`Display`](fmt::Display), if nothing in it is of this request.
    pub(crate) fn fixed_text(&self) -> Option<&'static str> {
        #[cfg(feature = "webdav")]
        if self.webdav_if().is_some() {
            return None;
        }
        if self.more().is_some_and(|more| more.missing.is_some()) {
            return None;
        }
        Some(match (self.0.kind, self.0.condition) {
            (RejectionKind::MalformedField | RejectionKind::PreconditionRequired, _) => return None,
            #[cfg(feature = "webdav")]
            (RejectionKind::TooManyResources, _) => "If names too many resources",
            (RejectionKind::NotFound, _) => "nothing exists here",
            (RejectionKind::Gone, _) => "what existed here is gone",
            (RejectionKind::NothingToDelete, _) => "nothing exists here, so nothing had to be deleted",
            (RejectionKind::AlreadyCreated | RejectionKind::AlreadyMade, _) => {
                "an earlier attempt of this request already made the change"
            }
            (RejectionKind::PreconditionFailed, Some(Condition::IfNoneMatch)) => {
                "If-None-Match names what currently exists"
            }
            (RejectionKind::PreconditionFailed, Some(Condition::IfUnmodifiedSince)) => {
                "the representation was modified after the date of If-Unmodified-Since"
            }
            (RejectionKind::PreconditionFailed, None) => {
                "another request changed this while the present one was under way"
            }
            (RejectionKind::PreconditionFailed, Some(_)) if self.if_match_hint().is_some() => return None,
            (RejectionKind::PreconditionFailed, Some(_)) => IF_MATCH_FAILED,
            (RejectionKind::LookupFailed | RejectionKind::Unevaluated, _) => {
                "the current state could not be determined"
            }
            (RejectionKind::WaitedTooLong, _) => "other writes are under way here; try again",
            (RejectionKind::NotModified, _) => "the client holds the current representation",
        })
    }
}

const IF_MATCH_FAILED: &str = "If-Match does not name the current representation";

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(missing) = self.more().and_then(|more| more.missing) {
            return missing.fmt(f);
        }
        #[cfg(feature = "webdav")]
        if let Some(webdav_if) = self.webdav_if() {
            return webdav_if.fmt(f);
        }
        if let Some(text) = self.fixed_text() {
            return f.write_str(text);
        }
        match (self.malformed_field(), self.requirement()) {
            (Some(malformed), _) => malformed.fmt(f),
            (None, Some(requirement)) => write_required(requirement, f),
            (None, None) => {
                f.write_str(IF_MATCH_FAILED)?;
                match self.if_match_hint() {
                    Some(hint) => write!(f, ": {hint}"),
                    None => Ok(()),
                }
            }
        }
    }
}

fn write_required(requirement: &Requirement, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut accepted = requirement.accepted_in_short().peekable();
    if accepted.peek().is_none() {
        return f
            .write_str("a condition is required here, and none that is accepted can hold for this request");
    }
    f.write_str("the request must carry ")?;
    for (or, condition) in iter::once("").chain(iter::repeat(" or ")).zip(accepted) {
        write!(f, "{or}{condition}")?;
    }
    Ok(())
}

#[cfg(feature = "webdav")]
impl fmt::Display for WebDavIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::TooManyResources { at_most } => {
                write!(
                    f,
                    "If names more than {at_most} resources, which is the most that this server looks up"
                )
            }
            Self::False { failed } => {
                f.write_str("no list of If holds")?;
                match failed.first() {
                    Some(first) => write!(f, ": the first one fails on {first}"),
                    None => Ok(()),
                }
            }
        }
    }
}
