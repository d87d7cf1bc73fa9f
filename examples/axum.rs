//! Run with `cargo run --example axum`: texts in memory, which two people can edit without losing a change.
//!
//! ```text
//! curl -i 127.0.0.1:3003/documents/1 -X PUT -d 'Start' -H 'If-None-Match: *'
//! curl -i 127.0.0.1:3003/documents/1 -H 'If-None-Match: "1"'
//! curl -i 127.0.0.1:3003/documents/1 -X PUT -d 'Mine' -H 'If-Match: "1"'
//! ```

use std::{collections::HashMap, error::Error, sync::Arc};

use axum::extract::{Path, State};
use axum::{Router, http::StatusCode, routing::get};
use tokio::{net::TcpListener, sync::Mutex};
use tower_precondition::{CloseUnreadLayer, EntityTag, PreconditionLayer, Rejection, Requirement};
use tower_precondition::{Verdict, lingering_close::LingeringListener};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:3003").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Its connections close in stages, so that the answer to a refused upload arrives.
    Ok(axum::serve(LingeringListener::new(listener), app()).await?)
}

fn app() -> Router {
    let db = Db::default();
    let source = tower_precondition::validators_from_fn_with_state(db.clone(), lookup);
    let preconditions = PreconditionLayer::new(source).require(Requirement::on_writes());
    let document = get(read).put(write).delete(remove).route_layer(preconditions);
    Router::new().route("/documents/{id}", document).with_state(db).layer(CloseUnreadLayer::new())
}

/// Tells the layer what exists, before the layer evaluates the request.
async fn lookup(State(db): State<Db>, Path(id): Path<u64>) -> Option<EntityTag> {
    db.get(id).await.map(|(version, _)| EntityTag::from_version(version))
}

async fn read(State(db): State<Db>, Path(id): Path<u64>) -> Result<(EntityTag, String), StatusCode> {
    let (version, text) = db.get(id).await.ok_or(StatusCode::NOT_FOUND)?;
    // The document may have changed since the look-up, so the handler sends the tag of this text.
    Ok((EntityTag::from_version(version), text))
}

/// A write that lost a race is refused as the layer would refuse it now.
type Written<T> = Result<T, Rejection>;

async fn write(
    State(db): State<Db>,
    Path(id): Path<u64>,
    verdict: Verdict,
    text: String,
) -> Written<(StatusCode, EntityTag)> {
    let expected = verdict.current_number();
    let status = if expected.is_some() { StatusCode::NO_CONTENT } else { StatusCode::CREATED };
    Ok((status, db.compare_and_set(id, expected, Some(text)).await.map_err(|now| verdict.reject(now))?))
}

async fn remove(State(db): State<Db>, Path(id): Path<u64>, verdict: Verdict) -> Written<StatusCode> {
    let Some(expected) = verdict.current_number() else { return Ok(StatusCode::NOT_FOUND) };
    db.compare_and_set(id, Some(expected), None).await.map_err(|now| verdict.reject(now))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Default)]
struct Db(Arc<Mutex<Documents>>);

#[derive(Default)]
struct Documents {
    by_id: HashMap<u64, (u64, String)>,
    /// One counter for all, so that a document that is created anew never gets an old tag again.
    last_version: u64,
}

type Compared = Result<EntityTag, Option<EntityTag>>;

impl Db {
    async fn get(&self, id: u64) -> Option<(u64, String)> {
        self.0.lock().await.by_id.get(&id).cloned()
    }

    /// Writes the text, or deletes the document if there is none, and returns the new version's tag.
    /// If the document does not have the expected version, returns the current tag and writes nothing.
    async fn compare_and_set(&self, id: u64, expected: Option<u64>, text: Option<String>) -> Compared {
        let documents = &mut *self.0.lock().await;
        let current = documents.by_id.get(&id).map(|(version, _)| *version);
        if current != expected {
            return Err(current.map(EntityTag::from_version));
        }
        documents.last_version += 1;
        match text {
            Some(text) => documents.by_id.insert(id, (documents.last_version, text)),
            None => documents.by_id.remove(&id),
        };
        Ok(EntityTag::from_version(documents.last_version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, extract::Request};
    use http_body_util::Channel;
    use tower::ServiceExt;

    async fn send(app: Router, method: &str, condition: (&str, &str), body: Body) -> (u16, Option<String>) {
        let request = Request::builder().method(method).uri("/documents/1").header(condition.0, condition.1);
        let Ok(response) = app.oneshot(request.body(body).expect("a valid request")).await;
        let tag = response.headers().get("etag").map(|tag| tag.to_str().expect("visible ASCII").to_owned());
        (response.status().as_u16(), tag)
    }

    #[tokio::test]
    async fn each_request_gets_its_answer() {
        let app = app();
        for (row, method, condition, status, tag) in [
            ("create", "PUT", ("if-none-match", "*"), 201, Some("\"1\"")),
            ("read again", "GET", ("if-none-match", "\"1\""), 304, Some("\"1\"")),
            ("replace", "PUT", ("if-match", "\"1\""), 204, Some("\"2\"")),
            ("read what was replaced", "GET", ("if-none-match", "\"1\""), 200, Some("\"2\"")),
            ("replace a stale version", "PUT", ("if-match", "\"1\""), 412, Some("\"2\"")),
            ("replace any version", "PUT", ("accept", "*/*"), 428, None),
            ("delete", "DELETE", ("if-match", "\"2\""), 204, None),
            ("delete again", "DELETE", ("if-match", "\"2\""), 404, None),
            ("create anew", "PUT", ("if-none-match", "*"), 201, Some("\"4\"")),
        ] {
            let answer = send(app.clone(), method, condition, "text".into()).await;
            assert_eq!(answer, (status, tag.map(str::to_owned)), "{row}");
        }
    }

    #[tokio::test]
    async fn a_write_that_loses_the_race_is_refused() {
        let app = app();
        send(app.clone(), "PUT", ("if-none-match", "*"), "Start".into()).await;
        let (mut upload, body) = Channel::<axum::body::Bytes>::new(1);
        let slow = tokio::spawn(send(app.clone(), "PUT", ("if-match", "\"1\""), Body::new(body)));
        // The handler takes the first half after the layer has evaluated the slow write.
        upload.send_data("My ".into()).await.expect("the handler reads");
        upload.send_data("text".into()).await.expect("the handler reads");
        let fast = send(app, "PUT", ("if-match", "\"1\""), "Your text".into()).await;
        assert_eq!(fast, (204, Some("\"2\"".to_owned())));
        drop(upload);
        assert_eq!(slow.await.expect("no panic"), (412, Some("\"2\"".to_owned())));
    }
}
