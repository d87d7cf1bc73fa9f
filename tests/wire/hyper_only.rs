//! The layer under plain Hyper, in a stack of other layers.

use std::{
    convert::Infallible,
    error::Error,
    fmt, future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{Buf, Bytes};
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::{
    catch_panic::CatchPanicLayer, cors::CorsLayer, map_request_body::MapRequestBodyLayer,
    set_header::SetResponseHeaderLayer, timeout::TimeoutLayer, trace::TraceLayer,
};
use tower_precondition::{
    Condition, EntityTag, PreconditionLayer, Rejection, RejectionKind, Requirement, ResponseBody,
    ValidatorSource,
};

type BoxError = Box<dyn Error + Send + Sync>;

#[tokio::test]
async fn alone() {
    answers_as_alone(ServiceBuilder::new().layer(layer()).service_fn(handle)).await;
}

#[tokio::test]
async fn inside_all_others() {
    let service = ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(CatchPanicLayer::new())
        .layer(SetResponseHeaderLayer::overriding(header::SERVER, HeaderValue::from_static("test")))
        .layer(CorsLayer::permissive())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
        .layer(MapRequestBodyLayer::new(|body: Incoming| Limited::new(body, 1024)))
        .layer(layer())
        .service_fn(handle);
    answers_as_alone(service).await;
}

#[tokio::test]
async fn outside_all_others() {
    let service = ServiceBuilder::new()
        .layer(layer())
        .layer(TraceLayer::new_for_http())
        .layer(CatchPanicLayer::new())
        .layer(SetResponseHeaderLayer::overriding(header::SERVER, HeaderValue::from_static("test")))
        .layer(CorsLayer::permissive())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
        .layer(MapRequestBodyLayer::new(|body: Incoming| Limited::new(body, 1024)))
        .service_fn(handle);
    answers_as_alone(service).await;
}

/// The paused clock jumps to the time limit as soon as nothing else can run.
#[tokio::test(start_paused = true)]
async fn a_timeout_outside_ends_the_look_up_too() {
    let held = Arc::new(());
    let held_by_look_up = Arc::clone(&held);
    let endless = PreconditionLayer::new(move |_: &Parts| {
        let held = Arc::clone(&held_by_look_up);
        async move {
            future::pending::<()>().await;
            drop(held);
            EntityTag::from_version(2)
        }
    });
    let service = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(5)))
        .layer(endless)
        .service_fn(handle);
    assert_eq!(exchange_one(service.clone(), request(Method::GET, HELD)).await.status(), 504);
    // The test holds one, and the source the other.
    assert_eq!(Arc::strong_count(&held), 2);
}

#[tokio::test]
async fn decision_12_a_trace_layer_outside_sees_the_rejection() {
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&kinds);
    let trace = TraceLayer::new_for_http().on_response(
        move |response: &Response<ResponseBody<Full<Bytes>>>, _: Duration, _: &_| {
            let rejection = response.extensions().get::<Rejection>();
            let kind = rejection.map(|rejection| (rejection.kind(), rejection.condition()));
            seen.lock().expect("no test panics in here").push(kind);
            let _: &tower_precondition::ResponseBody<Full<Bytes>> = response.body();
        },
    );
    let service = ServiceBuilder::new().layer(trace).layer(layer()).service_fn(handle);
    let requests = [(Method::GET, None), (Method::GET, HELD), (Method::PUT, STALE), (Method::PUT, None)];
    exchange(service, requests.map(|(method, field)| request(method, field)).into()).await;
    let failed = Some((RejectionKind::PreconditionFailed, Some(Condition::IfMatch)));
    let required = Some((RejectionKind::PreconditionRequired, None));
    assert_eq!(*kinds.lock().expect("no test panics in here"), [None, None, failed, required]);
}

#[tokio::test]
async fn a_panic_of_the_source_is_caught_outside() {
    let panics = PreconditionLayer::new(|head: &Parts| {
        assert_eq!(head.method, Method::GET, "the source's own defect");
        async { EntityTag::from_version(2) }
    });
    let service = ServiceBuilder::new().layer(CatchPanicLayer::new()).layer(panics).service_fn(handle);
    let requests = vec![request(Method::PUT, CURRENT), request(Method::GET, HELD)];
    let answers = exchange(service, requests).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses, [500, 304]);
}

