//! Content codings, for a source that gives each coding its own tag.

use std::future::{Ready, ready};

use http::{header, request::Parts};
use tower_precondition::{EntityTag, PreconditionLayer};

use crate::support::{
    By::{Handler, Layer},
    request, send,
};

/// Chooses a coding as a compression inside the layer would.
fn by_coding(head: &Parts) -> Ready<EntityTag> {
    let gzip = head.headers.get(header::ACCEPT_ENCODING).is_some_and(|accepted| accepted == "gzip");
    ready(if gzip { EntityTag::from_static("\"1-gzip\"") } else { EntityTag::from_static("\"1\"") })
}

macro_rules! codings {
    ($($name:ident: $accepted:literal, $tag:literal => $by:expr, $current:literal;)*) => {$(
        #[test]
        fn $name() {
            let fields = [("accept-encoding", $accepted), ("if-none-match", $tag)];
            let answer = send(PreconditionLayer::new(by_coding), request("GET", &fields));
            assert_eq!(answer.by(), $by);
            assert_eq!(answer.field("etag"), Some($current));
        }
    )*};
}

codings! {
    rule_49_the_tag_of_the_accepted_coding_is_current: "gzip", "\"1-gzip\"" => Layer(304), "\"1-gzip\"";
    rule_49_the_tag_of_another_coding_is_not_current: "identity", "\"1-gzip\"" => Handler, "\"1\"";
    rule_49_the_tag_without_a_coding_is_not_current_for_gzip: "gzip", "\"1\"" => Handler, "\"1-gzip\"";
}
