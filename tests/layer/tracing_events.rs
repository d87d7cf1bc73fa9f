//! The events of `tracing`: one for each rejection, one for a failed look-up, and a warning if the handler's
//! tag differs from the source's or a wrapped service's validator is malformed.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt,
    sync::{Arc, Mutex, Once},
};

use tower_precondition::{
    Expose, MadeWrite, PreconditionLayer, Representation, Requirement, UnevaluatedWrites,
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    subscriber,
};
use tracing_subscriber::{Layer, Registry, layer::Context, layer::SubscriberExt};

use crate::support::{By, Handler, MODIFIED, current, fails, finds, request, response, send, send_to};

/// The level and the fields of an event.
#[derive(Clone, Debug)]
struct Told {
    level: Level,
    target: &'static str,
    fields: BTreeMap<&'static str, String>,
}

impl Told {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.fields.insert(field.name(), value.to_string());
    }
}

/// Keeps every event.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<Told>>>);

impl<S: Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut told = Told { level: *metadata.level(), target: metadata.target(), fields: BTreeMap::new() };
        event.record(&mut told);
        self.0.lock().expect("no test panics in here").push(told);
    }
}

/// Records the events of this thread while a function runs.
fn told(run: impl FnOnce()) -> Vec<Told> {
    static LISTENING: Once = Once::new();
    // Tests without a subscriber run beside this one. If one of them is the first to come to an event, `tracing`
    // keeps the event off, unless the process has a subscriber of its own.
    LISTENING.call_once(|| subscriber::set_global_default(Registry::default()).expect("it is the first"));
    let ear = Ear::default();
    subscriber::with_default(Registry::default().with(ear.clone()), || {
        tracing::callsite::rebuild_interest_cache();
        run();
    });
    let events = std::mem::take(&mut *ear.0.lock().expect("no test panics in here"));
    for event in &events {
        assert!(event.target.starts_with("tower_precondition"), "{event:?}");
    }
    events
}

fn only(events: Vec<Told>) -> Told {
    let count = events.len();
    match <[Told; 1]>::try_from(events) {
        Ok([event]) => event,
        Err(events) => panic!("{count} events: {events:?}"),
    }
}

#[test]
fn a_412_is_one_event() {
    let event = only(told(|| {
        let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &[("if-match", "\"2\"")]));
        assert_eq!(answer.by(), By::Layer(412));
    }));
    assert_eq!(event.level, Level::INFO);
    assert_eq!(event.field("condition"), Some("If-Match"));
    assert_eq!(event.field("status"), Some("412"));
    assert_eq!(event.field("method"), Some("PUT"));
    assert_eq!(event.field("path"), Some("/documents/7"), "the path, without its query");
}

#[test]
fn decision_20_a_write_that_was_already_made_is_answered_and_not_rejected() {
    let found = || {
        let made = MadeWrite::new(Some(current()), None);
        Representation::absent().with_made_write(made)
    };
    let event = only(told(|| {
        drop(send(PreconditionLayer::new(finds(found)), request("DELETE", &[("if-match", "\"1\"")])));
    }));
    let message = "request answered: an earlier attempt of this request already made the change";
    assert_eq!((event.field("status"), event.field("message")), (Some("204"), Some(message)));
}

#[test]
fn each_rejection_is_one_event_with_its_status() {
    let layer = || PreconditionLayer::new(finds(|| None::<tower_precondition::Validators>));
    let required = || layer().require(Requirement::on_writes());
    for (status, condition, rejected) in [
        (
            "400",
            Some("If-None-Match"),
            told(|| drop(send(layer(), request("PUT", &[("if-none-match", "1")])))),
        ),
        ("404", Some("If-Match"), told(|| drop(send(layer(), request("DELETE", &[("if-match", "*")]))))),
        ("428", None, told(|| drop(send(required(), request("PUT", &[]))))),
    ] {
        let event = only(rejected);
        assert_eq!(event.field("status"), Some(status));
        assert_eq!(event.field("condition"), condition, "{status}");
        assert!(event.field("method").is_some() && event.field("path").is_some());
    }
}

