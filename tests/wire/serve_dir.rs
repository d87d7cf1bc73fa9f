//! How tower-http's `ServeDir` answers conditions by itself, and with `probing()` around it.
//!
//! Each row has the answer of `ServeDir` alone, and that of `ServeDir` with the layer around it. The
//! first may change with tower-http: if a row fails there, update the row or delete it.

use std::{
    fs::{self, File},
    future::{Ready, ready},
    io::{self, Cursor},
    path::{Path, PathBuf},
    pin::Pin,
    process,
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::Router;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower::Layer;
use tower_http::services::{
    ServeDir,
    fs::{Backend, File as ServedFile, Metadata},
};
use tower_precondition::{EntityTagLayer, PreconditionLayer};

use crate::support::client::{Answer, Client, curl, serve};

/// A second before [`DATE`].
const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
/// When the page was modified.
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const MODIFIED: Duration = Duration::from_secs(784_111_777);
/// Stands in a row for the page's entity tag.
const CURRENT: &str = "current";
const TEXT: &str = "0123456789";

/// Sends one request to `ServeDir` without the layer, and to `ServeDir` with it.
macro_rules! served {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),+] => $alone:literal, $layered:literal;)+) => { $(
        #[tokio::test]
        async fn $name() {
            let folder = Folder::new(stringify!($name));
            let fields = [$(($field, $value)),+];
            for (files, status) in [(folder.alone(), $alone), (folder.layered(), $layered)] {
                for client in Client::both(files).await {
                    let answer = ask(&client, $method, &fields).await;
                    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
                }
            }
        }
    )+ };
}

served! {
    rule_41_a_stale_if_range: "GET" ["range": "bytes=0-3", "if-range": "\"stale\""] => 206, 200;
    rule_41_a_stale_date_in_if_range: "GET" ["range": "bytes=0-3", "if-range": EARLIER] => 206, 200;
    rule_43_an_unusable_if_range: "GET" ["range": "bytes=0-3", "if-range": "stale"] => 206, 200;
    rule_60_a_range_on_head: "HEAD" ["range": "bytes=0-3"] => 206, 200;
    rule_60_an_unsatisfiable_range_on_head: "HEAD" ["range": "bytes=90-"] => 416, 200;
    rule_51_a_tag_on_the_second_line: "GET" ["if-none-match": "\"x\"", "if-none-match": CURRENT] => 200, 304;
    rule_51_a_tag_on_the_second_line_of_if_match: "GET" ["if-match": "\"x\"", "if-match": CURRENT] => 412, 200;
    rule_27_two_lines_of_if_modified_since: "GET" ["if-modified-since": DATE, "if-modified-since": DATE] => 304, 200;
    rule_32_two_lines_of_if_unmodified_since:
        "GET" ["if-unmodified-since": EARLIER, "if-unmodified-since": EARLIER] => 412, 200;
    rule_25_an_empty_list_beside_a_date: "GET" ["if-none-match": "", "if-modified-since": DATE] => 304, 200;

    // Answers that are right without the layer stay the same.
    rule_40_a_current_if_range: "GET" ["range": "bytes=0-3", "if-range": CURRENT] => 206, 206;
    rule_13_a_stale_if_match: "GET" ["if-match": "\"stale\""] => 412, 412;
    rule_22_a_current_if_none_match: "HEAD" ["if-none-match": CURRENT] => 304, 304;
    rule_30_a_current_date: "GET" ["if-modified-since": DATE] => 304, 304;
    rule_14_any_existing_file: "GET" ["if-match": "*"] => 200, 200;
}

/// As `nix` and reproducible builds leave them.
const FIXED: Duration = Duration::from_secs(1);
const FIXED_DATE: &str = "Thu, 01 Jan 1970 00:00:01 GMT";
/// Stands in a row for the tag of the first version.
const FIRST: &str = "first";

