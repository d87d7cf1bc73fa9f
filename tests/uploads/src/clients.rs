//! The clients of the table. Each is a program that plays rounds and prints the outcomes.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::sizes::Size;

/// Refused, and the next write made.
pub(crate) const WANTED: &str = "412 201";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "`http.client` is its name")]
pub(crate) enum Client {
    NodeHttp,
    NodeFetch,
    HttpClient,
    Urllib,
    Requests,
    Go,
    Curl1,
    Curl2,
    Chromium,
}

use Client::{Chromium, Curl1, Curl2, Go, HttpClient, NodeFetch, NodeHttp, Requests, Urllib};

/// The clients that speak HTTP/1.1 without TLS.
pub(crate) const HTTP1: [Client; 8] =
    [NodeHttp, NodeFetch, HttpClient, Urllib, Requests, Go, Curl1, Chromium];
pub(crate) const CURL: [Client; 2] = [Curl1, Curl2];

impl Client {
    pub(crate) fn name(self) -> &'static str {
        match self {
            NodeHttp => "Node http",
            NodeFetch => "Node fetch",
            HttpClient => "Python http.client",
            Urllib => "Python urllib",
            Requests => "Python requests",
            Go => "Go net/http",
            Curl1 => "curl, HTTP/1.1",
            Curl2 => "curl, HTTP/2",
            Chromium => "Chromium",
        }
    }

    /// Returns whether the program that it needs is installed.
    pub(crate) fn is_there(self) -> bool {
        let tool: &[&str] = match self {
            NodeHttp | NodeFetch => &["node", "--version"],
            HttpClient | Urllib => &["python3", "--version"],
            Requests => &["python3", "-c", "import requests"],
            Go => &["go", "version"],
            Curl1 | Curl2 => &["curl", "--version"],
            Chromium => &["chromium", "--version"],
        };
        let Some((program, arguments)) = tool.split_first() else { return false };
        let quiet =
            Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet.is_ok_and(|status| status.success())
    }

    /// Returns whether it can send head and content in two writes with a pause between.
    pub(crate) fn can_pause(self) -> bool {
        matches!(self, NodeHttp | HttpClient | Go)
    }

    /// Plays the rounds, and returns the number of each outcome.
    pub(crate) fn play(self, base: &str, size: Size, count: usize, folder: &Path) -> BTreeMap<String, usize> {
        if CURL.contains(&self) {
            let mut outcomes = BTreeMap::new();
            for _ in 0..count {
                *outcomes.entry(self.curl(base, size, folder)).or_default() += 1;
            }
            return outcomes;
        }
        let output = self.command(folder).arg(base).args(size.arguments(count)).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        let mut outcomes: BTreeMap<_, _> =
            lines.filter_map(|(number, outcome)| Some((outcome.to_owned(), number.parse().ok()?))).collect();
        let played: usize = outcomes.values().sum();
        if played < count {
            let said = String::from_utf8_lossy(&output.stderr);
            outcomes.insert(format!("did not play: {}", said.trim()), count - played);
        }
        outcomes
    }

    fn command(self, folder: &Path) -> Command {
        let script = |program: &str, name: &str, kind: &str| {
            let mut command = Command::new(program);
            command.arg(clients().join(name)).arg(kind);
            command
        };
        match self {
            NodeHttp => script("node", "node.mjs", "http"),
            NodeFetch => script("node", "node.mjs", "fetch"),
            HttpClient => script("python3", "client.py", "http.client"),
            Urllib => script("python3", "client.py", "urllib"),
            Requests => script("python3", "client.py", "requests"),
            Chromium => script("node", "page.mjs", "page"),
            Go => {
                let program = folder.join("go-client");
                if !program.exists() {
                    let mut build = Command::new("go");
                    build.args(["build", "-o"]).arg(&program).arg(clients().join("client.go"));
                    build.env("GOCACHE", folder.join("go-cache")).env("GOFLAGS", "-mod=mod");
                    assert!(build.status().expect("go runs").success());
                }
                let mut command = Command::new(program);
                command.arg("go");
                command
            }
            Curl1 | Curl2 => unreachable!("it plays one round at a time"),
        }
    }

    fn curl(self, base: &str, size: Size, folder: &Path) -> String {
        let content = folder.join(size.bytes.to_string());
        if !content.exists() {
            fs::write(&content, vec![b'x'; size.bytes]).expect("a file");
        }
        let version: &[&str] = match (self, base.starts_with("https:")) {
            (Curl1, _) => &["--http1.1"],
            (_, true) => &["--http2"],
            (_, false) => &["--http2-prior-knowledge"],
        };
        let refused = format!("{base}/documents/plan");
        let refused = [
            &["-H", "If-Match: \"0\"", "--data-binary", &format!("@{}", content.display()), &refused],
            version,
        ];
        let made = format!("{base}/documents/{}", unique());
        let made = [&["-H", "If-None-Match: *", "--data-binary", DOCUMENT, &made], version];
        // With prior knowledge, curl 7.88 sends nothing over a connection that exists (exit 16).
        match version {
            ["--http2-prior-knowledge"] => [refused, made].map(|put| run_curl(&[put.concat()])).join(" "),
            _ => run_curl(&[refused.concat(), made.concat()]),
        }
    }
}

const DOCUMENT: &str = r#"{"title":"Plan","text":"next"}"#;

/// Sends these requests over one connection, if it lives on, and returns the statuses.
fn run_curl(requests: &[Vec<&str>]) -> String {
    let mut command = Command::new("curl");
    for (number, request) in requests.iter().enumerate() {
        if number > 0 {
            command.arg("--next");
        }
        // Without Expect, curl sends all at once.
        command.args(["-s", "-k", "-m", "20", "-X", "PUT", "-H", "Expect:", "-o", "/dev/null"]);
        command.args(["-H", "Content-Type: application/json", "-w", "%{http_code} "]).args(request);
    }
    let output = command.output().expect("curl runs");
    let statuses = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.code() {
        Some(0) => statuses,
        code => format!("{statuses} exit {}", code.unwrap_or(-1)),
    }
}

fn unique() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("curl-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Returns whether a missing tool is a failure.
pub(crate) fn must_be_complete() -> bool {
    env::var_os("CI").is_some()
}
