//! Run with
//!
//! ```text
//! cargo run --example hyper_server
//! ```
//!
//! The layer on plain Hyper, without a framework. GET reads one note at `/`, and PUT replaces it, over
//! HTTP/1.1 and over HTTP/2 without TLS. One closure is the source, and another renders rejections as
//! HTML pages.
//!
//! Refusals arrive, also while the client still sends. The server waits only so long for the head and the
//! content of a request, so that slow clients cannot hold all of its file descriptors.
//!
//! ```text
//! curl -i 127.0.0.1:3001
//! curl -i 127.0.0.1:3001 -X PUT --data 'a new note'
//! curl -i 127.0.0.1:3001 -X PUT --data 'a new note' -H 'If-Match: "1"'
//! curl -i 127.0.0.1:3001 --http2-prior-knowledge -H 'If-None-Match: "2"'
//! ```

use std::{
    env,
    error::Error,
    future::pending,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Notify,
    time::{sleep, timeout},
};
use tower::{Service, ServiceBuilder};
use tower_precondition::{
    CloseUnreadLayer, EntityTag, PreconditionLayer, Rejection, Representation, Requirement, ResponseBody,
    Validators, Verdict, close_unread::WatchedBody, lingering_close::LingeringClose,
};

/// How long the server waits for the head of a request, and so between two requests of a connection.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long the server waits for the content of a request.
const CONTENT_TIME: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3001".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(listener, Shared::default()).await;
    Ok(())
}

/// The only resource.
struct Note {
    text: Bytes,
    version: u64,
}

/// The store. The source and the handler share it.
#[derive(Clone)]
struct Shared(Arc<Mutex<Note>>);

impl Default for Shared {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Note { text: Bytes::from_static(b"an empty page\n"), version: 1 })))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn representation(&self, head: &Parts) -> Representation {
        match (head.uri.path(), head.method.as_str()) {
            ("/", "GET" | "HEAD" | "PUT") => EntityTag::from_version(self.lock().version).into(),
            // The handler's 404 and 405 come before any precondition (RFC 9110 §13.2.1).
            _ => Representation::defer_to_handler(),
        }
    }
}

fn app<B>(
    note: Shared,
) -> impl Service<
    Request<B>,
    Response = Response<ResponseBody<Full<Bytes>>>,
    Error = B::Error,
    Future: Future + Send,
> + Clone
+ Send
where
    B: Body<Data: Send> + Send + 'static,
    B::Error: Send + 'static,
{
    let source = note.clone();
    let preconditions = PreconditionLayer::new(move |head: &Parts| {
        let found = source.representation(head);
        async move { found }
    })
    // Only existing resources require a condition, so a write to any other path gets 404 and not 428.
    .require(Requirement::on_writes().existing_only())
    .with_rejection_response(|rejection: &Rejection, _: &Parts| page(rejection));
    ServiceBuilder::new()
        .layer(CloseUnreadLayer::new())
        .layer(preconditions)
        .service_fn(move |request: Request<WatchedBody<B>>| handle(note.clone(), request))
}

async fn handle<B: Body>(note: Shared, request: Request<B>) -> Result<Response<Full<Bytes>>, B::Error> {
    let (head, body) = request.into_parts();
    if head.uri.path() != "/" {
        return Ok(status(StatusCode::NOT_FOUND));
    }
    match head.method {
        Method::GET | Method::HEAD => {
            let mut response = Response::new(Full::new(note.lock().text.clone()));
            let text = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, text);
            Ok(response)
        }
        Method::PUT => {
            // The time-out drops the body, so the connection is closed after the 408.
            match timeout(CONTENT_TIME, body.collect()).await {
                Ok(text) => Ok(replace(&note, text?.to_bytes(), head.extensions.get())),
                Err(_) => Ok(status(StatusCode::REQUEST_TIMEOUT)),
            }
        }
        _ => {
            let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, PUT"));
            Ok(response)
        }
    }
}

