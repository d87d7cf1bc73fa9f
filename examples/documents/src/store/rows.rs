//! The rows that both databases return. Times are whole milliseconds since 1970.

use std::time::{Duration, SystemTime};

use super::{ChangeKind, Document, Entry, Listed, Revision, StoreError, Stored};

/// The version, who made it, and when.
pub(super) type RevisionRow = (i64, String, i64);
/// The id, the title, and the revision.
pub(super) type ListedRow = (String, String, i64, String, i64);
/// The title, the text, and the revision.
pub(super) type StoredRow = (String, String, i64, String, i64);
/// The kind of the change, and the revision.
pub(super) type EntryRow = (String, i64, String, i64);

pub(super) fn revision((version, changed_by, changed_at): RevisionRow) -> Result<Revision, StoreError> {
    let since = Duration::from_millis(u64::try_from(changed_at)?);
    Ok(Revision { version: u64::try_from(version)?, changed_by, changed_at: SystemTime::UNIX_EPOCH + since })
}

pub(super) fn listed((id, title, version, by, at): ListedRow) -> Result<Listed, StoreError> {
    Ok(Listed { id, title, revision: revision((version, by, at))? })
}

pub(super) fn stored((title, text, version, by, at): StoredRow) -> Result<Stored, StoreError> {
    Ok(Stored { document: Document { title, text }, revision: revision((version, by, at))? })
}

pub(super) fn entry((what, version, by, at): EntryRow) -> Result<Entry, StoreError> {
    Ok(Entry { what: ChangeKind::from_word(&what)?, revision: revision((version, by, at))? })
}
