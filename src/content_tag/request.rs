use http::{Method, Request, header::RANGE};

use crate::validator::WholeWithValidators;

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
    pub(super) content: Content,
}

impl Treatment {
    /// Prepares the request for the inner service.
    pub(super) fn of<B>(request: &mut Request<B>, limit: usize) -> Self {
        let mut content = Content::Send;
        if WholeWithValidators::take_from(request.extensions_mut()) {
            request.headers_mut().remove(RANGE);
            if *request.method() == Method::HEAD {
                *request.method_mut() = Method::GET;
                content = Content::Drop;
            }
        }
        Self { limit: sends_content(request.method()).then_some(limit), content }
    }

    /// Returns whether the response passes unchanged.
    pub(super) fn is_none(self) -> bool {
        self.limit.is_none() && self.content == Content::Send
    }
}

/// Returns whether a 200 to this method carries the whole content.
fn sends_content(method: &Method) -> bool {
    // RFC 10008.
    method == Method::GET || method.as_str() == "QUERY"
}
