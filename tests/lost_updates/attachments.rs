//! Values of the source reach the handler. Values that it does not take are dropped with the request.

use std::{cell::Cell, convert::Infallible, future::ready, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::FromRequestParts,
    routing::{MethodRouter, any},
};
use http::{Extensions, Request, Response, StatusCode, request::Parts};
use tower::{Layer, ServiceBuilder, ServiceExt, util::MapRequestLayer};
use tower_precondition::{
    Attached, Emit, Owned, PreconditionLayer, Representation, Requirement, Validators,
    axum::MissingExtension, validators_from_fn,
};

use crate::{
    Log, OnDrop,
    support::{Answer, at_once, current, fails, finds, request, response, send, service_fn},
    told::{self, Told},
};

#[derive(Clone, Copy, Debug, PartialEq)]
struct Row(u64);

/// Not `Clone`, and not `Sync`.
struct Transaction(Cell<u64>);

fn extensions(answer: &Answer) -> &http::Extensions {
    &answer.handled.as_ref().expect("the handler ran").extensions
}

fn attached<T: Clone + Send + Sync + 'static>(answer: &Answer) -> Option<T> {
    extensions(answer).get().cloned()
}

/// Every way to a handler behind a look-up.
macro_rules! reaches_the_handler {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*], $found:expr;)*) => {$(
        #[test]
        fn $name() {
            let found = || Representation::from($found)
                .with_attached(Row(7))
                .with_owned(Transaction(Cell::new(8)));
            let answer = send(PreconditionLayer::new(finds(found)), request($method, &[$(($field, $value)),*]));
            assert_eq!(attached(&answer), Some(Row(7)));
            let owned: Option<Owned<Transaction>> = Owned::take_from(extensions(&answer));
            assert_eq!(owned.map(|Owned(transaction)| transaction.0.get()), Some(8));
            assert!(Owned::<Transaction>::take_from(extensions(&answer)).is_none());
        }
    )*};
}

reaches_the_handler! {
    get: "GET" [], current();
    get_under_a_condition: "GET" ["if-none-match": "\"2\""], current();
    get_under_a_true_if_match: "GET" ["if-match": "\"1\""], current();
    get_of_an_absent_resource: "GET" [], Representation::absent();
    get_of_an_absent_resource_under_a_condition: "GET" ["if-match": "\"1\""], Representation::absent();
    get_deferred: "GET" [], Representation::defer_to_handler();
    get_deferred_under_a_condition: "GET" ["if-none-match": "\"1\""], Representation::defer_to_handler();
    get_of_a_range: "GET" ["range": "bytes=0-1", "if-range": "\"1\""], current();
    head: "HEAD" [], current();
    query_under_a_condition: "QUERY" ["if-none-match": "\"2\""], current();
    put: "PUT" [], current();
    put_under_a_condition: "PUT" ["if-match": "\"1\""], current();
    put_of_an_absent_resource: "PUT" ["if-none-match": "*"], Representation::absent();
    put_deferred: "PUT" ["if-match": "\"2\""], Representation::defer_to_handler();
    patch_without_validators: "PATCH" [], Validators::new();
    delete: "DELETE" [], current();
    delete_of_an_absent_resource: "DELETE" [], Representation::absent();
    an_unknown_method: "LOCK" [], current();
}

#[test]
fn a_second_attachment_of_a_type_replaces_the_first() {
    let found =
        || Representation::from(current()).with_attached(Row(1)).with_attached("note").with_attached(Row(2));
    let answer = send(PreconditionLayer::new(finds(found)), request("GET", &[]));
    assert_eq!((attached(&answer), attached(&answer)), (Some(Row(2)), Some("note")));
}

