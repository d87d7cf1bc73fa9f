use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, Uri};

use super::{Conflict, Target};
use crate::validator::Validators;

/// What a read found: content and validators, or nothing.
///
/// It is not `Clone`: a write takes it, so that no condition is sent a second time after it failed. Clone the
/// [`content`](Self::content) if you need it afterwards.
#[derive(Debug)]
#[must_use]
pub struct Seen {
    /// The resource that was read.
    uri: Uri,
    /// Nothing, if the resource does not exist.
    found: Option<Found>,
    conflict: Option<Box<Conflict>>,
    may_be_made: bool,
}

#[derive(Debug)]
struct Found {
    headers: HeaderMap,
    validators: Validators,
    content: Bytes,
}

impl Seen {
    /// Reads the answer to a GET of this target.
    ///
    /// 200, 203 and 204 show what exists. 404 and 410 show that nothing exists. Every other answer shows neither,
    /// and the result is `None`.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::Response;
    /// use tower_precondition::client::{Seen, Target};
    ///
    /// let plan: Target = "https://example.org/documents/plan".parse().unwrap();
    /// let answer = Response::builder().header("etag", "\"7\"").body(Bytes::from("text")).unwrap();
    /// let seen = Seen::from_response(&plan, answer).unwrap();
    /// assert_eq!(seen.content().unwrap(), "text");
    /// assert_eq!(seen.validators().unwrap().etag().unwrap().to_string(), "\"7\"");
    ///
    /// let moved = Response::builder().status(307).body(Bytes::new()).unwrap();
    /// assert!(Seen::from_response(&plan, moved).is_none());
    /// ```
    #[must_use]
    pub fn from_response(target: &Target, response: Response<Bytes>) -> Option<Self> {
        let uri = target.uri().clone();
        let (head, content) = response.into_parts();
        match head.status {
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION | StatusCode::NO_CONTENT => {
                Some(Self::existing(uri, head.headers, content))
            }
            status if says_nothing_exists(status) => {
                Some(Self { uri, found: None, conflict: None, may_be_made: false })
            }
            _ => None,
        }
    }

    pub(super) fn existing(uri: Uri, headers: HeaderMap, content: Bytes) -> Self {
        let validators = Validators::from_headers(&headers);
        Self { uri, found: Some(Found { headers, validators, content }), conflict: None, may_be_made: false }
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn after(mut self, conflict: Option<Conflict>, may_be_made: bool) -> Self {
        self.conflict = conflict.map(Box::new);
        self.may_be_made = may_be_made;
        self
    }

    /// Returns whether the resource exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.found.is_some()
    }

    /// Returns the content, or `None` if nothing exists.
    #[must_use]
    pub fn content(&self) -> Option<&Bytes> {
        self.found.as_ref().map(|found| &found.content)
    }

    /// Returns the validators, or `None` if nothing exists.
    #[must_use]
    pub fn validators(&self) -> Option<&Validators> {
        self.found.as_ref().map(|found| &found.validators)
    }

    /// Returns the header fields of the answer, or `None` if nothing exists.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.found.as_ref().map(|found| &found.headers)
    }

    /// Returns the conflict that made the client read again, if there was one.
    #[must_use]
    pub fn conflict(&self) -> Option<&Conflict> {
        self.conflict.as_deref()
    }

    /// Returns whether an earlier change of the same call may be in here already.
    ///
    /// It is true after a lost answer, if the client was told to
    /// [ask again](super::Client::ask_again_if_unknown). Look whether your change is there, and
    /// [leave it alone](super::Change::leave_alone) if it is.
    #[must_use]
    pub fn change_may_be_made(&self) -> bool {
        self.may_be_made
    }
}

pub(super) fn says_nothing_exists(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
}
