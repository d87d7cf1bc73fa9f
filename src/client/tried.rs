use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, Uri};

/// What the client tried: the requests, how often, and the last answer.
#[derive(Debug)]
pub struct Tried {
    pub(super) uri: Uri,
    pub(super) method: Method,
    pub(super) reads: u32,
    pub(super) writes: u32,
    pub(super) conflicts: u32,
    pub(super) lost: u32,
    pub(super) may_be_made: bool,
    pub(super) write_id: Option<HeaderValue>,
    pub(super) last: Option<Response<Bytes>>,
}

impl Tried {
    pub(super) fn new(uri: Uri) -> Self {
        Self {
            uri,
            method: Method::GET,
            reads: 0,
            writes: 0,
            conflicts: 0,
            lost: 0,
            may_be_made: false,
            write_id: None,
            last: None,
        }
    }

    /// Returns the URI of the target.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the method of the last request.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns how many reads were sent.
    #[must_use]
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// Returns how many writes were sent, repeats after a lost answer included.
    #[must_use]
    pub fn writes(&self) -> u32 {
        self.writes
    }

    /// Returns how many writes were answered 412.
    #[must_use]
    pub fn conflicts(&self) -> u32 {
        self.conflicts
    }

    /// Returns how many answers were lost: the service failed, or the answer took too long.
    #[must_use]
    pub fn lost(&self) -> u32 {
        self.lost
    }

    /// Returns whether a change may have been made without the client being told so.
    #[must_use]
    pub fn change_may_be_made(&self) -> bool {
        self.may_be_made
    }

    /// Returns the id of the last write, as it was sent in `Idempotency-Key`.
    #[must_use]
    pub fn write_id(&self) -> Option<&HeaderValue> {
        self.write_id.as_ref()
    }

    /// Returns the last answer, if any arrived.
    #[must_use]
    pub fn last_answer(&self) -> Option<&Response<Bytes>> {
        self.last.as_ref()
    }
}

/// `PUT http://localhost/plan (reads: 2, writes: 2, conflicts: 1, lost answers: 0; last answer: 412)`.
impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uri, method, reads, writes, conflicts, lost, .. } = self;
        write!(
            f,
            "{method} {uri} (reads: {reads}, writes: {writes}, conflicts: {conflicts}, lost answers: {lost}"
        )?;
        match &self.last {
            Some(answer) => write!(f, "; last answer: {})", answer.status().as_u16()),
            None => f.write_str("; no answer)"),
        }
    }
}