#[test]
fn an_attachment_replaces_one_of_its_type_and_leaves_the_rest() {
    let outside = MapRequestLayer::new(|mut request: Request<String>| {
        request.extensions_mut().insert(Row(1));
        request.extensions_mut().insert("of another");
        request
    });
    let found = || Representation::from(current()).with_attached(Row(2));
    let handler = service_fn(|request: Request<String>| {
        let extensions: &Extensions = request.extensions();
        assert_eq!((extensions.get(), extensions.get()), (Some(&Row(2)), Some(&"of another")));
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    let service =
        ServiceBuilder::new().layer(outside).layer(PreconditionLayer::new(finds(found))).service(handler);
    assert_eq!(Told::by(service, request("PUT", &[])).status, 200);
}

/// Else a handler takes the row of a parent for its own: an insert becomes an update of the wrong row.
#[test]
fn decision_12_nothing_of_an_outer_source_reaches_the_handler_behind_an_inner_one() {
    let outer = || {
        Representation::from(current())
            .with_attached(Row(1))
            .with_attached(9_u32)
            .with_owned(Transaction(Cell::new(1)))
    };
    let handler = service_fn(|request: Request<String>| {
        let extensions = request.extensions();
        assert_eq!((extensions.get::<Row>(), extensions.get::<u32>()), (None, None));
        assert!(Owned::<Transaction>::take_from(extensions).is_none());
        assert_eq!(extensions.get(), Some(&"of another"), "what no source attached stays");
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    let between = MapRequestLayer::new(|mut request: Request<String>| {
        assert_eq!(request.extensions().get(), Some(&Row(1)));
        request.extensions_mut().insert("of another");
        request
    });
    macro_rules! behind {
        ($inner:expr, $($method:literal),*) => {$(
            let service = ServiceBuilder::new()
                .layer(PreconditionLayer::new(finds(outer)))
                .layer(between.clone())
                .layer($inner)
                .service(handler.clone());
            assert_eq!(Told::by(service, request($method, &[])).status, 200, $method);
        )*};
    }
    behind!(PreconditionLayer::new(finds(Representation::absent)), "GET", "PUT");
    behind!(PreconditionLayer::new(finds(current)), "GET", "PUT");
    behind!(PreconditionLayer::new(finds(Representation::defer_to_handler)), "GET", "PUT");
    behind!(PreconditionLayer::new(fails), "GET");
    // These look nothing up for a GET without a condition.
    behind!(PreconditionLayer::from_response(), "PUT");
    behind!(PreconditionLayer::probing(), "PUT");
}

#[test]
fn decision_16_the_value_of_the_nearest_source_reaches_the_handler() {
    let found = |number| move || Representation::from(current()).with_attached(Row(number));
    let handler = service_fn(|request: Request<String>| {
        assert_eq!(request.extensions().get(), Some(&Row(2)));
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    let service = ServiceBuilder::new()
        .layer(PreconditionLayer::new(finds(found(1))))
        .layer(PreconditionLayer::new(finds(found(2))))
        .service(handler);
    assert_eq!(Told::by(service, request("PUT", &[])).status, 200);
}

#[test]
fn a_validator_is_emitted_beside_an_attachment() {
    let found = || Representation::from(current()).with_attached(Row(7));
    let answer = send(PreconditionLayer::new(finds(found)), request("GET", &[]));
    assert_eq!(answer.field("etag"), Some("\"1\""));
}

#[test]
fn only_one_copy_of_the_extensions_can_take_a_value() {
    let found = || Representation::from(current()).with_owned(Transaction(Cell::new(1)));
    let answer = send(PreconditionLayer::new(finds(found)), request("PUT", &[]));
    let copy = extensions(&answer).clone();
    let other = std::thread::spawn(move || Owned::<Transaction>::take_from(&copy).is_some());
    assert!(other.join().expect("no panic"));
    assert!(Owned::<Transaction>::take_from(extensions(&answer)).is_none());
}

/// An attachment and an owned value, each logged when it is dropped.
fn noted(log: &Log, found: Representation) -> Representation {
    found.with_attached(Arc::new(log.on_drop("attached"))).with_owned(log.on_drop("owned"))
}

/// If the layer answers, it drops both before it returns the answer.
macro_rules! dropped_without_a_handler {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*], $found:expr
        $(, under $requirement:expr)? => $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let log = Log::default();
            let layer = PreconditionLayer::new(finds({
                let log = log.clone();
                move || noted(&log, $found.into())
            }));
            $(let layer = layer.require($requirement);)?
            let answer = send(layer, request($method, &[$(($field, $value)),*]));
            assert_eq!((answer.status(), answer.handled.is_none()), ($status, true));
            let mut noted = log.noted();
            noted.sort_unstable();
            assert_eq!(noted, ["attached", "owned"]);
        }
    )*};
}

dropped_without_a_handler! {
    both_are_dropped_with_a_412: "PUT" ["if-match": "\"2\""], current() => 412;
    both_are_dropped_with_a_304: "GET" ["if-none-match": "\"1\""], current() => 304;
    both_are_dropped_with_a_404: "DELETE" ["if-match": "*"], Representation::absent() => 404;
    both_are_dropped_with_a_428: "PUT" [], current(), under Requirement::on_writes().existing_only() => 428;
    both_are_dropped_with_a_refusal: "PUT" [], Representation::refused(response(401, &[], "who?")) => 401;
}

/// A value is dropped with the request, and no later than the handler's future.
#[test]
fn a_value_that_is_not_taken_is_dropped_with_the_request() {
    let log = Log::default();
    let found = {
        let log = log.clone();
        move || Representation::from(current()).with_owned(log.on_drop("owned"))
    };
    let handler = service_fn(|request: Request<String>| {
        let log = log.clone();
        async move {
            drop(request);
            log.note("the request is gone");
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    Told::by(PreconditionLayer::new(finds(found)).layer(handler), request("PUT", &[]));
    assert_eq!(log.noted(), ["owned", "the request is gone"]);
}

#[test]
fn a_value_that_was_taken_outlives_the_request() {
    let log = Log::default();
    let found = {
        let log = log.clone();
        move || Representation::from(current()).with_owned(log.on_drop("owned"))
    };
    let kept = Arc::new(std::sync::Mutex::new(None));
    let keep = Arc::clone(&kept);
    let handler = service_fn(move |request: Request<String>| {
        *keep.lock().expect("no test panics in here") = Owned::<OnDrop>::take_from(request.extensions());
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    Told::by(PreconditionLayer::new(finds(found)).layer(handler), request("PUT", &[]));
    assert!(log.noted().is_empty());
    drop(kept.lock().expect("no test panics in here").take());
    assert_eq!(log.noted(), ["owned"]);
}

#[test]
fn a_late_rejection_does_not_hold_attachments_or_guards() {
    let log = Log::default();
    let handler = service_fn(|request: Request<String>| {
        let verdict = request.extensions().get::<tower_precondition::Verdict>().expect("it was evaluated");
        let found = Representation::from(crate::support::tagged("\"2\""));
        let rejection = verdict.reject(noted(&log, found).with_guard(log.on_drop("guard")));
        assert_eq!(log.noted().len(), 3, "a rejection holds none of them");
        ready(Ok::<_, Infallible>(rejection.to_response().map(http_body_util::Full::new)))
    });
    assert_eq!(
        Told::by(PreconditionLayer::new(finds(current)).layer(handler), request("PUT", &[])).status,
        412
    );
}

/// Without a look-up there is no attachment: a handler of such routes takes an `Option`.
#[test]
fn without_a_look_up_there_is_no_attachment() {
    let found = || Representation::from(current()).with_attached(Row(7));
    let unasked = PreconditionLayer::new(finds(found)).emit(Emit::Nothing);
    assert_eq!(attached::<Row>(&send(unasked, request("GET", &[]))), None);
    assert_eq!(attached::<Row>(&send(PreconditionLayer::new(finds(found)), request("OPTIONS", &[]))), None);
    assert_eq!(attached::<Row>(&send(PreconditionLayer::new(fails), request("GET", &[]))), None);
}

fn by_axum(app: Router, method: &str) -> Told {
    Told::by(app, told::request(method, &[]).map(Body::from))
}

#[test]
fn under_axum_the_handler_takes_them_as_arguments() {
    async fn handle(
        Attached(Row(row)): Attached<Row>,
        Owned(transaction): Owned<Transaction>,
        again: Option<Owned<Transaction>>,
        other: Option<Attached<u8>>,
    ) -> String {
        format!("{row} {} {} {}", transaction.0.get(), again.is_none(), other.is_none())
    }
    for found in
        [|| Representation::from(current()), Representation::absent, Representation::defer_to_handler]
    {
        let found = move || found().with_attached(Row(7)).with_owned(Transaction(Cell::new(8)));
        let documents = any(handle).layer(PreconditionLayer::new(finds(found)));
        let app = Router::new().route("/documents/{id}", documents);
        for method in ["GET", "PUT"] {
            assert_eq!(by_axum(app.clone(), method).text(), "7 8 true true", "{method}");
        }
    }
}

/// In a release the client is told nothing of the program. The developer finds the fix in the response's extensions,
/// and in debug builds in the response.
#[test]
fn under_axum_a_missing_extension_names_its_fix_to_the_developer_alone() {
    let ask = |documents: MethodRouter| {
        let documents = documents.layer(PreconditionLayer::new(finds(current)));
        let app = Router::new().route("/documents/{id}", documents);
        let Ok(response) = at_once(app.oneshot(told::request("PUT", &[]).map(Body::from)));
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let fix = response.extensions().get::<MissingExtension>().expect("for the developer").to_string();
        let content = at_once(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("content");
        assert_eq!(content, if cfg!(debug_assertions) { &fix } else { "this request could not be handled" });
        fix
    };
    let fix = ask(any(|_: Attached<Row>| async {}));
    assert!(fix.contains("with_attached") && fix.contains("Row"), "{fix}");
    let fix = ask(any(|_: Owned<Transaction>| async {}));
    assert!(fix.contains("with_owned") && fix.contains("Transaction"), "{fix}");
    let fix = ask(any(|_: tower_precondition::WriteIdentity| async {}));
    assert!(fix.contains("write_ids") && fix.contains("Option<WriteIdentity>"), "{fix}");
    let fix = ask(any(|_: tower_precondition::Guard| async {}));
    assert!(fix.contains("with_guard") && fix.contains("serialize_writes"), "{fix}");
}

/// No request makes a 500 of a handler that takes what the source always attaches.
macro_rules! answers_without_an_attachment {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*], $source:expr => $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let documents = any(|Attached(Row(row)): Attached<Row>| async move { row.to_string() });
            let app = Router::new().route("/documents/{id}", documents.layer(PreconditionLayer::new($source)));
            let request = request($method, &[$(($field, $value)),*]);
            let told = Told::by(app, request.map(Body::from));
            assert_eq!(told.status, $status, "{}", told.text());
            assert!(!told.text().contains("Row"), "{}", told.text());
        }
    )*};
}

answers_without_an_attachment! {
    decision_5_a_read_after_a_failed_look_up_is_503: "GET" [], fails => 503;
    decision_5_a_conditional_read_after_a_failed_look_up_is_503: "GET" ["if-none-match": "\"1\""], fails => 503;
    decision_3_options_is_501: "OPTIONS" [], finds(|| Representation::from(current()).with_attached(Row(7))) => 501;
    decision_3_an_unknown_upgrade_has_its_row:
        "GET" ["connection": "upgrade", "upgrade": "nonsense"],
        finds(|| Representation::from(current()).with_attached(Row(7))) => 200;
    decision_3_a_websocket_handshake_has_its_row:
        "GET" ["connection": "upgrade", "upgrade": "websocket"],
        finds(|| Representation::from(current()).with_attached(Row(7))) => 200;
    a_read_that_the_look_ups_extractor_rejects_gets_its_status:
        "GET" [], validators_from_fn(async |_: Rejecting| Representation::from(current())) => 418;
}

struct Rejecting;

impl<S: Sync> FromRequestParts<S> for Rejecting {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Err(StatusCode::IM_A_TEAPOT)
    }
}
