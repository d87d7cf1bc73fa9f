use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use axum::body::Bytes;
use tower_precondition::{EntityTag, HttpDate, Validators};

use crate::{locks::Locks, path::Path, xml::Name};

/// The store. The two sources and the handlers share it.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Tree>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files and collections by their paths, and the locks on them.
pub(crate) struct Tree {
    entries: BTreeMap<Path, Entry>,
    pub(crate) locks: Locks,
    /// One counter for all, so that a file that is created anew never gets an old tag again.
    last_version: u64,
}

#[derive(Clone)]
pub(crate) struct Entry {
    /// `None` for a collection.
    pub(crate) content: Option<Bytes>,
    pub(crate) content_type: String,
    pub(crate) version: u64,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
    /// Dead properties, each as its whole element.
    pub(crate) properties: BTreeMap<Name, String>,
}

impl Default for Tree {
    fn default() -> Self {
        let mut tree = Self { entries: BTreeMap::new(), locks: Locks::default(), last_version: 0 };
        if let Ok(root) = Path::of(&"/".parse().unwrap_or_default()) {
            tree.write(&root, None, String::new());
        }
        tree
    }
}

impl Tree {
    pub(crate) fn get(&self, path: &Path) -> Option<&Entry> {
        self.entries.get(path)
    }

    pub(crate) fn get_mut(&mut self, path: &Path) -> Option<&mut Entry> {
        self.entries.get_mut(path)
    }

    pub(crate) fn is_collection(&self, path: &Path) -> bool {
        self.get(path).is_some_and(|entry| entry.content.is_none())
    }

    /// A file has a tag and a date. A collection exists, and has neither.
    pub(crate) fn validators(&self, path: &Path) -> Option<Validators> {
        let entry = self.get(path)?;
        Some(match entry.content {
            Some(_) => {
                let validators = Validators::from(EntityTag::from_version(entry.version));
                match HttpDate::try_from(entry.modified) {
                    Ok(date) => validators.with_last_modified(date),
                    Err(_) => validators,
                }
            }
            None => Validators::new(),
        })
    }

    /// Returns everything below it, at any depth.
    pub(crate) fn below(&self, path: &Path) -> impl Iterator<Item = (&Path, &Entry)> {
        self.entries.iter().filter(|(other, _)| path.contains(other))
    }

    /// The members of a collection.
    pub(crate) fn members(&self, path: &Path) -> impl Iterator<Item = (&Path, &Entry)> {
        self.below(path).filter(|(other, _)| other.parent().as_ref() == Some(path))
    }

    /// Creates or replaces a file, or creates a collection. The dead properties stay.
    pub(crate) fn write(&mut self, path: &Path, content: Option<Bytes>, content_type: String) {
        self.last_version += 1;
        let now = SystemTime::now();
        let old = self.entries.remove(path);
        let (created, properties) = match old {
            Some(old) => (old.created, old.properties),
            None => (now, BTreeMap::new()),
        };
        let entry =
            Entry { content, content_type, version: self.last_version, created, modified: now, properties };
        self.entries.insert(path.clone(), entry);
    }

    /// Copies one entry, with its dead properties.
    pub(crate) fn copy(&mut self, entry: Entry, to: &Path) {
        self.last_version += 1;
        let entry = Entry { version: self.last_version, ..entry };
        self.entries.insert(to.clone(), entry);
    }

    /// Removes a file, or a collection with all below it. Their locks end with them.
    pub(crate) fn remove(&mut self, path: &Path) {
        self.entries.retain(|other, _| other != path && !path.contains(other));
        self.locks.remove_at_or_below(path);
    }
}
