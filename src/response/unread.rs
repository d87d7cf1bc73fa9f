use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Buf;
use http::{
    Response, Version,
    header::{self, HeaderValue},
    request::Parts,
};
use http_body::Body;

use super::OwnBody;
use crate::{
    header_map::{first_line, remove_field, set_field},
    precondition::RequestFields,
};

/// What may be unread of a request that the layer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// There is nothing to read, or nothing may be read.
    Settled,
    /// HTTP/1.x: the content is small, and may have come with the head.
    MayHaveCome,
    /// HTTP/2 and later: the answer's stream can stay open for the content.
    InStream,
}

/// Content up to this length is looked for before the answer is sent.
const SMALL_CONTENT: u64 = 8 * 1024;

impl Unread {
    /// Returns whether something may be unread, by the head alone.
    pub(crate) fn is_possible(version: Version, fields: RequestFields) -> bool {
        fields.has(RequestFields::CONTENT) || version > Version::HTTP_11
    }

    #[cold]
    pub(crate) fn of(head: &Parts, fields: RequestFields, body: &impl Body) -> Self {
        // To read would send `100 Continue`, and call for the content (RFC 9110 §10.1.1).
        if fields.has(RequestFields::EXPECT) {
            return Self::Settled;
        }
        match head.version > Version::HTTP_11 {
            true => Self::InStream,
            false if fields.has(RequestFields::CONTENT) && is_small(head, body) => Self::MayHaveCome,
            false => Self::Settled,
        }
    }
}

/// Asks the body too: a 304 is made of the request's own headers.
fn is_small(head: &Parts, body: &impl Body) -> bool {
    let announced = content_length(head).unwrap_or(Some(0));
    announced.is_some_and(|length| length <= SMALL_CONTENT) && body.size_hint().lower() <= SMALL_CONTENT
}

/// Returns the announced length, if any; it may be no number that fits.
fn content_length(head: &Parts) -> Option<Option<u64>> {
    let length = first_line(&head.headers, header::CONTENT_LENGTH)?;
    Some(length.to_str().ok().and_then(|length| length.parse().ok()))
}

/// Returns whether unread content would stand before the next request on the connection.
///
/// HTTP/2 and later end one stream without ending the connection.
pub(super) fn must_close(head: &Parts, fields: RequestFields) -> bool {
    fields.has(RequestFields::CONTENT) && head.version <= Version::HTTP_11 && announces_content(head, fields)
}

#[cold]
fn announces_content(head: &Parts, fields: RequestFields) -> bool {
    fields.has(RequestFields::UNSIZED_CONTENT) || content_length(head) != Some(Some(0))
}

/// Says that the connection is closed after this answer.
pub(super) fn say_close(response: &mut Response<OwnBody>) {
    set_field(response.headers_mut(), header::CONNECTION, HeaderValue::from_static("close"));
}

/// Takes back that the connection is closed: all content has come.
pub(crate) fn say_open(response: &mut Response<OwnBody>) {
    remove_field(response.headers_mut(), header::CONNECTION);
}

/// Looks whether small content has come with the head. It waits for no content.
#[derive(Debug)]
pub(crate) struct Look {
    bytes_left: u64,
    yields_left: u8,
}

impl Look {
    pub(crate) fn new() -> Self {
        // One for the data, and one for the end of chunks.
        Self { bytes_left: SMALL_CONTENT, yields_left: 2 }
    }

    /// Returns whether all content has come. Reads and drops it.
    pub(crate) fn poll_whole(&mut self, mut body: Pin<&mut impl Body>, cx: &mut Context<'_>) -> Poll<bool> {
        while !body.is_end_stream() {
            match body.as_mut().poll_frame(cx) {
                Poll::Ready(None) => break,
                Poll::Ready(Some(Ok(frame))) => {
                    let read = frame.data_ref().map_or(0, Buf::remaining) as u64;
                    match self.bytes_left.checked_sub(read) {
                        Some(left) => self.bytes_left = left,
                        None => return Poll::Ready(false),
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                // hyper passes on what it has received between two polls of this future, and only after the
                // first asked for it.
                Poll::Pending if self.yields_left > 0 => {
                    self.yields_left -= 1;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => return Poll::Ready(false),
            }
        }
        Poll::Ready(true)
    }
}
