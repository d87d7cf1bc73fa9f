//! Decision 10: the state that a rejection shows, and the state that it hides.

use tower_precondition::{
    Condition, Expose, PreconditionLayer, Rejection, RejectionKind, Representation, Requirement, Validators,
};

use crate::support::{
    Answer, By::Layer, LATER, MODIFIED, current, date, date_in, fails, finds, never_asked, request, response,
    send, tagged,
};

/// A representation with a location, and an extension member with its last author.
fn described() -> Representation {
    Representation::current(current())
        .with_location("/documents/7".parse().expect("a value"))
        .with_extension_member("changed_by", "Ada")
}

/// One rejection of each kind.
fn each_kind() -> [(RejectionKind, Answer); 5] {
    [
        (
            RejectionKind::MalformedField,
            send(PreconditionLayer::new(finds(described)), request("PUT", &[("if-match", "1")])),
        ),
        (
            RejectionKind::PreconditionRequired,
            send(
                PreconditionLayer::new(finds(described)).require(Requirement::on_writes().existing_only()),
                request("PUT", &[]),
            ),
        ),
        (
            RejectionKind::NotFound,
            send(
                PreconditionLayer::new(finds(Representation::absent)),
                request("DELETE", &[("if-match", "*")]),
            ),
        ),
        (RejectionKind::PreconditionFailed, stale(PreconditionLayer::new(finds(described)))),
        (RejectionKind::LookupFailed, send(PreconditionLayer::new(fails), request("PUT", &[]))),
    ]
}

fn stale<V: tower_precondition::ValidatorSource>(layer: PreconditionLayer<V>) -> Answer {
    send(layer, request("PUT", &[("if-match", "\"2\"")]))
}

#[test]
fn rules_64_66_no_rejection_may_be_stored() {
    for (kind, answer) in each_kind() {
        assert_eq!(answer.by(), Layer(kind.status().as_u16()), "{kind:?}");
        assert_eq!(answer.field("cache-control"), Some("no-store"), "{kind:?}");
    }
}

#[test]
fn decision_12_every_rejection_is_in_the_responses_extensions() {
    for (kind, answer) in each_kind() {
        assert_eq!(answer.rejection().map(Rejection::kind), Some(kind));
    }
}

#[test]
fn decision_10_only_a_412_shows_the_current_validators() {
    for (kind, answer) in each_kind() {
        let is_412 = kind == RejectionKind::PreconditionFailed;
        assert_eq!(answer.field("etag"), is_412.then_some("\"1\""), "{kind:?}");
        assert_eq!(answer.field("last-modified"), is_412.then_some(MODIFIED), "{kind:?}");
        assert_eq!(answer.field("location"), is_412.then_some("/documents/7"), "{kind:?}");
        let problem = answer.problem();
        let member = |name: &str| problem.get(name).and_then(serde_json::Value::as_str);
        assert_eq!(member("current_etag"), is_412.then_some("\"1\""), "{kind:?}");
        assert_eq!(member("current_last_modified"), is_412.then_some(MODIFIED), "{kind:?}");
        assert_eq!(member("changed_by"), is_412.then_some("Ada"), "{kind:?}");
    }
}

#[test]
fn decision_10_expose_nothing_hides_the_current_state() {
    let answer = stale(PreconditionLayer::new(finds(described)).expose(Expose::Nothing));
    assert_eq!(answer.by(), Layer(412));
    for field in ["etag", "last-modified", "location"] {
        assert_eq!(answer.field(field), None, "{field}");
    }
    let problem = answer.problem();
    for member in ["current_etag", "current_last_modified", "changed_by"] {
        assert_eq!(problem.get(member), None, "{member}");
    }
    assert_eq!(problem["condition"], "If-Match", "the client knows its own fields");
    let rejection = answer.rejection().expect("a 412 has its rejection beside it");
    assert!(rejection.current().is_none() && rejection.location().is_none());
    assert_eq!(rejection.extension_members().count(), 0);
}

#[test]
fn decision_10_a_412_of_an_absent_resource_shows_nothing() {
    let answer = stale(PreconditionLayer::new(finds(Representation::absent)));
    assert_eq!(answer.by(), Layer(412));
    assert_eq!(answer.field("etag"), None);
    assert_eq!(answer.problem().get("current_etag"), None);
}

#[test]
fn decision_10_a_412_on_get_shows_the_validators_too() {
    let answer = send(PreconditionLayer::new(finds(current)), request("GET", &[("if-match", "\"2\"")]));
    assert_eq!(answer.by(), Layer(412));
    assert_eq!(answer.field("etag"), Some("\"1\""));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
}

#[test]
fn decision_10_a_412_does_not_carry_the_fields_of_the_200() {
    let found = || {
        current().with_vary("accept".parse().expect("a value")).with_expires(LATER.parse().expect("a value"))
    };
    let answer = stale(PreconditionLayer::new(finds(found)));
    assert_eq!(answer.field("vary"), None);
    assert_eq!(answer.field("expires"), None);
}

#[test]
fn rule_44_a_412_shows_no_date_in_the_future() {
    let found = || Validators::new().with_last_modified(date_in(3600));
    let answer = stale(PreconditionLayer::new(finds(found)));
    assert!(date(answer.field("last-modified").expect("a date")) <= date_in(0));
}

