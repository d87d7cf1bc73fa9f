//! The program behind nginx with gzip, and behind Apache with mod_deflate.
//!
//! The tests need both servers, so they are ignored by default: `.ci/run proxies` installs what is missing, and runs
//! them. They start servers of their own, in folders of their own, on free ports of this machine.
#![allow(clippy::unwrap_used, reason = "a panic is a test's way to fail")]

mod client;
mod server;

use client::{Answer, Client};
use server::{Program, Proxy, apache, nginx};

const PLAN: &str = "/documents/plan";

fn content(text: &str) -> String {
    format!(r#"{{"title":"Plan","text":"{text}{}"}}"#, "x".repeat(500))
}

/// A client of the program through one proxy, with the plan in its first version.
struct Behind {
    client: Client,
    _proxy: Proxy,
    _program: Program,
}

impl Behind {
    fn start(name: &str, proxy: fn(&str) -> Proxy) -> Self {
        let program = Program::start(name);
        let proxy = proxy(&program.address);
        let client = Client::new(&proxy.address);
        let created = client.put(PLAN, "If-None-Match: *", &content("first"));
        assert_eq!(created.status, 201, "{created:?}");
        Self { client, _proxy: proxy, _program: program }
    }

    fn read(&self, path: &str, fields: &str) -> Answer {
        self.client.send("GET", path, &format!("Accept-Encoding: gzip\r\n{fields}"), "")
    }

    /// Reads the compressed plan, and returns the tag as the proxy changed it.
    fn tag(&self, path: &str) -> String {
        let read = self.read(path, "");
        assert_eq!((read.status, read.field("content-encoding")), (200, Some("gzip")), "{read:?}");
        read.field("etag").expect("a tag").to_owned()
    }
}

fn what_a_client_reads_through_it_it_may_write(name: &str, proxy: fn(&str) -> Proxy, changed: &str) {
    let behind = Behind::start(name, proxy);
    let received = behind.tag(PLAN);
    assert_eq!(received, changed, "the proxy changes the tag");

    let unchanged = behind.read(PLAN, &format!("If-None-Match: {received}\r\n"));
    assert_eq!((unchanged.status, unchanged.field("etag")), (304, Some(&*received)), "{unchanged:?}");

    for condition in ["If-Match", "If-Range"] {
        let ranged = behind.read(PLAN, &format!("Range: bytes=0-9\r\n{condition}: {received}\r\n"));
        // A part of the plain content must not join the compressed one. The program answers with the whole, of
        // which Apache makes a part itself: a part of what it compressed, under the tag of that.
        let part = (ranged.field("content-encoding"), ranged.field("etag"));
        let is_of_apache = name == "apache" && part == (Some("gzip"), Some(&*received));
        assert!(ranged.status == 200 || is_of_apache, "{ranged:?}");
    }

    let written = behind.client.put(PLAN, &format!("If-Match: {received}"), &content("second"));
    assert_eq!(written.status, 204, "{written:?}");
    let stale = behind.client.put(PLAN, &format!("If-Match: {received}"), &content("third"));
    assert_eq!(stale.status, 412, "{stale:?}");
    let again = behind.read(PLAN, &format!("If-None-Match: {received}\r\n"));
    assert_eq!(again.status, 200, "{again:?}");
    // The tag of the answer to a write is not compressed, so it is the plain one.
    let next = written.field("etag").expect("a tag").to_owned();
    assert_eq!(behind.client.put(PLAN, &format!("If-Match: {next}"), &content("third")).status, 204);

    let list = behind.tag("/documents");
    let unchanged = behind.read("/documents", &format!("If-None-Match: {list}\r\n"));
    assert_eq!((unchanged.status, unchanged.field("etag")), (304, Some(&*list)), "{unchanged:?}");
    let removed = behind.client.send("DELETE", PLAN, &format!("If-Match: {}\r\n", behind.tag(PLAN)), "");
    assert_eq!(removed.status, 204, "{removed:?}");
}

#[test]
#[ignore = "needs nginx: .ci/run proxies"]
fn rule_85_behind_nginx() {
    what_a_client_reads_through_it_it_may_write("nginx", nginx, "W/\"1\"");
}

#[test]
#[ignore = "needs Apache: .ci/run proxies"]
fn rule_85_behind_apache() {
    what_a_client_reads_through_it_it_may_write("apache", apache, "\"1-gzip\"");
}

/// Without the setting, nobody who reads through the proxy can write.
#[test]
#[ignore = "needs nginx and Apache: .ci/run proxies"]
fn decision_21_without_the_setting_every_write_is_412() {
    for proxy in [nginx as fn(&str) -> Proxy, apache] {
        // The program does not compress for another reason: the proxy of the other kind is named.
        let other = if proxy("127.0.0.1:9").name == "nginx" { "apache" } else { "nginx" };
        let behind = Behind::start(other, proxy);
        let received = behind.tag(PLAN);
        let refused = behind.client.put(PLAN, &format!("If-Match: {received}"), &content("second"));
        assert_eq!(refused.status, 412, "{refused:?}");
        assert!(refused.content.contains("TagComparison::"), "{refused:?}");
    }
}
