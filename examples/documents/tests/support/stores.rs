//! Opens new, empty stores.

use std::path::Path;

use documents::Store;
use tempfile::TempDir;

use super::postgres;

/// A store, and the temporary folder of its file, if it has one.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) folder: Option<TempDir>,
}

pub(crate) async fn memory() -> Option<Opened> {
    Some(Opened { store: open("memory:").await, folder: None })
}

pub(crate) async fn sqlite() -> Option<Opened> {
    let folder = tempfile::tempdir().unwrap();
    Some(Opened { store: open(&sqlite_url(folder.path())).await, folder: Some(folder) })
}

/// `None` if PostgreSQL is not installed.
pub(crate) async fn postgres() -> Option<Opened> {
    let url = postgres::shared().await?.database().await;
    Some(Opened { store: open(&url).await, folder: None })
}

pub(crate) fn sqlite_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("documents.sqlite").display())
}

pub(crate) async fn open(url: &str) -> Store {
    Store::open(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Runs each of these tests once for every store.
#[macro_export]
macro_rules! on_every_store {
    ($($test:ident)*) => {
        $crate::on_every_store! { @each memory [$($test)*] }
        $crate::on_every_store! { @each sqlite [$($test)*] }
        $crate::on_every_store! { @each postgres [$($test)*] }
    };
    (@each $store:ident [$($test:ident)*]) => {
        mod $store {
            $(
                #[tokio::test]
                async fn $test() {
                    if let Some(opened) = $crate::support::stores::$store().await {
                        super::$test(opened.store.clone()).await;
                    }
                }
            )*
        }
    };
}