#[test]
fn a_failed_look_up_is_an_event_with_its_error() {
    let events = told(|| {
        assert_eq!(send(PreconditionLayer::new(fails), request("PUT", &[])).by(), By::Layer(503));
    });
    let [lookup, rejection] =
        <[Told; 2]>::try_from(events).expect("one of the look-up, one of the rejection");
    assert_eq!(lookup.level, Level::ERROR);
    assert_eq!(lookup.field("error"), Some("the store at 10.0.0.7 is away"));
    assert_eq!((lookup.field("method"), lookup.field("path")), (Some("PUT"), Some("/documents/7")));
    assert_eq!(rejection.field("status"), Some("503"));
    assert_eq!(rejection.field("error"), None);
}

#[test]
fn decision_5_a_failed_look_up_is_an_event_even_if_the_request_passes() {
    let event = only(told(|| {
        assert_eq!(send(PreconditionLayer::new(fails), request("GET", &[])).by(), By::Handler);
    }));
    assert_eq!(event.level, Level::ERROR);
    assert_eq!(event.field("error"), Some("the store at 10.0.0.7 is away"));
}

#[test]
fn decision_14_a_handlers_tag_that_differs_is_a_warning() {
    let event = only(told(|| {
        let handler = response(200, &[("etag", "\"own\"")], "text");
        send_to(handler, PreconditionLayer::new(finds(current)), request("GET", &[]));
    }));
    assert_eq!(event.level, Level::WARN);
    assert_eq!(event.field("etag"), Some(r#""\"own\"""#));
    assert_eq!(event.field("last_modified"), None);
    assert_eq!(event.field("source_etag"), Some("\"1\""));
    assert_eq!(event.field("source_last_modified"), Some(MODIFIED));
}

#[test]
fn decision_14_a_handlers_tag_that_equals_the_sources_emits_no_event() {
    let events = told(|| {
        let handler = response(200, &[("etag", "\"1\"")], "text");
        send_to(handler, PreconditionLayer::new(finds(current)), request("GET", &[]));
    });
    assert!(events.is_empty(), "{events:?}");
}

/// The events of a conditional request to a service that answers with these fields.
fn told_of<L, S>(fields: &[(&str, &str)], layer: L, method: &str) -> Vec<Told>
where
    L: tower::Layer<Handler, Service = S>,
    S: tower::Service<http::Request<String>, Error = std::convert::Infallible>,
{
    let service = layer.layer(Handler::answering(response(200, fields, "text")));
    let conditional = request(method, &[("if-none-match", "\"0\"")]);
    told(|| drop(crate::support::at_once(tower::ServiceExt::oneshot(service, conditional))))
}

/// The events of a read by each of the two layers without a source.
fn told_of_reads(fields: &[(&str, &str)]) -> [Vec<Told>; 2] {
    [
        told_of(fields, PreconditionLayer::probing(), "GET"),
        told_of(fields, PreconditionLayer::from_response(), "GET"),
    ]
}

#[test]
fn a_malformed_validator_of_the_service_is_a_warning_on_a_read() {
    for (fields, name, error) in [
        (&[("etag", "v1")][..], "ETag", "expected an entity tag in double quotes at offset 0, found `v`"),
        (
            &[("etag", "\"1\""), ("etag", "\"2\"")],
            "ETag",
            "expected one line with one entity tag, found several lines",
        ),
        (
            &[("etag", "\"1\""), ("last-modified", "1994")],
            "Last-Modified",
            "expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`",
        ),
    ] {
        for events in told_of_reads(fields) {
            let event = only(events);
            assert_eq!(event.level, Level::WARN);
            assert_eq!(event.field("field"), Some(name));
            assert_eq!(event.field("error"), Some(error));
            assert!(event.field("message").is_some_and(|told| told.contains("is malformed")), "{event:?}");
        }
    }
}

#[test]
fn two_malformed_validators_are_two_warnings() {
    for events in told_of_reads(&[("etag", "v1"), ("last-modified", "1994")]) {
        let fields: Vec<_> = events.iter().filter_map(|event| event.field("field")).collect();
        assert_eq!(fields, ["ETag", "Last-Modified"]);
    }
}

#[test]
fn a_missing_or_valid_validator_of_the_service_emits_no_event() {
    for fields in [&[][..], &[("etag", "W/\"1\""), ("last-modified", crate::support::MODIFIED)]] {
        for events in told_of_reads(fields) {
            assert!(events.is_empty(), "{events:?}");
        }
    }
}

/// The events of a read to both layers, with the one that tags inside or outside.
fn told_of_content_tag(tags_outside: bool, fields: &[(&str, &str)], condition: (&str, &str)) -> Vec<Told> {
    use tower::{Layer, ServiceExt};

    let handler = Handler::answering(response(200, fields, "text"));
    let asked = request("GET", &[condition]);
    let (evaluates, tags) = (PreconditionLayer::from_response(), tower_precondition::EntityTagLayer::new());
    told(|| match tags_outside {
        true => drop(crate::support::at_once(tags.layer(evaluates.layer(handler)).oneshot(asked))),
        false => drop(crate::support::at_once(evaluates.layer(tags.layer(handler)).oneshot(asked))),
    })
}

#[test]
fn an_entity_tag_layer_outside_from_response_is_a_warning() {
    let named = ("if-none-match", "\"1\"");
    let warning = only(told_of_content_tag(true, &[], named));
    assert_eq!(warning.level, Level::WARN);
    let message = warning.field("message").expect("a message");
    assert!(message.contains("`(PreconditionLayer::from_response(), EntityTagLayer::new())`"), "{message}");

    for (row, tags_outside, fields, condition) in [
        ("it stands inside", false, &[][..], named),
        ("the service has a tag", true, &[("etag", "\"0\"")], named),
        ("the service has a date", true, &[("last-modified", MODIFIED)], named),
        ("no tag is named", true, &[], ("if-modified-since", MODIFIED)),
        ("no condition", true, &[], ("accept", "*/*")),
    ] {
        let events = told_of_content_tag(tags_outside, fields, condition);
        assert!(events.is_empty(), "{row}: {events:?}");
    }
}

#[test]
fn a_route_without_the_layer_whose_handler_takes_a_verdict_is_an_error() {
    use axum::{Router, body::Body, routing::put};
    use tower::ServiceExt;
    use tower_precondition::Verdict;

    let misplaced = || Router::new().route("/documents/7", put(async |_: Verdict| ()));
    let asked = || request("PUT", &[("if-match", "\"1\"")]).map(Body::from);
    let event = only(told(|| {
        let Ok(response) = crate::support::at_once(misplaced().oneshot(asked()));
        assert_eq!(response.status(), 500);
    }));
    assert_eq!(event.level, Level::ERROR);
    let message = event.field("message").expect("a message");
    assert!(message.contains("no `Verdict` in this request"), "{event:?}");

    let events = told(|| {
        let layer = PreconditionLayer::new(finds(current));
        let Ok(response) = crate::support::at_once(misplaced().layer(layer).oneshot(asked()));
        assert_eq!(response.status(), 200);
    });
    assert!(events.is_empty(), "{events:?}");
}

/// A write tells its path: the layer still has the request.
#[test]
fn a_malformed_tag_of_the_service_is_a_warning_on_a_write_too() {
    for (writes, rejections) in [(UnevaluatedWrites::Refuse, 1), (UnevaluatedWrites::Forward, 0)] {
        let layer = PreconditionLayer::probing().probe_writes().unevaluated_writes(writes);
        let events = told_of(&[("etag", "v1")], layer, "PUT");
        let (warnings, rest): (Vec<_>, Vec<_>) =
            events.into_iter().partition(|event| event.level == Level::WARN);
        let warning = only(warnings);
        assert_eq!(warning.field("field"), Some("ETag"));
        assert_eq!((warning.field("method"), warning.field("path")), (Some("PUT"), Some("/documents/7")));
        assert_eq!(rest.len(), rejections, "{rest:?}");
        let quotes =
            |event: &Told| event.field("message").is_some_and(|told| told.contains("in double quotes"));
        assert!(rest.iter().all(quotes), "the 501's own event says it too: {rest:?}");
    }
}

#[test]
fn other_answers_emit_no_event() {
    let events = told(|| {
        send(PreconditionLayer::new(finds(current)), request("GET", &[("if-none-match", "*")]));
        send(PreconditionLayer::new(finds(current)), request("GET", &[]));
        send(PreconditionLayer::new(finds(current)), request("PUT", &[("if-match", "\"1\"")]));
        let refused = || tower_precondition::Representation::refused(response(401, &[], ""));
        send(PreconditionLayer::new(finds(refused)), request("PUT", &[]));
    });
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn decision_10_expose_nothing_hides_the_state_from_the_log_too() {
    let event = only(told(|| {
        let layer = PreconditionLayer::new(finds(current)).expose(Expose::Nothing);
        send(layer, request("PUT", &[("if-match", "\"2\"")]));
    }));
    assert!(event.fields.values().all(|value| !value.contains("\"1\"")), "{event:?}");
}

/// The events of a late write behind this many layers.
fn late_through(layers: usize) -> Vec<Told> {
    use tower::{Layer as _, ServiceExt, service_fn};

    let handler = service_fn(|request: http::Request<String>| {
        let verdict = request.extensions().get::<tower_precondition::Verdict>().expect("it was evaluated");
        let late = verdict.reject(crate::support::tagged("\"2\"")).to_response();
        std::future::ready(Ok::<_, std::convert::Infallible>(late.map(http_body_util::Full::new)))
    });
    told(|| {
        let layer = || PreconditionLayer::new(finds(current));
        let stale = request("PUT", &[("if-match", "\"1\"")]);
        let status = match layers {
            1 => crate::support::at_once(layer().layer(handler).oneshot(stale)).map(|answer| answer.status()),
            _ => crate::support::at_once(layer().layer(layer().layer(handler)).oneshot(stale))
                .map(|answer| answer.status()),
        };
        assert_eq!(status.expect("an answer"), 412);
    })
}

#[test]
fn a_late_rejection_is_one_event_however_many_layers_it_passes() {
    for layers in [1, 2] {
        let event = only(late_through(layers));
        assert_eq!(event.level, Level::INFO);
        assert_eq!(event.field("condition"), Some("If-Match"));
        assert_eq!(event.field("status"), Some("412"));
        assert_eq!((event.field("method"), event.field("path")), (Some("PUT"), Some("/documents/7")));
    }
}

#[test]
fn decision_21_a_weak_tag_under_if_match_is_warned_of_once_for_each_layer() {
    let layer = PreconditionLayer::new(finds(current));
    let put = |tag| request("PUT", &[("if-match", tag)]);
    let events = told(|| {
        send(layer.clone(), put("\"0\""));
        send(layer.clone(), put("W/\"1\""));
        send(layer.clone(), put("W/\"1\""));
        send(PreconditionLayer::new(finds(current)), put("W/\"1\""));
        let mode = PreconditionLayer::new(finds(current))
            .compare_tags(tower_precondition::TagComparison::new().weakened_by_proxy());
        send(mode, put("W/\"0\""));
    });
    let warnings: Vec<_> = events.iter().filter(|event| event.level == Level::WARN).collect();
    assert_eq!(warnings.len(), 2, "{events:?}");
    for warning in warnings {
        let message = warning.field("message").expect("a message");
        assert!(message.contains("compare_tags") && message.contains("weak"), "{message}");
    }
}
