//! Auto traits, and services that the client can use.

use std::{convert::Infallible, fmt};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{service_fn, util::BoxCloneService};
use tower_precondition::client::{Change, Client, Conflict, Error, Made, Outcome, Seen, Target, Tried};

use super::script::{Script, target};

fn is_shared<T: Send + Sync + Unpin + fmt::Debug>() {}
fn is_sent<T: Send + 'static>(_: T) {}

#[test]
fn types_can_be_shared() {
    is_shared::<Client<Script, Full<Bytes>>>();
    is_shared::<Target>();
    is_shared::<Change>();
    is_shared::<Seen>();
    is_shared::<Conflict>();
    is_shared::<Outcome>();
    is_shared::<Made>();
    is_shared::<Tried>();
    is_shared::<Error>();
    is_shared::<Error<String>>();
}

#[test]
fn an_error_is_small() {
    assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
}

fn leave(_: &Seen) -> Result<Change, Infallible> {
    Ok(Change::leave_alone())
}

/// A service that is `Send` and not `Sync` is enough.
#[tokio::test]
async fn futures_can_be_spawned() {
    let answer =
        |_: Request<Full<Bytes>>| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) };
    let client = Client::new(BoxCloneService::new(service_fn(answer)));
    is_sent(client.change(&target(), leave));
    is_sent(client.read(&target()));
    let seen = client.read(&target()).await.unwrap();
    is_sent(client.save(&target(), seen, Change::delete()));
}

#[tokio::test]
async fn a_router_is_a_service() {
    let app: Router = Router::new().route("/note", get(|| async { "text" }));
    let client = Client::<_, Body>::new(app);
    let seen = client.read(&"/note".parse().unwrap()).await.unwrap();
    assert_eq!(seen.content().unwrap(), "text");
}
