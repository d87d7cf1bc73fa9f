//! Short constructors of tags, dates, representations and sources.

use std::{
    future::{Ready, ready},
    time::{Duration, SystemTime},
};

use http::request;
use tower_precondition::{BoxError, EntityTag, HttpDate, Representation, Validators};

/// One second before [`MODIFIED`].
pub(crate) const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
/// The modification date of the representation of [`current`].
pub(crate) const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
/// One second after [`MODIFIED`].
pub(crate) const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

pub(crate) fn date(text: &str) -> HttpDate {
    text.parse().expect("an HTTP-date")
}

/// A date this many seconds from now; in the past if the number is negative.
pub(crate) fn date_in(seconds: i64) -> HttpDate {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds < 0 {
        true => SystemTime::now() - distance,
        false => SystemTime::now() + distance,
    };
    HttpDate::try_from(time).expect("a year of four digits")
}

/// A representation with the tag `"1"` and the date [`MODIFIED`].
pub(crate) fn current() -> Validators {
    tagged("\"1\"").with_last_modified(date(MODIFIED))
}

pub(crate) fn tagged(tag: &'static str) -> Validators {
    EntityTag::from_static(tag).into()
}

pub(crate) fn dated(text: &str) -> Validators {
    Validators::new().with_last_modified(date(text))
}

/// A source of one type: a table of hundreds of rows then compiles the layer once.
pub(crate) type Finds<'a> = Box<dyn Fn(&request::Parts) -> Ready<Representation> + Send + Sync + 'a>;

/// A source that finds the same for every request.
pub(crate) fn finds<'a, R: Into<Representation>>(found: impl Fn() -> R + Send + Sync + 'a) -> Finds<'a> {
    Box::new(move |_| ready(found().into()))
}

/// A source that fails.
pub(crate) fn fails(_: &request::Parts) -> Ready<Result<Representation, BoxError>> {
    ready(Err("the store at 10.0.0.7 is away".into()))
}

/// A source that panics if the layer asks it.
pub(crate) fn never_asked(head: &request::Parts) -> Ready<Representation> {
    panic!("the source was asked about {} {}", head.method, head.uri)
}
