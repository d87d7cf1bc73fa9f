//! Last-Modified as a validator (§8.8.2, rules 46 and 50).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use tower_precondition::{ConditionalFields, Decision, HttpDate, Validators, evaluate};

use super::case::{EQUAL, MODIFIED, NOW, at, headers};

#[test]
fn rule_46_a_date_is_weak_until_it_is_declared_strong_or_settles() {
    let weak = Validators::new().with_last_modified(at(MODIFIED));
    assert_eq!(weak.last_modified(), Some(at(MODIFIED)));
    assert_eq!(weak.strong_last_modified(), None);

    let strong = Validators::new().with_strong_last_modified(at(MODIFIED));
    assert_eq!(strong.last_modified(), Some(at(MODIFIED)));
    assert_eq!(strong.strong_last_modified(), Some(at(MODIFIED)));

    for (now, settled) in [(-1, false), (0, false), (1, false), (2, true), (3, true)] {
        let validators = Validators::new().with_last_modified(at(MODIFIED)).settled_at(at(MODIFIED + now));
        assert_eq!(validators.last_modified(), Some(at(MODIFIED)));
        assert_eq!(validators.strong_last_modified().is_some(), settled, "{now} seconds later");
    }
    // A date that the source declares strong stays strong, even if it is recent.
    let young = Validators::new().with_strong_last_modified(at(MODIFIED)).settled_at(at(MODIFIED));
    assert_eq!(young.strong_last_modified(), Some(at(MODIFIED)));
    // Without a date, nothing settles.
    let dateless = Validators::new().settled_at(at(MODIFIED));
    assert_eq!(dateless.last_modified(), None);
    assert_eq!(dateless.strong_last_modified(), None);
    // The calendar may not have two seconds before the first date.
    let first = Validators::new().with_last_modified(HttpDate::MIN).settled_at(HttpDate::MIN);
    assert_eq!(first.strong_last_modified(), None);
    let last = Validators::new().with_last_modified(HttpDate::MAX).settled_at(HttpDate::MAX);
    assert_eq!(last.strong_last_modified(), None);
    let ages_ago = Validators::new().with_last_modified(HttpDate::MIN).settled_at(HttpDate::MAX);
    assert_eq!(ages_ago.strong_last_modified(), Some(HttpDate::MIN));
}

#[test]
fn rule_46_if_range_accepts_a_settled_date() {
    let headers = headers(&[("if-range", EQUAL.as_bytes()), ("range", b"bytes=0-1")]);
    let fields = ConditionalFields::from_headers_at(&headers, at(NOW));
    for (later, stands) in [(1, false), (2, true)] {
        let current = Validators::new().with_last_modified(at(MODIFIED)).settled_at(at(MODIFIED + later));
        let evaluation = evaluate(&Method::GET, &fields, Some(&current));
        assert_eq!(evaluation.allows_range(), stands);
    }
}

#[test]
fn rule_50_a_time_is_truncated_to_its_second() {
    let headers = headers(&[("if-modified-since", EQUAL.as_bytes())]);
    let fields = ConditionalFields::from_headers_at(&headers, at(NOW));
    let second = UNIX_EPOCH + Duration::from_secs(MODIFIED.unsigned_abs());
    for (within, expected) in
        [(0, Decision::NotModified), (999_999_999, Decision::NotModified), (1_000_000_000, Decision::Proceed)]
    {
        let modified: SystemTime = second + Duration::from_nanos(within);
        let current = Validators::new().with_last_modified(HttpDate::try_from(modified).unwrap());
        let evaluation = evaluate(&Method::GET, &fields, Some(&current));
        assert_eq!(evaluation.decision(), expected, "{within} ns into the second");
    }
}

#[test]
fn rule_50_a_time_before_1970_is_rounded_down() {
    let half_a_second = UNIX_EPOCH - Duration::from_millis(500);
    assert_eq!(HttpDate::try_from(half_a_second).unwrap().unix_seconds(), -1);
    let one_second = UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(HttpDate::try_from(one_second).unwrap().unix_seconds(), -1);
    let a_little_more = UNIX_EPOCH - Duration::from_millis(1001);
    assert_eq!(HttpDate::try_from(a_little_more).unwrap().unix_seconds(), -2);
}