#[test]
fn rule_66_a_428_says_how_to_resubmit() {
    let layer = PreconditionLayer::new(never_asked).require(Requirement::on_writes());
    let answer = send(layer, request("PUT", &[]));
    let problem = answer.problem();
    assert_eq!(problem["required"], serde_json::json!(["If-Match", "If-Match: *", "If-None-Match: *"]));
    assert_eq!(problem["detail"], "the request must carry If-Match or If-None-Match: *",);
    let rejection = answer.rejection().expect("a 428 has its rejection beside it");
    assert!(rejection.requirement().is_some());
    assert_eq!((rejection.condition(), rejection.provided().count()), (None, 0));
}

#[test]
fn decision_12_the_rejection_names_the_condition_and_shows_the_field() {
    let fields = [("if-none-match", "\"a\""), ("if-none-match", "\"1\"")];
    let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &fields));
    let rejection = answer.rejection().expect("a 412 has its rejection beside it");
    assert_eq!(rejection.condition(), Some(Condition::IfNoneMatch));
    assert_eq!(rejection.provided().collect::<Vec<_>>(), ["\"a\"", "\"1\""]);
    let etag = rejection.current().and_then(Validators::etag).map(ToString::to_string);
    assert_eq!(etag.as_deref(), Some("\"1\""));
}

#[test]
fn rule_56_a_rejection_of_head_mirrors_the_one_of_get() {
    let of =
        |method| send(PreconditionLayer::new(finds(described)), request(method, &[("if-match", "\"2\"")]));
    let (get, head) = (of("GET"), of("HEAD"));
    assert_eq!((get.status(), head.status()), (412, 412));
    assert_eq!(head.body, "");
    let length = get.body.len().to_string();
    assert_eq!(head.field("content-length"), Some(length.as_str()), "as the server writes it for GET");
    let mut fields = head.head.headers.clone();
    fields.remove("content-length");
    assert_eq!(fields, get.head.headers);
}

#[test]
fn rule_56_a_refusal_of_head_has_no_content() {
    let refused = || Representation::refused(response(403, &[("content-type", "text/plain")], "not yours"));
    let answer = send(PreconditionLayer::new(finds(refused)), request("HEAD", &[]));
    assert_eq!((answer.by(), answer.body.as_str()), (Layer(403), ""));
    assert_eq!(answer.field("content-length"), Some("9"));
    assert_eq!(answer.field("content-type"), Some("text/plain"));
}

#[test]
fn rule_56_head_and_get_have_the_same_304() {
    let of =
        |method| send(PreconditionLayer::new(finds(current)), request(method, &[("if-none-match", "*")]));
    let (get, head) = (of("GET"), of("HEAD"));
    assert_eq!(head.by(), Layer(304));
    assert_eq!(head.head.headers, get.head.headers);
}

#[test]
fn decision_10_a_refusal_passes_as_the_source_made_it() {
    let refused = || Representation::refused(response(401, &[("cache-control", "private")], "sign in"));
    let answer = send(PreconditionLayer::new(finds(refused)), request("PUT", &[("if-match", "\"2\"")]));
    assert_eq!((answer.by(), answer.body.as_str()), (Layer(401), "sign in"));
    assert_eq!(answer.field("cache-control"), Some("private"));
    assert!(answer.rejection().is_none(), "the layer did not reject it");
}

#[test]
fn rule_63_a_refused_304_or_204_has_no_length() {
    for status in [204, 304] {
        for method in ["GET", "HEAD"] {
            let refusing = || Representation::refused(response(status, &[], ""));
            let answer = send(PreconditionLayer::new(finds(refusing)), request(method, &[]));
            assert_eq!((answer.status(), answer.field("content-length")), (status, None));
        }
    }
}

/// In plain text a member is a line. Its name is the source's, which may have it from a user.
#[test]
fn decision_11_the_name_of_a_member_begins_no_line_of_its_own() {
    let found = || Representation::from(tagged("\"2\"")).with_extension_member("a\nstatus", "200\nb: c");
    let fields = [("if-match", "\"1\""), ("accept", "text/plain")];
    let answer = send(PreconditionLayer::new(finds(found)), request("PUT", &fields));
    assert!(answer.body.contains("a\\nstatus: 200\\nb: c"), "{}", answer.body);
    assert!(!answer.body.lines().any(|line| line.starts_with("status") || line.starts_with("b:")));
}

#[test]
fn rule_13_a_412_to_a_weak_tag_says_that_weak_tags_never_match() {
    let detail = |layer, sent| {
        let answer = send(layer, request("PUT", &[("if-match", sent)]));
        assert_eq!(answer.status(), 412);
        answer.problem()["detail"].as_str().expect("text").to_owned()
    };
    let layer = PreconditionLayer::new(finds(|| tagged("\"1\"")));
    let stale = "If-Match does not name the current representation";
    assert_eq!(detail(layer.clone(), "\"0\""), stale);
    assert_eq!(
        detail(layer.clone(), "W/\"0\""),
        format!(
            "{stale}: a weak entity tag never matches in If-Match (unless the server sets \
             `TagComparison::weak_by_protocol`, or `weakened_by_proxy` for a strong current tag)"
        )
    );
    assert_eq!(
        detail(layer.clone(), "\"1-gzip\""),
        format!(
            "{stale}: a proxy seems to have appended -gzip to the current entity tag (the server's setting \
             `TagComparison::suffixed_by_proxy` takes it off)"
        )
    );
    assert_eq!(detail(layer.expose(Expose::Nothing), "\"1-gzip\""), stale, "it would tell the current tag");
}
