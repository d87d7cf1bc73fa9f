//! tower-precondition: a look-up, and a compare-and-set.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use tower_precondition::{EntityTag, PreconditionLayer, Rejection, Verdict, validators_from_fn_with_state};

type Note = Arc<Mutex<(u64, String)>>;

pub fn app() -> Router {
    let note = Note::new(Mutex::new((1, "version 1".to_owned())));
    let layer = PreconditionLayer::new(validators_from_fn_with_state(note.clone(), lookup));
    Router::new().route("/{id}", get(read).put(write).route_layer(layer)).with_state(note)
}

async fn lookup(State(note): State<Note>, Path(id): Path<String>) -> Option<EntityTag> {
    (id == "note").then(|| EntityTag::from_version(note.lock().unwrap().0))
}

async fn read(State(note): State<Note>, Path(id): Path<String>) -> Result<String, StatusCode> {
    if id == "note" { Ok(note.lock().unwrap().1.clone()) } else { Err(StatusCode::NOT_FOUND) }
}

async fn write(
    State(note): State<Note>,
    Path(id): Path<String>,
    verdict: Verdict,
    text: String,
) -> Result<StatusCode, Rejection> {
    if id != "note" {
        return Ok(StatusCode::CREATED);
    }
    let mut note = note.lock().unwrap();
    if verdict.current_number() != Some(note.0) {
        return Err(verdict.reject(EntityTag::from_version(note.0)));
    }
    *note = (note.0 + 1, text);
    Ok(StatusCode::NO_CONTENT)
}
