//! The description adds what a document lacks, and changes nothing that it says already.

use http::{Response, header, request::Parts};
use tower_precondition::{
    Emit, PreconditionLayer, ProblemDetails, Rejection, Requirement, SerializedWrites, WriteIds,
};
use utoipa::{
    Modify, ToSchema,
    openapi::{
        Components, Content, HttpMethod, Object, Ref, RefOr, ResponseBuilder, Type,
        header::HeaderBuilder,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::{
    document::{Described, PATH, document, operation},
    site::{finds, may_fail},
};

fn writes() -> PreconditionLayer<impl tower_precondition::openapi::DescribedSource> {
    PreconditionLayer::new(may_fail).require(Requirement::on_writes())
}

fn header_parameter(name: &str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .build()
}

#[test]
fn a_parameter_stays_whatever_its_case() {
    let given = OperationBuilder::new().parameter(header_parameter("if-match", "ours")).build();
    let described = Described::by(&writes().describe(), "PUT", given);
    assert_eq!(described.parameter("if-match")["description"], "ours");
    assert_eq!(described.parameters(), ["if-match", "If-None-Match"]);
}

#[test]
fn a_parameter_of_the_whole_path_stays() {
    let mut api = document(&HttpMethod::Put, operation(&[]));
    let item = api.paths.paths.get_mut(PATH).expect("the path");
    item.parameters = Some(vec![header_parameter("If-Match", "ours")]);
    writes().describe().modify(&mut api);
    assert_eq!(Described::of(&api, "PUT").parameters(), ["If-None-Match"]);
}

#[test]
fn a_query_parameter_of_the_same_name_is_another() {
    let query = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Query).build();
    let given = OperationBuilder::new().parameter(query).build();
    let described = Described::by(&writes().describe(), "PUT", given);
    assert_eq!(described.parameters(), ["If-Match", "If-None-Match"]);
}

#[test]
fn a_response_keeps_its_own_and_gets_what_it_lacks() {
    let etag = HeaderBuilder::new().description(Some("our tag")).build();
    let ours = Content::new(Some(Object::with_type(Type::Boolean)));
    let response = ResponseBuilder::new()
        .description("our conflict")
        .header("etag", etag)
        .content("Application/Problem+JSON; charset=utf-8", ours);
    let given = OperationBuilder::new().response("412", response).build();
    let described = Described::by(&writes().describe(), "PUT", given);
    let response = described.response(412);
    assert_eq!(response["description"], "our conflict");
    assert_eq!(response["headers"]["etag"]["description"], "our tag");
    assert_eq!(response["content"]["Application/Problem+JSON; charset=utf-8"]["schema"]["type"], "boolean");
    let fields: Vec<_> = described.fields(412).into_iter().collect();
    assert_eq!(fields, ["cache-control", "etag", "last-modified", "location"]);
    let types: Vec<_> = described.media_types(412).into_iter().collect();
    assert_eq!(types, ["Application/Problem+JSON; charset=utf-8", "text/plain"]);
}

#[test]
fn a_reference_to_a_response_stays() {
    let given =
        OperationBuilder::new().response("412", RefOr::Ref(Ref::from_response_name("Conflict"))).build();
    let described = Described::by(&writes().describe(), "PUT", given);
    assert_eq!(described.response(412), &serde_json::json!({ "$ref": "#/components/responses/Conflict" }));
}

#[test]
fn a_schema_of_this_name_stays() {
    let mut api = document(&HttpMethod::Put, operation(&[]));
    let mut components = Components::new();
    components.schemas.insert(ProblemDetails::name().into_owned(), Object::with_type(Type::Boolean).into());
    api.components = Some(components);
    writes().describe().modify(&mut api);
    let api = serde_json::to_value(api).expect("JSON");
    assert_eq!(api["components"]["schemas"]["PreconditionProblem"]["type"], "boolean");
}

#[test]
fn a_second_time_changes_nothing() {
    let mut once = document(&HttpMethod::Get, operation(&["200", "206"]));
    writes().describe().modify(&mut once);
    let mut twice = once.clone();
    writes().describe().modify(&mut twice);
    assert_eq!(serde_json::to_value(once).expect("JSON"), serde_json::to_value(twice).expect("JSON"));
}

#[test]
fn only_the_named_paths_are_described() {
    let mut api = document(&HttpMethod::Put, operation(&["204"]));
    let other = document(&HttpMethod::Put, operation(&["204"])).paths.paths.remove(PATH).expect("the path");
    api.paths.paths.insert("/other".to_owned(), other);
    writes().describe().only_at([PATH]).modify(&mut api);
    let api = serde_json::to_value(api).expect("JSON");
    assert_eq!(api["paths"][PATH]["put"]["responses"].as_object().map(|all| all.len()), Some(5));
    assert_eq!(api["paths"]["/other"]["put"]["responses"].as_object().map(|all| all.len()), Some(1));
}

#[test]
#[should_panic = "the document has no path `/document/{id}`"]
fn a_path_that_the_document_lacks_is_a_mistake() {
    let mut api = document(&HttpMethod::Put, operation(&[]));
    writes().describe().only_at(["/document/{id}"]).modify(&mut api);
}

#[test]
fn what_the_layer_adds_to_a_200_is_described_if_it_adds_it() {
    let fields = |emit| {
        let description = PreconditionLayer::new(finds).emit(emit).describe();
        Described::by(&description, "GET", operation(&["200", "202"])).fields(200).len()
    };
    assert_eq!((fields(Emit::Validators), fields(Emit::Nothing)), (6, 0));
    let description = PreconditionLayer::new(finds).describe();
    assert!(Described::by(&description, "GET", operation(&["202"])).fields(202).is_empty());
    assert!(Described::by(&description, "PUT", operation(&["200"])).fields(200).is_empty());
}

#[test]
fn range_and_if_range_stand_where_there_is_a_206() {
    let description = PreconditionLayer::new(finds).describe();
    let ranges = |method, statuses| {
        let described = Described::by(&description, method, operation(statuses));
        described.parameters().into_iter().filter(|name| name.ends_with("Range")).collect::<Vec<_>>()
    };
    assert_eq!(ranges("GET", &["200", "206"]), ["Range", "If-Range"]);
    assert!(ranges("GET", &["200"]).is_empty());
    assert!(ranges("HEAD", &["200", "206"]).is_empty());
    assert!(ranges("PUT", &["206"]).is_empty());
}

#[test]
fn ids_of_writes_are_described_with_their_answers() {
    let user = |_: &Parts| Some("ada");
    let ids = WriteIds::new(user).in_field(header::HeaderName::from_static("x-write"));
    let description = PreconditionLayer::new(finds).write_ids(ids).describe();
    let put = Described::by(&description, "PUT", operation(&["201"]));
    let names = ["If-Match", "If-Unmodified-Since", "If-None-Match", "X-Write", "Content-Digest"];
    assert_eq!(put.parameters(), names);
    assert_eq!(put.statuses(), [201, 204, 400, 412]);
    let fields = |status| put.fields(status).into_iter().collect::<Vec<_>>();
    assert_eq!(fields(201), ["etag", "last-modified", "location"]);
    assert_eq!(fields(204), ["etag", "last-modified"]);
    let get = Described::by(&description, "GET", operation(&["200"]));
    assert_eq!(get.statuses(), [200, 304, 412]);
    let delete = Described::by(&description, "DELETE", operation(&[]));
    assert_eq!(delete.statuses(), [204, 400, 404, 412]);
}

#[test]
fn a_queue_makes_a_503() {
    let by_path = |head: &Parts| Some(head.uri.path().to_owned());
    let description =
        PreconditionLayer::new(finds).serialize_writes(SerializedWrites::by(by_path)).describe();
    assert_eq!(Described::by(&description, "PUT", operation(&[])).statuses(), [400, 412, 503]);
    assert_eq!(Described::by(&description, "GET", operation(&[])).statuses(), [304, 412]);
}

#[test]
fn another_responder_has_its_own_content() {
    let html = |rejection: &Rejection, _: &Parts| Response::new(rejection.to_string());
    let layer = PreconditionLayer::new(finds).with_rejection_response(html);
    let description = layer.describe_as("text/html", Object::with_type(Type::String));
    let mut api = document(&HttpMethod::Put, operation(&[]));
    description.modify(&mut api);
    let described = Described::of(&api, "PUT");
    assert_eq!(described.media_types(412).into_iter().collect::<Vec<_>>(), ["text/html"]);
    assert!(api.components.is_none(), "nothing refers to a schema");
}

#[test]
fn a_304_and_an_answer_to_head_have_no_content() {
    let description = PreconditionLayer::new(may_fail).describe();
    let get = Described::by(&description, "GET", operation(&[]));
    assert!(get.media_types(304).is_empty());
    let head = Described::by(&description, "HEAD", operation(&[]));
    assert!(head.statuses().iter().all(|status| head.media_types(*status).is_empty()));
    assert!(!head.json()["responses"].as_object().expect("responses").is_empty());
}
