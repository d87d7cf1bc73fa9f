//! Decision 7: an answer closes the connection if it leaves content unread that would block the connection.

use http::Version;
use tower_precondition::{PreconditionLayer, Representation, Requirement};

use crate::support::{By::Layer, current, fails, finds, never_asked, request, response, send};

/// `Connection` of a rejected upload: `VERSION [fields] => the field of the answer`.
macro_rules! connection {
    ($($name:ident: $version:ident [$($field:literal: $value:literal),*] => $said:expr;)*) => {$(
        #[test]
        fn $name() {
            for (method, condition, tag, status) in [
                ("PUT", "if-match", "\"2\"", 412),
                ("PUT", "if-match", "2", 400),
                ("GET", "if-none-match", "\"1\"", 304),
            ] {
                let mut request = request(method, &[(condition, tag), $(($field, $value)),*]);
                *request.version_mut() = Version::$version;
                let answer = send(PreconditionLayer::new(finds(current)), request);
                assert_eq!(answer.by(), Layer(status));
                assert_eq!(answer.field("connection"), $said, "{status}");
            }
        }
    )*};
}

const CLOSE: Option<&str> = Some("close");

connection! {
    decision_7_large_content_closes: HTTP_11 ["content-length": "1000000"] => CLOSE;
    decision_7_content_over_eight_kibibytes_closes: HTTP_11 ["content-length": "8193"] => CLOSE;
    decision_7_small_content_leaves_the_connection: HTTP_11 ["content-length": "8192"] => None;
    decision_7_empty_content_leaves_the_connection: HTTP_11 ["content-length": "0"] => None;
    decision_7_no_content_leaves_the_connection: HTTP_11 [] => None;
    decision_7_content_of_unknown_length_closes: HTTP_11 ["transfer-encoding": "chunked"] => CLOSE;
    decision_7_expected_content_closes: HTTP_11 ["expect": "100-continue", "content-length": "3"] => CLOSE;
    decision_7_a_length_beyond_numbers_closes: HTTP_11 ["content-length": "99999999999999999999"] => CLOSE;
    decision_7_http_10_closes_too: HTTP_10 ["content-length": "1000000"] => CLOSE;
    decision_7_http_2_ends_the_stream_alone: HTTP_2 ["content-length": "1000000"] => None;
    decision_7_http_2_needs_no_close_for_expected_content: HTTP_2 ["expect": "100-continue"] => None;
    decision_7_http_3_ends_the_stream_alone: HTTP_3 ["content-length": "1000000"] => None;
}

#[test]
fn decision_7_every_kind_of_answer_closes() {
    let upload = |method, fields: &[_]| {
        request(method, &[fields, &[("content-length", "1000000"), ("content-type", "text/plain")]].concat())
    };
    let refused = || Representation::refused(response(401, &[], "who?"));
    let answers = [
        send(PreconditionLayer::new(never_asked).require(Requirement::on_writes()), upload("PUT", &[])),
        send(PreconditionLayer::new(finds(Representation::absent)), upload("DELETE", &[("if-match", "*")])),
        send(PreconditionLayer::new(fails), upload("PUT", &[])),
        send(PreconditionLayer::new(finds(refused)), upload("PUT", &[])),
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.by()), [428, 404, 503, 401].map(Layer));
    for answer in &answers {
        assert_eq!(answer.field("connection"), CLOSE, "{}", answer.status());
    }
}

#[test]
fn decision_7_the_layer_adds_no_connection_field_to_the_handlers_answer() {
    let fields = [("if-match", "\"1\""), ("content-length", "1000000"), ("expect", "100-continue")];
    let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &fields));
    assert_eq!(answer.field("connection"), None);
}
