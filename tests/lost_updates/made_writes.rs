//! A write that was already made is a success: from the layer, from a handler that lost a race, and from a handler
//! that checks by itself.

use std::{convert::Infallible, future::ready};

use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use tower::{Layer, ServiceExt};
use tower_precondition::{
    AbsentResponse, EntityTag, Expose, MadeWrite, PreconditionLayer, Preconditions, RejectionKind,
    Representation, Requirement, SerializedWrites, TagComparison, Validators, Verdict,
};

use crate::{
    Log,
    support::{EARLIER, LATER, date, finds, service_fn, tagged},
    told::{self, Told},
};

/// A write, what exists now, and the record of it.
struct Case {
    method: &'static str,
    fields: &'static [(&'static str, &'static [u8])],
    modes: fn() -> TagComparison,
    now: fn() -> Representation,
    from: fn() -> Option<Validators>,
    made: fn(Option<Validators>) -> MadeWrite,
}

impl Case {
    fn request(&self) -> Request<String> {
        told::request(self.method, self.fields)
    }

    fn found(&self) -> Representation {
        (self.now)().with_made_write((self.made)((self.from)()))
    }

    fn early(&self, expose: Expose, nested: bool) -> Told {
        let handler = service_fn(|_: Request<String>| async {
            Ok::<_, Infallible>(Response::builder().status(299).body(String::new()).expect("a response"))
        });
        let layer =
            PreconditionLayer::new(finds(|| self.found())).compare_tags((self.modes)()).expose(expose);
        match nested {
            true => {
                let outer = PreconditionLayer::new(finds(Representation::defer_to_handler));
                Told::by(outer.layer(layer.layer(handler)), self.request())
            }
            false => Told::by(layer.layer(handler), self.request()),
        }
    }

    /// The handler found out too late. `None` if the request does not reach it from the state that it was made from.
    fn late(&self, expose: Expose) -> Option<Told> {
        let handler = service_fn(|request: Request<String>| {
            let mut answer = Response::default();
            // A read has no verdict.
            if let Some(verdict) = request.extensions().get::<Verdict>() {
                answer = verdict.reject(self.found()).to_response().map(Full::new);
                answer.extensions_mut().insert(Reached);
            }
            ready(Ok::<_, Infallible>(answer))
        });
        let layer = PreconditionLayer::new(finds(self.from)).compare_tags((self.modes)()).expose(expose);
        let Ok(response) = crate::support::at_once(layer.layer(handler).oneshot(self.request()));
        let reached = response.extensions().get::<Reached>().is_some();
        reached.then(|| Told::of(response))
    }

    fn checked(&self) -> Option<Told> {
        let head = self.request().into_parts().0;
        let preconditions = Preconditions::from_head(&head).compare_tags((self.modes)());
        let rejection = preconditions.check(self.found()).err()?;
        Some(Told::of(rejection.to_response().map(Full::new)))
    }

    /// Asserts the answer of each way.
    fn check(&self, status: u16, etag: Option<&str>, location: Option<&str>) {
        let early = self.early(Expose::Validators, false);
        assert_eq!(early.status, status, "{early:?}");
        if status < 299 {
            assert_eq!((early.field("etag"), early.field("location")), (etag, location));
            assert_eq!(early.field("cache-control"), None);
            assert!(early.content.is_empty());
            assert_eq!(self.early(Expose::Nothing, false), early, "it is told of its own write");
            assert_eq!(self.early(Expose::Validators, true), early, "it passes an outer layer");
            assert_eq!(self.late(Expose::Nothing).as_ref(), Some(&early));
        }
        match self.late(Expose::Validators) {
            Some(late) if status != 299 => assert_eq!(late, early),
            Some(late) => assert_eq!(late.status, 412, "it was not made by this handler"),
            None => assert!(status >= 300, "the condition was true of what it was made from"),
        }
        match self.checked() {
            Some(checked) => assert_eq!((checked.status, &checked.fields), (early.status, &early.fields)),
            None => assert_eq!(status, 299),
        }
    }
}

#[derive(Clone)]
struct Reached;

