//! The look-up: tells the layer which version of a document is current, and who made it.

use axum::{
    Extension,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, Method, Uri},
};
use percent_encoding::percent_decode_str;
use tower_precondition::{
    AbsentResponse, EntityTag, HttpDate, Representation, ResourceState, TagComparison, Validators,
};

use crate::{
    problem::Refusal,
    request::{Announced, DocumentId},
    steps::Recorder,
    store::{Listed, Revision, Store, Stored},
};

/// What the recorder of `/try` needs to show how the layer decides.
type ForRecorder = (HeaderMap, Extension<TagComparison>, Option<Extension<Recorder>>);

/// Reads the document, and attaches it so that the handler need not read it again.
pub(crate) async fn look_up(
    DocumentId(id): DocumentId,
    _: Announced,
    State(store): State<Store>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    (headers, Extension(comparison), recorder): ForRecorder,
) -> Result<Representation, Refusal> {
    let stored = store.get(&id).await?;
    let found = representation(stored.as_ref(), &method, &uri);
    if let Some(Extension(recorder)) = recorder {
        recorder.found(&comparison, &headers, found.validators());
    }
    Ok(found.with_attached(stored))
}

/// Tells the state of the document that WebDAV's `If` names. Nothing is ever locked.
pub(crate) fn state_of(
    store: Store,
    resource: &Uri,
) -> impl Future<Output = Result<ResourceState, String>> + use<> {
    let id = resource.path().strip_prefix("/documents/").filter(|id| !id.contains('/'));
    let id = id.and_then(|id| percent_decode_str(id).decode_utf8().ok()).map(|id| id.into_owned());
    async move {
        let stored = match id {
            Some(id) => store.get(&id).await.map_err(|error| error.to_string())?,
            None => None,
        };
        Ok(stored.map(|stored| validators(&stored.revision)).into())
    }
}

/// Reads the list, and attaches it so that the handler need not read it again.
pub(crate) async fn look_up_list(
    State(store): State<Store>,
    (headers, Extension(comparison), recorder): ForRecorder,
) -> Result<Representation, Refusal> {
    let rows = store.list().await?;
    let validators =
        Validators::from(tag_of_list(&rows)).with_cache_control(HeaderValue::from_static("no-cache"));
    if let Some(Extension(recorder)) = recorder {
        recorder.found(&comparison, &headers, Some(&validators));
    }
    Ok(Representation::current(validators).with_attached(rows))
}

/// The tag of a list is made of its rows. No id has a version twice, so id and version stand for the whole row.
fn tag_of_list(rows: &[Listed]) -> EntityTag {
    let parts = |row: &Listed| [row.id.clone(), row.revision.version.to_string()];
    EntityTag::from_parts(rows.iter().flat_map(parts))
}

/// Describes a stored document, for the layer to evaluate and to report in a 412.
pub(crate) fn representation(stored: Option<&Stored>, method: &Method, uri: &Uri) -> Representation {
    let Some(Stored { revision, .. }) = stored else {
        // A PATCH never creates: it is 404, with a condition as without.
        let response = match *method {
            Method::PATCH => AbsentResponse::NotFound,
            _ => AbsentResponse::ByMethod,
        };
        return Representation::absent().with_absent_response(response);
    };
    let found = Representation::current(validators(revision))
        .with_extension_member("version", revision.version)
        .with_extension_member("changed_by", revision.changed_by.as_str())
        .with_extension_member("changed_at", changed_at(revision));
    // The 412 of a guarded create then says where to read the document that exists.
    match HeaderValue::from_str(uri.path()) {
        Ok(location) => found.with_location(location),
        Err(_) => found,
    }
}

/// The validators of a revision: a tag of its version, and the time of the change.
pub(crate) fn validators(revision: &Revision) -> Validators {
    let validators = Validators::from(EntityTag::from_version(revision.version));
    match HttpDate::try_from(revision.changed_at) {
        Ok(date) => validators.with_last_modified(date),
        // The clock of the store shows a time that an HTTP date cannot express.
        Err(_) => validators,
    }
}

/// The time of the change as an HTTP date.
pub(crate) fn changed_at(revision: &Revision) -> String {
    HttpDate::try_from(revision.changed_at).map_or_else(|error| error.to_string(), |date| date.to_string())
}
