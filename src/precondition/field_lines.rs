use http::{HeaderMap, HeaderValue};

use super::condition::Condition;

/// The lines of one conditional field, in their order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldLines<'a> {
    None,
    One(&'a HeaderValue),
    Several(&'a HeaderMap, Condition),
}

impl<'a> FieldLines<'a> {
    #[inline(always)]
    pub(crate) fn of(headers: &'a HeaderMap, condition: Condition) -> Self {
        let name = condition.field();
        match headers.get(&name) {
            None => Self::None,
            // Where no name stands twice, there is no chain of lines to walk.
            Some(line) if headers.len() == headers.keys_len() => Self::One(line),
            Some(line) if headers.get_all(&name).into_iter().nth(1).is_none() => Self::One(line),
            Some(_) => Self::Several(headers, condition),
        }
    }

    /// The line, if it is the only one.
    pub(crate) fn single(self) -> Option<&'a HeaderValue> {
        match self {
            Self::One(line) => Some(line),
            Self::None | Self::Several(..) => None,
        }
    }
}
