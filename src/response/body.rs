use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{error::BoxError, representation::RefusedBody};

pin_project! {
    /// The body of a response behind the layer: the inner service's, or the layer's own.
    ///
    /// Forwards the inner body's frames, size and end, so that a 200 keeps its
    /// `Content-Length`. The body of a 304 reports its end at once and no exact
    /// size, so that no server writes `Content-Length: 0` for it.
    ///
    /// It is `Send` where the inner body is, and never `Sync`, since a source may
    /// [refuse](crate::Representation::refused) with any body: box it with `boxed_unsync`.
    ///
    /// ```
    /// use http_body::Body;
    /// use tower_precondition::ResponseBody;
    ///
    /// let body = ResponseBody::<String>::default();
    /// assert!(body.is_end_stream());
    /// assert_eq!(body.size_hint().exact(), None);
    /// ```
    pub struct ResponseBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B> {
        Inner { #[pin] body: B },
        Refused { #[pin] body: RefusedBody },
        Whole { content: Option<Bytes> },
        Empty,
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }

    /// No content, and nothing said about the length of what a 200 would have had.
    pub(crate) fn empty() -> Self {
        Self { kind: Kind::Empty }
    }

    pub(crate) fn whole(content: Bytes) -> Self {
        match content.is_empty() {
            true => Self { kind: Kind::Whole { content: None } },
            false => Self { kind: Kind::Whole { content: Some(content) } },
        }
    }

    pub(crate) fn refused(body: RefusedBody) -> Self {
        Self { kind: Kind::Refused { body } }
    }

    /// The content of a body that was made whole; none of any other.
    pub(crate) fn into_content(self) -> Bytes {
        match self.kind {
            Kind::Whole { content } => content.unwrap_or_default(),
            Kind::Inner { .. } | Kind::Refused { .. } | Kind::Empty => Bytes::new(),
        }
    }

    /// The length of a body that is not the inner service's, if it is known.
    pub(crate) fn own_length(&self) -> Option<u64> {
        match &self.kind {
            Kind::Inner { .. } | Kind::Empty => None,
            Kind::Refused { body } => body.size_hint().exact(),
            Kind::Whole { content } => Some(content.as_ref().map_or(0, |content| content.len() as u64)),
        }
    }
}

/// No content.
impl<B> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B> Body for ResponseBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().kind.project() {
            KindProjection::Inner { body } => {
                Poll::Ready(ready!(body.poll_frame(cx)).map(|frame| frame.map_err(Into::into)))
            }
            KindProjection::Refused { body } => body.poll_frame(cx),
            KindProjection::Whole { content } => {
                Poll::Ready(content.take().map(|data| Ok(Frame::data(data))))
            }
            KindProjection::Empty => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Refused { body } => body.is_end_stream(),
            Kind::Whole { content } => content.is_none(),
            Kind::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Refused { body } => body.size_hint(),
            Kind::Whole { .. } => SizeHint::with_exact(self.own_length().unwrap_or_default()),
            // Inexact on purpose: an exact zero would become `Content-Length: 0`, and a
            // length on a 304 means that of the 200 (RFC 9110 §8.6).
            Kind::Empty => SizeHint::default(),
        }
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Inner { .. } => "ResponseBody(inner)",
            Kind::Refused { .. } => "ResponseBody(refused)",
            Kind::Whole { .. } => "ResponseBody(whole)",
            Kind::Empty => "ResponseBody(empty)",
        })
    }
}
