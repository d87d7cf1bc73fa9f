//! Decision 21: tags as protocols and proxies make them, through every way in.

use std::convert::Infallible;

use http::{Request, Response, request::Parts};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_precondition::{
    ContentCodingLayer, EntityTag, PreconditionLayer, Preconditions, Representation, TagComparison,
    UnevaluatedWrites, Validators, Verdict, precondition::Deviation,
};

use crate::support::{
    Answer,
    By::{Handler as Handled, Layer as Layered},
    Handler, LATER, MODIFIED, at_once, current, date, dated, finds, request, response, send, send_to, tagged,
};

fn protocol() -> TagComparison {
    TagComparison::new().weak_by_protocol()
}

fn nginx() -> TagComparison {
    TagComparison::new().weakened_by_proxy()
}

fn apache() -> TagComparison {
    TagComparison::new().suffixed_by_proxy(["-gzip", "--gzip"])
}

/// `comparison, the source's tag, METHOD [fields] => who answers`.
macro_rules! compares {
    ($($name:ident: $comparison:expr, $current:literal, $method:literal [$($field:literal: $value:expr),*] => $by:expr;)*) => {$(
        #[test]
        fn $name() {
            let request = request($method, &[$(($field, $value)),*]);
            let layer = PreconditionLayer::new(finds(|| tagged($current))).compare_tags($comparison);
            assert_eq!(send(layer, request).by(), $by);
        }
    )*};
}

compares! {
    rule_13_no_mode: TagComparison::new(), "\"1\"", "PUT" ["if-match": "W/\"1\""] => Layered(412);
    rule_85_a_weak_tag_of_a_protocol: protocol(), "W/\"3\"", "PUT" ["if-match": "W/\"3\""] => Handled;
    rule_85_a_stale_weak_tag_of_a_protocol: protocol(), "W/\"3\"", "PUT" ["if-match": "W/\"2\""] => Layered(412);
    rule_85_a_weakened_tag: nginx(), "\"1\"", "DELETE" ["if-match": "W/\"1\""] => Handled;
    rule_85_a_weakened_stale_tag: nginx(), "\"2\"", "DELETE" ["if-match": "W/\"1\""] => Layered(412);
    rule_85_a_weak_tag_of_the_source_behind_a_proxy: nginx(), "W/\"1\"", "PUT" ["if-match": "W/\"1\""] => Layered(412);
    rule_85_a_suffixed_tag: apache(), "\"1\"", "PATCH" ["if-match": "\"1-gzip\""] => Handled;
    rule_85_a_suffixed_stale_tag: apache(), "\"2\"", "PATCH" ["if-match": "\"1-gzip\""] => Layered(412);
    rule_85_a_suffixed_tag_on_a_read: apache(), "\"1\"", "GET" ["if-none-match": "\"1-gzip\""] => Layered(304);
    rule_85_a_suffixed_tag_in_if_none_match_of_a_write: apache(), "\"1\"", "PUT" ["if-none-match": "\"1-gzip\""]
        => Layered(412);
    decision_4_a_malformed_tag_with_a_suffix: apache(), "\"1\"", "PUT" ["if-match": "1-gzip"] => Layered(400);
}

#[test]
fn decision_21_the_verdict_says_by_which_mode_if_match_held() {
    for (comparison, sent, by) in [
        (protocol(), "W/\"1\"", Some(Deviation::WeakByProtocol)),
        (nginx(), "W/\"1\"", Some(Deviation::WeakenedByProxy)),
        (apache(), "\"1-gzip\"", Some(Deviation::SuffixedByProxy)),
        (apache(), "\"1\"", None),
    ] {
        let layer = PreconditionLayer::new(finds(current)).compare_tags(comparison);
        let answer = send(layer, request("PUT", &[("if-match", sent)]));
        assert_eq!(answer.verdict().expect("a write").evaluation().deviation(), by, "{sent}");
    }
}

