//! The look-up: tells the layer which version of a document is current, who made it, and whether this very write
//! was made already.

use std::{convert::Infallible, time::SystemTime};

use axum::{
    Extension,
    extract::{FromRequestParts, OriginalUri, State},
    http::{HeaderMap, HeaderValue, Method, Uri, request::Parts},
};
use percent_encoding::percent_decode_str;
use tower_precondition::{
    AbsentResponse, EntityTag, HttpDate, MadeWrite, Representation, ResourceState, TagComparison, Validators,
    WriteIdentity,
};

use crate::{
    problem::Refusal,
    request::{Announced, DocumentId},
    steps::Recorder,
    store::{Listed, Made, Revision, Store, StoreError, Stored},
};

/// What the recorder of `/try` needs to show how the layer decides.
type ForRecorder = (HeaderMap, Extension<TagComparison>, Option<Extension<Recorder>>);

/// Reads the document, and attaches it so that the handler need not read it again.
pub(crate) async fn look_up(
    DocumentId(id): DocumentId,
    _: Announced,
    State(store): State<Store>,
    target: Target,
    (headers, Extension(comparison), recorder): ForRecorder,
) -> Result<Representation, Refusal> {
    let (stored, found) = find(&store, &id, &target).await?;
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

/// The method and the target of a request, and the identity of the write, if it has an id.
pub(crate) struct Target {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) identity: Option<WriteIdentity>,
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(head, state).await?;
        let identity = Option::<WriteIdentity>::from_request_parts(head, state).await?;
        Ok(Self { method: head.method.clone(), uri, identity })
    }
}

/// Reads the document and describes it. If this very write was made already, the description says so.
pub(crate) async fn find(
    store: &Store,
    id: &str,
    target: &Target,
) -> Result<(Option<Stored>, Representation), StoreError> {
    let (stored, made) = match &target.identity {
        Some(identity) => store.look_up(id, identity.as_bytes()).await?,
        None => (store.get(id).await?, None),
    };
    let found = representation(stored.as_ref(), target);
    let found = match made {
        Some(made) => found.with_made_write(made_write(&made, &target.uri)),
        None => found,
    };
    Ok((stored, found))
}

/// The record of a write, with the answer that it had. A PATCH was answered 200 with content: its repetition is a
/// 204.
fn made_write(made: &Made, uri: &Uri) -> MadeWrite {
    let from = made.from.map(|version| EntityTag::from_version(version).into());
    let to = made.made.map(|(version, at)| validators_at(version, at));
    let creates = from.is_none() && to.is_some();
    let mut write = MadeWrite::new(from, to);
    if creates {
        write = write.answered_created();
        if let Ok(location) = HeaderValue::from_str(uri.path()) {
            write = write.answered_with_location(location);
        }
    }
    match made.with_validators {
        true => write.answered_with_validators(),
        false => write,
    }
}

/// Describes a stored document, for the layer to evaluate and to report in a 412.
fn representation(stored: Option<&Stored>, target: &Target) -> Representation {
    let Some(Stored { revision, .. }) = stored else {
        // A PATCH never creates: it is 404, with a condition as without.
        let response = match target.method {
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
    match HeaderValue::from_str(target.uri.path()) {
        Ok(location) => found.with_location(location),
        Err(_) => found,
    }
}

/// The validators of a revision: a tag of its version, and the time of the change.
pub(crate) fn validators(revision: &Revision) -> Validators {
    validators_at(revision.version, revision.changed_at)
}

fn validators_at(version: u64, at: SystemTime) -> Validators {
    let validators = Validators::from(EntityTag::from_version(version));
    match HttpDate::try_from(at) {
        Ok(date) => validators.with_last_modified(date),
        // The clock of the store shows a time that an HTTP date cannot express.
        Err(_) => validators,
    }
}

/// The time of the change as an HTTP date.
pub(crate) fn changed_at(revision: &Revision) -> String {
    HttpDate::try_from(revision.changed_at).map_or_else(|error| error.to_string(), |date| date.to_string())
}
