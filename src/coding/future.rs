use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use super::{request::SentTags, response::encode_response};

pin_project! {
    /// The response of a [`ContentCoding`](super::ContentCoding) service.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ContentCodingFuture<F> {
        #[pin]
        response: F,
        sent: Option<SentTags>,
    }
}

impl<F> ContentCodingFuture<F> {
    pub(super) fn new(response: F, sent: Option<SentTags>) -> Self {
        Self { response, sent }
    }
}

impl<F, ResBody, E> Future for ContentCodingFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(cx))?;
        encode_response(&mut response, this.sent.as_ref());
        Poll::Ready(Ok(response))
    }
}
