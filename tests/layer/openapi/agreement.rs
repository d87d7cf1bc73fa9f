//! The description says what the layer does. Each test sends a layer every combination of conditions in every state,
//! and compares what came with what the description says: statuses, fields, media types, problems and parameters.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt};
use tower_precondition::{
    Emit, Expose, PreconditionLayer, Rejection, RequiredCondition, Requirement, ResponseBody,
    UnevaluatedWrites, openapi::Description,
};

use super::{
    document::{Described, operation},
    site::{STATES, Site, finds, locks, may_fail},
};
use crate::support::{EARLIER, LATER, at_once, request};

const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];

/// The conditional fields, each with its forms: true, false, malformed. The first form is none.
const FIELDS: [(&str, &[&str]); 5] = [
    ("If-Match", &["", "\"1\"", "\"0\"", "*", "1"]),
    ("If-Unmodified-Since", &["", EARLIER, LATER]),
    ("If-None-Match", &["", "\"1\"", "*", "1"]),
    ("If-Modified-Since", &["", EARLIER, LATER]),
    ("If", &["", "([\"1\"])", "([\"0\"])", "([1])"]),
];

/// The form of each field, and the state.
type Choice = [usize; FIELDS.len() + 1];

fn choices(judges_if: bool) -> Vec<Choice> {
    let mut choices = vec![[0; FIELDS.len() + 1]];
    let mut lengths = FIELDS.map(|(_, forms)| forms.len()).to_vec();
    lengths.push(STATES.len());
    if !judges_if {
        lengths[4] = 1;
    }
    for (place, length) in lengths.into_iter().enumerate() {
        let with = |choice: &Choice, form| {
            let mut choice = *choice;
            choice[place] = form;
            choice
        };
        choices = choices.iter().flat_map(|choice| (0..length).map(move |form| with(choice, form))).collect();
    }
    choices
}

/// What the layer was seen to do with one method.
#[derive(Default)]
struct Seen {
    /// The status of each request; `None` if the handler answered.
    answers: HashMap<Choice, Option<u16>>,
    fields: BTreeMap<u16, BTreeSet<String>>,
    media_types: BTreeMap<u16, BTreeSet<String>>,
}

impl Seen {
    /// The fields that change the answer; `!` marks one that every request needs.
    fn parameters(&self) -> Vec<String> {
        let mut parameters = Vec::new();
        for (place, (name, _)) in FIELDS.into_iter().enumerate() {
            let (with, without): (Vec<_>, Vec<_>) =
                self.answers.iter().partition(|(choice, _)| choice[place] > 0);
            let changes = with.iter().any(|(choice, answer)| {
                let mut without = **choice;
                without[place] = 0;
                self.answers[&without] != **answer
            });
            let refused = |(_, answer): &(&Choice, &Option<u16>)| matches!(answer, Some(428 | 400));
            let required = without.iter().all(refused) && !with.iter().all(refused);
            if changes {
                parameters.push(if required { format!("!{name}") } else { name.to_owned() });
            }
        }
        parameters
    }
}

fn see<L, S>(layer: &L, method: &str, states: &[&str], judges_if: bool, described: &Described) -> Seen
where
    L: Layer<Site, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    let mut seen = Seen::default();
    for choice in choices(judges_if) {
        let Some(state) = states.get(choice[FIELDS.len()]) else { continue };
        let mut sent = vec![("host", "example.com"), ("x-state", *state)];
        for ((name, forms), form) in FIELDS.into_iter().zip(choice) {
            if form > 0 {
                sent.push((name, forms[form]));
            }
        }
        if choice.iter().sum::<usize>() % 2 == 0 {
            sent.push(("accept", "text/plain"));
        }
        let Ok(response) = at_once(layer.layer(Site).oneshot(request(method, &sent)));
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        let by_layer = status == 304 || head.extensions.get::<Rejection>().is_some();
        seen.answers.insert(choice, by_layer.then_some(status));
        if !by_layer {
            continue;
        }
        let own = ["content-type", "content-length", "connection"];
        let names = head.headers.keys().map(|name| name.to_string());
        let names = names.filter(|name| !own.contains(&name.as_str()));
        seen.fields.entry(status).or_default().extend(names);
        let media_types = seen.media_types.entry(status).or_default();
        if let Some(media_type) = head.headers.get("content-type").filter(|_| method != "HEAD") {
            let media_type = media_type.to_str().expect("text").split(';').next().expect("a type");
            media_types.insert(media_type.to_owned());
            let body = at_once(body.collect()).expect("a body").to_bytes();
            if media_type == "application/problem+json" {
                let problem = serde_json::from_slice(&body).expect("problem details in JSON");
                described.check_problem(status, &problem);
            }
        }
    }
    seen
}

/// What the operations of a layer have without it.
#[derive(Clone, Copy)]
struct Given {
    methods: &'static [&'static str],
    reads: &'static [&'static str],
    states: &'static [&'static str],
    judges_if: bool,
    /// The response's own fields pass beside those of the layer.
    fields_pass: bool,
}

const WHOLE: Given = Given {
    methods: &METHODS,
    reads: &["200"],
    states: &["current", "dated", "absent", "broken"],
    judges_if: false,
    fields_pass: false,
};