/// `METHOD [fields] by modes, now, made from => made => status, ETag, Location`. Status 299 is the handler's.
macro_rules! made {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*] $(by $modes:expr)?, $now:expr, $from:expr => $made:expr
        => $status:literal $($etag:expr, $location:expr)?;)*) => {$(
        #[test]
        fn $name() {
            let modes: fn() -> TagComparison = TagComparison::new;
            $(let modes = { let _ = modes; || $modes };)?
            let case = Case {
                method: $method,
                modes,
                fields: const { &[$(($field, $value.as_slice())),*] },
                now: || $now.into(),
                from: || $from,
                made: |from| $made(from),
            };
            let (etag, location) = (None::<&str>, None::<&str>);
            $(let (etag, location) = { let _ = (etag, location); ($etag, $location) };)?
            case.check($status, etag, location);
        }
    )*};
}

fn version(number: u64) -> Option<Validators> {
    Some(EntityTag::from_version(number).into())
}

fn nothing() -> Option<Validators> {
    None
}

/// A write that made this version, and was answered 204 with its validators.
fn to(number: u64) -> impl Fn(Option<Validators>) -> MadeWrite {
    move |from| MadeWrite::new(from, version(number)).answered_with_validators()
}

fn created(number: u64) -> impl Fn(Option<Validators>) -> MadeWrite {
    move |from| to(number)(from).answered_created().answered_with_location(HeaderValue::from_static("/7"))
}

fn deleted(from: Option<Validators>) -> MadeWrite {
    MadeWrite::new(from, None)
}

fn without_validators(from: Option<Validators>) -> MadeWrite {
    MadeWrite::new(from, version(2))
}

fn dated_alike(from: Option<Validators>) -> MadeWrite {
    let made = Validators::new().with_last_modified(date(EARLIER));
    MadeWrite::new(from, Some(made)).answered_with_validators()
}

/// A write that made the state with this tag, and was answered 204 with it.
fn to_tag(tag: &'static str) -> impl Fn(Option<Validators>) -> MadeWrite {
    move |from| MadeWrite::new(from, Some(tagged(tag))).answered_with_validators()
}

fn by_protocol() -> TagComparison {
    TagComparison::new().weak_by_protocol()
}

fn behind_nginx() -> TagComparison {
    TagComparison::new().weakened_by_proxy()
}

fn behind_apache() -> TagComparison {
    TagComparison::new().suffixed_by_proxy(["-gzip"])
}

fn gone() -> Representation {
    Representation::absent().with_absent_response(AbsentResponse::Gone)
}