/// `METHOD [fields] => status before a change, status after`. The change keeps the length and the time.
macro_rules! fixed_times {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => $before:literal, $after:literal;)+) => { $(
        #[tokio::test]
        async fn $name() {
            let folder = Folder::new(concat!("fixed-", stringify!($name)));
            for client in Client::both(folder.tagged_by_content()).await {
                folder.write("page.txt", "version one", FIXED);
                let first = client.ask("GET", "/page.txt", &[]).await;
                assert_eq!((first.status.as_u16(), first.get("last-modified")), (200, None));
                let fields = [$(($field, if $value == FIRST { first.etag() } else { $value })),*];
                let mut seen = Vec::new();
                for text in ["version one", "version two"] {
                    folder.write("page.txt", text, FIXED);
                    let answer = client.ask($method, "/page.txt", &fields).await;
                    seen.push(answer.status.as_u16());
                    match answer.status.as_u16() {
                        200 => {
                            assert_eq!(answer.get("content-length"), Some("11"));
                            assert_eq!(answer.text(), if $method == "HEAD" { "" } else { text });
                        }
                        206 => assert_eq!(answer.get("etag").or(answer.get("last-modified")), None),
                        _ => {}
                    }
                }
                assert_eq!(seen, [$before, $after]);
            }
        }
    )+ };
}

fixed_times! {
    rule_22_a_changed_file_is_sent: "GET" ["if-none-match": FIRST] => 304, 200;
    rules_5_22_a_changed_file_on_head: "HEAD" ["if-none-match": FIRST] => 304, 200;
    rule_29_its_time_tells_nothing: "GET" ["if-modified-since": FIXED_DATE] => 200, 200;
    rule_33_its_time_fails_nothing: "GET" ["if-unmodified-since": EARLIER] => 200, 200;
    rule_15_a_changed_file_fails_if_match: "GET" ["if-match": FIRST] => 200, 412;
    decision_23_a_part_of_the_first_is_not_joined_to_another: "GET" ["range": "bytes=8-", "if-match": FIRST] => 200, 412;
    rule_41_if_range_gets_the_whole: "GET" ["range": "bytes=8-", "if-range": FIRST] => 200, 200;
    rule_41_a_date_in_if_range_gets_the_whole: "GET" ["range": "bytes=8-", "if-range": FIXED_DATE] => 200, 200;
    rule_60_a_range_of_what_the_client_holds: "GET" ["range": "bytes=8-", "if-none-match": FIRST] => 304, 200;
    a_range_without_a_condition_has_no_validators: "GET" ["range": "bytes=8-"] => 206, 206;
}

/// A file exists even if it has no tag.
#[tokio::test]
async fn rules_14_21_a_file_without_a_tag_exists() {
    let alone = || ServeDir::with_backend("", Undated);
    let layered = PreconditionLayer::probing().layer(alone());
    let files = [Router::new().fallback_service(alone()), Router::new().fallback_service(layered)];
    for (files, if_match, if_none_match) in files.into_iter().zip([412, 200]).zip([200, 304]).map(flat) {
        for client in Client::both(files).await {
            let page = client.ask("GET", "/page.txt", &[]).await;
            assert_eq!((page.status.as_u16(), page.get("etag"), page.text()), (200, None, TEXT));
            assert_eq!(client.ask("GET", "/page.txt", &[("if-match", "*")]).await.status, if_match);
            assert_eq!(client.ask("GET", "/page.txt", &[("if-none-match", "*")]).await.status, if_none_match);
        }
    }
}

fn flat<A, B, C>(((a, b), c): ((A, B), C)) -> (A, B, C) {
    (a, b, c)
}

#[tokio::test]
async fn rules_61_62_a_304_has_the_fields_of_the_200_and_no_other_metadata() {
    let folder = Folder::new("fields");
    for (files, expected) in [
        (folder.alone(), &["date", "etag", "last-modified"][..]),
        (folder.layered(), &["date", "etag", "vary"]),
    ] {
        let client = Client::Socket(serve(files).await);
        let page = ask(&client, "GET", &[]).await;
        assert_eq!(page.get("vary"), Some("accept-encoding"));
        let unchanged = ask(&client, "GET", &[("if-none-match", CURRENT)]).await;
        assert_eq!(unchanged.status, 304);
        let mut names: Vec<_> = unchanged.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected);
        for name in ["etag", "vary"].into_iter().filter(|name| expected.contains(name)) {
            assert_eq!(unchanged.get(name), page.get(name));
        }
    }
}

