use std::{future::Future, pin::Pin, str::FromStr, time::Duration};

use sqlx::{
    PgPool, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::QueryAs,
    query_as,
};

use super::{
    Answer, Change, ChangeKind, Document, Entry, Listed, PATIENCE, Revision, Storage, StoreError, Stored,
    in_time, revision,
};

/// Keeps documents in a PostgreSQL database, which several of this program may share.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
}

/// How many connections one of this program has at most.
const CONNECTIONS: u32 = 10;

/// The server gives a statement up before this program does, so that a write which is
/// answered 503 is rather not made.
const STATEMENT_TIMEOUT: &str = "4s";
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);

/// Milliseconds since 1970.
macro_rules! changed_at {
    () => {
        "floor(extract(epoch FROM changed_at) * 1000)::bigint"
    };
}

/// One statement of a change and of its line in the history: where the change finds something
/// else, it makes no row, and there is nothing to note.
macro_rules! noted {
    ($change:literal) => {
        concat!(
            "WITH changed AS (",
            $change,
            " RETURNING id, version, change, changed_by, changed_at), \
             noted AS (INSERT INTO history (id, version, change, changed_by, changed_at) \
             SELECT id, version, change, changed_by, changed_at FROM changed) \
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

const HISTORY: &str = concat!(
    "SELECT change, version, changed_by, ",
    changed_at!(),
    " FROM history WHERE id = $1 ORDER BY position"
);

/// Only what was deleted may be taken for nothing; it goes on with the next version.
const CREATE: &str = noted!(
    "INSERT INTO documents AS known (id, version, title, text, change, changed_by, changed_at) \
     VALUES ($1, 1, $2, $3, 'created', $4, clock_timestamp()) \
     ON CONFLICT (id) DO UPDATE SET version = known.version + 1, title = excluded.title, \
     text = excluded.text, change = excluded.change, changed_by = excluded.changed_by, \
     changed_at = excluded.changed_at WHERE known.change = 'deleted'"
);

const UPDATE: &str = noted!(
    "UPDATE documents SET version = version + 1, title = $3, text = $4, change = $5, \
     changed_by = $6, changed_at = clock_timestamp() \
     WHERE id = $1 AND version = $2 AND change <> 'deleted'"
);

const DELETE: &str = noted!(
    "UPDATE documents SET title = '', text = '', change = 'deleted', changed_by = $3, \
     changed_at = clock_timestamp() WHERE id = $1 AND version = $2 AND change <> 'deleted'"
);

/// The version, who made it so, and when.
type RevisionRow = (i64, String, i64);

impl Postgres {
    /// Connects, and creates the tables where they are missing.
    ///
    /// # Errors
    ///
    /// If the URL is malformed, or the database cannot be reached.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("documents")
            .options([("statement_timeout", STATEMENT_TIMEOUT)]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
        let pool = pool.connect_lazy_with(options);
        // Others may start at the same time: the migrator holds a lock of the database meanwhile.
        migrator().run(&pool).await?;
        Ok(Self { pool })
    }
}

fn migrator() -> Migrator {
    let sql = include_str!("../../migrations/postgres/0001_documents.sql").into_sql_str();
    Migrator::with_migrations(vec![Migration::new(1, "documents".into(), MigrationType::Simple, sql, false)])
}

impl Storage for Postgres {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        Box::pin(async {
            let rows = query_as::<_, (String, String, i64, String, i64)>(LIST).fetch_all(&self.pool);
            let listed = |(id, title, version, by, at)| {
                Ok(Listed { id, title, revision: revision(version, by, at)? })
            };
            in_time(rows, ANSWER_TIMEOUT).await?.into_iter().map(listed).collect()
        })
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        Box::pin(async move {
            let row = query_as::<_, (String, String, i64, String, i64)>(GET).bind(id).fetch_optional(&self.pool);
            let stored = |(title, text, version, by, at)| {
                Ok(Stored { document: Document { title, text }, revision: revision(version, by, at)? })
            };
            in_time(row, ANSWER_TIMEOUT).await?.map(stored).transpose()
        })
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        Box::pin(async move {
            // Read to its end: what is answered before the commit is no answer yet.
            let rows = statement(id, change, by)?.fetch_all(&self.pool);
            let made = in_time(rows, ANSWER_TIMEOUT).await?.pop();
            made.map(|(version, by, at)| revision(version, by, at)).transpose()
        })
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        Box::pin(async move {
            let rows = query_as::<_, (String, i64, String, i64)>(HISTORY).bind(id).fetch_all(&self.pool);
            let entry = |(change, version, by, at): (String, _, _, _)| {
                Ok(Entry { what: ChangeKind::from_word(&change)?, revision: revision(version, by, at)? })
            };
            in_time(rows, ANSWER_TIMEOUT).await?.into_iter().map(entry).collect()
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
