//! The page, which is one file.

use std::{
    future::ready,
    hash::{DefaultHasher, Hash, Hasher},
};

use axum::{
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
        request::Parts,
    },
    response::{Html, IntoResponse},
    routing::{MethodRouter, get},
};
use tower_http::compression::CompressionLayer;
use tower_precondition::{EntityTag, PreconditionLayer, Validators};

use crate::{steps::Recorder, store::Store};

const PAGE: &str = include_str!("../page/index.html");

/// Nothing from elsewhere: all that the page is made of stands in it.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                      connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const FIELDS: [(HeaderName, HeaderValue); 3] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

pub(crate) fn page() -> MethodRouter<Store> {
    let validators = Validators::from(etag());
    let source = move |head: &Parts| {
        if let Some(recorder) = head.extensions.get::<Recorder>() {
            recorder.found(&head.headers, Some(&validators));
        }
        ready(validators.clone())
    };
    get(async || (FIELDS, Html(PAGE)).into_response())
        .route_layer(CompressionLayer::new())
        .route_layer(PreconditionLayer::new(source).outside_compression())
}

/// Another page, another tag.
fn etag() -> EntityTag {
    let mut hasher = DefaultHasher::new();
    PAGE.hash(&mut hasher);
    EntityTag::from_version(hasher.finish())
}
