//! Properties of every field. The oracle says what is right.

use http::{HeaderMap, HeaderValue};
use precondition_oracle::{DavState, IfList as Expected, Named, Tag, evaluate_if, print_if, read_if};
use proptest::{collection::vec, option, prelude::*, sample::select};
use tower_precondition::{EntityTag, ResourceState, webdav::IfField};

/// Pieces of fields: most results are valid, or almost valid.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"(",
        b"(",
        b")",
        b")",
        b" ",
        b"\t",
        b"Not",
        b"not ",
        b"<urn:1>",
        b"<urn:2>",
        b"<DAV:no-lock>",
        b"</a>",
        b"</b?c>",
        b"<http://h/a>",
        b"<http://[::1]/a>",
        b"[\"a\"]",
        b"[W/\"a\"]",
        b"[\"b c\"]",
        b"[\"\xfc\"]",
        b"[",
        b"]",
        b"<",
        b">",
        b"\"",
        b",",
        b"<a>",
        b"<urn:%4>",
        b"<//a>",
        b"(<urn:1>)",
        b"([\"a\"])",
        b"(Not <urn:2>)",
    ];
    vec(select(pieces), 0..9).prop_map(|pieces| pieces.concat())
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    vec(select(b"()<>[]\"W/Not :%4urn\t ".to_vec()), 0..16)
}

fn condition() -> impl Strategy<Value = (bool, Named)> {
    let token = select(vec!["urn:1", "urn:2", "urn:3", "DAV:no-lock"]);
    let tag = select(vec!["\"a\"", "W/\"a\"", "\"b\"", "\"b c\""]);
    let named = prop_oneof![
        token.prop_map(|token| Named::Token(token.to_owned())),
        tag.prop_map(|tag| Named::Tag(tag.as_bytes().to_vec())),
    ];
    (any::<bool>(), named)
}

/// The lists of a well-formed field, all tagged or none.
fn lists() -> impl Strategy<Value = Vec<Expected>> {
    let resource = select(vec!["/a", "/b", "http://h/c"]);
    let list = (resource, vec(condition(), 1..4));
    (any::<bool>(), vec(list, 1..5)).prop_map(|(tagged, lists)| {
        let list = |(resource, conditions): (&str, _)| {
            let resource = tagged.then(|| resource.to_owned());
            Expected { resource, conditions }
        };
        lists.into_iter().map(list).collect()
    })
}

fn state() -> impl Strategy<Value = DavState> {
    let tokens = vec(select(vec!["urn:1", "urn:2", "DAV:no-lock"]), 0..3);
    let tag = option::of((any::<bool>(), select(vec!["a", "b"])));
    (tokens, tag).prop_map(|(tokens, tag)| DavState {
        tokens: tokens.into_iter().map(str::to_owned).collect(),
        tag: tag.map(|(weak, opaque)| Tag { weak, opaque: opaque.into() }),
    })
}

fn built(state: &DavState) -> ResourceState {
    let tag = state.tag.as_ref().map(|tag| {
        if tag.weak { EntityTag::weak(&tag.opaque) } else { EntityTag::strong(&tag.opaque) }.unwrap()
    });
    ResourceState::from(tag).with_lock_tokens(state.tokens.clone())
}

fn read(field: IfField<'_>) -> Vec<Expected> {
    let list = |list: tower_precondition::webdav::IfList<'_>| Expected {
        resource: list.resource().map(str::to_owned),
        conditions: list
            .conditions()
            .map(|condition| {
                let named = match (condition.token(), condition.entity_tag()) {
                    (Some(token), None) => Named::Token(token.to_owned()),
                    (None, Some(tag)) => Named::Tag(tag.to_vec()),
                    both => panic!("a token or a tag, not {both:?}"),
                };
                (condition.is_negated(), named)
            })
            .collect(),
    };
    field.lists().map(list).collect()
}

fn readings_agree(line: &[u8]) -> Result<(), TestCaseError> {
    let Ok(value) = HeaderValue::from_bytes(line) else { return Ok(()) };
    let expected = read_if(&[line.to_vec()]);
    match (IfField::parse(&value), expected) {
        (Ok(field), Some(expected)) => prop_assert_eq!(read(field), expected),
        (Err(error), None) => {
            prop_assert_eq!(error.found(), line.get(error.offset()).copied());
            prop_assert!(error.offset() <= line.len());
        }
        (Ok(field), None) => prop_assert!(false, "{:?} is malformed by the oracle", field),
        (Err(error), Some(_)) => prop_assert!(false, "{} by the crate alone", error),
    }
    Ok(())
}

proptest! {
    #[test]
    fn pieces_are_read_as_the_oracle_reads_them(line in pieces()) {
        readings_agree(&line)?;
    }

    #[test]
    fn noise_is_read_as_the_oracle_reads_it(line in noise()) {
        readings_agree(&line)?;
    }

    #[test]
    fn a_printed_field_is_read_again(lists in lists()) {
        let printed = print_if(&lists);
        readings_agree(&printed)?;
        let value = HeaderValue::from_bytes(&printed).unwrap();
        let field = IfField::parse(&value).unwrap();
        prop_assert_eq!(read(field), lists.clone());

        let own = field.to_string();
        let value = HeaderValue::from_str(&own).unwrap();
        let again = IfField::parse(&value).unwrap();
        prop_assert_eq!(read(again), lists);
        prop_assert_eq!(again.to_string(), own);
    }

    #[test]
    fn two_lines_are_malformed(one in lists(), other in lists()) {
        let lines = [print_if(&one), print_if(&other)];
        let mut headers = HeaderMap::new();
        for line in &lines {
            headers.append("if", HeaderValue::from_bytes(line).unwrap());
        }
        prop_assert!(IfField::from_headers(&headers).unwrap().is_err());
        prop_assert!(read_if(&lines).is_none());
    }

    #[test]
    fn a_field_is_evaluated_as_the_oracle_evaluates_it(
        lists in lists(), target in state(), one in state(), two in option::of(state()),
    ) {
        let value = HeaderValue::from_bytes(&print_if(&lists)).unwrap();
        let named = |resource: Option<&str>| match resource {
            None => Some(target.clone()),
            Some("/a") => Some(one.clone()),
            Some("/b") => two.clone(),
            Some(_) => None,
        };
        let states = [built(&target), built(&one), two.as_ref().map(built).unwrap_or_default()];
        let evaluated = IfField::parse(&value).unwrap().evaluate(|list| match list.resource() {
            None => Some(&states[0]),
            Some("/a") => Some(&states[1]),
            Some("/b") => two.as_ref().map(|_| &states[2]),
            Some(_) => None,
        });
        let expected = evaluate_if(&lists, &named);
        let found = (evaluated.is_ok(), evaluated.is_ok_and(|held| held.names_state()));
        prop_assert_eq!(found, expected);
    }
}