/// A handler that loses the race, and returns what the layer would say then.
fn overtaken(comparison: TagComparison, sent: &'static str, now: &'static str) -> (u16, String) {
    let handler = service_fn(move |request: Request<String>| async move {
        let verdict = request.extensions().get::<Verdict>().expect("a write");
        Ok::<_, Infallible>(verdict.reject(tagged(now)).to_response().map(http_body_util::Full::new))
    });
    let layer = PreconditionLayer::new(finds(current)).compare_tags(comparison);
    let response =
        at_once(layer.layer(handler).oneshot(request("PUT", &[("if-match", sent)]))).expect("an answer");
    let etag = response.headers()["etag"].to_str().expect("text").to_owned();
    (response.status().as_u16(), etag)
}

#[test]
fn decision_21_a_write_that_lost_the_race_is_judged_by_the_same_mode() {
    assert_eq!(overtaken(nginx(), "W/\"1\"", "\"2\""), (412, "\"2\"".to_owned()));
    assert_eq!(overtaken(apache(), "\"1-gzip\"", "\"2\""), (412, "\"2\"".to_owned()));
    assert_eq!(overtaken(apache(), "\"1-gzip\"", "\"2-gzip\""), (412, "\"2-gzip~identity\"".to_owned()));
}

/// `the source's tag, METHOD [fields] => the ETag that leaves`, behind Apache.
macro_rules! leaves {
    ($($name:ident: $current:expr, $method:literal [$($field:literal: $value:expr),*] => $status:literal, $etag:expr;)*) => {$(
        #[test]
        fn $name() {
            let layer = PreconditionLayer::new(finds(|| $current)).compare_tags(apache());
            let answer = send(layer, request($method, &[$(($field, $value)),*]));
            let etag: Option<&str> = $etag;
            assert_eq!((answer.status(), answer.field("etag")), ($status, etag));
        }
    )*};
}

leaves! {
    decision_21_a_plain_tag_leaves_as_it_is: tagged("\"1\""), "GET" [] => 200, Some("\"1\"");
    decision_21_an_unconditional_200_is_marked: tagged("\"1-gzip\""), "GET" [] => 200, Some("\"1-gzip~identity\"");
    decision_21_a_conditional_200_is_marked: tagged("\"1-gzip\""), "GET" ["if-none-match": "\"0\""]
        => 200, Some("\"1-gzip~identity\"");
    decision_21_a_412_is_marked: tagged("\"1-gzip\""), "PUT" ["if-match": "\"0\""] => 412, Some("\"1-gzip~identity\"");
    decision_21_a_304_has_the_tag_that_was_sent: tagged("\"1\""), "GET" ["if-none-match": "\"1-gzip\""]
        => 304, Some("\"1-gzip\"");
    decision_21_a_304_to_the_plain_tag: tagged("\"1\""), "GET" ["if-none-match": "\"1\""] => 304, Some("\"1\"");
    decision_21_a_304_to_a_marked_tag: tagged("\"1-gzip\""), "GET" ["if-none-match": "\"1-gzip~identity-gzip\""]
        => 304, Some("\"1-gzip~identity-gzip\"");
    decision_21_a_304_to_two_tags_of_the_state: tagged("\"1\""), "GET" ["if-none-match": "\"1\", \"1-gzip\""]
        => 304, None;
    decision_21_a_304_to_two_tags_of_which_one_is_current: tagged("\"1\""), "GET" ["if-none-match": "\"0\", \"1-gzip\""]
        => 304, Some("\"1-gzip\"");
    decision_21_a_304_to_a_star: tagged("\"1\""), "GET" ["if-none-match": "*"] => 304, None;
    decision_21_a_304_to_a_star_if_nothing_is_compressed: tagged("\"1\""), "GET"
        ["if-none-match": "*", "accept-encoding": "identity"] => 304, Some("\"1\"");
    decision_21_a_weak_tag_is_marked: tagged("W/\"1-gzip\""), "GET" [] => 200, Some("W/\"1-gzip~identity\"");
    decision_21_another_tag_s_suffix_is_no_match: tagged("\"1-gzip\""), "GET" ["if-none-match": "\"1-gzip\""]
        => 200, Some("\"1-gzip~identity\"");
}

