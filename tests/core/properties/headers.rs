//! Whole sets of conditional fields.

use http::{
    HeaderMap, Method,
    header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
};
use precondition_oracle::Tag;
use proptest::{collection::vec, prelude::*, sample::select};
use tower_precondition::{Condition, ConditionalFields, Validators, evaluate, precondition::Outcome};

use super::{built, date, header, header_bytes, seconds};

const METHODS: [&str; 11] =
    ["GET", "HEAD", "QUERY", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPPATCH"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_header_value_causes_a_panic(
        lines in vec(vec(header_bytes(), 0..3), 6),
        method in select(METHODS.to_vec()),
        now in seconds(),
        weak in any::<bool>(),
    ) {
        let mut map = HeaderMap::new();
        let names = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, RANGE];
        for (name, values) in names.iter().zip(&lines) {
            for value in values {
                map.append(name, header(value));
            }
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let tagged = Validators::new().with_etag(built(&Tag { weak, opaque: b"a".to_vec() }));
        let dated = tagged.clone().with_last_modified(date(now)).settled_at(date(0));
        for fields in [ConditionalFields::from_headers(&map), ConditionalFields::from_headers_at(&map, date(now))] {
            if let Err(error) = fields.check(&method) {
                prop_assert!(!error.to_string().is_empty());
            }
            for condition in Condition::ALL {
                prop_assert_eq!(fields.contains(condition), match condition {
                    Condition::IfMatch => !lines[0].is_empty(),
                    Condition::IfNoneMatch => !lines[1].is_empty(),
                    Condition::IfModifiedSince => !lines[2].is_empty(),
                    Condition::IfUnmodifiedSince => !lines[3].is_empty(),
                    Condition::IfRange => !lines[4].is_empty(),
                });
            }
            prop_assert_eq!(fields.has_range(), !lines[5].is_empty());
            let _: Option<bool> = fields.if_modified_since().map(|date| date.is_ok());
            let _: Option<bool> = fields.if_unmodified_since().map(|date| date.is_ok());
            for current in [None, Some(&tagged), Some(&dated)] {
                let evaluation = evaluate(&method, &fields, current);
                for condition in Condition::ALL {
                    let absent = evaluation.outcome(condition) == Outcome::NotPresent;
                    prop_assert_eq!(absent, !fields.contains(condition));
                }
            }
        }
    }
}
