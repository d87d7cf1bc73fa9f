//! RFC 9110 §13 read a second time, as slowly and plainly as possible.
//!
//! The tests and the fuzz targets compare `tower-precondition` with this crate. It shares no code
//! with the library, so a mistake stays unseen only if someone makes it twice, in two ways.
//! It joins field lines before it parses them, turns lists into vectors, and counts dates year by year.
//!
//! The numbers in the comments are those of `tests/RULES.md`.

mod calendar;
mod evaluate;
mod fields;
mod modes;
mod tag;
mod webdav;

pub use calendar::{Civil, asctime, civil, full_year, imf_fixdate, parse_date, rfc850, seconds_of};
pub use evaluate::{Action, Current, Reasons, Truth, Verdict, evaluate, evaluate_by};
pub use fields::{DateField, Fields, RangeField, TagField};
pub use modes::{Held, Modes};
pub use tag::{Tag, is_etagc};
pub use webdav::{DavState, IfList, Named, evaluate_if, print_if, read_if};