#[test]
fn decision_21_a_304_to_a_date_has_the_date_and_no_tag() {
    let layer = PreconditionLayer::new(finds(current)).compare_tags(apache());
    let answer = send(layer, request("GET", &[("if-modified-since", LATER)]));
    assert_eq!((answer.status(), answer.field("etag")), (304, None));
    assert_eq!(answer.field("last-modified"), Some(MODIFIED));
}

#[test]
fn decision_21_the_tag_of_a_handler_leaves_marked() {
    for method in ["GET", "PUT", "OPTIONS"] {
        let layer = PreconditionLayer::new(finds(Validators::new)).compare_tags(apache());
        let answer = send_to(response(200, &[("etag", "\"2-gzip\"")], ""), layer, request(method, &[]));
        assert_eq!(answer.field("etag"), Some("\"2-gzip~identity\""), "{method}");
    }
}

#[test]
fn decision_21_no_mode_marks_nothing() {
    for comparison in
        [TagComparison::new(), nginx(), protocol(), TagComparison::new().suffixed_by_proxy([""; 0])]
    {
        let layer = PreconditionLayer::new(finds(|| tagged("\"1-gzip\""))).compare_tags(comparison);
        let answer = send(layer, request("GET", &[]));
        assert_eq!(answer.field("etag"), Some("\"1-gzip\""));
    }
}

#[test]
fn decision_21_a_write_leaves_the_handler_the_tags_that_it_knows() {
    let layer = PreconditionLayer::new(finds(current)).compare_tags(apache());
    let fields = [
        ("if-match", "\"0\", \"1-gzip\", \"2-gzip~identity\""),
        ("if-none-match", "\"3--gzip\", W/\"4\""),
        ("range", "bytes=0-1"),
        ("if-range", "\"1-gzip\""),
    ];
    let answer = send(layer, request("PATCH", &fields));
    assert_eq!(answer.handler_saw("if-match"), Some("\"0\", \"1\", \"2-gzip\""));
    assert_eq!(answer.handler_saw("if-none-match"), Some("\"3\", W/\"4\""));
    // No tag of the handler can match it: the client holds a part of what the proxy compressed.
    assert_eq!(answer.handler_saw("if-range"), Some("W/\"1-gzip\""));
    assert_eq!(answer.handler_saw("range"), Some("bytes=0-1"));
}

#[test]
fn decision_21_a_deferral_leaves_the_handler_the_tags_that_it_knows() {
    let layer = || PreconditionLayer::new(finds(Representation::defer_to_handler)).compare_tags(apache());
    let fields = [("if-match", "\"1-gzip\""), ("if-none-match", "\"3-gzip\"")];
    for method in ["PUT", "GET"] {
        let answer = send(layer(), request(method, &fields));
        assert_eq!(answer.handler_saw("if-match"), Some("\"1\""), "{method}");
        assert_eq!(answer.handler_saw("if-none-match"), Some("\"3\""), "{method}");
    }
    let answer = send(layer(), request("GET", &[("range", "bytes=0-1"), ("if-match", "\"1-gzip\"")]));
    assert_eq!(answer.handler_saw("range"), None, "decision 23");
    let marked = [("range", "bytes=0-1"), ("if-range", "\"1-gzip~identity\"")];
    let answer = send(layer(), request("GET", &marked));
    assert_eq!(answer.handler_saw("if-range"), Some("\"1-gzip\""));
    let answer = send(layer(), request("PUT", &[("if-match", "\"1-gzip\", x")]));
    assert_eq!(answer.status(), 400);
}

#[test]
fn decision_21_a_304_of_the_handler_has_the_tag_that_was_sent() {
    let layer = PreconditionLayer::new(finds(Representation::defer_to_handler)).compare_tags(apache());
    let not_modified = response(304, &[("etag", "\"1\"")], "");
    let answer = send_to(not_modified, layer, request("GET", &[("if-none-match", "\"1-gzip\"")]));
    assert_eq!(answer.field("etag"), Some("\"1-gzip\""));
}

