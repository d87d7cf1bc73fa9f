//! The page.

use axum::body::Body;
use documents::{Store, app};

use crate::support::http::send;

#[tokio::test]
async fn rule_23_the_page_is_read_once() {
    let app = app(Store::open("memory:").await.unwrap());
    let page = send(&app, "GET", "/", &[], Body::empty()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.get("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.content, include_str!("../../page/index.html"));
    let tag = page.get("etag").unwrap();

    let again = send(&app, "GET", "/", &[("if-none-match", tag)], Body::empty()).await;
    assert_eq!((again.status.as_u16(), again.get("etag")), (304, Some(tag)));
    assert_eq!(again.get("cache-control"), Some("no-cache"));
    let other = send(&app, "GET", "/", &[("if-none-match", "\"other\"")], Body::empty()).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn the_page_can_load_nothing_from_elsewhere() {
    let app = app(Store::open("memory:").await.unwrap());
    let page = send(&app, "GET", "/", &[], Body::empty()).await;
    assert_eq!(page.get("cache-control"), Some("no-cache"));
    let policy = page.get("content-security-policy").unwrap();
    for part in ["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"] {
        assert!(policy.split("; ").any(|given| given == part), "{part}: {policy}");
    }
    assert!(!policy.contains("http") && !policy.contains('*'));
}
