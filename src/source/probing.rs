use std::{
    any::type_name,
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{
    Extensions, HeaderMap, Method, Request, Response, StatusCode,
    header::{self, HeaderName},
    request::Parts,
};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::lookup::Inquiry;
use super::lookup::sealed::Sealed;
use crate::{
    decision::Verdict,
    precondition::{Condition, ConditionalFields, MethodKind},
    representation::{Guard, Missing, Needed, OfOneRequest, Representation, UnevaluatedWrites},
    validator::Validators,
};

/// Asks the service itself what currently exists, by a HEAD for the same target.
///
/// [`PreconditionLayer::probing`](crate::PreconditionLayer::probing) makes a layer of it, and says how it behaves.
///
/// ```
/// # use tower::Layer;
/// use tower_precondition::{Precondition, PreconditionLayer, Probing};
///
/// let service: Precondition<&str, Probing> = PreconditionLayer::probing().layer("any service");
/// assert_eq!(*service.get_ref(), "any service");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Probing {
    pub(crate) unjudged: UnevaluatedWrites,
}

impl<S, B, ResBody> Sealed<S, B> for Probing
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    B: Default,
{
}

impl<S, B, ResBody> Inquiry<S, B> for Probing
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    B: Default,
{
    type Error = Infallible;
    type Future = Probe<S::Future>;
    const CALLS_SERVICE: bool = true;

    fn inquire(&self, head: &Parts, depends_on_state: bool, service: &mut S) -> Probe<S::Future> {
        let kind = MethodKind::of(&head.method);
        let needed = Needed::of(&ConditionalFields::from_headers(&head.headers));
        let unjudged = self.unjudged;
        match kind {
            _ if !depends_on_state => return Probe::Unasked { found: None },
            MethodKind::Selects if matches!(head.method, Method::GET | Method::HEAD) => {}
            // What QUERY selects depends on its content, which a HEAD has not.
            MethodKind::Selects | MethodKind::Neither => return Probe::Unasked { found: None },
            MethodKind::Changes if may_be_of_one_method::<S>() => {
                let found = Representation::unknown(Missing::WholeService, unjudged);
                return Probe::Unasked { found: Some(found) };
            }
            MethodKind::Changes => {}
        }
        Probe::Asked { response: service.call(probe(head)), kind, needed, unjudged }
    }
}

/// Whether the service is what Axum makes of the handlers of one method, or of one handler, or may be one in a box:
/// it would run them whatever the method of the probe is, and a DELETE would be performed to ask whether it may.
fn may_be_of_one_method<S>() -> bool {
    let name = type_name::<S>();
    ["axum::routing::route::Route", "axum::handler::service::HandlerService", "tower::util::boxed"]
        .iter()
        .any(|service| name.contains(service))
}

/// HEAD for the same target, without what is about the request's content or conditions.
fn probe<B: Default>(head: &Parts) -> Request<B> {
    let mut probe = Request::new(B::default());
    *probe.method_mut() = Method::HEAD;
    *probe.uri_mut() = head.uri.clone();
    *probe.version_mut() = head.version;
    *probe.extensions_mut() = head.extensions.clone();
    // What layers outside found and hold is for the request, and not for the HEAD.
    leave_to_request(probe.extensions_mut());
    let kept = head.headers.iter().filter(|(name, _)| is_probed_with(name));
    *probe.headers_mut() = kept.fold(HeaderMap::new(), |mut headers, (name, value)| {
        headers.append(name, value.clone());
        headers
    });
    probe
}

/// Leaves in a copy of a request's extensions nothing that a handler takes, or holds, for the request itself.
fn leave_to_request(copy: &mut Extensions) {
    OfOneRequest::leave(copy);
    copy.remove::<Guard>();
    copy.remove::<Verdict>();
}

fn is_probed_with(name: &HeaderName) -> bool {
    let of_request =
        [header::RANGE, header::EXPECT, header::TRANSFER_ENCODING, header::TRAILER, header::UPGRADE];
    !name.as_str().starts_with("content-")
        && !of_request.contains(name)
        && Condition::ALL.iter().all(|condition| condition.field() != *name)
}

pin_project! {
    /// The look-up of [`Probing`].
    #[doc(hidden)]
    #[project = ProbeProjection]
    #[must_use = "futures do nothing unless polled"]
    pub enum Probe<F> {
        Unasked { found: Option<Representation> },
        Asked { #[pin] response: F, kind: MethodKind, needed: Needed, unjudged: UnevaluatedWrites },
    }
}

impl<F, ResBody, E> Future for Probe<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = Result<Representation, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let found = match self.as_mut().project() {
            ProbeProjection::Unasked { found } => {
                found.take().unwrap_or_else(Representation::defer_to_handler)
            }
            ProbeProjection::Asked { response, kind, needed, unjudged } => {
                let found = match ready!(response.poll(cx)) {
                    Ok(response) => found(response.status(), response.headers(), *kind, *needed),
                    Err(_) => Err(Missing::Answer),
                };
                found.unwrap_or_else(|missing| Representation::unknown(missing, *unjudged))
            }
        };
        // The service may count a call as under way until its future is dropped.
        self.set(Self::Unasked { found: None });
        Poll::Ready(Ok(found))
    }
}

/// What the answer to the HEAD says of the current representation.
fn found(
    status: StatusCode,
    headers: &HeaderMap,
    kind: MethodKind,
    needed: Needed,
) -> Result<Representation, Missing> {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Representation::absent()),
        _ if status.is_success() => {
            let validators = Validators::from_headers(headers);
            match needed.missing_in(&validators) {
                Some(missing) if kind == MethodKind::Changes => Err(missing),
                _ => Ok(Representation::current(validators)),
            }
        }
        _ => Err(Missing::State(status)),
    }
}
