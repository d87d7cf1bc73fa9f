//! Properties that hold for every service and every request.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::BodyExt;
use precondition_oracle as naive;
use proptest::{collection::vec, prelude::*, sample::select};
use tower::{Layer, Service, ServiceExt};
use tower_precondition::{PreconditionLayer, ResponseBody, UnevaluatedWrites};

use crate::support::at_once;

type Lines = Vec<(&'static str, Vec<u8>)>;

const METHODS: [&str; 9] = ["GET", "GET", "HEAD", "QUERY", "PUT", "DELETE", "POST", "LOCK", "OPTIONS"];
const STATUSES: [u16; 17] =
    [200, 200, 200, 201, 204, 206, 206, 301, 304, 308, 401, 403, 404, 410, 416, 429, 500];

fn value() -> impl Strategy<Value = Vec<u8>> {
    let tags = ["\"a\"", "W/\"a\"", "\"b\"", "\"b\", W/\"a\"", "*", ", \"a\",", "\"a", "a", "", "\"a,\""];
    prop_oneof![
        8 => select(tags.map(|tag| tag.as_bytes().to_vec()).to_vec()),
        4 => date(),
        1 => vec(select(b"\"W/*,a \xfc".to_vec()), 0..6),
    ]
}

const EARLY: i64 = 784_111_776;

fn date() -> impl Strategy<Value = Vec<u8>> {
    let forms = [naive::imf_fixdate as fn(i64) -> String, naive::rfc850, naive::asctime];
    (0..3_i64, select(forms.to_vec())).prop_map(|(seconds, form)| form(EARLY + seconds).into_bytes())
}

/// Reads the seconds back from a date of [`date`].
fn seconds(text: &[u8]) -> Option<i64> {
    let forms = [naive::imf_fixdate as fn(i64) -> String, naive::rfc850, naive::asctime];
    (EARLY..EARLY + 3).find(|seconds| forms.iter().any(|form| form(*seconds).as_bytes() == text))
}

fn conditions() -> impl Strategy<Value = Lines> {
    let names = [
        "if-match",
        "if-none-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
    ];
    vec((select(names.to_vec()), value()), 1..4)
}

fn answered() -> impl Strategy<Value = (u16, Lines, String)> {
    let names = [
        "etag",
        "etag",
        "last-modified",
        "content-type",
        "content-length",
        "vary",
        "set-cookie",
        "cache-control",
        "content-range",
        "date",
        "x-other",
    ];
    (select(STATUSES.to_vec()), vec((select(names.to_vec()), value()), 0..6), "[ab]{0,4}")
}

/// Fields of a request other than conditions and Range.
fn other_fields() -> impl Strategy<Value = Lines> {
    let names = ["accept", "cookie", "content-type", "expect", "x-if-match", "upgrade", "connection", "etag"];
    vec((select(names.to_vec()), value()), 0..4)
}

fn headers(lines: &Lines) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value).expect("the values are valid");
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

fn request(method: &str, lines: &Lines) -> Request<String> {
    let mut request = Request::new(String::from("mine"));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a token");
    *request.headers_mut() = headers(lines);
    request
}

/// Gives every request the same answer, without the content to HEAD, and records the requests.
#[derive(Clone, Debug)]
struct Answering {
    status: u16,
    headers: HeaderMap,
    content: String,
    seen: Arc<Mutex<Vec<Request<String>>>>,
}

impl Answering {
    fn new((status, lines, content): &(u16, Lines, String)) -> Self {
        Self { status: *status, headers: headers(lines), content: content.clone(), seen: Arc::default() }
    }

    fn seen(&self) -> Vec<Request<String>> {
        self.seen.lock().expect("no test panics in here").clone()
    }
}

impl Service<Request<String>> for Answering {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let content = if *request.method() == Method::HEAD { String::new() } else { self.content.clone() };
        self.seen.lock().expect("no test panics in here").push(request);
        let mut response = Response::new(content);
        *response.status_mut() = http::StatusCode::from_u16(self.status).expect("a status");
        *response.headers_mut() = self.headers.clone();
        ready(Ok(response))
    }
}

/// An answer as a client gets it.
type Told = (u16, HeaderMap, String);

fn bare(service: &Answering, request: Request<String>) -> Told {
    let Ok(response) = at_once(service.clone().oneshot(request));
    let (head, content) = response.into_parts();
    (head.status.as_u16(), head.headers, content)
}

