use http::{
    HeaderMap, HeaderValue, Method, Request, Uri, Version,
    header::{
        ACCEPT, ACCEPT_LANGUAGE, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
        IF_UNMODIFIED_SINCE, RANGE,
    },
    request::Parts,
};

use super::Case;
use crate::{
    precondition::{Carried, MethodKind, RequestFields, Requirement, TagComparison},
    validator::KeepLastModified,
};

/// How many header lines are held inline, so that keeping a usual request does not allocate.
const LINES: usize = 4;

/// The parts of a forwarded request that a later decision and its response need.
#[derive(Clone, Debug)]
pub(crate) struct KeptRequest {
    method: Method,
    uri: Uri,
    version: Version,
    first: [Option<(HeaderName, HeaderValue)>; LINES],
    rest: Vec<(HeaderName, HeaderValue)>,
    pub(crate) requirement: Option<Requirement>,
    carried: Carried,
    pub(crate) comparison: TagComparison,
    /// A mark that the 304 depends on.
    date_beside_tag: bool,
}

impl KeptRequest {
    pub(crate) fn new(
        head: &Parts,
        requirement: Option<Requirement>,
        carried: Carried,
        comparison: &TagComparison,
    ) -> Self {
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
            carried,
            comparison: comparison.clone(),
            date_beside_tag: KeepLastModified::is_on(&head.extensions),
        }
    }

    /// Makes the case of this request; `head` is what [`to_head`](Self::to_head) made.
    pub(crate) fn case<'a>(&'a self, head: &'a Parts) -> Case<'a> {
        let requirement =
            self.requirement.as_ref().filter(|requirement| requirement.applies_to(&head.method));
        let present = RequestFields::of(&head.headers);
        Case::new(MethodKind::of(&head.method), head, present, requirement, self.carried)
    }

    /// Makes the head again, with the kept header lines and the mark alone.
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
        if self.date_beside_tag {
            KeepLastModified::put_on(&mut head.extensions);
        }
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