/// `comparison, [fields] => Range stands`, for a GET of what has the tag `"1"`.
macro_rules! ranges {
    ($($name:ident: $comparison:expr, [$($field:literal: $value:expr),*] => $stands:literal;)*) => {$(
        #[test]
        fn $name() {
            let fields = [("range", "bytes=0-1"), $(($field, $value)),*];
            let layer = PreconditionLayer::new(finds(current)).compare_tags($comparison);
            let answer = send(layer, request("GET", &fields));
            assert_eq!(answer.handler_saw("range").is_some(), $stands, "from a source");

            let answered = response(200, &[("etag", "\"1\"")], "text");
            let layer = PreconditionLayer::from_response().compare_tags($comparison);
            let answer = send_to(answered, layer, request("GET", &fields));
            assert_eq!(answer.status(), 200);
            let has_if_range = fields.iter().any(|(name, _)| *name == "if-range");
            assert_eq!(answer.handler_saw("range").is_some(), $stands && !has_if_range, "from the response");
        }
    )*};
}

ranges! {
    decision_23_a_range_under_the_plain_tag_stays: apache(), ["if-match": "\"1\""] => true;
    decision_23_a_range_under_a_suffixed_tag_goes: apache(), ["if-match": "\"1-gzip\""] => false;
    decision_23_a_range_under_a_weakened_tag_goes: nginx(), ["if-match": "W/\"1\""] => false;
    decision_23_a_range_under_a_tag_of_a_protocol_goes: protocol(), ["if-match": "W/\"1\""] => false;
    decision_23_a_range_under_a_star_stays: apache(), ["if-match": "*"] => true;
    rule_40_if_range_with_a_suffix_is_false: apache(), ["if-range": "\"1-gzip\""] => false;
    rule_40_if_range_with_a_weak_tag_is_false: nginx(), ["if-range": "W/\"1\""] => false;
    rule_40_if_range_with_a_weak_tag_of_a_protocol_is_false: protocol(), ["if-range": "W/\"1\""] => false;
    rule_40_if_range_with_the_plain_tag_is_true: apache(), ["if-range": "\"1\""] => true;
}

/// The ways in that evaluate a request themselves.
#[test]
fn decision_21_every_way_in_knows_the_modes() {
    let fields = [("if-match", "\"1-gzip\"")];
    let tagged_200 = || response(200, &[("etag", "\"1\"")], "text");
    let from_response = PreconditionLayer::from_response().compare_tags(apache());
    assert_eq!(send_to(tagged_200(), from_response, request("GET", &fields)).status(), 200);
    let strict = PreconditionLayer::from_response();
    assert_eq!(send_to(tagged_200(), strict, request("GET", &fields)).status(), 412);
    let probing = || PreconditionLayer::probing().probe_writes();
    for (layer, status) in [(probing().compare_tags(apache()), 200), (probing(), 412)] {
        let service = layer.layer(Handler::answering(tagged_200()));
        let answer = at_once(service.oneshot(request("PUT", &fields))).expect("an answer");
        assert_eq!(answer.status(), status);
    }

    let head = request("PUT", &fields).into_parts().0;
    let preconditions = Preconditions::from_head(&head);
    assert!(preconditions.check(EntityTag::from_version(1)).is_err());
    let evaluation =
        preconditions.compare_tags(apache()).check(EntityTag::from_version(1)).expect("it holds");
    assert_eq!(evaluation.deviation(), Some(Deviation::SuffixedByProxy));
}

#[test]
fn decision_21_forwarded_writes_of_from_response_are_rewritten() {
    let layer = PreconditionLayer::from_response()
        .unevaluated_writes(UnevaluatedWrites::Forward)
        .compare_tags(apache());
    let answer = send(layer, request("PUT", &[("if-match", "\"1-gzip\"")]));
    assert_eq!(answer.handler_saw("if-match"), Some("\"1\""));
}