#[tokio::test]
async fn rule_41_curl_does_not_splice_two_versions() {
    let folder = Folder::new("resume");
    let kept = ask(&Client::InProcess(folder.layered()), "GET", &[]).await.etag().to_owned();
    folder.write("page.txt", "abcdefghij", MODIFIED + Duration::from_secs(60));
    let resumes = ["--range", "4-", "--header", &format!("If-Range: {kept}")];
    for (files, content) in [(folder.alone(), "efghij"), (folder.layered(), "abcdefghij")] {
        let Some(printed) = curl(serve(files).await, "/page.txt", &resumes).await else { return };
        assert_eq!(printed, content);
    }
}

#[tokio::test]
async fn rule_51_curl_sends_two_lines() {
    let folder = Folder::new("lines");
    let current = ask(&Client::InProcess(folder.layered()), "GET", &[]).await.etag().to_owned();
    let current = format!("If-None-Match: {current}");
    let lines = ["--include", "--header", "If-None-Match: \"x\"", "--header", &current];
    for (files, status) in
        [(folder.alone(), "HTTP/1.1 200 OK"), (folder.layered(), "HTTP/1.1 304 Not Modified")]
    {
        let Some(printed) = curl(serve(files).await, "/page.txt", &lines).await else { return };
        assert_eq!(printed.lines().next(), Some(status));
    }
}

/// Asks for the page, and replaces [`CURRENT`] in the fields by its entity tag.
async fn ask(client: &Client, method: &str, fields: &[(&str, &str)]) -> Answer {
    let current = client.ask("GET", "/page.txt", &[]).await.etag().to_owned();
    let tagged = |value| if value == CURRENT { &*current } else { value };
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, tagged(*value))).collect();
    client.ask(method, "/page.txt", &fields).await
}

/// A folder with a page, for one test; it is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("serve-dir-{}-{test}", process::id()));
        fs::create_dir_all(&path).expect("a folder can be made");
        let folder = Self(path);
        folder.write("page.txt", TEXT, MODIFIED);
        folder
    }

    fn write(&self, name: &str, content: &str, modified: Duration) {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file can be written");
        let file = File::options().write(true).open(path).expect("it was written");
        file.set_modified(UNIX_EPOCH + modified).expect("its time can be set");
    }

    fn serve_dir(&self) -> ServeDir {
        ServeDir::new(&self.0).precompressed_gzip()
    }

    fn alone(&self) -> Router {
        Router::new().fallback_service(self.serve_dir())
    }

    /// As the example `static_files` advises for files whose times are fixed.
    fn tagged_by_content(&self) -> Router {
        let tagged = EntityTagLayer::new().replace_validators().layer(self.serve_dir());
        Router::new().fallback_service(PreconditionLayer::from_response().layer(tagged))
    }

    fn layered(&self) -> Router {
        Router::new().fallback_service(PreconditionLayer::probing().layer(self.serve_dir()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A store of one text without a modification date.
#[derive(Clone)]
struct Undated;

struct Text(Cursor<&'static [u8]>);

impl Backend for Undated {
    type File = Text;
    type Metadata = Length;
    type OpenFuture = Ready<io::Result<Text>>;
    type MetadataFuture = Ready<io::Result<Length>>;

    fn open(&self, _: PathBuf) -> Self::OpenFuture {
        ready(Ok(Text(Cursor::new(TEXT.as_bytes()))))
    }

    fn metadata(&self, _: PathBuf) -> Self::MetadataFuture {
        ready(Ok(Length))
    }
}

/// The metadata of the text: its length alone.
struct Length;

impl Metadata for Length {
    fn is_dir(&self) -> bool {
        false
    }

    fn modified(&self) -> io::Result<SystemTime> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn len(&self) -> u64 {
        TEXT.len() as u64
    }
}

impl ServedFile for Text {
    type Metadata = Length;
    type MetadataFuture<'a> = Ready<io::Result<Length>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(Length))
    }
}

impl AsyncRead for Text {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncSeek for Text {
    fn start_seek(mut self: Pin<&mut Self>, position: io::SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.0).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.0).poll_complete(cx)
    }
}
