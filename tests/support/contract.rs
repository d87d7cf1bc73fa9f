//! One table of rules that hold for every way in: a source, `from_response()`, `probing()`, a check in
//! the handler, look-ups over extractors, and sockets.
//!
//! [`contract!`] makes a test of each row for one way in, which is an `async fn` that takes the row.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header, request::Parts};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};
use tower_precondition::{Representation, Validators};

use super::{MODIFIED, dated, tagged};

/// A way from a request to an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// `PreconditionLayer::new(source)`.
    Source,
    FromResponse,
    Probing,
    /// `Preconditions::check` in the handler.
    InHandler,
    /// A look-up over Axum's extractors.
    Extractors,
    /// HTTP/1.1 or HTTP/2, with a source.
    Sockets,
}

/// The state of the document when the request arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// The tag `"1"` and the date [`MODIFIED`].
    Both,
    /// The tag `W/"1"` alone.
    Weak,
    /// The tag `"1"` alone.
    Undated,
    /// The date [`MODIFIED`] alone.
    Untagged,
    /// Neither a tag nor a date.
    Bare,
    Absent,
}

/// The answer that the client gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Answer {
    /// The handler performed the request. A read gets the whole document.
    Performed,
    /// 206: the handler saw Range.
    Part,
    NotModified,
    /// 412, because of this field.
    Failed(&'static str),
    /// 400, because of this field.
    Malformed(&'static str),
    NotFound,
    /// 501: nothing tells the current state before the write.
    Unevaluated,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) method: &'static str,
    pub(crate) fields: &'static [(&'static str, &'static str)],
    pub(crate) state: State,
    /// The answer of most ways in.
    pub(crate) answer: Answer,
    /// The ways in with another answer.
    pub(crate) except: &'static [(Way, Answer)],
}

