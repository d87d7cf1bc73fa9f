//! The way from the client to the service: within the process, or over a socket.

use std::{
    convert::Infallible,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tower::{ServiceExt, service_fn};
use tower_precondition::BoxError;

use super::{
    asked::{Asked, Told},
    ways::Boxed,
};
use crate::{Protocol, client::Client};

/// A client, and the service that now answers it.
pub(super) struct Connection {
    served: Arc<Mutex<Option<Boxed>>>,
    client: Option<Client>,
}

impl Connection {
    /// Within the process if there is no protocol.
    pub(super) async fn open(protocol: Option<Protocol>) -> Self {
        let served = Arc::default();
        let Some(protocol) = protocol else { return Self { served, client: None } };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        tokio::spawn(accept(listener, Arc::clone(&served)));
        let client = Client::connect(address, protocol).await;
        Self { served, client: Some(client) }
    }

    pub(super) fn serve(&self, service: Boxed) {
        *self.served.lock().expect("no test panics in here") = Some(service);
    }

    pub(super) async fn ask(&mut self, asked: &Asked) -> Told {
        let Some(client) = &mut self.client else {
            let service = now_served(&self.served);
            let Ok(response) = service.oneshot(asked.to_request()).await;
            let (head, body) = response.into_parts();
            let says_empty = body.size_hint().exact() == Some(0);
            let content = body.collect().await.expect("the content has no errors").to_bytes();
            return Told { status: head.status.as_u16(), headers: head.headers, content, says_empty };
        };
        let (head, content) = asked.to_request().into_parts();
        let content = content.collect().await.expect("it is in memory").to_bytes();
        let answer = client.exchange(Request::from_parts(head, content)).await;
        Told {
            status: answer.status.as_u16(),
            headers: answer.headers,
            content: answer.content,
            says_empty: false,
        }
    }
}

fn now_served(served: &Mutex<Option<Boxed>>) -> Boxed {
    served.lock().expect("no test panics in here").clone().expect("a service is set")
}

async fn accept(listener: TcpListener, served: Arc<Mutex<Option<Boxed>>>) {
    let (stream, _) = listener.accept().await.expect("the client connects");
    let service = service_fn(move |request: Request<Incoming>| {
        let service = now_served(&served);
        async move { answer(service, request).await }
    });
    // The client may cut the connection off.
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .await;
}

async fn answer(
    service: Boxed,
    request: Request<Incoming>,
) -> Result<Response<UnsyncBoxBody<Bytes, BoxError>>, Infallible> {
    let (head, body) = request.into_parts();
    let content = body.collect().await.expect("the client sends all of it").to_bytes();
    service.oneshot(Request::from_parts(head, Full::from(content))).await
}
