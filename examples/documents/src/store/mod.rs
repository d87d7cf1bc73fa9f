//! Where documents are kept.
//!
//! The interface is what a database can do in one statement each: a change names what it
//! expects to find, and is made only if it finds that.

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
use tokio::time::timeout;

pub use self::{memory::Memory, postgres::Postgres, sqlite::Sqlite};

/// How long a statement waits for a connection, or for the lock of a file.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits for all, its answer too. Longer than what any database is told to take,
/// so that a write which is answered 503 is rather not made.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);

/// Keeps documents, and who changed what when.
pub trait Storage: Debug + Send + Sync + 'static {
    /// All documents, in the order of the octets of their ids.
    fn list(&self) -> Answer<'_, Vec<Listed>>;

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>>;

    /// Makes the change and writes it into the history, both or neither, if the store holds
    /// what the change expects; `None` where it holds something else, and then nothing is changed.
    ///
    /// A version is given out once, also where the document was deleted in between.
    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>>;

    /// What was done under this id, the oldest first; empty where nothing ever was.
    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>>;

    /// Lets go of the database, when what is under way is over.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// What a store has to say, or that it is away.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A handle to one of the stores.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Storage>);

impl Store {
    /// Opens a store, and creates it or brings it up to date where that is needed.
    ///
    /// | the URL begins with | the store is |
    /// |---|---|
    /// | `sqlite:` | a file, created where there is none |
    /// | `postgres:` or `postgresql:` | a database that others may use at the same time |
    /// | `memory:` | gone with the program |
    ///
    /// # Errors
    ///
    /// If the URL is none of these, or what it names cannot be reached or written.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::new(Sqlite::open(url).await?)),
            Some(("postgres" | "postgresql", _)) => Ok(Self::new(Postgres::open(url).await?)),
            Some(("memory", _)) => Ok(Self::new(Memory::default())),
            _ => Err("expected a URL that begins with `sqlite:`, `postgres:` or `memory:`".into()),
        }
    }

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

/// What people edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub title: String,
    pub text: String,
}

/// Which version of a document it is, and who made it so, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub version: u64,
    pub changed_by: String,
    pub changed_at: SystemTime,
}

/// A document as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub document: Document,
    pub revision: Revision,
}

/// A document as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub title: String,
    pub revision: Revision,
}

/// A change, and what it expects to find: nothing, or this version.
#[derive(Clone, Debug)]
pub enum Change {
    Create(Document),
    Replace { version: u64, document: Document },
    Patch { version: u64, document: Document },
    Delete { version: u64 },
}

impl Change {
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Create(_) => ChangeKind::Created,
            Self::Replace { .. } => ChangeKind::Replaced,
            Self::Patch { .. } => ChangeKind::Patched,
            Self::Delete { .. } => ChangeKind::Deleted,
        }
    }
}

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    Created,
    Replaced,
    Patched,
    Deleted,
}

impl ChangeKind {
    /// The word for it in a database.
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
        known.ok_or_else(|| format!("a change that is not known: {word}").into())
    }
}

/// A line of the history: what was done, and the version that it made, or that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub what: ChangeKind,
    pub revision: Revision,
}

/// The store did not do what was asked of it; whoever reads or writes is to come again later.
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

/// Waits for a statement, but not for ever: a database may take a question and never answer.
async fn in_time<T>(statement: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    Ok(timeout(ANSWER_TIMEOUT, statement).await??)
}