/// Makes a test of each row for this way in.
macro_rules! contract {
    ($way:ident) => { $crate::support::contract::contract! {
        @rows of $way

        rule_4_options_is_not_evaluated: "OPTIONS" ["if-match": "\"0\""] on Both => Performed;
        rule_5_head_is_evaluated_as_get: "HEAD" ["if-none-match": "\"1\""] on Both => NotModified;
        rule_6_query_is_evaluated_as_get:
            "QUERY" ["if-none-match": "\"1\""] on Both => NotModified, Probing: Performed;

        rules_7_16_17_a_false_if_match_stops_put:
            "PUT" ["if-match": "\"0\""] on Both => Failed("If-Match"), FromResponse: Unevaluated;
        rules_7_16_17_a_false_if_match_stops_delete:
            "DELETE" ["if-match": "\"0\""] on Both => Failed("If-Match"), FromResponse: Unevaluated;
        rules_7_18_a_false_if_match_stops_get: "GET" ["if-match": "\"0\""] on Both => Failed("If-Match");
        rules_7_18_a_false_if_match_stops_head: "HEAD" ["if-match": "\"0\""] on Both => Failed("If-Match");
        rule_7_a_true_if_match_lets_a_write_pass:
            "PUT" ["if-match": "\"1\""] on Both => Performed, FromResponse: Unevaluated;
        rules_12_18_a_true_if_match_lets_a_read_pass: "GET" ["if-match": "\"1\""] on Both => Performed;
        rule_12_without_a_condition_a_write_passes: "PUT" [] on Both => Performed;

        rule_13_if_match_compares_strongly:
            "PUT" ["if-match": "W/\"1\""] on Weak => Failed("If-Match"), FromResponse: Unevaluated;
        rule_13_a_strong_tag_does_not_match_a_weak_one:
            "GET" ["if-match": "\"1\""] on Weak => Failed("If-Match");
        rule_14_if_match_star_is_true_without_validators:
            "PUT" ["if-match": "*"] on Bare => Performed, FromResponse: Unevaluated;
        rule_14_if_match_star_is_true_on_get_without_validators: "GET" ["if-match": "*"] on Bare => Performed;
        rule_14_if_match_star_is_false_if_nothing_exists:
            "PUT" ["if-match": "*"] on Absent => Failed("If-Match"), FromResponse: Unevaluated;
        rule_15_one_member_of_if_match_suffices:
            "PUT" ["if-match": "\"0\", \"1\""] on Both => Performed, FromResponse: Unevaluated;
        rule_15_no_tag_matches_a_representation_without_one:
            "GET" ["if-match": "\"1\""] on Bare => Failed("If-Match"), Probing: Performed;
        rule_19_star_beside_a_tag_in_if_match_is_malformed:
            "PUT" ["if-match": "*, \"1\""] on Both => Malformed("If-Match");
        rule_24_star_beside_a_tag_in_if_none_match_is_malformed:
            "PUT" ["if-none-match": "*, \"1\""] on Both => Malformed("If-None-Match");
        rule_24_a_malformed_if_none_match_matches_nothing_on_get:
            "GET" ["if-none-match": "*, \"1\""] on Both => Performed;

        decision_2_a_read_of_an_absent_resource_is_404: "GET" ["if-match": "*"] on Absent => NotFound;
        decision_2_a_delete_of_an_absent_resource_is_404:
            "DELETE" ["if-match": "\"1\""] on Absent => NotFound, FromResponse: Unevaluated;

        rule_20_if_none_match_takes_a_weak_tag_of_the_client:
            "GET" ["if-none-match": "W/\"1\""] on Both => NotModified;
        rule_20_if_none_match_takes_a_weak_tag_of_the_server:
            "GET" ["if-none-match": "\"1\""] on Weak => NotModified;
        rule_21_if_none_match_star_is_false_without_validators:
            "GET" ["if-none-match": "*"] on Bare => NotModified;
        rule_21_if_none_match_star_stops_a_write_without_validators:
            "PUT" ["if-none-match": "*"] on Bare => Failed("If-None-Match"), FromResponse: Unevaluated;
        rule_21_if_none_match_star_lets_the_first_write_pass:
            "PUT" ["if-none-match": "*"] on Absent => Performed, FromResponse: Unevaluated;
        rule_22_one_member_of_if_none_match_suffices:
            "GET" ["if-none-match": "\"0\", \"1\""] on Both => NotModified;
        rules_9_22_other_tags_in_if_none_match_let_a_read_pass:
            "GET" ["if-none-match": "\"0\", \"2\""] on Both => Performed;
        rules_23_61_63_a_false_if_none_match_is_304_on_get:
            "GET" ["if-none-match": "\"1\""] on Both => NotModified;
        rule_23_a_false_if_none_match_stops_put:
            "PUT" ["if-none-match": "\"1\""] on Both => Failed("If-None-Match"), FromResponse: Unevaluated;
        rules_23_57_a_false_if_none_match_stops_post:
            "POST" ["if-none-match": "\"1\""] on Both => Failed("If-None-Match"), FromResponse: Unevaluated;

        rule_25_if_none_match_hides_if_modified_since:
            "GET" ["if-none-match": "\"0\"", "if-modified-since": LATER] on Both => Performed;
        rule_26_if_modified_since_without_a_date_is_ignored:
            "GET" ["if-modified-since": "yesterday"] on Both => Performed;
        rule_27_two_lines_of_if_modified_since_are_ignored:
            "GET" ["if-modified-since": LATER, "if-modified-since": LATER] on Both => Performed;
        rule_28_if_modified_since_is_ignored_on_put: "PUT" ["if-modified-since": LATER] on Both => Performed;
        rule_29_if_modified_since_is_ignored_without_a_date_to_compare:
            "GET" ["if-modified-since": LATER] on Undated => Performed;
        rule_30_the_same_date_is_not_modified: "GET" ["if-modified-since": MODIFIED] on Both => NotModified;
        rules_30_62_a_later_date_is_not_modified:
            "GET" ["if-modified-since": LATER] on Untagged => NotModified;
        rule_30_an_earlier_date_is_modified: "GET" ["if-modified-since": EARLIER] on Both => Performed;

        rule_31_if_match_hides_if_unmodified_since:
            "PUT" ["if-match": "\"1\"", "if-unmodified-since": EARLIER] on Both
            => Performed, FromResponse: Unevaluated;
        rule_31_if_match_hides_if_unmodified_since_on_get:
            "GET" ["if-match": "\"1\"", "if-unmodified-since": EARLIER] on Both => Performed;
        rule_32_two_lines_of_if_unmodified_since_are_ignored:
            "PUT" ["if-unmodified-since": EARLIER, "if-unmodified-since": EARLIER] on Both => Performed;
        rule_33_if_unmodified_since_is_ignored_without_a_date_to_compare:
            // The document may have a date that the response omits.
            "PUT" ["if-unmodified-since": EARLIER] on Undated
            => Performed, FromResponse: Unevaluated, Probing: Unevaluated;
        rule_33_if_unmodified_since_is_ignored_on_get_without_a_date_to_compare:
            "GET" ["if-unmodified-since": EARLIER] on Undated => Performed;
        rules_8_35_the_same_date_is_unmodified:
            "PUT" ["if-unmodified-since": MODIFIED] on Both => Performed, FromResponse: Unevaluated;
        rules_34_36_a_false_if_unmodified_since_stops_put:
            "PUT" ["if-unmodified-since": EARLIER] on Both
            => Failed("If-Unmodified-Since"), FromResponse: Unevaluated;
        rules_34_36_a_false_if_unmodified_since_stops_get:
            "GET" ["if-unmodified-since": EARLIER] on Untagged => Failed("If-Unmodified-Since");
        rule_36_a_date_before_1970_counts:
            "PUT" ["if-unmodified-since": "Sat, 06 Nov 1965 08:49:37 GMT"] on Both
            => Failed("If-Unmodified-Since"), FromResponse: Unevaluated;

        rules_11_40_a_true_if_range_keeps_range:
            "GET" ["range": "bytes=0-1", "if-range": "\"1\""] on Both => Part, FromResponse: Performed;
        rule_37_range_alone_stays: "GET" ["range": "bytes=0-1"] on Both => Part;
        rule_39_the_same_date_keeps_range:
            "GET" ["range": "bytes=0-1", "if-range": MODIFIED] on Untagged => Part, FromResponse: Performed;
        rule_39_a_later_date_in_if_range_is_false:
            "GET" ["range": "bytes=0-1", "if-range": LATER] on Untagged => Performed;
        rule_40_if_range_compares_strongly:
            "GET" ["range": "bytes=0-1", "if-range": "W/\"1\""] on Weak => Performed;
        rule_41_a_false_if_range_drops_range:
            "GET" ["range": "bytes=0-1", "if-range": "\"0\""] on Both => Performed;
        rule_43_unusable_text_in_if_range_is_false:
            "GET" ["range": "bytes=0-1", "if-range": "soon"] on Both => Performed;
        rule_60_preconditions_come_before_range:
            "GET" ["range": "bytes=0-1", "if-none-match": "\"1\""] on Both => NotModified;

        rule_51_several_lines_are_one_list:
            "GET" ["if-none-match": "\"0\"", "if-none-match": "\"1\""] on Both => NotModified;
        rule_52_empty_members_are_accepted: "GET" ["if-none-match": ", ,\"1\","] on Both => NotModified;
        rule_68_a_date_does_not_overrule_a_tag:
            "GET" ["if-none-match": "\"1\"", "if-modified-since": EARLIER] on Both => NotModified;
    } };
    (@rows of $way:ident $(
        $name:ident: $method:literal [$($field:literal: $value:expr),*] on $state:ident
            => $answer:expr $(, $other:ident: $others:expr)*;
    )*) => {
        mod $way {
            #[allow(unused_imports, reason = "a row may name none of them")]
            use $crate::support::{
                EARLIER, LATER, MODIFIED,
                contract::{
                    Answer::{Failed, Malformed, NotFound, NotModified, Part, Performed, Unevaluated},
                    Row, State, Way,
                },
            };

            $(
                #[test]
                fn $name() {
                    const ROW: Row = Row {
                        method: $method,
                        fields: &[$(($field, $value)),*],
                        state: State::$state,
                        answer: $answer,
                        except: &[$((Way::$other, $others)),*],
                    };
                    $crate::support::run(Box::pin(super::$way(&ROW)));
                }
            )*
        }
    };
}

