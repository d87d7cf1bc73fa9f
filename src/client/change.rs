use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{self, HeaderName},
};

/// A change of the state that a [`Seen`](super::Seen) shows.
///
/// | made by | request | needs |
/// |---|---|---|
/// | [`replace`](Self::replace) | PUT with If-Match | that something is there |
/// | [`create`](Self::create) | PUT with `If-None-Match: *` | that nothing is there |
/// | [`patch`](Self::patch) | PATCH with If-Match | that something is there |
/// | [`delete`](Self::delete) | DELETE with If-Match; none if nothing is there | |
/// | [`leave_alone`](Self::leave_alone) | none | |
///
/// ```
/// use tower_precondition::client::{Change, Seen};
///
/// fn add_line(seen: &Seen) -> Change {
///     match seen.content() {
///         Some(text) => Change::replace([text.as_ref(), b"one more\n"].concat()),
///         None => Change::create("first line\n"),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Change {
    pub(super) kind: Kind,
    pub(super) headers: HeaderMap,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Replace(Bytes),
    Create(Bytes),
    Patch(Bytes),
    Delete,
    LeaveAlone,
}

impl Change {
    /// Replaces what is there with this content.
    pub fn replace(content: impl Into<Bytes>) -> Self {
        Self::of(Kind::Replace(content.into()))
    }

    /// Creates the resource with this content.
    pub fn create(content: impl Into<Bytes>) -> Self {
        Self::of(Kind::Create(content.into()))
    }

    /// Applies a patch document to what is there. The media type says how to read it.
    pub fn patch(content: impl Into<Bytes>, media_type: HeaderValue) -> Self {
        Self::of(Kind::Patch(content.into())).with_header(header::CONTENT_TYPE, media_type)
    }

    /// Deletes what is there. If nothing is there, no request is sent.
    pub fn delete() -> Self {
        Self::of(Kind::Delete)
    }

    /// Leaves everything as it is. No request is sent.
    pub fn leave_alone() -> Self {
        Self::of(Kind::LeaveAlone)
    }

    /// Sets a header field of the write, such as Content-Type. It replaces the field of the target.
    ///
    /// The client drops the fields that it sets itself: conditional fields, Range, Content-Digest and the field of
    /// the write id.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    fn of(kind: Kind) -> Self {
        Self { kind, headers: HeaderMap::new() }
    }
}

impl Kind {
    /// Returns the method and the content of the request, or nothing if none is to be sent.
    pub(super) fn request(&self, exists: bool) -> Option<(Method, Option<&Bytes>)> {
        match self {
            Self::Replace(content) | Self::Create(content) => Some((Method::PUT, Some(content))),
            Self::Patch(content) => Some((Method::PATCH, Some(content))),
            Self::Delete => exists.then_some((Method::DELETE, None)),
            Self::LeaveAlone => None,
        }
    }

    /// Returns whether the change can be made of what is there.
    pub(super) fn fits(&self, exists: bool) -> bool {
        match self {
            Self::Replace(_) | Self::Patch(_) => exists,
            Self::Create(_) => !exists,
            Self::Delete | Self::LeaveAlone => true,
        }
    }
}
