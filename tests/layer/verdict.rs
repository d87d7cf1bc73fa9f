//! Decision 12: only the handler of a write gets the verdict.

use tower_precondition::{
    Condition, Decision, EntityTag, PreconditionLayer, Representation, Validators, Verdict,
    precondition::{Ignored, Outcome},
};

use crate::support::{By::Handler, EARLIER, LATER, current, finds, request, send};

fn tag(verdict: &Verdict) -> Option<String> {
    verdict.current().and_then(Validators::etag).map(ToString::to_string)
}

#[test]
fn decision_12_the_verdict_has_the_evaluation_and_the_state_it_was_made_against() {
    for method in ["PUT", "PATCH", "POST", "DELETE", "LOCK"] {
        let fields = [("if-match", "\"1\""), ("if-unmodified-since", EARLIER)];
        let answer = send(PreconditionLayer::new(finds(current)), request(method, &fields));
        let verdict = answer.verdict().expect("a verdict on every write");
        assert_eq!(tag(verdict).as_deref(), Some("\"1\""), "{method}");
        let evaluation = verdict.evaluation();
        assert!(!evaluation.is_unconditional());
        assert_eq!(evaluation.decision(), Decision::Proceed);
        assert_eq!(evaluation.outcome(Condition::IfMatch), Outcome::True);
        assert_eq!(
            evaluation.outcome(Condition::IfUnmodifiedSince),
            Outcome::Ignored(Ignored::BesideIfMatch),
        );
        assert_eq!(evaluation.outcome(Condition::IfNoneMatch), Outcome::NotPresent);
    }
}

#[test]
fn decision_12_an_unconditional_write_has_a_verdict_too() {
    let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &[]));
    let verdict = answer.verdict().expect("a verdict on every write");
    assert!(verdict.evaluation().is_unconditional());
    assert_eq!(tag(verdict).as_deref(), Some("\"1\""));
}

#[test]
fn decision_12_the_verdict_shows_absence() {
    for fields in [&[("if-none-match", "*")][..], &[]] {
        let answer = send(PreconditionLayer::new(finds(Representation::absent)), request("PUT", fields));
        let verdict = answer.verdict().expect("a verdict on every write");
        assert!(verdict.current().is_none());
        assert_eq!(verdict.evaluation().is_unconditional(), fields.is_empty());
    }
}

#[test]
fn decision_12_existence_without_validators_is_not_absence() {
    let answer = send(PreconditionLayer::new(finds(Validators::new)), request("PUT", &[]));
    let verdict = answer.verdict().expect("a verdict on every write");
    assert!(verdict.current().is_some_and(|current| current.etag().is_none()));
}

#[test]
fn decision_12_the_number_is_that_of_the_tag_that_was_evaluated() {
    let number_under = |found: fn() -> Representation| {
        let answer = send(PreconditionLayer::new(finds(found)), request("PUT", &[]));
        answer.verdict().expect("a verdict on every write").current_number::<i64>()
    };
    for (row, found, number) in [
        ("a number", (|| EntityTag::from_number(7_i64).into()) as fn() -> Representation, Some(7)),
        ("a number that this type lacks", || EntityTag::from_number(u64::MAX).into(), None),
        ("a tag that is no number", || EntityTag::from_static("\"07\"").into(), None),
        ("a weak tag", || EntityTag::from_static("W/\"7\"").into(), None),
        ("no tag", || Validators::new().into(), None),
        ("nothing exists", Representation::absent, None),
    ] {
        assert_eq!(number_under(found), number, "{row}");
    }
}

#[test]
fn decision_12_no_verdict_on_reads() {
    for method in ["GET", "HEAD", "QUERY", "OPTIONS"] {
        for fields in [&[("if-match", "\"1\""), ("if-modified-since", EARLIER)][..], &[]] {
            let answer = send(PreconditionLayer::new(finds(current)), request(method, fields));
            assert_eq!(answer.by(), Handler);
            assert!(answer.verdict().is_none(), "{method}");
        }
    }
}

#[test]
fn decision_12_no_verdict_if_the_source_deferred() {
    let layer = PreconditionLayer::new(finds(Representation::defer_to_handler));
    let answer = send(layer, request("PUT", &[("if-unmodified-since", LATER)]));
    assert!(answer.verdict().is_none());
}

#[test]
fn decision_12_a_304_has_no_extensions() {
    let answer = send(PreconditionLayer::new(finds(current)), request("GET", &[("if-none-match", "*")]));
    assert!(answer.head.extensions.is_empty());
}
