//! `/try`: sends a request to this program itself, and answers with the bytes of the answer.
//!
//! The request travels as text through a pipe in memory. Apart from that it is handled like one
//! from the network: hyper parses it and writes the answer.

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
use utoipa::{
    ToSchema,
    openapi::{
        Object, Type,
        schema::{Array, ArrayBuilder},
    },
};

use crate::{
    problem::Refusal,
    request::{Content, JSON, has_type},
    steps::{Recorder, Steps},
};

/// The path of this endpoint, which cannot send requests to itself.
pub(crate) const TRY: &str = "/try";

/// The capacity of the pipe, in bytes.
const PIPE: usize = 16 * 1024;
/// The longest part of an answer that is shown, in bytes.
const ANSWER_LIMIT: u64 = 256 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The request to send, as the user typed it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tried {
    #[schema(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    method: String,
    #[schema(pattern = "^/[^\\x00-\\x20#]*$")]
    path: String,
    #[serde(default)]
    #[schema(schema_with = fields_schema)]
    fields: Vec<(String, String)>,
    #[serde(default)]
    body: Option<String>,
}

/// Pairs of a name and a value.
fn fields_schema() -> Array {
    let pair =
        ArrayBuilder::new().items(Object::with_type(Type::String)).min_items(Some(2)).max_items(Some(2));
    ArrayBuilder::new().items(pair).build()
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shown {
    request: String,
    response: String,
    #[serde(flatten)]
    steps: Steps,
}

impl<S: Send + Sync> FromRequest<S> for Tried {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        // A page of another origin can send JSON only after a CORS preflight, which this server refuses.
        if !has_type(request.headers(), JSON) {
            return Err(Refusal::media_type(header::ACCEPT, JSON));
        }
        let Content(content) = Content::from_request(request, state).await?;
        let tried: Self = serde_json::from_slice(&content)
            .map_err(|error| unprocessable(format!("not a description of a request: {error}")))?;
        tried.check()?;
        Ok(tried)
    }
}

fn unprocessable(detail: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

impl Tried {
    /// Checks that the text is one request, to a path of this program.
    fn check(&self) -> Result<(), Refusal> {
        let Self { method, path, fields, .. } = self;
        if !Method::from_bytes(method.as_bytes()).is_ok_and(|method| method != Method::CONNECT) {
            return Err(unprocessable(format!("expected a method such as PUT, found `{method}`")));
        }
        // The parser drops parts such as a fragment, but `to_text` would send them.
        let uri = path.parse::<Uri>().ok().filter(|uri| path.starts_with('/') && *uri == path.as_str());
        let Some(uri) = uri else {
            return Err(unprocessable(format!("expected a path such as /documents/plan, found `{path}`")));
        };
        if uri.path() == TRY {
            return Err(unprocessable(format!("{TRY} cannot send a request to itself")));
        }
        for (name, value) in fields {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(unprocessable(format!("expected the name of a header, found `{name}`")));
            }
            if HeaderValue::from_bytes(value.as_bytes()).is_err() {
                return Err(unprocessable(format!(
                    "expected a value for {name} without control characters, found `{value}`"
                )));
            }
        }
        Ok(())
    }

    /// The request as text. Adds Host, Content-Length and Connection if the user gave none.
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
    let Ok(Ok(bytes)) = answer else {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "no answer came in time"));
    };
    let response = String::from_utf8_lossy(&bytes).into_owned();
    let recorder = recorder.into_inner().unwrap_or_else(PoisonError::into_inner);
    let steps = recorder.map_or_else(Steps::unread, |recorder: Recorder| recorder.told());
    Ok(Json(Shown { request, response, steps }).into_response())
}

/// Sends the request, and reads the answer up to its end or to the limit.
async fn exchange(client: DuplexStream, request: &str) -> io::Result<Vec<u8>> {
    let (answer, mut asked) = io::split(client);
    let mut bytes = Vec::new();
    // At the same time: the answer may come before the request is sent whole.
    let send = async {
        asked.write_all(request.as_bytes()).await?;
        asked.shutdown().await
    };
    tokio::select! {
        received = async { answer.take(ANSWER_LIMIT).read_to_end(&mut bytes).await } => received?,
        never = and_no_more(send) => match never {},
    };
    Ok(bytes)
}

/// Answers the first request of the connection, and ignores any that follows it.
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
    // If hyper cannot parse the request, it has answered 400.
    let _ = connection.serve_connection(TokioIo::new(server), service).await;
}

/// Runs a future and then waits for ever, because the other branch of a `select!` decides when to end.
async fn and_no_more(future: impl Future) -> Infallible {
    let _ = future.await;
    pending().await
}
