//! What the layer asks: which representation is current, and who made it so.

use axum::{
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, HeaderValue, Method, header},
};
use tower_precondition::{EntityTag, HttpDate, Representation, Validators};

use crate::{
    refusal::Refusal,
    store::{Store, Stored},
};

pub(crate) async fn look_up(
    State(store): State<Store>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
) -> Result<Representation, Refusal> {
    check_media_type(&method, &headers)?;
    let Some(stored) = store.get(&id).await else {
        return Ok(Representation::absent());
    };
    let mut found = Representation::current(validators(&stored))
        .with_member("changed_by", stored.changed_by.as_str())
        .with_member("changed_at", changed_at(&stored));
    // The 412 of a guarded create then says where what is there already can be read.
    if let Ok(location) = HeaderValue::from_str(uri.path()) {
        found = found.with_location(location);
    }
    Ok(found)
}

/// What describes a stored document: its version, and when it was made.
pub(crate) fn validators(stored: &Stored) -> Validators {
    let validators = Validators::from(EntityTag::from_version(stored.version));
    match HttpDate::try_from(stored.changed_at) {
        Ok(date) => validators.with_last_modified(date),
        // A clock that HTTP cannot express.
        Err(_) => validators,
    }
}

/// When it was changed, in words.
pub(crate) fn changed_at(stored: &Stored) -> String {
    HttpDate::try_from(stored.changed_at).map_or_else(|error| error.to_string(), |date| date.to_string())
}

/// A request that is refused without its preconditions is refused with them (RFC 9110
/// §13.2.1): what is no document is 415, not 412, and so is looked at before them.
fn check_media_type(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let expected = match *method {
        Method::PUT => "application/json",
        Method::PATCH => "application/merge-patch+json",
        _ => return Ok(()),
    };
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.eq_ignore_ascii_case(expected) {
        true => Ok(()),
        false => Err(Refusal::MediaType(expected)),
    }
}
