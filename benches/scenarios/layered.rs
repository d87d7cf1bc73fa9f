//! The layer in all cases, with and without bounds.

use std::{
    future::{Ready, ready},
    hint::black_box,
};

use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header, request::Parts};
use tower::Layer;
use tower_precondition::{
    Emit, EntityTag, HttpDate, MadeWrite, PreconditionLayer, Rejection, Representation, ResourceState,
    SerializedWrites, Validators, WriteIds, validators_from_fn,
};

use super::{
    Region, Scenario, request,
    services::{Inner, served, served_again},
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    let get = |name, prepare| {
        Scenario::new(name, 200, prepare).over_empty("empty service, GET").over_bare("bare service, GET")
    };
    let not_modified =
        |name, prepare| Scenario::new(name, 304, prepare).over_empty("empty service, If-None-Match");
    let written = |name, prepare| {
        Scenario::new(name, 200, prepare).over_empty("empty service, PUT").over_bare("bare service, PUT")
    };
    let failed = |name, prepare| Scenario::new(name, 412, prepare).over_empty("empty service, PUT");
    vec![
        get("nothing to do", || {
            served(PreconditionLayer::new(never).emit(Emit::Nothing).layer(Inner), request::get())
        })
        .allocating(&[ANSWER]),
        get("validators emitted", || served(PreconditionLayer::new(tagged).layer(Inner), request::get()))
            .allocating(&[ANSWER]),
        get("validators emitted, formatted version and date", || {
            served(PreconditionLayer::new(versioned).layer(Inner), request::get())
        })
        .allocating(&[
            ANSWER,
            (1, "the tag's text"),
            (1, "the date's text"),
            (2, "room for a seventh field"),
        ]),
        Scenario::new("  of that, from_version", 0, from_version),
        Scenario::new("  of that, writing a tag and a date into fields", 0, write_fields),
        Scenario::new("  of that, a fifth to seventh field", 0, grow_fields),
        not_modified("304, If-None-Match", || {
            served(PreconditionLayer::new(tagged).layer(Inner), request::get_if_none_match())
        }),
        Scenario::new("304, If-Modified-Since", 304, || {
            served(PreconditionLayer::new(dated).layer(Inner), request::get_if_modified_since())
        })
        .over_empty("empty service, If-Modified-Since"),
        failed("412, problem details", || {
            served(PreconditionLayer::new(tagged).layer(Inner), request::put_stale())
        })
        .allocating(&[(1, "the rejection"), (1, "the body"), ANSWER, EXTENSION]),
        failed("412, plain text", || {
            served(PreconditionLayer::new(tagged).layer(Inner), request::put_stale_for_text())
        })
        .allocating(&[(1, "the rejection"), (1, "the body"), ANSWER, EXTENSION]),
        failed("412, 1 KiB of content that came with the head", || {
            served(PreconditionLayer::new(tagged).layer(Inner), request::put_stale_with_content())
        })
        .allocating(&[(1, "the rejection"), (1, "the body"), ANSWER, EXTENSION]),
        failed("412 without a body", || {
            let layer = PreconditionLayer::new(tagged).with_rejection_response(status_alone);
            served(layer.layer(Inner), request::put_stale())
        })
        .allocating(&[(1, "the rejection"), ANSWER, EXTENSION]),
        Scenario::new("write that goes on", 200, || {
            served(PreconditionLayer::new(tagged).layer(Inner), request::put_current())
        })
        .over_empty("empty service, PUT")
        .over_bare("bare service, PUT")
        .allocating(&[ANSWER, EXTENSION]),
        get("locks, validators emitted", || {
            served(PreconditionLayer::new(tagged).webdav(locks).layer(Inner), request::get())
        })
        .allocating(&[ANSWER]),
        written("locks, write that goes on", || {
            served(PreconditionLayer::new(tagged).webdav(locks).layer(Inner), request::put_current())
        })
        .allocating(&[ANSWER, EXTENSION]),
        written("locks, write with one token in If", || {
            served(PreconditionLayer::new(tagged).webdav(locks).layer(Inner), request::put_with_token())
        })
        .allocating(&[
            ANSWER,
            EXTENSION,
            (1, "the submitted tokens in the extensions"),
            (1, "the tokens that the source names"),
            (2, "the named resources, and which list is about which"),
            (2, "the list of look-ups, and the one in it"),
            (1, "the field while it is looked up"),
            (1, "the verdict on the field"),
        ]),
        written("write in its turn", || {
            let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
            let layer = PreconditionLayer::new(tagged).serialize_writes(writes);
            served(layer.layer(Inner), request::put_current())
        })
        .allocating(&[
            ANSWER,
            EXTENSION,
            (1, "the key that the closure makes"),
            (1, "the line with the key"),
            (1, "the turn while the look-up runs"),
            (1, "the turn while the handler runs"),
            (1, "its handle in the extensions"),
        ]),
        written("write without an id, of a layer that reads ids", || {
            served(PreconditionLayer::new(tagged).write_ids(ids()).layer(Inner), request::put_current())
        })
        .allocating(&[ANSWER, EXTENSION]),
        written("write with an id", || {
            served(PreconditionLayer::new(tagged).write_ids(ids()).layer(Inner), request::put_identified())
        })
        .allocating(&[
            ANSWER,
            EXTENSION,
            (1, "the identity in them"),
            (1, "the identity in the verdict"),
        ]),
        Scenario::new("  of that, reading its identity", 0, identify),
        Scenario::new("204, already made", 204, || {
            let layer = PreconditionLayer::new(made).write_ids(ids());
            served(layer.layer(Inner), request::put_identified())
        })
        .allocating(&[
            (1, "the found state and the record"),
            (1, "the rejection"),
            EXTENSION,
            (3, "the request's extensions, their table, and the identity"),
        ]),
        get("look-up as an async block, emitted", || {
            let source = |_: &Parts| async { tag() };
            served(PreconditionLayer::new(source).layer(Inner), request::get())
        })
        .allocating(&[ANSWER]),
        not_modified("look-up as an async block, 304", || {
            let source = |_: &Parts| async { tag() };
            served(PreconditionLayer::new(source).layer(Inner), request::get_if_none_match())
        }),
        get("look-up through validators_from_fn, emitted", || {
            let source = validators_from_fn(async |_: Uri| tag());
            served_again(PreconditionLayer::new(source).layer(Inner), request::get)
        })
        .allocating(&[ANSWER, BOX]),
        not_modified("look-up through validators_from_fn, 304", || {
            let source = validators_from_fn(async |_: Uri| tag());
            served_again(PreconditionLayer::new(source).layer(Inner), request::get_if_none_match)
        })
        .allocating(&[BOX]),
    ]
}