fn layered<L, S>(layer: L, service: &Answering, request: Request<String>) -> Told
where
    L: Layer<Answering, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    let Ok(response) = at_once(layer.layer(service.clone()).oneshot(request));
    let (head, body) = response.into_parts();
    let content = at_once(body.collect()).expect("content without errors").to_bytes();
    (head.status.as_u16(), head.headers, String::from_utf8(content.into()).expect("text"))
}

/// The decision of the naive evaluator, which shares no code with the crate.
fn naive_action(method: &str, lines: &Lines, answered: &Lines) -> naive::Action {
    let of = |lines: &Lines, name: &str| -> Vec<Vec<u8>> {
        lines.iter().filter(|(field, _)| *field == name).map(|(_, value)| value.clone()).collect()
    };
    let date = |name: &str| match &of(lines, name)[..] {
        [] => naive::DateField::Absent,
        [line] => seconds(line).map_or(naive::DateField::Invalid, naive::DateField::At),
        _ => naive::DateField::SeveralLines,
    };
    let fields = naive::Fields {
        if_match: &naive::TagField::read(&of(lines, "if-match")),
        if_unmodified_since: &date("if-unmodified-since"),
        if_none_match: &naive::TagField::read(&of(lines, "if-none-match")),
        if_modified_since: &date("if-modified-since"),
        if_range: &naive::RangeField::Absent,
        range: false,
    };
    let only = |name: &str| match &of(answered, name)[..] {
        [line] => Some(line.clone()),
        _ => None,
    };
    let current = naive::Current {
        tag: only("etag").and_then(|line| naive::Tag::parse(&line)),
        modified: only("last-modified").and_then(|line| seconds(&line)).map(|date| (date, false)),
    };
    naive::evaluate(method, fields, Some(&current)).action
}

/// Whether If-Match lists tags, and the answer has no valid tag to compare them with.
fn lacks_tag(lines: &Lines, answered: &Lines) -> bool {
    let of = |lines: &Lines, name: &str| -> Vec<Vec<u8>> {
        lines.iter().filter(|(field, _)| *field == name).map(|(_, value)| value.clone()).collect()
    };
    let lists_tags = match naive::TagField::read(&of(lines, "if-match")) {
        naive::TagField::List(tags) => !tags.is_empty(),
        naive::TagField::Absent | naive::TagField::Any | naive::TagField::Malformed => false,
    };
    let tag = match &of(answered, "etag")[..] {
        [line] => naive::Tag::parse(line),
        _ => None,
    };
    lists_tags && tag.is_none()
}

/// Whether the 200's tag weakly matches If-None-Match, or its date is not later than If-Modified-Since.
fn may_be_not_modified(lines: &Lines, answered: &Lines) -> bool {
    let of = |lines: &Lines, name: &str| -> Vec<Vec<u8>> {
        lines.iter().filter(|(field, _)| *field == name).map(|(_, value)| value.clone()).collect()
    };
    let tags = of(answered, "etag");
    let dates = of(answered, "last-modified");
    match naive::TagField::read(&of(lines, "if-none-match")) {
        naive::TagField::Any => true,
        naive::TagField::Malformed => false,
        naive::TagField::List(listed) => match &tags[..] {
            [tag] => naive::Tag::parse(tag).is_some_and(|tag| listed.iter().any(|one| one.weak_match(&tag))),
            _ => false,
        },
        naive::TagField::Absent => match (&of(lines, "if-modified-since")[..], &dates[..]) {
            ([since], [date]) => seconds(since).zip(seconds(date)).is_some_and(|(since, date)| date <= since),
            _ => false,
        },
    }
}

