//! Rules 1 and 2: preconditions come after the normal checks, whose answers win.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    response::{IntoResponse, Redirect},
    routing::get,
};
use tower::ServiceExt;
use tower_precondition::{PreconditionLayer, Representation};

use crate::{
    answers,
    support::{By::Handler, By::Layer, at_once, current, finds, request, response, send_to},
};

/// Documents on their routes, behind an authorization.
fn app() -> Router {
    let documents = get(|| async { "text" })
        .put(|| async { StatusCode::NO_CONTENT })
        .route_layer(PreconditionLayer::new(|_: &axum::http::request::Parts| async { current() }));
    let authorize = |request: Request<Body>, next: axum::middleware::Next| async move {
        match request.headers().contains_key("authorization") {
            true => next.run(request).await,
            false => StatusCode::UNAUTHORIZED.into_response(),
        }
    };
    Router::new()
        .route("/documents/7", documents)
        .route("/old", get(|| async { Redirect::permanent("/documents/7") }))
        .layer(axum::middleware::from_fn(authorize))
}

/// The status of a request under two false conditions, behind routes and authorization.
macro_rules! checked {
    ($($name:ident: $method:literal $path:literal [$($field:literal: $value:literal),*] => $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let request = Request::builder().method($method).uri($path)
                .header("if-match", "\"2\"").header("if-none-match", "*");
            let request = request $(.header($field, $value))*;
            let request = request.body(Body::empty()).expect("a request");
            let Ok(response) = at_once(app().oneshot(request));
            assert_eq!(response.status(), $status);
        }
    )*};
}

checked! {
    rule_1_the_condition_counts_if_every_check_passed: "PUT" "/documents/7" ["authorization": "me"] => 412;
    rules_1_2_a_401_wins: "PUT" "/documents/7" [] => 401;
    rule_2_a_404_of_the_router_wins: "PUT" "/documents" ["authorization": "me"] => 404;
    rule_2_a_404_of_the_router_wins_on_get: "GET" "/nowhere" ["authorization": "me"] => 404;
    rule_2_a_405_of_the_router_wins: "DELETE" "/documents/7" ["authorization": "me"] => 405;
    rule_2_a_redirect_wins: "GET" "/old" ["authorization": "me"] => 308;
}

answers! {
    rule_1_a_refusal_of_the_source_wins:
        "PUT" ["if-match": "\"2\""], Representation::refused(response(403, &[], "")) => Layer(403);
    rule_2_a_redirect_of_the_source_wins:
        "GET" ["if-none-match": "*"], Representation::refused(response(308, &[("location", "/b")], "")) => Layer(308);
    rule_2_the_handler_answers_a_deferred_request:
        "PUT" ["if-match": "\"2\""], Representation::defer_to_handler() => Handler;
    rule_2_a_404_without_the_condition_stays_404:
        "GET" ["if-match": "*", "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"],
        Representation::absent() => Handler;
}

#[test]
fn rule_2_every_answer_of_the_handler_passes_if_the_condition_is_true() {
    for status in [403, 404, 405, 406, 409, 412, 422, 500] {
        let layer = PreconditionLayer::new(finds(current));
        let answer = send_to(response(status, &[], "no"), layer, request("PUT", &[("if-match", "\"1\"")]));
        assert_eq!((answer.by(), answer.status(), answer.body.as_str()), (Handler, status, "no"));
        assert!(answer.rejection().is_none());
        assert_eq!(answer.field("cache-control"), None);
    }
}
