use std::{
    mem,
    sync::atomic::{AtomicU8, Ordering},
};

use http::{Extensions, HeaderMap, Request, request::Parts};

/// What the extractors of a source do with a head.
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

/// What the layer keeps of a head that it lends.
pub(super) enum Kept {
    /// Boxed, so that a look-up is small to move.
    Copy(Box<(HeaderMap, Extensions)>),
    Fingerprint(u64),
}

/// A head in the hands of extractors. No other crate can name it.
#[derive(Debug)]
pub struct LentHead {
    pub(super) parts: Parts,
    extensions: usize,
    took_extension: bool,
}

/// What extractors leave of a head. No other crate can name it.
#[derive(Debug)]
pub struct Left {
    headers: HeaderMap,
    extensions: Extensions,
    took_extension: bool,
    all_ran: bool,
}

/// Something that an extractor took is lost.
pub(super) struct Lost;

impl Habit {
    /// Takes a head's fields and extensions for its extractors. The rest is copied.
    pub(super) fn lend(&self, head: &mut Parts) -> (LentHead, Kept) {
        let kept = match self.0.load(Ordering::Relaxed) {
            TAKES_NOTHING => Kept::Fingerprint(fingerprint(&head.headers)),
            _ => Kept::Copy(Box::new((head.headers.clone(), head.extensions.clone()))),
        };
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = head.method.clone();
        parts.uri = head.uri.clone();
        parts.version = head.version;
        // A swap of the two is cheaper than a move of the whole head.
        mem::swap(&mut parts.headers, &mut head.headers);
        mem::swap(&mut parts.extensions, &mut head.extensions);
        (LentHead::new(parts), kept)
    }

    /// Puts back what was lent, and what was taken of it. What an extractor added to the extensions stays.
    pub(super) fn give_back(&self, left: Left, kept: Kept, head: &mut Parts) -> Result<(), Lost> {
        let Left { headers, extensions, took_extension, all_ran } = left;
        match kept {
            Kept::Copy(copy) => {
                let (copied_headers, copied_extensions) = *copy;
                if took_extension || headers != copied_headers {
                    self.0.store(TAKES, Ordering::Relaxed);
                } else if all_ran {
                    // Another look-up may have seen it take something meanwhile.
                    let order = Ordering::Relaxed;
                    let _seen_already = self.0.compare_exchange(UNSEEN, TAKES_NOTHING, order, order);
                }
                head.headers = copied_headers;
                head.extensions = copied_extensions;
                head.extensions.extend(extensions);
                Ok(())
            }
            Kept::Fingerprint(before) => {
                let taken = took_extension || fingerprint(&headers) != before;
                head.headers = headers;
                head.extensions = extensions;
                if taken {
                    self.0.store(TAKES, Ordering::Relaxed);
                    return Err(Lost);
                }
                Ok(())
            }
        }
    }
}

impl LentHead {
    pub(super) fn new(parts: Parts) -> Self {
        let extensions = parts.extensions.len();
        Self { parts, extensions, took_extension: false }
    }

    /// Sees what one extractor did. One that takes an extension and adds another is not noticed.
    pub(super) fn see_extractor(&mut self) {
        let before = mem::replace(&mut self.extensions, self.parts.extensions.len());
        self.took_extension |= self.extensions < before;
    }

    /// Ends the look-up. `all_ran` is false if an extractor refused the request.
    pub(super) fn end(self, all_ran: bool) -> Left {
        let Self { parts: Parts { headers, extensions, .. }, took_extension, .. } = self;
        Left { headers, extensions, took_extension, all_ran }
    }
}

impl Clone for Habit {
    fn clone(&self) -> Self {
        Self(AtomicU8::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Changes if a field is taken, added, replaced or renamed.
///
/// It reads the address and the length of each value, in the order of the map, and the address of the last name. That
/// is enough: the map puts the last field in the place of one that is taken, and a new name at the end. Two changes may
/// go unnoticed: several fields are taken, and the last of them is put back under its own name; or a text is dropped,
/// and one of its length gets its memory. A comparison of all octets costs several times as much.
fn fingerprint(headers: &HeaderMap) -> u64 {
    let mut print = 0;
    let mut last = None;
    for (name, value) in headers {
        let place = value.as_bytes().as_ptr() as u64;
        print = mixed(print, place ^ (value.len() as u64).rotate_left(40));
        last = Some(name);
    }
    mixed(print, last.map_or(0, |name| name.as_str().as_ptr() as u64))
}

/// A step of a hash that depends on the order. The factor is 2^64 divided by the golden ratio: an odd number without a
/// pattern.
fn mixed(print: u64, next: u64) -> u64 {
    print.wrapping_add(next).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
