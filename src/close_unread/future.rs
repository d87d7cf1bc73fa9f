use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderValue, Response, header::CONNECTION};
use pin_project_lite::pin_project;

use super::body::Fate;

pin_project! {
    /// The response of a [`CloseUnread`](super::CloseUnread) service.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct CloseUnreadFuture<F> {
        #[pin]
        response: F,
        // The fate of the content; `None` if there is none, or if it does not matter.
        fate: Option<Fate>,
    }
}

impl<F> CloseUnreadFuture<F> {
    pub(super) fn new(response: F, fate: Option<Fate>) -> Self {
        Self { response, fate }
    }
}

impl<F, ResBody, E> Future for CloseUnreadFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(cx))?;
        let refuses = response.status().as_u16() >= 300;
        if refuses && this.fate.as_mut().is_some_and(Fate::is_unread) {
            say_close(response.headers_mut());
        }
        Poll::Ready(Ok(response))
    }
}

/// Adds `close` beside the other options, such as the `upgrade` of a 426.
fn say_close(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(CONNECTION).iter().filter_map(|line| line.to_str().ok());
    let is_said = lines.any(|line| line.split(',').any(|option| option.trim().eq_ignore_ascii_case("close")));
    if !is_said {
        headers.append(CONNECTION, HeaderValue::from_static("close"));
    }
}
