//! A write that lost a race gets the same answer as a write that comes now, with the same status, fields,
//! content and extensions.

use std::{convert::Infallible, future::ready, sync::LazyLock};

use axum::{Router, body::Body, routing::any};
use http::{HeaderName, Request, Response, header, request::Parts};
use http_body_util::Full;
use tower::Layer;
use tower_precondition::{
    Condition, EntityTag, Expose, HttpDate, PreconditionLayer, ProblemDetails, Rejection, RejectionKind,
    RejectionResponder, Representation, RequiredCondition, Requirement, ValidatorSource, Validators, Verdict,
};

use crate::{
    support::{EARLIER, LATER, MODIFIED, current, date, date_in, dated, finds, service_fn, tagged},
    told::{self, Told},
};

/// A request, the state that it was evaluated against, and the state that its write found.
struct Case {
    method: &'static str,
    fields: &'static [(&'static str, &'static [u8])],
    requirement: Requirement,
    evaluated: fn() -> Representation,
    found: fn() -> Representation,
}

impl Case {
    fn request(&self, accept: &[(&str, &[u8])]) -> Request<String> {
        told::request(self.method, &[self.fields, accept].concat())
    }

    fn layer<R: RejectionResponder>(
        &self,
        state: fn() -> Representation,
        responder: R,
        expose: Expose,
    ) -> PreconditionLayer<impl ValidatorSource<Future: Send> + Send + Sync + 'static, Requirement, R> {
        PreconditionLayer::new(finds(state))
            .require(self.requirement.clone())
            .with_rejection_response(responder)
            .expose(expose)
    }

    /// The answer of the layer to a request that comes after the other write.
    fn early(&self, responder: impl RejectionResponder, expose: Expose, accept: &[(&str, &[u8])]) -> Told {
        let unreached = service_fn(|_: Request<String>| async {
            panic!("the request is refused before the handler");
            #[expect(unreachable_code, reason = "it says what the handler would give")]
            Ok::<Response<String>, Infallible>(Response::default())
        });
        Told::by(self.layer(self.found, responder, expose).layer(unreached), self.request(accept))
    }

    /// The answer of the handler, through the layer.
    fn late(&self, responder: impl RejectionResponder, expose: Expose, accept: &[(&str, &[u8])]) -> Told {
        let found = self.found;
        let handler = service_fn(move |request: Request<String>| {
            let verdict = request.extensions().get::<Verdict>().expect("the request was evaluated");
            ready(Ok::<_, Infallible>(verdict.reject(found()).to_response().map(Full::new)))
        });
        Told::by(self.layer(self.evaluated, responder, expose).layer(handler), self.request(accept))
    }

    /// Under Axum, where the rejection is the handler's response.
    fn late_under_axum<R>(&self, responder: R, expose: Expose, accept: &[(&str, &[u8])]) -> Told
    where
        R: RejectionResponder + Send + Sync + 'static,
    {
        self.under_axum(self.layer(self.evaluated, responder, expose), accept)
    }

    fn early_under_axum<R>(&self, responder: R, expose: Expose, accept: &[(&str, &[u8])]) -> Told
    where
        R: RejectionResponder + Send + Sync + 'static,
    {
        self.under_axum(self.layer(self.found, responder, expose), accept)
    }

    fn under_axum<V, R>(&self, layer: PreconditionLayer<V, Requirement, R>, accept: &[(&str, &[u8])]) -> Told
    where
        V: ValidatorSource<Future: Send> + Send + Sync + 'static,
        R: RejectionResponder + Send + Sync + 'static,
    {
        let found = self.found;
        let handler = move |verdict: Verdict| async move { verdict.reject(found()) };
        let app = Router::new().route("/documents/{id}", any(handler).layer(layer));
        Told::by(app, self.request(accept).map(Body::from))
    }

    fn check(&self, status: u16) {
        const ACCEPT: [&[(&str, &[u8])]; 5] = [
            &[],
            &[("accept", b"application/problem+json, text/plain;q=0.5")],
            &[("accept", b"text/plain")],
            &[("accept", b"application/xml"), ("accept", b"text/plain"), ("accept-language", b"de")],
            &[("accept", b"text/html;q=0.3"), ("accept-language", b"de"), ("accept-language", b"fr;q=0.5")],
        ];
        for accept in ACCEPT {
            for expose in [Expose::Validators, Expose::Nothing] {
                let [late, early] = Told::both(
                    || self.late(ProblemDetails::new(), expose, accept),
                    || self.early(ProblemDetails::new(), expose, accept),
                );
                assert_eq!(late.status, status, "{accept:?}");
                assert_eq!(late.field("cache-control"), Some("no-store"));
                assert!(!late.content.is_empty());
                assert!(late.rejection.is_some());
                assert_eq!(late, early, "{accept:?} {expose:?}");

                let [late, early] =
                    Told::both(|| self.late(page, expose, accept), || self.early(page, expose, accept));
                assert_eq!(late.field("content-language"), Some("en"));
                assert_eq!(late, early, "{accept:?} {expose:?}");

                let [late, early] = Told::both(
                    || self.late_under_axum(ProblemDetails::new(), expose, accept),
                    || self.early_under_axum(ProblemDetails::new(), expose, accept),
                );
                assert_eq!(late, early, "Axum {accept:?} {expose:?}");

                let [late, early] = Told::both(
                    || self.late_under_axum(page, expose, accept),
                    || self.early_under_axum(page, expose, accept),
                );
                assert_eq!(late, early, "Axum {accept:?} {expose:?}");
            }
        }
    }
}