fn agree<L, S>(layer: &L, description: &Description, given: Given)
where
    L: Layer<Site, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    for method in given.methods.iter().copied() {
        let statuses = if matches!(method, "GET" | "HEAD") { given.reads } else { &["204"] };
        let described = Described::by(description, method, operation(statuses));
        let seen = see(layer, method, given.states, given.judges_if, &described);

        let ours: Vec<u16> = statuses.iter().map(|status| status.parse().expect("a status")).collect();
        let of_layer = |status: &u16| !ours.contains(status);
        let said: Vec<u16> = described.statuses().into_iter().filter(of_layer).collect();
        assert_eq!(said, seen.fields.keys().copied().collect::<Vec<_>>(), "statuses of {method}");
        for status in said {
            let mut fields = seen.fields[&status].clone();
            if given.fields_pass && status != 304 {
                fields.retain(|name| described.fields(status).contains(name));
            }
            assert_eq!(described.fields(status), fields, "fields of {status} to {method}");
            assert_eq!(
                described.media_types(status),
                seen.media_types[&status],
                "types of {status} to {method}"
            );
        }
        for (status, example) in described.examples() {
            described.check_problem(status, example);
        }
        // Range and If-Range are about a part, which the handler makes.
        let is_whole = |name: &String| !["Range", "If-Range"].contains(&name.as_str());
        let said: Vec<String> = described.parameters().into_iter().filter(is_whole).collect();
        assert_eq!(said, seen.parameters(), "parameters of {method}");
    }
}

macro_rules! agrees {
    ($($name:ident: $layer:expr, $given:expr;)*) => {$(
        #[test]
        fn $name() {
            let layer = $layer;
            agree(&layer, &layer.describe(), $given);
        }
    )*};
}

fn all() -> Requirement {
    Requirement::on_writes().for_methods(METHODS.map(|name| name.parse().expect("a method")))
}

const PARTS: Given = Given { reads: &["200", "206"], states: &STATES, fields_pass: true, ..WHOLE };
// The other methods are like these, and `If` makes four times as many requests.
const LOCKS: Given = Given { judges_if: true, methods: &["GET", "PUT", "DELETE"], ..WHOLE };

agrees! {
    a_look_up: PreconditionLayer::new(may_fail), WHOLE;
    a_look_up_that_cannot_fail: PreconditionLayer::new(finds), WHOLE;
    a_look_up_that_exposes_nothing: PreconditionLayer::new(may_fail).expose(Expose::Nothing), WHOLE;
    a_look_up_that_emits_nothing: PreconditionLayer::new(may_fail).emit(Emit::Nothing), WHOLE;
    on_writes: PreconditionLayer::new(may_fail).require(Requirement::on_writes()), WHOLE;
    on_existing_only: PreconditionLayer::new(may_fail).require(Requirement::on_writes().existing_only()), WHOLE;
    on_every_method: PreconditionLayer::new(may_fail).require(all()), WHOLE;
    if_match_alone:
        PreconditionLayer::new(may_fail).require(all().except(RequiredCondition::IfNoneMatchAny)), WHOLE;
    if_match_alone_on_existing_only:
        PreconditionLayer::new(finds)
            .require(all().except(RequiredCondition::IfNoneMatchAny).existing_only()), WHOLE;
    if_match_or_a_date:
        PreconditionLayer::new(may_fail).require(
            all().except(RequiredCondition::IfNoneMatchAny).also(RequiredCondition::IfUnmodifiedSince)), WHOLE;
    a_date_alone:
        PreconditionLayer::new(may_fail)
            .require(Requirement::none().for_methods([http::Method::PUT]).also(RequiredCondition::IfUnmodifiedSince)),
        WHOLE;
    no_form_at_all:
        PreconditionLayer::new(may_fail).require(Requirement::none().for_methods([http::Method::PUT])), WHOLE;

    from_response: PreconditionLayer::from_response(), PARTS;
    from_response_of_wholes: PreconditionLayer::from_response(), Given { fields_pass: true, ..WHOLE };
    from_response_with_a_requirement: PreconditionLayer::from_response().require(all()), PARTS;
    from_response_on_existing_only:
        PreconditionLayer::from_response().require(Requirement::on_writes().existing_only()), PARTS;
    from_response_that_forwards_writes:
        PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward), PARTS;

    probing: PreconditionLayer::probing(), WHOLE;
    probing_with_a_requirement: PreconditionLayer::probing().require(all()), WHOLE;
    probing_on_existing_only:
        PreconditionLayer::probing().require(Requirement::on_writes().existing_only()), WHOLE;
    probing_before_writes: PreconditionLayer::probing().probe_writes(), WHOLE;
    probing_before_writes_or_forwarding:
        PreconditionLayer::probing().probe_writes().unevaluated_writes(UnevaluatedWrites::Forward), WHOLE;

    webdav: PreconditionLayer::new(finds).webdav(locks), LOCKS;
    webdav_with_a_requirement:
        PreconditionLayer::new(finds).require(all().except(RequiredCondition::IfNoneMatchAny)).webdav(locks), LOCKS;
    webdav_from_response: PreconditionLayer::from_response().webdav(locks), Given { fields_pass: true, ..LOCKS };
}
