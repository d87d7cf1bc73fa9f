//! Run with
//!
//! ```text
//! cargo run --example conformance -- 127.0.0.1:8080
//! ```
//!
//! Lets any HTTP client test every rule of RFC 9110 §13. The request describes the resource in `X-State`,
//! and in `X-Policy` the conditions that it must carry. In the answer `X-Handler-Ran` says whether the
//! handler ran, and `X-Range-Seen` which Range it saw. The server keeps no state between requests.
//!
//! ```text
//! curl -i 127.0.0.1:8080 -H 'If-None-Match: "a"' \
//!     -H 'X-State: %7B%22exists%22%3Atrue%2C%22etag%22%3A%22%5C%22a%5C%22%22%2C%22body_len%22%3A5%7D'
//! ```

mod content;
mod field;
mod handler;
mod policy;
mod state;
#[cfg(test)]
mod tests;

use std::{env, error::Error, future::ready, io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::{TcpListener, TcpStream};
use tower::{Service, ServiceBuilder};
use tower_precondition::{PreconditionLayer, Representation, ResponseBody};

use crate::{content::Content, field::Unreadable, state::State};

/// The maximum of header lines in a request. It is high, because a test spreads a list over many lines.
const FIELD_LINES: usize = 4096;

#[tokio::main]
async fn main() -> ExitCode {
    let Some(Ok(address)) = env::args().nth(1).map(|address| address.parse()) else {
        eprintln!("expected the address to listen on, such as 127.0.0.1:8080");
        return ExitCode::from(2);
    };
    match run(address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(address).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {}", listener.local_addr()?)?;
    stdout.flush()?;
    serve(listener).await;
    Ok(())
}

/// Puts the layer with its defaults and a requirement around the handler.
fn app<B>()
-> impl Service<Request<B>, Response = Response<ResponseBody<Content>>, Error = B::Error, Future: Future + Send>
+ Clone
+ Send
where
    B: Body<Data: Send> + Unpin + Send + 'static,
    B::Error: Send + 'static,
{
    ServiceBuilder::new()
        .layer(PreconditionLayer::new(|head: &Parts| ready(look_up(head))).require(policy::required))
        .service_fn(handler::handle::<B>)
}

/// The source: returns the state that `X-State` describes.
fn look_up(head: &Parts) -> Representation {
    match State::of(&head.headers) {
        Ok(state) => state.representation(),
        Err(unreadable) => Representation::refused(bad_request(&unreadable).map(Full::new)),
    }
}

/// Answers a request whose `X-State` cannot be read.
fn bad_request(unreadable: &Unreadable) -> Response<Bytes> {
    let mut response = Response::new(format!("{}: {unreadable}\n", state::FIELD).into());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// Accepts connections for ever. A failed connection does not affect the others.
async fn serve(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve_connection(stream));
            }
            // The client is gone already, or the process is out of file descriptors for a while.
            Err(error) => {
                eprintln!("accepting a connection: {error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        eprintln!("setting TCP_NODELAY: {error}");
    }
    let service = TowerToHyperService::new(app::<Incoming>());
    let connection = http1::Builder::new()
        // A client that closes its sending side still gets its answer.
        .half_close(true)
        .max_headers(FIELD_LINES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        eprintln!("serving a connection: {error}");
    }
}
