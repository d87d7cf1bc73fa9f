//! A verdict made for a unit test is the one that the layer gives.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
};

use http::{Request, Response, request::Parts};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_precondition::{
    EntityTag, MadeWrite, PreconditionLayer, Rejection, RejectionKind, Representation, Requirement,
    TagComparison, Validators, Verdict, WriteIds,
    testing::{Verdicts, verdict},
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

/// Answers with the verdict.
async fn hand_back(mut request: Request<String>) -> Result<Response<String>, Infallible> {
    let mut response = Response::new(String::new());
    let verdict = request.extensions_mut().remove::<Verdict>().expect("a write");
    response.extensions_mut().insert(verdict);
    Ok(response)
}

/// Returns as text what the handler of a service gets.
async fn of_the_layer<S, B>(service: S, request: Request<String>) -> Result<String, String>
where
    S: Service<Request<String>, Response = Response<B>, Error = Infallible>,
{
    let Ok(response) = service.oneshot(request).await;
    match response.extensions().get::<Rejection>() {
        Some(rejection) => Err(rejection.to_string()),
        None => Ok(shown(response.extensions().get().expect("the handler's"))),
    }
}

/// What a handler behind a layer without settings gets.
async fn behind_the_layer(request: Request<String>, current: Current) -> Result<String, String> {
    let layer = PreconditionLayer::new(move |_: &Parts| async move { current() });
    of_the_layer(layer.layer(service_fn(hand_back)), request).await
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

/// The user whom a layer outside found.
#[derive(Clone)]
struct User(&'static str);

fn write_ids() -> WriteIds {
    WriteIds::new(|head| head.extensions.get::<User>().map(|user| user.0))
}

fn version(number: u64) -> Option<Validators> {
    Some(EntityTag::from_version(number).into())
}

/// A write with an id, and with a description of its content.
fn identified(user: &'static str) -> Request<String> {
    let mut write =
        request("PUT", &[("if-match", "\"7\""), ("idempotency-key", "1"), ("content-length", "0")]);
    write.extensions_mut().insert(User(user));
    write
}

#[test]
fn a_requirement_refuses_and_is_kept_for_the_race() {
    let verdicts = Verdicts::new().require(Requirement::on_writes().existing_only());
    let refused = verdicts.verdict(&request("PUT", &[]), version(7)).expect_err("the note exists");
    assert_eq!(refused.kind(), RejectionKind::PreconditionRequired);

    let created = verdicts.verdict(&request("PUT", &[]), None::<Validators>).expect("nothing exists");
    assert_eq!(created.reject(version(1)).kind(), RejectionKind::PreconditionRequired);
    let without = verdict(&request("PUT", &[]), None::<Validators>).expect("nothing exists");
    assert_eq!(without.reject(version(1)).kind(), RejectionKind::PreconditionFailed);
}

#[test]
fn a_requirement_may_depend_on_the_request() {
    let for_users = |head: &Parts| match head.extensions.get::<User>() {
        Some(_) => Requirement::on_writes(),
        None => Requirement::none(),
    };
    let verdicts = Verdicts::new().require(for_users);
    let mut write = request("PUT", &[]);
    assert!(verdicts.verdict(&write, version(7)).is_ok());
    write.extensions_mut().insert(User("ada"));
    let refused = verdicts.verdict(&write, version(7)).expect_err("a user is here");
    assert_eq!(refused.kind(), RejectionKind::PreconditionRequired);
}

#[test]
fn tags_compare_as_the_setting_says_also_in_the_race() {
    let weak = EntityTag::weak("7").expect("visible ASCII");
    let write = request("PUT", &[("if-match", "W/\"7\"")]);
    let strong = verdict(&write, weak.clone()).expect_err("strong comparison");
    assert_eq!(strong.kind(), RejectionKind::PreconditionFailed);

    let verdicts = Verdicts::new().compare_tags(TagComparison::new().weak_by_protocol());
    let verdict = verdicts.verdict(&write, weak).expect("weak comparison");
    assert!(verdict.evaluation().deviation().is_some());
    let later = EntityTag::weak("8").expect("visible ASCII");
    assert!(verdict.reject(later).to_string().contains("If-Match"));

    let suffixed = request("PUT", &[("if-match", "\"7-gzip\"")]);
    let behind_apache = Verdicts::new().compare_tags(TagComparison::new().suffixed_by_proxy(["-gzip"]));
    assert!(behind_apache.verdict(&suffixed, version(7)).is_ok());
    assert!(Verdicts::new().verdict(&suffixed, version(7)).is_err());
}

#[test]
fn a_write_has_an_identity_only_by_the_setting_and_its_repetition_is_known() {
    let verdicts = Verdicts::new().write_ids(write_ids());
    let identity = |user| {
        let verdict = verdicts.verdict(&identified(user), version(7)).expect("version 7 is current");
        verdict.write_identity().copied()
    };
    let ada = identity("ada").expect("the write has an id");
    assert_eq!(identity("ada"), Some(ada));
    assert_ne!(identity("grace"), Some(ada), "the sender is a part of it");
    let without = verdict(&identified("ada"), version(7)).expect("version 7 is current");
    assert_eq!(without.write_identity(), None);

    let made = || Representation::from(version(8)).with_made_write(MadeWrite::new(version(7), version(8)));
    let late = verdicts.verdict(&identified("ada"), version(7)).expect("version 7 is current").reject(made());
    assert_eq!(late.kind(), RejectionKind::AlreadyMade);
    let repeated = verdicts.verdict(&identified("ada"), made()).expect_err("it was made already");
    assert_eq!(repeated.kind(), RejectionKind::AlreadyMade);
}

#[tokio::test]
async fn with_settings_too_a_verdict_is_the_one_that_the_layer_gives() {
    let requirement = || Requirement::on_writes().existing_only();
    let comparison = || TagComparison::new().weakened_by_proxy();
    let verdicts = Verdicts::new().require(requirement()).compare_tags(comparison());
    let layer = |current: Current| {
        PreconditionLayer::new(move |_: &Parts| async move { current() })
            .require(requirement())
            .compare_tags(comparison())
    };
    let mut differ = 0;
    for (state, current) in STATES {
        for conditions in CONDITIONS {
            let write = || request("PUT", conditions);
            let told = |made: Result<Verdict, Rejection>| {
                made.map(|verdict| shown(&verdict)).map_err(|rejection| rejection.to_string())
            };
            let made = told(verdicts.clone().verdict(&write(), current()));
            differ += usize::from(made != told(verdict(&write(), current())));
            let given = of_the_layer(layer(current).layer(service_fn(hand_back)), write()).await;
            assert_eq!(made, given, "{conditions:?} of {state}");
        }
    }
    assert!(differ > 4, "the settings matter: {differ}");
}
