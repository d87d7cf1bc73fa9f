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
use crate::precondition::RequestFields;

/// What may be unread of a request that the layer answers, by the request's head.
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
    pub(crate) fn of(head: &Parts, fields: RequestFields) -> Self {
        let is_http1 = head.version <= Version::HTTP_11;
        if is_http1 && !announces_content(fields) {
            return Self::Settled;
        }
        Self::announced(head, fields, is_http1)
    }

    #[cold]
    fn announced(head: &Parts, fields: RequestFields, is_http1: bool) -> Self {
        // To read would send `100 Continue`, and call for the content (RFC 9110 §10.1.1).
        if fields.has(RequestFields::UNSIZED_CONTENT) && head.headers.contains_key(header::EXPECT) {
            return Self::Settled;
        }
        match is_http1 {
            false => Self::InStream,
            true if fields.has(RequestFields::UNSIZED_CONTENT) => Self::MayHaveCome,
            true => match content_length(head) {
                Some(1..=SMALL_CONTENT) => Self::MayHaveCome,
                _ => Self::Settled,
            },
        }
    }

    /// Returns the fields by which the answer is made. Those of content are missing if a look decides.
    pub(crate) fn fields(self, fields: RequestFields) -> RequestFields {
        match self {
            Self::MayHaveCome => RequestFields::NONE,
            Self::Settled | Self::InStream => fields,
        }
    }
}

fn announces_content(fields: RequestFields) -> bool {
    fields.has(RequestFields::UNSIZED_CONTENT) || fields.has(RequestFields::CONTENT_LENGTH)
}

/// Returns the announced length, if it is a number that fits.
fn content_length(head: &Parts) -> Option<u64> {
    head.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns whether unread content would stand before the next request on the connection.
///
/// HTTP/2 and later end one stream without ending the connection.
pub(super) fn must_close(head: &Parts, fields: RequestFields) -> bool {
    announces_content(fields)
        && head.version <= Version::HTTP_11
        && (fields.has(RequestFields::UNSIZED_CONTENT) || content_length(head) != Some(0))
}

/// Says that the connection is closed after this answer.
pub(crate) fn say_close(response: &mut Response<OwnBody>) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
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
