use std::sync::Arc;

use http::{
    HeaderMap, HeaderValue, Method, Request, Uri, Version,
    header::{
        ACCEPT, ACCEPT_LANGUAGE, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
        IF_UNMODIFIED_SINCE, RANGE,
    },
    request::Parts,
};

use super::Case;
#[cfg(feature = "write-ids")]
use super::WriteIdentity;
use crate::{
    header_map::add_line,
    precondition::{Carried, MethodKind, RequestFields, Requirement, TagComparison},
    validator::KeepLastModified,
};

/// How many header lines are held inline, so that keeping a usual request does not allocate: one condition, and what
/// the client accepts.
const LINES: usize = 3;

/// The parts of a forwarded request that a later decision and its response need.
#[derive(Clone, Debug)]
pub(crate) struct KeptRequest {
    method: Method,
    uri: Uri,
    version: Version,
    first: [Option<(HeaderName, HeaderValue)>; LINES],
    /// Behind a pointer: rarely set, and keeps this type small to move. Shared, so that a clone is little code.
    more: Option<Arc<More>>,
    pub(crate) requirement: Option<Requirement>,
    carried: Carried,
    /// A mark that the 304 depends on.
    date_beside_tag: bool,
}

/// What only some requests have.
#[derive(Clone, Debug, Default)]
struct More {
    /// Further header lines.
    lines: Vec<(HeaderName, HeaderValue)>,
    comparison: TagComparison,
    #[cfg(feature = "write-ids")]
    identity: Option<WriteIdentity>,
}

/// The comparison of a layer for which no mode is chosen.
static STRONG: TagComparison = TagComparison::new();

impl KeptRequest {
    /// Keeps a request. If `identified`, its extensions have its identity.
    pub(crate) fn new(
        head: &Parts,
        requirement: Option<Requirement>,
        carried: Carried,
        comparison: &TagComparison,
        identified: bool,
    ) -> Self {
        let mut first = [const { None }; LINES];
        let mut places = first.iter_mut();
        let mut lines = Vec::new();
        for (name, value) in &head.headers {
            if is_kept(name) {
                let line = (name.clone(), value.clone());
                match places.next() {
                    Some(place) => *place = Some(line),
                    None => lines.push(line),
                }
            }
        }
        let has_more = !lines.is_empty() || identified || comparison.modes().is_some();
        let more = has_more.then(|| More::new(lines, comparison, head, identified));
        Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            first,
            more,
            requirement,
            carried,
            date_beside_tag: KeepLastModified::is_on(&head.extensions),
        }
    }

    #[cfg(feature = "write-ids")]
    pub(crate) fn identity(&self) -> Option<&WriteIdentity> {
        self.more.as_ref()?.identity.as_ref()
    }

    pub(crate) fn comparison(&self) -> &TagComparison {
        self.more.as_ref().map_or(&STRONG, |more| &more.comparison)
    }

    pub(crate) fn set_comparison(&mut self, comparison: TagComparison) {
        if self.more.is_some() || comparison.modes().is_some() {
            Arc::make_mut(self.more.get_or_insert_default()).comparison = comparison;
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
        head.headers = HeaderMap::new();
        let mut keep = |(name, value): &(HeaderName, HeaderValue)| {
            add_line(&mut head.headers, name.clone(), value.clone());
        };
        self.first.iter().flatten().for_each(&mut keep);
        if let Some(more) = &self.more {
            more.lines.iter().for_each(keep);
        }
        if self.date_beside_tag {
            KeepLastModified::put_on(&mut head.extensions);
        }
        head
    }
}

impl More {
    #[cfg_attr(not(feature = "write-ids"), allow(unused_variables, reason = "nothing has an identity"))]
    #[cold]
    fn new(
        lines: Vec<(HeaderName, HeaderValue)>,
        comparison: &TagComparison,
        head: &Parts,
        identified: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            lines,
            comparison: comparison.clone(),
            #[cfg(feature = "write-ids")]
            identity: match identified {
                true => head.extensions.get().copied(),
                false => None,
            },
        })
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
