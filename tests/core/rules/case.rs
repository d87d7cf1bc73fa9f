//! One row of a table: a request, the current representation, and the expected evaluation.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tower_precondition::{
    Condition, ConditionalFields, Decision, HttpDate, Validators, evaluate,
    precondition::{Ignored, Outcome},
};

/// The modification date of the representation.
pub(super) const MODIFIED: i64 = 784_111_777;
pub(super) const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
pub(super) const EQUAL: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
pub(super) const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
pub(super) const BEFORE_1970: &str = "Wed, 31 Dec 1969 23:59:59 GMT";
/// The request arrives nine years later, in November 2003.
pub(super) const NOW: i64 = MODIFIED + 9 * 365 * 86_400;
pub(super) const IN_THE_FUTURE: &str = "Sun, 06 Nov 2044 08:49:37 GMT";

pub(super) fn at(seconds: i64) -> HttpDate {
    HttpDate::from_unix_seconds(seconds).unwrap()
}

pub(super) fn absent() -> Option<Validators> {
    None
}

/// A representation that has neither a tag nor a date.
pub(super) fn bare() -> Option<Validators> {
    Some(Validators::new())
}

pub(super) fn tagged(tag: &str) -> Option<Validators> {
    Some(Validators::new().with_etag(tag.parse().unwrap()))
}

/// A weak date: the representation may have changed again within the same second.
pub(super) fn dated(seconds: i64) -> Option<Validators> {
    Some(Validators::new().with_last_modified(at(seconds)))
}

pub(super) fn strongly_dated(seconds: i64) -> Option<Validators> {
    Some(Validators::new().with_strong_last_modified(at(seconds)))
}

/// The tag `"v1"` and a strong date.
pub(super) fn tagged_and_dated() -> Option<Validators> {
    tagged(r#""v1""#).map(|validators| validators.with_strong_last_modified(at(MODIFIED)))
}

pub(super) struct Expected {
    decision: Decision,
    range: Option<bool>,
    outcomes: Vec<(Condition, Outcome)>,
}

pub(super) fn proceeds() -> Expected {
    Expected { decision: Decision::Proceed, range: None, outcomes: Vec::new() }
}

pub(super) fn not_modified() -> Expected {
    Expected { decision: Decision::NotModified, ..proceeds() }
}

pub(super) fn fails(condition: Condition) -> Expected {
    Expected { decision: Decision::Failed(condition), ..proceeds() }
}

impl Expected {
    pub(super) fn range(self, stands: bool) -> Self {
        Self { range: Some(stands), ..self }
    }

    pub(super) fn holds(self, condition: Condition) -> Self {
        self.and(condition, Outcome::True)
    }

    pub(super) fn refutes(self, condition: Condition) -> Self {
        self.and(condition, Outcome::False)
    }

    pub(super) fn ignores(self, condition: Condition, reason: Ignored) -> Self {
        self.and(condition, Outcome::Ignored(reason))
    }

    fn and(mut self, condition: Condition, outcome: Outcome) -> Self {
        self.outcomes.push((condition, outcome));
        self
    }
}

/// Builds the headers in the order of the lines. The values are bytes, because a tag need not be ASCII.
pub(super) fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

pub(super) fn check(method: &str, lines: &[(&str, &[u8])], current: Option<Validators>, expected: Expected) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let headers = headers(lines);
    let fields = ConditionalFields::from_headers_at(&headers, at(NOW));
    let evaluation = evaluate(&method, &fields, current.as_ref());
    assert_eq!(evaluation.decision(), expected.decision, "{method} {headers:?}: {evaluation:?}");
    if let Some(stands) = expected.range {
        assert_eq!(evaluation.allows_range(), stands, "{method} {headers:?}: {evaluation:?}");
    }
    for (condition, outcome) in expected.outcomes {
        assert_eq!(evaluation.outcome(condition), outcome, "{condition:?} of {method} {headers:?}");
    }
    // A field has an outcome if and only if the request carries it.
    for condition in Condition::ALL {
        let is_absent = evaluation.outcome(condition) == Outcome::NotPresent;
        assert_eq!(is_absent, !fields.contains(condition), "{condition:?} of {method} {headers:?}");
    }
}

/// Turns each row into a test: the methods, the field lines, the representation and the expectation.
macro_rules! rules {
    ($(
        $name:ident: [$($method:literal)+] { $($field:literal: $value:expr),* $(,)? }
            against $current:expr => $expected:expr;
    )+) => {$(
        #[test]
        fn $name() {
            for method in [$($method),+] {
                let lines: &[(&str, &[u8])] = &[$(($field, AsRef::<[u8]>::as_ref($value))),*];
                $crate::rules::case::check(method, lines, $current, $expected);
            }
        }
    )+};
}

pub(super) use rules;