const ANSWER: (u64, &str) = (2, "the answer's fields");
const EXTENSION: (u64, &str) = (3, "the extensions, their table, and the value in it");
const BOX: (u64, &str) = (1, "the look-up's box");

fn tag() -> EntityTag {
    const { EntityTag::from_static(request::TAG) }
}

fn date() -> HttpDate {
    HttpDate::from_unix_seconds(request::DATE_SECONDS).expect("the year is 1994")
}

fn never(_: &Parts) -> Ready<Representation> {
    unreachable!("no answer depends on the look-up")
}

fn locks(_: &Uri, _: &Parts) -> Ready<ResourceState> {
    ready(ResourceState::new().with_lock_token(request::TOKEN))
}

fn tagged(_: &Parts) -> Ready<EntityTag> {
    ready(tag())
}

fn dated(_: &Parts) -> Ready<Validators> {
    ready(Validators::new().with_last_modified(date()))
}

fn versioned(_: &Parts) -> Ready<Validators> {
    ready(Validators::from(EntityTag::from_version(black_box(1_234_567))).with_last_modified(date()))
}

fn ids() -> WriteIds {
    WriteIds::new(|_: &Parts| Some("ada"))
}

/// Another state is current, and the write was made from the one that its tag names.
fn made(_: &Parts) -> Ready<Representation> {
    let made = MadeWrite::new(Some(tag().into()), Some(EntityTag::from_static("\"made\"").into()));
    ready(Representation::from(EntityTag::from_static("\"other\"")).with_made_write(made))
}

fn identify() -> Region {
    let (ids, head) = (ids(), request::put_identified().into_parts().0);
    Box::new(move || {
        black_box(ids.identity(&head));
        0
    })
}

fn status_alone(_: &Rejection, _: &Parts) -> Response<&'static [u8]> {
    let mut response = Response::<&[u8]>::default();
    *response.status_mut() = StatusCode::PRECONDITION_FAILED;
    response
}

fn from_version() -> Region {
    Box::new(|| {
        black_box(EntityTag::from_version(black_box(1_234_567)));
        0
    })
}

fn write_fields() -> Region {
    let validators = Validators::from(tag()).with_last_modified(date());
    let mut headers = HeaderMap::with_capacity(8);
    Box::new(move || {
        validators.write_to(&mut headers);
        0
    })
}

/// Adds three fields to a map of four, which must grow for them.
fn grow_fields() -> Region {
    let mut headers = HeaderMap::new();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_LANGUAGE, header::SERVER] {
        headers.insert(name, HeaderValue::from_static(""));
    }
    Box::new(move || {
        for name in [header::ETAG, header::LAST_MODIFIED, header::CACHE_CONTROL] {
            headers.insert(name, HeaderValue::from_static(""));
        }
        0
    })
}
