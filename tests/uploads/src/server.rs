//! The server of the table: the layer around a handler that counts its writes, served by `axum::serve`.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Html,
    routing::get,
    serve::Listener,
};
use http::{StatusCode, request::Parts};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
    server::TlsStream,
};
use tower_precondition::{
    CloseUnreadLayer, EntityTag, PreconditionLayer, Representation,
    lingering_close::{LingeringListener, LingeringStream},
};

/// Serves until the process ends, and prints the address first.
pub(crate) async fn serve(tls: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("listening on {}", listener.local_addr().expect("it is bound"));
    let listener = LingeringListener::new(listener);
    let served = match tls {
        true => axum::serve(Tls { listener, acceptor: acceptor() }, app()).await,
        false => axum::serve(listener, app()).await,
    };
    served.expect("it serves");
}

/// `plan` exists. Other documents exist once they were written.
#[derive(Clone, Default)]
struct Documents {
    written: Arc<Mutex<HashSet<String>>>,
    writes: Arc<AtomicUsize>,
    /// The look-ups and guards that exist.
    held: Arc<AtomicUsize>,
}

/// Counts itself while it exists.
struct Held(Arc<AtomicUsize>);

impl Held {
    fn new(held: &Arc<AtomicUsize>) -> Self {
        held.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(held))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn app() -> Router {
    let documents = Documents::default();
    let source = {
        let Documents { written, held, .. } = documents.clone();
        move |head: &Parts| {
            let id = head.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
            let (written, in_look_up, guard) = (Arc::clone(&written), Held::new(&held), Held::new(&held));
            async move {
                let _in_look_up = in_look_up;
                let exists =
                    id == "plan" || written.lock().unwrap_or_else(PoisonError::into_inner).contains(&id);
                let found = exists.then(|| EntityTag::from_version(1));
                Representation::from(found).with_guard(guard)
            }
        }
    };
    let document = axum::routing::put(write).route_layer(PreconditionLayer::new(source));
    Router::new()
        .route("/", get(async || Html("<!DOCTYPE html><title>uploads</title>")))
        .route("/documents/{id}", document)
        .route(
            "/writes",
            get(async |State(it): State<Documents>| it.writes.load(Ordering::SeqCst).to_string()),
        )
        .route("/held", get(async |State(it): State<Documents>| it.held.load(Ordering::SeqCst).to_string()))
        .layer(DefaultBodyLimit::disable())
        .with_state(documents)
        .layer(CloseUnreadLayer::new())
}

async fn write(State(documents): State<Documents>, Path(id): Path<String>, _content: String) -> StatusCode {
    documents.writes.fetch_add(1, Ordering::SeqCst);
    documents.written.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    StatusCode::CREATED
}

/// The lingering close stands around the TCP stream, inside TLS.
struct Tls {
    listener: LingeringListener<TcpListener>,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<LingeringStream<TcpStream>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await;
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn acceptor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder().with_no_client_auth();
    let mut config = config.with_single_cert(vec![made.cert.der().clone()], key.into()).expect("a key");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
