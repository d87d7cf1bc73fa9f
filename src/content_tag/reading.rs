use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Body, Frame};

use super::{TaggedBody, body::Held, hash::ContentHash};
use crate::validator::EntityTag;

/// A body that is read ahead until the content is complete, or until the layer gives up.
pub(super) struct Reading<B: Body> {
    /// Boxed: it is polled here and later in the response, and must not move in between.
    body: Pin<Box<B>>,
    held: VecDeque<Held<B::Error>>,
    hash: ContentHash,
    on_pause: OnPause,
    /// How many more bytes and frames may be held.
    bytes: usize,
    frames: usize,
}

#[derive(Clone, Copy)]
enum OnPause {
    Wait,
    GiveUp,
}

/// What a poll of the body leads to.
enum Next {
    ReadOn,
    /// The content is complete.
    Tag,
    GiveUp,
}

impl<B: Body<Data = Bytes>> Reading<B> {
    /// Starts to read, or returns the body if it is known to be longer than the limit.
    pub(super) fn begin(body: B, headers: &HeaderMap, limit: usize) -> Result<Self, B> {
        let hint = body.size_hint();
        let length = hint.exact().or_else(|| content_length(headers));
        if hint.lower().max(length.unwrap_or(0)) > limit as u64 {
            return Err(body);
        }
        Ok(Self {
            body: Box::pin(body),
            // As many as the first growth would give.
            held: VecDeque::with_capacity(4),
            hash: ContentHash::default(),
            on_pause: match length {
                Some(_) => OnPause::Wait,
                None => OnPause::GiveUp,
            },
            bytes: limit,
            // An endless stream of empty frames would fill the memory without this bound.
            frames: 64 + limit / 256,
        })
    }

    /// Reads on. Returns the tag of the complete content, or `None` if the layer gives up.
    // Inlined, it would cost each frame of a body that is not read 15 instructions.
    #[inline(never)]
    pub(super) fn poll_tag(&mut self, headers: &HeaderMap, cx: &mut Context<'_>) -> Poll<Option<EntityTag>> {
        loop {
            if self.body.is_end_stream() {
                return Poll::Ready(Some(self.entity_tag(headers)));
            }
            let size_hint = self.body.size_hint();
            let polled = match (self.body.as_mut().poll_frame(cx), self.on_pause) {
                (Poll::Ready(polled), _) => polled,
                (Poll::Pending, OnPause::Wait) => return Poll::Pending,
                (Poll::Pending, OnPause::GiveUp) => return Poll::Ready(None),
            };
            let next = match &polled {
                Some(Ok(frame)) => self.take_in(frame),
                Some(Err(_)) => Next::GiveUp,
                None => Next::Tag,
            };
            self.held.push_back(Held { size_hint, polled });
            match next {
                Next::ReadOn => {}
                Next::Tag => return Poll::Ready(Some(self.entity_tag(headers))),
                Next::GiveUp => return Poll::Ready(None),
            }
        }
    }

    fn take_in(&mut self, frame: &Frame<Bytes>) -> Next {
        let data = data_of(frame);
        let left = (self.bytes.checked_sub(data.len()), self.frames.checked_sub(1));
        let (Some(bytes), Some(frames)) = left else { return Next::GiveUp };
        (self.bytes, self.frames) = (bytes, frames);
        // Trailers are a frame without data.
        if !data.is_empty() {
            self.hash.update(|| first_data(&self.held), data);
        }
        match frame.trailers_ref() {
            // A handler may send its own tag in the trailers (RFC 9110 §8.8.3).
            Some(trailers) if trailers.contains_key(header::ETAG) => Next::GiveUp,
            _ => Next::ReadOn,
        }
    }

    fn entity_tag(&self, headers: &HeaderMap) -> EntityTag {
        self.hash.entity_tag(|| first_data(&self.held), headers)
    }

    pub(super) fn into_body(self) -> TaggedBody<B> {
        TaggedBody::read(self.held, self.body)
    }
}

fn data_of(frame: &Frame<Bytes>) -> &[u8] {
    frame.data_ref().map(Bytes::as_ref).unwrap_or_default()
}

/// Returns the data of the first frame.
fn first_data<E>(held: &VecDeque<Held<E>>) -> Option<&[u8]> {
    held.front()?.polled.as_ref()?.as_ref().ok().map(data_of)
}

/// Returns the length that the handler declares, if it is valid.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    let digits = headers.get(header::CONTENT_LENGTH)?.as_bytes();
    // Not `parse`, which also takes a sign (RFC 9110 §8.6).
    let length = digits.iter().try_fold(0_u64, |length, octet| match octet {
        b'0'..=b'9' => length.checked_mul(10)?.checked_add(u64::from(octet - b'0')),
        _ => None,
    })?;
    (!digits.is_empty()).then_some(length)
}
