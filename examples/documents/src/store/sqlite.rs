use std::{
    future::Future,
    io,
    path::{self, PathBuf},
    pin::Pin,
    str::FromStr,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    migrate::Migrator,
    query::QueryAs,
    query_as,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

use super::{
    Answer, Change, Entry, Identity, Limits, Listed, Made, Once, Revision, Storage, StoreError, Stored,
    in_time, made_in_time, migration,
    rows::{
        EntryRow, ListedRow, LookedUpRow, RevisionRow, StoredRow, entry, listed, looked_up, revision, stored,
    },
};

/// Keeps documents in a SQLite file.
///
/// SQLite allows one writer at a time, so the pool of writers has one connection: writes wait for it
/// in the order in which they came. Readers do not wait, because of the write-ahead log.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    readers: SqlitePool,
    writer: SqlitePool,
}

const READERS: u32 = 4;

/// How long a program that starts waits for others that start at the same time and migrate the file.
const MIGRATION_PATIENCE: Duration = Duration::from_secs(30);

const LIST: &str = "SELECT id, title, version, changed_by, changed_at FROM documents \
     WHERE change <> 'deleted' ORDER BY id";

const GET: &str = "SELECT title, text, version, changed_by, changed_at FROM documents \
     WHERE id = ?1 AND change <> 'deleted'";

const HISTORY: &str =
    "SELECT change, version, changed_by, changed_at FROM history WHERE id = ?1 ORDER BY position";

/// The current time, in milliseconds since 1970.
macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}

const LOOK_UP: &str = concat!(
    "SELECT title, text, version, changed_by, changed_at, made_from, made, recent_writes.with_validators, made_at \
     FROM (SELECT 1) LEFT JOIN documents ON documents.id = ?1 AND change <> 'deleted' \
     LEFT JOIN recent_writes ON recent_writes.identity = ?2 AND recent_writes.id = ?1 AND made_at > ",
    now!(),
    " - 86400000"
);

/// Replaces the row of a deleted document, with the next version number, but no other row.
const CREATE: &str = concat!(
    "INSERT INTO documents AS known \
     (id, version, title, text, change, changed_by, identity, with_validators, changed_at) \
     VALUES (?1, 1, ?2, ?3, 'created', ?4, ?5, ?6, ",
    now!(),
    ") ON CONFLICT (id) DO UPDATE SET version = known.version + 1, title = excluded.title, \
     text = excluded.text, change = excluded.change, changed_by = excluded.changed_by, \
     changed_at = excluded.changed_at, identity = excluded.identity, \
     with_validators = excluded.with_validators WHERE known.change = 'deleted' \
     RETURNING version, changed_by, changed_at"
);

const UPDATE: &str = concat!(
    "UPDATE documents SET version = version + 1, title = ?3, text = ?4, change = ?5, changed_by = ?6, \
     identity = ?7, with_validators = ?8, changed_at = ",
    now!(),
    " WHERE id = ?1 AND version = ?2 AND change <> 'deleted' RETURNING version, changed_by, changed_at"
);

const DELETE: &str = concat!(
    "UPDATE documents SET title = '', text = '', change = 'deleted', changed_by = ?3, \
     identity = ?4, with_validators = ?5, changed_at = ",
    now!(),
    " WHERE id = ?1 AND version = ?2 AND change <> 'deleted' RETURNING version, changed_by, changed_at"
);

/// Names the file of this URL.
pub(super) fn place(url: &str) -> Result<String, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?;
    Ok(format!("the file {}", path::absolute(options.get_filename())?.display()))
}

impl Sqlite {
    /// Opens the file. Creates the file and its tables if they are missing.
    ///
    /// # Errors
    ///
    /// If the file cannot be read and written, or belongs to another program.
    pub async fn open(url: &str, limits: Limits) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A power failure must not lose an acknowledged write.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(limits.connection);
        migrate(&options.clone().busy_timeout(MIGRATION_PATIENCE)).await?;