pub(crate) use contract;

impl State {
    /// Returns the source's result, with all fields that a 304 must repeat.
    pub(crate) fn found(self) -> Representation {
        match self.validators() {
            Some(validators) => Representation::current(validators),
            None => Representation::absent(),
        }
    }

    fn validators(self) -> Option<Validators> {
        let validators = match self {
            Self::Both => super::current(),
            Self::Weak => tagged("W/\"1\""),
            Self::Undated => tagged("\"1\""),
            Self::Untagged => dated(MODIFIED),
            Self::Bare => Validators::new(),
            Self::Absent => return None,
        };
        let validators = validators.with_cache_control(HeaderValue::from_static("max-age=60"));
        Some(validators.with_vary(HeaderValue::from_static("accept")))
    }

    /// The fields of a 200 that describe the document.
    fn fields(self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        if let Some(validators) = self.validators() {
            validators.write_to(&mut fields);
        }
        fields
    }
}

/// Serves the document in one state, and keeps the heads of the requests that reach it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    state: State,
    seen: Arc<Mutex<Vec<Parts>>>,
}

impl Document {
    pub(crate) fn of(row: &Row) -> Self {
        Self { state: row.state, seen: Arc::default() }
    }

    pub(crate) fn answer(&self, head: Parts) -> Response<String> {
        let fields = self.state.fields();
        let exists = self.state != State::Absent;
        let (status, content) = match head.method.as_str() {
            "GET" | "HEAD" | "QUERY" | "DELETE" if !exists => (404, ""),
            "GET" if head.headers.contains_key(header::RANGE) => (206, "te"),
            "GET" | "QUERY" => (200, TEXT),
            "HEAD" => (200, ""),
            _ if exists => (204, ""),
            _ => (201, ""),
        };
        let mut response = super::response(status, &[], content);
        if [200, 206].contains(&status) {
            *response.headers_mut() = fields;
        }
        if status == 206 {
            response.headers_mut().insert(header::CONTENT_RANGE, HeaderValue::from_static("bytes 0-1/4"));
        }
        self.seen.lock().expect("no test panics in here").push(head);
        response
    }
}

