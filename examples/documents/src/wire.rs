//! A request that is written out and sent to this very program, and the octets of its answer.
//!
//! There is no network in between, but all else is as on one: the request is text in a pipe,
//! and hyper reads it and writes the answer.

use std::{
    convert::Infallible,
    future::pending,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};
use tower::ServiceExt;

use crate::{
    problem::Refusal,
    request::{Content, JSON, has_type},
    steps::{Recorder, Steps},
};

/// Where requests are tried out, and so what cannot be tried out there.
pub(crate) const TRY: &str = "/try";

/// What the pipe holds until the other side reads it.
const PIPE: usize = 16 * 1024;
/// The most that is read of an answer.
const ANSWER_LIMIT: u64 = 256 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A request as it was typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tried {
    method: String,
    path: String,
    #[serde(default)]
    fields: Vec<(String, String)>,
    #[serde(default)]
    body: Option<String>,
}

#[derive(Debug, Serialize)]
struct Shown {
    request: String,
    response: String,
    #[serde(flatten)]
    steps: Steps,
}

impl<S: Send + Sync> FromRequest<S> for Tried {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        // A page from elsewhere can send no JSON here without being asked whether it may.
        if !has_type(request.headers(), JSON) {
            return Err(Refusal::media_type(header::ACCEPT, JSON));
        }
        let Content(content) = Content::from_request(request, state).await?;
        let tried: Self = serde_json::from_slice(&content)
            .map_err(|error| unprocessable(format!("not a request to try out: {error}")))?;
        tried.check()?;
        Ok(tried)
    }
}

fn unprocessable(detail: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

impl Tried {
    /// It can be written as one request, and goes to one of this program's paths.
    fn check(&self) -> Result<(), Refusal> {
        let Self { method, path, fields, .. } = self;
        if !Method::from_bytes(method.as_bytes()).is_ok_and(|method| method != Method::CONNECT) {
            return Err(unprocessable(format!("expected a method such as PUT, found `{method}`")));
        }
        // What the parser passes over, such as a fragment, would be written all the same.
        let uri = path.parse::<Uri>().ok().filter(|uri| path.starts_with('/') && *uri == path.as_str());
        let Some(uri) = uri else {
            return Err(unprocessable(format!("expected a path such as /documents/plan, found `{path}`")));
        };
        if uri.path() == TRY {
            return Err(unprocessable(format!("{TRY} itself cannot be tried out")));
        }
        for (name, value) in fields {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(unprocessable(format!("expected the name of a field, found `{name}`")));
            }
            if HeaderValue::from_bytes(value.as_bytes()).is_err() {
                return Err(unprocessable(format!("{name} cannot have this value: `{value}`")));
            }
        }
        Ok(())
    }

    /// The request as it is sent, with what it cannot do without.
    fn to_text(&self, host: &str) -> String {
        let Self { method, path, fields, body } = self;
        let given =
            |wanted: HeaderName| fields.iter().any(|(name, _)| wanted.as_str().eq_ignore_ascii_case(name));
        let mut text = format!("{method} {path} HTTP/1.1\r\n");
        let mut add = |name: &str, value: &str| {
            for part in [name, ": ", value, "\r\n"] {
                text.push_str(part);
            }
        };
        if !given(header::HOST) {
            add("Host", host);
        }
        for (name, value) in fields {
            add(name, value);
        }
        let sized = given(header::CONTENT_LENGTH) || given(header::TRANSFER_ENCODING);
        if let (Some(body), false) = (body, sized) {
            add("Content-Length", &body.len().to_string());
        }
        if !given(header::CONNECTION) {
            add("Connection", "close");
        }
        text.push_str("\r\n");
        text.push_str(body.as_deref().unwrap_or_default());
        text
    }
}

pub(crate) async fn try_out(
    State(app): State<Router>,
    headers: HeaderMap,
    tried: Tried,
) -> Result<Response, Refusal> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let request = tried.to_text(host);
    let recorder = Mutex::new(None);
    let (client, server) = io::duplex(PIPE);
    let answer = tokio::select! {
        answer = timeout(TIME_LIMIT, exchange(client, &request)) => answer,
        never = and_no_more(serve(server, app, &recorder)) => match never {},
    };
    let Ok(Ok(octets)) = answer else {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "there was no answer in time"));
    };
    let response = String::from_utf8_lossy(&octets).into_owned();
    let recorder = recorder.into_inner().unwrap_or_else(PoisonError::into_inner);
    let steps = recorder.map_or_else(Steps::unread, |recorder: Recorder| recorder.told());
    Ok(Json(Shown { request, response, steps }).into_response())
}

/// Sends the request, and reads the answer to its end, or as much of it as is shown.
async fn exchange(client: DuplexStream, request: &str) -> io::Result<Vec<u8>> {
    let (answer, mut asked) = io::split(client);
    let mut octets = Vec::new();
    // Both at once: the answer may come while the request is still being sent.
    let send = async {
        asked.write_all(request.as_bytes()).await?;
        asked.shutdown().await
    };
    tokio::select! {
        received = async { answer.take(ANSWER_LIMIT).read_to_end(&mut octets).await } => received?,
        never = and_no_more(send) => match never {},
    };
    Ok(octets)
}

/// Answers one request, whatever comes behind it.
async fn serve(server: DuplexStream, app: Router, recorder: &Mutex<Option<Recorder>>) {
    let service = service_fn(|request: http::Request<Incoming>| {
        let (mut head, body) = request.into_parts();
        let asked = Recorder::of(&head);
        head.extensions.insert(asked.clone());
        *recorder.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked.clone());
        let answer = app.clone().oneshot(Request::from_parts(head, Body::new(body)));
        async move {
            let response = answer.await?;
            asked.answered(&response);
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = http1::Builder::new();
    connection.keep_alive(false).half_close(true);
    // What is wrong with the request has been said in the answer.
    let _ = connection.serve_connection(TokioIo::new(server), service).await;
}

/// The other side says when it is over.
async fn and_no_more(future: impl Future) -> Infallible {
    let _ = future.await;
    pending().await
}