/// A responder of another form, which reads all of the head that the layer keeps.
fn page(rejection: &Rejection, head: &Parts) -> Response<String> {
    let lines = |name: HeaderName| head.headers.get_all(name).into_iter().collect::<Vec<_>>();
    let page = format!(
        "<p>{rejection}</p>{} {} {:?} {:?} {:?} {:?} {:?}",
        head.method,
        head.uri,
        head.version,
        lines(header::ACCEPT),
        lines(header::ACCEPT_LANGUAGE),
        lines(header::IF_MATCH),
        lines(header::IF_NONE_MATCH),
    );
    let response = Response::builder().status(rejection.kind().status()).header("content-type", "text/html");
    response.header("content-language", "en").header("x-page", "1").body(page).expect("a response")
}

macro_rules! late_as_early {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*] $(under $requirement:expr)?,
        $evaluated:expr => $found:expr, $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let requirement = Requirement::none();
            $(let requirement = { drop(requirement); $requirement };)?
            let case = Case {
                method: $method,
                fields: const { &[$(($field, $value.as_slice())),*] },
                requirement,
                evaluated: || $evaluated.into(),
                found: || $found.into(),
            };
            case.check($status);
        }
    )*};
}

/// A representation with a location and members of its own.
fn described(tag: &'static str) -> Representation {
    Representation::current(tagged(tag).with_last_modified(date(LATER)))
        .with_location("/documents/7/current".parse().expect("a value"))
        .with_extension_member("changed_by", "Ada")
        .with_extension_member("status", 200)
        .with_extension_member("revisions", 7)
}

fn absent() -> Representation {
    Representation::absent()
}

/// So recent that the layer writes a Date beside it.
fn just_now() -> Validators {
    static NOW: LazyLock<HttpDate> = LazyLock::new(|| date_in(0));
    tagged("\"2\"").with_last_modified(*NOW)
}

/// A tag with bytes beyond ASCII.
fn beyond_ascii(number: u8) -> Validators {
    EntityTag::strong([b'\xfc', b',', b'\\', number]).expect("a tag").into()
}

fn existing() -> Requirement {
    Requirement::on_writes().existing_only()
}

