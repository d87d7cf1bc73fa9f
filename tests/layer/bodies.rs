//! Decision 11: problem details, plain text if the client prefers it, and extension members of a source.

use http::HeaderValue;
use serde_json::json;
use tower_precondition::{PreconditionLayer, Representation, Requirement};

use crate::support::{Answer, By::Layer, EARLIER, MODIFIED, current, finds, never_asked, request, send};

fn stale(found: impl Fn() -> Representation + Send + Sync) -> Answer {
    send(PreconditionLayer::new(finds(found)), request("PUT", &[("if-match", "\"2\"")]))
}

#[test]
fn rule_64_a_412_is_problem_details() {
    let answer = stale(|| current().into());
    assert_eq!(answer.by(), Layer(412));
    assert_eq!(answer.field("content-type"), Some("application/problem+json"));
    assert_eq!(
        answer.problem(),
        json!({
            "title": "Precondition Failed",
            "status": 412,
            "detail": "If-Match does not name the current representation",
            "condition": "If-Match",
            "provided": "\"2\"",
            "current_etag": "\"1\"",
            "current_last_modified": MODIFIED,
        }),
    );
}

#[test]
fn decision_11_each_condition_has_its_detail() {
    for (field, value, detail) in [
        ("if-match", "\"2\"", "If-Match does not name the current representation"),
        ("if-none-match", "*", "If-None-Match names what currently exists"),
        (
            "if-unmodified-since",
            EARLIER,
            "the representation was modified after the date of If-Unmodified-Since",
        ),
    ] {
        let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &[(field, value)]));
        assert_eq!(answer.problem()["detail"], detail);
        assert_eq!(answer.problem()["provided"], value);
    }
}

#[test]
fn decision_11_the_body_is_plain_text_if_accept_prefers_it() {
    let fields = [("if-match", "\"2\""), ("accept", "text/plain, application/json;q=0.5")];
    let found = || Representation::current(current()).with_extension_member("changed_by", "Ada");
    let answer = send(PreconditionLayer::new(finds(found)), request("PUT", &fields));
    assert_eq!(answer.field("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(
        answer.body,
        "412 Precondition Failed: If-Match does not name the current representation\n\
         condition: If-Match\n\
         provided: \"2\"\n\
         current_etag: \"1\"\n\
         current_last_modified: Sun, 06 Nov 1994 08:49:37 GMT\n\
         changed_by: Ada\n",
    );
}

#[test]
fn decision_11_plain_text_of_a_428_lists_the_accepted_conditions() {
    let layer = PreconditionLayer::new(never_asked).require(Requirement::on_writes());
    let answer = send(layer, request("PUT", &[("accept", "text/plain")]));
    assert!(
        answer.body.ends_with("\nrequired: If-Match; If-Match: *; If-None-Match: *\n"),
        "{}",
        answer.body
    );
}

#[test]
fn decision_11_the_body_is_json_unless_accept_prefers_plain_text() {
    for accept in ["*/*", "text/html", "application/json", "text/plain;q=0.5, */*"] {
        let fields = [("if-match", "\"2\""), ("accept", accept)];
        let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &fields));
        assert_eq!(answer.field("content-type"), Some("application/problem+json"), "{accept}");
    }
}

/// Returns the member `provided` of the 412 to an If-None-Match with these lines.
///
/// The source's tag matches all of them.
fn provided(lines: &[&[u8]]) -> String {
    let mut request = request("PUT", &[("if-none-match", "\"1\"")]);
    for line in lines {
        request
            .headers_mut()
            .append("if-none-match", HeaderValue::from_bytes(line).expect("bytes of a field"));
    }
    let answer = send(PreconditionLayer::new(finds(current)), request);
    assert_eq!(answer.by(), Layer(412));
    let problem = answer.problem();
    problem["provided"].as_str().expect("text").to_owned()
}

