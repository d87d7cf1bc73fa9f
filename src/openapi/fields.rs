use http::{HeaderName, header};
use utoipa::openapi::{
    Header, HeaderBuilder, ObjectBuilder, Required, Schema, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use crate::precondition::{Condition, MethodKind};

/// One entity tag (RFC 9110 §8.8.3).
const ENTITY_TAG: &str = "^(W/)?\"[!#-~\\x80-\\xff]*\"$";
/// `*`, or a list of entity tags with empty members (RFC 9110 §5.6.1.2).
const ENTITY_TAGS: &str =
    "^(\\*|[\\t ,]*((W/)?\"[!#-~\\x80-\\xff]*\"([\\t ]*,[\\t ,]*(W/)?\"[!#-~\\x80-\\xff]*\")*[\\t ,]*)?)$";

/// A part of the grammar of RFC 4918 §10.4.2 that people can read: paths and URIs without `%`, brackets and queries, and
/// one space at most. The layer takes all of the grammar.
#[cfg(feature = "webdav")]
const IF: &str = concat!(
    r#"^(((\(((Not )?(<[a-z]+:[A-Za-z0-9:/._~-]*>|\[(W/)?"[!#-~]*"\]) ?)+\) ?)+)|"#,
    r#"(<(/[A-Za-z0-9._~-]+)+/?> ?(\(((Not )?(<[a-z]+:[A-Za-z0-9:/._~-]*>|\[(W/)?"[!#-~]*"\]) ?)+\) ?)+)+)$"#,
);

/// A date as the parameters show it.
const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
const TAG: &str = "\"1\"";

/// The parameter of a condition.
///
/// The layer refuses a malformed list of tags on a write, so its schema says what is well-formed there. On a read, and
/// in a date, it ignores what is malformed.
pub(super) fn condition(condition: Condition, kind: MethodKind, required: bool) -> Parameter {
    let reads = kind == MethodKind::Selects;
    let (description, example) = match condition {
        Condition::IfMatch if reads => {
            ("The entity tags of the only representations that the client wants, or `*`.", TAG)
        }
        Condition::IfMatch => (
            "The entity tag of the version that the client changes; or a list of tags, or `*` for any version.",
            TAG,
        ),
        Condition::IfNoneMatch if reads => {
            ("The entity tags of the representations that the client holds, or `*`.", TAG)
        }
        Condition::IfNoneMatch => {
            ("`*` if nothing may exist yet; or the entity tags of versions that must not be current.", "*")
        }
        Condition::IfModifiedSince => (
            "The date of the representation that the client holds. It is ignored beside If-None-Match.",
            DATE,
        ),
        Condition::IfUnmodifiedSince if reads => (
            "The date after which the representation must not have changed. It is ignored beside If-Match.",
            DATE,
        ),
        Condition::IfUnmodifiedSince => {
            ("The date of the version that the client changes. It is ignored beside If-Match.", DATE)
        }
        Condition::IfRange => (
            "The entity tag or the date of the representation that the client has a part of. If it is not current, \
             the answer is the whole.",
            TAG,
        ),
    };
    let is_list = matches!(condition, Condition::IfMatch | Condition::IfNoneMatch);
    let schema = match is_list && !reads {
        true => ObjectBuilder::new().schema_type(Type::String).pattern(Some(ENTITY_TAGS)).into(),
        false => text(),
    };
    parameter(condition.as_str(), description)
        .schema(Some(schema))
        .required(if required { Required::True } else { Required::False })
        .example(Some(example.into()))
        .build()
}

pub(super) fn range() -> Parameter {
    parameter("Range", "The part of the representation that the client wants.")
        .schema(Some(text()))
        .example(Some("bytes=0-99".into()))
        .build()
}

/// WebDAV's `If`.
#[cfg(feature = "webdav")]
pub(super) fn webdav_if() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(IF));
    parameter("If", "Lists of lock tokens and entity tags, one of which must hold (RFC 4918 §10.4).")
        .schema(Some(Schema::from(schema)))
        .example(Some("([\"1\"])".into()))
        .build()
}

/// A field by which a repeated write is known.
pub(super) fn identity(name: &HeaderName) -> Parameter {
    let description = match name.as_str() {
        "content-digest" => {
            "The digest of the content (RFC 9530), by which a repeated write is known to be the same."
        }
        _ => {
            "The id of this write, a new one for each intent. A repeated write is then told of the success of the \
             first one."
        }
    };
    parameter(&spelled(name), description).schema(Some(text())).build()
}

fn parameter(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
}

fn text() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// A field of a response.
pub(super) fn header(name: &HeaderName) -> (String, Header) {
    let tag = || ObjectBuilder::new().schema_type(Type::String).pattern(Some(ENTITY_TAG)).into();
    let (schema, description) = match *name {
        header::ETAG => (tag(), "The entity tag of the current representation."),
        header::LAST_MODIFIED => (text(), "The date on which the current representation was modified."),
        header::CACHE_CONTROL => (text(), "How caches may use this answer."),
        header::EXPIRES => (text(), "The date after which this answer is stale."),
        header::CONTENT_LOCATION => (text(), "A URI of this very representation."),
        header::VARY => (text(), "The request fields that selected the representation."),
        header::LOCATION => (text(), "A URI of the resource."),
        _ => (text(), ""),
    };
    (spelled(name), HeaderBuilder::new().schema::<Schema>(schema).description(Some(description)).build())
}

/// The name as RFCs spell it: `etag` is ETag, and `content-digest` is Content-Digest.
fn spelled(name: &HeaderName) -> String {
    if *name == header::ETAG {
        return "ETag".to_owned();
    }
    let words = name.as_str().split('-').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}