/// The source describes the representation, and an error response is not a representation.
#[tokio::test]
async fn decision_14_a_panic_of_the_handler_caught_inside_gets_no_validators() {
    let panics = service_fn(|_: Request<Incoming>| async {
        if true {
            panic!("the handler's own defect");
        }
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
    });
    let service = ServiceBuilder::new().layer(layer()).layer(CatchPanicLayer::new()).service(panics);
    let answer = exchange_one(service, request(Method::GET, None)).await;
    assert_eq!(answer.status(), 500);
    assert!(!answer.headers().contains_key(header::ETAG), "{answer:?}");
}

#[tokio::test]
async fn cors_outside_covers_the_answers_of_the_layer() {
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    let layer = PreconditionLayer::new(move |_: &Parts| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { EntityTag::from_version(2) }
    });
    let cors = CorsLayer::permissive().expose_headers([header::ETAG]);
    let service = ServiceBuilder::new().layer(cors).layer(layer.require(Requirement::on_writes()));
    let service = service.service_fn(handle);

    let mut preflight = request(Method::OPTIONS, STALE);
    preflight.headers_mut().insert(header::ORIGIN, HeaderValue::from_static("http://example.com"));
    let method = HeaderValue::from_static("PUT");
    preflight.headers_mut().insert(header::ACCESS_CONTROL_REQUEST_METHOD, method);
    assert_eq!(exchange_one(service.clone(), preflight).await.status(), 200);
    assert_eq!(lookups.load(Ordering::SeqCst), 0);

    for (method, field, status) in
        [(Method::GET, HELD, 304), (Method::PUT, STALE, 412), (Method::PUT, None, 428)]
    {
        let mut request = request(method, field);
        request.headers_mut().insert(header::ORIGIN, HeaderValue::from_static("http://example.com"));
        let answer = exchange_one(service.clone(), request).await;
        assert_eq!(answer.status(), status);
        let fields = answer.headers();
        assert_eq!(fields.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).expect("CORS"), "*");
        assert_eq!(fields.get(header::ACCESS_CONTROL_EXPOSE_HEADERS).expect("CORS"), "etag");
    }
}

/// A field set inside is only on the handler's answers. A field set outside is on every answer.
#[tokio::test]
async fn fields_set_outside_are_on_every_answer() {
    let private = HeaderValue::from_static("private");
    let service = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(header::SERVER, HeaderValue::from_static("test")))
        .layer(layer())
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, private))
        .service_fn(handle);
    let cases = [
        (Method::GET, None, 200, Some("private")),
        // The layer gives these answers, so that the layer inside does not see them.
        (Method::GET, HELD, 304, None),
        (Method::PUT, STALE, 412, Some("no-store")),
    ];
    for (method, field, status, cache_control) in cases {
        let answer = exchange_one(service.clone(), request(method, field)).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().get(header::SERVER).expect("set outside"), "test");
        let said = answer.headers().get(header::CACHE_CONTROL).map(HeaderValue::as_bytes);
        assert_eq!(said, cache_control.map(str::as_bytes));
    }
}

/// The layer calls nothing inside for a request that it answers.
#[tokio::test]
async fn decision_7_a_refused_body_is_not_even_mapped() {
    let mapped = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&mapped);
    let map = MapRequestBodyLayer::new(move |body: Incoming| {
        counted.fetch_add(1, Ordering::SeqCst);
        Limited::new(body, 1024)
    });
    let service = ServiceBuilder::new().layer(layer()).layer(map).service_fn(handle);
    for (field, status, mapped_by_then) in [(STALE, 412, 0), (None, 428, 0), (CURRENT, 200, 1)] {
        assert_eq!(exchange_one(service.clone(), request(Method::PUT, field)).await.status(), status);
        assert_eq!(mapped.load(Ordering::SeqCst), mapped_by_then);
    }
}

