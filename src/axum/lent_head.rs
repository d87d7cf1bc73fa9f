use std::{
    mem,
    sync::atomic::{AtomicU8, Ordering},
};

use http::{Extensions, HeaderMap, Request, request::Parts};

/// What the extractors of one look-up do with a head.
///
/// An extractor gets `&mut Parts` and may take a field out of it. The evaluation and the handler must see that field
/// all the same, but a copy of the head is the dearest part of a look-up. So the first look-up keeps a copy to put
/// back what was taken. If its extractors take nothing, later look-ups keep only a fingerprint of the fields. If one of
/// them takes something after all, that request is refused, and every later one has its copy.
#[derive(Debug, Default)]
pub(super) struct Habit(AtomicU8);

const UNSEEN: u8 = 0;
const TAKES_NOTHING: u8 = 1;
const TAKES: u8 = 2;

/// What is kept of a head while extractors have its fields and extensions.
pub(super) struct Kept {
    fingerprint: u64,
    extensions: usize,
    /// Boxed, so that a look-up is small to move.
    copy: Option<Box<(HeaderMap, Extensions)>>,
}

/// What extractors leave of a head. No other crate can name it.
#[derive(Debug)]
pub struct Lent {
    headers: HeaderMap,
    extensions: Extensions,
}

/// Something that an extractor took is lost.
pub(super) struct Lost;

impl Habit {
    /// Takes a head's fields and extensions for its extractors. The rest is copied.
    pub(super) fn lend(&self, head: &mut Parts) -> (Parts, Kept) {
        let copy = match self.0.load(Ordering::Relaxed) {
            TAKES_NOTHING => None,
            _ => Some(Box::new((head.headers.clone(), head.extensions.clone()))),
        };
        let kept = Kept { fingerprint: fingerprint(&head.headers), extensions: head.extensions.len(), copy };
        let (mut lent, ()) = Request::new(()).into_parts();
        lent.method = head.method.clone();
        lent.uri = head.uri.clone();
        lent.version = head.version;
        lent.headers = mem::take(&mut head.headers);
        lent.extensions = mem::take(&mut head.extensions);
        (lent, kept)
    }

    /// Puts back what was lent, and what was taken of it. What an extractor added to the extensions stays.
    pub(super) fn give_back(&self, lent: Lent, kept: &mut Kept, head: &mut Parts) -> Result<(), Lost> {
        let Lent { headers, extensions } = lent;
        let fewer = extensions.len() < kept.extensions;
        let taken = match kept.copy.take() {
            Some(copy) => {
                let (copied_headers, mut copied_extensions) = *copy;
                let taken = fewer || headers != copied_headers;
                head.headers = copied_headers;
                copied_extensions.extend(extensions);
                head.extensions = copied_extensions;
                taken.then_some(Ok(()))
            }
            None => {
                let taken = fewer || fingerprint(&headers) != kept.fingerprint;
                head.headers = headers;
                head.extensions = extensions;
                taken.then_some(Err(Lost))
            }
        };
        match taken {
            Some(put_back) => {
                self.0.store(TAKES, Ordering::Relaxed);
                put_back
            }
            None => {
                // Fast path: no write to memory that other processors read.
                if self.0.load(Ordering::Relaxed) == UNSEEN {
                    let (seen, order) = (TAKES_NOTHING, Ordering::Relaxed);
                    let _taken_meanwhile = self.0.compare_exchange(UNSEEN, seen, order, order);
                }
                Ok(())
            }
        }
    }
}

impl Clone for Habit {
    fn clone(&self) -> Self {
        Self(AtomicU8::new(self.0.load(Ordering::Relaxed)))
    }
}

impl Lent {
    pub(super) fn of(head: Parts) -> Self {
        Self { headers: head.headers, extensions: head.extensions }
    }
}

/// Changes if a field is taken, added, or replaced: then an address or a length is another one.
fn fingerprint(headers: &HeaderMap) -> u64 {
    headers.iter().fold(headers.len() as u64, |print, (name, value)| {
        let name = name.as_str().as_ptr() as u64;
        let place = value.as_bytes().as_ptr() as u64;
        let field = (name ^ place.rotate_left(32) ^ value.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        print.wrapping_add(field ^ (field >> 32))
    })
}
