//! A proxy that loses answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Bytes,
    http::{Method, Request, Response},
};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
    task::{JoinHandle, JoinSet},
};

use crate::{client::Client, servers::Addresses};

/// One of so many successful writes loses its answer.
const ONE_OF: usize = 5;

/// Forwards requests to servers. After a server has made one of five writes, it breaks the connection to the client.
///
/// It ends when it is dropped.
pub(crate) struct CuttingProxy {
    pub(crate) addresses: Addresses,
    made: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl CuttingProxy {
    pub(crate) async fn before(servers: &Addresses) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("it is bound");
        let made = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(accept(listener, servers.clone(), Arc::clone(&made)));
        Self { addresses: Addresses::of_one(address), made, task }
    }

    /// How many answers were lost.
    pub(crate) fn cuts(&self) -> usize {
        self.made.load(Ordering::Relaxed) / ONE_OF
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, servers: Addresses, made: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    for number in 0.. {
        let Ok((stream, _)) = listener.accept().await else { continue };
        connections.spawn(forward_all(stream, Client::new(number, &servers), Arc::clone(&made)));
        while connections.try_join_next().is_some() {}
    }
}

async fn forward_all(stream: TcpStream, server: Client, made: Arc<AtomicUsize>) {
    let server = Mutex::new(server);
    let forward = service_fn(|request| forward(&server, &made, request));
    // An error is a connection that was broken, by us or by the client.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), forward).await;
}

/// Fails if the answer is lost. Then hyper closes the connection and sends nothing.
async fn forward(
    server: &Mutex<Client>,
    made: &AtomicUsize,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, &'static str> {
    let (head, body) = request.into_parts();
    let content = body.collect().await.map_err(|_| "the client has left")?.to_bytes();
    let is_write = head.method == Method::PUT;
    let request = Request::from_parts(head, Full::from(content));
    let answer = server.lock().await.send(request).await.map_err(|_| "the server has left")?;
    if is_write && answer.status.is_success() && made.fetch_add(1, Ordering::Relaxed) % ONE_OF == ONE_OF - 1 {
        return Err("this answer is lost");
    }
    let mut response = Response::new(Full::from(answer.content));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
