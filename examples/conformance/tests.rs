#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's way to fail")]

use std::net::SocketAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Starts a server on a free port.
async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(super::serve(listener));
    address
}

struct Answer {
    status: u16,
    head: Vec<u8>,
    content: Vec<u8>,
}

impl Answer {
    /// Returns the values of a field, as bytes.
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        let lines = self.head.split(|octet| *octet == b'\n').skip(1);
        lines
            .filter_map(|line| {
                let colon = line.iter().position(|octet| *octet == b':')?;
                let found = line[..colon].eq_ignore_ascii_case(name.as_bytes());
                found.then(|| line[colon + 1..].trim_ascii().to_vec())
            })
            .collect()
    }

    fn get(&self, name: &str) -> Option<String> {
        self.all(name).first().map(|value| value.escape_ascii().to_string().replace("\\\"", "\""))
    }

    fn handler_ran(&self) -> bool {
        self.get("x-handler-ran").as_deref() == Some("1")
    }

    /// Returns the status, whether the handler ran, and the Range that it saw.
    fn seen(&self) -> (u16, bool, Option<String>) {
        (self.status, self.handler_ran(), self.get("x-range-seen"))
    }
}

/// Sends bytes, closes the sending side, and reads to the end.
async fn exchange(octets: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(start().await).await.unwrap();
    stream.write_all(octets).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    parse(&answer)
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let (head, content) = answer.split_at(end);
    let status = std::str::from_utf8(&head[9..12]).unwrap().parse().unwrap();
    Answer { status, head: head.to_vec(), content: content[4..].to_vec() }
}

fn encoded(json: &Value) -> String {
    percent_encode(json.to_string().as_bytes(), &ENCODED).to_string()
}

/// Sends one request with this state and with these lines, unchanged.
async fn ask(method: &str, state: &Value, lines: &[&str]) -> Answer {
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
    ask_octets(method, state, &lines).await
}

