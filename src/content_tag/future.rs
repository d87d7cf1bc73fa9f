use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Response, StatusCode, header, response::Parts};
use http_body::Body;
use pin_project_lite::pin_project;

use super::{TaggedBody, reading::Reading};

pin_project! {
    /// The response of an [`EntityTagService`](super::EntityTagService).
    ///
    /// Dropping it drops the inner response with it, or what was read of its body.
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
        /// The inner service answers, and its answer passes.
        Forward { #[pin] response: F },
        /// The inner service answers, and its answer may get a tag.
        Answer { #[pin] response: F, limit: usize },
        /// The body of its 200 is read.
        Read { answer: Option<(Parts, Reading<B>)> },
    }
}

impl<F, B: Body> EntityTagFuture<F, B> {
    pub(super) fn forward(response: F) -> Self {
        Self { state: State::Forward { response } }
    }

    pub(super) fn tag(response: F, limit: usize) -> Self {
        Self { state: State::Answer { response, limit } }
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
                StateProjection::Answer { response, limit } => {
                    let (head, body) = ready!(response.poll(cx))?.into_parts();
                    let reading = match wants_tag(&head) {
                        true => Reading::begin(body, &head.headers, *limit),
                        false => Err(body),
                    };
                    match reading {
                        Ok(reading) => {
                            state.set(State::Read { answer: Some((head, reading)) });
                        }
                        Err(body) => {
                            return Poll::Ready(Ok(Response::from_parts(head, TaggedBody::inner(body))));
                        }
                    }
                }
                StateProjection::Read { answer } => {
                    let (head, reading) = answer.as_mut().expect("polled after it was ready");
                    let tag = ready!(reading.poll_tag(&head.headers, cx));
                    let (mut head, reading) = answer.take().expect("it was there to be polled");
                    if let Some(tag) = tag {
                        head.headers.insert(header::ETAG, tag.into());
                    }
                    return Poll::Ready(Ok(Response::from_parts(head, reading.into_body())));
                }
            }
        }
    }
}

/// Whether the response is the whole of a representation, and has no tag yet.
fn wants_tag(head: &Parts) -> bool {
    head.status == StatusCode::OK
        && !head.headers.contains_key(header::ETAG)
        && !head.headers.contains_key(header::CONTENT_RANGE)
}

impl<F, B: Body> fmt::Debug for EntityTagFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Forward { .. } => "EntityTagFuture(forward)",
            State::Answer { .. } => "EntityTagFuture(answer)",
            State::Read { .. } => "EntityTagFuture(read)",
        })
    }
}