#[test]
fn decision_11_provided_joins_the_lines() {
    assert_eq!(provided(&[b"\"2\"", b"W/\"3\""]), r#""1", "2", W/"3""#);
}

#[test]
fn decision_11_provided_shows_bytes_beyond_ascii() {
    assert_eq!(provided(&[b"\"\xC3\xBC\xFF\""]), r#""1", "\xC3\xBC\xFF""#);
}

#[test]
fn decision_11_provided_is_escaped_in_json() {
    let answer =
        send(PreconditionLayer::new(finds(current)), request("PUT", &[("if-match", "\"a\\b</script>\"")]));
    assert!(answer.body.contains(r#""provided":"\"a\\b</script>\"""#), "{}", answer.body);
}

#[test]
fn decision_11_a_malformed_field_is_shown_unchanged() {
    let mut request = request("PUT", &[]);
    request.headers_mut().insert("if-match", HeaderValue::from_bytes(b"a\tb\xE9").expect("bytes of a field"));
    let answer = send(PreconditionLayer::new(never_asked), request);
    assert_eq!(answer.by(), Layer(400));
    assert_eq!(answer.problem()["provided"], r"a\x09b\xE9");
}

#[test]
fn decision_11_provided_is_cut_at_256_bytes() {
    let tag = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
    // The first line is `"1"`, three bytes, and the separator is two more.
    let whole = tag(251);
    assert_eq!(provided(&[whole.as_bytes()]), format!("\"1\", {whole}"));
    let long = tag(252);
    assert_eq!(provided(&[long.as_bytes()]), format!("\"1\", {}…", &long[..251]));
    assert_eq!(provided(&[whole.as_bytes(), b"\"2\""]), format!("\"1\", {whole}…"));
    assert!(provided(&[tag(60_000).as_bytes()]).len() < 300);
    assert!(provided(&[b"".as_slice(); 4_000]).len() < 300);
}

#[test]
fn decision_11_the_current_tag_shows_bytes_beyond_ascii() {
    let found =
        || -> Representation { tower_precondition::EntityTag::strong(b"\xFC").expect("a tag").into() };
    let answer = stale(found);
    assert_eq!(answer.head.headers["etag"].as_bytes(), b"\"\xFC\"");
    assert_eq!(answer.problem()["current_etag"], r#""\xFC""#);
}

#[test]
fn decision_11_a_source_adds_members() {
    let answer = stale(|| {
        Representation::current(current())
            .with_extension_member("changed_by", "Ada \"L\"")
            .with_extension_member("revision", 7)
            .with_extension_member("locked", true)
    });
    let problem = answer.problem();
    assert_eq!(problem["changed_by"], "Ada \"L\"");
    assert_eq!(problem["revision"], 7);
    assert_eq!(problem["locked"], true);
}

#[test]
fn decision_11_a_source_replaces_no_member_of_the_layer() {
    const RESERVED: [&str; 13] = [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "condition",
        "provided",
        "line",
        "offset",
        "expected",
        "required",
        "current_etag",
        "current_last_modified",
    ];
    let answer = stale(|| {
        RESERVED.iter().fold(Representation::current(current()), |found, name| {
            found.with_extension_member(*name, "taken over")
        })
    });
    assert!(!answer.body.contains("taken over"), "{}", answer.body);
    assert_eq!(answer.problem()["status"], 412);
}

#[test]
fn decision_11_the_length_is_that_of_the_content() {
    use http_body::Body;
    use tower::{Layer, ServiceExt};

    let handler = crate::support::Handler::answering(crate::support::response(200, &[], ""));
    let service = PreconditionLayer::new(finds(current)).layer(handler);
    let Ok(response) = crate::support::at_once(service.oneshot(request("PUT", &[("if-match", "\"2\"")])));
    let length = response.body().size_hint().exact();
    assert!(!response.body().is_end_stream());
    let content =
        crate::support::at_once(http_body_util::BodyExt::collect(response.into_body())).expect("content");
    assert_eq!(length, Some(content.to_bytes().len() as u64));
}
