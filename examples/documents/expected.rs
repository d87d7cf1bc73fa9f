use axum::{extract::FromRequestParts, http::request::Parts};
use tower_precondition::{EntityTag, Verdict};

use crate::{refusal::Refusal, store::Expected};

/// What the layer found when it let the request pass. A check before a write is a race
/// unless the write compares and sets: the store changes this version, or nothing.
impl<S: Sync> FromRequestParts<S> for Expected {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let verdict = head.extensions.get::<Verdict>().ok_or(Refusal::NoVerdict)?;
        match verdict.current() {
            None => Ok(Self::Nothing),
            Some(current) => {
                current.etag().and_then(EntityTag::version).map(Self::Version).ok_or(Refusal::NoVerdict)
            }
        }
    }
}
