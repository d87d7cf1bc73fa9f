//! `/openapi.json`: describes every route. The conditional fields, and what the layers answer, are added by the
//! descriptions that the layers make of themselves.

use tower_precondition::openapi::Description;
use utoipa::{
    Modify, PartialSchema, ToSchema,
    openapi::{
        ComponentsBuilder, Content, Header, HttpMethod, InfoBuilder, Object, ObjectBuilder, OpenApi,
        OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
        Type,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItemBuilder},
        request_body::RequestBodyBuilder,
        schema::{AdditionalProperties, ArrayBuilder, SchemaType},
    },
};

use crate::{
    handlers::{HistoryItem, ListItem},
    page::{FILES, HTML},
    problem::Problem,
    request::{ID_LIMIT, JSON, MERGE_PATCH, USER_LIMIT},
    steps::{Step, Steps},
    store::{ChangeKind, Document},
    wire::{Shown, TRY, Tried},
};

pub(crate) const OPENAPI: &str = "/openapi.json";
pub(crate) const LIST: &str = "/documents";
pub(crate) const DOCUMENT: &str = "/documents/{id}";
pub(crate) const HISTORY: &str = "/documents/{id}/history";
const PAGE: &str = "/";
const PAGE_FILE: &str = "/page/{file}";

/// What the layers say of themselves.
pub(crate) struct Layers {
    pub(crate) page: Description,
    pub(crate) list: Description,
    pub(crate) document: Description,
}

/// Returns the whole document as JSON.
pub(crate) fn openapi(layers: Layers) -> String {
    let mut api = routes();
    layers.page.only_at([PAGE, PAGE_FILE, OPENAPI]).modify(&mut api);
    layers.list.only_at([LIST]).modify(&mut api);
    layers.document.only_at([DOCUMENT]).modify(&mut api);
    api.to_json().expect("a description is JSON")
}

fn routes() -> OpenApi {
    let paths = PathsBuilder::new()
        .path(PAGE, PathItem::new(HttpMethod::Get, read("The page").response("200", file(&[HTML]))))
        .path(PAGE_FILE, page_file())
        .path(
            OPENAPI,
            PathItem::new(HttpMethod::Get, read("This description").response("200", file(&[JSON]))),
        )
        .path(LIST, PathItem::new(HttpMethod::Get, list()))
        .path(DOCUMENT, document())
        .path(
            HISTORY,
            PathItemBuilder::new().parameters(Some([id()])).operation(HttpMethod::Get, history()).build(),
        )
        .path(TRY, PathItem::new(HttpMethod::Post, try_out()))
        .build();
    let components = ComponentsBuilder::new()
        .schema_from::<Document>()
        .schema_from::<ListItem>()
        .schema_from::<HistoryItem>()
        .schema_from::<ChangeKind>()
        .schema_from::<Tried>()
        .schema_from::<Shown>()
        .schema_from::<Steps>()
        .schema_from::<Step>()
        .schema_from::<Problem>()
        .build();
    let info = InfoBuilder::new()
        .title("documents")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("JSON documents that two people can edit without losing each other's changes."))
        .build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

fn page_file() -> PathItem {
    let names = FILES.iter().filter_map(|(path, _, _)| path.strip_prefix("/page/"));
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build();
    let mut types: Vec<&str> =
        FILES.iter().map(|(_, media_type, _)| *media_type).filter(|one| *one != HTML).collect();
    types.sort_unstable();
    types.dedup();
    let get = read("A file of the page").response("200", file(&types));
    PathItemBuilder::new()
        .parameters(Some([path_parameter("file", schema.into())]))
        .operation(HttpMethod::Get, refused(get, &[404]))
        .build()
}

fn file(media_types: &[&str]) -> Response {
    let add = |response: ResponseBuilder, media_type: &&str| {
        response.content(*media_type, Content::new(None::<RefOr<Schema>>))
    };
    media_types.iter().fold(ResponseBuilder::new().description("The file"), add).build()
}

fn list() -> Operation {
    let items = ArrayBuilder::new().items(Ref::from_schema_name(ListItem::name())).build();
    refused(read("All documents").response("200", json("The list, ordered by id", items)), &[503])
}

fn history() -> Operation {
    let items = ArrayBuilder::new().items(Ref::from_schema_name(HistoryItem::name())).build();
    let whole = json("Who did what and when, the oldest first", items).header("Cache-Control", text());
    refused(read("The history of a document").response("200", whole), &[400, 404, 503])
}