impl<B> Service<Request<B>> for Document {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(request.into_parts().0)))
    }
}

/// The whole document.
pub(crate) const TEXT: &str = "text";

/// An answer as the client gets it.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
}

impl Got {
    /// Sends a request to a service within the process.
    pub(crate) async fn by<S, Q, B>(service: S, request: Request<Q>) -> Self
    where
        S: Service<Request<Q>, Response = Response<B>, Error = Infallible>,
        B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
    {
        let Ok(response) = service.oneshot(request).await;
        let (head, body) = response.into_parts();
        let content = body.collect().await.expect("content without errors").to_bytes();
        Self { status: head.status.as_u16(), headers: head.headers, content }
    }
}

impl Row {
    pub(crate) fn request(&self) -> Request<String> {
        super::request(self.method, self.fields)
    }

    fn answer(&self, way: Way) -> Answer {
        let other = self.except.iter().find(|(other, _)| *other == way);
        other.map_or(self.answer, |(_, answer)| *answer)
    }

    /// Checks the client's answer and the requests that reached the document.
    pub(crate) fn check(&self, way: Way, got: &Got, document: &Document) {
        let answer = self.answer(way);
        self.check_answer(answer, got);

        let seen = document.seen.lock().expect("no test panics in here");
        let method = |head: &&Parts| head.method == *self.method;
        let probes = usize::from(way == Way::Probing && self.method == "HEAD");
        let calls = seen.iter().filter(method).count() - probes.min(seen.len());
        let reads = matches!(self.method, "GET" | "HEAD" | "QUERY");
        let reached = match answer {
            Answer::Performed | Answer::Part => true,
            Answer::NotFound => reads,
            // The layer evaluates a read against the response, so the handler must run.
            Answer::NotModified | Answer::Failed(_) => reads && way == Way::FromResponse,
            Answer::Malformed(_) | Answer::Unevaluated => false,
        };
        assert_eq!(calls, usize::from(reached), "calls of the handler: {seen:?}");
        if reached && way != Way::InHandler {
            let last = seen.last().expect("the handler was called");
            // The HEAD has no content, nor a tag that is made from it.
            let untold = matches!(self.state, State::Untagged | State::Bare)
                && self.fields.iter().any(|(name, value)| *name == "if-match" && *value != "*");
            let evaluated = reads && !(way == Way::Probing && (self.method == "QUERY" || untold));
            self.check_conditions(evaluated, answer, last);
        }
    }