async fn ask_octets(method: &str, state: &Value, lines: &[&[u8]]) -> Answer {
    let target = if method == "CONNECT" { "example.com:80" } else { "/any/path?and=query" };
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n").into_bytes();
    request.extend_from_slice(format!("X-State: {}\r\n", encoded(state)).as_bytes());
    for line in lines {
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    exchange(&request).await
}

fn tagged(tag: &str) -> Value {
    json!({"exists": true, "etag": tag, "last_modified": null, "body_len": 5})
}

/// Modified at second 784111777 of the epoch and this many nanoseconds.
fn dated(nanos: u32) -> Value {
    json!({
        "exists": true, "etag": null, "body_len": 5,
        "last_modified": "Sun, 06 Nov 1994 08:49:37 GMT",
        "last_modified_secs": 784_111_777, "last_modified_nanos": nanos,
    })
}

fn absent() -> Value {
    json!({"exists": false, "etag": null, "last_modified": null, "body_len": 0})
}

#[tokio::test]
async fn rules_7_13_16_the_example_of_the_specification() {
    let request = |tag: &str| {
        format!(
            "PUT / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\
             X-State: %7B%22exists%22%3Atrue%2C%22etag%22%3A%22%5C%22b%5C%22%22%2C\
             %22last_modified%22%3Anull%2C%22body_len%22%3A5%7D\r\n\
             If-Match: {tag}\r\nContent-Length: 3\r\n\r\nnew"
        )
    };
    let stale = exchange(request("\"a\"").as_bytes()).await;
    assert_eq!(stale.seen(), (412, false, None));
    assert_eq!(stale.get("etag").unwrap(), "\"b\"");
    let fresh = exchange(request("\"b\"").as_bytes()).await;
    assert_eq!(fresh.seen(), (204, true, None));
}

#[tokio::test]
async fn rules_23_61_63_a_304_has_the_fields_of_the_200() {
    let mut state = tagged("\"a\"");
    state["fields"] = json!({
        "cache-control": "max-age=60", "vary": "accept", "expires": "0", "content-location": "/a",
        "content-type": "text/plain",
    });
    let all = ask("GET", &state, &[]).await;
    assert_eq!((all.status, all.content.len()), (200, 5));
    let none = ask("GET", &state, &["If-None-Match: \"x\", W/\"a\""]).await;
    assert_eq!(none.seen(), (304, false, None));
    for name in ["etag", "cache-control", "vary", "expires", "content-location"] {
        assert!(all.get(name).is_some(), "the 200 has no {name}");
        assert_eq!(none.all(name), all.all(name));
    }
    assert_eq!(all.get("content-type").unwrap(), "text/plain");
    assert_eq!((none.get("content-length"), none.get("content-type")), (None, None));
    assert!(none.content.is_empty());
}

#[tokio::test]
async fn rule_56_head_has_the_fields_of_get_and_no_content() {
    for length in [0, 7, 100_000] {
        let mut state = tagged("\"a\"");
        state["body_len"] = json!(length);
        state["fields"] = json!({"content-type": "text/plain", "x-other": "1"});
        let get = ask("GET", &state, &[]).await;
        let head = ask("HEAD", &state, &[]).await;
        assert_eq!(get.content.len(), length);
        assert_eq!(get.get("content-length").unwrap(), length.to_string());
        assert!(head.content.is_empty());
        let fields = |answer: &Answer| {
            let head = answer.head.to_ascii_lowercase();
            let mut lines: Vec<_> = head.split(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
            lines.retain(|line| !line.starts_with(b"date:"));
            lines.sort();
            lines
        };
        assert_eq!(fields(&get), fields(&head));
    }
}

#[tokio::test]
async fn rule_56_head_tells_a_length_beyond_any_memory() {
    let mut state = tagged("\"a\"");
    state["body_len"] = json!(1_u64 << 60);
    let head = ask("HEAD", &state, &[]).await;
    assert_eq!(head.get("content-length").unwrap(), (1_u64 << 60).to_string());
}

#[tokio::test]
async fn rules_11_40_41_if_range_keeps_or_drops_range() {
    let range = "Range: bytes=0-1";
    let kept = Some("bytes=0-1".to_owned());
    let state = tagged("\"a\"");
    assert_eq!(ask("GET", &state, &[range]).await.seen(), (200, true, kept.clone()));
    assert_eq!(ask("GET", &state, &[range, "If-Range: \"a\""]).await.seen(), (200, true, kept));
    assert_eq!(ask("GET", &state, &[range, "If-Range: \"b\""]).await.seen(), (200, true, None));
    assert_eq!(ask("GET", &state, &[range, "If-Range: W/\"a\""]).await.seen(), (200, true, None));
}

#[tokio::test]
async fn rule_60_head_has_no_ranges_and_a_write_keeps_its_own() {
    let state = tagged("\"a\"");
    assert_eq!(ask("HEAD", &state, &["Range: bytes=0-1"]).await.seen(), (200, true, None));
    // Some APIs define Range on writes.
    let kept = Some("bytes=0-1".to_owned());
    assert_eq!(ask("PUT", &state, &["Range: bytes=0-1"]).await.seen(), (204, true, kept));
    let lines = ask("GET", &state, &["Range: bytes=0-1", "Range: bytes=3-4"]).await;
    assert_eq!(lines.get("x-range-seen").unwrap(), "bytes=0-1, bytes=3-4");
}

#[tokio::test]
async fn rule_2_other_statuses_win() {
    for status in [404, 403, 301, 500, 304] {
        for method in ["GET", "PUT", "DELETE"] {
            let mut state = tagged("\"a\"");
            state["handler_status"] = json!(status);
            let lines = ["If-Match: \"stale\"", "If-None-Match: \"a\""];
            assert_eq!(ask(method, &state, &lines).await.seen(), (status, true, None), "{method}");
        }
    }
}

#[tokio::test]
async fn rule_2_success_and_412_do_not_win() {
    for status in [200, 201, 299, 412] {
        let mut state = tagged("\"a\"");
        state["handler_status"] = json!(status);
        assert_eq!(ask("PUT", &state, &["If-Match: \"b\""]).await.seen(), (412, false, None));
        assert_eq!(ask("PUT", &state, &["If-Match: \"a\""]).await.seen(), (status, true, None));
    }
}

#[tokio::test]
async fn rule_2_the_status_decides_on_content_and_fields() {
    let mut state = tagged("\"a\"");
    state["fields"] = json!({"x-other": "1"});
    for (status, content, other) in [(200, 5, Some("1")), (203, 0, Some("1")), (404, 0, None)] {
        state["handler_status"] = json!(status);
        let answer = ask("GET", &state, &[]).await;
        assert_eq!((answer.content.len(), answer.get("x-other").as_deref()), (content, other), "{status}");
    }
}

#[tokio::test]
async fn rule_66_if_match_can_be_required() {
    let policy = format!("X-Policy: {}", encoded(&json!({"require": "if-match"})));
    let policy = policy.as_str();
    let state = tagged("\"a\"");
    for method in ["PUT", "PATCH", "DELETE"] {
        let refused = ask(method, &state, &[policy]).await;
        assert_eq!(refused.seen(), (428, false, None), "{method}");
        assert_eq!(refused.get("cache-control").unwrap(), "no-store");
    }
    for (line, status) in [
        ("If-Match: \"a\"", 204),
        ("If-Match: *", 204),
        ("If-Match: \"b\"", 412),
        ("If-None-Match: *", 428),
        ("If-None-Match: \"b\"", 428),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 428),
    ] {
        assert_eq!(ask("PUT", &state, &[policy, line]).await.status, status, "{line}");
    }
    assert_eq!(ask("POST", &state, &[policy]).await.status, 200);
}

#[tokio::test]
async fn rules_32_33_66_an_ignored_condition_does_not_meet_the_requirement() {
    let policy = format!("X-Policy: {}", encoded(&json!({"require": "any", "methods": ["POST", "PUT"]})));
    let policy = policy.as_str();
    for (line, status) in [
        ("Accept: */*", 428),
        ("If-Match: *", 204),
        ("If-None-Match: \"x\"", 204),
        ("If-None-Match: *", 412),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 204),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412),
        ("If-Unmodified-Since: yesterday", 428),
        ("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 428),
    ] {
        assert_eq!(ask("PUT", &dated(0), &[policy, line]).await.status, status, "{line}");
    }
    let date = "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(ask("PUT", &tagged("\"a\""), &[policy, date]).await.status, 428);
    assert_eq!(ask("POST", &dated(0), &[policy]).await.status, 428);
    assert_eq!(ask("PATCH", &dated(0), &[policy]).await.status, 204);
}

