use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use http::request::Parts;

use super::ValidatorSource;
use crate::{
    precondition::MethodKind,
    representation::{Missing, Representation, UnevaluatedWrites},
};

/// Has the response of the handler judged, instead of a representation that is looked up before.
///
/// [`PreconditionLayer::from_response`](crate::PreconditionLayer::from_response) makes a layer of it, and says
/// how it behaves.
///
/// ```
/// # use tower::Layer;
/// use tower_precondition::{FromResponse, Precondition, PreconditionLayer};
///
/// let service: Precondition<&str, FromResponse> = PreconditionLayer::from_response().layer("any service");
/// assert_eq!(*service.get_ref(), "any service");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FromResponse {
    pub(crate) unjudged: UnevaluatedWrites,
}

impl ValidatorSource for FromResponse {
    type Error = Infallible;
    type Future = Ready<Result<Representation, Infallible>>;

    fn validators(&self, head: &Parts) -> Self::Future {
        ready(Ok(match MethodKind::of(&head.method) {
            MethodKind::Selects => Representation::in_response(),
            MethodKind::Changes => Representation::unknown(Missing::LookUp, self.unjudged),
            MethodKind::Neither => Representation::defer_to_handler(),
        }))
    }
}