fn document() -> PathItem {
    let get = read("The document").response("200", versioned(json("The document", document_schema())));
    let empty = |description| versioned(ResponseBuilder::new().description(description));
    let validators =
        |response: ResponseBuilder| response.header("ETag", text()).header("Last-Modified", text());
    let put = write("Creates or replaces the document")
        .request_body(Some(body(JSON, document_schema())))
        .response("201", validators(empty("Created")).header("Location", text()))
        .response("204", validators(empty("Replaced")));
    let patched = versioned(json("The document as changed", document_schema()));
    let patch = write("Changes the document (RFC 7396)")
        .request_body(Some(body(MERGE_PATCH, merge_patch())))
        .response("200", validators(patched).header("Content-Location", text()));
    let delete = write("Deletes the document").response("204", ResponseBuilder::new().description("Deleted"));
    PathItemBuilder::new()
        .parameters(Some([id()]))
        .operation(HttpMethod::Get, refused(get, &[400, 404, 503]))
        .operation(HttpMethod::Put, refused(put, &[400, 408, 413, 415, 422, 503]))
        .operation(HttpMethod::Patch, refused(patch, &[400, 404, 408, 413, 415, 422, 503]))
        .operation(HttpMethod::Delete, refused(delete, &[400, 404, 413, 503]))
        .build()
}

fn try_out() -> Operation {
    let post = OperationBuilder::new()
        .summary(Some("Sends a request to this program, and shows how it was answered"))
        .request_body(Some(body(JSON, Ref::from_schema_name(Tried::name()))))
        .response(
            "200",
            json(
                "The bytes of the answer, and the steps of the decision",
                Ref::from_schema_name(Shown::name()),
            ),
        );
    refused(post, &[400, 408, 413, 415, 422, 503])
}

fn read(summary: &str) -> OperationBuilder {
    OperationBuilder::new().summary(Some(summary))
}

/// A write says who it is by.
fn write(summary: &str) -> OperationBuilder {
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(USER_LIMIT)).build();
    let user = ParameterBuilder::new()
        .name("X-User")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The user who writes; it stands in for authentication"))
        .schema(Some(name));
    OperationBuilder::new().summary(Some(summary)).parameter(user)
}

/// Adds the refusals of [`crate::problem`].
fn refused(operation: OperationBuilder, statuses: &[u16]) -> Operation {
    let add = |operation: OperationBuilder, status: &u16| {
        let description = match status {
            400 => "The id, X-User or the body is invalid",
            404 => "There is no such document, or nothing at this path",
            408 => "The body did not arrive in time",
            413 => "The body is too long",
            415 => "The body has another media type",
            422 => "The body is not what it must be",
            _ => "The store is unavailable",
        };
        let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
        let response = ResponseBuilder::new()
            .description(description)
            .header("Cache-Control", text())
            .content("application/problem+json", problem);
        let response = match status {
            415 => response.header("Accept", text()).header("Accept-Patch", text()),
            503 => response.header("Retry-After", Header::new(Object::with_type(Type::Integer))),
            _ => response,
        };
        operation.response(status.to_string(), response)
    };
    statuses.iter().fold(operation, add).build()
}

fn json(description: &str, schema: impl Into<RefOr<Schema>>) -> ResponseBuilder {
    ResponseBuilder::new().description(description).content(JSON, Content::new(Some(schema)))
}

fn versioned(response: ResponseBuilder) -> ResponseBuilder {
    response.header("X-Version", Header::new(Object::with_type(Type::Integer)))
}

fn text() -> Header {
    Header::new(Object::with_type(Type::String))
}

fn body(media_type: &str, schema: impl Into<RefOr<Schema>>) -> utoipa::openapi::request_body::RequestBody {
    RequestBodyBuilder::new()
        .content(media_type, Content::new(Some(schema)))
        .required(Some(Required::True))
        .build()
}

fn document_schema() -> Ref {
    Ref::from_schema_name(Document::name())
}

/// Members of a document, or members to remove, which a document does not have.
fn merge_patch() -> Object {
    let RefOr::T(Schema::Object(document)) = Document::schema() else {
        unreachable!("a document is an object");
    };
    let null = Object::with_type(SchemaType::Type(Type::Null));
    let unknown = AdditionalProperties::RefOr(RefOr::T(Schema::Object(null)));
    let mut patch = ObjectBuilder::from(document).additional_properties(Some(unknown)).build();
    patch.required.clear();
    patch
}

fn id() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(ID_LIMIT))
        .pattern(Some("^[^\\x00-\\x1f\\x7f-\\x9f]*$"))
        .build();
    path_parameter("id", schema.into())
}

fn path_parameter(name: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}
