//! A document with one path, read as JSON: what a client of the document sees.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tower_precondition::openapi::Description;
use utoipa::{
    Modify,
    openapi::{
        HttpMethod, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Response,
        path::{Operation, OperationBuilder},
    },
};

pub(super) const PATH: &str = "/documents/{id}";

/// The operation of one method, after the description completed it.
pub(super) struct Described {
    api: Value,
    operation: Value,
}

/// An operation that has these statuses already.
pub(super) fn operation(statuses: &[&str]) -> Operation {
    let add = |operation: OperationBuilder, status: &&str| operation.response(*status, Response::new("ours"));
    statuses.iter().fold(OperationBuilder::new(), add).build()
}

pub(super) fn document(method: &HttpMethod, operation: Operation) -> OpenApi {
    let paths = PathsBuilder::new().path(PATH, PathItem::new(method.clone(), operation));
    OpenApiBuilder::new().paths(paths).build()
}

pub(super) fn method(name: &str) -> HttpMethod {
    match name {
        "GET" => HttpMethod::Get,
        "HEAD" => HttpMethod::Head,
        "PUT" => HttpMethod::Put,
        "POST" => HttpMethod::Post,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        "OPTIONS" => HttpMethod::Options,
        "TRACE" => HttpMethod::Trace,
        other => panic!("OpenAPI 3.1 has no {other}"),
    }
}

impl Described {
    pub(super) fn by(description: &Description, name: &str, given: Operation) -> Self {
        let mut api = document(&method(name), given);
        description.modify(&mut api);
        Self::of(&api, name)
    }

    pub(super) fn of(api: &OpenApi, name: &str) -> Self {
        let api = serde_json::to_value(api).expect("a document is JSON");
        let operation = api["paths"][PATH][name.to_lowercase()].clone();
        Self { api, operation }
    }

    pub(super) fn json(&self) -> &Value {
        &self.operation
    }

    /// The names of the header parameters; a required one begins with `!`.
    pub(super) fn parameters(&self) -> Vec<String> {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        parameters
            .filter(|parameter| parameter["in"] == "header")
            .map(|parameter| {
                let name = parameter["name"].as_str().expect("a name");
                if parameter["required"] == true { format!("!{name}") } else { name.to_owned() }
            })
            .collect()
    }

    pub(super) fn parameter(&self, name: &str) -> &Value {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        let mut named = parameters.filter(|parameter| parameter["name"] == name);
        let found = named.next().unwrap_or_else(|| panic!("no parameter {name}"));
        assert!(named.next().is_none(), "two parameters {name}");
        found
    }

    /// The statuses that the operation has.
    pub(super) fn statuses(&self) -> Vec<u16> {
        let responses = self.operation["responses"].as_object().expect("responses");
        responses.keys().map(|status| status.parse().expect("a status")).collect()
    }

    pub(super) fn response(&self, status: u16) -> &Value {
        &self.operation["responses"][status.to_string()]
    }

    /// The names of the fields of a response, in lower case.
    pub(super) fn fields(&self, status: u16) -> BTreeSet<String> {
        let fields = self.response(status)["headers"].as_object();
        fields.into_iter().flatten().map(|(name, _)| name.to_lowercase()).collect()
    }

    pub(super) fn media_types(&self, status: u16) -> BTreeSet<String> {
        let content = self.response(status)["content"].as_object();
        content.into_iter().flatten().map(|(media_type, _)| media_type.clone()).collect()
    }

    /// The examples of problem details, by status.
    pub(super) fn examples(&self) -> BTreeMap<u16, &Value> {
        let of = |status| &self.response(status)["content"]["application/problem+json"]["example"];
        self.statuses()
            .into_iter()
            .map(|status| (status, of(status)))
            .filter(|(_, one)| !one.is_null())
            .collect()
    }

    /// Checks problem details against the schema that the response names.
    pub(super) fn check_problem(&self, status: u16, problem: &Value) {
        let name = &self.response(status)["content"]["application/problem+json"]["schema"]["$ref"];
        let name = name.as_str().expect("a reference").trim_start_matches('#');
        let schema = self.api.pointer(name).expect("the schema is in the document");
        let members = problem.as_object().expect("an object");
        for required in schema["required"].as_array().expect("required members") {
            assert!(members.contains_key(required.as_str().expect("a name")), "{required} in {problem}");
        }
        for (name, value) in members {
            let Some(member) = schema["properties"].get(name) else {
                assert_ne!(schema["additionalProperties"], false, "{name}");
                assert_eq!(name, "changed_by", "only the source adds a member that is not described");
                continue;
            };
            let is = match member["type"].as_str().expect("a type") {
                "string" => value.is_string(),
                "integer" => value.is_u64(),
                "array" => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
                other => panic!("{other}"),
            };
            assert!(is, "{name} of {problem} against {member}");
        }
        assert_eq!(problem["status"], status);
    }
}
