use std::{fmt, future::poll_fn};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH},
};
use tower_service::Service;

use crate::validator::EntityTag;

/// The standard conditional exchanges about one resource, to play against a router or any other Tower service.
///
/// The resource must exist. [`play`](Self::play) reads it, sends requests with the tag that it got and with other
/// tags, and panics at the first answer that is not the one of RFC 9110, with the request and what to look at. If a
/// write is given, it changes the resource once.
///
/// | played | expected |
/// |---|---|
/// | GET | 200 with a strong ETag |
/// | GET, If-None-Match: its tag, its tag as a weak one, a list with its tag, `*` | 304 with the same ETag |
/// | HEAD, If-None-Match: its tag | 304 |
/// | GET, If-None-Match: another tag | 200 |
/// | GET, If-Match: another tag | 412 |
/// | the write without a condition, if [required](Self::conditions_required) | 428 |
/// | the write, If-Match: another tag, its tag as a weak one | 412 |
/// | the write, If-None-Match: `*` | 412 |
/// | the write, If-Match: no tag | 400 |
/// | GET | 200 with the same ETag: no refused write was made |
/// | the write, If-Match: its tag | 2xx |
/// | GET | 200 with another ETag |
/// | the write once more, If-Match: the first tag | 412 |
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] {
/// # use std::sync::{Arc, Mutex};
/// # use axum::{Router, body::Body, extract::State, http::StatusCode, routing::get};
/// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection, Requirement, Verdict};
/// # use tower_precondition::validators_from_fn_with_state;
/// use http::Method;
/// use tower_precondition::testing::Exchanges;
///
/// # type Note = Arc<Mutex<u64>>;
/// # async fn lookup(State(note): State<Note>) -> EntityTag { EntityTag::from_version(*note.lock().unwrap()) }
/// # async fn write(State(note): State<Note>, verdict: Verdict, _: String) -> Result<StatusCode, Rejection> {
/// #     let mut version = note.lock().unwrap();
/// #     if verdict.current_number() != Some(*version) {
/// #         return Err(verdict.reject(EntityTag::from_version(*version)));
/// #     }
/// #     *version += 1;
/// #     Ok(StatusCode::NO_CONTENT)
/// # }
/// # fn app() -> Router {
/// #     let note = Note::new(Mutex::new(1));
/// #     let layer = PreconditionLayer::new(validators_from_fn_with_state(note.clone(), lookup))
/// #         .require(Requirement::on_writes());
/// #     Router::new().route("/notes/plan", get(|| async { "text" }).put(write).route_layer(layer)).with_state(note)
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // In a test with `#[tokio::test]`; `app()` makes your router, over a store with this note.
/// Exchanges::of("/notes/plan")
///     .with_header("authorization", "Bearer of-the-test")
///     .with_write(Method::PUT, "text/plain", "The new text")
///     .conditions_required()
///     .play::<Body, _, _>(app())
///     .await;
/// # });
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `play`"]
pub struct Exchanges {
    uri: Uri,
    headers: HeaderMap,
    write: Option<(Method, HeaderValue, String)>,
    required: bool,
}

impl Exchanges {
    /// Begins with the reads of the resource at `uri`.
    ///
    /// # Panics
    ///
    /// If the URI is malformed.
    pub fn of(uri: &str) -> Self {
        let uri = uri.parse().unwrap_or_else(|error| panic!("`{uri}` is no URI: {error}"));
        Self { uri, headers: HeaderMap::new(), write: None, required: false }
    }

    /// Sends this header field with every request, such as one that authorizes.
    ///
    /// # Panics
    ///
    /// If the name or the value is malformed.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap_or_else(|error| panic!("`{name}` is no name: {error}"));
        let value = value.parse().unwrap_or_else(|error| panic!("a value of {name} is malformed: {error}"));
        self.headers.append(name, value);
        self
    }

    /// Plays the writes too, with this request. It must change the resource's ETag.
    ///
    /// # Panics
    ///
    /// If the content type is malformed.
    pub fn with_write(mut self, method: Method, content_type: &str, content: impl Into<String>) -> Self {
        let content_type = content_type.parse();
        let content_type =
            content_type.unwrap_or_else(|error| panic!("the content type is malformed: {error}"));
        self.write = Some((method, content_type, content.into()));
        self
    }

    /// Expects 428 for a write without a condition, as of [`Requirement::on_writes`](crate::Requirement::on_writes).
    pub fn conditions_required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Plays the exchanges, and returns how many there were.
    ///
    /// # Panics
    ///
    /// At the first answer that is not the expected one, and if the service fails. Give up the wait for a service
    /// that never answers by a time-out of your own.
    pub async fn play<B, S, R>(&self, service: S) -> usize
    where
        S: Service<Request<B>, Response = Response<R>, Error: fmt::Debug> + Clone,
        B: From<String>,
    {
        let mut played = Played { exchanges: self, service, count: 0, content: std::marker::PhantomData };
        let tag = played.reads().await;
        if self.write.is_some() {
            played.writes(&tag).await;
        }
        played.count
    }
}

