//! A handler that checks by itself gives the same answers as the layer.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    future::{Ready, ready},
    sync::LazyLock,
};

use axum::{
    Router,
    body::Body,
    routing::{MethodRouter, any},
};
use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Full;
use proptest::{collection::vec, prelude::*, sample::select};
use tower::Layer;
use tower_precondition::{
    Condition, Decision, Emit, EntityTag, HttpDate, PreconditionLayer, Preconditions, Rejection,
    RejectionKind, Representation, RequiredCondition, Requirement, Validators,
    precondition::{Ignored, Outcome},
};

use crate::{
    support::{EARLIER, LATER, MODIFIED, current, date, date_in, dated, finds, service_fn, tagged},
    told::{self, Told},
};

type Answered = Result<Response<Full<Bytes>>, Infallible>;

/// A request, its requirement, and the current state.
#[derive(Clone, Debug)]
struct Case {
    method: &'static str,
    fields: Vec<(&'static str, &'static [u8])>,
    requirement: usize,
    state: usize,
}

fn requirement(number: usize) -> Requirement {
    let every = ["GET", "HEAD", "QUERY", "PUT", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "LOCK"];
    let every = every.map(|name| http::Method::from_bytes(name.as_bytes()).expect("a method"));
    match number {
        0 => Requirement::none(),
        1 => Requirement::on_writes(),
        2 => Requirement::on_writes().existing_only(),
        3 => Requirement::on_writes().existing_only().also(RequiredCondition::IfUnmodifiedSince),
        4 => Requirement::on_writes().for_methods(every).also(RequiredCondition::IfNoneMatchTags),
        5 => Requirement::on_writes().for_methods(every).existing_only(),
        _ => Requirement::none().for_methods(every),
    }
}

const REQUIREMENTS: usize = 7;

/// In the future; a response shows the current time instead.
static SOON: LazyLock<HttpDate> = LazyLock::new(|| date_in(3600));

fn state(number: usize) -> Representation {
    match number {
        0 => Representation::absent(),
        1 => Representation::current(current()),
        2 => Representation::current(Validators::new()),
        3 => Representation::current(tagged("W/\"1\"")),
        4 => Representation::current(dated(MODIFIED)),
        5 => Representation::current(tagged("\"1\"").with_strong_last_modified(date(MODIFIED))),
        6 => Representation::current(dated(MODIFIED).with_vary("accept".parse().expect("a value"))),
        7 => Representation::current(tagged("\"2\"").with_last_modified(*SOON)),
        _ => Representation::current(tagged("\"2\"").with_last_modified(date(LATER)))
            .with_location("/documents/7".parse().expect("a value"))
            .with_extension_member("changed_by", "Ada"),
    }
}

const STATES: usize = 9;

impl Case {
    fn request(&self) -> Request<String> {
        told::request(self.method, &self.fields)
    }

    fn by_the_layer(&self) -> Told {
        let found = self.state;
        let layer = PreconditionLayer::new(finds(move || state(found)))
            .emit(Emit::Nothing)
            .require(requirement(self.requirement));
        let handler =
            service_fn(|_: Request<String>| ready(Ok::<_, Infallible>(Response::new(String::from("text")))));
        Told::by(layer.layer(handler), self.request())
    }

    fn by_the_handler(&self) -> Told {
        Told::by(service_fn(self.handler()), self.request())
    }

    /// Behind a layer whose source defers to the handler.
    fn by_the_handler_of_a_layer(&self) -> Told {
        let layer = PreconditionLayer::new(finds(Representation::defer_to_handler)).emit(Emit::Nothing);
        Told::by(layer.layer(service_fn(self.handler())), self.request())
    }

    fn handler(&self) -> impl Fn(Request<String>) -> Ready<Answered> + Clone + use<> {
        let (found, required) = (self.state, self.requirement);
        move |request| {
            let (head, _) = request.into_parts();
            let preconditions = Preconditions::from_head(&head).require(requirement(required));
            ready(Ok(match preconditions.check(state(found)) {
                Ok(_) => Response::new(Full::from("text")),
                Err(rejection) => rejection.to_response().map(Full::new),
            }))
        }
    }

    /// Under Axum, with the extractor.
    fn alone_under_axum(&self) -> Told {
        let app = Router::new().route("/documents/{id}", self.documents());
        Told::by(app, self.request().map(Body::from))
    }

    fn behind_a_layer_under_axum(&self) -> Told {
        let deferring = PreconditionLayer::new(finds(Representation::defer_to_handler)).emit(Emit::Nothing);
        let app = Router::new().route("/documents/{id}", self.documents().layer(deferring));
        Told::by(app, self.request().map(Body::from))
    }

