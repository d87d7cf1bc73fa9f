use axum::{Router, routing::get};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sqlx::{query_as, query_scalar};
use tower_precondition::{EntityTag, PreconditionLayer, Requirement, Verdict, validators_from_fn_with_state};

async fn version(db: &Pool, id: i64) -> Result<Option<i64>, DbError> {
    Ok(query_scalar("SELECT version FROM note WHERE id = $1").bind(id).fetch_optional(db).await?)
}

async fn lookup(State(db): State<Pool>, Path(id): Path<i64>) -> Result<Option<EntityTag>, DbError> {
    Ok(version(&db, id).await?.map(EntityTag::from_number))
}

/// Reads the version with the text: the note may have changed since the look-up.
async fn read(State(db): State<Pool>, Path(id): Path<i64>) -> axum::response::Result<(EntityTag, String)> {
    let note = query_as("SELECT version, text FROM note WHERE id = $1").bind(id).fetch_optional(&db).await;
    let (version, text): (i64, String) = note.map_err(DbError::from)?.ok_or(StatusCode::NOT_FOUND)?;
    Ok((EntityTag::from_number(version), text))
}

/// Returns the new version, or `None` if the note is no longer as it was seen.
async fn store(db: &Pool, id: i64, seen: Option<i64>, text: &str) -> Result<Option<i64>, DbError> {
    const UPDATE: &str = "UPDATE note SET text = $2, version = version + 1
                          WHERE id = $1 AND version = $3 RETURNING version";
    const INSERT: &str = "INSERT INTO note (id, text, version) VALUES ($1, $2, 1)
                          ON CONFLICT DO NOTHING RETURNING version";
    let statement = match seen {
        Some(seen) => query_scalar(UPDATE).bind(id).bind(text).bind(seen),
        None => query_scalar(INSERT).bind(id).bind(text),
    };
    Ok(statement.fetch_optional(db).await?)
}

async fn write(
    State(db): State<Pool>,
    Path(id): Path<i64>,
    verdict: Verdict,
    text: String,
) -> axum::response::Result<(StatusCode, EntityTag)> {
    match store(&db, id, verdict.current_number(), &text).await? {
        Some(version) => Ok((StatusCode::NO_CONTENT, EntityTag::from_number(version))),
        // Somebody was faster: the answer names the version that is there now.
        None => Err(verdict.reject(version(&db, id).await?.map(EntityTag::from_number)).into()),
    }
}

/// Tells the client nothing of the database.
struct DbError(sqlx::Error);

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for DbError {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

fn app(db: Pool) -> Router {
    let layer = PreconditionLayer::new(validators_from_fn_with_state(db.clone(), lookup))
        .require(Requirement::on_writes());
    Router::new().route("/notes/{id}", get(read).put(write).route_layer(layer)).with_state(db)
}