made! {
    rules_17_81_a_replacement_that_is_current: "PUT" ["if-match": b"\"1\""], version(2), version(1) => to(2)
        => 204 Some("\"2\""), None;
    rules_17_81_a_replacement_that_another_replaced: "PUT" ["if-match": b"\"1\""], version(3), version(1) => to(2)
        => 204 None, None;
    rules_17_81_a_replacement_that_another_deleted: "PUT" ["if-match": b"\"1\""], nothing(), version(1) => to(2)
        => 204 None, None;
    rules_58_81_an_answer_that_had_no_validators: "PUT" ["if-match": b"\"1\""], version(2), version(1) => without_validators
        => 204 None, None;
    rules_46_81_a_date_does_not_show_what_is_current: "PUT" ["if-match": b"\"1\""],
        Validators::new().with_last_modified(date(EARLIER)), version(1) => dated_alike => 204 None, None;
    rule_81_one_tag_of_a_list: "PATCH" ["if-match": b"\"0\"", "if-match": b"\"x\", \"1\""], version(2), version(1) => to(2)
        => 204 Some("\"2\""), None;
    rule_81_any_of_what_existed: "PUT" ["if-match": b"*"], version(2), version(1) => to(2)
        => 204 Some("\"2\""), None;
    rule_81_a_date_beside_a_tag_is_ignored: "PUT"
        ["if-match": b"\"1\"", "if-unmodified-since": b"Sun, 06 Nov 1994 08:49:36 GMT"],
        tagged("\"2\"").with_last_modified(date(LATER)), version(1) => to(2) => 204 Some("\"2\""), None;
    decision_20_a_creation: "PUT" ["if-none-match": b"*"], version(1), nothing() => created(1)
        => 201 Some("\"1\""), Some("/7");
    decision_20_a_creation_that_another_replaced: "PUT" ["if-none-match": b"*"], version(2), nothing() => created(1)
        => 201 None, Some("/7");
    decision_20_a_creation_that_another_deleted_is_not_made_again: "PUT" ["if-none-match": b"*"],
        nothing(), nothing() => created(1) => 201 None, Some("/7");
    decision_20_a_list_that_does_not_name_what_it_was_made_from: "POST" ["if-none-match": b"\"2\", W/\"3\""],
        version(2), version(1) => to(2) => 204 Some("\"2\""), None;
    decision_20_both_fields: "PUT" ["if-match": b"\"1\"", "if-none-match": b"\"2\""], version(2), version(1) => to(2)
        => 204 Some("\"2\""), None;
    decision_20_a_deletion_comes_before_404: "DELETE" ["if-match": b"\"1\""], nothing(), version(1) => deleted
        => 204 None, None;
    decision_20_a_deletion_comes_before_what_the_source_names: "DELETE" ["if-match": b"\"1\""], gone(), version(1) => deleted
        => 204 None, None;
    decision_20_a_deletion_of_what_another_created_again: "DELETE" ["if-match": b"*"], version(2), version(1) => deleted
        => 204 None, None;
    rule_7_another_tag_is_a_conflict: "PUT" ["if-match": b"\"0\""], version(2), version(1) => to(2) => 412;
    rule_13_a_weak_tag_never_matches: "PUT" ["if-match": b"W/\"1\""], version(2), Some(tagged("W/\"1\"")) => to(2) => 412;
    rule_14_any_of_nothing_is_false: "PUT" ["if-match": b"*"], nothing(), nothing() => created(1) => 412;
    rule_21_nothing_of_something_is_false: "PUT" ["if-none-match": b"*"], version(2), version(1) => to(2) => 412;
    rule_22_a_list_that_names_what_it_was_made_from: "POST" ["if-none-match": b"\"1\", \"2\""],
        version(2), version(1) => to(2) => 412;
    decision_20_one_of_both_fields_is_false: "PUT" ["if-match": b"\"1\"", "if-none-match": b"\"1\""],
        version(2), version(1) => to(2) => 412;
    decision_20_a_date_alone_never_counts: "PUT" ["if-unmodified-since": b"Sun, 06 Nov 1994 08:49:36 GMT"],
        Validators::new().with_last_modified(date(LATER)), Some(Validators::new().with_last_modified(date(EARLIER))) => to(2)
        => 412;
    decision_20_an_unconditional_write_is_made: "PUT" [], version(2), version(1) => to(2) => 299;
    rule_9_a_read_is_not_a_write: "GET" ["if-none-match": b"\"2\""], version(2), version(1) => to(2) => 304;
    rules_81_85_a_weak_tag_by_protocol: "PUT" ["if-match": b"W/\"1\""] by by_protocol(),
        tagged("W/\"2\""), Some(tagged("W/\"1\"")) => to_tag("W/\"2\"") => 204 Some("W/\"2\""), None;
    rules_81_85_a_weak_tag_by_protocol_that_another_replaced: "PUT" ["if-match": b"W/\"1\""] by by_protocol(),
        tagged("W/\"3\""), Some(tagged("W/\"1\"")) => to_tag("W/\"2\"") => 204 None, None;
    rules_81_85_a_tag_that_a_proxy_weakened: "PUT" ["if-match": b"W/\"1\""] by behind_nginx(),
        version(2), version(1) => to(2) => 204 Some("\"2\""), None;
    rules_81_85_a_tag_with_a_proxy_suffix: "PUT" ["if-match": b"\"1-gzip\""] by behind_apache(),
        version(2), version(1) => to(2) => 204 Some("\"2\""), None;
    decision_21_a_weak_tag_needs_a_mode: "PUT" ["if-match": b"W/\"1\""], version(2), version(1) => to(2) => 412;
    decision_21_a_suffix_needs_a_mode: "PUT" ["if-match": b"\"1-gzip\""], version(2), version(1) => to(2) => 412;
    decision_21_a_weak_tag_of_the_server_never_matches_behind_a_proxy: "PUT" ["if-match": b"W/\"1\""] by behind_nginx(),
        version(2), Some(tagged("W/\"1\"")) => to(2) => 412;
    decision_21_another_tag_by_a_mode_is_a_conflict: "PUT" ["if-match": b"W/\"0\""] by by_protocol(),
        tagged("W/\"2\""), Some(tagged("W/\"1\"")) => to_tag("W/\"2\"") => 412;
    rules_22_85_a_suffixed_tag_names_what_it_was_made_from: "POST" ["if-none-match": b"\"1-gzip\", \"2\""]
        by behind_apache(), version(2), version(1) => to(2) => 412;
    rule_13_a_weak_tag_does_not_show_what_is_current: "PUT" ["if-match": b"\"1\""],
        tagged("W/\"2\""), version(1) => to_tag("W/\"2\"") => 204 None, None;
    decision_4_a_malformed_tag_comes_first: "PUT" ["if-match": b"1"], version(2), version(1) => to(2) => 400;
}