late_as_early! {
    rule_7_if_match_names_the_old_version: "PUT" ["if-match": b"\"1\""], current() => tagged("\"2\""), 412;
    rule_7_if_match_on_patch: "PATCH" ["if-match": b"\"1\""], current() => tagged("\"2\""), 412;
    rule_7_if_match_on_an_unknown_method: "LOCK" ["if-match": b"\"1\""], current() => tagged("\"2\""), 412;
    rule_7_if_match_on_delete: "DELETE" ["if-match": b"\"1\""], current() => tagged("\"2\""), 412;
    rule_13_a_tag_that_became_weak: "PUT" ["if-match": b"\"1\""], current() => tagged("W/\"1\""), 412;
    rule_51_several_lines: "PUT" ["if-match": b"\"0\"", "if-match": b"\"1\", \"x\""],
        current() => tagged("\"2\""), 412;
    rule_48_bytes_beyond_ascii: "PUT" ["if-match": b"\"\xfc,\\1\""],
        beyond_ascii(b'1') => beyond_ascii(b'2'), 412;
    rule_14_any_of_a_resource_that_is_gone: "PUT" ["if-match": b"*"], current() => absent(), 412;
    rule_7_a_tag_of_a_resource_that_is_gone: "PUT" ["if-match": b"\"1\""], current() => absent(), 412;
    decision_1_a_representation_without_validators: "PUT" ["if-match": b"\"1\""],
        current() => Validators::new(), 412;
    rule_21_created_by_another: "PUT" ["if-none-match": b"*"], absent() => current(), 412;
    rule_21_created_by_another_without_validators: "PUT" ["if-none-match": b"*"],
        absent() => Validators::new(), 412;
    rule_22_none_of_these_and_now_one_of_them: "POST" ["if-none-match": b"\"2\", W/\"3\""],
        current() => tagged("\"3\""), 412;
    rule_8_unmodified_since: "PUT" ["if-unmodified-since": b"Sun, 06 Nov 1994 08:49:37 GMT"],
        dated(MODIFIED) => dated(LATER), 412;
    rule_31_a_date_beside_a_tag: "PUT"
        ["if-match": b"\"1\"", "if-unmodified-since": b"Sun, 06 Nov 1994 08:49:36 GMT"],
        current() => tagged("\"2\""), 412;
    rule_68_every_condition_at_once: "PUT"
        ["if-match": b"\"1\"", "if-match": b"\"0\"", "if-none-match": b"\"7\"", "if-none-match": b"\"8\"",
         "if-modified-since": b"Sun, 06 Nov 1994 08:49:36 GMT",
         "if-unmodified-since": b"Sun, 06 Nov 1994 08:49:36 GMT",
         "range": b"bytes=0-9", "if-range": b"\"1\""],
        current() => tagged("\"8\""), 412;
    decision_2_delete_of_a_resource_that_is_gone: "DELETE" ["if-match": b"\"1\""], current() => absent(), 404;
    decision_2_delete_of_any_that_is_gone: "DELETE" ["if-match": b"*"], current() => absent(), 404;
    decision_10_members_and_location: "PUT" ["if-match": b"\"1\""], current() => described("\"2\""), 412;
    decision_10_members_and_location_of_a_created_resource: "PUT" ["if-none-match": b"*"],
        absent() => described("\"1\""), 412;
    rule_44_changed_just_now: "PUT" ["if-match": b"\"1\""], current() => just_now(), 412;
    rule_44_changed_in_the_future: "PUT" ["if-match": b"\"1\""],
        current() => tagged("\"2\"").with_last_modified(date("Fri, 31 Dec 9999 23:59:59 GMT")), 412;
    rule_66_unconditional_and_now_it_exists: "PUT" [] under existing(), absent() => current(), 428;
    rule_66_unconditional_delete_and_now_it_exists: "DELETE" [] under existing(),
        absent() => described("\"1\""), 428;
    rule_66_an_ignored_condition_meets_nothing: "PUT" ["if-unmodified-since": b"Sun, 06 Nov 1994 08:49:37 GMT"]
        under existing().also(RequiredCondition::IfUnmodifiedSince), dated(EARLIER) => tagged("\"2\""), 428;
    rule_66_conditional_and_stale: "PUT" ["if-match": b"\"1\""] under Requirement::on_writes(),
        current() => tagged("\"2\""), 412;
    rule_66_a_list_of_its_own: "MOVE" [] under existing().for_methods([http::Method::from_bytes(b"MOVE").expect("a method")]),
        absent() => current(), 428;
}

/// The handler's answer to a request that the layer would let pass now.
fn told_late(case: &Case) -> Told {
    let late = case.late(ProblemDetails::new(), Expose::Validators, &[]);
    let under_axum = case.late_under_axum(ProblemDetails::new(), Expose::Validators, &[]);
    assert_eq!((under_axum.status, &under_axum.content), (late.status, &late.content));
    late
}

const UNCONDITIONAL: Case = Case {
    method: "PUT",
    fields: &[],
    requirement: Requirement::none(),
    evaluated: || current().into(),
    found: || described("\"2\""),
};

