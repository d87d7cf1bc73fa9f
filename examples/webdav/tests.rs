#![allow(clippy::expect_used, reason = "a panic is a test's way to fail")]

use axum::{Router, body::Body, extract::Request, response::Response};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::app;

const LOCK: &str = r#"<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>
    <owner>Ada</owner></lockinfo>"#;

async fn send(app: &Router, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Response {
    let request = Request::builder().method(method).uri(path).header("host", "example.com");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let Ok(response) =
        app.clone().oneshot(request.body(Body::from(body.to_owned())).expect("a request")).await;
    response
}

async fn status(app: &Router, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> u16 {
    send(app, method, path, fields, body).await.status().as_u16()
}

async fn text(response: Response) -> String {
    let content = response.into_body().collect().await.expect("content").to_bytes();
    String::from_utf8(content.into()).expect("text")
}

/// Locks a path, and returns the token in angle brackets.
async fn lock(app: &Router, path: &str, depth: &str) -> String {
    let response = send(app, "LOCK", path, &[("depth", depth)], LOCK).await;
    assert!(response.status().is_success(), "{response:?}");
    response.headers()["lock-token"].to_str().expect("visible ASCII").to_owned()
}

/// `/a` and `/b` are files, and `/folder/file` is one in a collection.
async fn with_files() -> Router {
    let app = app();
    for path in ["/a", "/b"] {
        assert_eq!(status(&app, "PUT", path, &[], "text").await, 201);
    }
    assert_eq!(status(&app, "MKCOL", "/folder", &[], "").await, 201);
    assert_eq!(status(&app, "PUT", "/folder/file", &[], "text").await, 201);
    app
}

/// Other servers panic on the first, let the second through, refuse the third, and take the fourth.
#[tokio::test]
async fn the_faults_of_other_servers() {
    let app = with_files().await;
    assert_eq!(status(&app, "PUT", "/a", &[("if", "(<x")], "new").await, 400);
    assert_eq!(status(&app, "PUT", "/a", &[("if", "(<urn:uuid:bogus>)")], "new").await, 412);
    assert_eq!(status(&app, "PUT", "/a", &[("if", "(Not <urn:uuid:bogus>)")], "new").await, 204);

    let token = lock(&app, "/a", "0").await;
    lock(&app, "/b", "0").await;
    assert_eq!(status(&app, "PUT", "/b", &[("if", &format!("({token})"))], "new").await, 412);
    assert_eq!(status(&app, "PUT", "/b", &[("if", &format!("</a> ({token})"))], "new").await, 423);
}

#[tokio::test]
async fn a_locked_file_is_written_with_its_token_alone() {
    let app = with_files().await;
    let token = lock(&app, "/a", "0").await;
    let submit = format!("({token})");
    for (row, method, fields, expected) in [
        ("without the token", "PUT", &[][..], 423),
        ("with it", "PUT", &[("if", submit.as_str())], 204),
        ("deleted without it", "DELETE", &[], 423),
        ("patched without it", "PROPPATCH", &[], 423),
        ("read without it", "GET", &[], 200),
        ("locked again", "LOCK", &[], 423),
        ("unlocked by another token", "UNLOCK", &[("lock-token", "<urn:uuid:1>")], 409),
        ("unlocked", "UNLOCK", &[("lock-token", token.as_str())], 204),
        ("with a token that has ended", "PUT", &[("if", submit.as_str())], 412),
        (
            "with a token that has ended, or not",
            "PUT",
            &[("if", &format!("{submit} (Not <DAV:no-lock>)"))],
            204,
        ),
        ("without any", "PUT", &[], 204),
    ] {
        let body = match method {
            "LOCK" => LOCK,
            "PROPPATCH" => r#"<propertyupdate xmlns="DAV:"/>"#,
            "PUT" => "new",
            _ => "",
        };
        assert_eq!(status(&app, method, "/a", fields, body).await, expected, "{row}");
    }
}

#[tokio::test]
async fn a_lock_of_depth_infinity_covers_what_lies_below() {
    let app = with_files().await;
    let token = lock(&app, "/folder", "infinity").await;
    assert_eq!(status(&app, "PUT", "/folder/file", &[], "new").await, 423);
    assert_eq!(status(&app, "PUT", "/folder/new", &[], "new").await, 423);
    for field in [
        format!("({token})"),
        format!("</folder> ({token})"),
        format!("<http://example.com/folder/> ({token})"),
    ] {
        assert_eq!(status(&app, "PUT", "/folder/file", &[("if", &field)], "new").await, 204, "{field}");
    }
    assert_eq!(status(&app, "PUT", "/folder/file", &[("if", &format!("</a> ({token})"))], "new").await, 412);
    assert_eq!(status(&app, "DELETE", "/folder", &[("if", &format!("({token})"))], "").await, 204);
}

#[tokio::test]
async fn a_tag_in_if_is_the_one_of_the_file() {
    let app = with_files().await;
    let response = send(&app, "PUT", "/a", &[], "second").await;
    let etag = response.headers()["etag"].to_str().expect("visible ASCII").to_owned();
    assert_eq!(status(&app, "PUT", "/a", &[("if", &format!("([{etag}])"))], "third").await, 204);
    assert_eq!(status(&app, "PUT", "/a", &[("if", &format!("([{etag}])"))], "fourth").await, 412);
    assert_eq!(status(&app, "PUT", "/a", &[("if-match", &etag)], "fourth").await, 412);
    let moved = [("destination", "/c"), ("if", "</c> (Not [\"1\"])")];
    assert_eq!(status(&app, "MOVE", "/a", &moved, "").await, 201);
    assert_eq!(text(send(&app, "GET", "/c", &[], "").await).await, "third");
}

#[tokio::test]
async fn the_destination_of_a_copy_may_be_locked() {
    let app = with_files().await;
    let token = lock(&app, "/b", "0").await;
    let copy = async |field: &[(&str, &str)]| {
        let fields = [&[("destination", "http://example.com/b")], field].concat();
        status(&app, "COPY", "/a", &fields, "").await
    };
    assert_eq!(copy(&[]).await, 423);
    assert_eq!(copy(&[("if", &format!("({token})"))]).await, 412, "an untagged list is about `/a`");
    assert_eq!(copy(&[("if", &format!("</b> ({token})"))]).await, 204);
    assert_eq!(status(&app, "COPY", "/a", &[("destination", "http://other.example/b")], "").await, 502);
}

#[tokio::test]
async fn propfind_tells_the_locks() {
    let app = with_files().await;
    let token = lock(&app, "/folder", "infinity").await;
    let found = text(send(&app, "PROPFIND", "/folder/file", &[("depth", "0")], "").await).await;
    assert!(found.contains(&format!("<D:href>{}</D:href>", token.trim_matches(['<', '>']))), "{found}");
    assert!(found.contains("<D:href>/folder/</D:href></D:lockroot>"), "{found}");
    assert!(found.contains(r#"<owner xmlns="DAV:">Ada</owner>"#), "{found}");
}
