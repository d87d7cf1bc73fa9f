use http::{
    HeaderMap, Method, Request,
    header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
};

use crate::validator::WholeWithValidators;

/// What happens to the ETag and Last-Modified of the inner service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnValidators {
    Keep,
    Replace,
}

/// What happens to the content of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Send,
    /// The client sent HEAD, and the inner service got GET.
    Drop,
}

/// What to do with the response to a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Treatment {
    /// How long tagged content may be; `None` if this response gets no tag.
    pub(super) limit: Option<usize>,
    pub(super) own: OwnValidators,
    pub(super) content: Content,
}

impl Treatment {
    /// Prepares the request for the inner service.
    pub(super) fn of<B>(request: &mut Request<B>, limit: usize, own: OwnValidators) -> Self {
        if own == OwnValidators::Replace && reads(request.method()) {
            remove_conditions(request.headers_mut());
        }
        let mut content = Content::Send;
        if WholeWithValidators::take_from(request.extensions_mut()) {
            request.headers_mut().remove(RANGE);
            if *request.method() == Method::HEAD {
                *request.method_mut() = Method::GET;
                content = Content::Drop;
            }
        }
        Self { limit: sends_content(request.method()).then_some(limit), own, content }
    }

    /// Returns whether the response passes unchanged.
    pub(super) fn is_none(self) -> bool {
        self.limit.is_none() && self.own == OwnValidators::Keep && self.content == Content::Send
    }
}

/// Returns whether a 200 to this method carries the whole content.
fn sends_content(method: &Method) -> bool {
    // RFC 10008.
    method == Method::GET || method.as_str() == "QUERY"
}

fn reads(method: &Method) -> bool {
    sends_content(method) || method == Method::HEAD
}

/// Removes the conditions, which the service would compare with the validators that are replaced. Range goes
/// with a condition that protects it.
fn remove_conditions(headers: &mut HeaderMap) {
    let mut protected = false;
    for name in [IF_RANGE, IF_MATCH, IF_UNMODIFIED_SINCE] {
        protected |= headers.remove(name).is_some();
    }
    for name in [IF_NONE_MATCH, IF_MODIFIED_SINCE] {
        headers.remove(name);
    }
    if protected {
        headers.remove(RANGE);
    }
}
