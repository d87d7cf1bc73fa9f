use std::{future::Future, pin::Pin, str::FromStr};

use sqlx::{
    ConnectOptions, Connection, PgPool,
    migrate::Migrator,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::QueryAs,
    query_as,
};

use tokio::time::timeout;

use super::{
    Answer, Change, Entry, Identity, Limits, Listed, Made, Once, Revision, Storage, StoreError, Stored,
    in_time, made_in_time, migration,
    rows::{
        EntryRow, ListedRow, LookedUpRow, RevisionRow, StoredRow, entry, listed, looked_up, revision, stored,
    },
};

/// Keeps documents in a PostgreSQL database, which several instances of the program may share.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
}

/// The most connections that one instance of the program opens.
const CONNECTIONS: u32 = 10;

/// The time of a change, in milliseconds since 1970.
macro_rules! changed_at {
    () => {
        "floor(extract(epoch FROM changed_at) * 1000)::bigint"
    };
}

/// One statement that makes a change, adds it to the history, and records it if it has an identity. If the
/// change does not find what it expects, it returns no row, and so adds nothing.
macro_rules! noted {
    ($change:literal, from $from:literal, made $made:literal, identity $identity:literal, with validators $with_validators:literal) => {
        concat!(
            "WITH changed AS (",
            $change,
            " RETURNING id, version, change, changed_by, changed_at), \
             noted AS (INSERT INTO history (id, version, change, changed_by, changed_at) \
             SELECT id, version, change, changed_by, changed_at FROM changed), \
             recorded AS (INSERT INTO recent_writes (identity, id, made_from, made, with_validators, made_at) \
             SELECT ",
            $identity,
            "::bytea, id, ",
            $from,
            "::bigint, ",
            $made,
            "::bigint, ",
            $with_validators,
            "::boolean, changed_at FROM changed WHERE ",
            $identity,
            "::bytea IS NOT NULL) \
             SELECT version, changed_by, ",
            changed_at!(),
            " FROM changed"
        )
    };
}

const LIST: &str = concat!(
    "SELECT id, title, version, changed_by, ",
    changed_at!(),
    " FROM documents WHERE change <> 'deleted' ORDER BY id"
);

const GET: &str = concat!(
    "SELECT title, text, version, changed_by, ",
    changed_at!(),
    " FROM documents WHERE id = $1 AND change <> 'deleted'"
);

const LOOK_UP: &str = concat!(
    "SELECT title, text, version, changed_by, ",
    changed_at!(),
    ", made_from, made, with_validators, floor(extract(epoch FROM made_at) * 1000)::bigint \
     FROM (VALUES (1)) AS one LEFT JOIN documents ON documents.id = $1 AND change <> 'deleted' \
     LEFT JOIN recent_writes ON identity = $2 AND recent_writes.id = $1 \
     AND made_at > clock_timestamp() - interval '24 hours'"
);

const HISTORY: &str = concat!(
    "SELECT change, version, changed_by, ",
    changed_at!(),
    " FROM history WHERE id = $1 ORDER BY position"
);

/// Replaces the row of a deleted document, with the next version number, but no other row.
const CREATE: &str = noted!(
    "INSERT INTO documents AS known (id, version, title, text, change, changed_by, changed_at) \
     VALUES ($1, 1, $2, $3, 'created', $4, clock_timestamp()) \
     ON CONFLICT (id) DO UPDATE SET version = known.version + 1, title = excluded.title, \
     text = excluded.text, change = excluded.change, changed_by = excluded.changed_by, \
     changed_at = excluded.changed_at WHERE known.change = 'deleted'",
    from "NULL", made "version", identity "$5", with validators "$6"
);

const UPDATE: &str = noted!(
    "UPDATE documents SET version = version + 1, title = $3, text = $4, change = $5, \
     changed_by = $6, changed_at = clock_timestamp() \
     WHERE id = $1 AND version = $2 AND change <> 'deleted'",
    from "$2", made "version", identity "$7", with validators "$8"
);

const DELETE: &str = noted!(
    "UPDATE documents SET title = '', text = '', change = 'deleted', changed_by = $3, \
     changed_at = clock_timestamp() WHERE id = $1 AND version = $2 AND change <> 'deleted'",
    from "$2", made "NULL", identity "$4", with validators "$5"
);

impl Postgres {
    /// Connects to the database. Creates the tables if they are missing.
    ///
    /// # Errors
    ///
    /// If the URL is malformed, or the database cannot be reached.
    pub async fn open(url: &str, limits: Limits) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("documents");
        migrate(&options, limits).await?;

        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(limits.connection);
        // In milliseconds.
        let statement_timeout = limits.statement.as_millis().to_string();
        let pool = pool.connect_lazy_with(options.options([("statement_timeout", statement_timeout)]));
        Ok(Self { pool })
    }

    async fn make(
        &self,
        id: &str,
        change: &Change,
        by: &str,
        once: Option<Once<'_>>,
    ) -> Result<Option<Revision>, StoreError> {
        // Read all rows: the database commits only after it has returned the last one.
        let statement = statement(id, change, by)?
            .bind(once.map(|once| once.identity.as_slice()))
            .bind(once.is_some_and(|once| once.with_validators));
        let made = made_in_time(statement.fetch_all(&self.pool)).await?;
        made.map(revision).transpose()
    }
}

/// Names the database of this URL.
pub(super) fn place(url: &str) -> Result<String, StoreError> {
    let options = PgConnectOptions::from_str(url)?;
    let name = options.get_database().unwrap_or(options.get_username());
    Ok(format!("the PostgreSQL database {name} on {}", options.get_host()))
}

/// Several instances may start at once: the migrator takes a lock in the database, and waits for it
/// without limit.
async fn migrate(options: &PgConnectOptions, limits: Limits) -> Result<(), StoreError> {
    let mut connection = timeout(limits.connection, options.connect()).await??;
    // Not `run`: the compiler cannot prove that its future is `Send`.
    migrator().run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(())
}

fn migrator() -> Migrator {
    let first = include_str!("../../migrations/postgres/0001_documents.sql");
    let second = include_str!("../../migrations/postgres/0002_recent_writes.sql");
    Migrator::with_migrations(vec![migration(1, "documents", first), migration(2, "recent writes", second)])
}

impl Storage for Postgres {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        Box::pin(async {
            let rows = query_as::<_, ListedRow>(LIST).fetch_all(&self.pool);
            in_time(rows).await?.into_iter().map(listed).collect()
        })
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        Box::pin(async move {
            let row = query_as::<_, StoredRow>(GET).bind(id).fetch_optional(&self.pool);
            in_time(row).await?.map(stored).transpose()
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
            let row = query_as::<_, LookedUpRow>(LOOK_UP).bind(id).bind(identity.as_slice());
            looked_up(in_time(row.fetch_one(&self.pool)).await?)
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
            let rows = query_as::<_, EntryRow>(HISTORY).bind(id).fetch_all(&self.pool);
            in_time(rows).await?.into_iter().map(entry).collect()
        })
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.pool.close())
    }
}

fn statement<'a>(
    id: &'a str,
    change: &'a Change,
    by: &'a str,
) -> Result<QueryAs<'a, sqlx::Postgres, RevisionRow, PgArguments>, StoreError> {
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
