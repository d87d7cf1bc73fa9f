//! The answers as curl, an independent client, reads them.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{self, Output, Stdio},
};

use crate::resources::{Server, Stack, TEXT};
use crate::support::curl::run_curl;

const STACKS: [Stack; 2] = [Stack::Axum, Stack::Hyper];
const LARGE: u64 = 64 << 20;
/// The exit code of curl for an error of an HTTP/2 stream.
const STREAM_ERROR: i32 = 92;

const STALE: [&str; 2] = ["-H", "If-Match: \"1\""];
const FRESH: [&str; 2] = ["-H", "If-Match: \"2\""];
/// Long, so that curl never starts to send before the answer to its `Expect`.
const EXPECT: [&str; 4] = ["-H", "Expect: 100-continue", "--expect100-timeout", "50"];

#[tokio::test]
async fn rule_59_curl_sends_nothing_of_a_stale_upload() {
    let file = Scratch::large("stale");
    let named = ["-T", file.path()];
    let piped = ["-T", "-"];
    let posted = ["-X", "PUT", "--data-binary", "@-"];
    for stack in STACKS {
        for upload in [&named[..], &piped, &posted] {
            let server = Server::start(stack).await;
            let arguments = [upload, &EXPECT, &STALE, &["--http1.1"]].concat();
            let Some(report) = curl(&server, "/document", &arguments, Some(&file)).await else { return };
            assert_eq!((report.status, report.uploaded), (412, 0), "{upload:?}");
            assert!(report.printed.contains(r#""current_etag":"\"2\"""#), "{}", report.printed);
            assert_eq!(server.calls(), 0);
        }
    }
}

#[tokio::test]
async fn rule_59_curl_sends_all_of_a_fresh_upload() {
    let file = Scratch::large("fresh");
    for stack in STACKS {
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            let server = Server::start(stack).await;
            let arguments = [&["-T", file.path()], &EXPECT[..], &FRESH, &[version]].concat();
            let Some(report) = curl(&server, "/document", &arguments, None).await else { return };
            assert_eq!((report.status, report.uploaded), (200, LARGE), "{version}");
            assert_eq!(report.printed, "read 67108864 bytes");
        }
    }
}

/// Curl sends little of the file. A client must not discard the answer because of the RST_STREAM with
/// NO_ERROR that follows it (RFC 9113 §8.1), but old releases of curl, such as 7.88, do so.
#[tokio::test]
async fn decision_7_curl_stops_a_stale_upload_over_http2() {
    let file = Scratch::large("stopped");
    for stack in STACKS {
        let server = Server::start(stack).await;
        let arguments = [&["-T", file.path()], &STALE[..], &["--http2-prior-knowledge"]].concat();
        let Some(report) = curl(&server, "/document", &arguments, None).await else { return };
        assert!(report.status == 412 || report.exit == STREAM_ERROR, "{}", report.status);
        assert!(report.uploaded < LARGE / 8, "{} bytes sent", report.uploaded);
        assert_eq!(server.calls(), 0);
    }
}

/// `lingering_close.rs` has the same over HTTP/2.
#[tokio::test]
async fn decision_7_curl_reads_the_answer_to_a_small_stale_put() {
    for stack in STACKS {
        let server = Server::start(stack).await;
        let arguments = [&["-X", "PUT", "-d", "a small change", "--http1.1"], &STALE[..]].concat();
        let Some(report) = curl(&server, "/document", &arguments, None).await else { return };
        assert_eq!((report.status, report.uploaded), (412, 14));
        assert!(report.printed.contains(r#""current_etag":"\"2\"""#), "{}", report.printed);
        assert_eq!(server.calls(), 0);
    }
}

#[tokio::test]
async fn decision_9_curl_gets_304_for_the_tag_it_saved() {
    for stack in STACKS {
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            let server = Server::start(stack).await;
            let tag = Scratch::new(&format!("{stack:?}{version}"));
            let save = [version, "--etag-save", tag.path()];
            let Some(first) = curl(&server, "/document", &save, None).await else { return };
            assert_eq!((first.status, first.printed.as_str()), (200, TEXT));
            assert_eq!(fs::read_to_string(&tag.0).expect("curl saves the tag").trim(), "\"2\"");

            let compare = [version, "--etag-compare", tag.path()];
            let Some(second) = curl(&server, "/document", &compare, None).await else { return };
            assert_eq!((second.status, second.printed.as_str()), (304, ""));
            assert_eq!((server.calls(), server.lookups()), (1, 2));
        }
    }
}

#[tokio::test]
async fn rule_56_curl_reads_heads() {
    let cases = [
        (["-H", "If-None-Match: \"1\""], 200, Some("content-length: 18")),
        (["-H", "If-None-Match: \"2\""], 304, None),
        (STALE, 412, Some("content-length: 226")),
    ];
    for stack in STACKS {
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            for (condition, status, length) in cases {
                let server = Server::start(stack).await;
                let arguments = [&["-I", version], &condition[..]].concat();
                let Some(report) = curl(&server, "/document", &arguments, None).await else { return };
                assert_eq!(report.status, status);
                let found = report.printed.lines().find(|line| line.starts_with("content-length"));
                assert_eq!(found, length, "{version} {}", report.printed);
                assert!(report.printed.contains("etag: \"2\""), "{}", report.printed);
            }
        }
    }
}

/// The output of curl, and the numbers that it reports.
struct Report {
    printed: String,
    status: u16,
    uploaded: u64,
    exit: i32,
}

/// Runs curl against a path of the server; `None` without curl.
async fn curl(server: &Server, path: &str, arguments: &[&str], input: Option<&Scratch>) -> Option<Report> {
    let url = format!("http://{}{path}", server.address);
    let report = ["--write-out", "\n%{http_code} %{size_upload}"];
    let input = match input {
        Some(file) => File::open(&file.0).expect("the file was made").into(),
        None => Stdio::null(),
    };
    let Output { stdout, stderr, status } = run_curl(&[&report, arguments, &[&url]].concat(), input).await?;
    let exit = status.code().expect("no signal ends curl");
    assert!(exit == 0 || exit == STREAM_ERROR, "curl ends with {exit}: {}", String::from_utf8_lossy(&stderr));
    let stdout = String::from_utf8(stdout).expect("curl prints text");
    let (printed, summary) = stdout.rsplit_once('\n').expect("a last line");
    let (status, uploaded) = summary.split_once(' ').expect("a status and a number");
    Some(Report {
        printed: printed.to_owned(),
        status: status.parse().expect("a status"),
        uploaded: uploaded.parse().expect("a number"),
        exit,
    })
}

/// A file of one test, removed when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("curl-{}-{name}", process::id())))
    }

    /// A sparse file of 64 MiB.
    fn large(name: &str) -> Self {
        let scratch = Self::new(name);
        File::create(&scratch.0).and_then(|file| file.set_len(LARGE)).expect("a file can be made");
        scratch
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The file may never have been made.
        let _ = fs::remove_file(&self.0);
    }
}
