use std::{
    any::type_name,
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{
    HeaderMap, Method, Request, Response, StatusCode,
    header::{self, HeaderName},
    request::Parts,
};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{Asked, RepresentationSource};
use crate::{
    decision::Verdict,
    precondition::{Carried, Condition, MethodKind},
    representation::{FromSource, Missing, Representation, UnevaluatedWrites},
    validator::Validators,
};

/// Asks the service itself what exists, with a HEAD for the same target.
///
/// [`PreconditionLayer::probing`](crate::PreconditionLayer::probing) makes a layer with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probing {
    pub(crate) writes: UnevaluatedWrites,
}

impl<S, B, ResBody> RepresentationSource<S, B> for Probing
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    B: Default,
{
    type Error = Infallible;
    type Future = Probe<S::Future>;
    const CALLS_SERVICE: bool = true;

    fn look_up(&self, head: &Parts, asked: Asked, service: &mut S) -> Probe<S::Future> {
        let kind = MethodKind::of(&head.method);
        let writes = self.writes;
        match kind {
            _ if !asked.depends_on_state => return Probe::NotSent { found: None },
            MethodKind::Selects if matches!(head.method, Method::GET | Method::HEAD) => {}
            // QUERY selects by its content, and a HEAD has none.
            MethodKind::Selects | MethodKind::Neither => return Probe::NotSent { found: None },
            MethodKind::Changes if may_ignore_method::<S>() => {
                let found = Representation::unknown(Missing::WholeService, writes);
                return Probe::NotSent { found: Some(found) };
            }
            MethodKind::Changes => {}
        }
        Probe::Sent { response: service.call(probe(head)), kind, carried: asked.carried, writes }
    }
}

/// Returns whether the service may run a handler whatever the method is.
///
/// Axum's routes and handlers do, and a box of tower may hide one. A HEAD to it would then run, say, the
/// handler of DELETE.
fn may_ignore_method<S>() -> bool {
    let name = type_name::<S>();
    ["axum::routing::route::Route", "axum::handler::service::HandlerService", "tower::util::boxed"]
        .iter()
        .any(|service| name.contains(service))
}

/// Makes a HEAD for the same target, without the fields about content and conditions.
fn probe<B: Default>(head: &Parts) -> Request<B> {
    let mut probe = Request::new(B::default());
    *probe.method_mut() = Method::HEAD;
    *probe.uri_mut() = head.uri.clone();
    *probe.version_mut() = head.version;
    *probe.extensions_mut() = head.extensions.clone();
    // Outer layers left these for the request itself.
    FromSource::remove_owned_from(probe.extensions_mut());
    probe.extensions_mut().remove::<Verdict>();
    let kept = head.headers.iter().filter(|(name, _)| is_copied(name));
    *probe.headers_mut() = kept.fold(HeaderMap::new(), |mut headers, (name, value)| {
        headers.append(name, value.clone());
        headers
    });
    probe
}

fn is_copied(name: &HeaderName) -> bool {
    let of_request =
        [header::RANGE, header::EXPECT, header::TRANSFER_ENCODING, header::TRAILER, header::UPGRADE];
    !name.as_str().starts_with("content-")
        && !of_request.contains(name)
        && Condition::ALL.iter().all(|condition| condition.field() != *name)
}

pin_project! {
    /// The look-up of [`Probing`]. No other crate can name it.
    #[doc(hidden)]
    #[project = ProbeProjection]
    #[must_use = "futures do nothing unless polled"]
    pub enum Probe<F> {
        NotSent { found: Option<Representation> },
        Sent { #[pin] response: F, kind: MethodKind, carried: Carried, writes: UnevaluatedWrites },
    }
}

impl<F, ResBody, E> Future for Probe<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = Result<Representation, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let found = match self.as_mut().project() {
            ProbeProjection::NotSent { found } => {
                found.take().unwrap_or_else(Representation::defer_to_handler)
            }
            ProbeProjection::Sent { response, kind, carried, writes } => {
                let found = match ready!(response.poll(cx)) {
                    Ok(response) => found(response.status(), response.headers(), *kind, *carried),
                    Err(_) => Err(Missing::Answer),
                };
                found.unwrap_or_else(|missing| Representation::unknown(missing, *writes))
            }
        };
        // A concurrency limit counts the call until its future is dropped.
        self.set(Self::NotSent { found: None });
        Poll::Ready(Ok(found))
    }
}

/// Reads the current representation from the response to the HEAD.
fn found(
    status: StatusCode,
    headers: &HeaderMap,
    kind: MethodKind,
    carried: Carried,
) -> Result<Representation, Missing> {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Representation::absent()),
        _ if status.is_success() => {
            let validators = Validators::from_headers(headers);
            match Missing::in_validators(carried, &validators) {
                Some(missing) if kind == MethodKind::Changes => Err(missing),
                _ => Ok(Representation::current(validators)),
            }
        }
        _ => Err(Missing::State(status)),
    }
}
