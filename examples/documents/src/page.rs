//! The page: HTML, a style sheet and ES modules, built into the program.

use std::{
    future::ready,
    hash::{DefaultHasher, Hash, Hasher},
};

use axum::{
    Router,
    body::Bytes,
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
        request::Parts,
    },
    routing::{MethodRouter, get},
};
use tower_precondition::{EntityTag, PreconditionLayer, Validators, openapi::Description};

use crate::{proxy::Proxy, steps::Recorder, store::Store};

pub(crate) const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file of the page: its path, its content type and its content.
pub(crate) const FILES: [(&str, &str, &str); 33] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/page/style.css", CSS, include_str!("../page/style.css")),
    ("/page/icon.svg", SVG, include_str!("../page/icon.svg")),
    ("/page/builder.js", SCRIPT, include_str!("../page/builder.js")),
    ("/page/collision.js", SCRIPT, include_str!("../page/collision.js")),
    ("/page/compare.js", SCRIPT, include_str!("../page/compare.js")),
    ("/page/creating.js", SCRIPT, include_str!("../page/creating.js")),
    ("/page/curl.js", SCRIPT, include_str!("../page/curl.js")),
    ("/page/deleting.js", SCRIPT, include_str!("../page/deleting.js")),
    ("/page/diff-view.js", SCRIPT, include_str!("../page/diff-view.js")),
    ("/page/discarding.js", SCRIPT, include_str!("../page/discarding.js")),
    ("/page/drafts.js", SCRIPT, include_str!("../page/drafts.js")),
    ("/page/editing.js", SCRIPT, include_str!("../page/editing.js")),
    ("/page/editor.js", SCRIPT, include_str!("../page/editor.js")),
    ("/page/elements.js", SCRIPT, include_str!("../page/elements.js")),
    ("/page/form.js", SCRIPT, include_str!("../page/form.js")),
    ("/page/history.js", SCRIPT, include_str!("../page/history.js")),
    ("/page/left-behind.js", SCRIPT, include_str!("../page/left-behind.js")),
    ("/page/list.js", SCRIPT, include_str!("../page/list.js")),
    ("/page/merge-form.js", SCRIPT, include_str!("../page/merge-form.js")),
    ("/page/merge.js", SCRIPT, include_str!("../page/merge.js")),
    ("/page/merging.js", SCRIPT, include_str!("../page/merging.js")),
    ("/page/reading.js", SCRIPT, include_str!("../page/reading.js")),
    ("/page/repeating.js", SCRIPT, include_str!("../page/repeating.js")),
    ("/page/requests.js", SCRIPT, include_str!("../page/requests.js")),
    ("/page/saving.js", SCRIPT, include_str!("../page/saving.js")),
    ("/page/start.js", SCRIPT, include_str!("../page/start.js")),
    ("/page/storage.js", SCRIPT, include_str!("../page/storage.js")),
    ("/page/story.js", SCRIPT, include_str!("../page/story.js")),
    ("/page/user.js", SCRIPT, include_str!("../page/user.js")),
    ("/page/watching.js", SCRIPT, include_str!("../page/watching.js")),
    ("/page/windows.js", SCRIPT, include_str!("../page/windows.js")),
    ("/page/wire.js", SCRIPT, include_str!("../page/wire.js")),
];

/// The browser loads files of this server alone, and runs no script or style that the HTML contains.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Returns the routes of the page, and the description of the layer around each.
pub(crate) fn page(proxy: Proxy) -> (Router<Store>, Description) {
    let (_, description) = file(proxy, HTML, Bytes::new());
    let serve = |router: Router<Store>, (path, media_type, content): (&str, _, &'static str)| {
        let (route, _) = file(proxy, media_type, Bytes::from_static(content.as_bytes()));
        router.route(path, route)
    };
    (FILES.into_iter().fold(Router::new(), serve), description)
}

/// Serves this content, with a tag that changes with it.
pub(crate) fn file(
    proxy: Proxy,
    media_type: &'static str,
    content: Bytes,
) -> (MethodRouter<Store>, Description) {
    // `no-cache`: browsers ask before they use a copy, so after a release nobody gets a file of the old one.
    let validators =
        Validators::from(etag(&content)).with_cache_control(HeaderValue::from_static("no-cache"));
    let source = move |head: &Parts| {
        if let Some(recorder) = head.extensions.get::<Recorder>() {
            recorder.found(&proxy.comparison(), &head.headers, Some(&validators));
        }
        ready(validators.clone())
    };
    let preconditions = PreconditionLayer::new(source).compare_tags(proxy.comparison());
    let description = preconditions.describe();
    let headers = headers(media_type);
    let route = get(async move || (headers, content))
        .route_layer(proxy.compression())
        .route_layer(preconditions)
        .route_layer(proxy.codings());
    (route, description)
}

fn headers(media_type: &'static str) -> [(HeaderName, HeaderValue); 3] {
    [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

/// A tag that changes with the content.
fn etag(content: &[u8]) -> EntityTag {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    EntityTag::from_version(hasher.finish())
}
