//! If a client goes away during a write, the lock is released, but not while work continues.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex as Shared, mpsc},
    time::Duration,
};

use axum::{Router, extract::Request, routing::put};
use bytes::Bytes;
use http::request::Parts;
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Mutex, mpsc as told, oneshot},
};
use tower_precondition::{EntityTag, Guard, PreconditionLayer, Representation, SerializedWrites};

use crate::support::client::serve;

/// Limits the time, so that no test hangs.
async fn in_time<T>(it: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), it).await.expect("it ends in time")
}

/// The protocol of the client; it decides how the server notices that the client is gone.
#[derive(Clone, Copy, Debug)]
enum Protocol {
    Http1,
    Http2,
}

/// How the client goes away.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Going {
    /// It closes the whole connection.
    Connection,
    /// It sends `RST_STREAM`; the connection stays.
    Stream,
}

/// A client that has sent the head of an upload and some of its content.
enum Upload {
    Http1(TcpStream),
    Http2 {
        content: h2::SendStream<Bytes>,
        response: h2::client::ResponseFuture,
        requests: h2::client::SendRequest<Bytes>,
        connection: tokio::task::JoinHandle<()>,
    },
}

impl Upload {
    async fn begin(address: SocketAddr, protocol: Protocol) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        match protocol {
            Protocol::Http1 => {
                let head =
                    "PUT /documents/7 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nbegin";
                stream.write_all(head.as_bytes()).await.expect("the server reads");
                Self::Http1(stream)
            }
            Protocol::Http2 => {
                let (requests, connection) = h2::client::handshake(stream).await.expect("a preface");
                let connection = tokio::spawn(async move {
                    // The test cuts the connection off, which may be an error.
                    let _ = connection.await;
                });
                let mut requests = requests.ready().await.expect("the connection is open");
                let request = http::Request::put("http://localhost/documents/7").body(()).expect("a request");
                let (response, mut content) = requests.send_request(request, false).expect("a stream");
                content.send_data(Bytes::from_static(b"begin"), false).expect("the stream is open");
                Self::Http2 { content, response, requests, connection }
            }
        }
    }

    /// The value that has to live until the test is over.
    async fn go(self, going: Going) -> Option<h2::client::SendRequest<Bytes>> {
        match self {
            Self::Http1(stream) => {
                drop(stream);
                None
            }
            Self::Http2 { mut content, response, requests, connection } => match going {
                Going::Connection => {
                    connection.abort();
                    let _ = connection.await;
                    None
                }
                Going::Stream => {
                    content.send_reset(h2::Reason::CANCEL);
                    drop(response);
                    Some(requests)
                }
            },
        }
    }
}

const WAYS: [(Protocol, Going); 3] = [
    (Protocol::Http1, Going::Connection),
    (Protocol::Http2, Going::Connection),
    (Protocol::Http2, Going::Stream),
];

/// A row, and a source that locks it before it reads it.
type Row = Arc<Mutex<u64>>;

fn locking(
    row: &Row,
) -> impl Fn(&Parts) -> std::pin::Pin<Box<dyn Future<Output = Representation> + Send>> + Clone + use<> {
    let row = Arc::clone(row);
    move |_| {
        let row = Arc::clone(&row);
        Box::pin(async move {
            let row = row.lock_owned().await;
            Representation::from(EntityTag::from_version(*row)).with_guard(row)
        })
    }
}

/// The handler reads the upload, which never ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_is_free_after_a_client_goes_during_its_upload() {
    for (protocol, going) in WAYS {
        let row = Row::default();
        let (begun, mut begins) = told::unbounded_channel();
        let write = move |request: Request| {
            let begun = begun.clone();
            async move {
                let mut content = request.into_body();
                content.frame().await.expect("it begins").expect("content");
                begun.send(()).expect("the test runs");
                // Ends with an error once the client has gone, unless it is dropped before.
                while let Some(Ok(_)) = content.frame().await {}
            }
        };
        let layer = PreconditionLayer::new(locking(&row));
        let address = serve(Router::new().route("/documents/{id}", put(write).route_layer(layer))).await;
        let upload = Upload::begin(address, protocol).await;
        in_time(begins.recv()).await.expect("the handler reads");
        assert!(row.try_lock().is_err(), "{protocol:?}");
        let _connection = upload.go(going).await;
        drop(in_time(row.lock()).await);
    }
}

