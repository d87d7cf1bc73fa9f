//! Refused uploads of clients that read the answer only after they have sent everything.
//!
//! Without the lingering close, the server's reset overtakes the answer to a large upload.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use http::request::Parts;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tower::{Layer, ServiceExt};
use tower_precondition::{
    CloseUnreadLayer, EntityTag, PreconditionLayer,
    lingering_close::{LingeringClose, LingeringListener},
};

use crate::{resources::Stack, support::curl::run_curl};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that reads no upload: `PUT /` is 412 or goes to a handler that ignores it, `POST /` is 405.
struct Server {
    address: SocketAddr,
    puts: Arc<Mutex<usize>>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Server {
    async fn start(stack: Stack, settings: LingeringClose) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let puts = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&puts);
        let put = move |content: String| async move {
            *counted.lock().expect("unpoisoned") += 1;
            content.len().to_string()
        };
        let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) });
        let app = Router::new().route("/", get(async || "text").put(put).route_layer(layer));
        let app = CloseUnreadLayer::new().layer(app);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = match stack {
            Stack::Axum => tokio::spawn(async move {
                let service = tower::make::Shared::new(app);
                let listener = LingeringListener::with(listener, settings);
                let server = axum::serve(listener, service).with_graceful_shutdown(async {
                    let _ = stopped.await;
                });
                server.await.expect("it serves");
            }),
            Stack::Hyper => tokio::spawn(async move {
                let service = TowerToHyperService::new(app.map_request(|request: http::Request<_>| request));
                loop {
                    let (stream, _) = listener.accept().await.expect("it accepts");
                    let connection = TokioIo::new(settings.around(stream));
                    let service = service.clone();
                    tokio::spawn(async move {
                        let builder = auto::Builder::new(TokioExecutor::new());
                        let _ = builder.serve_connection(connection, service).await;
                    });
                }
            }),
        };
        Self { address, puts, stop: Some(stop), served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it accepts")
    }

    fn puts(&self) -> usize {
        *self.puts.lock().expect("unpoisoned")
    }
}

fn put(tag: &str, length: usize) -> Vec<u8> {
    let head = format!(
        "PUT / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\nif-match: {tag}\r\ncontent-length: {length}\r\n\r\n"
    );
    head.into_bytes()
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it ends").expect("it ends in order");
    String::from_utf8(answer).expect("UTF-8")
}

const SIZES: [usize; 5] = [1, 100, 8_000, 100_000, 5_000_000];

#[tokio::test]
async fn decision_19_no_size_loses_its_412() {
    for stack in [Stack::Axum, Stack::Hyper] {
        let server = Server::start(stack, LingeringClose::new()).await;
        for size in SIZES {
            for pause in [false, true] {
                let mut stream = server.connect().await;
                let (head, content) = (put("\"1\"", size), vec![b'a'; size]);
                stream.write_all(&head).await.expect("the server reads");
                if pause {
                    sleep(Duration::from_millis(5)).await;
                }
                stream.write_all(&content).await.expect("the server reads");
                stream.shutdown().await.expect("the connection is whole");
                let answer = rest(&mut stream).await;
                assert!(answer.starts_with("HTTP/1.1 412 "), "{stack:?} {size} {pause}: {answer}");
                assert!(answer.ends_with('}'), "{stack:?} {size} {pause}: {answer}");
            }
        }
        assert_eq!(server.puts(), 0);
    }
}

