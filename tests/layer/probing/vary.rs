//! If the answer to the HEAD depends on a field that the HEAD lacks, nothing is evaluated by it.

use http::HeaderName;
use tower_precondition::Rejection;

use super::{Resource, layer, through};
use crate::support::{LATER, MODIFIED, request};

/// `METHOD [fields], status of the HEAD [lines of its Vary] => status`. The condition is false for the answer to the
/// HEAD; 200 means that the request reached the service.
macro_rules! varies {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*], $status:literal [$($vary:literal),*] => $expected:literal;)*) => {$(
        #[test]
        fn $name() {
            let vary: &[&str] = &[$($vary),*];
            let vary = vary.iter().map(|line| ("vary", *line));
            let said: Vec<_> = [("etag", "\"1\""), ("last-modified", MODIFIED)].into_iter().chain(vary).collect();
            let resource = Resource::whose_head_is($status, &said);
            let fields = [$(($field, $value)),*];
            let without = [HeaderName::from_static("x-command")];
            let answer = through(layer().probe_without(without), &resource, request($method, &fields)).expect("an answer");
            assert_eq!(answer.status(), $expected, "{}", answer.body());
            if $expected == 200 {
                let (head, _) = resource.seen().pop().expect("it was forwarded");
                let mut expected = request($method, &fields).headers().clone();
                // Range is joined to nothing if nobody evaluates If-Range.
                if expected.remove("if-range").is_some() {
                    expected.remove("range");
                }
                assert_eq!(head.headers, expected, "it passes with its conditions");
            }
            if $expected == 501 {
                assert!(answer.body().contains("Vary"), "{}", answer.body());
                assert!(answer.extensions().get::<Rejection>().is_some());
            }
        }
    )*};
}

varies! {
    any_field_on_a_write: "PUT" ["if-match": "\"0\""], 200 ["*"] => 501;
    any_field_among_others: "PUT" ["if-match": "\"0\""], 200 ["accept, *"] => 501;
    any_field_on_a_read: "GET" ["if-none-match": "\"1\""], 200 ["*"] => 200;
    any_field_on_a_read_that_would_be_412: "GET" ["if-match": "\"0\""], 200 ["*"] => 200;
    any_field_if_nothing_exists: "PUT" ["if-match": "\"0\""], 404 ["*"] => 501;
    any_field_if_nothing_exists_on_delete: "DELETE" ["if-match": "\"0\""], 410 ["*"] => 501;

    a_dropped_field: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 200 ["Content-Type"] => 501;
    a_dropped_field_among_others: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 200 ["accept,, cookie ,content-type"] => 501;
    a_dropped_field_on_a_second_line: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 200 ["accept", "content-type"] => 501;
    a_dropped_field_on_a_read: "GET" ["if-none-match": "\"1\"", "range": "bytes=0-1"], 200 ["range"] => 200;
    a_dropped_field_with_if_range: "GET" ["if-range": "\"0\"", "range": "bytes=0-1"], 200 ["range"] => 200;
    a_dropped_condition: "PUT" ["if-match": "\"0\""], 200 ["if-match"] => 501;
    a_dropped_condition_of_dates: "GET" ["if-modified-since": LATER], 200 ["If-Modified-Since"] => 200;
    a_dropped_action: "PUT" ["if-match": "\"0\"", "depth": "0"], 200 ["depth"] => 501;
    a_dropped_key: "POST" ["if-match": "\"0\"", "idempotency-key": "\"1\""], 200 ["idempotency-key"] => 501;
    a_dropped_field_of_content_without_a_name_here: "PUT" ["if-match": "\"0\"", "content-new": "1"], 200 ["Content-New"] => 501;
    a_dropped_field_of_the_user: "PUT" ["if-match": "\"0\"", "x-command": "1"], 200 ["X-Command"] => 501;
    a_dropped_field_if_nothing_exists: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 404 ["content-type"] => 501;

    no_field: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 200 [] => 412;
    a_field_that_the_request_never_had: "PUT" ["if-match": "\"0\""], 200 ["content-type, range, x-command"] => 412;
    a_field_of_the_user_that_the_request_never_had: "GET" ["if-match": "\"0\""], 200 ["x-command"] => 412;
    another_content_field_than_the_requests: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 200 ["content-language, content-new"] => 412;
    a_field_that_the_head_carries: "PUT" ["if-match": "\"0\"", "accept-encoding": "gzip", "cookie": "a=1"], 200 ["Accept-Encoding, cookie"] => 412;
    the_fields_of_a_preflight: "PUT" ["if-match": "\"0\"", "origin": "https://a.example"], 200 ["origin, access-control-request-method, access-control-request-headers"] => 412;
    a_field_that_the_head_carries_on_a_read: "GET" ["if-none-match": "\"1\"", "accept": "a/b"], 200 ["accept"] => 304;
    no_field_name: "PUT" ["if-match": "\"0\"", "content-type": "a/b"], 200 ["content type, \"content-type\""] => 412;
}
