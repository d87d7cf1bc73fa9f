//! Decision 8: the layer removes the conditions that it evaluated from a read, and leaves those of a write.

use tower_precondition::{PreconditionLayer, Representation};

use crate::support::{By::Handler, EARLIER, LATER, MODIFIED, current, dated, finds, request, send};

/// All five conditions; none is false for [`current`] on GET.
const CONDITIONS: [(&str, &str); 5] = [
    ("if-match", "\"1\""),
    ("if-unmodified-since", LATER),
    ("if-none-match", "\"2\""),
    ("if-modified-since", EARLIER),
    ("if-range", "\"1\""),
];

macro_rules! conditions {
    ($($name:ident: $method:literal, $found:expr => $seen:literal;)*) => {$(
        #[test]
        fn $name() {
            let mut fields = CONDITIONS.to_vec();
            fields.extend([("range", "bytes=0-1"), ("accept", "text/plain")]);
            let answer = send(PreconditionLayer::new(finds(|| $found)), request($method, &fields));
            assert_eq!(answer.by(), Handler, "{answer:?}");
            assert_eq!(answer.handler_saw("accept"), Some("text/plain"));
            for (field, sent) in CONDITIONS {
                let seen = answer.handler_saw(field);
                // The layer removes If-Range together with Range. Here only a deferred GET keeps them.
                let stays = $seen && (field != "if-range" || answer.handler_saw("range").is_some());
                assert_eq!(seen, stays.then_some(sent), "{field}");
            }
        }
    )*};
}

conditions! {
    decision_8_get_loses_them: "GET", current() => false;
    decision_8_head_loses_them: "HEAD", current() => false;
    decision_8_query_loses_them: "QUERY", current() => false;
    decision_8_get_of_an_absent_resource_loses_them: "GET", Representation::absent() => false;
    decision_8_put_keeps_them: "PUT", current() => true;
    decision_8_post_keeps_them: "POST", current() => true;
    decision_8_patch_keeps_them: "PATCH", current() => true;
    decision_8_delete_keeps_them: "DELETE", current() => true;
    decision_8_a_deferred_get_keeps_them: "GET", Representation::defer_to_handler() => true;
    decision_8_a_deferred_put_keeps_them: "PUT", Representation::defer_to_handler() => true;
}

#[test]
fn decision_8_an_ignored_date_is_removed_too() {
    let answer = send(PreconditionLayer::new(finds(|| dated(MODIFIED))), {
        request("GET", &[("if-modified-since", "yesterday")])
    });
    assert_eq!(answer.by(), Handler);
    assert_eq!(answer.handler_saw("if-modified-since"), None);
}

#[test]
fn decision_8_a_deferred_get_keeps_its_range() {
    let layer = PreconditionLayer::new(finds(Representation::defer_to_handler));
    let answer = send(layer, request("GET", &[("range", "bytes=0-1"), ("if-range", "\"2\"")]));
    assert_eq!(answer.handler_saw("range"), Some("bytes=0-1"));
    assert_eq!(answer.handler_saw("if-range"), Some("\"2\""));
}