fn unevaluated() -> impl Strategy<Value = UnevaluatedWrites> {
    select(vec![UnevaluatedWrites::Refuse, UnevaluatedWrites::Forward])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_a_condition_the_same_bytes_reach_the_client(
        method in select(METHODS.to_vec()),
        fields in other_fields(),
        answer in answered(),
        unevaluated in unevaluated(),
    ) {
        let service = Answering::new(&answer);
        let expected = bare(&service, request(method, &fields));
        let from_response = PreconditionLayer::from_response().unevaluated_writes(unevaluated);
        prop_assert_eq!(&layered(from_response, &service, request(method, &fields)), &expected);
        let probing = PreconditionLayer::probing().probe_writes().unevaluated_writes(unevaluated);
        prop_assert_eq!(&layered(probing, &service, request(method, &fields)), &expected);
        let seen = service.seen();
        prop_assert_eq!(seen.len(), 3, "a HEAD was sent");
        for seen in seen {
            prop_assert_eq!(seen.method().as_str(), method);
            prop_assert_eq!(seen.headers(), &headers(&fields));
            prop_assert_eq!(seen.body(), "mine");
        }
    }

    #[test]
    fn an_answer_agrees_with_the_naive_evaluator(
        method in select(vec!["GET", "HEAD", "QUERY"]),
        fields in conditions(),
        answer in answered(),
    ) {
        let service = Answering::new(&answer);
        let expected = bare(&service, request(method, &fields));
        let (status, headers, content) =
            layered(PreconditionLayer::from_response(), &service, request(method, &fields));
        prop_assert_eq!(service.seen().len(), 2);
        let is_whole = [200, 204].contains(&answer.0);
        let is_evaluated = is_whole || [201, 206, 416].contains(&answer.0);
        match naive_action(method, &fields, &answer.1) {
            _ if !is_whole && lacks_tag(&fields, &answer.1) && answer.0 == 206 => prop_assert_eq!(status, 501),
            _ if !is_whole && lacks_tag(&fields, &answer.1) => prop_assert_eq!((status, headers, content), expected),
            naive::Action::Answer304 if is_evaluated => prop_assert_eq!(status, 304),
            naive::Action::Answer412(_) if is_evaluated => prop_assert_eq!(status, 412),
            _ => prop_assert_eq!((status, headers, content), expected),
        }
    }

    #[test]
    fn a_304_is_given_only_for_what_the_client_holds(
        method in select(METHODS.to_vec()),
        fields in conditions(),
        answer in answered().prop_filter("no 304 of the handler", |answer| answer.0 != 304),
        unevaluated in unevaluated(),
    ) {
        let from_response = PreconditionLayer::from_response().unevaluated_writes(unevaluated);
        let probing = PreconditionLayer::probing().probe_writes().unevaluated_writes(unevaluated);
        let told = [
            layered(from_response, &Answering::new(&answer), request(method, &fields)),
            layered(probing, &Answering::new(&answer), request(method, &fields)),
        ];
        for (status, _, content) in told {
            if status == 304 {
                prop_assert!(["GET", "HEAD", "QUERY"].contains(&method));
                prop_assert!(may_be_not_modified(&fields, &answer.1));
                prop_assert_eq!(content, "");
            }
        }
    }

    #[test]
    fn a_write_is_made_once_at_most_and_never_before_its_verdict(
        method in select(vec!["PUT", "DELETE", "POST", "LOCK"]),
        fields in conditions(),
        answer in answered(),
        unevaluated in unevaluated(),
    ) {
        let service = Answering::new(&answer);
        let (status, ..) =
            layered(PreconditionLayer::probing().probe_writes().unevaluated_writes(unevaluated), &service, request(method, &fields));
        let seen = service.seen();
        let methods: Vec<_> = seen.iter().map(|seen| seen.method().as_str()).collect();
        let made = methods.contains(&method);
        prop_assert!(methods.is_empty() || methods == ["HEAD"] || methods == ["HEAD", method] || methods == [method]);
        let is_nothing = [404, 410].contains(&answer.0);
        let evaluated = seen.last().is_some_and(|seen| seen.extensions().get::<tower_precondition::Verdict>().is_some());
        if evaluated && !is_nothing {
            prop_assert!((200..300).contains(&answer.0));
            prop_assert_eq!(naive_action(method, &fields, &answer.1), naive::Action::Perform);
        }
        if made && !evaluated {
            let conditional = methods == ["HEAD", method];
            prop_assert!(!conditional || unevaluated == UnevaluatedWrites::Forward, "the write was made without an evaluation");
        }
        if !made {
            let passed_on = [308, 401, 429].contains(&status) && status == answer.0;
            prop_assert!(passed_on || [400, 404, 412, 501, 503].contains(&status), "{}", status);
        }

        let service = Answering::new(&answer);
        layered(PreconditionLayer::from_response(), &service, request(method, &fields));
        let made = service.seen().len();
        let is_conditional = naive_conditional(&fields);
        prop_assert_eq!(made, usize::from(!is_conditional));
    }
}

/// Whether a write has a precondition that is not ignored, or one that is malformed.
fn naive_conditional(fields: &Lines) -> bool {
    let of = |name: &str| {
        fields.iter().filter(|(field, _)| *field == name).map(|(_, value)| value).collect::<Vec<_>>()
    };
    let date = match &of("if-unmodified-since")[..] {
        [line] => seconds(line).is_some(),
        _ => false,
    };
    !of("if-match").is_empty() || !of("if-none-match").is_empty() || date
}
