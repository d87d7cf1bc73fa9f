//! Stores of documents.
//!
//! A database can do each operation in one statement. A write names what it expects to find,
//! and changes nothing if it finds something else.

mod memory;
mod postgres;
mod rows;
mod sqlite;

use std::{
    error::Error,
    fmt::{self, Debug},
    future::Future,
    ops::Deref,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType},
};
use tokio::time::timeout;
use utoipa::ToSchema;

pub use self::{memory::Memory, postgres::Postgres, sqlite::Sqlite};

/// How long a database may keep an operation waiting. The default is what the program uses.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a connection, or for the lock of a file.
    pub connection: Duration,
    /// For PostgreSQL to end a statement.
    pub statement: Duration,
}

const DEFAULT_LIMITS: Limits =
    Limits { connection: Duration::from_secs(2), statement: Duration::from_secs(3) };

impl Default for Limits {
    fn default() -> Self {
        DEFAULT_LIMITS
    }
}

/// How long an operation waits in all.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);

// A database gives up a write before the client gets its 503.
const _: () = assert!(
    DEFAULT_LIMITS.connection.as_millis() + DEFAULT_LIMITS.statement.as_millis() < ANSWER_TIMEOUT.as_millis()
);

/// Keeps documents and their history.
pub trait Storage: Debug + Send + Sync + 'static {
    /// Returns all documents, ordered by the bytes of their ids.
    fn list(&self) -> Answer<'_, Vec<Listed>>;

    /// Returns a document, or `None` if there is none.
    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>>;

    /// Makes the change and adds it to the history, both or neither, if the store holds what the
    /// change expects. Otherwise changes nothing and returns `None`.
    ///
    /// No version number is used twice, even if the document is deleted and created again.
    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>>;

    /// Returns a document as `get` does, and the record of this write to it, if it was made in the last 24 hours.
    ///
    /// A store without such a record knows no write.
    fn look_up<'a>(&'a self, id: &'a str, _: &'a Identity) -> Answer<'a, (Option<Stored>, Option<Made>)> {
        Box::pin(async move { Ok((self.get(id).await?, None)) })
    }

    /// Writes as `write` does, and records the write with it, both or neither. A write whose identity is recorded
    /// already changes nothing and returns `None`.
    ///
    /// A store without such a record just writes.
    fn write_once<'a>(
        &'a self,
        id: &'a str,
        change: &'a Change,
        by: &'a str,
        _: Once<'a>,
    ) -> Answer<'a, Option<Revision>> {
        self.write(id, change, by)
    }

    /// Returns the history of this id, the oldest entry first; empty if the id was never used.
    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>>;

    /// Closes the connections to the database, once their statements have ended.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The future result of an operation; an error if the store is unavailable.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A shared handle to a store.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Storage>);

impl Store {
    /// Opens a store. Creates or migrates its tables if needed.
    ///
    /// | the URL begins with | the store is |
    /// |---|---|
    /// | `sqlite:` | a file, created if there is none |
    /// | `postgres:` or `postgresql:` | a database, which several instances may share |
    /// | `memory:` | in memory, and gone when the program ends |
    ///
    /// # Errors
    ///
    /// If the URL begins with none of these, or the file or database cannot be reached and written.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_within(url, Limits::default()).await
    }

    /// Opens a store as `open` does, with other limits.
    ///
    /// # Errors
    ///
    /// As those of `open`.
    pub async fn open_within(url: &str, limits: Limits) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::new(Sqlite::open(url, limits).await?)),
            Some(("postgres" | "postgresql", _)) => Ok(Self::new(Postgres::open(url, limits).await?)),
            Some(("memory", _)) => Ok(Self::new(Memory::default())),
            _ => Err("expected a URL that begins with `sqlite:`, `postgres:` or `memory:`".into()),
        }
    }

    /// Says where the store of this URL keeps documents, without a password.
    ///
    /// # Errors
    ///
    /// If the URL is invalid.
    pub fn place(url: &str) -> Result<String, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => sqlite::place(url),
            Some(("postgres" | "postgresql", _)) => postgres::place(url),
            _ => Ok("memory, and gone when the program ends".to_owned()),
        }
    }

    /// Wraps a store.
    pub fn new(storage: impl Storage) -> Self {
        Self(Arc::new(storage))
    }
}

impl Deref for Store {
    type Target = dyn Storage;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// The content of a document, as people edit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    #[schema(pattern = "^[^\\x00]*$")]
    pub title: String,
    #[schema(pattern = "^[^\\x00]*$")]
    pub text: String,
}

/// A version of a document: its number, who made it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub version: u64,
    pub changed_by: String,
    pub changed_at: SystemTime,
}

/// A document with its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub document: Document,
    pub revision: Revision,
}

/// A digest of a write: its sender, its id and its effect. Two writes with one digest are the same write.
pub type Identity = [u8; 32];

/// How to record a write.
#[derive(Clone, Copy, Debug)]
pub struct Once<'a> {
    pub identity: &'a Identity,
    /// Whether the answer carries the validators of what the write makes.
    pub with_validators: bool,
}

/// The record of a write that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The version that it replaced; `None` if there was no document.
    pub from: Option<u64>,
    /// The version that it made, and when; `None` if it deleted the document.
    pub made: Option<(u64, SystemTime)>,
    pub with_validators: bool,
}

/// A document as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub title: String,
    pub revision: Revision,
}

/// A change, with what it expects to find: no document, or this version.
#[derive(Clone, Debug)]
pub enum Change {
    Create(Document),
    Replace { version: u64, document: Document },
    Patch { version: u64, document: Document },
    Delete { version: u64 },
}

impl Change {
    /// The kind of this change, as the history names it.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Create(_) => ChangeKind::Created,
            Self::Replace { .. } => ChangeKind::Replaced,
            Self::Patch { .. } => ChangeKind::Patched,
            Self::Delete { .. } => ChangeKind::Deleted,
        }
    }
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    Created,
    Replaced,
    Patched,
    Deleted,
}

impl ChangeKind {
    /// The word for this kind in a database.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Replaced => "replaced",
            Self::Patched => "patched",
            Self::Deleted => "deleted",
        }
    }

    fn from_word(word: &str) -> Result<Self, StoreError> {
        let all = [Self::Created, Self::Replaced, Self::Patched, Self::Deleted];
        let known = all.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| format!("expected the kind of a change, found `{word}`").into())
    }
}

/// An entry of the history: the kind of the change, and the version that it made or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub what: ChangeKind,
    pub revision: Revision,
}

/// The store failed to perform an operation. It may succeed later.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// A change of the tables. Never edit one that was released: the database knows its hash.
fn migration(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

/// Waits for a statement, with a limit: a database may accept a statement and never answer.
async fn in_time<T>(statement: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    Ok(timeout(ANSWER_TIMEOUT, statement).await??)
}

/// Waits for a write as `in_time` does. `None` if it found another version, or if it was made and recorded before.
async fn made_in_time<T>(
    rows: impl Future<Output = Result<Vec<T>, sqlx::Error>>,
) -> Result<Option<T>, StoreError> {
    match timeout(ANSWER_TIMEOUT, rows).await? {
        Err(sqlx::Error::Database(refused))
            if refused.is_unique_violation() && refused.message().contains("recent_writes") =>
        {
            Ok(None)
        }
        made => Ok(made?.pop()),
    }
}