#[test]
fn rule_85_the_tag_of_the_success_leaves_marked_if_it_ends_like_one_of_a_proxy() {
    let found =
        || Representation::from(tagged("\"2-gzip\"")).with_made_write(to_tag("\"2-gzip\"")(version(1)));
    let layer = PreconditionLayer::new(finds(found)).compare_tags(behind_apache());
    let answer = crate::support::send(layer, crate::support::request("PUT", &[("if-match", "\"1-gzip\"")]));
    assert_eq!((answer.status(), answer.field("etag")), (204, Some("\"2-gzip~identity\"")));
}

#[test]
fn decision_20_a_repeated_unconditional_write_stays_428_if_a_condition_is_required() {
    let found = || Representation::from(version(2)).with_made_write(to(2)(version(1)));
    let layer = PreconditionLayer::new(finds(found)).require(Requirement::on_writes().existing_only());
    assert_eq!(crate::support::send(layer, crate::support::request("PUT", &[])).status(), 428);
}

#[test]
fn decision_20_setters_apply_beside_a_record() {
    let found = Representation::from(version(2))
        .with_made_write(to(2)(version(1)))
        .with_location(HeaderValue::from_static("/now"))
        .with_extension_member("changed_by", "Ada");
    assert!(found.validators().is_some() && !found.is_absent());
    let head = told::request("PUT", &[("if-match", b"\"0\"")]).into_parts().0;
    let rejection = Preconditions::from_head(&head).check(found).expect_err("another tag");
    assert_eq!(rejection.location().expect("a location"), "/now");
    assert_eq!(rejection.extension_members().count(), 1);

    let absent = Representation::absent().with_made_write(deleted(version(1)));
    let head = told::request("PUT", &[("if-match", b"\"0\"")]).into_parts().0;
    let rejection = Preconditions::from_head(&head)
        .check(absent.with_absent_response(AbsentResponse::Gone))
        .expect_err("another tag");
    assert_eq!(rejection.kind(), RejectionKind::Gone);
}

#[tokio::test]
async fn decision_20_holds_under_a_guard_and_in_turn_and_both_are_released() {
    let log = Log::default();
    let source = {
        let log = log.clone();
        move |_: &http::request::Parts| {
            let found = Representation::from(version(2)).with_made_write(to(2)(version(1)));
            ready(found.with_guard(log.on_drop("released")))
        }
    };
    let writes = SerializedWrites::by(|head: &http::request::Parts| head.uri.path().to_owned());
    let handler = service_fn(|_: Request<String>| ready(Ok::<_, Infallible>(Response::new(String::new()))));
    let service = PreconditionLayer::new(source).serialize_writes(writes).layer(handler);
    for attempt in 1..=2 {
        let put = crate::support::request("PUT", &[("if-match", "\"1\"")]);
        assert_eq!(service.clone().oneshot(put).await.expect("an answer").status(), 204);
        assert_eq!(log.noted().len(), attempt, "the guard is released with the answer");
    }
}