    fn documents(&self) -> MethodRouter {
        let (found, required) = (self.state, self.requirement);
        any(move |preconditions: Preconditions| async move {
            preconditions.require(requirement(required)).check(state(found))?;
            Ok::<_, Rejection>("text")
        })
    }

    fn by_the_layer_under_axum(&self) -> Told {
        let found = self.state;
        let layer = PreconditionLayer::new(finds(move || state(found)))
            .emit(Emit::Nothing)
            .require(requirement(self.requirement));
        let app = Router::new().route("/documents/{id}", any(|| async { "text" }).layer(layer));
        Told::by(app, self.request().map(Body::from))
    }
}

const METHODS: [&str; 12] =
    ["GET", "HEAD", "QUERY", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "LOCK", "put"];

const TAGS: [&[u8]; 9] =
    [b"\"1\"", b"\"2\"", b"W/\"1\"", b"*", b"\"0\", \"1\"", b"1", b"\"1", b"", b"\"\xfc,\\\""];

const DATES: [&[u8]; 4] = [EARLIER.as_bytes(), MODIFIED.as_bytes(), LATER.as_bytes(), b"yesterday"];

/// One field, as a request may carry it.
fn fields() -> Vec<(&'static str, &'static [u8])> {
    let tags =
        TAGS.into_iter().flat_map(|tag| [("if-match", tag), ("if-none-match", tag), ("if-range", tag)]);
    let dates = DATES
        .into_iter()
        .flat_map(|date| [("if-modified-since", date), ("if-unmodified-since", date), ("if-range", date)]);
    let others: [(&str, &[u8]); 6] = [
        ("range", b"bytes=0-1"),
        ("accept", b"text/plain"),
        ("accept", b"application/json"),
        ("connection", b"upgrade"),
        ("upgrade", b"websocket"),
        ("upgrade", b"h2c"),
    ];
    tags.chain(dates).chain(others).collect()
}

