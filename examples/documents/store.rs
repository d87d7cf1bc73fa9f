//! Where documents are kept: in memory here, in a database elsewhere.
//!
//! The interface is what a database can do in one statement each: every change
//! names what it expects to change, and is made only if it finds that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

/// What people edit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A document as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) document: Document,
    pub(crate) version: u64,
    pub(crate) changed_by: String,
    pub(crate) changed_at: SystemTime,
}

/// What a change expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Nothing,
    Version(u64),
}

/// Something else was found; nothing was changed.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) current: Option<Box<Stored>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    rows: Arc<Mutex<BTreeMap<String, Row>>>,
}

/// What is kept under one id, for ever: a version must not be given out twice, not
/// even after the document was deleted and created anew.
#[derive(Debug, Default)]
struct Row {
    last_version: u64,
    stored: Option<Stored>,
}

impl Store {
    /// All documents, in the order of their ids.
    pub(crate) async fn list(&self) -> Vec<(String, Stored)> {
        let rows = self.rows();
        rows.iter().filter_map(|(id, row)| Some((id.clone(), row.stored.clone()?))).collect()
    }

    pub(crate) async fn get(&self, id: &str) -> Option<Stored> {
        self.rows().get(id)?.stored.clone()
    }

    /// Inserts or replaces a document, and gives it the next version.
    pub(crate) async fn put(
        &self,
        id: &str,
        expected: Expected,
        document: Document,
        changed_by: String,
    ) -> Result<Stored, Conflict> {
        let mut rows = self.rows();
        let row = rows.entry(id.to_owned()).or_default();
        row.expect(expected)?;
        row.last_version += 1;
        let stored =
            Stored { document, version: row.last_version, changed_by, changed_at: SystemTime::now() };
        row.stored = Some(stored.clone());
        Ok(stored)
    }

    pub(crate) async fn delete(&self, id: &str, expected: Expected) -> Result<(), Conflict> {
        let mut rows = self.rows();
        let row = rows.entry(id.to_owned()).or_default();
        row.expect(expected)?;
        row.stored = None;
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<String, Row>> {
        // A row is changed by one assignment, so that a panic elsewhere leaves none half done.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Row {
    fn expect(&self, expected: Expected) -> Result<(), Conflict> {
        let found =
            self.stored.as_ref().map_or(Expected::Nothing, |stored| Expected::Version(stored.version));
        match found == expected {
            true => Ok(()),
            false => Err(Conflict { current: self.stored.clone().map(Box::new) }),
        }
    }
}