fn nested<L, S>(layers: L, answer: Response<String>, request: Request<String>) -> Answer
where
    L: Layer<Handler, Service = S>,
    S: Service<
            Request<String>,
            Response = Response<tower_precondition::ResponseBody<String>>,
            Error = Infallible,
        >,
{
    send_to(answer, layers, request)
}

#[test]
fn decision_21_the_outermost_layer_takes_suffixes_off() {
    let inner = || PreconditionLayer::new(finds(|| tagged("\"1-gzip\""))).compare_tags(apache());
    let coding = || ContentCodingLayer::new().compare_tags(apache());
    let plain = || response(200, &[], "text");
    let asked = |field: &'static str, tag: &'static str| {
        let method = if field == "if-match" { "PUT" } else { "GET" };
        move || request(method, &[(field, tag)])
    };
    let cases = [
        (asked("if-match", "\"1-gzip~identity\""), 200),
        (asked("if-match", "\"1-gzip~identity-gzip\""), 200),
        (asked("if-match", "\"1-gzip\""), 412),
        (asked("if-none-match", "\"1-gzip~identity-gzip\""), 304),
    ];
    for (request, status) in cases {
        let marked = Some("\"1-gzip~identity\"");
        let alone = nested(ServiceBuilder::new().layer(inner()), plain(), request());
        let twice = nested(ServiceBuilder::new().layer(coding()).layer(inner()), plain(), request());
        assert_eq!((alone.status(), twice.status()), (status, status));
        if status == 412 {
            assert_eq!((alone.field("etag"), twice.field("etag")), (marked, marked));
        }
        if status == 304 {
            assert_eq!(twice.field("etag"), Some("\"1-gzip~identity-gzip\""));
        }
    }
}

#[test]
fn decision_21_two_precondition_layers_take_suffixes_off_once() {
    let inner = PreconditionLayer::new(finds(|| tagged("\"1-gzip\""))).compare_tags(apache());
    let outer = PreconditionLayer::new(finds(Representation::defer_to_handler)).compare_tags(apache());
    let service = outer.layer(inner.layer(Handler::answering(response(200, &[], "text"))));
    let put = request("PUT", &[("if-match", "\"1-gzip~identity-gzip\"")]);
    assert_eq!(at_once(service.clone().oneshot(put)).expect("an answer").status(), 200);
    let put = request("PUT", &[("if-match", "\"1-gzip\"")]);
    let refused = at_once(service.clone().oneshot(put)).expect("an answer");
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["etag"]),
        (412, &"\"1-gzip~identity\"".parse().expect("a value"))
    );
    let read = at_once(service.oneshot(request("GET", &[]))).expect("an answer");
    assert_eq!(read.headers()["etag"], "\"1-gzip~identity\"");
}

#[test]
fn decision_21_a_check_in_the_handler_inside_a_layer_takes_nothing_off_again() {
    let outer = PreconditionLayer::new(finds(Representation::defer_to_handler)).compare_tags(apache());
    let handler = service_fn(|request: Request<String>| async move {
        let head = request.into_parts().0;
        let check = Preconditions::from_head(&head)
            .compare_tags(apache())
            .check(EntityTag::from_static("\"1-gzip\""));
        let status = if check.is_ok() { 200 } else { 412 };
        Ok::<_, Infallible>(response(status, &[], ""))
    });
    for (sent, status) in [("\"1-gzip~identity-gzip\"", 200), ("\"1-gzip\"", 412)] {
        let answer = at_once(outer.clone().layer(handler).oneshot(request("PUT", &[("if-match", sent)])));
        assert_eq!(answer.expect("an answer").status(), status, "{sent}");
    }
}