        if !options.get_filename().try_exists()? {
            return Err("expected the name of a file; `memory:` keeps documents in memory".into());
        }
        let pool = || SqlitePoolOptions::new().acquire_timeout(limits.connection).test_before_acquire(false);
        Ok(Self {
            path: options.get_filename().to_owned(),
            // If someone removes the file, it must not come back empty.
            readers: pool()
                .max_connections(READERS)
                .connect_lazy_with(options.clone().create_if_missing(false).read_only(true)),
            writer: pool().max_connections(1).connect_lazy_with(options.create_if_missing(false)),
        })
    }

    async fn make(
        &self,
        id: &str,
        change: &Change,
        by: &str,
        once: Option<Once<'_>>,
    ) -> Result<Option<Revision>, StoreError> {
        self.check_file()?;
        // Read all rows: the database commits only after it has returned the last one.
        let statement = statement(id, change, by)?
            .bind(once.map(|once| once.identity.as_slice()))
            .bind(once.is_some_and(|once| once.with_validators));
        let made = made_in_time(statement.fetch_all(&self.writer)).await?;
        made.map(revision).transpose()
    }

    /// SQLite keeps writing to a file that was removed or renamed; such writes would be lost.
    fn check_file(&self) -> io::Result<()> {
        match self.path.try_exists()? {
            true => Ok(()),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Several instances may open the file at once: the transaction lets one of them create the tables.
async fn migrate(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Not `run`: the compiler cannot prove that its future is `Send`.
    migrator().run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

fn migrator() -> Migrator {
    let first = include_str!("../../migrations/sqlite/0001_documents.sql");
    let second = include_str!("../../migrations/sqlite/0002_recent_writes.sql");
    Migrator::with_migrations(vec![migration(1, "documents", first), migration(2, "recent writes", second)])
}

impl Storage for Sqlite {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        Box::pin(async {
            self.check_file()?;
            let rows = query_as::<_, ListedRow>(LIST).fetch_all(&self.readers);
            in_time(rows).await?.into_iter().map(listed).collect()
        })
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        Box::pin(async move {
            self.check_file()?;
            let row = query_as::<_, StoredRow>(GET).bind(id);
            let row = in_time(row.fetch_optional(&self.readers)).await?;
            row.map(stored).transpose()
        })
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        Box::pin(self.make(id, change, by, None))
    }

    fn look_up<'a>(
        &'a self,
        id: &'a str,
        identity: &'a Identity,
    ) -> Answer<'a, (Option<Stored>, Option<Made>)> {
        Box::pin(async move {
            self.check_file()?;
            let row = query_as::<_, LookedUpRow>(LOOK_UP).bind(id).bind(identity.as_slice());
            looked_up(in_time(row.fetch_one(&self.readers)).await?)
        })
    }

    fn write_once<'a>(
        &'a self,
        id: &'a str,
        change: &'a Change,
        by: &'a str,
        once: Once<'a>,
    ) -> Answer<'a, Option<Revision>> {
        Box::pin(self.make(id, change, by, Some(once)))
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        Box::pin(async move {
            self.check_file()?;
            let rows = query_as::<_, EntryRow>(HISTORY).bind(id).fetch_all(&self.readers);
            in_time(rows).await?.into_iter().map(entry).collect()
        })
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            self.readers.close().await;
            self.writer.close().await;
        })
    }
}

fn statement<'a>(
    id: &'a str,
    change: &'a Change,
    by: &'a str,
) -> Result<QueryAs<'a, sqlx::Sqlite, RevisionRow, SqliteArguments>, StoreError> {
    Ok(match change {
        Change::Create(document) => {
            query_as(CREATE).bind(id).bind(&document.title).bind(&document.text).bind(by)
        }
        Change::Replace { version, document } | Change::Patch { version, document } => query_as(UPDATE)
            .bind(id)
            .bind(i64::try_from(*version)?)
            .bind(&document.title)
            .bind(&document.text)
            .bind(change.kind().as_str())
            .bind(by),
        Change::Delete { version } => query_as(DELETE).bind(id).bind(i64::try_from(*version)?).bind(by),
    })
}
