//! Run with
//!
//! ```text
//! cargo run --example static_files -- src
//! ```
//!
//! The layer around `tower_http::services::ServeDir`, so that every condition of RFC 9110
//! is judged: If-Range too, and lists over several lines. The first argument is the
//! directory, `docs` if there is none; the second is the address.
//!
//! ```text
//! curl -i 127.0.0.1:3002/lib.rs
//! curl -i 127.0.0.1:3002/lib.rs -H 'Range: bytes=0-9' -H 'If-Range: Sun, 06 Nov 1994 08:49:37 GMT'
//! ```

use std::{
    env,
    error::Error,
    fs::Metadata,
    io,
    path::{Component, Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Router, response::Response};
use http::{Method, StatusCode, header, request::Parts};
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_precondition::{EntityTag, HttpDate, PreconditionLayer, Representation, Validators};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "docs".to_owned());
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3002".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(directory.into())).await?;
    Ok(())
}

fn app(directory: PathBuf) -> Router {
    let source = directory.clone();
    let files = ServiceBuilder::new()
        .layer(PreconditionLayer::new(move |head: &Parts| look_up(Target::of(&source, head))))
        // A representation has one tag. The layer adds none where the service has its own.
        .map_response(without_validators)
        .service(ServeDir::new(directory));
    Router::new().fallback_service(files)
}

/// What a request is about, where it is surely about a file.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    path: PathBuf,
    /// Whether the request's path ends with a slash.
    as_directory: bool,
}

impl Target {
    /// Resolves a request as `ServeDir` does; `None` where it would refuse it.
    fn of(directory: &Path, head: &Parts) -> Option<Self> {
        if !matches!(head.method, Method::GET | Method::HEAD) {
            return None;
        }
        let requested = head.uri.path();
        let decoded = percent_decode_str(requested.trim_start_matches('/')).decode_utf8().ok()?;
        let mut path = directory.to_owned();
        for component in Path::new(&*decoded).components() {
            match component {
                // A component may be more than a name on its own, such as `c:` on Windows.
                Component::Normal(name) if is_name(Path::new(name)) => path.push(name),
                Component::CurDir => {}
                // `..` may lead out of the directory.
                _ => return None,
            }
        }
        Some(Self { path, as_directory: requested.ends_with('/') })
    }
}

fn is_name(path: &Path) -> bool {
    path.components().all(|component| matches!(component, Component::Normal(_)))
}

async fn look_up(target: Option<Target>) -> Result<Representation, io::Error> {
    let Some(Target { mut path, as_directory }) = target else {
        return Ok(Representation::defer_to_handler());
    };
    let mut found = tokio::fs::metadata(&path).await;
    if as_directory && found.as_ref().is_ok_and(Metadata::is_dir) {
        path.push("index.html");
        found = tokio::fs::metadata(&path).await;
    } else if as_directory {
        return Ok(Representation::defer_to_handler());
    }
    match found {
        Ok(file) if file.is_file() => Ok(Representation::current(validators(&file))),
        // A redirect, a 404 or another refusal, which is `ServeDir`'s to make.
        _ => Ok(Representation::defer_to_handler()),
    }
}

/// A weak tag of length and modification time, and that time as the date.
///
/// Weak, since a strong one would promise that no two contents share it. Length and time
/// cannot: two writes of one length may fall into one tick of the file system's clock, and
/// `touch -d` or an unpacked archive sets the time to anything. If-None-Match compares
/// weakly and so loses nothing. If-Range compares strongly and so is never true of this
/// tag: an interrupted download resumes by the date, which the layer holds for strong
/// once it is two seconds old, or starts anew. Who needs more tags a hash of the content.
fn validators(file: &Metadata) -> Validators {
    let Ok(modified) = file.modified() else {
        return Validators::new();
    };
    let opaque = format!("{:x}-{:x}", file.len(), nanoseconds(modified));
    let mut validators = Validators::new();
    if let Ok(etag) = EntityTag::weak(opaque) {
        validators = validators.with_etag(etag);
    }
    if let Ok(date) = HttpDate::try_from(modified) {
        validators = validators.with_last_modified(date);
    }
    validators
}

/// Since 1970, or until then; the sign keeps the two apart.
fn nanoseconds(time: SystemTime) -> i128 {
    let nanoseconds =
        |duration: std::time::Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanoseconds(after),
        Err(before) => -nanoseconds(before.duration()),
    }
}

fn without_validators<B>(mut response: Response<B>) -> Response<B> {
    if matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        response.headers_mut().remove(header::ETAG);
        response.headers_mut().remove(header::LAST_MODIFIED);
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is a test's way to fail")]

    use std::{
        fs::{self, File},
        process,
        time::Duration,
    };

    use axum::body::{Body, Bytes};
    use http::{HeaderMap, Request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, and a fraction of a second.
    const MODIFIED: Duration = Duration::from_millis(784_111_777_500);
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    /// A directory of a test's own, with a page and a folder.
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
    async fn rule_47_the_tag_is_weak() {
        let directory = Directory::new("weak");
        let page = directory.get("/page.txt", &[]).await;
        assert_eq!((page.status.as_u16(), &page.content[..]), (200, &b"0123456789"[..]));
        assert_eq!(page.get("etag"), Some("W/\"a-ae1b981da166f00\""));
        assert_eq!(page.get("last-modified"), Some(DATE));
        let head = directory.ask(Method::HEAD, "/page.txt", &[]).await;
        assert_eq!((head.get("etag"), head.get("content-length")), (page.get("etag"), Some("10")));
    }

    #[tokio::test]
    async fn rules_20_23_51_a_copy_that_is_still_good_is_304() {
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
    async fn rules_30_50_the_date_is_floored() {
        let directory = Directory::new("date");
        assert_eq!(directory.get("/page.txt", &[("if-modified-since", DATE)]).await.status, 304);
        let before = [("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")];
        assert_eq!(directory.get("/page.txt", &before).await.status, 200);
    }

    #[tokio::test]
    async fn rules_39_40_41_a_download_resumes_by_its_date() {
        let directory = Directory::new("range");
        let range = ("range", "bytes=2-4");
        let part = directory.get("/page.txt", &[range, ("if-range", DATE)]).await;
        assert_eq!((part.status.as_u16(), &part.content[..]), (206, &b"234"[..]));
        let etag = part.get("etag").unwrap();
        for other in ["Sun, 06 Nov 1994 08:49:38 GMT", etag, "\"x\""] {
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
    async fn what_is_served_is_what_was_looked_up() {
        let directory = Directory::new("same");
        for path in ["/page.txt", "/a%20page.txt", "/folder/", "/folder/index.html", "/folder//index.html"] {
            let served = directory.get(path, &[]).await;
            assert_eq!((served.status.as_u16(), served.content.len()), (200, 10), "{path}");
            let etag = served.get("etag").expect(path);
            assert!(etag.starts_with("W/\"a-"), "{path}: {etag}");
            assert_eq!(directory.get(path, &[("if-match", "\"stale\"")]).await.status, 412, "{path}");
        }
    }
}
