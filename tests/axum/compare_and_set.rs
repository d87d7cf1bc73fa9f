//! A whole application: a look-up, the layer, a write by compare-and-set, and the listener.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use tokio::net::TcpListener;
use tower_precondition::{
    CloseUnreadLayer, EntityTag, PreconditionLayer, Rejection, Requirement, Validators, Verdict,
    lingering_close::LingeringListener, validators_from_fn_with_state,
};

// The look-up tells what exists: an async function over extractors, as for `middleware::from_fn`.
async fn lookup(State(db): State<Db>, Path(id): Path<u64>) -> Result<Option<Validators>, DbError> {
    let version: Option<u64> = db.version(id).await?;
    Ok(version.map(|version| EntityTag::from_version(version).into()))
}

fn app(db: Db) -> Router {
    let preconditions = PreconditionLayer::new(validators_from_fn_with_state(db.clone(), lookup))
        .require(Requirement::on_writes());
    let documents = get(read).put(write).delete(remove).route_layer(preconditions);
    Router::new().route("/documents/{id}", documents).with_state(db).layer(CloseUnreadLayer::new())
}

async fn serve(db: Db, listener: TcpListener) -> std::io::Result<()> {
    // Closes connections in stages, so that no reset overtakes the answer to a refused upload.
    axum::serve(LingeringListener::new(listener), app(db)).await
}

#[rustfmt::skip]
async fn write(
    State(db): State<Db>, Path(id): Path<u64>, verdict: Verdict, text: String,
) -> Result<StatusCode, Rejection> {
    let expected = verdict.current_number();
    // UPDATE .. WHERE version = expected. If nothing existed: INSERT .. ON CONFLICT DO NOTHING.
    match db.compare_and_set(id, expected, text).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(current) => Err(verdict.reject(current.map(EntityTag::from_version))),
    }
}

/// A store with compare-and-set. A row has a version and a text.
#[derive(Clone, Default)]
struct Db {
    rows: Arc<Mutex<BTreeMap<u64, (u64, String)>>>,
    /// Makes each write wait until the layer has evaluated all of them.
    all_evaluated: Option<Arc<tokio::sync::Barrier>>,
}

type DbError = StatusCode;

impl Db {
    async fn version(&self, id: u64) -> Result<Option<u64>, DbError> {
        Ok(self.rows().get(&id).map(|(version, _)| *version))
    }

    /// Returns the current version as an error if it is not the expected one.
    async fn compare_and_set(&self, id: u64, expected: Option<u64>, text: String) -> Result<(), Option<u64>> {
        if let Some(all_evaluated) = &self.all_evaluated {
            all_evaluated.wait().await;
        }
        let mut rows = self.rows();
        let found = rows.get(&id).map(|(version, _)| *version);
        if found != expected {
            return Err(found);
        }
        rows.insert(id, (found.unwrap_or(0) + 1, text));
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<u64, (u64, String)>> {
        self.rows.lock().expect("no test panics in here")
    }
}

async fn read(State(db): State<Db>, Path(id): Path<u64>) -> Result<String, DbError> {
    db.rows().get(&id).map(|(_, text)| text.clone()).ok_or(DbError::NOT_FOUND)
}

async fn remove() {}

/// A store whose row 1 has version 7.
fn db() -> Db {
    let db = Db::default();
    db.rows().insert(1, (7, "text".to_owned()));
    db
}

#[tokio::test]
async fn each_request_gets_its_answer() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    for (method, field, status) in [
        ("GET", None, 200),
        ("GET", Some(("if-none-match", "\"7\"")), 304),
        ("PUT", Some(("if-match", "\"7\"")), 204),
        ("PUT", Some(("if-match", "\"6\"")), 412),
        ("PUT", Some(("if-none-match", "*")), 412),
        ("PUT", None, 428),
        ("PUT", Some(("if-match", "7")), 400),
    ] {
        let mut request = Request::builder().method(method).uri("/documents/1");
        if let Some((name, value)) = field {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).expect("a valid request");
        let response = app(db()).oneshot(request).await.expect("routers do not fail");
        assert_eq!(response.status(), status, "{method} {field:?}");
    }
}

#[tokio::test]
async fn decision_17_the_write_that_loses_a_race_gets_the_412_of_the_layer() {
    use axum::{body::Body, http::Request, response::Response};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn content(response: Response) -> (StatusCode, String) {
        let status = response.status();
        let content = response.into_body().collect().await.expect("in memory").to_bytes();
        (status, String::from_utf8_lossy(&content).into_owned())
    }

    let put =
        || Request::put("/documents/1").header("if-match", "\"7\"").body(Body::from("mine")).expect("valid");
    let app = app(Db { all_evaluated: Some(Arc::new(tokio::sync::Barrier::new(2))), ..db() });
    let (one, other) = tokio::join!(app.clone().oneshot(put()), app.clone().oneshot(put()));
    let (one, other) = (content(one.expect("an answer")).await, content(other.expect("an answer")).await);
    let (made, late) = if one.0 == StatusCode::NO_CONTENT { (one, other) } else { (other, one) };
    assert_eq!((made.0, late.0), (StatusCode::NO_CONTENT, StatusCode::PRECONDITION_FAILED));

    let early = content(app.oneshot(put()).await.expect("an answer")).await;
    assert_eq!(late, early, "a client cannot tell who refused the write");
}

#[tokio::test]
async fn decision_19_the_412_of_a_large_upload_arrives() {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut stream = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("it listens");
    tokio::spawn(serve(db(), listener));
    let head = "PUT /documents/1 HTTP/1.1\r\nhost: a\r\nif-match: \"6\"\r\ncontent-length: 5000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("the server reads");
    stream.write_all(&vec![b'a'; 5_000_000]).await.expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it ends in order");
    assert!(answer.starts_with("HTTP/1.1 412 "), "{answer}");
}
