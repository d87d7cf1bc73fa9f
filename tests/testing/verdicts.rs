//! A verdict made for a unit test is the one that the layer gives.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
};

use http::{Request, Response, request::Parts};
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{
    EntityTag, PreconditionLayer, Rejection, Representation, Validators, Verdict, testing::verdict,
};

type Current = fn() -> Representation;

const STATES: [(&str, Current); 4] = [
    ("a tag", || EntityTag::from_version(7).into()),
    ("a tag and a date", || {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT".parse().expect("a date");
        Representation::current(Validators::from(EntityTag::from_version(7)).with_last_modified(date))
    }),
    ("no validators", || Validators::new().into()),
    ("nothing", Representation::absent),
];

const CONDITIONS: [&[(&str, &str)]; 8] = [
    &[],
    &[("if-match", "\"7\"")],
    &[("if-match", "\"6\""), ("if-match", "W/\"7\"")],
    &[("if-match", "*")],
    &[("if-match", "7")],
    &[("if-none-match", "*")],
    &[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")],
    &[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")],
];

fn request(method: &str, conditions: &[(&str, &str)]) -> Request<String> {
    let request = Request::builder().method(method).uri("/notes/plan");
    let request = conditions.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(String::from("text")).expect("a valid request")
}

/// What a handler behind the layer gets, as text.
async fn behind_the_layer(request: Request<String>, current: Current) -> Result<String, String> {
    let layer = PreconditionLayer::new(move |_: &Parts| async move { current() });
    let handler = service_fn(|mut request: Request<String>| async move {
        let mut response = Response::new(String::new());
        let verdict = request.extensions_mut().remove::<Verdict>().expect("a write");
        response.extensions_mut().insert(verdict);
        Ok::<_, Infallible>(response)
    });
    let Ok(response) = layer.layer(handler).oneshot(request).await;
    match response.extensions().get::<Rejection>() {
        Some(rejection) => Err(rejection.to_string()),
        None => Ok(shown(response.extensions().get().expect("the handler's"))),
    }
}

fn shown(verdict: &Verdict) -> String {
    let late = verdict.reject(EntityTag::from_version(8));
    format!("{:?}, of {:?}, late: {late}", verdict.evaluation(), verdict.current())
}

#[tokio::test]
async fn a_verdict_is_the_one_that_the_layer_gives() {
    let mut passed = 0;
    for (state, current) in STATES {
        for method in ["PUT", "PATCH", "DELETE", "LOCK"] {
            for conditions in CONDITIONS {
                let made = verdict(&request(method, conditions), current());
                let made = made.map(|verdict| shown(&verdict)).map_err(|rejection| rejection.to_string());
                passed += usize::from(made.is_ok());
                let given = behind_the_layer(request(method, conditions), current).await;
                assert_eq!(made, given, "{method} {conditions:?} of {state}");
            }
        }
    }
    assert!((32..100).contains(&passed), "{passed} verdicts: some are refused, and some are not");
}

#[test]
fn what_has_no_verdict_is_told() {
    for (method, current) in [
        ("GET", STATES[0].1),
        ("OPTIONS", STATES[0].1),
        ("PUT", Representation::defer_to_handler as Current),
        ("PUT", || Representation::refused(Response::new(String::new()))),
    ] {
        let made = catch_unwind(AssertUnwindSafe(|| verdict(&request(method, &[]), current())));
        let panic = made.expect_err("there is no verdict");
        let said = panic.downcast_ref::<String>().expect("a text");
        assert!(said.contains(&format!("a handler of {method} gets no verdict")), "{said}");
    }
}