/// Every kind of method and every single field, against every state.
#[test]
fn one_field_is_evaluated_as_by_the_layer() {
    let mut answers = BTreeSet::new();
    for method in ["GET", "HEAD", "QUERY", "PUT", "DELETE", "OPTIONS", "LOCK"] {
        for requirement in [0, 3, 4] {
            for state in 0..STATES {
                for fields in [vec![]].into_iter().chain(fields().into_iter().map(|field| vec![field])) {
                    let case = Case { method, fields, requirement, state };
                    let [told, by_the_layer] = Told::both(|| case.by_the_handler(), || case.by_the_layer());
                    assert_eq!(told, by_the_layer, "{case:?}");
                    answers.insert(told.status);
                }
            }
        }
    }
    // The test proves little unless every kind of answer occurs.
    assert_eq!(Vec::from_iter(answers), [200, 304, 400, 404, 412, 428]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_is_evaluated_as_by_the_layer(
        method in select(METHODS.to_vec()),
        fields in vec(select(fields()), 0..6),
        requirement in 0..REQUIREMENTS,
        state in 0..STATES,
    ) {
        let case = Case { method, fields, requirement, state };
        let [alone, by_the_layer] = Told::both(|| case.by_the_handler(), || case.by_the_layer());
        prop_assert_eq!(alone, by_the_layer);
        let [behind, by_the_layer] = Told::both(|| case.by_the_handler_of_a_layer(), || case.by_the_layer());
        prop_assert_eq!(behind, by_the_layer);
    }

    #[test]
    fn any_request_is_evaluated_as_by_the_layer_under_axum(
        method in select(METHODS.to_vec()),
        fields in vec(select(fields()), 0..6),
        requirement in 0..REQUIREMENTS,
        state in 0..STATES,
    ) {
        let case = Case { method, fields, requirement, state };
        for app in [Case::alone_under_axum, Case::behind_a_layer_under_axum] {
            let [told, by_the_layer] = Told::both(|| app(&case), || case.by_the_layer_under_axum());
            prop_assert_eq!(told, by_the_layer);
        }
    }
}

#[test]
fn rule_63_under_axum_the_handlers_304_has_no_length() {
    for method in ["GET", "HEAD"] {
        let case = Case { method, fields: vec![("if-none-match", b"\"1\"")], requirement: 0, state: 1 };
        for told in [case.alone_under_axum(), case.behind_a_layer_under_axum()] {
            assert_eq!((told.status, told.field("content-length")), (304, None), "{method}");
            assert_eq!(told.field("etag"), Some("\"1\""));
            assert!(told.rejection.is_none(), "a 304 is no rejection");
        }
    }
}

#[test]
fn rule_56_under_axum_the_handlers_412_has_the_same_length_for_head_and_get() {
    let told = ["GET", "HEAD"].map(|method| {
        let case = Case { method, fields: vec![("if-match", b"\"9\"")], requirement: 0, state: 1 };
        let alone = case.alone_under_axum();
        assert_eq!(alone, case.behind_a_layer_under_axum());
        alone
    });
    let [get, head] = told;
    assert_eq!((get.status, head.status), (412, 412));
    assert_eq!(head.fields, get.fields);
    assert_eq!(head.content, "");
    assert_eq!(get.field("content-length"), Some(get.content.len().to_string().as_str()));
}

/// A responder never renders a 304, not even that of a handler.
#[test]
fn decision_9_a_304_of_the_handler_passes_a_layer_unchanged() {
    let never = |_: &Rejection, _: &Parts| -> Response<String> { panic!("a 304 is no rejection") };
    let case = Case { method: "GET", fields: vec![("if-none-match", b"\"1\"")], requirement: 0, state: 1 };
    for emit in [Emit::Validators, Emit::Nothing] {
        let layer = PreconditionLayer::new(finds(Representation::defer_to_handler))
            .with_rejection_response(never)
            .emit(emit);
        let told = Told::by(layer.layer(service_fn(case.handler())), case.request());
        assert_eq!(told, case.by_the_handler());
        assert_eq!(told.status, 304);
    }
}

#[test]
fn decision_8_a_condition_that_an_outer_layer_evaluated_is_not_evaluated_again() {
    let case = Case { method: "GET", fields: vec![("if-none-match", b"\"1\"")], requirement: 0, state: 1 };
    let layer = PreconditionLayer::new(finds(|| tagged("\"other\""))).emit(Emit::Nothing);
    assert_eq!(Told::by(layer.layer(service_fn(case.handler())), case.request()).status, 200);
}

fn of(method: &str, fields: &[(&str, &[u8])]) -> Preconditions {
    Preconditions::from_head(&told::request(method, fields).into_parts().0)
}

#[test]
fn a_request_that_passes_gets_its_evaluation() {
    let evaluation = of("PUT", &[("if-match", b"\"1\"")]).check(current()).expect("it is current");
    assert_eq!(evaluation.decision(), Decision::Proceed);
    assert_eq!(evaluation.outcome(Condition::IfMatch), Outcome::True);
    assert!(of("PUT", &[]).check(current()).expect("nothing is asked").is_unconditional());
}

#[test]
fn rules_39_41_the_age_of_a_date_decides_on_the_range() {
    let old: &[(&str, &[u8])] = &[("range", b"bytes=0-1"), ("if-range", MODIFIED.as_bytes())];
    assert!(of("GET", old).check(current()).expect("no condition").allows_range());
    assert!(!of("GET", old).check(dated(LATER)).expect("no condition").allows_range());

    let now = date_in(0);
    let text = now.to_string();
    let fresh: &[(&str, &[u8])] = &[("range", b"bytes=0-1"), ("if-range", text.as_bytes())];
    let weak = Validators::new().with_last_modified(now);
    assert!(!of("GET", fresh).check(weak).expect("no condition").allows_range());
}

#[test]
fn decision_3_an_upgrade_on_a_read_is_not_evaluated() {
    let fields: &[(&str, &[u8])] =
        &[("connection", b"upgrade"), ("upgrade", b"websocket"), ("if-match", b"\"2\"")];
    let required = Requirement::on_writes().for_methods([http::Method::GET]);
    for preconditions in [of("GET", fields), of("GET", &fields[..2]).require(required)] {
        let evaluation = preconditions.check(current()).expect("an upgrade is not evaluated");
        assert_eq!(evaluation.decision(), Decision::Proceed);
    }
    let evaluation = of("GET", fields).check(current()).expect("an upgrade is not evaluated");
    assert_eq!(evaluation.outcome(Condition::IfMatch), Outcome::Ignored(Ignored::Method));

    let rejection = of("PUT", fields).check(current()).expect_err("a write with an upgrade is evaluated");
    assert_eq!(rejection.kind(), RejectionKind::PreconditionFailed);
}

#[test]
fn preconditions_can_be_checked_again() {
    let preconditions = of("PUT", &[("if-match", b"\"1\"")]);
    for _ in 0..2 {
        assert!(preconditions.check(EntityTag::from_version(1)).is_ok());
        assert_eq!(
            preconditions.clone().check(EntityTag::from_version(2)).map_err(|it| it.kind()),
            Err(RejectionKind::PreconditionFailed)
        );
    }
}

#[test]
fn a_deferral_or_a_refusal_is_a_503() {
    for found in [Representation::defer_to_handler(), Representation::refused(Response::new(String::new()))] {
        let rejection = of("PUT", &[]).check(found).expect_err("there is no state to evaluate against");
        assert_eq!(rejection.kind(), RejectionKind::LookupFailed);
        assert_eq!(Told::of(rejection.to_response().map(Full::new)).status, 503);
    }
}
