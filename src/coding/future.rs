use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use super::{MarkedResponse, request::SentTags, response::encode_response};

pin_project! {
    /// The response of a [`ContentCoding`](super::ContentCoding) service.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ContentCodingFuture<F> {
        #[pin]
        response: F,
        sent: Option<SentTags>,
        // Boxed: few layers take suffixes off.
        marked: Option<Box<MarkedResponse>>,
    }
}

impl<F> ContentCodingFuture<F> {
    pub(super) fn new(response: F, sent: Option<SentTags>, marked: Option<Box<MarkedResponse>>) -> Self {
        Self { response, sent, marked }
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
        if let Some(marked) = this.marked {
            marked.mark(response.status(), response.headers_mut());
        }
        Poll::Ready(Ok(response))
    }
}