#[test]
fn an_unconditional_late_write_gets_a_412_without_a_condition() {
    for method in ["PUT", "PATCH", "POST", "DELETE", "LOCK"] {
        let late = told_late(&Case { method, ..UNCONDITIONAL });
        assert_eq!(late.status, 412, "{method}");
        assert_eq!(late.field("etag"), Some("\"2\""));
        assert_eq!(late.field("last-modified"), Some(LATER));
        assert_eq!(late.field("location"), Some("/documents/7/current"));
        assert_eq!(late.field("cache-control"), Some("no-store"));
        let problem: serde_json::Value = serde_json::from_slice(&late.content).expect("problem details");
        assert_eq!(problem["status"], 412);
        assert_eq!(problem["current_etag"], "\"2\"");
        assert_eq!(problem["changed_by"], "Ada");
        assert!(problem.get("condition").is_none() && problem.get("provided").is_none(), "{problem}");
        assert_eq!(late.rejection.map(|rejection| rejection.condition), Some(None));
    }
}

#[test]
fn expose_nothing_hides_the_state_in_an_unconditional_late_answer() {
    let late = UNCONDITIONAL.late(ProblemDetails::new(), Expose::Nothing, &[]);
    assert_eq!(late.status, 412);
    for hidden in ["etag", "last-modified", "location", "date"] {
        assert_eq!(late.field(hidden), None);
    }
    assert!(!late.text().contains("Ada") && !late.text().contains("\\\"2\\\""), "{}", late.text());
    assert_eq!(late.rejection.expect("a rejection").current, None);
}

#[test]
fn a_late_write_gets_a_412_even_if_its_condition_still_holds() {
    let any: &[(&str, &[u8])] = &[("if-match", b"*")];
    let dated: &[(&str, &[u8])] = &[("if-unmodified-since", b"Sun, 06 Nov 1994 08:49:38 GMT")];
    for fields in [any, dated] {
        let late = told_late(&Case { fields, ..UNCONDITIONAL });
        assert_eq!((late.status, late.field("etag")), (412, Some("\"2\"")), "{fields:?}");
        assert_eq!(late.rejection.expect("a rejection").condition, None, "no condition is to blame");
    }
}

#[test]
fn an_unconditional_write_of_a_resource_that_is_gone() {
    for (method, status, kind) in [
        ("PUT", 412, RejectionKind::PreconditionFailed),
        ("PATCH", 412, RejectionKind::PreconditionFailed),
        ("DELETE", 404, RejectionKind::NotFound),
    ] {
        let late = told_late(&Case { method, found: absent, ..UNCONDITIONAL });
        assert_eq!(late.status, status, "{method}");
        assert_eq!(late.field("etag"), None);
        assert_eq!(late.rejection.expect("a rejection").kind, kind);
    }
}

#[test]
fn a_requirement_of_existing_resources_does_not_apply_if_the_resource_is_gone() {
    let late = told_late(&Case {
        requirement: existing(),
        fields: &[("if-match", b"\"1\"")],
        found: absent,
        ..UNCONDITIONAL
    });
    assert_eq!(late.rejection.map(|rejection| rejection.condition), Some(Some(Condition::IfMatch)));
    assert_eq!(late.status, 412);
}

#[test]
fn a_deferral_or_a_refusal_is_a_503() {
    let deferred = || Representation::defer_to_handler();
    let refused = || Representation::refused(Response::new(String::from("who?")));
    for found in [deferred, refused] {
        let late = told_late(&Case { found, ..UNCONDITIONAL });
        assert_eq!(late.status, 503);
        assert_eq!(late.rejection.expect("a rejection").kind, RejectionKind::LookupFailed);
    }
}

#[test]
fn decision_12_reject_takes_everything_that_converts_to_a_representation() {
    let request = told::request("PUT", &[("if-match", b"\"1\"")]);
    let handler = service_fn(|request: Request<String>| async move {
        let verdict = request.extensions().get::<Verdict>().expect("the request was evaluated");
        let tag = || EntityTag::from_version(2);
        let answers = [
            verdict.reject(tag()),
            verdict.reject(Some(tag())),
            verdict.reject(Validators::from(tag())),
            verdict.reject(Some(Validators::from(tag()))),
            verdict.reject(Representation::from(tag())),
        ];
        for answer in &answers {
            let told = answer.current().and_then(Validators::etag).expect("its tag");
            assert!(told.strong_eq(&tag()));
        }
        assert!(verdict.reject(None::<EntityTag>).current().is_none());
        Ok::<_, Infallible>(answers[0].to_response().map(Full::new))
    });
    assert_eq!(Told::by(PreconditionLayer::new(finds(current)).layer(handler), request).status, 412);
}
