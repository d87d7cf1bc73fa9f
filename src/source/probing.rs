mod answer;
mod fields;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{HeaderName, Method, Request, Response, request::Parts};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{Asked, RepresentationSource};
use crate::{
    decision::Verdict,
    precondition::{Carried, MethodKind},
    representation::{FromSource, Missing, Representation, UnevaluatedWrites},
};
use answer::found;
use fields::{LackedFields, overrides_method};

/// Asks the service itself what exists, with a HEAD for the same target.
///
/// [`PreconditionLayer::probing`](crate::PreconditionLayer::probing) makes a layer with it.
#[derive(Clone, Debug, Default)]
pub struct Probing {
    pub(crate) writes: UnevaluatedWrites,
    /// Whether the user promises that a HEAD performs nothing.
    pub(crate) probes_writes: bool,
    /// What the HEAD lacks beside the fields that it always lacks.
    pub(crate) without: Vec<HeaderName>,
}

impl<S, B, ResBody> RepresentationSource<S, B> for Probing
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    B: Default,
{
    type Error = Infallible;
    type Future = Probe<S::Future>;
    const CALLS_SERVICE: bool = true;

    fn look_up(&self, head: &mut Parts, asked: Asked, service: &mut S) -> Probe<S::Future> {
        let kind = MethodKind::of(&head.method);
        match kind {
            _ if !asked.depends_on_state => return Probe::NotSent { found: None },
            MethodKind::Neither => return Probe::NotSent { found: None },
            MethodKind::Changes if !self.probes_writes => return self.not_sent(Missing::Promise),
            _ if overrides_method(head) => return self.not_sent(Missing::Method),
            // QUERY selects by its content, and a HEAD has none.
            MethodKind::Selects if !matches!(head.method, Method::GET | Method::HEAD) => {
                return self.not_sent(Missing::Content);
            }
            MethodKind::Selects | MethodKind::Changes => {}
        }
        let (probe, lacked) = self.probe(head);
        let response = service.call(probe);
        Probe::Sent { response, kind, carried: asked.carried, writes: self.writes, lacked }
    }

    fn poll_look_up(
        &self,
        mut probe: Pin<&mut Self::Future>,
        _: &mut Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Representation, Infallible>> {
        let found = match probe.as_mut().project() {
            ProbeProjection::NotSent { found } => {
                found.take().unwrap_or_else(Representation::defer_to_handler)
            }
            ProbeProjection::Sent { response, kind, carried, writes, lacked } => {
                let found = match ready!(response.poll(cx)) {
                    Ok(response) => found(response.into_parts().0, *kind, *carried, lacked),
                    Err(_) => Err(Missing::Answer),
                };
                found.unwrap_or_else(|missing| Representation::unknown(missing, *writes))
            }
        };
        // A concurrency limit counts the call until its future is dropped.
        probe.set(Probe::NotSent { found: None });
        Poll::Ready(Ok(found))
    }
}

impl Probing {
    /// Leaves a request unevaluated, without a HEAD.
    fn not_sent<F>(&self, missing: Missing) -> Probe<F> {
        Probe::NotSent { found: Some(Representation::unknown(missing, self.writes)) }
    }

    /// Makes a HEAD for the same target.
    fn probe<B: Default>(&self, head: &Parts) -> (Request<B>, LackedFields) {
        let mut probe = Request::new(B::default());
        *probe.method_mut() = Method::HEAD;
        *probe.uri_mut() = head.uri.clone();
        *probe.version_mut() = head.version;
        *probe.extensions_mut() = head.extensions.clone();
        // Outer layers left these for the request itself.
        FromSource::remove_owned_from(probe.extensions_mut());
        probe.extensions_mut().remove::<Verdict>();
        let (carried, lacked) = LackedFields::of(&head.headers, &self.without);
        *probe.headers_mut() = carried;
        (probe, lacked)
    }
}

pin_project! {
    /// The look-up of [`Probing`]. No other crate can name it.
    #[doc(hidden)]
    #[project = ProbeProjection]
    #[must_use = "futures do nothing unless polled"]
    pub enum Probe<F> {
        NotSent { found: Option<Representation> },
        Sent {
            #[pin]
            response: F,
            kind: MethodKind,
            carried: Carried,
            writes: UnevaluatedWrites,
            lacked: LackedFields,
        },
    }
}