/// Writes if the note still has the version that the layer evaluated.
///
/// While the upload arrived, another request may have replaced the note.
fn replace(note: &Shared, text: Bytes, verdict: Option<&Verdict>) -> Response<Full<Bytes>> {
    // Every write that the layer lets through has one.
    let Some(verdict) = verdict else { return status(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut note = note.lock();
    if verdict.current_number() != Some(note.version) {
        // The layer's own 412, which it renders by `page`.
        return verdict.reject(EntityTag::from_version(note.version)).to_response().map(Full::new);
    }
    *note = Note { text, version: note.version + 1 };
    // The note is stored exactly as it was sent, so the response may carry its validator (§9.3.4).
    let mut response = status(StatusCode::NO_CONTENT);
    Validators::from(EntityTag::from_version(note.version)).write_to(response.headers_mut());
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// Renders a rejection as an HTML page. The layer adds the header fields.
fn page(rejection: &Rejection) -> Response<String> {
    let status = rejection.kind().status();
    // The reason may repeat what the client sent.
    let reason = escaped(&rejection.to_string());
    let mut response = Response::new(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<title>{status}</title>\n<h1>{status}</h1>\n<p>{reason}</p>\n</html>\n"
    ));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

async fn serve(listener: TcpListener, note: Shared) {
    let lingering = LingeringClose::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve_connection(lingering.around(stream), note.clone()));
            }
            // The client is gone already, or the process is out of file descriptors for a while.
            Err(error) => {
                eprintln!("accepting a connection: {error}");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn serve_connection<S>(stream: S, note: Shared)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let begun = Arc::new(Notify::new());
    let first = Arc::clone(&begun);
    let service = ServiceBuilder::new()
        .map_request(move |request: Request<Incoming>| {
            begun.notify_one();
            request
        })
        .service(app(note));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    // Over HTTP/2 a client that is gone does not answer a ping.
    let mut http2 = builder.http2();
    http2.timer(TokioTimer::new()).keep_alive_interval(HEAD_TIME).keep_alive_timeout(HEAD_TIME);
    // hyper's own time-out begins once it knows the version.
    let silent = async {
        if timeout(HEAD_TIME, first.notified()).await.is_ok() {
            pending().await
        }
    };
    tokio::select! {
        served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)) => {
            if let Err(error) = served {
                eprintln!("serving a connection: {error}");
            }
        }
        () = silent => eprintln!("a connection without a request"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is a test's way to fail")]

    use std::net::SocketAddr;

    use http_body_util::Channel;
    use hyper::client::conn::{http1, http2};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        net::TcpStream,
        time::Instant,
    };

    use super::*;

    async fn start() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Shared::default()));
        address
    }

    fn request(method: Method, path: &str, lines: &[(&str, &str)]) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        request.body(Full::from("new")).unwrap()
    }

    /// Sends one request without a socket.
    async fn ask(note: &Shared, method: Method, path: &str, lines: &[(&str, &str)]) -> Response<Bytes> {
        let response = tower::ServiceExt::oneshot(app(note.clone()), request(method, path, lines)).await;
        let (head, body) = response.unwrap().into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    fn value<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn rule_66_a_write_without_a_condition_gets_a_page() {
        let refused = ask(&Shared::default(), Method::PUT, "/", &[]).await;
        assert_eq!(refused.status(), 428);
        assert_eq!(value(&refused, "content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(value(&refused, "cache-control"), Some("no-store"));
        let page = std::str::from_utf8(refused.body()).unwrap();
        assert!(page.contains("<h1>428 Precondition Required</h1>"), "{page}");
    }

    #[tokio::test]
    async fn rules_7_16_a_stale_write_gets_a_page() {
        let note = Shared::default();
        assert_eq!(ask(&note, Method::PUT, "/", &[("if-match", "\"1\"")]).await.status(), 204);
        let stale = ask(&note, Method::PUT, "/", &[("if-match", "\"1\"")]).await;
        assert_eq!((stale.status().as_u16(), value(&stale, "etag")), (412, Some("\"2\"")));
        assert_eq!(value(&stale, "content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(ask(&note, Method::GET, "/", &[]).await.body(), "new");
    }

    #[tokio::test]
    async fn decision_11_the_page_escapes_text_of_the_client() {
        let odd = ask(&Shared::default(), Method::PUT, "/", &[("if-match", "<script>")]).await;
        assert_eq!(odd.status(), 400);
        let page = std::str::from_utf8(odd.body()).unwrap();
        assert!(page.contains("found `&lt;`"), "{page}");
    }

    #[tokio::test]
    async fn rule_2_other_statuses_win() {
        let note = Shared::default();
        let stale = [("if-match", "\"0\"")];
        assert_eq!(ask(&note, Method::PUT, "/nowhere", &stale).await.status(), 404);
        assert_eq!(ask(&note, Method::PUT, "/nowhere", &[]).await.status(), 404);
        let refused = ask(&note, Method::DELETE, "/", &stale).await;
        assert_eq!((refused.status().as_u16(), value(&refused, "allow")), (405, Some("GET, HEAD, PUT")));
    }

    #[tokio::test]
    async fn decision_17_a_write_compares_and_sets() {
        let note = Shared::default();
        let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) });
        let handler = tower::service_fn(|request: Request<Full<Bytes>>| {
            // Another write comes in between.
            note.lock().version += 1;
            handle(note.clone(), request)
        });
        let service = ServiceBuilder::new().layer(layer).service(handler);
        let put = request(Method::PUT, "/", &[("if-match", "\"1\"")]);
        let late = tower::ServiceExt::oneshot(service, put).await.unwrap();
        assert_eq!(late.status(), 412);
        assert_eq!(late.headers()["etag"], "\"2\"");
        assert_eq!(note.lock().text, "an empty page\n");
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_ends_the_connection() {
        for (row, sent) in [
            ("nothing", ""),
            ("the begin of either version", "P"),
            ("half a head", "PUT / HTTP/1.1\r\nhost:"),
            ("half a preface", "PRI * HTTP/2.0\r\n"),
            ("the next request", "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET"),
        ] {
            let (mut client, server) = duplex(1024);
            let served = tokio::spawn(serve_connection(server, Shared::default()));
            client.write_all(sent.as_bytes()).await.unwrap();
            let begun = Instant::now();
            served.await.unwrap();
            assert!(begun.elapsed() <= HEAD_TIME + Duration::from_secs(1), "{row}: {:?}", begun.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn slow_content_gets_408_and_closes_the_connection() {
        let (mut client, server) = duplex(1024);
        tokio::spawn(serve_connection(LingeringClose::new().around(server), Shared::default()));
        let head = "PUT / HTTP/1.1\r\nhost: a\r\nif-match: \"1\"\r\ncontent-length: 3\r\n\r\n";
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(b"ne").await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 408 ") && answer.contains("\r\nconnection: close\r\n"),
            "{answer}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_upload_of_another_client_does_not_delay_a_write() {
        let note = Shared::default();
        let (_upload, body) = Channel::<Bytes>::new(1);
        let slow = Request::put("/").header("if-match", "\"1\"").body(body).unwrap();
        let slow = tokio::spawn(tower::ServiceExt::oneshot(app(note.clone()), slow));
        // The layer evaluates the slow write before the other one is made.
        tokio::task::yield_now().await;
        assert_eq!(ask(&note, Method::PUT, "/", &[("if-match", "\"1\"")]).await.status(), 204);
        assert_eq!(slow.await.unwrap().unwrap().status(), 408);
    }

    /// The requests to both versions of HTTP, in this order.
    fn questions() -> [(Request<Full<Bytes>>, u16); 4] {
        [
            (request(Method::GET, "/", &[]), 200),
            (request(Method::GET, "/", &[("if-none-match", "\"1\"")]), 304),
            (request(Method::PUT, "/", &[]), 428),
            (request(Method::PUT, "/", &[("if-match", "\"1\"")]), 204),
        ]
    }

    #[tokio::test]
    async fn rules_23_63_a_304_over_http_1_has_no_length() {
        let stream = TcpStream::connect(start().await).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        for (question, status) in questions() {
            sender.ready().await.unwrap();
            let response = sender.send_request(question).await.unwrap();
            assert_eq!(response.status(), status);
            assert!(status != 304 || !response.headers().contains_key("content-length"));
            response.into_body().collect().await.unwrap();
        }
    }

    #[tokio::test]
    async fn rules_23_63_a_304_over_http_2_has_no_length() {
        let stream = TcpStream::connect(start().await).await.unwrap();
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.unwrap();
        tokio::spawn(connection);
        for (question, status) in questions() {
            sender.ready().await.unwrap();
            let response = sender.send_request(question).await.unwrap();
            assert_eq!(response.status(), status);
            assert!(status != 304 || !response.headers().contains_key("content-length"));
            response.into_body().collect().await.unwrap();
        }
    }
}
