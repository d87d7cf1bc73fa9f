use http::HeaderMap;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, ContentBuilder, Object, ObjectBuilder, Ref, RefOr, Schema, Type,
        schema::{ArrayBuilder, SchemaType},
    },
};

use super::outcomes::Asked;
use crate::{
    decision::Rejection,
    response::{MEMBERS, PLAIN_TEXT, PROBLEM_JSON, ProblemDetails, RejectionResponder},
};

/// The name of the schema in the document.
pub(super) const NAME: &str = "PreconditionProblem";

/// The members of the problem details that the layer answers with. A source can add others.
///
/// The name of the schema is `PreconditionProblem`.
impl PartialSchema for ProblemDetails {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .description(Some("Problem details (RFC 9457) of a conditional request."))
            .required("title")
            .required("status")
            .required("detail");
        MEMBERS.iter().fold(object, |object, name| object.property(*name, member(name))).into()
    }
}

impl ToSchema for ProblemDetails {
    fn name() -> std::borrow::Cow<'static, str> {
        NAME.into()
    }
}

fn member(name: &str) -> Schema {
    let (of, description) = match name {
        "type" => (Type::String, "A URI of the kind of problem; `about:blank` if it is missing."),
        "title" => (Type::String, "The reason phrase of the status."),
        "status" => (Type::Integer, "The status."),
        "detail" => (Type::String, "What is wrong with this request."),
        "instance" => (Type::String, "A URI of this occurrence."),
        "condition" => (Type::String, "The name of the field that is malformed or false."),
        "provided" => (Type::String, "The value that the client sent."),
        "line" => (Type::Integer, "The line of the malformed field, counted from 0."),
        "offset" => (Type::Integer, "The byte at which the field is malformed, counted from 0."),
        "expected" => (Type::String, "What the parser expected there."),
        "required" => (Type::Array, "The accepted conditions; the client must send one."),
        "current_etag" => (Type::String, "The current entity tag."),
        "current_last_modified" => (Type::String, "The current modification date."),
        "failed_lists" => (Type::Array, "For each list of WebDAV's `If`, the condition on which it fails."),
        _ => (Type::String, ""),
    };
    match of {
        Type::Array => {
            ArrayBuilder::new().items(Object::with_type(Type::String)).description(Some(description)).into()
        }
        of => ObjectBuilder::new().schema_type(SchemaType::Type(of)).description(Some(description)).into(),
    }
}

/// The body of a rejection: problem details, or plain text if Accept prefers it.
pub(super) fn content(asked: &Asked<'_>, example: Option<&Rejection>) -> Vec<(String, Content)> {
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(NAME)))
        .example(example.and_then(|rejection| rendered(asked, rejection)))
        .build();
    let text = Content::new(Some(Object::with_type(Type::String)));
    let plain = PLAIN_TEXT.split(';').next().unwrap_or(PLAIN_TEXT);
    vec![(PROBLEM_JSON.to_owned(), problem), (plain.to_owned(), text)]
}

/// What the layer itself would answer.
fn rendered(asked: &Asked<'_>, rejection: &Rejection) -> Option<Value> {
    let response = ProblemDetails::new().respond(rejection, &asked.head(HeaderMap::new()));
    serde_json::from_slice(response.body()).ok()
}
