//! Handlers of documents. None of them looks at a conditional header: the layer does.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LOCATION, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tower_precondition::{Attached, EntityTag, TagComparison, Validators, Verdict};
use utoipa::ToSchema;

use crate::{
    problem::Refusal,
    request::{Content, DocumentId, User, storable},
    source::{Target, changed_at, find, validators},
    steps::Recorder,
    store::{Change, ChangeKind, Document, Entry, Listed, Once, Revision, Store, Stored},
};

/// The history has no validator, so a cache could not revalidate it.
const UNVALIDATED: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

#[derive(Serialize, ToSchema)]
pub(crate) struct ListItem {
    id: String,
    title: String,
    version: u64,
    changed_by: String,
    changed_at: String,
}

/// Answers with the list that the look-up attached; the layer adds its tag.
pub(crate) async fn list(
    State(store): State<Store>,
    attached: Option<Attached<Vec<Listed>>>,
) -> Result<Response, Refusal> {
    let rows = match attached {
        Some(Attached(rows)) => rows,
        None => store.list().await?,
    };
    let item = |Listed { id, title, revision }: Listed| ListItem {
        id,
        title,
        version: revision.version,
        changed_at: changed_at(&revision),
        changed_by: revision.changed_by,
    };
    let items: Vec<ListItem> = rows.into_iter().map(item).collect();
    Ok(Json(items).into_response())
}

#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryItem {
    version: u64,
    what: ChangeKind,
    changed_by: String,
    changed_at: String,
}

pub(crate) async fn history(
    DocumentId(id): DocumentId,
    State(store): State<Store>,
) -> Result<Response, Refusal> {
    let history = store.history(&id).await?;
    if history.is_empty() {
        return Err(Refusal::not_found());
    }
    let item = |entry: Entry| HistoryItem {
        version: entry.revision.version,
        what: entry.what,
        changed_at: changed_at(&entry.revision),
        changed_by: entry.revision.changed_by,
    };
    let items: Vec<HistoryItem> = history.into_iter().map(item).collect();
    Ok((UNVALIDATED, Json(items)).into_response())
}

/// The number of the version, for clients: they must treat entity tags as opaque.
const VERSION: HeaderName = HeaderName::from_static("x-version");

/// Answers with the document that the look-up attached; the layer adds the validators.
///
/// A look-up that failed attached nothing, and the GET went on. Then it reads the document itself.
pub(crate) async fn read(
    State(store): State<Store>,
    DocumentId(id): DocumentId,
    attached: Option<Attached<Option<Stored>>>,
) -> Result<Response, Refusal> {
    let stored = match attached {
        Some(Attached(stored)) => stored,
        None => store.get(&id).await?,
    };
    let Stored { document, revision } = stored.ok_or_else(Refusal::not_found)?;
    Ok(([(VERSION, revision.version)], Json(document)).into_response())
}

pub(crate) async fn replace(write: Write, Content(content): Content) -> Result<Response, Refusal> {
    let document = storable(serde_json::from_slice(&content)?)?;
    // A body with other white space or member order is stored, but GET answers with other bytes.
    let stored_as_sent = serde_json::to_vec(&document)? == content;
    let (change, status) = match write.version() {
        None => (Change::Create(document), StatusCode::CREATED),
        Some(version) => (Change::Replace { version, document }, StatusCode::NO_CONTENT),
    };
    let revision = write.make(&change, stored_as_sent).await?;
    // A validator tells the client that the server stored exactly what it sent (RFC 9110 §9.3.4).
    // Without one, the client reads the document again.
    let validators = stored_as_sent.then(|| validators(&revision));
    let version = [(VERSION, revision.version)];
    Ok(match status {
        StatusCode::CREATED => {
            (status, validators, version, [(LOCATION, write.target.uri.path())]).into_response()
        }
        _ => (status, validators, version, ()).into_response(),
    })
}

/// Answers with the whole new document, so that the validators describe the body of this answer.
pub(crate) async fn patch(
    write: Write,
    Attached(base): Attached<Option<Stored>>,
    Content(content): Content,
) -> Result<Response, Refusal> {
    let (Some(version), Some(base)) = (write.version(), base) else {
        return Err(Refusal::not_found());
    };
    let patch = serde_json::from_slice(&content)?;
    let mut merged = serde_json::to_value(base.document)?;
    json_patch::merge(&mut merged, &patch);
    let document: Document = storable(serde_json::from_value(merged)?)?;

    let revision = write.make(&Change::Patch { version, document: document.clone() }, true).await?;
    let version = [(VERSION, revision.version)];
    let location = [(CONTENT_LOCATION, write.target.uri.path())];
    Ok((validators(&revision), version, location, Json(document)).into_response())
}

pub(crate) async fn remove(write: Write) -> Result<StatusCode, Refusal> {
    let version = write.version().ok_or_else(Refusal::not_found)?;
    write.make(&Change::Delete { version }, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A write that the layer let pass: which document, by whom, and the version that the layer evaluated.
///
/// Another write can come between that evaluation and this one. The store therefore compares and sets:
/// it changes the version that the layer evaluated, or nothing.
pub(crate) struct Write {
    store: Store,
    id: String,
    target: Target,
    user: String,
    verdict: Verdict,
    headers: HeaderMap,
    comparison: TagComparison,
    recorder: Option<Recorder>,
}

impl Write {
    /// The version that the layer evaluated; `None` if there was no document.
    fn version(&self) -> Option<u64> {
        self.verdict.current().and_then(Validators::etag).and_then(EntityTag::version)
    }

    /// Writes the change, and records it if the request has an id. If someone else wrote first, returns the refusal
    /// that the request would get now. If it was this very request, sent twice, that is its success.
    async fn make(&self, change: &Change, with_validators: bool) -> Result<Revision, Refusal> {
        let Self { store, id, user, .. } = self;
        let written = match self.verdict.write_identity() {
            Some(identity) => {
                let once = Once { identity: identity.as_bytes(), with_validators };
                store.write_once(id, change, user, once).await?
            }
            None => store.write(id, change, user).await?,
        };
        if let Some(revision) = written {
            return Ok(revision);
        }
        let (_, current) = find(store, id, &self.target).await?;
        if let Some(recorder) = &self.recorder {
            recorder.found(&self.comparison, &self.headers, current.validators());
        }
        Err(self.verdict.reject(current).into())
    }
}

impl FromRequestParts<Store> for Write {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, store: &Store) -> Result<Self, Refusal> {
        let verdict = Verdict::from_request_parts(head, store)
            .await
            .map_err(|missing| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, missing.to_string()))?;
        let DocumentId(id) = DocumentId::from_request_parts(head, store).await?;
        let User(user) = User::from_request_parts(head, store).await?;
        let Ok(target) = Target::from_request_parts(head, store).await;
        let recorder = head.extensions.get().cloned();
        let headers = head.headers.clone();
        let comparison = head.extensions.get().cloned().unwrap_or_default();
        Ok(Self { store: store.clone(), id, target, user, verdict, headers, comparison, recorder })
    }
}
