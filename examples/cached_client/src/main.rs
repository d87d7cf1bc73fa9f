//! The client over a cache: a read that the cache answers costs no request, and a write that is based on it is safe.

use std::{error::Error, sync::Arc};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http_body_util::Full;
use http_cache::MokaManager;
use http_cache_tower::HttpCacheLayer;
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, sync::Mutex};
use tower::{BoxError, ServiceBuilder};
use tower_precondition::{
    EntityTag, PreconditionLayer, Rejection, Requirement, Verdict,
    client::{Change, Client, Outcome, Seen, Target},
    validators_from_fn_with_state,
};

type Counter = Arc<Mutex<u64>>;

/// Lets caches keep the answer for a minute.
async fn read(State(counter): State<Counter>) -> (EntityTag, [(http::HeaderName, &'static str); 1], String) {
    let now = *counter.lock().await;
    (EntityTag::from_version(now), [(CACHE_CONTROL, "max-age=60")], now.to_string())
}

async fn write(
    State(counter): State<Counter>,
    verdict: Verdict,
    text: String,
) -> Result<StatusCode, Rejection> {
    let mut now = counter.lock().await;
    if verdict.current_number() != Some(*now) {
        return Err(verdict.reject(EntityTag::from_version(*now)));
    }
    *now = text.parse().unwrap_or(*now);
    Ok(StatusCode::NO_CONTENT)
}

async fn look_up(State(counter): State<Counter>) -> EntityTag {
    EntityTag::from_version(*counter.lock().await)
}

async fn serve(counter: Counter) -> std::io::Result<Target> {
    let source = validators_from_fn_with_state(counter.clone(), look_up);
    let layer = PreconditionLayer::new(source).require(Requirement::on_writes());
    let app = Router::new().route("/counter", get(read).put(write).route_layer(layer)).with_state(counter);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let target = format!("http://{}/counter", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(target.parse().expect("a target"))
}

fn add_one(seen: &Seen) -> Result<Change, BoxError> {
    let count: u64 = std::str::from_utf8(seen.content().ok_or("no counter")?)?.parse()?;
    Ok(Change::replace((count + 1).to_string()))
}

/// Adds one through a cache that holds what was there before.
async fn run() -> Result<Outcome, Box<dyn Error>> {
    let counter = Counter::new(Mutex::new(7));
    let target = serve(Arc::clone(&counter)).await?;

    let http: legacy::Client<HttpConnector, Full<Bytes>> =
        legacy::Client::builder(TokioExecutor::new()).build_http();
    let cached = ServiceBuilder::new().layer(HttpCacheLayer::new(MokaManager::default())).service(http);
    let client = Client::<_, Full<Bytes>>::new(cached);

    assert_eq!(client.read(&target).await?.content().expect("a counter"), "7");
    *counter.lock().await = 8;
    assert_eq!(client.read(&target).await?.content().expect("a counter"), "7", "the cache answers");

    // The write with If-Match: "7" gets 412. The client reads past the cache, asks again, and writes 9.
    let changed = client.change(&target, add_one).await?;
    assert_eq!(*counter.lock().await, 9);
    Ok(changed)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", run().await?.tried());
    Ok(())
}
