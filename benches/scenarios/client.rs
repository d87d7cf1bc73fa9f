//! What the client adds to a read and a write.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    hint::black_box,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};
use tower::{Service, ServiceExt};
use tower_precondition::client::{Change, Client, Target};

use super::{Region, Scenario, request};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("read and write by hand", 204, by_hand),
        Scenario::new("read and write by hand, and SHA-256", 204, by_hand_with_hash),
        Scenario::new("read and write by the client", 204, by_client)
            .over_bare("read and write by hand, and SHA-256"),
    ]
}

/// A server that is not there: a GET has a tag and content, and every PUT is made.
#[derive(Clone, Copy)]
struct Server;

impl Service<Request<Full<Bytes>>> for Server {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let mut response = Response::new(Full::default());
        if request.method() == Method::GET {
            *response.body_mut() = Full::from(&CONTENT[..]);
            response.headers_mut().insert(header::ETAG, HeaderValue::from_static(request::TAG));
        } else {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        ready(Ok(response))
    }
}

static CONTENT: [u8; 1024] = [b'x'; 1024];

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn by_hand() -> Region {
    let runtime = runtime();
    Box::new(move || runtime.block_on(read_and_write()))
}

/// The hash is most of what Content-Digest costs.
fn by_hand_with_hash() -> Region {
    let runtime = runtime();
    Box::new(move || {
        runtime.block_on(async {
            black_box(Sha256::digest(CONTENT));
            read_and_write().await
        })
    })
}

async fn read_and_write() -> u16 {
    let request = Request::get(URI).body(Full::default()).expect("a request");
    let Ok(read) = Server.oneshot(request).await;
    let tag = read.headers().get(header::ETAG).expect("the server sends a tag").clone();
    let Ok(content) = read.into_body().collect().await;
    let content = content.to_bytes();
    let request = Request::put(URI).header(header::IF_MATCH, tag).body(Full::from(content));
    let Ok(written) = Server.oneshot(request.expect("a request")).await;
    written.status().as_u16()
}

fn by_client() -> Region {
    let runtime = runtime();
    let client = Client::new(Server);
    let target: Target = URI.parse().expect("a URI");
    Box::new(move || {
        runtime.block_on(async {
            let changed = client.change(&target, |seen| {
                Ok::<_, Infallible>(Change::replace(seen.content().cloned().unwrap_or_default()))
            });
            let made = changed.await.expect("the server makes every change").made().expect("a change");
            made.answer().status().as_u16()
        })
    })
}

const URI: &str = "http://localhost/note";
