use http::{Response, request::Parts};

use super::{OwnBody, RejectionResponder};
use crate::decision::Rejection;

/// A [`RejectionResponder`] of any type, so that the code around it is compiled once and not for each type.
pub(crate) trait AnyResponder {
    fn respond(&self, rejection: &Rejection, head: &Parts) -> Response<OwnBody>;
}

impl<R: RejectionResponder> AnyResponder for R {
    fn respond(&self, rejection: &Rejection, head: &Parts) -> Response<OwnBody> {
        RejectionResponder::respond(self, rejection, head).map(|content| OwnBody::whole(content.into()))
    }
}
