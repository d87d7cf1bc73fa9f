//! The rows that both databases return. Times are whole milliseconds since 1970.

use std::time::{Duration, SystemTime};

use super::{ChangeKind, Document, Entry, Listed, Made, Revision, StoreError, Stored};

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

/// A stored row and a recorded write, each of which may be missing.
pub(super) type LookedUpRow = (
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<bool>,
    Option<i64>,
);

pub(super) fn looked_up(row: LookedUpRow) -> Result<(Option<Stored>, Option<Made>), StoreError> {
    let (title, text, version, by, at, from, made, with_validators, made_at) = row;
    let found = match (title, text, version, by, at) {
        (Some(title), Some(text), Some(version), Some(by), Some(at)) => {
            Some(stored((title, text, version, by, at))?)
        }
        _ => None,
    };
    let record = match (with_validators, made_at) {
        (Some(with_validators), Some(at)) => Some(Made {
            from: from.map(u64::try_from).transpose()?,
            made: made
                .map(|version| revision((version, String::new(), at)))
                .transpose()?
                .map(|made| (made.version, made.changed_at)),
            with_validators,
        }),
        _ => None,
    };
    Ok((found, record))
}
