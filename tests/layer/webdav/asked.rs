//! Which resources the source of locks is asked for.

use std::{
    future::ready,
    sync::{Arc, Mutex},
};

use http::{Uri, request::Parts};
use tower_precondition::{PreconditionLayer, ResourceState};

use super::{locks, locks_never_asked, request};
use crate::support::{
    By::{Handler, Layer},
    current, finds, never_asked, send,
};

/// Sends a PUT to `/target`, and returns the resources that the source was asked for.
fn asked(field: &str) -> Vec<String> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&asked);
    let locks = move |resource: &Uri, _: &Parts| {
        record.lock().expect("no test panics in here").push(resource.to_string());
        ready(ResourceState::unmapped())
    };
    send(PreconditionLayer::new(finds(current)).webdav(locks), request("PUT", "/target", &[("if", field)]));
    let asked = asked.lock().expect("no test panics in here");
    asked.clone()
}

#[test]
fn each_named_resource_is_asked_for_once() {
    for (field, expected) in [
        ("(<urn:1>) (<urn:2>)", &["/target"][..]),
        ("</a> (<urn:1>) (<urn:2>)", &["/a"]),
        ("</a> (<urn:1>) </b?c> (<urn:1>) </a> (<urn:2>)", &["/a", "/b?c"]),
        ("</target> (<urn:1>) <http://example.com/target> (<urn:1>)", &["/target"]),
        ("<https://example.com/a> (<urn:1>) </a> (<urn:1>)", &["/a"]),
        ("<http://other.example/a> (<urn:1>)", &[]),
        ("<http://other.example/a> (<urn:1>) </a> (<urn:1>)", &["/a"]),
        ("(Not <DAV:no-lock>)", &["/target"]),
    ] {
        assert_eq!(asked(field), expected, "{field}");
    }
}

#[test]
fn a_url_of_another_server_is_unmapped() {
    for (field, by) in [
        ("<http://other.example/locked> (<urn:uuid:1>)", Layer(412)),
        ("<http://other.example/locked> (Not <urn:uuid:1>)", Handler),
        ("<http://other.example/locked> (Not [\"1\"])", Handler),
    ] {
        let layer = PreconditionLayer::new(finds(current)).webdav(locks_never_asked);
        assert_eq!(send(layer, request("PUT", "/locked", &[("if", field)])).by(), by, "{field}");
    }
}

#[test]
fn nothing_is_asked_without_the_field() {
    for method in ["GET", "HEAD", "PUT", "PROPFIND", "COPY"] {
        let layer = PreconditionLayer::new(finds(current)).webdav(locks_never_asked);
        assert_eq!(send(layer, request(method, "/locked", &[])).by(), Handler, "{method}");
    }
}

#[test]
fn nothing_is_asked_for_a_malformed_field() {
    let layer = PreconditionLayer::new(never_asked).webdav(locks_never_asked);
    assert_eq!(send(layer, request("PUT", "/locked", &[("if", "()")])).by(), Layer(400));
}

#[test]
fn a_field_names_a_bounded_number_of_resources() {
    let naming = |count: usize| -> String {
        (0..count).map(|number| format!("</{number}> (Not <urn:1>)")).collect::<Vec<_>>().join(" ")
    };
    let by = |count, at_most: Option<usize>| {
        let layer = PreconditionLayer::new(finds(current)).webdav(locks);
        let layer = match at_most {
            Some(at_most) => layer.look_up_at_most(at_most),
            None => layer,
        };
        send(layer, request("PUT", "/locked", &[("if", naming(count).as_str())])).by()
    };
    assert_eq!((by(16, None), by(17, None)), (Handler, Layer(400)));
    assert_eq!((by(2, Some(2)), by(3, Some(2))), (Handler, Layer(400)));

    // Lists are not bounded, and neither are URLs of other servers.
    let many = "(Not <urn:1>) <http://other.example/> (<urn:1>)".replacen('(', "</a> (", 1);
    let many = std::iter::repeat_n(many, 100).collect::<String>();
    let layer = PreconditionLayer::new(finds(current)).webdav(locks).look_up_at_most(1);
    assert_eq!(send(layer, request("PUT", "/locked", &[("if", many.as_str())])).by(), Handler);
}

#[test]
fn copy_and_move_look_the_destination_up_if_a_list_names_it() {
    for method in ["COPY", "MOVE"] {
        for (field, by) in [
            ("<http://example.com/locked/file> (<urn:uuid:1>)", Handler),
            ("</locked/file> (<urn:uuid:1> [\"1\"])", Handler),
            ("</locked/file> ([\"2\"])", Layer(412)),
            ("</free> ([\"1\"]) </locked/file> (<urn:uuid:2>)", Handler),
            ("</free> ([\"2\"]) </locked/file> (<urn:uuid:2>)", Layer(412)),
            // An untagged list is about the target, not about the destination.
            ("(<urn:uuid:1>)", Layer(412)),
        ] {
            let layer = PreconditionLayer::new(finds(current)).webdav(locks);
            let fields = [("destination", "http://example.com/locked/file"), ("if", field)];
            assert_eq!(send(layer, request(method, "/free", &fields)).by(), by, "{method} {field}");
        }
    }
}

#[test]
fn the_source_sees_who_asks() {
    let locks = |resource: &Uri, head: &Parts| {
        let may_read = head.headers.get("authorization").is_some_and(|user| user == "owner");
        let state = ResourceState::new().with_lock_token(format!("urn:of:{}", resource.path()));
        ready(if may_read { state } else { ResourceState::unmapped() })
    };
    for (user, by) in [("owner", Handler), ("stranger", Layer(412))] {
        let layer = PreconditionLayer::new(finds(current)).webdav(locks);
        let fields = [("authorization", user), ("if", "</b> (<urn:of:/b>)")];
        assert_eq!(send(layer, request("PUT", "/a", &fields)).by(), by, "{user}");
    }
}
