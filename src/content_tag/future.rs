use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode, header, response::Parts};
use http_body::{Body, SizeHint};
use pin_project_lite::pin_project;

#[cfg(feature = "tracing")]
use super::misplaced;
use super::{
    TaggedBody,
    reading::Reading,
    request::{Content, OwnValidators, Treatment},
};
use crate::validator::ContentDropped;

pin_project! {
    /// The response of an [`EntityTagService`](super::EntityTagService).
    ///
    /// Dropping it cancels the inner response, and drops what was read of its body.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use http::{Request, Response};
    /// # use tower::{Layer, Service, service_fn};
    /// use tower_precondition::EntityTagLayer;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let handler = service_fn(|_| async { Ok::<_, Infallible>(Response::new(String::from("text"))) });
    /// let future = EntityTagLayer::new().layer(handler).call(Request::new(()));
    /// assert!(future.await.unwrap().headers().contains_key("etag"));
    /// # });
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct EntityTagFuture<F, B>
    where
        B: Body,
    {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, B>
    where
        B: Body,
    {
        /// Waits for the inner service, whose response passes unchanged.
        Forward { #[pin] response: F },
        /// Waits for the inner service, whose response may get a tag.
        Respond { #[pin] response: F, treatment: Treatment },
        /// Reads the body of its 200.
        Read { response: Option<(Parts, Reading<B>)>, content: Content },
    }
}

impl<F, B: Body> EntityTagFuture<F, B> {
    pub(super) fn new(response: F, treatment: Treatment) -> Self {
        let state = match treatment.is_none() {
            true => State::Forward { response },
            false => State::Respond { response, treatment },
        };
        Self { state }
    }
}

impl<F, B, E> Future for EntityTagFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<TaggedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProjection::Forward { response } => {
                    let response = ready!(response.poll(cx))?;
                    return Poll::Ready(Ok(response.map(TaggedBody::inner)));
                }
                StateProjection::Respond { response, treatment } => {
                    let (mut head, body) = ready!(response.poll(cx))?.into_parts();
                    let Treatment { limit, own, content } = *treatment;
                    if own == OwnValidators::Replace {
                        head.headers.remove(header::ETAG);
                        head.headers.remove(header::LAST_MODIFIED);
                    }
                    if content == Content::Drop {
                        declare_length(&mut head, &body.size_hint());
                        ContentDropped::put_on(&mut head.extensions);
                    }
                    let reading = match limit {
                        Some(limit) if wants_tag(&head) => Reading::begin(body, &head.headers, limit),
                        _ => Err(body),
                    };
                    match reading {
                        Ok(reading) => {
                            state.set(State::Read { response: Some((head, reading)), content });
                        }
                        Err(body) => {
                            let body = match content {
                                Content::Send => TaggedBody::inner(body),
                                Content::Drop => TaggedBody::dropped(),
                            };
                            return Poll::Ready(Ok(Response::from_parts(head, body)));
                        }
                    }
                }
                StateProjection::Read { response, content } => {
                    let (head, reading) = response.as_mut().expect("polled after it was ready");
                    let tag = ready!(reading.poll_tag(&head.headers, cx));
                    let (mut head, reading) = response.take().expect("it was just polled");
                    if let Some(tag) = tag {
                        #[cfg(feature = "tracing")]
                        misplaced::warn_if_outside(&head.extensions);
                        head.headers.insert(header::ETAG, tag.into());
                    }
                    let body = match content {
                        Content::Send => reading.into_body(),
                        Content::Drop => TaggedBody::dropped(),
                    };
                    return Poll::Ready(Ok(Response::from_parts(head, body)));
                }
            }
        }
    }
}

/// Sets Content-Length as a server would from the body of a GET (RFC 9110 §8.6): the content is about to be
/// dropped.
fn declare_length(head: &mut Parts, size: &SizeHint) {
    let has_none = head.status.is_informational()
        || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || head.headers.contains_key(header::CONTENT_LENGTH)
        || head.headers.contains_key(header::TRANSFER_ENCODING);
    if let (false, Some(length)) = (has_none, size.exact()) {
        head.headers.insert(header::CONTENT_LENGTH, length.into());
    }
}

/// Returns whether the response is a whole representation without a tag.
fn wants_tag(head: &Parts) -> bool {
    // One pass over the names costs less than two look-ups.
    let rules_out = |name: &HeaderName| matches!(*name, header::ETAG | header::CONTENT_RANGE);
    head.status == StatusCode::OK && !head.headers.keys().any(rules_out)
}

impl<F, B: Body> fmt::Debug for EntityTagFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Forward { .. } => "EntityTagFuture(forward)",
            State::Respond { .. } => "EntityTagFuture(respond)",
            State::Read { .. } => "EntityTagFuture(read)",
        })
    }
}
