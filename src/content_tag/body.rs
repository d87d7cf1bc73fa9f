use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of a response behind an [`EntityTagLayer`](super::EntityTagLayer).
    ///
    /// It has the frames, the error, the size hint and the end of the inner body. Reading ahead changes none of
    /// them. It is empty if the layer answers a HEAD from the content.
    ///
    /// ```
    /// use http_body::Body;
    /// use tower_precondition::content_tag::TaggedBody;
    ///
    /// let body = TaggedBody::<String>::default();
    /// assert!(body.is_end_stream());
    /// assert_eq!(body.size_hint().exact(), Some(0));
    /// ```
    pub struct TaggedBody<B>
    where
        B: Body,
    {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B>
    where
        B: Body,
    {
        /// The body was not read.
        Inner { #[pin] body: B },
        /// The frames that were read ahead, and the rest. No rest: a HEAD was answered from a GET, and its content
        /// dropped. A variant of its own would cost 19 instructions for each frame of a body that was not read.
        Read { held: VecDeque<Held<B::Error>>, rest: Option<Pin<Box<B>>> },
    }
}

/// One poll of a body that is read ahead, and the size hint from before it.
///
/// The reader gets one after the other, as if it polled the body itself. Before each poll, the body was not
/// at its end.
pub(super) struct Held<E> {
    pub(super) size_hint: SizeHint,
    pub(super) polled: Option<Result<Frame<Bytes>, E>>,
}

impl<B: Body> TaggedBody<B> {
    pub(super) fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }

    pub(super) fn read(held: VecDeque<Held<B::Error>>, body: Pin<Box<B>>) -> Self {
        Self { kind: Kind::Read { held, rest: Some(body) } }
    }

    pub(super) fn dropped() -> Self {
        Self { kind: Kind::Read { held: VecDeque::new(), rest: None } }
    }
}

/// The inner body's default.
impl<B: Body + Default> Default for TaggedBody<B> {
    fn default() -> Self {
        Self::inner(B::default())
    }
}

impl<B: Body<Data = Bytes>> Body for TaggedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjection::Inner { body } => body.poll_frame(cx),
            KindProjection::Read { held, rest } => match (held.pop_front(), rest) {
                (Some(held), _) => Poll::Ready(held.polled),
                (None, Some(rest)) => rest.as_mut().poll_frame(cx),
                (None, None) => Poll::Ready(None),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Read { held, rest } => {
                held.is_empty() && rest.as_ref().is_none_or(|rest| rest.is_end_stream())
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Read { held, rest } => match (held.front(), rest) {
                // Not `Copy` before http-body 1.1.
                (Some(held), _) => SizeHint::clone(&held.size_hint),
                (None, Some(rest)) => rest.size_hint(),
                // Not exact: Axum would add `Content-Length: 0` to a response whose GET has no length.
                (None, None) => SizeHint::default(),
            },
        }
    }
}

impl<B: Body> fmt::Debug for TaggedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Inner { .. } => "TaggedBody(inner)",
            Kind::Read { .. } => "TaggedBody(read)",
        })
    }
}
