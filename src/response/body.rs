use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{OpenStream, RefusedUploads};
use crate::{error::BoxError, representation::RefusedBody};

pin_project! {
    /// The body of a response behind the layer: the inner service's body, or the layer's own.
    ///
    /// It forwards the inner body's frames, size and end, so a 200 keeps its `Content-Length`. The body of a
    /// 304 ends at once and reports no exact size, so that no server writes `Content-Length: 0` for it.
    ///
    /// It is `Send` if the inner body is. It is never `Sync`, because a source may
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
        Own { body: OwnBody },
    }
}

/// A body that the layer or its source made.
pub(crate) enum OwnBody {
    Refused(RefusedBody),
    /// All content at once; `None` if it is empty or was sent.
    Whole(Option<Bytes>),
    /// No content, and no word about the length that a 200 would have.
    Empty,
    /// One of the others, whose stream stays open for the request's content.
    Open(Box<OpenStream>),
}

impl OwnBody {
    pub(crate) fn whole(content: Bytes) -> Self {
        Self::Whole(Some(content).filter(|content| !content.is_empty()))
    }

    /// Returns the content of a whole body, and nothing for the others.
    pub(crate) fn into_content(self) -> Bytes {
        match self {
            Self::Whole(content) => content.unwrap_or_default(),
            Self::Refused(_) | Self::Empty | Self::Open(_) => Bytes::new(),
        }
    }

    /// Returns the length, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Refused(body) => body.size_hint().exact(),
            Self::Whole(content) => Some(content.as_ref().map_or(0, |content| content.len() as u64)),
            Self::Empty => None,
            Self::Open(open) => open.answer().length(),
        }
    }

    /// Keeps the answer's stream open until the client has sent this content, or a bound is met.
    pub(crate) fn open_for(self, content: impl Body + Send + 'static, bounds: RefusedUploads) -> Self {
        match content.is_end_stream() {
            true => self,
            false => Self::Open(OpenStream::new(self, content, bounds)),
        }
    }

    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self {
            Self::Refused(body) => Pin::new(body).poll_frame(cx),
            Self::Whole(content) => Poll::Ready(content.take().map(|data| Ok(Frame::data(data)))),
            Self::Empty => Poll::Ready(None),
            Self::Open(open) => open.poll_frame(cx),
        }
    }

    pub(super) fn is_end_stream(&self) -> bool {
        match self {
            Self::Refused(body) => body.is_end_stream(),
            Self::Whole(content) => content.is_none(),
            Self::Empty => true,
            Self::Open(open) => open.is_end_stream(),
        }
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        match self {
            Self::Refused(body) => body.size_hint(),
            Self::Whole(_) => SizeHint::with_exact(self.length().unwrap_or_default()),
            // Inexact: hyper writes `Content-Length: 0` for an exact zero, and on a 304 that would be
            // the length of the 200 (RFC 9110 §8.6).
            Self::Empty => SizeHint::default(),
            Self::Open(open) => open.size_hint(),
        }
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }

    pub(crate) fn own(body: OwnBody) -> Self {
        Self { kind: Kind::Own { body } }
    }
}

/// A body without content.
impl<B> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::own(OwnBody::Empty)
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
            KindProjection::Own { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Own { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Own { body } => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Inner { .. } => "ResponseBody(inner)",
            Kind::Own { body } => match body {
                OwnBody::Refused(_) => "ResponseBody(refused)",
                OwnBody::Whole(_) => "ResponseBody(whole)",
                OwnBody::Empty => "ResponseBody(empty)",
                OwnBody::Open(_) => "ResponseBody(open)",
            },
        })
    }
}