/// Compares with a layer of tower that boxes the error.
#[tokio::test]
async fn decision_6_the_error_of_the_service_passes_unchanged() {
    let fails =
        service_fn(|_: Request<String>| async { Err::<Response<Full<Bytes>>, _>("the service's own") });
    let service = ServiceBuilder::new().layer(layer()).service(fails);
    let error: &'static str = service.oneshot(request(Method::PUT, CURRENT)).await.expect_err("it fails");
    assert_eq!(error, "the service's own");

    let service = ServiceBuilder::new().layer(layer()).timeout(Duration::from_secs(30)).service(fails);
    let error: BoxError = service.oneshot(request(Method::PUT, CURRENT)).await.expect_err("it fails");
    assert_eq!(error.to_string(), "the service's own");
}

/// Sends requests one after another over one connection in memory to a service under Hyper.
async fn exchange<S, B>(service: S, requests: Vec<Request<String>>) -> Vec<Response<Bytes>>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone,
    S: Send + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let (client, server) = tokio::io::duplex(64 * 1024);
    let service = TowerToHyperService::new(service);
    tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(server), service));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(client)).await.expect("a connection");
    tokio::spawn(connection);

    let mut responses = Vec::new();
    for request in requests {
        let answer = tokio::time::timeout(Duration::from_secs(30), async {
            sender.ready().await.expect("the connection stays usable");
            let (head, body) = sender.send_request(request).await.expect("an answer").into_parts();
            Response::from_parts(head, body.collect().await.expect("all of it").to_bytes())
        });
        responses.push(answer.await.expect("an answer in time"));
    }
    responses
}

async fn exchange_one<S, B>(service: S, request: Request<String>) -> Response<Bytes>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone,
    S: Send + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    exchange(service, vec![request]).await.pop().expect("one answer")
}

/// Version 2 exists, and writes must name it.
fn layer() -> PreconditionLayer<impl ValidatorSource<Error = Infallible, Future: Send> + Send + Sync + 'static>
{
    PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) }).require(Requirement::on_writes())
}

async fn handle<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: Body<Error: fmt::Debug>,
{
    let text = match request.method() {
        &Method::GET => "the second version".to_owned(),
        _ => format!("read {} bytes", read(request.into_body()).await),
    };
    Ok(Response::new(Full::new(text.into())))
}

async fn read<B: Body<Error: fmt::Debug>>(body: B) -> usize {
    body.collect().await.expect("the client sends all of it").aggregate().remaining()
}

fn request(method: Method, field: Option<(&str, &str)>) -> Request<String> {
    let content = if method == Method::PUT { "a small change" } else { "" };
    let builder = Request::builder().method(method).uri("/").header(header::HOST, "localhost");
    let builder = field.into_iter().fold(builder, |builder, (name, value)| builder.header(name, value));
    builder.body(content.to_owned()).expect("a request")
}

const CURRENT: Option<(&str, &str)> = Some(("if-match", "\"2\""));
const STALE: Option<(&str, &str)> = Some(("if-match", "\"1\""));
const HELD: Option<(&str, &str)> = Some(("if-none-match", "\"2\""));

/// Asserts every kind of answer, over one connection.
async fn answers_as_alone<S, B>(service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone,
    S: Send + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let requests = vec![
        request(Method::GET, None),
        request(Method::GET, HELD),
        request(Method::GET, STALE),
        request(Method::PUT, None),
        request(Method::PUT, STALE),
        request(Method::PUT, CURRENT),
        request(Method::PUT, Some(("if-match", "2"))),
    ];
    let answers = exchange(service, requests).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses, [200, 304, 412, 428, 412, 200, 400]);
    let [read, held, _, _, _, written, _] = answers.as_slice() else { panic!("seven answers") };
    assert_eq!(read.headers().get(header::ETAG).expect("the source's tag"), "\"2\"");
    assert_eq!(read.headers().get(header::CONTENT_LENGTH).expect("a length"), "18");
    assert_eq!(read.body(), "the second version");
    assert_eq!(held.body(), "");
    assert!(!held.headers().contains_key(header::CONTENT_LENGTH), "{held:?}");
    assert_eq!(written.body(), "read 14 bytes");
}