#[tokio::test]
async fn rules_35_50_a_fraction_of_a_second_is_floored() {
    let line = "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT";
    let answer = ask("PUT", &dated(999_999_999), &[line]).await;
    assert_eq!(answer.status, 204);
    let get = ask("GET", &dated(999_999_999), &[]).await;
    assert_eq!(get.get("last-modified").unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
}

#[tokio::test]
async fn rules_36_50_a_date_before_1970_is_floored_too() {
    let state = json!({
        "exists": true, "etag": null, "body_len": 5,
        "last_modified": "Wed, 31 Dec 1969 23:59:59 GMT",
        "last_modified_secs": -1, "last_modified_nanos": 500_000_000,
    });
    let get = ask("GET", &state, &[]).await;
    assert_eq!(get.get("last-modified").unwrap(), "Wed, 31 Dec 1969 23:59:59 GMT");
    let put = |date: &str| format!("If-Unmodified-Since: Wed, 31 Dec 1969 23:59:{date} GMT");
    assert_eq!(ask("PUT", &state, &[&put("59")]).await.status, 204);
    assert_eq!(ask("PUT", &state, &[&put("58")]).await.status, 412);
}

#[tokio::test]
async fn rule_48_tags_are_bytes() {
    let state = tagged("\"\u{fc}\"");
    let get = ask("GET", &state, &[]).await;
    assert_eq!(get.all("etag"), [[0x22, 0xFC, 0x22]]);
    let found = ask_octets("GET", &state, &[b"If-None-Match: \"\xFC\""]).await;
    assert_eq!(found.status, 304);
    let utf_8 = ask_octets("GET", &state, &["If-None-Match: \"\u{fc}\"".as_bytes()]).await;
    assert_eq!(utf_8.status, 200);
}

#[tokio::test]
async fn rule_14_a_representation_without_validators_exists() {
    let state = json!({"exists": true, "etag": null, "last_modified": null, "body_len": 0});
    assert_eq!(ask("PUT", &state, &["If-Match: *"]).await.status, 204);
    assert_eq!(ask("PUT", &absent(), &["If-Match: *"]).await.status, 412);
}

#[tokio::test]
async fn every_method_has_its_answer() {
    for (method, existing, missing) in [
        ("GET", 200, 404),
        ("HEAD", 200, 404),
        ("QUERY", 200, 404),
        ("PUT", 204, 201),
        ("PATCH", 204, 201),
        ("DELETE", 204, 404),
        ("POST", 200, 200),
        ("OPTIONS", 204, 204),
        ("TRACE", 204, 204),
        ("CONNECT", 204, 204),
        ("PROPFIND", 204, 204),
        ("get", 204, 204),
    ] {
        assert_eq!(ask(method, &tagged("\"a\""), &[]).await.seen(), (existing, true, None), "{method}");
        assert_eq!(ask(method, &absent(), &[]).await.seen(), (missing, true, None), "{method}");
    }
}

#[tokio::test]
async fn without_a_state_nothing_exists() {
    let answer = exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(answer.seen(), (404, true, None));
}

#[tokio::test]
async fn a_connection_outlives_its_answers() {
    let mut request = Vec::new();
    for (method, tag) in [("PUT", "\"b\""), ("GET", "\"a\""), ("PUT", "\"a\"")] {
        let state = encoded(&tagged("\"a\""));
        let head = format!("{method} / HTTP/1.1\r\nHost: a\r\nX-State: {state}\r\nIf-Match: {tag}\r\n\r\n");
        request.extend_from_slice(head.as_bytes());
    }
    let mut stream = TcpStream::connect(start().await).await.unwrap();
    stream.write_all(&request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["412", "200", "204"]);
}

#[tokio::test]
async fn decision_7_a_refused_upload_gets_no_100() {
    let request = |tag: &str| {
        let state = encoded(&tagged("\"a\""));
        format!(
            "PUT / HTTP/1.1\r\nHost: a\r\nX-State: {state}\r\nIf-Match: {tag}\r\n\
             Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        )
    };
    let refused = exchange(request("\"b\"").as_bytes()).await;
    assert_eq!((refused.status, refused.get("connection").as_deref()), (412, Some("close")));

    let mut stream = TcpStream::connect(start().await).await.unwrap();
    stream.write_all(request("\"a\"").as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"new").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(parse(&answer).status, 204);
}

/// If the state cannot be read, the source answers 400 before the handler runs.
#[tokio::test]
async fn odd_states_are_refused() {
    let server = start().await;
    let long = format!("%7B%22exists%22%3A{}%7D", "%5B".repeat(10_000));
    for state in [
        "",
        "%",
        "%7B",
        "null",
        "7",
        "%5B%5D",
        "%FF%FE",
        "%7B%7D",
        &encoded(&json!({"exists": "true"})),
        &encoded(&json!({"exists": true, "etag": "a"})),
        &encoded(&json!({"exists": true, "etag": "\"\u{20ac}\""})),
        &encoded(&json!({"exists": true, "etag": "\"\r\n\""})),
        &encoded(&json!({"exists": true, "last_modified": "?"})),
        &encoded(&json!({"exists": true, "last_modified": "?", "last_modified_secs": i64::MAX})),
        &encoded(&json!({"exists": true, "last_modified": "?", "last_modified_secs": i64::MIN})),
        &encoded(&json!({"exists": true, "last_modified": "?", "last_modified_secs": 253_402_300_800_i64})),
        &encoded(&json!({"exists": true, "last_modified": "?", "last_modified_secs": 1e300})),
        &encoded(&json!({"exists": true, "body_len": -1})),
        &encoded(&json!({"exists": true, "body_len": 1e30})),
        &encoded(&json!({"exists": true, "handler_status": 0})),
        &encoded(&json!({"exists": true, "handler_status": 101})),
        &encoded(&json!({"exists": true, "handler_status": 65_536})),
        &encoded(&json!({"exists": true, "fields": {"a b": "c"}})),
        &encoded(&json!({"exists": true, "fields": {"a": "\n"}})),
        &encoded(&json!({"exists": true, "fields": {"a": 1}})),
        &long,
    ] {
        let mut stream = TcpStream::connect(server).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nX-State: {state}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(parse(&answer).seen(), (400, false, None), "{state}");
    }
    assert!(TcpStream::connect(server).await.is_ok());
}

#[tokio::test]
async fn the_handler_refuses_an_invalid_state_if_the_layer_asks_no_source() {
    let answer = exchange(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nX-State: {\r\n\r\n").await;
    assert_eq!(answer.seen(), (400, true, None));
}

#[tokio::test]
async fn fields_do_not_frame_a_message() {
    let mut state = tagged("\"a\"");
    state["fields"] = json!({"content-length": "99", "transfer-encoding": "chunked", "x-other": "1"});
    let answer = ask("GET", &state, &[]).await;
    assert_eq!((answer.status, answer.content.len()), (200, 5));
    assert_eq!(answer.get("x-other").unwrap(), "1");
    assert_eq!(answer.all("content-length"), [b"5"]);
    assert!(answer.all("transfer-encoding").is_empty());
}

#[tokio::test]
async fn an_invalid_policy_requires_a_condition_of_every_method() {
    for policy in ["X-Policy: {", "X-Policy: %7B%22require%22%3A%22none%22%7D", "X-Policy:"] {
        assert_eq!(ask("PUT", &tagged("\"a\""), &[policy]).await.status, 428, "{policy}");
        assert_eq!(ask("PUT", &tagged("\"a\""), &[policy, "If-Match: \"a\""]).await.status, 204);
    }
}

#[tokio::test]
async fn rule_51_a_list_over_very_many_lines() {
    let mut lines = vec!["If-None-Match: \"x\""; 2_000];
    lines.push("If-None-Match: \"a\"");
    assert_eq!(ask("GET", &tagged("\"a\""), &lines).await.status, 304);
}
