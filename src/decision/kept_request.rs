use http::{
    HeaderMap, HeaderValue, Method, Request, Uri, Version,
    header::{
        ACCEPT, ACCEPT_LANGUAGE, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
        IF_UNMODIFIED_SINCE, RANGE,
    },
    request::Parts,
};

use crate::precondition::Requirement;

/// How many header lines are held inline, so that keeping a usual request does not allocate.
const LINES: usize = 4;

/// What is kept of a request that has gone on: enough to decide it again and to render an answer to it.
#[derive(Clone, Debug)]
pub(crate) struct KeptRequest {
    method: Method,
    uri: Uri,
    version: Version,
    first: [Option<(HeaderName, HeaderValue)>; LINES],
    rest: Vec<(HeaderName, HeaderValue)>,
    pub(crate) requirement: Option<Requirement>,
}

impl KeptRequest {
    pub(crate) fn new(head: &Parts, requirement: Option<Requirement>) -> Self {
        let mut lines = head
            .headers
            .iter()
            .filter(|(name, _)| is_kept(name))
            .map(|(name, value)| (name.clone(), value.clone()));
        Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            first: std::array::from_fn(|_| lines.next()),
            rest: lines.collect(),
            requirement,
        }
    }

    /// Makes the head again, with the kept header lines alone.
    pub(crate) fn to_head(&self) -> Parts {
        let mut head = Request::new(()).into_parts().0;
        head.method = self.method.clone();
        head.uri = self.uri.clone();
        head.version = self.version;
        let lines = self.first.iter().flatten().chain(&self.rest).cloned();
        head.headers = lines.fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
        head
    }
}

fn is_kept(name: &HeaderName) -> bool {
    matches!(
        *name,
        ACCEPT
            | ACCEPT_LANGUAGE
            | IF_MATCH
            | IF_NONE_MATCH
            | IF_MODIFIED_SINCE
            | IF_UNMODIFIED_SINCE
            | IF_RANGE
            | RANGE
    )
}