/// The conditions of one request, for the text of a failure too.
type Conditions<'a> = &'a [(HeaderName, &'a str)];

const LAYER: &str = "is `PreconditionLayer` on this route, and does its look-up find this resource?";
const ORDER: &str =
    "is the layer inside of all that answers before it, and outside of all that changes tags?";

struct Played<'a, S, B> {
    exchanges: &'a Exchanges,
    service: S,
    count: usize,
    content: std::marker::PhantomData<fn() -> B>,
}

impl<S, B, R> Played<'_, S, B>
where
    S: Service<Request<B>, Response = Response<R>, Error: fmt::Debug> + Clone,
    B: From<String>,
{
    async fn reads(&mut self) -> EntityTag {
        let tag = self.tag().await;
        let (strong, weak, other) = forms(&tag);
        let list = format!("{other}, {strong}");
        for (condition, why) in [
            (strong.as_str(), LAYER),
            (&weak, "If-None-Match compares weakly (RFC 9110 §13.1.2)"),
            (&list, "If-None-Match is a list (RFC 9110 §13.1.2)"),
            ("*", "`*` asks whether the resource exists (RFC 9110 §13.1.2)"),
        ] {
            let (_, answer) = self.get(&[(IF_NONE_MATCH, condition)], 304, why).await;
            let sent = answer.headers().get(ETAG).map(HeaderValue::as_bytes);
            assert!(
                sent == Some(strong.as_bytes()),
                "the 304 to GET {} must carry the ETag {strong} of the 200 (RFC 9110 §15.4.5); {ORDER}",
                self.exchanges.uri,
            );
        }
        self.send(&Method::HEAD, &[(IF_NONE_MATCH, &strong)], 304, LAYER).await;
        self.get(&[(IF_NONE_MATCH, &other)], 200, "the client has another version").await;
        self.get(&[(IF_MATCH, &other)], 412, "If-Match guards a read too (RFC 9110 §13.1.1)").await;
        tag
    }

    async fn writes(&mut self, tag: &EntityTag) {
        let (strong, weak, other) = forms(tag);
        if self.exchanges.required {
            self.write(&[], 428, "does the layer `require(Requirement::on_writes())`?").await;
        }
        for (condition, status, why) in [
            ((IF_MATCH, other.as_str()), 412, LAYER),
            ((IF_MATCH, &weak), 412, "If-Match compares strongly (RFC 9110 §13.1.1)"),
            ((IF_NONE_MATCH, "*"), 412, "the resource exists already (RFC 9110 §13.1.2)"),
            ((IF_MATCH, "no tag"), 400, "what is no entity tag must not let a write through"),
        ] {
            self.write(&[condition], status, why).await;
        }
        let after = self.tag().await;
        assert!(
            after.strong_eq(tag),
            "a refused write was made: {} had the ETag {strong}, and has {after}",
            self.exchanges.uri
        );

        let (request, answer) = self.write(&[(IF_MATCH, &strong)], 0, "").await;
        assert!(
            answer.status().is_success(),
            "{request}\n  expected: 2xx\n     found: {}\n  it names the current version; does the handler take it, \
             and this content?",
            answer.status(),
        );
        let after = self.tag().await;
        assert!(
            !after.strong_eq(tag),
            "{request}\n  was answered {}, and the ETag is {strong} still: does each write change the version?",
            answer.status(),
        );
        self.write(&[(IF_MATCH, &strong)], 412, "the version was overwritten: this write would lose it")
            .await;
    }

    /// Reads the resource, and returns its tag.
    async fn tag(&mut self) -> EntityTag {
        let (request, answer) = self.get(&[], 200, "the resource must exist before").await;
        let tag =
            answer.headers().get(ETAG).map(|tag| EntityTag::try_from(tag).map_err(|error| (tag, error)));
        match tag {
            Some(Ok(tag)) if !tag.is_weak() => tag,
            Some(Ok(tag)) => panic!("{request}\n  got the weak ETag {tag}: If-Match never matches it"),
            Some(Err((tag, error))) => panic!("{request}\n  got the ETag {tag:?}: {error}"),
            None => panic!("{request}\n  got no ETag: {LAYER}"),
        }
    }

    async fn get(&mut self, conditions: Conditions<'_>, status: u16, why: &str) -> (String, Response<R>) {
        self.send(&Method::GET, conditions, status, why).await
    }

    async fn write(&mut self, conditions: Conditions<'_>, status: u16, why: &str) -> (String, Response<R>) {
        let method = self.exchanges.write.as_ref().map_or(Method::PUT, |(method, ..)| method.clone());
        self.send(&method, conditions, status, why).await
    }

    /// Sends a request, and asserts the status of its answer; 0 stands for any.
    async fn send(
        &mut self,
        method: &Method,
        conditions: Conditions<'_>,
        status: u16,
        why: &str,
    ) -> (String, Response<R>) {
        let shown = conditions.iter().map(|(name, value)| format!(", {name}: {value}")).collect::<String>();
        let shown = format!("{method} {}{shown}", self.exchanges.uri);
        let mut service = self.service.clone();
        if let Err(error) = poll_fn(|context| service.poll_ready(context)).await {
            panic!("{shown}\n  the service is not ready: {error:?}");
        }
        let answer = match service.call(self.request(method, conditions)).await {
            Ok(answer) => answer,
            Err(error) => panic!("{shown}\n  the service fails: {error:?}"),
        };
        self.count += 1;
        let expected = StatusCode::from_u16(status).ok();
        if let Some(expected) = expected.filter(|expected| *expected != answer.status()) {
            panic!("{shown}\n  expected: {expected}\n     found: {}\n  {why}", answer.status());
        }
        (shown, answer)
    }

    fn request(&self, method: &Method, conditions: Conditions<'_>) -> Request<B> {
        let Exchanges { uri, headers, write, .. } = self.exchanges;
        let mut content = String::new();
        let mut fields = headers.clone();
        if let Some((_, content_type, written)) = write.as_ref().filter(|(write, ..)| write == method) {
            fields.insert(CONTENT_TYPE, content_type.clone());
            content.clone_from(written);
        }
        for (name, value) in conditions {
            fields.append(name.clone(), HeaderValue::from_str(value).expect("tags are header values"));
        }
        let mut request = Request::new(B::from(content));
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = fields;
        request
    }
}

/// Returns the tag as it is sent, as a weak one, and a tag that it is not.
fn forms(tag: &EntityTag) -> (String, String, String) {
    let strong = tag.to_string();
    let weak = format!("W/{strong}");
    let other = strong.replacen('"', "\"not-", 1);
    (strong, weak, other)
}
