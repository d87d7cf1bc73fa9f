//! Run with
//!
//! ```text
//! cargo run --example static_files -- src
//! ```
//!
//! `tower_http::services::ServeDir` behind a layer that asks it with a HEAD. So the layer evaluates every
//! condition of RFC 9110, also If-Range and lists over several lines. The first argument is the directory
//! (`docs` by default), and the second is the address.
//!
//! ```text
//! curl -i 127.0.0.1:3002/lib.rs
//! curl -i 127.0.0.1:3002/lib.rs -H 'Range: bytes=0-9' -H 'If-Range: Sun, 06 Nov 1994 08:49:37 GMT'
//! ```
//!
//! `ServeDir` makes strong entity tags from the length and the modification time of a file. Two versions
//! share a tag if they have the same length and were written within one tick of the file system's clock.
//! They also do if `touch -d`, an archive or a reproducible build sets their times. If you have such files,
//! tag their content instead, and let no tag of `ServeDir` out:
//!
//! ```text
//! PreconditionLayer::from_response()
//!     .layer(EntityTagLayer::new().replace_validators().layer(ServeDir::new(directory)))
//! ```
//!
//! Each file is then read and hashed for its 304 too, and a range is served only without a condition.

use std::{env, error::Error, path::PathBuf};

use axum::{Router, routing::get_service};
use tokio::net::TcpListener;
use tower::Layer;
use tower_http::services::ServeDir;
use tower_precondition::{CloseUnreadLayer, PreconditionLayer, lingering_close::LingeringListener};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "docs".to_owned());
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3002".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Refusals arrive, also while the client still sends.
    axum::serve(LingeringListener::new(listener), app(directory.into())).await?;
    Ok(())
}

