//! Counters in memory, served with and without protection against lost updates.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, request::Parts};
use tokio::task::yield_now;
use tower_precondition::{
    EntityTag, PreconditionLayer, Requirement, SerializedWrites, Validators, Verdict,
    validators_from_fn_with_state,
};

/// How a handler writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// Only if the version is still the one that was evaluated.
    ComparedAndSet,
    /// Reads the version, waits a while, and writes the next one.
    Blind,
}

/// The protection around the look-up and the write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    Nothing,
    /// One write of a document at a time.
    OnesTurn,
}

#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) version: u64,
    pub(crate) text: String,
}

#[derive(Clone, Default)]
pub(crate) struct Store(Arc<Mutex<HashMap<String, Document>>>);

impl Store {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Document>> {
        self.0.lock().expect("no test panics in here")
    }

    pub(crate) fn read(&self, id: &str) -> Option<Document> {
        self.lock().get(id).cloned()
    }

    pub(crate) fn insert(&self, id: &str, document: Document) {
        self.lock().insert(id.to_owned(), document);
    }

    fn version(&self, id: &str) -> Option<u64> {
        self.lock().get(id).map(|document| document.version)
    }

    fn tag(&self, id: &str) -> Option<EntityTag> {
        self.version(id).map(EntityTag::from_version)
    }

    /// Returns the version that was written, or the tag that was found instead.
    fn compare_and_set(
        &self,
        id: &str,
        evaluated: Option<&EntityTag>,
        text: String,
    ) -> Result<u64, Option<EntityTag>> {
        let mut documents = self.lock();
        let version = documents.get(id).map(|document| document.version);
        let current = version.map(EntityTag::from_version);
        let unchanged = match (&current, evaluated) {
            (Some(current), Some(evaluated)) => current.strong_eq(evaluated),
            (current, evaluated) => current.is_none() && evaluated.is_none(),
        };
        if !unchanged {
            return Err(current);
        }
        let version = version.unwrap_or_default() + 1;
        documents.insert(id.to_owned(), Document { version, text });
        Ok(version)
    }

    /// Overwrites what another client wrote meanwhile.
    async fn write_blindly(&self, id: &str, text: String) -> u64 {
        let version = self.version(id).unwrap_or_default() + 1;
        for _ in 0..3 {
            yield_now().await;
        }
        self.insert(id, Document { version, text });
        version
    }
}

async fn lookup(State(store): State<Store>, Path(id): Path<String>) -> Option<EntityTag> {
    let tag = store.tag(&id);
    // Yields, as a database would: the result may be old before the layer sees it.
    yield_now().await;
    tag
}

async fn read(State(store): State<Store>, Path(id): Path<String>) -> Response {
    match store.read(&id) {
        Some(document) => {
            let tag = Validators::from(EntityTag::from_version(document.version));
            (tag, document.text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `/documents/{id}`, written and protected like this.
pub(crate) fn app(store: &Store, write: Write, around: Around, requirement: Requirement) -> Router {
    let replace = move |State(store): State<Store>,
                        Path(id): Path<String>,
                        verdict: Verdict,
                        text: String| async move {
        let written = match write {
            Write::ComparedAndSet => {
                let evaluated = verdict.current().and_then(Validators::etag);
                match store.compare_and_set(&id, evaluated, text) {
                    Ok(version) => version,
                    Err(found) => return verdict.reject(found).into_response(),
                }
            }
            Write::Blind => store.write_blindly(&id, text).await,
        };
        let status = if verdict.current().is_some() { StatusCode::NO_CONTENT } else { StatusCode::CREATED };
        (status, Validators::from(EntityTag::from_version(written)), ()).into_response()
    };
    let layer =
        PreconditionLayer::new(validators_from_fn_with_state(store.clone(), lookup)).require(requirement);
    let layer = match around {
        Around::Nothing => layer,
        Around::OnesTurn => {
            layer.serialize_writes(SerializedWrites::by(|head: &Parts| head.uri.path().to_owned()))
        }
    };
    Router::new()
        .route("/documents/{id}", get(read).put(replace).route_layer(layer))
        .with_state(store.clone())
}