/// The handler waits for something else, such as a store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_is_free_after_a_client_goes_while_the_handler_waits() {
    for (protocol, going) in WAYS {
        // Over HTTP/1.1, Hyper does not notice a client that is gone while content is unread.
        if let Protocol::Http1 = protocol {
            continue;
        }
        let row = Row::default();
        let (begun, mut begins) = told::unbounded_channel();
        let write = move |_: Request| {
            let begun = begun.clone();
            async move {
                begun.send(()).expect("the test runs");
                pending::<()>().await;
            }
        };
        let layer = PreconditionLayer::new(locking(&row));
        let address = serve(Router::new().route("/documents/{id}", put(write).route_layer(layer))).await;
        let upload = Upload::begin(address, protocol).await;
        in_time(begins.recv()).await.expect("the handler runs");
        assert!(row.try_lock().is_err(), "{protocol:?}");
        let _connection = upload.go(going).await;
        drop(in_time(row.lock()).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http1_a_client_that_goes_with_all_sent_leaves_the_lock_free() {
    let row = Row::default();
    let (begun, mut begins) = told::unbounded_channel();
    let write = move |content: String| {
        let begun = begun.clone();
        async move {
            begun.send(content).expect("the test runs");
            pending::<()>().await;
        }
    };
    let layer = PreconditionLayer::new(locking(&row));
    let address = serve(Router::new().route("/documents/{id}", put(write).route_layer(layer))).await;
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let all = "PUT /documents/7 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nall";
    stream.write_all(all.as_bytes()).await.expect("the server reads");
    assert_eq!(in_time(begins.recv()).await.as_deref(), Some("all"));
    assert!(row.try_lock().is_err());
    drop(stream);
    drop(in_time(row.lock()).await);
}

/// A blocking write cannot be stopped: the row stays locked while it runs, and is free afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_write_keeps_the_lock_after_its_client_has_gone() {
    for (protocol, going) in WAYS {
        let row = Row::default();
        let (begun, mut begins) = told::unbounded_channel();
        let (gone, is_gone) = oneshot::channel::<()>();
        let gone = Arc::new(Shared::new(Some(gone)));
        let (go_on, told_to) = mpsc::channel::<()>();
        let told_to = Arc::new(Shared::new(told_to));
        let write = move |share: Guard, request: Request| {
            let (begun, told_to) = (begun.clone(), Arc::clone(&told_to));
            let gone = gone.lock().expect("unpoisoned").take();
            async move {
                let _gone = gone;
                // The handler does not wait for its end.
                drop(tokio::task::spawn_blocking(move || {
                    begun.send(()).expect("the test runs");
                    told_to.lock().expect("unpoisoned").recv().expect("the test goes on");
                    drop(share);
                }));
                let mut content = request.into_body();
                while let Some(Ok(_)) = content.frame().await {}
            }
        };
        let layer = PreconditionLayer::new(locking(&row));
        let address = serve(Router::new().route("/documents/{id}", put(write).route_layer(layer))).await;
        let upload = Upload::begin(address, protocol).await;
        in_time(begins.recv()).await.expect("the write begins");
        let _connection = upload.go(going).await;
        in_time(is_gone).await.expect_err("the handler's future is gone");
        // Only the write holds the lock now. Checks several times.
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            assert!(row.try_lock().is_err(), "the write still runs, {protocol:?} {going:?}");
        }
        go_on.send(()).expect("the write waits");
        drop(in_time(row.lock()).await);
    }
}

/// A client that goes away while its write waits for its turn, or has it, delays no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_write_gets_the_turn_of_a_client_that_has_gone() {
    for (protocol, going) in WAYS {
        let (begun, mut begins) = told::unbounded_channel();
        let write = move |request: Request| {
            let begun = begun.clone();
            async move {
                let whole = request.headers().contains_key("x-whole");
                begun.send(whole).expect("the test runs");
                let mut content = request.into_body();
                while let Some(Ok(_)) = content.frame().await {}
            }
        };
        let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
        let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) });
        let layer = layer.serialize_writes(writes.wait_at_most(Duration::from_secs(20)));
        let address = serve(Router::new().route("/documents/{id}", put(write).route_layer(layer))).await;

        let first = Upload::begin(address, protocol).await;
        assert_eq!(in_time(begins.recv()).await, Some(false));
        let second = Upload::begin(address, protocol).await;
        let mut whole = TcpStream::connect(address).await.expect("the server listens");
        let head = "PUT /documents/7 HTTP/1.1\r\nhost: localhost\r\nx-whole: yes\r\nconnection: close\r\n";
        whole
            .write_all(format!("{head}content-length: 0\r\n\r\n").as_bytes())
            .await
            .expect("the server reads");

        let kept = (second.go(going).await, first.go(going).await);
        let mut answer = String::new();
        in_time(whole.read_to_string(&mut answer)).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        drop(kept);
    }
}