fn app(directory: PathBuf) -> Router {
    let files = PreconditionLayer::probing().layer(ServeDir::new(directory));
    // Only GET and HEAD reach the layer. A HEAD cannot tell that a PUT gets 405, which wins over 412.
    Router::new().fallback_service(get_service(files)).layer(CloseUnreadLayer::new())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is a test's way to fail")]

    use std::{
        fs::{self, File},
        process,
        time::{Duration, UNIX_EPOCH},
    };

    use axum::body::{Body, Bytes};
    use http::{HeaderMap, Method, Request, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    /// [`DATE`] plus a fraction of a second.
    const MODIFIED: Duration = Duration::from_millis(784_111_777_500);
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    /// A directory for one test, with a page and a folder.
    struct Directory(PathBuf);

    impl Directory {
        fn new(test: &str) -> Self {
            let path = env::temp_dir().join(format!("static_files-{}-{test}", process::id()));
            fs::create_dir_all(path.join("folder")).unwrap();
            let directory = Self(path);
            for name in ["page.txt", "a page.txt", "folder/index.html"] {
                directory.write(name, "0123456789", MODIFIED);
            }
            directory
        }

        fn write(&self, name: &str, content: &str, modified: Duration) {
            let path = self.0.join(name);
            fs::write(&path, content).unwrap();
            let file = File::options().write(true).open(path).unwrap();
            file.set_modified(UNIX_EPOCH + modified).unwrap();
        }

        async fn ask(&self, method: Method, path: &str, lines: &[(&str, &str)]) -> Answer {
            let mut request = Request::builder().method(method).uri(path);
            for (name, value) in lines {
                request = request.header(*name, *value);
            }
            let response = app(self.0.clone()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let (head, body) = response.into_parts();
            let content = body.collect().await.unwrap().to_bytes();
            Answer { status: head.status, headers: head.headers, content }
        }

        async fn get(&self, path: &str, lines: &[(&str, &str)]) -> Answer {
            self.ask(Method::GET, path, lines).await
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    struct Answer {
        status: StatusCode,
        headers: HeaderMap,
        content: Bytes,
    }

    impl Answer {
        fn get(&self, name: &str) -> Option<&str> {
            self.headers.get(name).map(|value| value.to_str().unwrap())
        }
    }

    #[tokio::test]
    async fn rule_56_head_and_get_have_the_same_tag() {
        let directory = Directory::new("head");
        let page = directory.get("/page.txt", &[]).await;
        assert_eq!((page.status.as_u16(), &page.content[..]), (200, &b"0123456789"[..]));
        assert_eq!(page.get("last-modified"), Some(DATE));
        let head = directory.ask(Method::HEAD, "/page.txt", &[]).await;
        assert!(page.get("etag").is_some());
        assert_eq!((head.get("etag"), head.get("content-length")), (page.get("etag"), Some("10")));
    }

    #[tokio::test]
    async fn rules_20_23_51_a_current_copy_is_304() {
        let directory = Directory::new("304");
        let etag = directory.get("/page.txt", &[]).await.get("etag").unwrap().to_owned();
        let same = [("if-none-match", "\"x\""), ("if-none-match", &etag)];
        for path in ["/page.txt", "/./page.txt", "//page.txt", "/%70age.txt"] {
            let unchanged = directory.get(path, &same).await;
            assert_eq!((unchanged.status.as_u16(), unchanged.get("etag")), (304, Some(&*etag)), "{path}");
        }
        directory.write("page.txt", "0123456789", MODIFIED + Duration::from_nanos(1000));
        assert_eq!(directory.get("/page.txt", &same).await.status, 200);
    }

    #[tokio::test]
    async fn rules_30_50_the_date_is_rounded_down() {
        let directory = Directory::new("date");
        assert_eq!(directory.get("/page.txt", &[("if-modified-since", DATE)]).await.status, 304);
        let before = [("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")];
        assert_eq!(directory.get("/page.txt", &before).await.status, 200);
    }

    #[tokio::test]
    async fn rules_39_40_41_a_download_resumes_with_its_tag_or_its_date() {
        let directory = Directory::new("range");
        let etag = directory.get("/page.txt", &[]).await.get("etag").unwrap().to_owned();
        let range = ("range", "bytes=2-4");
        for same in [DATE, &etag] {
            let part = directory.get("/page.txt", &[range, ("if-range", same)]).await;
            assert_eq!((part.status.as_u16(), &part.content[..]), (206, &b"234"[..]), "{same}");
        }
        let weak = format!("W/{etag}");
        for other in ["Sun, 06 Nov 1994 08:49:38 GMT", &weak, "\"x\""] {
            let whole = directory.get("/page.txt", &[range, ("if-range", other)]).await;
            assert_eq!((whole.status.as_u16(), whole.content.len()), (200, 10), "{other}");
        }
    }

    #[tokio::test]
    async fn rule_2_other_answers_win() {
        let directory = Directory::new("other");
        fs::write(directory.0.with_extension("secret"), "outside").unwrap();
        let secret = directory.0.with_extension("secret");
        let outside = secret.file_name().unwrap().to_str().unwrap().to_owned();
        let stale = [("if-match", "\"stale\"")];
        for (method, path, status) in [
            (Method::GET, "/missing.txt", 404),
            (Method::GET, "/page.txt/", 404),
            (Method::GET, "/folder", 307),
            (Method::GET, "/", 404),
            (Method::GET, "/%FF", 404),
            (Method::GET, "/a%00b", 404),
            (Method::GET, &*format!("/../{outside}"), 404),
            (Method::GET, &*format!("/%2e%2e%2f{outside}"), 404),
            (Method::GET, &*format!("/folder/../../{outside}"), 404),
            (Method::PUT, "/page.txt", 405),
            (Method::DELETE, "/page.txt", 405),
        ] {
            let answer = directory.ask(method.clone(), path, &stale).await;
            assert_eq!(answer.status, status, "{method} {path}");
        }
        fs::remove_file(secret).unwrap();
    }

    #[tokio::test]
    async fn rule_13_a_stale_if_match_on_an_existing_file_is_412() {
        let directory = Directory::new("same");
        for path in ["/page.txt", "/a%20page.txt", "/folder/", "/folder/index.html", "/folder//index.html"] {
            let served = directory.get(path, &[]).await;
            assert_eq!((served.status.as_u16(), served.content.len()), (200, 10), "{path}");
            assert_eq!(directory.get(path, &[("if-match", "\"stale\"")]).await.status, 412, "{path}");
        }
    }
}