    fn check_answer(&self, answer: Answer, got: &Got) {
        let Got { status, headers, content } = got;
        let lines = |name: &str| headers.get_all(name).into_iter().cloned().collect::<Vec<_>>();
        let is_head = self.method == "HEAD";
        let problem = || -> serde_json::Value {
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store");
            if is_head {
                return serde_json::Value::Null;
            }
            serde_json::from_slice(content).expect("problem details")
        };
        let validators = self.state.fields();
        // Ignores the fields that a server adds.
        let described = || {
            let mut fields = headers.clone();
            fields.remove(header::CONTENT_LENGTH);
            fields.remove(header::DATE);
            fields
        };
        match answer {
            Answer::Performed => {
                let (expected, text) = match self.method {
                    "GET" | "QUERY" => (200, TEXT),
                    "HEAD" => (200, ""),
                    _ if self.state == State::Absent => (201, ""),
                    _ => (204, ""),
                };
                assert_eq!((*status, &content[..]), (expected, text.as_bytes()), "{got:?}");
                if expected == 200 {
                    assert_eq!(described(), validators);
                }
            }
            Answer::Part => {
                assert_eq!((*status, &content[..]), (206, b"te".as_slice()), "{got:?}");
                assert_eq!(headers[header::CONTENT_RANGE], "bytes 0-1/4");
            }
            // Rules 61 to 63.
            Answer::NotModified => {
                assert_eq!((*status, &content[..]), (304, b"".as_slice()), "{got:?}");
                let mut expected = validators;
                if expected.contains_key(header::ETAG) {
                    expected.remove(header::LAST_MODIFIED);
                }
                assert!(!headers.contains_key(header::CONTENT_LENGTH), "{got:?}");
                assert_eq!(described(), expected);
            }
            Answer::Failed(condition) => {
                assert_eq!(*status, 412, "{got:?}");
                let problem = problem();
                for (field, member) in
                    [(header::ETAG, "current_etag"), (header::LAST_MODIFIED, "current_last_modified")]
                {
                    assert_eq!(headers.get(&field), validators.get(&field));
                    if !is_head {
                        let shown = problem.get(member).map(|shown| shown.as_str().expect("text").as_bytes());
                        assert_eq!(shown, validators.get(&field).map(HeaderValue::as_bytes), "{member}");
                    }
                }
                if !is_head {
                    assert_eq!((&problem["status"], &problem["condition"]), (&412.into(), &condition.into()));
                }
            }
            Answer::Malformed(condition) => {
                assert_eq!(*status, 400, "{got:?}");
                let problem = problem();
                assert_eq!((&problem["status"], &problem["condition"]), (&400.into(), &condition.into()));
                assert_eq!(lines("etag"), [""; 0]);
            }
            Answer::NotFound => {
                assert_eq!(*status, 404, "{got:?}");
                assert_eq!(lines("etag"), [""; 0]);
            }
            Answer::Unevaluated => {
                assert_eq!(*status, 501, "{got:?}");
                assert_eq!(problem()["status"], 501);
                assert_eq!(lines("etag"), [""; 0]);
            }
        }
    }

    /// Decision 8: on a read the layer removes the conditions that it evaluated. It does not change a write.
    fn check_conditions(&self, evaluated: bool, answer: Answer, seen: &Parts) {
        for (name, _) in self.fields {
            let sent: Vec<_> = self.fields.iter().filter(|(other, _)| other == name).collect();
            let sent: Vec<_> = sent.into_iter().map(|(_, value)| value.as_bytes()).collect();
            let kept = match *name {
                // A response alone cannot show whether If-Range is true.
                "range" => answer == Answer::Part || !self.fields.iter().any(|(name, _)| *name == "if-range"),
                _ => !evaluated,
            };
            let lines: Vec<_> = seen.headers.get_all(*name).into_iter().map(HeaderValue::as_bytes).collect();
            assert_eq!(lines, if kept { sent } else { Vec::new() }, "{name}");
        }
    }
}
