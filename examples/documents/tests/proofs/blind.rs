//! A store without compare-and-set: it writes over whatever version it finds.

use std::pin::Pin;

use documents::{
    Store,
    store::{Answer, Change, Entry, Listed, Revision, Storage, Stored},
};
use tokio::task::yield_now;

/// A store that ignores what a change expects to find.
#[derive(Debug)]
pub(crate) struct Blind(pub(crate) Store);

impl Blind {
    pub(crate) fn over(store: Store) -> Store {
        Store::new(Self(store))
    }
}

/// Turns a change into the same change of the current version.
fn of_what_is_there(change: &Change, current: Option<u64>) -> Option<Change> {
    let document = match change {
        Change::Create(document) => document,
        Change::Replace { document, .. } | Change::Patch { document, .. } => document,
        Change::Delete { .. } => return current.map(|version| Change::Delete { version }),
    };
    let document = document.clone();
    Some(match current {
        Some(version) => Change::Replace { version, document },
        None => Change::Create(document),
    })
}

impl Storage for Blind {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        self.0.list()
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        Box::pin(async move {
            let found = self.0.get(id).await;
            // As with a database, another task may write before the caller sees what was found.
            yield_now().await;
            found
        })
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        Box::pin(async move {
            loop {
                let current = self.get(id).await?.map(|stored| stored.revision.version);
                let Some(change) = of_what_is_there(change, current) else { return Ok(None) };
                if let Some(revision) = self.0.write(id, &change, by).await? {
                    return Ok(Some(revision));
                }
            }
        })
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        self.0.history(id)
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.close()
    }
}