/// Codings that this service applies, and a suffix of a proxy on top.
#[test]
fn rule_49_codings_and_suffixes_together() {
    let source = finds(|| tagged("\"1\"").with_last_modified(date(MODIFIED)));
    let layers = ServiceBuilder::new()
        .layer(ContentCodingLayer::new().compare_tags(apache()))
        .layer(PreconditionLayer::new(source));
    let send =
        |request| nested(layers.clone(), response(200, &[("content-encoding", "gzip")], "text"), request);
    assert_eq!(send(request("GET", &[])).field("etag"), Some("\"1~gzip\""));
    for (tag, status) in
        [("\"1~gzip\"", 200), ("\"1-gzip\"", 200), ("\"1~gzip-gzip\"", 200), ("\"2-gzip\"", 412)]
    {
        assert_eq!(send(request("PUT", &[("if-match", tag)])).status(), status, "{tag}");
    }
    for tag in ["\"1~gzip\"", "\"1-gzip\"", "\"1\"", "\"1~br-gzip\""] {
        let answer = send(request("GET", &[("if-none-match", tag)]));
        assert_eq!((answer.status(), answer.field("etag")), (304, Some(tag)));
    }
    let ranged = send(request("GET", &[("range", "bytes=0-1"), ("if-match", "\"1-gzip\"")]));
    assert_eq!(ranged.handler_saw("range"), None);
}

#[test]
fn decision_21_a_coding_that_ends_like_a_suffix_leaves_marked() {
    let layers = ServiceBuilder::new()
        .layer(ContentCodingLayer::new().compare_tags(apache()))
        .layer(PreconditionLayer::new(finds(|| tagged("\"1\""))));
    let odd = || response(200, &[("content-encoding", "x-my-gzip")], "text");
    let left = nested(layers.clone(), odd(), request("GET", &[]));
    let tag = left.field("etag").expect("a tag").to_owned();
    assert!(!tag.ends_with("-gzip\""), "{tag}");
    for sent in [tag.clone(), format!("\"{}-gzip\"", tag.trim_matches('"'))] {
        let put = request("PUT", &[("if-match", sent.as_str())]);
        assert_eq!(nested(layers.clone(), odd(), put).status(), 200, "{sent}");
    }
}

#[test]
fn decision_21_a_412_names_the_setting() {
    let strict = || PreconditionLayer::new(finds(current));
    for (sent, setting) in [
        ("W/\"1\"", "TagComparison::weakened_by_proxy"),
        ("W/\"0\"", "TagComparison::weak_by_protocol"),
        ("\"1-gzip\"", "TagComparison::suffixed_by_proxy"),
    ] {
        let answer = send(strict(), request("PUT", &[("if-match", sent)]));
        let detail = answer.problem()["detail"].as_str().expect("text").to_owned();
        assert!(detail.contains(setting), "{detail}");
    }
}

#[test]
fn rule_80_a_source_names_other_tags_of_the_state() {
    let both = || tagged("\"5-turtle\"").with_other_etags([EntityTag::from_static("\"5-jsonld\"")]);
    let layer = || PreconditionLayer::new(finds(both));
    assert_eq!(send(layer(), request("PUT", &[("if-match", "\"5-jsonld\"")])).by(), Handled);
    assert_eq!(send(layer(), request("PUT", &[("if-match", "\"4-jsonld\"")])).by(), Layered(412));
    assert_eq!(send(layer(), request("GET", &[("if-match", "\"5-jsonld\"")])).by(), Layered(412));
    let read = send(layer(), request("GET", &[("if-none-match", "\"5-jsonld\"")]));
    assert_eq!((read.by(), read.field("etag")), (Handled, Some("\"5-turtle\"")));
}

/// The source reads the head as it came, so that it can judge for itself.
#[test]
fn decision_21_the_source_sees_the_tags_that_were_sent() {
    let source = |head: &Parts| {
        assert_eq!(head.headers["if-match"], "\"1-gzip\"");
        std::future::ready(dated(MODIFIED))
    };
    let layer = PreconditionLayer::new(source).compare_tags(apache());
    assert_eq!(send(layer, request("PUT", &[("if-match", "\"1-gzip\"")])).status(), 412);
}
