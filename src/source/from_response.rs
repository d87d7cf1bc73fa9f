use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use http::request::Parts;

use super::{Seal, ValidatorSource};
use crate::{
    precondition::MethodKind,
    representation::{Missing, Representation, UnevaluatedWrites},
};

/// Evaluates preconditions against the handler's response instead of a look-up.
///
/// [`PreconditionLayer::from_response`](crate::PreconditionLayer::from_response) makes a layer with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct FromResponse {
    pub(crate) writes: UnevaluatedWrites,
}

impl ValidatorSource for FromResponse {
    type Error = Infallible;
    type Future = Ready<Result<Representation, Infallible>>;

    fn validators(&self, head: &Parts) -> Self::Future {
        ready(Ok(match MethodKind::of(&head.method) {
            MethodKind::Selects => Representation::in_response(),
            MethodKind::Changes => Representation::unknown(Missing::LookUp, self.writes),
            MethodKind::Neither => Representation::defer_to_handler(),
        }))
    }

    fn defers_reads(&self, _: Seal) -> bool {
        true
    }
}