#[tokio::test]
async fn decision_19_other_refusals_arrive_too() {
    let server = Server::start(Stack::Axum, LingeringClose::new()).await;
    for (row, head, status) in [
        ("the router's 405", "POST / HTTP/1.1", "405"),
        ("the router's 404", "PUT /nowhere HTTP/1.1", "404"),
        ("the handler's 413", "PUT / HTTP/1.1\r\nif-match: \"2\"", "413"),
    ] {
        let mut stream = server.connect().await;
        let head = format!("{head}\r\nhost: a\r\ncontent-length: 5000000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("the server reads");
        stream.write_all(&vec![b'a'; 5_000_000]).await.expect("the server reads");
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{row}: {answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{row}: {answer}");
    }
}

/// If a reset came together with the answer, curl 7.88 would show no status.
#[tokio::test]
async fn decision_19_curl_shows_the_412_of_a_short_upload() {
    let server = Server::start(Stack::Axum, LingeringClose::new()).await;
    let url = format!("http://{}/", server.address);
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        for _ in 0..10 {
            let put =
                ["-X", "PUT", "-d", "hello world", "-H", "If-Match: \"1\"", "-w", "%{stderr}%{http_code}"];
            let arguments = [&put[..], &[version, &url]].concat();
            let Some(output) = run_curl(&arguments, Stdio::null()).await else { return };
            let shown = (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned());
            assert_eq!(shown, (Some(0), "412".to_owned()), "{version}");
        }
    }
}

/// Sends the head of a refused upload, and reads the answer. The server has then ended its half.
async fn refused(server: &Server) -> TcpStream {
    let mut stream = server.connect().await;
    stream.write_all(&put("\"1\"", 1 << 30)).await.expect("the server reads");
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 412 "));
    stream
}

/// Sends a byte now and then, until the server closes the socket.
async fn trickle(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE && stream.write_all(b"a").await.is_ok() {
        sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

#[tokio::test]
async fn the_time_is_bounded() {
    let settings = LingeringClose::new().time_at_most(Duration::from_millis(300));
    let lingered = trickle(&mut refused(&Server::start(Stack::Hyper, settings).await).await).await;
    assert!((250..5_000).contains(&lingered.as_millis()), "{lingered:?}");
}

#[tokio::test]
async fn the_idle_time_is_bounded() {
    let settings = LingeringClose::new().idle_at_most(Duration::from_millis(100));
    let mut stream = refused(&Server::start(Stack::Hyper, settings).await).await;
    // A client who sends in time is not idle.
    for _ in 0..4 {
        sleep(Duration::from_millis(50)).await;
        stream.write_all(b"a").await.expect("the server reads");
    }
    sleep(Duration::from_millis(500)).await;
    assert!(trickle(&mut stream).await < Duration::from_millis(500), "the server has closed the socket");
}

#[tokio::test]
async fn the_bytes_are_bounded() {
    let settings = LingeringClose::new().read_at_most(10);
    let lingered = trickle(&mut refused(&Server::start(Stack::Hyper, settings).await).await).await;
    assert!((100..5_000).contains(&lingered.as_millis()), "{lingered:?}");
}

#[tokio::test]
async fn a_graceful_shutdown_ends_within_the_bound() {
    let settings = LingeringClose::new().idle_at_most(Duration::from_millis(200));
    let mut server = Server::start(Stack::Axum, settings).await;
    // The client keeps its half open, and is silent.
    let _stream = refused(&server).await;
    server.stop.take().expect("it stops once").send(()).expect("it serves");
    timeout(Duration::from_secs(5), server.served).await.expect("it ends in time").expect("no panic");
}

#[tokio::test]
async fn the_oldest_connection_gives_way() {
    let settings = LingeringClose::new().connections_at_most(1);
    let server = Server::start(Stack::Hyper, settings).await;
    let [mut older, mut younger] = [refused(&server).await, refused(&server).await];
    let lingered = trickle(&mut older).await;
    assert!(lingered < Duration::from_secs(1), "{lingered:?}");
    // The first byte into a closed socket is still accepted, and answered by a reset.
    for _ in 0..2 {
        younger.write_all(b"a").await.expect("the server reads");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_connection_that_the_client_closed_does_not_linger() {
    let settings = LingeringClose::new();
    let (server, client) = tokio::io::duplex(64);
    let mut connection = settings.around(server);
    drop(client);
    assert_eq!(connection.read(&mut [0; 8]).await.expect("the end"), 0);
    let closing = timeout(Duration::from_millis(100), connection.shutdown());
    closing.await.expect("it does not wait").expect("it closes");
}

/// The content of a refused request is never taken for the next request.
#[tokio::test]
async fn decision_19_refused_content_is_no_request() {
    let smuggled = String::from_utf8(put("\"2\"", 2)).expect("text") + "xx";
    for stack in [Stack::Axum, Stack::Hyper] {
        for pause in [false, true] {
            let server = Server::start(stack, LingeringClose::new()).await;
            let mut stream = server.connect().await;
            let mut both = put("\"1\"", smuggled.len());
            if pause {
                stream.write_all(&both).await.expect("the server reads");
                sleep(Duration::from_millis(20)).await;
                both.clear();
            }
            both.extend_from_slice(smuggled.as_bytes());
            stream.write_all(&both).await.expect("the server reads");
            stream.shutdown().await.expect("the connection is whole");
            let answers = rest(&mut stream).await;
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{stack:?} {pause}: {answers}");
            assert_eq!(server.puts(), 0, "{stack:?} {pause}");
        }
    }
}
