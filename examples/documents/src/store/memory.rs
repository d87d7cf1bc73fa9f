use std::{
    collections::{BTreeMap, HashMap},
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use super::{
    Answer, Change, ChangeKind, Document, Entry, Identity, Listed, Made, Once, Revision, Storage, Stored,
};

/// Keeps documents in memory, for as long as the program runs.
#[derive(Debug, Default)]
pub struct Memory {
    rows: Mutex<BTreeMap<String, Row>>,
}

/// The record of one id. A deletion leaves the row, so that no version number is used twice.
#[derive(Debug, Default)]
struct Row {
    last_version: u64,
    stored: Option<Stored>,
    history: Vec<Entry>,
    /// The writes of the last 24 hours that had an id, and when each was made.
    recent: HashMap<Identity, (Made, SystemTime)>,
}

/// How long a write is known.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);

impl Memory {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<String, Row>> {
        // A poisoned lock is safe to use: no code that changes a row can panic halfway.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list(&self) -> Vec<Listed> {
        let listed = |(id, row): (&String, &Row)| {
            let Stored { document, revision } = row.stored.clone()?;
            Some(Listed { id: id.clone(), title: document.title, revision })
        };
        self.rows().iter().filter_map(listed).collect()
    }

    fn write(&self, id: &str, change: &Change, by: &str, once: Option<Once<'_>>) -> Option<Revision> {
        let mut rows = self.rows();
        let known = |row: &Row| once.is_some_and(|once| row.recent_write(once.identity).is_some());
        if rows.get(id).is_some_and(known) {
            return None;
        }
        let made = Self::make(&mut rows, id, change, by)?;
        if let (Some(once), Some(row)) = (once, rows.get_mut(id)) {
            row.record(once, change, &made);
        }
        Some(made)
    }

    fn make(rows: &mut BTreeMap<String, Row>, id: &str, change: &Change, by: &str) -> Option<Revision> {
        if let Change::Create(document) = change {
            let row = rows.entry(id.to_owned()).or_default();
            return row.stored.is_none().then(|| row.put(ChangeKind::Created, document, by));
        }
        let row = rows.get_mut(id)?;
        let current = row.stored.as_ref()?.revision.version;
        match change {
            Change::Replace { version, document } | Change::Patch { version, document } => {
                (*version == current).then(|| row.put(change.kind(), document, by))
            }
            Change::Delete { version } => (*version == current).then(|| row.delete(by)),
            Change::Create(_) => None,
        }
    }
}

impl Row {
    fn recent_write(&self, identity: &Identity) -> Option<&Made> {
        self.recent.get(identity).filter(|(_, at)| is_recent(*at)).map(|(made, _)| made)
    }

    fn record(&mut self, once: Once<'_>, change: &Change, revision: &Revision) {
        let made = Made {
            from: match change {
                Change::Create(_) => None,
                Change::Replace { version, .. }
                | Change::Patch { version, .. }
                | Change::Delete { version } => Some(*version),
            },
            made: match change {
                Change::Delete { .. } => None,
                _ => Some((revision.version, revision.changed_at)),
            },
            with_validators: once.with_validators,
        };
        self.recent.retain(|_, (_, at)| is_recent(*at));
        self.recent.insert(*once.identity, (made, revision.changed_at));
    }

    fn put(&mut self, what: ChangeKind, document: &Document, by: &str) -> Revision {
        self.last_version += 1;
        let revision = self.note(what, by);
        self.stored = Some(Stored { document: document.clone(), revision: revision.clone() });
        revision
    }

    fn delete(&mut self, by: &str) -> Revision {
        self.stored = None;
        self.note(ChangeKind::Deleted, by)
    }

    fn note(&mut self, what: ChangeKind, by: &str) -> Revision {
        let revision = Revision { version: self.last_version, changed_by: by.to_owned(), changed_at: now() };
        self.history.push(Entry { what, revision: revision.clone() });
        revision
    }
}

fn is_recent(at: SystemTime) -> bool {
    at.elapsed().unwrap_or_default() < RECENT
}

/// The current time in whole milliseconds, as in the databases.
fn now() -> SystemTime {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let beyond = Duration::from_nanos(u64::from(now.subsec_nanos() % 1_000_000));
    SystemTime::UNIX_EPOCH + (now - beyond)
}

impl Storage for Memory {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        Box::pin(ready(Ok(Self::list(self))))
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        let stored = self.rows().get(id).and_then(|row| row.stored.clone());
        Box::pin(ready(Ok(stored)))
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        // Written when the future is awaited, as with a database.
        Box::pin(async move { Ok(Self::write(self, id, change, by, None)) })
    }

    fn look_up<'a>(
        &'a self,
        id: &'a str,
        identity: &'a Identity,
    ) -> Answer<'a, (Option<Stored>, Option<Made>)> {
        let rows = self.rows();
        let found = rows.get(id).map(|row| (row.stored.clone(), row.recent_write(identity).cloned()));
        Box::pin(ready(Ok(found.unwrap_or_default())))
    }

    fn write_once<'a>(
        &'a self,
        id: &'a str,
        change: &'a Change,
        by: &'a str,
        once: Once<'a>,
    ) -> Answer<'a, Option<Revision>> {
        Box::pin(async move { Ok(Self::write(self, id, change, by, Some(once))) })
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        let history = self.rows().get(id).map(|row| row.history.clone()).unwrap_or_default();
        Box::pin(ready(Ok(history)))
    }

    fn close(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}
